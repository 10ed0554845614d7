// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// Batches over one matrix are more rows.
// CHECK-LABEL: @rows
// CHECK: tensor.collapse_shape %{{.*}} {{\[\[}}0, 1], [2]] : tensor<2x3x4xf32> into tensor<6x4xf32>
// CHECK: linalg.matmul
// CHECK: tensor.expand_shape {{.*}} into tensor<2x3x5xf32>
func.func @rows(%x: tensor<2x3x4xf32>, %w: tensor<4x5xf32>) -> tensor<2x3x5xf32> {
  %0 = onnx.node "MatMul"(%x, %w) {opset = 17 : i64} : (tensor<2x3x4xf32>, tensor<4x5xf32>) -> tensor<2x3x5xf32>
  return %0 : tensor<2x3x5xf32>
}

// -----

// CHECK-LABEL: @batches
// CHECK: linalg.batch_matmul ins(%{{.*}}, %{{.*}} : tensor<6x4x5xf32>, tensor<6x5x7xf32>)
func.func @batches(%x: tensor<2x3x4x5xf32>, %w: tensor<2x3x5x7xf32>) -> tensor<2x3x4x7xf32> {
  %0 = onnx.node "MatMul"(%x, %w) {opset = 17 : i64} : (tensor<2x3x4x5xf32>, tensor<2x3x5x7xf32>) -> tensor<2x3x4x7xf32>
  return %0 : tensor<2x3x4x7xf32>
}

// -----

// One matrix on the left is read by every batch through its map.
// CHECK-LABEL: @broadcast_left
// CHECK: linalg.batch_matmul indexing_maps = [#{{.*}}, #{{.*}}, #{{.*}}] ins(%{{.*}}, %{{.*}} : tensor<4x5xf32>, tensor<3x5x7xf32>)
func.func @broadcast_left(%x: tensor<4x5xf32>, %w: tensor<3x5x7xf32>) -> tensor<3x4x7xf32> {
  %0 = onnx.node "MatMul"(%x, %w) {opset = 17 : i64} : (tensor<4x5xf32>, tensor<3x5x7xf32>) -> tensor<3x4x7xf32>
  return %0 : tensor<3x4x7xf32>
}

// -----

// CHECK-LABEL: @vectors
// CHECK: linalg.matmul ins(%{{.*}}, %{{.*}} : tensor<1x5xf32>, tensor<5x1xf32>)
// CHECK: tensor.collapse_shape %{{.*}} [] : tensor<1x1xf32> into tensor<f32>
func.func @vectors(%x: tensor<5xf32>, %w: tensor<5xf32>) -> tensor<f32> {
  %0 = onnx.node "MatMul"(%x, %w) {opset = 17 : i64} : (tensor<5xf32>, tensor<5xf32>) -> tensor<f32>
  return %0 : tensor<f32>
}

// -----

func.func @inner(%x: tensor<4x5xf32>, %w: tensor<6x7xf32>) -> tensor<*xf32> {
  // expected-error@+1 {{the inner dimensions are 5 and 6}}
  %0 = onnx.node "MatMul"(%x, %w) {opset = 17 : i64} : (tensor<4x5xf32>, tensor<6x7xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @batch(%x: tensor<2x4x5xf32>, %w: tensor<3x5x7xf32>) -> tensor<*xf32> {
  // expected-error@+1 {{the batch dimensions 2 and 3 do not broadcast}}
  %0 = onnx.node "MatMul"(%x, %w) {opset = 17 : i64} : (tensor<2x4x5xf32>, tensor<3x5x7xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @integers(%x: tensor<4x5xi32>, %w: tensor<5x7xi32>) -> tensor<*xi32> {
  // expected-error@+1 {{input 0 (A) has elements of type i32, but 32- or 64-bit floats are expected}}
  %0 = onnx.node "MatMul"(%x, %w) {opset = 17 : i64} : (tensor<4x5xi32>, tensor<5x7xi32>) -> tensor<*xi32>
  return %0 : tensor<*xi32>
}
