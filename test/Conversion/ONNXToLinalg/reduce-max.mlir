// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: @by_input
// CHECK: arith.constant 0xFF800000 : f32
// CHECK: iterator_types = ["parallel", "parallel", "reduction", "reduction"]
// CHECK: arith.maximumf
// CHECK: tensor.expand_shape %{{.*}} into tensor<2x3x1x1xf32>
func.func @by_input(%x0: tensor<2x3x5x7xf32>) -> tensor<2x3x1x1xf32> {
  %c1 = arith.constant dense<[2, -1]> : tensor<2xi64>
  %0 = onnx.node "ReduceMax"(%x0, %c1) {opset = 18 : i64} : (tensor<2x3x5x7xf32>, tensor<2xi64>) -> tensor<2x3x1x1xf32>
  return %0 : tensor<2x3x1x1xf32>
}

// -----

// CHECK-LABEL: @by_attribute
// CHECK: iterator_types = ["parallel", "reduction", "parallel"]
// CHECK-NOT: fastmath
// CHECK-NOT: tensor.expand_shape
// CHECK: return
func.func @by_attribute(%x0: tensor<2x3x5xf32>) -> tensor<2x5xf32> {
  %0 = onnx.node "ReduceMax"(%x0) {opset = 11 : i64, node_attributes = {axes = array<i64: 1>, keepdims = 0 : i64}} : (tensor<2x3x5xf32>) -> tensor<2x5xf32>
  return %0 : tensor<2x5xf32>
}

// -----

// CHECK-LABEL: @bools
// CHECK: arith.maxui %{{.*}} : i1
func.func @bools(%x0: tensor<2x3xi1>) -> tensor<1x1xi1> {
  %0 = onnx.node "ReduceMax"(%x0) {opset = 20 : i64} : (tensor<2x3xi1>) -> tensor<1x1xi1>
  return %0 : tensor<1x1xi1>
}

// -----

// CHECK-LABEL: @folds
// CHECK: arith.constant dense<4> : tensor<i64>
func.func @folds() -> tensor<i64> {
  %c0 = arith.constant dense<[2, 4, 3]> : tensor<3xi64>
  %0 = onnx.node "ReduceMax"(%c0) {opset = 17 : i64, node_attributes = {keepdims = 0 : i64}} : (tensor<3xi64>) -> tensor<i64>
  return %0 : tensor<i64>
}
