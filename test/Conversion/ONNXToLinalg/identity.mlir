// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: @values
// CHECK: return %
func.func @values(%x0: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %0 = onnx.node "Identity"(%x0) {opset = 17 : i64} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}
