// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: @first
// CHECK: iterator_types = ["parallel", "reduction"]
// CHECK: arith.cmpf olt
// CHECK: linalg.index 1
// CHECK: arith.select
// CHECK: arith.select
func.func @first(%x0: tensor<2x7xf32>) -> tensor<2x1xi64> {
  %0 = onnx.node "ArgMin"(%x0) {opset = 17 : i64, node_attributes = {axis = 1 : i64}} : (tensor<2x7xf32>) -> tensor<2x1xi64>
  return %0 : tensor<2x1xi64>
}

// -----

// CHECK-LABEL: @last
// CHECK: arith.cmpf ole
func.func @last(%x0: tensor<2x7xf32>) -> tensor<2xi64> {
  %0 = onnx.node "ArgMin"(%x0) {opset = 17 : i64, node_attributes = {axis = 1 : i64, keepdims = 0 : i64, select_last_index = 1 : i64}} : (tensor<2x7xf32>) -> tensor<2xi64>
  return %0 : tensor<2xi64>
}

// -----

func.func @no_element() -> tensor<2xi64> {
  %c0 = arith.constant dense<> : tensor<2x0xf32>
  // expected-error@+1 {{there is no element along axis 1 of the input of shape [2, 0]}}
  %0 = onnx.node "ArgMin"(%c0) {opset = 17 : i64, node_attributes = {axis = 1 : i64, keepdims = 0 : i64}} : (tensor<2x0xf32>) -> tensor<2xi64>
  return %0 : tensor<2xi64>
}
