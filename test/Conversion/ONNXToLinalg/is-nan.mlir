// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: @floats
// CHECK: arith.cmpf uno
func.func @floats(%x0: tensor<2x3xf32>) -> tensor<2x3xi1> {
  %0 = onnx.node "IsNaN"(%x0) {opset = 17 : i64} : (tensor<2x3xf32>) -> tensor<2x3xi1>
  return %0 : tensor<2x3xi1>
}
