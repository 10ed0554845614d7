// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: @value
// CHECK: arith.constant dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf32>
func.func @value() -> tensor<2xf32> {
  %0 = onnx.node "Constant"() {opset = 17 : i64, node_attributes = {value = dense<[1.0, 2.0]> : tensor<2xf32>}} : () -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

// -----

// CHECK-LABEL: @value_int
// CHECK: arith.constant dense<5> : tensor<i64>
func.func @value_int() -> tensor<i64> {
  %0 = onnx.node "Constant"() {opset = 17 : i64, node_attributes = {value_int = 5 : i64}} : () -> tensor<i64>
  return %0 : tensor<i64>
}

// -----

// CHECK-LABEL: @value_ints
// CHECK: arith.constant dense<[1, 2]> : tensor<2xi64>
func.func @value_ints() -> tensor<2xi64> {
  %0 = onnx.node "Constant"() {opset = 17 : i64, node_attributes = {value_ints = array<i64: 1, 2>}} : () -> tensor<2xi64>
  return %0 : tensor<2xi64>
}

// -----

// CHECK-LABEL: @value_float
// CHECK: arith.constant dense<2.500000e+00> : tensor<f32>
func.func @value_float() -> tensor<f32> {
  %0 = onnx.node "Constant"() {opset = 17 : i64, node_attributes = {value_float = 2.5 : f32}} : () -> tensor<f32>
  return %0 : tensor<f32>
}

// -----

// CHECK-LABEL: @value_floats
// CHECK: arith.constant dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf32>
func.func @value_floats() -> tensor<2xf32> {
  %0 = onnx.node "Constant"() {opset = 17 : i64, node_attributes = {value_floats = array<f32: 1.0, 2.0>}} : () -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

// -----

func.func @strings() -> tensor<1xf32> {
  // expected-error@+1 {{it has no value that is a number, a list of numbers or a dense tensor (strings are not supported)}}
  %0 = onnx.node "Constant"() {opset = 17 : i64, node_attributes = {value_string = "text"}} : () -> tensor<1xf32>
  return %0 : tensor<1xf32>
}
