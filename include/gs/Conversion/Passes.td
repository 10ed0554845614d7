//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Conversions between dialects.
//
//===----------------------------------------------------------------------===//
#ifndef GS_CONVERSION_PASSES
#define GS_CONVERSION_PASSES

include "mlir/Pass/PassBase.td"

def ConvertONNXToLinalg : Pass<"convert-onnx-to-linalg", "::mlir::ModuleOp"> {
  let summary = "Lowers every onnx.node to linalg, tensor and arith on static tensors";
  let description = [{
    Walks each function in order, infers result types per operator, folds integer shape arithmetic, and converts each
    node by the entry for (domain, name, newest since-version <= opset). All nodes that cannot be converted are
    reported at once with name, operator, opset and reason.

    ```mlir
    %0 = onnx.node "Relu"(%x) {opset = 17 : i64} : (tensor<1x8xf32>) -> tensor<1x8xf32>
    ```
    becomes a `linalg.generic` with `arith.maximumf`.
  }];
  let statistics = [Statistic<"numConverted", "num-converted", "Nodes converted">,
                    Statistic<"numFolded", "num-folded", "Nodes folded to constants">];
  let dependentDialects = ["::mlir::linalg::LinalgDialect", "::mlir::tensor::TensorDialect", "::mlir::arith::ArithDialect",
                           "::mlir::math::MathDialect", "::mlir::func::FuncDialect"];
}

def ConvertCheckToFunc : Pass<"convert-check-to-func", "::mlir::ModuleOp"> {
  let summary = "Lowers check assertions to calls of the test runtime";
  let description = [{
    ```mlir
    check.expect_eq %a, %b : tensor<4xf32>
    ```
    becomes a call of `gs_check_expect_eq_f32` with both buffers as unranked memrefs.
  }];
  let dependentDialects = ["::mlir::func::FuncDialect", "::mlir::memref::MemRefDialect", "::mlir::bufferization::BufferizationDialect",
                           "::mlir::arith::ArithDialect"];
}

#endif // GS_CONVERSION_PASSES
