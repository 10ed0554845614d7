// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// One channel before and two behind.
// CHECK-LABEL: @even
// CHECK: tensor.pad %{{.*}} low[0, 0, 1, 0] high[0, 0, 2, 0]
// CHECK: iterator_types = ["parallel", "parallel", "reduction", "parallel"]
// CHECK: math.powf
func.func @even(%x: tensor<2x7x5xf32>) -> tensor<2x7x5xf32> {
  %0 = onnx.node "LRN"(%x) {opset = 17 : i64, node_attributes = {size = 4 : i64}} : (tensor<2x7x5xf32>) -> tensor<2x7x5xf32>
  return %0 : tensor<2x7x5xf32>
}

// -----

func.func @size(%x: tensor<2x7x5xf32>) -> tensor<2x7x5xf32> {
  // expected-error@+1 {{attribute 'size' is 0, but it must be a positive number of channels}}
  %0 = onnx.node "LRN"(%x) {opset = 17 : i64} : (tensor<2x7x5xf32>) -> tensor<2x7x5xf32>
  return %0 : tensor<2x7x5xf32>
}
