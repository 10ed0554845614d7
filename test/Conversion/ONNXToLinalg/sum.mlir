// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: @three
// CHECK: arith.addf
// CHECK: arith.addf
func.func @three(%x0: tensor<2x3xf32>, %x1: tensor<3xf32>, %x2: tensor<2x1xf32>) -> tensor<2x3xf32> {
  %0 = onnx.node "Sum"(%x0, %x1, %x2) {opset = 17 : i64} : (tensor<2x3xf32>, tensor<3xf32>, tensor<2x1xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}
