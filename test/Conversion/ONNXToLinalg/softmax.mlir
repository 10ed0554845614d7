// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: @last
// CHECK: linalg.generic {{.*}} iterator_types = ["parallel", "parallel", "reduction"]
// CHECK: arith.maximumf
// CHECK: arith.subf
// CHECK: math.exp
// CHECK: linalg.generic {{.*}} iterator_types = ["parallel", "parallel", "reduction"]
// CHECK: arith.addf
// CHECK: arith.divf
// CHECK: arith.mulf
func.func @last(%x: tensor<2x3x5xf32>) -> tensor<2x3x5xf32> {
  %0 = onnx.node "Softmax"(%x) {opset = 13 : i64} : (tensor<2x3x5xf32>) -> tensor<2x3x5xf32>
  return %0 : tensor<2x3x5xf32>
}

// -----

// CHECK-LABEL: @middle
// CHECK: iterator_types = ["parallel", "reduction", "parallel"]
func.func @middle(%x: tensor<2x3x5xf32>) -> tensor<2x3x5xf32> {
  %0 = onnx.node "Softmax"(%x) {opset = 13 : i64, node_attributes = {axis = 1 : i64}} : (tensor<2x3x5xf32>) -> tensor<2x3x5xf32>
  return %0 : tensor<2x3x5xf32>
}

// -----

// Before opset 13 all dimensions from the axis on are normalised together.
// CHECK-LABEL: @flattened
// CHECK: iterator_types = ["parallel", "reduction", "reduction"]
func.func @flattened(%x: tensor<2x3x5xf32>) -> tensor<2x3x5xf32> {
  %0 = onnx.node "Softmax"(%x) {opset = 12 : i64} : (tensor<2x3x5xf32>) -> tensor<2x3x5xf32>
  return %0 : tensor<2x3x5xf32>
}

// -----

// CHECK-LABEL: @half
// CHECK: arith.extf %{{.*}} : f16 to f32
// CHECK: math.exp %{{.*}} : f32
// CHECK: arith.truncf %{{.*}} : f32 to f16
func.func @half(%x: tensor<2x3xf16>) -> tensor<2x3xf16> {
  %0 = onnx.node "Softmax"(%x) {opset = 13 : i64} : (tensor<2x3xf16>) -> tensor<2x3xf16>
  return %0 : tensor<2x3xf16>
}

// -----

func.func @axis(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  // expected-error@+1 {{axis 2 is outside a tensor of rank 2}}
  %0 = onnx.node "Softmax"(%x) {opset = 13 : i64, node_attributes = {axis = 2 : i64}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}
