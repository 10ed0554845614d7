// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: @floats
// CHECK: arith.constant 2.000000e+00 : f32
// CHECK: arith.cmpf ogt
// CHECK: arith.select
func.func @floats(%x0: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %0 = onnx.node "ThresholdedRelu"(%x0) {opset = 17 : i64, node_attributes = {alpha = 2.0 : f32}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}
