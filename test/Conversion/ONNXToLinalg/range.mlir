// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: @down
// CHECK: arith.constant dense<[5, 3, 1]> : tensor<3xi64>
func.func @down() -> tensor<3xi64> {
  %c0 = arith.constant dense<5> : tensor<i64>
  %c1 = arith.constant dense<0> : tensor<i64>
  %c2 = arith.constant dense<-2> : tensor<i64>
  %0 = onnx.node "Range"(%c0, %c1, %c2) {opset = 17 : i64} : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<3xi64>
  return %0 : tensor<3xi64>
}

// -----

// CHECK-LABEL: @floats
// CHECK: arith.constant dense<[0.000000e+00, 5.000000e-01]>
func.func @floats() -> tensor<2xf32> {
  %c0 = arith.constant dense<0.0> : tensor<f32>
  %c1 = arith.constant dense<1.0> : tensor<f32>
  %c2 = arith.constant dense<0.5> : tensor<f32>
  %0 = onnx.node "Range"(%c0, %c1, %c2) {opset = 17 : i64} : (tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

// -----

func.func @zero_step() -> tensor<3xi64> {
  %c0 = arith.constant dense<5> : tensor<i64>
  %c1 = arith.constant dense<0> : tensor<i64>
  %c2 = arith.constant dense<0> : tensor<i64>
  // expected-error@+1 {{its length is not a number below 1e8; delta must not be 0}}
  %0 = onnx.node "Range"(%c0, %c1, %c2) {opset = 17 : i64} : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<3xi64>
  return %0 : tensor<3xi64>
}

// -----

func.func @computed(%x0: tensor<i64>) -> tensor<3xi64> {
  %c1 = arith.constant dense<0> : tensor<i64>
  %c2 = arith.constant dense<1> : tensor<i64>
  // expected-error@+1 {{start, limit and delta must be constant numbers}}
  %0 = onnx.node "Range"(%x0, %c1, %c2) {opset = 17 : i64} : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<3xi64>
  return %0 : tensor<3xi64>
}
