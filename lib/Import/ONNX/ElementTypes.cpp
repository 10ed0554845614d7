//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ONNX element types.
//
//===----------------------------------------------------------------------===//
#include "ElementTypes.h"
#include "onnx-ml.pb.h"
#include "llvm/Support/CheckedArithmetic.h"

using namespace mlir;
using namespace mlir::onnx;
using Proto = ::onnx::TensorProto;

std::optional<ElementFormat> mlir::onnx::getElementFormat(int32_t dataType, MLIRContext *context) {
  Builder b(context);
  auto unsignedInt = [&](unsigned width) { return b.getIntegerType(width, /*isSigned=*/false); };
  switch (dataType) {
  case Proto::FLOAT:
    return ElementFormat{b.getF32Type(), 32, DataField::Float};
  case Proto::DOUBLE:
    return ElementFormat{b.getF64Type(), 64, DataField::Double};
  case Proto::FLOAT16:
    return ElementFormat{b.getF16Type(), 16, DataField::Int32};
  case Proto::BFLOAT16:
    return ElementFormat{b.getBF16Type(), 16, DataField::Int32};
  case Proto::FLOAT8E4M3FN:
    return ElementFormat{Float8E4M3FNType::get(context), 8, DataField::Int32};
  case Proto::FLOAT8E4M3FNUZ:
    return ElementFormat{Float8E4M3FNUZType::get(context), 8, DataField::Int32};
  case Proto::FLOAT8E5M2:
    return ElementFormat{Float8E5M2Type::get(context), 8, DataField::Int32};
  case Proto::FLOAT8E5M2FNUZ:
    return ElementFormat{Float8E5M2FNUZType::get(context), 8, DataField::Int32};
  case Proto::FLOAT8E8M0:
    return ElementFormat{Float8E8M0FNUType::get(context), 8, DataField::Int32};
  case Proto::FLOAT4E2M1:
    return ElementFormat{Float4E2M1FNType::get(context), 4, DataField::Int32};
  case Proto::BOOL:
    return ElementFormat{b.getI1Type(), 8, DataField::Int32};
  case Proto::INT2:
    return ElementFormat{b.getIntegerType(2), 2, DataField::Int32};
  case Proto::INT4:
    return ElementFormat{b.getIntegerType(4), 4, DataField::Int32};
  case Proto::INT8:
    return ElementFormat{b.getI8Type(), 8, DataField::Int32};
  case Proto::INT16:
    return ElementFormat{b.getI16Type(), 16, DataField::Int32};
  case Proto::INT32:
    return ElementFormat{b.getI32Type(), 32, DataField::Int32};
  case Proto::INT64:
    return ElementFormat{b.getI64Type(), 64, DataField::Int64};
  case Proto::UINT2:
    return ElementFormat{unsignedInt(2), 2, DataField::Int32};
  case Proto::UINT4:
    return ElementFormat{unsignedInt(4), 4, DataField::Int32};
  case Proto::UINT8:
    return ElementFormat{unsignedInt(8), 8, DataField::Int32};
  case Proto::UINT16:
    return ElementFormat{unsignedInt(16), 16, DataField::Int32};
  case Proto::UINT32:
    return ElementFormat{unsignedInt(32), 32, DataField::UInt64};
  case Proto::UINT64:
    return ElementFormat{unsignedInt(64), 64, DataField::UInt64};
  case Proto::COMPLEX64:
    return ElementFormat{ComplexType::get(b.getF32Type()), 64, DataField::Float};
  case Proto::COMPLEX128:
    return ElementFormat{ComplexType::get(b.getF64Type()), 128, DataField::Double};
  default:
    return std::nullopt;
  }
}

std::string mlir::onnx::elementTypeName(int32_t dataType) {
  if (::onnx::TensorProto_DataType_IsValid(dataType))
    return ::onnx::TensorProto_DataType_Name(static_cast<::onnx::TensorProto_DataType>(dataType));
  return "number " + std::to_string(dataType);
}

StringRef mlir::onnx::fieldName(DataField field) {
  switch (field) {
  case DataField::Float:
    return "float_data";
  case DataField::Int32:
    return "int32_data";
  case DataField::Int64:
    return "int64_data";
  case DataField::Double:
    return "double_data";
  case DataField::UInt64:
    return "uint64_data";
  }
  return "";
}

std::optional<int64_t> mlir::onnx::countElements(ArrayRef<int64_t> shape, unsigned bits) {
  // A zero makes the tensor empty whatever the other sizes are, so it must not hide behind an overflow.
  if (llvm::is_contained(shape, 0))
    return 0;
  int64_t count = 1;
  for (int64_t size : shape) {
    std::optional<int64_t> product = llvm::checkedMul(count, size);
    if (!product)
      return std::nullopt;
    count = *product;
  }
  if (!llvm::checkedMul<int64_t>(count, bits))
    return std::nullopt;
  return count;
}
