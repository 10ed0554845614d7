// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: @floats
// CHECK: arith.remf
func.func @floats(%x0: tensor<2x3xf32>, %x1: tensor<3xf32>) -> tensor<2x3xf32> {
  %0 = onnx.node "Mod"(%x0, %x1) {opset = 17 : i64, node_attributes = {fmod = 1 : i64}} : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----

// CHECK-LABEL: @sign_of_the_divisor
// CHECK: arith.remsi
// CHECK: arith.xori
// CHECK: arith.addi
// CHECK: arith.select
func.func @sign_of_the_divisor(%x0: tensor<2x3xi32>, %x1: tensor<3xi32>) -> tensor<2x3xi32> {
  %0 = onnx.node "Mod"(%x0, %x1) {opset = 17 : i64} : (tensor<2x3xi32>, tensor<3xi32>) -> tensor<2x3xi32>
  return %0 : tensor<2x3xi32>
}

// -----

// CHECK-LABEL: @folds
// CHECK: arith.constant dense<[2, -2]> : tensor<2xi64>
func.func @folds() -> tensor<2xi64> {
  %c0 = arith.constant dense<[-7, 7]> : tensor<2xi64>
  %c1 = arith.constant dense<[3, -3]> : tensor<2xi64>
  %0 = onnx.node "Mod"(%c0, %c1) {opset = 17 : i64} : (tensor<2xi64>, tensor<2xi64>) -> tensor<2xi64>
  return %0 : tensor<2xi64>
}

// -----

// CHECK-LABEL: @floats_by_the_sign_of_the_divisor
// CHECK: arith.remf
// CHECK: arith.addf
// CHECK: math.copysign
func.func @floats_by_the_sign_of_the_divisor(%x0: tensor<2x3xf32>, %x1: tensor<3xf32>) -> tensor<2x3xf32> {
  %0 = onnx.node "Mod"(%x0, %x1) {opset = 17 : i64} : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}
