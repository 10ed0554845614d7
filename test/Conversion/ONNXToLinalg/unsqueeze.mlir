// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: @by_input
// CHECK: tensor.expand_shape %{{.*}} into tensor<1x3x5x1xf32>
func.func @by_input(%x0: tensor<3x5xf32>) -> tensor<1x3x5x1xf32> {
  %c1 = arith.constant dense<[0, -1]> : tensor<2xi64>
  %0 = onnx.node "Unsqueeze"(%x0, %c1) {opset = 17 : i64} : (tensor<3x5xf32>, tensor<2xi64>) -> tensor<1x3x5x1xf32>
  return %0 : tensor<1x3x5x1xf32>
}

// -----

// CHECK-LABEL: @by_attribute
// CHECK: tensor.expand_shape
func.func @by_attribute(%x0: tensor<3xf32>) -> tensor<1x3xf32> {
  %0 = onnx.node "Unsqueeze"(%x0) {opset = 11 : i64, node_attributes = {axes = array<i64: 0>}} : (tensor<3xf32>) -> tensor<1x3xf32>
  return %0 : tensor<1x3xf32>
}

// -----

// CHECK-LABEL: @scalar
// CHECK: arith.constant dense<3> : tensor<1xi64>
func.func @scalar() -> tensor<1xi64> {
  %c0 = arith.constant dense<3> : tensor<i64>
  %c1 = arith.constant dense<0> : tensor<1xi64>
  %0 = onnx.node "Unsqueeze"(%c0, %c1) {opset = 17 : i64} : (tensor<i64>, tensor<1xi64>) -> tensor<1xi64>
  return %0 : tensor<1xi64>
}

// -----

func.func @twice(%x0: tensor<3xf32>) -> tensor<1x1x3xf32> {
  %c1 = arith.constant dense<[0, -3]> : tensor<2xi64>
  // expected-error@+1 {{axes names a dimension twice}}
  %0 = onnx.node "Unsqueeze"(%x0, %c1) {opset = 17 : i64} : (tensor<3xf32>, tensor<2xi64>) -> tensor<1x1x3xf32>
  return %0 : tensor<1x1x3xf32>
}
