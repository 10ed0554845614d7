// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: @floats
// CHECK: arith.negf
func.func @floats(%x0: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %0 = onnx.node "Neg"(%x0) {opset = 17 : i64} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----

// CHECK-LABEL: @integers
// CHECK: arith.subi
func.func @integers(%x0: tensor<2x3xi32>) -> tensor<2x3xi32> {
  %0 = onnx.node "Neg"(%x0) {opset = 17 : i64} : (tensor<2x3xi32>) -> tensor<2x3xi32>
  return %0 : tensor<2x3xi32>
}
