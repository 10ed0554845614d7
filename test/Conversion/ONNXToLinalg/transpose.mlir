// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: @reverses
// CHECK: linalg.transpose ins(%{{.*}} : tensor<2x3x4xf32>) {{.*}} permutation = [2, 1, 0]
func.func @reverses(%x0: tensor<2x3x4xf32>) -> tensor<4x3x2xf32> {
  %0 = onnx.node "Transpose"(%x0) {opset = 17 : i64} : (tensor<2x3x4xf32>) -> tensor<4x3x2xf32>
  return %0 : tensor<4x3x2xf32>
}

// -----

// CHECK-LABEL: @moves_only_ones
// CHECK-NOT: linalg.transpose
// CHECK: tensor.expand_shape
func.func @moves_only_ones(%x0: tensor<1x3x1x5xf32>) -> tensor<3x5x1x1xf32> {
  %0 = onnx.node "Transpose"(%x0) {opset = 17 : i64, node_attributes = {perm = array<i64: 1, 3, 0, 2>}} : (tensor<1x3x1x5xf32>) -> tensor<3x5x1x1xf32>
  return %0 : tensor<3x5x1x1xf32>
}

// -----

// CHECK-LABEL: @constant
// CHECK: arith.constant dense<{{\[}}[1, 3], [2, 4]]>
func.func @constant() -> tensor<2x2xi64> {
  %c0 = arith.constant dense<[[1, 2], [3, 4]]> : tensor<2x2xi64>
  %0 = onnx.node "Transpose"(%c0) {opset = 17 : i64} : (tensor<2x2xi64>) -> tensor<2x2xi64>
  return %0 : tensor<2x2xi64>
}

// -----

func.func @not_a_permutation(%x0: tensor<2x3xf32>) -> tensor<2x2xf32> {
  // expected-error@+1 {{perm [0, 0] is not a permutation of the 2 dimensions of the input}}
  %0 = onnx.node "Transpose"(%x0) {opset = 17 : i64, node_attributes = {perm = array<i64: 0, 0>}} : (tensor<2x3xf32>) -> tensor<2x2xf32>
  return %0 : tensor<2x2xf32>
}

// -----

// The mask of a sparse initialiser follows its constant.
// CHECK-LABEL: @masks_follow
// CHECK: arith.constant {onnx.mask = dense<{{\[}}[true, false], [true, true]]> : tensor<2x2xi1>} dense<{{\[}}[1, 0], [2, 4]]> : tensor<2x2xi64>
func.func @masks_follow() -> tensor<2x2xi64> {
  %c0 = arith.constant {onnx.mask = dense<[[true, true], [false, true]]> : tensor<2x2xi1>} dense<[[1, 2], [0, 4]]> : tensor<2x2xi64>
  %0 = onnx.node "Transpose"(%c0) {opset = 17 : i64} : (tensor<2x2xi64>) -> tensor<2x2xi64>
  return %0 : tensor<2x2xi64>
}
