// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: @default_value
// CHECK: arith.constant dense<0.000000e+00> : tensor<2x3xf32>
func.func @default_value() -> tensor<2x3xf32> {
  %c0 = arith.constant dense<[2, 3]> : tensor<2xi64>
  %0 = onnx.node "ConstantOfShape"(%c0) {opset = 17 : i64} : (tensor<2xi64>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----

// CHECK-LABEL: @one_element_is_held
// CHECK: arith.constant dense<7> : tensor<1000x1000xi64>
func.func @one_element_is_held() -> tensor<1000x1000xi64> {
  %c0 = arith.constant dense<[1000, 1000]> : tensor<2xi64>
  %0 = onnx.node "ConstantOfShape"(%c0) {opset = 17 : i64, node_attributes = {value = dense<7> : tensor<1xi64>}} : (tensor<2xi64>) -> tensor<1000x1000xi64>
  return %0 : tensor<1000x1000xi64>
}

// -----

func.func @negative() -> tensor<2x3xf32> {
  %c0 = arith.constant dense<[2, -3]> : tensor<2xi64>
  // expected-error@+1 {{shape [2, -3] must hold sizes}}
  %0 = onnx.node "ConstantOfShape"(%c0) {opset = 17 : i64} : (tensor<2xi64>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}
