// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: @euclidean
// CHECK: arith.mulf
// CHECK: arith.addf
// CHECK: math.sqrt
func.func @euclidean(%x: tensor<1x3x8xf32>) -> tensor<1x3x7xf32> {
  %0 = onnx.node "LpPool"(%x) {opset = 18 : i64, node_attributes = {kernel_shape = array<i64: 2>}} : (tensor<1x3x8xf32>) -> tensor<1x3x7xf32>
  return %0 : tensor<1x3x7xf32>
}

// -----

func.func @order(%x: tensor<1x3x8xf32>) -> tensor<1x3x7xf32> {
  // expected-error@+1 {{attribute 'p' is 0, but the order of a norm is at least 1}}
  %0 = onnx.node "LpPool"(%x) {opset = 18 : i64, node_attributes = {kernel_shape = array<i64: 2>, p = 0 : i64}} : (tensor<1x3x8xf32>) -> tensor<1x3x7xf32>
  return %0 : tensor<1x3x7xf32>
}
