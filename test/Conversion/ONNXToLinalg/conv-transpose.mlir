// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// Stride 1 is a plain convolution by the mirrored kernel, whose input is padded by span - 1 - pad.
// CHECK-LABEL: @plain
// CHECK-DAG: arith.constant dense<{{\[\[\[}}3.000000e+00, 2.000000e+00, 1.000000e+00]]]> : tensor<1x1x3xf32>
// CHECK-DAG: tensor.pad %{{.*}} low[0, 0, 1] high[0, 0, 2]
// CHECK: linalg.conv_1d_ncw_fcw
func.func @plain(%x: tensor<1x1x5xf32>) -> tensor<1x1x6xf32> {
  %w = arith.constant dense<[[[1.0, 2.0, 3.0]]]> : tensor<1x1x3xf32>
  %0 = onnx.node "ConvTranspose"(%x, %w) {opset = 17 : i64, node_attributes = {pads = array<i64: 1, 0>}}
    : (tensor<1x1x5xf32>, tensor<1x1x3xf32>) -> tensor<1x1x6xf32>
  return %0 : tensor<1x1x6xf32>
}

// -----

// A stride puts zeros between the elements.
// CHECK-LABEL: @stride
// CHECK: tensor.insert_slice %{{.*}} into %{{.*}}[0, 0, 2, 2] [1, 2, 5, 5] [1, 1, 2, 2] : tensor<1x2x5x5xf32> into tensor<1x2x13x13xf32>
// CHECK: linalg.conv_2d_nchw_fchw {dilations = dense<1> : tensor<2xi64>, strides = dense<1> : tensor<2xi64>}
// CHECK-SAME: tensor<1x3x11x11xf32>
func.func @stride(%x: tensor<1x2x5x5xf32>, %w: tensor<2x3x3x3xf32>) -> tensor<1x3x11x11xf32> {
  %0 = onnx.node "ConvTranspose"(%x, %w) {opset = 17 : i64, node_attributes = {strides = array<i64: 2, 2>}}
    : (tensor<1x2x5x5xf32>, tensor<2x3x3x3xf32>) -> tensor<1x3x11x11xf32>
  return %0 : tensor<1x3x11x11xf32>
}

// -----

func.func @empty(%x: tensor<1x2x5x5xf32>, %w: tensor<2x3x3x3xf32>) -> tensor<*xf32> {
  // expected-error@+1 {{its result would have extent -1 in spatial dimension 0}}
  %0 = onnx.node "ConvTranspose"(%x, %w) {opset = 17 : i64, node_attributes = {pads = array<i64: 4, 0, 4, 0>}}
    : (tensor<1x2x5x5xf32>, tensor<2x3x3x3xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @channels(%x: tensor<1x4x5x5xf32>, %w: tensor<2x3x3x3xf32>) -> tensor<*xf32> {
  // expected-error@+1 {{an input of 4 channels does not fit a weight of 2 input channels in 1 groups}}
  %0 = onnx.node "ConvTranspose"(%x, %w) {opset = 17 : i64} : (tensor<1x4x5x5xf32>, tensor<2x3x3x3xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @output_shape(%x: tensor<1x2x5x5xf32>, %w: tensor<2x3x3x3xf32>) -> tensor<*xf32> {
  // expected-error@+1 {{attribute 'output_shape' has 1 entries, expected 2}}
  %0 = onnx.node "ConvTranspose"(%x, %w) {opset = 17 : i64, node_attributes = {output_shape = array<i64: 9>}}
    : (tensor<1x2x5x5xf32>, tensor<2x3x3x3xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}
