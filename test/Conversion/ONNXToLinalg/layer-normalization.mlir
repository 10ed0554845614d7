// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: @statistics
// CHECK: iterator_types = ["parallel", "reduction", "reduction"]
// CHECK: math.sqrt
// CHECK: return %{{.*}}, %{{.*}}, %{{.*}} : tensor<2x3x5xf32>, tensor<2x1x1xf32>, tensor<2x1x1xf32>
func.func @statistics(%x: tensor<2x3x5xf32>, %s: tensor<3x5xf32>)
    -> (tensor<2x3x5xf32>, tensor<2x1x1xf32>, tensor<2x1x1xf32>) {
  %0:3 = onnx.node "LayerNormalization"(%x, %s, %s) {opset = 17 : i64, node_attributes = {axis = 1 : i64}}
    : (tensor<2x3x5xf32>, tensor<3x5xf32>, tensor<3x5xf32>) -> (tensor<2x3x5xf32>, tensor<2x1x1xf32>, tensor<2x1x1xf32>)
  return %0#0, %0#1, %0#2 : tensor<2x3x5xf32>, tensor<2x1x1xf32>, tensor<2x1x1xf32>
}

// -----

func.func @scale(%x: tensor<2x5xf32>, %s: tensor<4xf32>) -> tensor<2x5xf32> {
  // expected-error@+1 {{input 1 (Scale) does not broadcast to X}}
  %0 = onnx.node "LayerNormalization"(%x, %s) {opset = 17 : i64} : (tensor<2x5xf32>, tensor<4xf32>) -> tensor<2x5xf32>
  return %0 : tensor<2x5xf32>
}

// -----

func.func @old(%x: tensor<2x5xf32>, %s: tensor<5xf32>) -> tensor<2x5xf32> {
  // expected-error@+1 {{the oldest supported opset is 17}}
  %0 = onnx.node "LayerNormalization"(%x, %s) {opset = 16 : i64} : (tensor<2x5xf32>, tensor<5xf32>) -> tensor<2x5xf32>
  return %0 : tensor<2x5xf32>
}
