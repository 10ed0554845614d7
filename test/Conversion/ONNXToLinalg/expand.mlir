// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: @broadcasts
// CHECK: tensor.collapse_shape %{{.*}} into tensor<3xf32>
// CHECK: linalg.generic
func.func @broadcasts(%x0: tensor<3x1xf32>) -> tensor<2x3x4xf32> {
  %c1 = arith.constant dense<[2, 1, 4]> : tensor<3xi64>
  %0 = onnx.node "Expand"(%x0, %c1) {opset = 17 : i64} : (tensor<3x1xf32>, tensor<3xi64>) -> tensor<2x3x4xf32>
  return %0 : tensor<2x3x4xf32>
}

// -----

// CHECK-LABEL: @only_ranks
// CHECK: tensor.expand_shape
// CHECK-NOT: linalg.generic
func.func @only_ranks(%x0: tensor<3xf32>) -> tensor<1x1x3xf32> {
  %c1 = arith.constant dense<1> : tensor<3xi64>
  %0 = onnx.node "Expand"(%x0, %c1) {opset = 17 : i64} : (tensor<3xf32>, tensor<3xi64>) -> tensor<1x1x3xf32>
  return %0 : tensor<1x1x3xf32>
}

// -----

// CHECK-LABEL: @folds
// CHECK: arith.constant dense<{{\[}}[1, 1, 1], [2, 2, 2]]>
func.func @folds() -> tensor<2x3xi64> {
  %c0 = arith.constant dense<[[1], [2]]> : tensor<2x1xi64>
  %c1 = arith.constant dense<[1, 3]> : tensor<2xi64>
  %0 = onnx.node "Expand"(%c0, %c1) {opset = 17 : i64} : (tensor<2x1xi64>, tensor<2xi64>) -> tensor<2x3xi64>
  return %0 : tensor<2x3xi64>
}

// -----

func.func @mismatch(%x0: tensor<3xf32>) -> tensor<3xf32> {
  %c1 = arith.constant dense<[2]> : tensor<1xi64>
  // expected-error@+1 {{its inputs have shapes [3], [2], which do not broadcast}}
  %0 = onnx.node "Expand"(%x0, %c1) {opset = 17 : i64} : (tensor<3xf32>, tensor<1xi64>) -> tensor<3xf32>
  return %0 : tensor<3xf32>
}
