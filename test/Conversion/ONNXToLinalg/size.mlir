// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: @count
// CHECK: arith.constant dense<24> : tensor<i64>
func.func @count(%x0: tensor<2x3x4xf32>) -> tensor<i64> {
  %0 = onnx.node "Size"(%x0) {opset = 17 : i64} : (tensor<2x3x4xf32>) -> tensor<i64>
  return %0 : tensor<i64>
}
