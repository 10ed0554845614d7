//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ONNX element types: their MLIR type and how a TensorProto stores them.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_IMPORT_ONNX_ELEMENTTYPES_H
#define GS_LIB_IMPORT_ONNX_ELEMENTTYPES_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include <optional>
#include <string>

namespace mlir::onnx {

/// The typed field of a TensorProto that may hold the elements instead of `raw_data` (onnx-ml.proto, TensorProto).
enum class DataField { Float, Int32, Int64, Double, UInt64 };

struct ElementFormat {
  Type type;     ///< float, integer or complex type
  unsigned bits; ///< of one element in `raw_data`; a boolean takes 8, a complex number both parts
  DataField field;
};

/// Null for strings, for types without an MLIR counterpart or whose elements cross bytes, and for unknown numbers.
std::optional<ElementFormat> getElementFormat(int32_t dataType, MLIRContext *context);
/// The name in TensorProto.DataType, for diagnostics.
std::string elementTypeName(int32_t dataType);
StringRef fieldName(DataField field);

/// Number of elements of `shape` (all sizes >= 0) if their bytes, at `bits` each, can be counted in an int64.
std::optional<int64_t> countElements(ArrayRef<int64_t> shape, unsigned bits);

} // namespace mlir::onnx

#endif // GS_LIB_IMPORT_ONNX_ELEMENTTYPES_H
