// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: @floats
// CHECK: linalg.generic {indexing_maps = [#[[ID:.*]], #[[ID]]], iterator_types = ["parallel", "parallel"]}
// CHECK: math.floor
func.func @floats(%x0: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %0 = onnx.node "Floor"(%x0) {opset = 17 : i64} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----

func.func @integers(%x0: tensor<2x3xi32>) -> tensor<2x3xi32> {
  // expected-error@+1 {{input 0 has element type i32, but it must be a float type (f16, bf16, f32, f64); insert a Cast}}
  %0 = onnx.node "Floor"(%x0) {opset = 17 : i64} : (tensor<2x3xi32>) -> tensor<2x3xi32>
  return %0 : tensor<2x3xi32>
}

// -----

// CHECK-LABEL: @folds
// CHECK: arith.constant dense<[1.000000e+00, -2.000000e+00]>
// CHECK-NOT: linalg.generic
func.func @folds() -> tensor<2xf32> {
  %c0 = arith.constant dense<[1.5, -1.5]> : tensor<2xf32>
  %0 = onnx.node "Floor"(%c0) {opset = 17 : i64} : (tensor<2xf32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}
