// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: @all
// CHECK: tensor.collapse_shape
func.func @all(%x0: tensor<1x3x1x5xf32>) -> tensor<3x5xf32> {
  %0 = onnx.node "Squeeze"(%x0) {opset = 17 : i64} : (tensor<1x3x1x5xf32>) -> tensor<3x5xf32>
  return %0 : tensor<3x5xf32>
}

// -----

// CHECK-LABEL: @by_input
// CHECK: tensor.collapse_shape %{{.*}} into tensor<1x3x5xf32>
func.func @by_input(%x0: tensor<1x3x1x5xf32>) -> tensor<1x3x5xf32> {
  %c1 = arith.constant dense<-2> : tensor<1xi64>
  %0 = onnx.node "Squeeze"(%x0, %c1) {opset = 17 : i64} : (tensor<1x3x1x5xf32>, tensor<1xi64>) -> tensor<1x3x5xf32>
  return %0 : tensor<1x3x5xf32>
}

// -----

// CHECK-LABEL: @by_attribute
// CHECK: tensor.collapse_shape %{{.*}} into tensor<3x1x5xf32>
func.func @by_attribute(%x0: tensor<1x3x1x5xf32>) -> tensor<3x1x5xf32> {
  %0 = onnx.node "Squeeze"(%x0) {opset = 11 : i64, node_attributes = {axes = array<i64: 0>}} : (tensor<1x3x1x5xf32>) -> tensor<3x1x5xf32>
  return %0 : tensor<3x1x5xf32>
}

// -----

func.func @not_one(%x0: tensor<1x3xf32>) -> tensor<1xf32> {
  %c1 = arith.constant dense<1> : tensor<1xi64>
  // expected-error@+1 {{axis 1 of the input of shape [1, 3] cannot be squeezed: its size is not 1}}
  %0 = onnx.node "Squeeze"(%x0, %c1) {opset = 17 : i64} : (tensor<1x3xf32>, tensor<1xi64>) -> tensor<1xf32>
  return %0 : tensor<1xf32>
}
