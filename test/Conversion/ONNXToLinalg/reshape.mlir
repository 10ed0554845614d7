// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: @zero_keeps
// CHECK: tensor.collapse_shape %{{.*}} {{\[}}[0], [1, 2]] : tensor<2x3x4xf32> into tensor<2x12xf32>
func.func @zero_keeps(%x0: tensor<2x3x4xf32>) -> tensor<2x12xf32> {
  %c1 = arith.constant dense<[0, -1]> : tensor<2xi64>
  %0 = onnx.node "Reshape"(%x0, %c1) {opset = 17 : i64} : (tensor<2x3x4xf32>, tensor<2xi64>) -> tensor<2x12xf32>
  return %0 : tensor<2x12xf32>
}

// -----

// CHECK-LABEL: @across
// CHECK: tensor.collapse_shape %{{.*}} into tensor<24xf32>
// CHECK: tensor.expand_shape %{{.*}} into tensor<3x8xf32>
func.func @across(%x0: tensor<6x4xf32>) -> tensor<3x8xf32> {
  %c1 = arith.constant dense<[3, 8]> : tensor<2xi64>
  %0 = onnx.node "Reshape"(%x0, %c1) {opset = 17 : i64} : (tensor<6x4xf32>, tensor<2xi64>) -> tensor<3x8xf32>
  return %0 : tensor<3x8xf32>
}

// -----

// CHECK-LABEL: @only_some_dimensions
// CHECK: tensor.collapse_shape %{{.*}} into tensor<5x24xf32>
// CHECK: tensor.expand_shape %{{.*}} into tensor<5x3x8xf32>
func.func @only_some_dimensions(%x0: tensor<5x6x4xf32>) -> tensor<5x3x8xf32> {
  %c1 = arith.constant dense<[5, 3, 8]> : tensor<3xi64>
  %0 = onnx.node "Reshape"(%x0, %c1) {opset = 17 : i64} : (tensor<5x6x4xf32>, tensor<3xi64>) -> tensor<5x3x8xf32>
  return %0 : tensor<5x3x8xf32>
}

// -----

// CHECK-LABEL: @constant
// CHECK: arith.constant dense<[1, 2, 3, 4]> : tensor<4xi64>
func.func @constant() -> tensor<4xi64> {
  %c0 = arith.constant dense<[[1, 2], [3, 4]]> : tensor<2x2xi64>
  %c1 = arith.constant dense<-1> : tensor<1xi64>
  %0 = onnx.node "Reshape"(%c0, %c1) {opset = 17 : i64} : (tensor<2x2xi64>, tensor<1xi64>) -> tensor<4xi64>
  return %0 : tensor<4xi64>
}

// -----

func.func @mismatch(%x0: tensor<2x3xf32>) -> tensor<4x2xf32> {
  %c1 = arith.constant dense<[4, -1]> : tensor<2xi64>
  // expected-error@+1 {{shape [4, -1] does not fit the input of shape [2, 3]}}
  %0 = onnx.node "Reshape"(%x0, %c1) {opset = 17 : i64} : (tensor<2x3xf32>, tensor<2xi64>) -> tensor<4x2xf32>
  return %0 : tensor<4x2xf32>
}

// -----

func.func @twice_open(%x0: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %c1 = arith.constant dense<[-1, -1]> : tensor<2xi64>
  // expected-error@+1 {{must hold sizes and at most one -1}}
  %0 = onnx.node "Reshape"(%x0, %c1) {opset = 17 : i64} : (tensor<2x3xf32>, tensor<2xi64>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----

func.func @computed_shape(%x0: tensor<2x3xf32>, %x1: tensor<2xi64>) -> tensor<2x3xf32> {
  // expected-error@+1 {{input 1 (shape) is computed at run time; it must be a constant}}
  %0 = onnx.node "Reshape"(%x0, %x1) {opset = 17 : i64} : (tensor<2x3xf32>, tensor<2xi64>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----

// CHECK-LABEL: @masks_follow
// CHECK: arith.constant {onnx.mask = dense<[true, true, false, true]> : tensor<4xi1>} dense<[1, 2, 0, 4]> : tensor<4xi64>
func.func @masks_follow() -> tensor<4xi64> {
  %c0 = arith.constant {onnx.mask = dense<[[true, true], [false, true]]> : tensor<2x2xi1>} dense<[[1, 2], [0, 4]]> : tensor<2x2xi64>
  %c1 = arith.constant dense<-1> : tensor<1xi64>
  %0 = onnx.node "Reshape"(%c0, %c1) {opset = 17 : i64} : (tensor<2x2xi64>, tensor<1xi64>) -> tensor<4xi64>
  return %0 : tensor<4xi64>
}
