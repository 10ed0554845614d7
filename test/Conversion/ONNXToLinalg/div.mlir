// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: @floats
// CHECK: arith.divf
func.func @floats(%x0: tensor<2x3xf32>, %x1: tensor<3xf32>) -> tensor<2x3xf32> {
  %0 = onnx.node "Div"(%x0, %x1) {opset = 17 : i64} : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----

// CHECK-LABEL: @zero_divisor_is_defined
// CHECK: arith.cmpi eq
// CHECK: arith.cmpi eq
// CHECK: arith.ori
// CHECK: arith.select
// CHECK: arith.divsi
// CHECK: arith.select
// CHECK: arith.select
func.func @zero_divisor_is_defined(%x0: tensor<2x3xi32>, %x1: tensor<3xi32>) -> tensor<2x3xi32> {
  %0 = onnx.node "Div"(%x0, %x1) {opset = 17 : i64} : (tensor<2x3xi32>, tensor<3xi32>) -> tensor<2x3xi32>
  return %0 : tensor<2x3xi32>
}

// -----

// CHECK-LABEL: @known_divisor
// CHECK-NOT: arith.select
// CHECK: arith.divsi
func.func @known_divisor(%x0: tensor<2x3xi32>) -> tensor<2x3xi32> {
  %c1 = arith.constant dense<3> : tensor<i32>
  %0 = onnx.node "Div"(%x0, %c1) {opset = 17 : i64} : (tensor<2x3xi32>, tensor<i32>) -> tensor<2x3xi32>
  return %0 : tensor<2x3xi32>
}

// -----

// CHECK-LABEL: @unsigned
// CHECK: builtin.unrealized_conversion_cast %{{.*}} : ui8 to i8
// CHECK: arith.divui
// CHECK: builtin.unrealized_conversion_cast %{{.*}} : i8 to ui8
func.func @unsigned(%x0: tensor<4xui8>, %x1: tensor<4xui8>) -> tensor<4xui8> {
  %0 = onnx.node "Div"(%x0, %x1) {opset = 17 : i64} : (tensor<4xui8>, tensor<4xui8>) -> tensor<4xui8>
  return %0 : tensor<4xui8>
}

// -----

// CHECK-LABEL: @folds
// CHECK: arith.constant dense<[3, -3, 0]> : tensor<3xi64>
// CHECK-NOT: linalg.generic
func.func @folds() -> tensor<3xi64> {
  %c0 = arith.constant dense<[7, -7, 5]> : tensor<3xi64>
  %c1 = arith.constant dense<[2, 2, 0]> : tensor<3xi64>
  %0 = onnx.node "Div"(%c0, %c1) {opset = 17 : i64} : (tensor<3xi64>, tensor<3xi64>) -> tensor<3xi64>
  return %0 : tensor<3xi64>
}
