// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: @values
// CHECK: %[[E:.*]] = tensor.empty() : tensor<2x8xf32>
// CHECK: %[[A:.*]] = tensor.insert_slice %{{.*}} into %[[E]][0, 0] [2, 3] [1, 1]
// CHECK: tensor.insert_slice %{{.*}} into %[[A]][0, 3] [2, 5] [1, 1]
func.func @values(%x0: tensor<2x3xf32>, %x1: tensor<2x5xf32>) -> tensor<2x8xf32> {
  %0 = onnx.node "Concat"(%x0, %x1) {opset = 17 : i64, node_attributes = {axis = -1 : i64}} : (tensor<2x3xf32>, tensor<2x5xf32>) -> tensor<2x8xf32>
  return %0 : tensor<2x8xf32>
}

// -----

// CHECK-LABEL: @folds
// CHECK: arith.constant dense<[1, 2, -1]> : tensor<3xi64>
func.func @folds() -> tensor<3xi64> {
  %c0 = arith.constant dense<[1, 2]> : tensor<2xi64>
  %c1 = arith.constant dense<-1> : tensor<1xi64>
  %0 = onnx.node "Concat"(%c0, %c1) {opset = 17 : i64, node_attributes = {axis = 0 : i64}} : (tensor<2xi64>, tensor<1xi64>) -> tensor<3xi64>
  return %0 : tensor<3xi64>
}

// -----

// CHECK-LABEL: @splats_stay_splats
// CHECK: arith.constant dense<1.000000e+00> : tensor<1024x1000xf32>
func.func @splats_stay_splats() -> tensor<1024x1000xf32> {
  %c0 = arith.constant dense<1.0> : tensor<1000x1000xf32>
  %c1 = arith.constant dense<1.0> : tensor<24x1000xf32>
  %0 = onnx.node "Concat"(%c0, %c1) {opset = 17 : i64, node_attributes = {axis = 0 : i64}} : (tensor<1000x1000xf32>, tensor<24x1000xf32>) -> tensor<1024x1000xf32>
  return %0 : tensor<1024x1000xf32>
}

// -----

func.func @mismatch(%x0: tensor<2x3xf32>, %x1: tensor<3x3xf32>) -> tensor<2x6xf32> {
  // expected-error@+1 {{input 1 of shape [3, 3] cannot be joined with shape [2, 3] along axis 1}}
  %0 = onnx.node "Concat"(%x0, %x1) {opset = 17 : i64, node_attributes = {axis = 1 : i64}} : (tensor<2x3xf32>, tensor<3x3xf32>) -> tensor<2x6xf32>
  return %0 : tensor<2x6xf32>
}
