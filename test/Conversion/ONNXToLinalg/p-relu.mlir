// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: @per_channel
// CHECK: tensor.collapse_shape %{{.*}} : tensor<8x1x1xf32> into tensor<8xf32>
// CHECK: arith.mulf
// CHECK: arith.cmpf oge
// CHECK: arith.select
func.func @per_channel(%x0: tensor<1x8x5x5xf32>, %x1: tensor<8x1x1xf32>) -> tensor<1x8x5x5xf32> {
  %0 = onnx.node "PRelu"(%x0, %x1) {opset = 17 : i64} : (tensor<1x8x5x5xf32>, tensor<8x1x1xf32>) -> tensor<1x8x5x5xf32>
  return %0 : tensor<1x8x5x5xf32>
}

// -----

func.func @slope_too_large(%x0: tensor<3xf32>, %x1: tensor<2x3xf32>) -> tensor<3xf32> {
  // expected-error@+1 {{the slope of shape [2, 3] does not broadcast to the input's shape [3]}}
  %0 = onnx.node "PRelu"(%x0, %x1) {opset = 17 : i64} : (tensor<3xf32>, tensor<2x3xf32>) -> tensor<3xf32>
  return %0 : tensor<3xf32>
}
