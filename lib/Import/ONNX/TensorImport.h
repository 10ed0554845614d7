//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// TensorProto and SparseTensorProto as constants.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_IMPORT_ONNX_TENSORIMPORT_H
#define GS_LIB_IMPORT_ONNX_TENSORIMPORT_H

#include "ElementTypes.h"
#include "ExternalData.h"
#include "mlir/IR/BuiltinAttributes.h"

namespace onnx {
class SparseTensorProto;
} // namespace onnx

namespace mlir::onnx {

/// Constants of at most this many elements are `dense`, larger ones `dense_resource`.
constexpr int64_t maxInlineElements = 64;
/// Most elements of a sparse tensor, which is made dense: a small file must not ask for any amount of memory.
constexpr int64_t maxSparseElements = int64_t(1) << 28;

/// A sparse tensor made dense: zeros in place of the elements that the file does not store.
struct SparseConstant {
  ElementsAttr value;
  DenseElementsAttr mask; ///< i1, true where the file stores an element
};

/// Imports tensors. Data is moved out of the protobuf where that saves a copy, so a tensor may be imported only once.
/// All functions emit one error at `loc` on failure; `what` names the tensor there ("initialiser 'w'").
class TensorImporter {
public:
  TensorImporter(MLIRContext *context, ExternalData &external) : context(context), external(external) {}

  FailureOr<ElementsAttr> importTensor(::onnx::TensorProto &tensor, StringRef what, Location loc);
  FailureOr<SparseConstant> importSparse(::onnx::SparseTensorProto &tensor, StringRef what, Location loc);
  /// Type of a tensor (data type and dims, checked) without its data.
  FailureOr<RankedTensorType> importType(const ::onnx::TensorProto &tensor, StringRef what, Location loc);

private:
  FailureOr<RankedTensorType> makeType(ArrayRef<int64_t> dims, int32_t dataType, StringRef what, Location loc);
  FailureOr<OwnedBytes> takeBytes(::onnx::TensorProto &tensor, const ElementFormat &format, RankedTensorType type,
                                  StringRef what, Location loc);
  /// Linear positions of the stored elements of a sparse tensor, ascending.
  FailureOr<SmallVector<int64_t>> importIndices(::onnx::TensorProto &indices, int64_t count, RankedTensorType type,
                                                StringRef what, Location loc);
  ElementsAttr makeElements(RankedTensorType type, const ElementFormat &format, OwnedBytes bytes, StringRef name);

  MLIRContext *context;
  ExternalData &external;
};

} // namespace mlir::onnx

#endif // GS_LIB_IMPORT_ONNX_TENSORIMPORT_H
