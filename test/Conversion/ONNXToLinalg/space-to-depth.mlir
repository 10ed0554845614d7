// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: @blocks
// CHECK: tensor.expand_shape
// CHECK: linalg.transpose {{.*}} permutation = [0, 3, 5, 1, 2, 4]
// CHECK: tensor.collapse_shape
func.func @blocks(%x0: tensor<1x2x4x6xf32>) -> tensor<1x8x2x3xf32> {
  %0 = onnx.node "SpaceToDepth"(%x0) {opset = 17 : i64, node_attributes = {blocksize = 2 : i64}} : (tensor<1x2x4x6xf32>) -> tensor<1x8x2x3xf32>
  return %0 : tensor<1x8x2x3xf32>
}

// -----

// CHECK-LABEL: @crd
// CHECK: permutation = [0, 1, 3, 5, 2, 4]
func.func @crd(%x0: tensor<1x2x4x6xf32>) -> tensor<1x8x2x3xf32> {
  %0 = onnx.node "SpaceToDepth"(%x0) {opset = 17 : i64, node_attributes = {blocksize = 2 : i64, mode = "CRD"}} : (tensor<1x2x4x6xf32>) -> tensor<1x8x2x3xf32>
  return %0 : tensor<1x8x2x3xf32>
}

// -----

func.func @sizes(%x0: tensor<1x2x5x6xf32>) -> tensor<1x8x2x3xf32> {
  // expected-error@+1 {{H and W multiples of blocksize}}
  %0 = onnx.node "SpaceToDepth"(%x0) {opset = 17 : i64, node_attributes = {blocksize = 2 : i64}} : (tensor<1x2x5x6xf32>) -> tensor<1x8x2x3xf32>
  return %0 : tensor<1x8x2x3xf32>
}
