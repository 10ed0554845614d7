// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: @inputs
// CHECK: arith.maximumf
// CHECK: arith.minimumf
func.func @inputs(%x0: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %c1 = arith.constant dense<0.0> : tensor<f32>
  %c2 = arith.constant dense<6.0> : tensor<f32>
  %0 = onnx.node "Clip"(%x0, %c1, %c2) {opset = 17 : i64} : (tensor<2x3xf32>, tensor<f32>, tensor<f32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----

// CHECK-LABEL: @upper_bound_only
// CHECK-NOT: arith.maximumf
// CHECK: arith.minimumf
func.func @upper_bound_only(%x0: tensor<2x3xf32>, %x1: tensor<f32>) -> tensor<2x3xf32> {
  %0 = onnx.node "Clip"(%x0, %x1) {opset = 17 : i64, operand_slots = array<i32: 0, 2>} : (tensor<2x3xf32>, tensor<f32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----

// CHECK-LABEL: @attributes
// CHECK: arith.constant 6.000000e+00
// CHECK: arith.maximumf
// CHECK: arith.minimumf
func.func @attributes(%x0: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %0 = onnx.node "Clip"(%x0) {opset = 7 : i64, node_attributes = {min = 0.0 : f32, max = 6.0 : f32}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----

func.func @not_scalar(%x0: tensor<2x3xf32>, %x1: tensor<3xf32>) -> tensor<2x3xf32> {
  // expected-error@+1 {{a bound has shape [3], but must be a scalar}}
  %0 = onnx.node "Clip"(%x0, %x1) {opset = 17 : i64} : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}
