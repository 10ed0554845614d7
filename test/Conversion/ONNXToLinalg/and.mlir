// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: @bools
// CHECK: arith.andi %{{.*}}, %{{.*}} : i1
func.func @bools(%x0: tensor<2x3xi1>, %x1: tensor<3xi1>) -> tensor<2x3xi1> {
  %0 = onnx.node "And"(%x0, %x1) {opset = 17 : i64} : (tensor<2x3xi1>, tensor<3xi1>) -> tensor<2x3xi1>
  return %0 : tensor<2x3xi1>
}

// -----

func.func @not_bools(%x0: tensor<2x3xi32>, %x1: tensor<2x3xi32>) -> tensor<2x3xi32> {
  // expected-error@+1 {{input 0 has element type i32, but it must be bool}}
  %0 = onnx.node "And"(%x0, %x1) {opset = 17 : i64} : (tensor<2x3xi32>, tensor<2x3xi32>) -> tensor<2x3xi32>
  return %0 : tensor<2x3xi32>
}
