// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: @floats
// CHECK: arith.cmpf ogt
// CHECK: arith.cmpf olt
// CHECK: arith.select
// CHECK: arith.select
func.func @floats(%x0: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %0 = onnx.node "Sign"(%x0) {opset = 17 : i64} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----

// CHECK-LABEL: @integers
// CHECK: arith.cmpi ne
// CHECK: arith.select
// CHECK: arith.cmpi slt
// CHECK: arith.select
func.func @integers(%x0: tensor<2x3xi32>) -> tensor<2x3xi32> {
  %0 = onnx.node "Sign"(%x0) {opset = 17 : i64} : (tensor<2x3xi32>) -> tensor<2x3xi32>
  return %0 : tensor<2x3xi32>
}
