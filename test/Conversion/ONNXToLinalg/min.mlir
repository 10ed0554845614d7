// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: @three
// CHECK: arith.minimumf
// CHECK: arith.minimumf
func.func @three(%x0: tensor<2x3xf32>, %x1: tensor<3xf32>) -> tensor<2x3xf32> {
  %c2 = arith.constant dense<1.0> : tensor<f32>
  %0 = onnx.node "Min"(%x0, %x1, %c2) {opset = 17 : i64} : (tensor<2x3xf32>, tensor<3xf32>, tensor<f32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----

// CHECK-LABEL: @one
// CHECK: linalg.generic
// CHECK-NOT: arith.m
// CHECK: linalg.yield
func.func @one(%x0: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %0 = onnx.node "Min"(%x0) {opset = 17 : i64} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----

// CHECK-LABEL: @integers
// CHECK: arith.minsi
func.func @integers(%x0: tensor<2x3xi32>, %x1: tensor<3xi32>) -> tensor<2x3xi32> {
  %0 = onnx.node "Min"(%x0, %x1) {opset = 17 : i64} : (tensor<2x3xi32>, tensor<3xi32>) -> tensor<2x3xi32>
  return %0 : tensor<2x3xi32>
}
