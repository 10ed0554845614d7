// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: @embedding
// CHECK: linalg.generic {{.*}} ins(%{{.*}} : tensor<2x5xi64>)
// CHECK: arith.index_cast
// CHECK: arith.cmpi slt
// CHECK: arith.select
// CHECK: arith.maxsi
// CHECK: arith.minsi
// CHECK: tensor.extract %{{.*}} : tensor<30x8xf32>
func.func @embedding(%x0: tensor<30x8xf32>, %x1: tensor<2x5xi64>) -> tensor<2x5x8xf32> {
  %0 = onnx.node "Gather"(%x0, %x1) {opset = 17 : i64} : (tensor<30x8xf32>, tensor<2x5xi64>) -> tensor<2x5x8xf32>
  return %0 : tensor<2x5x8xf32>
}

// -----

// CHECK-LABEL: @one_is_a_slice
// CHECK: tensor.extract_slice %{{.*}}[0, 4, 0] [2, 1, 8] [1, 1, 1]
// CHECK: tensor.collapse_shape
func.func @one_is_a_slice(%x0: tensor<2x5x8xf32>) -> tensor<2x8xf32> {
  %c1 = arith.constant dense<-1> : tensor<i64>
  %0 = onnx.node "Gather"(%x0, %c1) {opset = 17 : i64, node_attributes = {axis = 1 : i64}} : (tensor<2x5x8xf32>, tensor<i64>) -> tensor<2x8xf32>
  return %0 : tensor<2x8xf32>
}

// -----

// CHECK-LABEL: @folds
// CHECK: arith.constant dense<[7, 5]> : tensor<2xi64>
func.func @folds() -> tensor<2xi64> {
  %c0 = arith.constant dense<[5, 6, 7]> : tensor<3xi64>
  %c1 = arith.constant dense<[2, 0]> : tensor<2xi64>
  %0 = onnx.node "Gather"(%c0, %c1) {opset = 17 : i64} : (tensor<3xi64>, tensor<2xi64>) -> tensor<2xi64>
  return %0 : tensor<2xi64>
}

// -----

func.func @outside(%x0: tensor<3x2xf32>) -> tensor<1x2xf32> {
  %c1 = arith.constant dense<3> : tensor<1xi64>
  // expected-error@+1 {{index 3 is outside dimension 0 of size 3}}
  %0 = onnx.node "Gather"(%x0, %c1) {opset = 17 : i64} : (tensor<3x2xf32>, tensor<1xi64>) -> tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}
