// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: @broadcast
// CHECK: arith.select %{{.*}}, %{{.*}}, %{{.*}} : f32
func.func @broadcast(%x0: tensor<2x1xi1>, %x1: tensor<3xf32>) -> tensor<2x3xf32> {
  %c2 = arith.constant dense<0.0> : tensor<f32>
  %0 = onnx.node "Where"(%x0, %x1, %c2) {opset = 17 : i64} : (tensor<2x1xi1>, tensor<3xf32>, tensor<f32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----

// CHECK-LABEL: @folds
// CHECK: arith.constant dense<[7, 2]> : tensor<2xi64>
func.func @folds() -> tensor<2xi64> {
  %c0 = arith.constant dense<[true, false]> : tensor<2xi1>
  %c1 = arith.constant dense<7> : tensor<1xi64>
  %c2 = arith.constant dense<[1, 2]> : tensor<2xi64>
  %0 = onnx.node "Where"(%c0, %c1, %c2) {opset = 17 : i64} : (tensor<2xi1>, tensor<1xi64>, tensor<2xi64>) -> tensor<2xi64>
  return %0 : tensor<2xi64>
}

// -----

func.func @types(%x0: tensor<2x1xi1>, %x1: tensor<3xf32>, %x2: tensor<3xi32>) -> tensor<2x3xf32> {
  // expected-error@+1 {{inputs 1 and 2 have different element types; insert a Cast}}
  %0 = onnx.node "Where"(%x0, %x1, %x2) {opset = 17 : i64} : (tensor<2x1xi1>, tensor<3xf32>, tensor<3xi32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}
