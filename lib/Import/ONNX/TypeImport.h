//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// TypeProto as MLIR types, and the sizes of symbolic dimensions.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_IMPORT_ONNX_TYPEIMPORT_H
#define GS_LIB_IMPORT_ONNX_TYPEIMPORT_H

#include "gs/Import/ONNX/ONNXImporter.h"
#include "mlir/IR/BuiltinTypes.h"

namespace onnx {
class TypeProto;
class ValueInfoProto;
} // namespace onnx

namespace mlir::onnx {

/// Imports types. All functions emit one error at `loc` on failure.
class TypeImporter {
public:
  TypeImporter(MLIRContext *context, const ImportOptions &options) : context(context), options(options) {}

  /// Static types of the graph inputs (without those that are initialisers), after the overrides of the options and the
  /// defaults of symbolic dimensions. To be called before importType.
  FailureOr<SmallVector<RankedTensorType>> importInputs(ArrayRef<const ::onnx::ValueInfoProto *> inputs);

  /// What the file says of another value: unknown sizes are dynamic, without a shape it is unranked, and its element
  /// type may be !onnx.unknown. Anything but a tensor is tensor<*x!onnx.unknown>, or an error if `mustBeTensor`.
  FailureOr<TensorType> importType(const ::onnx::TypeProto &type, bool mustBeTensor, StringRef what, Location loc);

  /// The type that says nothing.
  TensorType unknownType();

private:
  LogicalResult checkInput(const ::onnx::ValueInfoProto &input, bool overridden, Location loc);
  /// Takes the sizes of symbolic dimensions that follow from the options.
  LogicalResult bindOverriddenShape(const ::onnx::ValueInfoProto &input, ArrayRef<int64_t> shape, Location loc);
  LogicalResult checkOverridesAreUsed(ArrayRef<const ::onnx::ValueInfoProto *> inputs);
  /// Size of dimension `position` of an input that has no override of its whole shape.
  FailureOr<int64_t> resolveDimension(const ::onnx::ValueInfoProto &input, int position, Location loc);

  MLIRContext *context;
  const ImportOptions &options;
  llvm::StringMap<int64_t> sizes;      ///< of symbolic dimensions
  llvm::StringMap<bool> isLeadingOnly; ///< whether a symbolic dimension of the inputs stands in position 0 only
  bool shapesAreStale = false;         ///< an override contradicts the file, so its inner shapes no longer hold
};

/// A type that says what both say, or null if they contradict each other.
TensorType mergeTypes(TensorType a, TensorType b);

} // namespace mlir::onnx

#endif // GS_LIB_IMPORT_ONNX_TYPEIMPORT_H
