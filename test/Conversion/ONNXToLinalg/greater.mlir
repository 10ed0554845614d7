// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: @floats
// CHECK: arith.cmpf ogt
// CHECK: -> tensor<2x3xi1>
func.func @floats(%x0: tensor<2x3xf32>, %x1: tensor<3xf32>) -> tensor<2x3xi1> {
  %0 = onnx.node "Greater"(%x0, %x1) {opset = 17 : i64} : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xi1>
  return %0 : tensor<2x3xi1>
}

// -----

// CHECK-LABEL: @integers
// CHECK: arith.cmpi sgt
func.func @integers(%x0: tensor<2x3xi32>, %x1: tensor<3xi32>) -> tensor<2x3xi1> {
  %0 = onnx.node "Greater"(%x0, %x1) {opset = 17 : i64} : (tensor<2x3xi32>, tensor<3xi32>) -> tensor<2x3xi1>
  return %0 : tensor<2x3xi1>
}
