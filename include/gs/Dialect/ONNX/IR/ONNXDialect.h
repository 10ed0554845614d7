//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The import dialect: onnx.node.
//
//===----------------------------------------------------------------------===//
#ifndef GS_DIALECT_ONNX_IR_ONNXDIALECT_H
#define GS_DIALECT_ONNX_IR_ONNXDIALECT_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "gs/Dialect/ONNX/IR/ONNXDialect.h.inc"

#define GET_TYPEDEF_CLASSES
#include "gs/Dialect/ONNX/IR/ONNXTypes.h.inc"
#define GET_OP_CLASSES
#include "gs/Dialect/ONNX/IR/ONNXOps.h.inc"

#endif // GS_DIALECT_ONNX_IR_ONNXDIALECT_H
