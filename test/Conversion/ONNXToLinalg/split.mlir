// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: @sizes
// CHECK: tensor.extract_slice %{{.*}}[0, 0] [3, 4] [1, 1]
// CHECK: tensor.extract_slice %{{.*}}[3, 0] [4, 4] [1, 1]
func.func @sizes(%x0: tensor<7x4xf32>) -> (tensor<3x4xf32>, tensor<4x4xf32>) {
  %c1 = arith.constant dense<[3, 4]> : tensor<2xi64>
  %0:2 = onnx.node "Split"(%x0, %c1) {opset = 17 : i64} : (tensor<7x4xf32>, tensor<2xi64>) -> (tensor<3x4xf32>, tensor<4x4xf32>)
  return %0#0, %0#1 : tensor<3x4xf32>, tensor<4x4xf32>
}

// -----

// CHECK-LABEL: @attribute
// CHECK: tensor.extract_slice
// CHECK: tensor.extract_slice
func.func @attribute(%x0: tensor<7x4xf32>) -> (tensor<3x4xf32>, tensor<4x4xf32>) {
  %0:2 = onnx.node "Split"(%x0) {opset = 11 : i64, node_attributes = {split = array<i64: 3, 4>}} : (tensor<7x4xf32>) -> (tensor<3x4xf32>, tensor<4x4xf32>)
  return %0#0, %0#1 : tensor<3x4xf32>, tensor<4x4xf32>
}

// -----

// CHECK-LABEL: @num_outputs
// CHECK: tensor.extract_slice %{{.*}}[4, 0] [3, 4] [1, 1]
func.func @num_outputs(%x0: tensor<7x4xf32>) -> (tensor<4x4xf32>, tensor<3x4xf32>) {
  %0:2 = onnx.node "Split"(%x0) {opset = 18 : i64, node_attributes = {num_outputs = 2 : i64}} : (tensor<7x4xf32>) -> (tensor<4x4xf32>, tensor<3x4xf32>)
  return %0#0, %0#1 : tensor<4x4xf32>, tensor<3x4xf32>
}

// -----

func.func @uneven(%x0: tensor<7x4xf32>) -> (tensor<4x4xf32>, tensor<3x4xf32>) {
  // expected-error@+1 {{dimension 0 of size 7 has no 2 equal parts; give their sizes in split}}
  %0:2 = onnx.node "Split"(%x0) {opset = 17 : i64} : (tensor<7x4xf32>) -> (tensor<4x4xf32>, tensor<3x4xf32>)
  return %0#0, %0#1 : tensor<4x4xf32>, tensor<3x4xf32>
}

// -----

func.func @wrong_sum(%x0: tensor<7x4xf32>) -> (tensor<3x4xf32>, tensor<3x4xf32>) {
  %c1 = arith.constant dense<[3, 3]> : tensor<2xi64>
  // expected-error@+1 {{split [3, 3] does not divide dimension 0 of size 7 into 2 outputs}}
  %0:2 = onnx.node "Split"(%x0, %c1) {opset = 17 : i64} : (tensor<7x4xf32>, tensor<2xi64>) -> (tensor<3x4xf32>, tensor<3x4xf32>)
  return %0#0, %0#1 : tensor<3x4xf32>, tensor<3x4xf32>
}
