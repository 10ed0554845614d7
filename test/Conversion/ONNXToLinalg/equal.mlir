// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: @floats
// CHECK: arith.cmpf oeq
// CHECK: -> tensor<2x3xi1>
func.func @floats(%x0: tensor<2x3xf32>, %x1: tensor<3xf32>) -> tensor<2x3xi1> {
  %0 = onnx.node "Equal"(%x0, %x1) {opset = 17 : i64} : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xi1>
  return %0 : tensor<2x3xi1>
}

// -----

// CHECK-LABEL: @integers
// CHECK: arith.cmpi eq
func.func @integers(%x0: tensor<2x3xi32>, %x1: tensor<3xi32>) -> tensor<2x3xi1> {
  %0 = onnx.node "Equal"(%x0, %x1) {opset = 17 : i64} : (tensor<2x3xi32>, tensor<3xi32>) -> tensor<2x3xi1>
  return %0 : tensor<2x3xi1>
}

// -----

// CHECK-LABEL: @folds
// CHECK: arith.constant dense<[false, true]> : tensor<2xi1>
func.func @folds() -> tensor<2xi1> {
  %c0 = arith.constant dense<[2, -1]> : tensor<2xi64>
  %c1 = arith.constant dense<-1> : tensor<1xi64>
  %0 = onnx.node "Equal"(%c0, %c1) {opset = 17 : i64} : (tensor<2xi64>, tensor<1xi64>) -> tensor<2xi1>
  return %0 : tensor<2xi1>
}
