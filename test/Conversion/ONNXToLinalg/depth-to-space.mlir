// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: @dcr
// CHECK: tensor.expand_shape %{{.*}} into tensor<1x2x2x2x2x3xf32>
// CHECK: linalg.transpose {{.*}} permutation = [0, 3, 4, 1, 5, 2]
// CHECK: tensor.collapse_shape %{{.*}} into tensor<1x2x4x6xf32>
func.func @dcr(%x0: tensor<1x8x2x3xf32>) -> tensor<1x2x4x6xf32> {
  %0 = onnx.node "DepthToSpace"(%x0) {opset = 17 : i64, node_attributes = {blocksize = 2 : i64}} : (tensor<1x8x2x3xf32>) -> tensor<1x2x4x6xf32>
  return %0 : tensor<1x2x4x6xf32>
}

// -----

// CHECK-LABEL: @crd
// CHECK: permutation = [0, 1, 4, 2, 5, 3]
func.func @crd(%x0: tensor<1x8x2x3xf32>) -> tensor<1x2x4x6xf32> {
  %0 = onnx.node "DepthToSpace"(%x0) {opset = 17 : i64, node_attributes = {blocksize = 2 : i64, mode = "CRD"}} : (tensor<1x8x2x3xf32>) -> tensor<1x2x4x6xf32>
  return %0 : tensor<1x2x4x6xf32>
}

// -----

func.func @channels(%x0: tensor<1x6x2x3xf32>) -> tensor<1x2x4x6xf32> {
  // expected-error@+1 {{it must be [N, C, H, W] with C a multiple of blocksize^2}}
  %0 = onnx.node "DepthToSpace"(%x0) {opset = 17 : i64, node_attributes = {blocksize = 2 : i64}} : (tensor<1x6x2x3xf32>) -> tensor<1x2x4x6xf32>
  return %0 : tensor<1x2x4x6xf32>
}
