// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: @planes
// CHECK: iterator_types = ["parallel", "parallel", "reduction", "reduction"]
// CHECK: math.sqrt
func.func @planes(%x: tensor<2x3x5x7xf32>, %s: tensor<3xf32>) -> tensor<2x3x5x7xf32> {
  %0 = onnx.node "InstanceNormalization"(%x, %s, %s) {opset = 17 : i64}
    : (tensor<2x3x5x7xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<2x3x5x7xf32>
  return %0 : tensor<2x3x5x7xf32>
}

// -----

func.func @channels(%x: tensor<2x3x5x7xf32>, %s: tensor<5xf32>) -> tensor<2x3x5x7xf32> {
  // expected-error@+1 {{input 1 must be a vector of 3 elements of the input's type}}
  %0 = onnx.node "InstanceNormalization"(%x, %s, %s) {opset = 17 : i64}
    : (tensor<2x3x5x7xf32>, tensor<5xf32>, tensor<5xf32>) -> tensor<2x3x5x7xf32>
  return %0 : tensor<2x3x5x7xf32>
}
