// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: @cubic
// CHECK: math.absf
// CHECK: math.powf
// CHECK: arith.addf
// CHECK: math.powf
func.func @cubic(%x: tensor<2x3x5xf32>) -> tensor<2x3x1xf32> {
  %0 = onnx.node "GlobalLpPool"(%x) {opset = 17 : i64, node_attributes = {p = 3 : i64}} : (tensor<2x3x5xf32>) -> tensor<2x3x1xf32>
  return %0 : tensor<2x3x1xf32>
}

// -----

func.func @order(%x: tensor<2x3x5xf32>) -> tensor<2x3x1xf32> {
  // expected-error@+1 {{attribute 'p' is -1, but the order of a norm is at least 1}}
  %0 = onnx.node "GlobalLpPool"(%x) {opset = 17 : i64, node_attributes = {p = -1 : i64}} : (tensor<2x3x5xf32>) -> tensor<2x3x1xf32>
  return %0 : tensor<2x3x1xf32>
}
