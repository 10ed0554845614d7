// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: @scales_input
// CHECK: tensor.empty() : tensor<1x2x3x2x4x2xf32>
// CHECK: tensor.collapse_shape %{{.*}} into tensor<1x2x6x8xf32>
func.func @scales_input(%x0: tensor<1x2x3x4xf32>) -> tensor<1x2x6x8xf32> {
  %c1 = arith.constant dense<[1.0, 1.0, 2.0, 2.0]> : tensor<4xf32>
  %0 = onnx.node "Upsample"(%x0, %c1) {opset = 9 : i64} : (tensor<1x2x3x4xf32>, tensor<4xf32>) -> tensor<1x2x6x8xf32>
  return %0 : tensor<1x2x6x8xf32>
}

// -----

// CHECK-LABEL: @scales_attribute
// CHECK: linalg.generic
// CHECK: linalg.generic
func.func @scales_attribute(%x0: tensor<1x2x3x4xf32>) -> tensor<1x2x6x8xf32> {
  %0 = onnx.node "Upsample"(%x0) {opset = 7 : i64, node_attributes = {scales = array<f32: 1.0, 1.0, 2.0, 2.0>, mode = "linear"}} : (tensor<1x2x3x4xf32>) -> tensor<1x2x6x8xf32>
  return %0 : tensor<1x2x6x8xf32>
}

// -----

func.func @removed(%x0: tensor<1x2x3x4xf32>) -> tensor<1x2x6x8xf32> {
  // expected-error@+1 {{this version of the operator is not supported}}
  %0 = onnx.node "Upsample"(%x0) {opset = 10 : i64, node_attributes = {scales = array<f32: 1.0, 1.0, 2.0, 2.0>}} : (tensor<1x2x3x4xf32>) -> tensor<1x2x6x8xf32>
  return %0 : tensor<1x2x6x8xf32>
}
