// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: @constant_value
// CHECK: %[[V:.*]] = arith.constant 1.500000e+00 : f32
// CHECK: tensor.pad %{{.*}} low[0, 1] high[0, 2]
// CHECK: tensor.yield %[[V]]
func.func @constant_value(%x0: tensor<2x3xf32>) -> tensor<2x6xf32> {
  %c1 = arith.constant dense<[0, 1, 0, 2]> : tensor<4xi64>
  %c2 = arith.constant dense<1.5> : tensor<f32>
  %0 = onnx.node "Pad"(%x0, %c1, %c2) {opset = 17 : i64} : (tensor<2x3xf32>, tensor<4xi64>, tensor<f32>) -> tensor<2x6xf32>
  return %0 : tensor<2x6xf32>
}

// -----

// CHECK-LABEL: @attributes
// CHECK: tensor.pad %{{.*}} low[0, 1] high[0, 2]
func.func @attributes(%x0: tensor<2x3xf32>) -> tensor<2x6xf32> {
  %0 = onnx.node "Pad"(%x0) {opset = 7 : i64, node_attributes = {pads = array<i64: 0, 1, 0, 2>}} : (tensor<2x3xf32>) -> tensor<2x6xf32>
  return %0 : tensor<2x6xf32>
}

// -----

// CHECK-LABEL: @reflect
// CHECK: linalg.generic {{.*}} outs(%{{.*}} : tensor<2x2xf32>)
// CHECK: tensor.insert_slice
// CHECK: tensor.insert_slice
func.func @reflect(%x0: tensor<2x5xf32>) -> tensor<2x7xf32> {
  %c1 = arith.constant dense<[0, 2, 0, 0]> : tensor<4xi64>
  %0 = onnx.node "Pad"(%x0, %c1) {opset = 17 : i64, node_attributes = {mode = "reflect"}} : (tensor<2x5xf32>, tensor<4xi64>) -> tensor<2x7xf32>
  return %0 : tensor<2x7xf32>
}

// -----

// CHECK-LABEL: @cut_off
// CHECK: tensor.extract_slice %{{.*}}[0, 1] [2, 3] [1, 1]
// CHECK-NOT: tensor.pad
func.func @cut_off(%x0: tensor<2x5xf32>) -> tensor<2x3xf32> {
  %c1 = arith.constant dense<[0, -1, 0, -1]> : tensor<4xi64>
  %0 = onnx.node "Pad"(%x0, %c1) {opset = 17 : i64} : (tensor<2x5xf32>, tensor<4xi64>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----

func.func @reflect_too_far(%x0: tensor<2x5xf32>) -> tensor<2x10xf32> {
  %c1 = arith.constant dense<[0, 5, 0, 0]> : tensor<4xi64>
  // expected-error@+1 {{pads (5, 0) of dimension 1 of size 5 are out of range for mode reflect}}
  %0 = onnx.node "Pad"(%x0, %c1) {opset = 17 : i64, node_attributes = {mode = "reflect"}} : (tensor<2x5xf32>, tensor<4xi64>) -> tensor<2x10xf32>
  return %0 : tensor<2x10xf32>
}

// -----

func.func @count(%x0: tensor<2x5xf32>) -> tensor<2x10xf32> {
  %c1 = arith.constant dense<[0, 5]> : tensor<2xi64>
  // expected-error@+1 {{pads [0, 5] must hold a begin and an end for each of 2 dimensions}}
  %0 = onnx.node "Pad"(%x0, %c1) {opset = 17 : i64} : (tensor<2x5xf32>, tensor<2xi64>) -> tensor<2x10xf32>
  return %0 : tensor<2x10xf32>
}
