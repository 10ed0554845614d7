// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: @by_input
// CHECK: iterator_types = ["parallel", "parallel", "reduction", "reduction"]
// CHECK: arith.addf %{{.*}} fastmath<reassoc,contract>
// CHECK: tensor.expand_shape %{{.*}} into tensor<2x3x1x1xf32>
func.func @by_input(%x0: tensor<2x3x5x7xf32>) -> tensor<2x3x1x1xf32> {
  %c1 = arith.constant dense<[2, -1]> : tensor<2xi64>
  %0 = onnx.node "ReduceSum"(%x0, %c1) {opset = 18 : i64} : (tensor<2x3x5x7xf32>, tensor<2xi64>) -> tensor<2x3x1x1xf32>
  return %0 : tensor<2x3x1x1xf32>
}

// -----

// CHECK-LABEL: @by_attribute
// CHECK: iterator_types = ["parallel", "reduction", "parallel"]
// CHECK-NOT: fastmath
// CHECK-NOT: tensor.expand_shape
// CHECK: return
func.func @by_attribute(%x0: tensor<2x3x5xf32>) -> tensor<2x5xf32> {
  %0 = onnx.node "ReduceSum"(%x0) {opset = 11 : i64, node_attributes = {axes = array<i64: 1>, keepdims = 0 : i64}} : (tensor<2x3x5xf32>) -> tensor<2x5xf32>
  return %0 : tensor<2x5xf32>
}

// -----

// CHECK-LABEL: @half_precision_is_reduced_in_f32
// CHECK: arith.extf %{{.*}} : f16 to f32
// CHECK: arith.addf %{{.*}} : f32
// CHECK: arith.truncf %{{.*}} : f32 to f16
func.func @half_precision_is_reduced_in_f32(%x0: tensor<2x3xf16>) -> tensor<2x1xf16> {
  %c1 = arith.constant dense<1> : tensor<1xi64>
  %0 = onnx.node "ReduceSum"(%x0, %c1) {opset = 17 : i64} : (tensor<2x3xf16>, tensor<1xi64>) -> tensor<2x1xf16>
  return %0 : tensor<2x1xf16>
}

// -----

func.func @outside(%x0: tensor<2x3xf32>) -> tensor<2x1xf32> {
  %c1 = arith.constant dense<2> : tensor<1xi64>
  // expected-error@+1 {{axis 2 is outside the range [-2, 2) of a tensor of rank 2}}
  %0 = onnx.node "ReduceSum"(%x0, %c1) {opset = 17 : i64} : (tensor<2x3xf32>, tensor<1xi64>) -> tensor<2x1xf32>
  return %0 : tensor<2x1xf32>
}
