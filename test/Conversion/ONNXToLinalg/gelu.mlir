// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: @exact
// CHECK: math.erf
func.func @exact(%x0: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %0 = onnx.node "Gelu"(%x0) {opset = 20 : i64} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----

// CHECK-LABEL: @tanh
// CHECK: math.tanh
func.func @tanh(%x0: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %0 = onnx.node "Gelu"(%x0) {opset = 20 : i64, node_attributes = {approximate = "tanh"}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----

func.func @unknown(%x0: tensor<2x3xf32>) -> tensor<2x3xf32> {
  // expected-error@+1 {{attribute approximate is 'cubic', but must be 'none' or 'tanh'}}
  %0 = onnx.node "Gelu"(%x0) {opset = 20 : i64, node_attributes = {approximate = "cubic"}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}
