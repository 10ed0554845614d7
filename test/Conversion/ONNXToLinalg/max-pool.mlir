// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// Loops of which the last output dimension is the innermost; padding is -inf. `linalg-to-gs` makes gs.pool of it.
// CHECK-DAG: #[[IN:.*]] = affine_map<(d0, d1, d2, d3, d4, d5) -> (d0, d1, d2 * 2 + d3, d5 + d4 * 3)>
// CHECK-DAG: #[[KERNEL:.*]] = affine_map<(d0, d1, d2, d3, d4, d5) -> (d3, d4)>
// CHECK-DAG: #[[OUT:.*]] = affine_map<(d0, d1, d2, d3, d4, d5) -> (d0, d1, d2, d5)>
// CHECK-LABEL: @pool
// CHECK-DAG: arith.constant 0xFF800000 : f32
// CHECK-DAG: tensor.pad %{{.*}} low[0, 0, 1, 0] high[0, 0, 0, 0]
// CHECK: linalg.generic {indexing_maps = [#[[IN]], #[[KERNEL]], #[[OUT]]], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction", "parallel"]}
// CHECK-SAME: ins(%{{.*}}, %{{.*}} : tensor<1x3x29x43xf32>, tensor<3x2xf32>)
// CHECK: arith.maximumf
func.func @pool(%x: tensor<1x3x28x43xf32>) -> tensor<1x3x14x40xf32> {
  %0 = onnx.node "MaxPool"(%x) {opset = 12 : i64, node_attributes = {kernel_shape = array<i64: 3, 2>,
    strides = array<i64: 2, 1>, dilations = array<i64: 1, 3>, pads = array<i64: 1, 0, 0, 0>}}
    : (tensor<1x3x28x43xf32>) -> tensor<1x3x14x40xf32>
  return %0 : tensor<1x3x14x40xf32>
}

// -----

// Small windows of types without kernels are reduced dimension by dimension: rows first, in pieces of equal taps, then
// columns. Nothing is padded.
// CHECK-LABEL: @double
// CHECK-SAME: (%[[X:.*]]: tensor<1x3x28x43xf64>)
// CHECK-NOT: tensor.pad
// The first row of the result has two taps, the others three.
// CHECK: %[[ROWS:.*]] = tensor.empty() : tensor<1x3x14x43xf64>
// CHECK: %[[A:.*]] = tensor.extract_slice %[[X]][0, 0, 0, 0] [1, 3, 1, 43] [1, 1, 2, 1]
// CHECK: %[[B:.*]] = tensor.extract_slice %[[X]][0, 0, 1, 0] [1, 3, 1, 43] [1, 1, 2, 1]
// CHECK: %[[TO:.*]] = tensor.extract_slice %[[ROWS]][0, 0, 0, 0] [1, 3, 1, 43] [1, 1, 1, 1]
// CHECK: %[[FIRST:.*]] = linalg.generic {{.*}} ins(%[[A]], %[[B]] : {{.*}}) outs(%[[TO]]
// CHECK: arith.maximumf
// CHECK: tensor.insert_slice %[[FIRST]] into %[[ROWS]][0, 0, 0, 0] [1, 3, 1, 43] [1, 1, 1, 1]
// CHECK-COUNT-3: tensor.extract_slice %[[X]]{{.*}} [1, 3, 13, 43] [1, 1, 2, 1]
// CHECK: linalg.generic
// CHECK: %[[Y:.*]] = tensor.insert_slice {{.*}} [1, 3, 13, 43]
// Columns of a dilated kernel.
// CHECK: tensor.extract_slice %[[Y]][0, 0, 0, 0] [1, 3, 14, 40] [1, 1, 1, 1]
// CHECK: tensor.extract_slice %[[Y]][0, 0, 0, 3] [1, 3, 14, 40] [1, 1, 1, 1]
// CHECK: linalg.generic
// CHECK: return
func.func @double(%x: tensor<1x3x28x43xf64>) -> tensor<1x3x14x40xf64> {
  %0 = onnx.node "MaxPool"(%x) {opset = 12 : i64, node_attributes = {kernel_shape = array<i64: 3, 2>,
    strides = array<i64: 2, 1>, dilations = array<i64: 1, 3>, pads = array<i64: 1, 0, 0, 0>}}
    : (tensor<1x3x28x43xf64>) -> tensor<1x3x14x40xf64>
  return %0 : tensor<1x3x14x40xf64>
}

// -----

// Without padding nothing is copied.
// CHECK-LABEL: @unpadded
// CHECK-NOT: tensor.pad
// CHECK: return
func.func @unpadded(%x: tensor<1x3x8xf32>) -> tensor<1x3x4xf32> {
  %0:2 = onnx.node "MaxPool"(%x) {opset = 12 : i64, node_attributes = {kernel_shape = array<i64: 2>, strides = array<i64: 2>}}
    : (tensor<1x3x8xf32>) -> (tensor<1x3x4xf32>, tensor<1x3x4xi64>)
  return %0#0 : tensor<1x3x4xf32>
}

// -----

// ceil(5 / 2) + 1 = 4 windows, of which the last would start behind the input.
// CHECK-LABEL: @ceil
// CHECK: return %{{.*}} : tensor<1x1x3xf32>
func.func @ceil(%x: tensor<1x1x5xf32>) -> tensor<*xf32> {
  %0 = onnx.node "MaxPool"(%x) {opset = 12 : i64, node_attributes = {kernel_shape = array<i64: 1>, strides = array<i64: 2>,
    pads = array<i64: 0, 1>, ceil_mode = 1 : i64}} : (tensor<1x1x5xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @indices(%x: tensor<1x3x8xf32>) -> tensor<1x3x4xi64> {
  // expected-error@+1 {{its output 1 (Indices) is used, but not computed; replace the MaxUnpool that reads it by Resize}}
  %0:2 = onnx.node "MaxPool"(%x) {opset = 12 : i64, node_attributes = {kernel_shape = array<i64: 2>, strides = array<i64: 2>}}
    : (tensor<1x3x8xf32>) -> (tensor<1x3x4xf32>, tensor<1x3x4xi64>)
  return %0#1 : tensor<1x3x4xi64>
}

// -----

func.func @no_kernel(%x: tensor<1x3x8xf32>) -> tensor<1x3x4xf32> {
  // expected-error@+1 {{attribute 'kernel_shape' has 0 entries, expected 1}}
  %0 = onnx.node "MaxPool"(%x) {opset = 12 : i64} : (tensor<1x3x8xf32>) -> tensor<1x3x4xf32>
  return %0 : tensor<1x3x4xf32>
}
