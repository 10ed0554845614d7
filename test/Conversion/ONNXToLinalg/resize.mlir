// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: @whole_factors
// CHECK: tensor.empty() : tensor<1x2x3x2x4x3xf32>
// CHECK: linalg.generic
// CHECK: tensor.collapse_shape %{{.*}} into tensor<1x2x6x12xf32>
func.func @whole_factors(%x0: tensor<1x2x3x4xf32>) -> tensor<1x2x6x12xf32> {
  %c1 = arith.constant dense<[1.0, 1.0, 2.0, 3.0]> : tensor<4xf32>
  %0 = onnx.node "Resize"(%x0, %c1) {opset = 17 : i64, node_attributes = {coordinate_transformation_mode = "asymmetric", nearest_mode = "floor"}, operand_slots = array<i32: 0, 2>} : (tensor<1x2x3x4xf32>, tensor<4xf32>) -> tensor<1x2x6x12xf32>
  return %0 : tensor<1x2x6x12xf32>
}

// -----

// CHECK-LABEL: @nearest
// CHECK: arith.constant dense<[0, 1, 3]> : tensor<3xi64>
// CHECK: linalg.generic
// CHECK: tensor.extract
func.func @nearest(%x0: tensor<1x1x4x4xf32>) -> tensor<1x1x4x3xf32> {
  %c1 = arith.constant dense<[1, 1, 4, 3]> : tensor<4xi64>
  %0 = onnx.node "Resize"(%x0, %c1) {opset = 17 : i64, operand_slots = array<i32: 0, 3>} : (tensor<1x1x4x4xf32>, tensor<4xi64>) -> tensor<1x1x4x3xf32>
  return %0 : tensor<1x1x4x3xf32>
}

// -----

// CHECK-LABEL: @linear
// CHECK: arith.constant dense<[0, 0, 0, 1, 1, 2, 2, 3]> : tensor<8xi64>
// CHECK: arith.constant dense<[1, 1, 1, 2, 2, 3, 3, 3]> : tensor<8xi64>
// CHECK: linalg.generic
// CHECK: tensor.extract
// CHECK: tensor.extract
// CHECK-NOT: linalg.generic
// CHECK: return
func.func @linear(%x0: tensor<1x1x4x4xf32>) -> tensor<1x1x8x4xf32> {
  %c1 = arith.constant dense<[1.0, 1.0, 2.0, 1.0]> : tensor<4xf32>
  %0 = onnx.node "Resize"(%x0, %c1) {opset = 17 : i64, node_attributes = {mode = "linear"}, operand_slots = array<i32: 0, 2>} : (tensor<1x1x4x4xf32>, tensor<4xf32>) -> tensor<1x1x8x4xf32>
  return %0 : tensor<1x1x8x4xf32>
}

// -----

// CHECK-LABEL: @keeps_aspect_ratio
// CHECK: -> tensor<1x1x7x7xf32>
func.func @keeps_aspect_ratio(%x0: tensor<1x1x4x4xf32>) -> tensor<1x1x7x7xf32> {
  %c1 = arith.constant dense<[7, 8]> : tensor<2xi64>
  %0 = onnx.node "Resize"(%x0, %c1) {opset = 18 : i64, node_attributes = {axes = array<i64: 2, 3>, keep_aspect_ratio_policy = "not_larger"}, operand_slots = array<i32: 0, 3>} : (tensor<1x1x4x4xf32>, tensor<2xi64>) -> tensor<1x1x7x7xf32>
  return %0 : tensor<1x1x7x7xf32>
}

// -----

func.func @cubic(%x0: tensor<1x1x4x4xf32>) -> tensor<1x1x8x4xf32> {
  %c1 = arith.constant dense<[1.0, 1.0, 2.0, 1.0]> : tensor<4xf32>
  // expected-error@+1 {{mode 'cubic' is not supported; use nearest or linear}}
  %0 = onnx.node "Resize"(%x0, %c1) {opset = 17 : i64, node_attributes = {mode = "cubic"}, operand_slots = array<i32: 0, 2>} : (tensor<1x1x4x4xf32>, tensor<4xf32>) -> tensor<1x1x8x4xf32>
  return %0 : tensor<1x1x8x4xf32>
}

// -----

func.func @crop(%x0: tensor<1x1x4x4xf32>) -> tensor<1x1x8x4xf32> {
  %c1 = arith.constant dense<[1.0, 1.0, 2.0, 1.0]> : tensor<4xf32>
  // expected-error@+1 {{coordinate_transformation_mode 'tf_crop_and_resize' is not supported}}
  %0 = onnx.node "Resize"(%x0, %c1) {opset = 17 : i64, node_attributes = {coordinate_transformation_mode = "tf_crop_and_resize"}, operand_slots = array<i32: 0, 2>} : (tensor<1x1x4x4xf32>, tensor<4xf32>) -> tensor<1x1x8x4xf32>
  return %0 : tensor<1x1x8x4xf32>
}
