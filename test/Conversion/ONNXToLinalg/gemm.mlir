// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// A constant takes the transposition and alpha at compile time; a row of C is a vector along the columns.
// CHECK: #[[COLUMN:.*]] = affine_map<(d0, d1) -> (d1)>
// CHECK-LABEL: @constant
// CHECK-DAG: %[[W:.*]] = arith.constant dense<{{\[\[}}2.000000e+00, 6.000000e+00], [4.000000e+00, 0.000000e+00]]> : tensor<2x2xf32>
// CHECK-DAG: %[[C:.*]] = arith.constant dense<[1.500000e+00, 3.000000e+00]> : tensor<2xf32>
// CHECK-DAG: %[[M:.*]] = linalg.matmul ins(%{{.*}}, %[[W]]
// CHECK: linalg.generic {indexing_maps = [#{{.*}}, #[[COLUMN]], #{{.*}}]{{.*}} ins(%[[M]], %[[C]] : tensor<3x2xf32>, tensor<2xf32>)
func.func @constant(%x: tensor<3x2xf32>) -> tensor<3x2xf32> {
  %w = arith.constant dense<[[1.0, 2.0], [3.0, 0.0]]> : tensor<2x2xf32>
  %c = arith.constant dense<[[0.5, 1.0]]> : tensor<1x2xf32>
  %0 = onnx.node "Gemm"(%x, %w, %c) {opset = 17 : i64, node_attributes = {transB = 1 : i64, alpha = 2.0 : f32, beta = 3.0 : f32}}
    : (tensor<3x2xf32>, tensor<2x2xf32>, tensor<1x2xf32>) -> tensor<3x2xf32>
  return %0 : tensor<3x2xf32>
}

// -----

// CHECK-LABEL: @dynamic
// CHECK: linalg.transpose
// CHECK: linalg.matmul
// CHECK-NOT: arith.addf
// CHECK: return
func.func @dynamic(%x: tensor<3x2xf32>, %w: tensor<3x4xf32>) -> tensor<2x4xf32> {
  %0 = onnx.node "Gemm"(%x, %w) {opset = 17 : i64, node_attributes = {transA = 1 : i64}}
    : (tensor<3x2xf32>, tensor<3x4xf32>) -> tensor<2x4xf32>
  return %0 : tensor<2x4xf32>
}

// -----

func.func @inner(%x: tensor<3x2xf32>, %w: tensor<3x4xf32>) -> tensor<*xf32> {
  // expected-error@+1 {{the inner dimensions of A and B are 2 and 3}}
  %0 = onnx.node "Gemm"(%x, %w) {opset = 17 : i64} : (tensor<3x2xf32>, tensor<3x4xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @rank(%x: tensor<1x3x2xf32>, %w: tensor<2x4xf32>) -> tensor<*xf32> {
  // expected-error@+1 {{A and B must be matrices of one element type, but have rank 3 and 2; put a Flatten before the node or use MatMul}}
  %0 = onnx.node "Gemm"(%x, %w) {opset = 17 : i64} : (tensor<1x3x2xf32>, tensor<2x4xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @addend(%x: tensor<3x2xf32>, %w: tensor<2x4xf32>, %c: tensor<3xf32>) -> tensor<*xf32> {
  // expected-error@+1 {{C does not broadcast to the 3x4 result}}
  %0 = onnx.node "Gemm"(%x, %w, %c) {opset = 17 : i64} : (tensor<3x2xf32>, tensor<2x4xf32>, tensor<3xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}
