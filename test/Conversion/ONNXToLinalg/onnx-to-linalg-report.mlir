// RUN: not gs-opt %s --convert-onnx-to-linalg 2>&1 | FileCheck %s --implicit-check-not=error: --implicit-check-not=module

// All unusable nodes are reported at once, by name; what follows from an earlier problem is not, and nothing is written.

// CHECK: error: loc("first"): Frobnicate node 'first' (domain 'ai.onnx', opset 17) cannot be converted: there is no conversion for this operator; replace it by supported operators
// CHECK: error: loc("third"): FusedMatMul node 'third' (domain 'com.microsoft', opset 1) cannot be converted: there is no conversion for this operator
// CHECK: error: loc("fourth"): Softmax node 'fourth' (domain 'ai.onnx', opset 17) cannot be converted: axis 7 is outside a tensor of rank 2
// CHECK: error: 3 of 5 nodes of 'main_graph' cannot be converted (listed above)
func.func @main_graph(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %0 = onnx.node "Frobnicate"(%x) {opset = 17 : i64} : (tensor<2x3xf32>) -> tensor<*x!onnx.unknown> loc("first")
  %1 = onnx.node "Relu"(%0) {opset = 17 : i64} : (tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown> loc("second")
  %2 = onnx.node "FusedMatMul"(%1, %x) {opset = 1 : i64, domain = "com.microsoft"} : (tensor<*x!onnx.unknown>, tensor<2x3xf32>) -> tensor<2x3xf32> loc("third")
  %3 = onnx.node "Softmax"(%2) {opset = 17 : i64, node_attributes = {axis = 7 : i64}} : (tensor<2x3xf32>) -> tensor<2x3xf32> loc("fourth")
  %4 = onnx.node "Relu"(%3) {opset = 17 : i64} : (tensor<2x3xf32>) -> tensor<2x3xf32> loc("fifth")
  return %4 : tensor<2x3xf32>
}
