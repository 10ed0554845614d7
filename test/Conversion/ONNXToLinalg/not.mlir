// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: @bools
// CHECK: arith.constant true
// CHECK: arith.xori
func.func @bools(%x0: tensor<2x3xi1>) -> tensor<2x3xi1> {
  %0 = onnx.node "Not"(%x0) {opset = 17 : i64} : (tensor<2x3xi1>) -> tensor<2x3xi1>
  return %0 : tensor<2x3xi1>
}
