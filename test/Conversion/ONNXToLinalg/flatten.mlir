// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: @middle
// CHECK: tensor.collapse_shape %{{.*}} {{\[}}[0, 1], [2, 3]]
func.func @middle(%x0: tensor<2x3x4x5xf32>) -> tensor<6x20xf32> {
  %0 = onnx.node "Flatten"(%x0) {opset = 17 : i64, node_attributes = {axis = 2 : i64}} : (tensor<2x3x4x5xf32>) -> tensor<6x20xf32>
  return %0 : tensor<6x20xf32>
}

// -----

// CHECK-LABEL: @front
// CHECK: tensor.collapse_shape
// CHECK: tensor.expand_shape
func.func @front(%x0: tensor<2x3xf32>) -> tensor<1x6xf32> {
  %0 = onnx.node "Flatten"(%x0) {opset = 17 : i64, node_attributes = {axis = 0 : i64}} : (tensor<2x3xf32>) -> tensor<1x6xf32>
  return %0 : tensor<1x6xf32>
}

// -----

func.func @outside(%x0: tensor<2x3xf32>) -> tensor<1x6xf32> {
  // expected-error@+1 {{axis 3 is outside the range [-2, 2] of a tensor of rank 2}}
  %0 = onnx.node "Flatten"(%x0) {opset = 17 : i64, node_attributes = {axis = 3 : i64}} : (tensor<2x3xf32>) -> tensor<1x6xf32>
  return %0 : tensor<1x6xf32>
}
