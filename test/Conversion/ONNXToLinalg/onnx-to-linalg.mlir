// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// What does not concern one operator: names, dead nodes, results without declared type, constants.

// Argument and result attributes stay, unknown result types become known.
// CHECK-LABEL: func.func @names
// CHECK-SAME: (%{{.*}}: tensor<2x3xf32> {onnx.name = "x"}) -> (tensor<2x3xf32> {onnx.name = "y"}) attributes {onnx.producer = "test"}
func.func @names(%x: tensor<2x3xf32> {onnx.name = "x"}) -> (tensor<*x!onnx.unknown> {onnx.name = "y"}) attributes {onnx.producer = "test"} {
  %0 = onnx.node "Relu"(%x) {opset = 17 : i64} : (tensor<2x3xf32>) -> tensor<*x!onnx.unknown>
  return %0 : tensor<*x!onnx.unknown>
}

// -----

// A dynamic dimension of the declaration agrees with everything.
// CHECK-LABEL: func.func @partly_known(%{{.*}}: tensor<2x3xf32>) -> tensor<2x3xf32>
func.func @partly_known(%x: tensor<2x3xf32>) -> tensor<?x3xf32> {
  %0 = onnx.node "Relu"(%x) {opset = 17 : i64} : (tensor<2x3xf32>) -> tensor<?x3xf32>
  return %0 : tensor<?x3xf32>
}

// -----

// Nodes that nothing reads are removed, even unknown ones, with the constants of theirs.
// CHECK-LABEL: @dead
// CHECK-NEXT: return %{{.*}}
func.func @dead(%x: tensor<2xf32>) -> tensor<2xf32> {
  %c = arith.constant dense<1.0> : tensor<2xf32>
  %0 = onnx.node "Frobnicate"(%x, %c) {opset = 17 : i64} : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  %1 = onnx.node "Relu"(%0) {opset = 17 : i64} : (tensor<2xf32>) -> tensor<2xf32>
  return %x : tensor<2xf32>
}

// -----

// "ai.onnx" is the standard domain by its other name.
// CHECK-LABEL: @domain
// CHECK: arith.maximumf
func.func @domain(%x: tensor<2xf32>) -> tensor<2xf32> {
  %0 = onnx.node "Relu"(%x) {opset = 17 : i64, domain = "ai.onnx"} : (tensor<2xf32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

// -----

// Shape arithmetic of static shapes leaves no code: 2x3x4 becomes 2x12 by Shape, Gather, Concat and Reshape.
// CHECK-LABEL: @shapes
// CHECK-NEXT: %[[R:.*]] = tensor.collapse_shape
// CHECK-NEXT: return %[[R]]
func.func @shapes(%x: tensor<2x3x4xf32>) -> tensor<*xf32> {
  %i = arith.constant dense<0> : tensor<1xi64>
  %rest = arith.constant dense<-1> : tensor<1xi64>
  %0 = onnx.node "Shape"(%x) {opset = 17 : i64} : (tensor<2x3x4xf32>) -> tensor<3xi64>
  %1 = onnx.node "Gather"(%0, %i) {opset = 17 : i64} : (tensor<3xi64>, tensor<1xi64>) -> tensor<1xi64>
  %2 = onnx.node "Concat"(%1, %rest) {opset = 17 : i64, node_attributes = {axis = 0 : i64}} : (tensor<1xi64>, tensor<1xi64>) -> tensor<2xi64>
  %3 = onnx.node "Reshape"(%x, %2) {opset = 17 : i64} : (tensor<2x3x4xf32>, tensor<2xi64>) -> tensor<*xf32>
  return %3 : tensor<*xf32>
}

// -----

// Functions without nodes are left alone.
// CHECK-LABEL: @other
// CHECK: cf.br
func.func private @declared(tensor<?xf32>)
func.func @other(%x: tensor<?xf32>) -> tensor<?xf32> {
  cf.br ^bb1
^bb1:
  return %x : tensor<?xf32>
}
