// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// Scale 2 / sqrt(3 + 1) = 1 and 6 / sqrt(3 + 1) = 3; the pruned weight stays zero, the mask as it is.
// CHECK-LABEL: @folded
// CHECK-DAG: %[[W:.*]] = arith.constant {onnx.mask = dense<true> : tensor<2x1x2xi1>} dense<{{\[\[\[}}1.000000e+00, 0.000000e+00]], {{\[\[}}6.000000e+00, 9.000000e+00]]]> : tensor<2x1x2xf32>
// CHECK-DAG: %[[B:.*]] = arith.constant dense<[1.300000e+01, 2.600000e+01]> : tensor<2xf32>
// CHECK-DAG: %[[C:.*]] = linalg.conv_1d_ncw_fcw {{.*}} ins(%{{.*}}, %[[W]]
// CHECK: %[[R:.*]] = linalg.generic {{.*}} ins(%[[C]], %[[B]]
// CHECK-NOT: linalg.conv
// CHECK: return %[[R]]
func.func @folded(%x: tensor<1x1x5xf32>) -> tensor<1x2x4xf32> {
  %w = arith.constant {onnx.mask = dense<true> : tensor<2x1x2xi1>} dense<[[[1.0, 0.0]], [[2.0, 3.0]]]> : tensor<2x1x2xf32>
  %bias = arith.constant dense<[4.0, 5.0]> : tensor<2xf32>
  %scale = arith.constant dense<[2.0, 6.0]> : tensor<2xf32>
  %shift = arith.constant dense<[10.0, 14.0]> : tensor<2xf32>
  %mean = arith.constant dense<1.0> : tensor<2xf32>
  %var = arith.constant dense<3.0> : tensor<2xf32>
  %0 = onnx.node "Conv"(%x, %w, %bias) {opset = 17 : i64} : (tensor<1x1x5xf32>, tensor<2x1x2xf32>, tensor<2xf32>) -> tensor<1x2x4xf32>
  %1 = onnx.node "BatchNormalization"(%0, %scale, %shift, %mean, %var) {opset = 17 : i64, node_attributes = {epsilon = 1.0 : f32}}
    : (tensor<1x2x4xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x4xf32>
  return %1 : tensor<1x2x4xf32>
}

// -----

// A product with another reader keeps its own value.
// CHECK-LABEL: @two_readers
// CHECK: linalg.matmul
// CHECK: arith.mulf
// CHECK-NEXT: arith.addf
func.func @two_readers(%x: tensor<3x2xf32>, %p: tensor<2xf32>) -> (tensor<3x2xf32>, tensor<3x2xf32>) {
  %w = arith.constant dense<1.0> : tensor<2x2xf32>
  %c = arith.constant dense<1.0> : tensor<2xf32>
  %0 = onnx.node "MatMul"(%x, %w) {opset = 17 : i64} : (tensor<3x2xf32>, tensor<2x2xf32>) -> tensor<3x2xf32>
  %1 = onnx.node "BatchNormalization"(%0, %c, %c, %c, %c) {opset = 17 : i64}
    : (tensor<3x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<3x2xf32>
  return %0, %1 : tensor<3x2xf32>, tensor<3x2xf32>
}

// -----

func.func @training(%x: tensor<1x2x4xf32>, %p: tensor<2xf32>) -> tensor<1x2x4xf32> {
  // expected-error@+1 {{it is in training mode; export the model for inference}}
  %0 = onnx.node "BatchNormalization"(%x, %p, %p, %p, %p) {opset = 17 : i64, node_attributes = {training_mode = 1 : i64}}
    : (tensor<1x2x4xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x4xf32>
  return %0 : tensor<1x2x4xf32>
}

// -----

func.func @statistics(%x: tensor<1x2x4xf32>, %p: tensor<2xf32>) -> tensor<2xf32> {
  // expected-error@+1 {{output 1 (statistics of the batch) exists in training only}}
  %0:2 = onnx.node "BatchNormalization"(%x, %p, %p, %p, %p) {opset = 9 : i64}
    : (tensor<1x2x4xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> (tensor<1x2x4xf32>, tensor<2xf32>)
  return %0#1 : tensor<2xf32>
}

// -----

// CHECK-LABEL: @unused_statistics
// CHECK: arith.mulf
func.func @unused_statistics(%x: tensor<1x2x4xf32>, %p: tensor<2xf32>) -> tensor<1x2x4xf32> {
  %0:2 = onnx.node "BatchNormalization"(%x, %p, %p, %p, %p) {opset = 9 : i64}
    : (tensor<1x2x4xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> (tensor<1x2x4xf32>, tensor<2xf32>)
  return %0#0 : tensor<1x2x4xf32>
}

// -----

func.func @channels(%x: tensor<1x3x4xf32>, %p: tensor<2xf32>) -> tensor<1x3x4xf32> {
  // expected-error@+1 {{input 1 (scale) must be a vector of 3 elements, one per channel}}
  %0 = onnx.node "BatchNormalization"(%x, %p, %p, %p, %p) {opset = 17 : i64}
    : (tensor<1x3x4xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x3x4xf32>
  return %0 : tensor<1x3x4xf32>
}

// -----

func.func @old(%x: tensor<1x2x4xf32>, %p: tensor<2xf32>) -> tensor<1x2x4xf32> {
  // expected-error@+1 {{this version of the operator is not supported (the oldest supported opset is 7); convert the model with onnx.version_converter}}
  %0 = onnx.node "BatchNormalization"(%x, %p, %p, %p, %p) {opset = 6 : i64}
    : (tensor<1x2x4xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x4xf32>
  return %0 : tensor<1x2x4xf32>
}
