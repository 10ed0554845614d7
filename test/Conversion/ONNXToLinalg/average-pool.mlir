// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// Full windows have one divisor.
// CHECK-LABEL: @full
// CHECK: arith.addf
// CHECK: arith.constant 2.500000e-01 : f32
// CHECK: arith.mulf
func.func @full(%x: tensor<1x3x8x8xf32>) -> tensor<1x3x4x4xf32> {
  %0 = onnx.node "AveragePool"(%x) {opset = 19 : i64, node_attributes = {kernel_shape = array<i64: 2, 2>, strides = array<i64: 2, 2>}}
    : (tensor<1x3x8x8xf32>) -> tensor<1x3x4x4xf32>
  return %0 : tensor<1x3x4x4xf32>
}

// -----

// CHECK-LABEL: @border
// CHECK: arith.constant dense<[5.000000e-01, 0.333333343, 0.333333343, 5.000000e-01]> : tensor<4xf32>
func.func @border(%x: tensor<1x3x4xf32>) -> tensor<1x3x4xf32> {
  %0 = onnx.node "AveragePool"(%x) {opset = 19 : i64, node_attributes = {kernel_shape = array<i64: 3>, pads = array<i64: 1, 1>}}
    : (tensor<1x3x4xf32>) -> tensor<1x3x4xf32>
  return %0 : tensor<1x3x4xf32>
}

// -----

// What lies behind the padding, where ceil_mode reaches, never counts.
// CHECK-LABEL: @ceil
// CHECK: arith.constant dense<[0.333333343, 5.000000e-01]> : tensor<2xf32>
func.func @ceil(%x: tensor<1x3x4xf32>) -> tensor<1x3x2xf32> {
  %0 = onnx.node "AveragePool"(%x) {opset = 19 : i64, node_attributes = {kernel_shape = array<i64: 3>, strides = array<i64: 3>,
    pads = array<i64: 0, 1>, ceil_mode = 1 : i64, count_include_pad = 1 : i64}} : (tensor<1x3x4xf32>) -> tensor<1x3x2xf32>
  return %0 : tensor<1x3x2xf32>
}

// -----

func.func @kernel_too_large(%x: tensor<1x3x4xf32>) -> tensor<*xf32> {
  // expected-error@+1 {{the kernel spans 5 elements in spatial dimension 0, but the padded input has only 4}}
  %0 = onnx.node "AveragePool"(%x) {opset = 19 : i64, node_attributes = {kernel_shape = array<i64: 5>}}
    : (tensor<1x3x4xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}
