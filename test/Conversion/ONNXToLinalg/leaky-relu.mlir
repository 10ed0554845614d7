// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: @floats
// CHECK: arith.constant 2.500000e-01 : f32
// CHECK: arith.mulf
// CHECK: arith.cmpf oge
// CHECK: arith.select
func.func @floats(%x0: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %0 = onnx.node "LeakyRelu"(%x0) {opset = 17 : i64, node_attributes = {alpha = 0.25 : f32}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----

func.func @wrong_attribute(%x0: tensor<2x3xf32>) -> tensor<2x3xf32> {
  // expected-error@+1 {{attribute 'alpha' must be a float}}
  %0 = onnx.node "LeakyRelu"(%x0) {opset = 17 : i64, node_attributes = {alpha = 1 : i64}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}
