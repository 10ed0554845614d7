// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: @repeats
// CHECK: tensor.empty() : tensor<2x2x3xf32>
// CHECK: linalg.generic
// CHECK: tensor.collapse_shape %{{.*}} {{\[}}[0], [1, 2]]
func.func @repeats(%x0: tensor<2x3xf32>) -> tensor<2x6xf32> {
  %c1 = arith.constant dense<[1, 2]> : tensor<2xi64>
  %0 = onnx.node "Tile"(%x0, %c1) {opset = 17 : i64} : (tensor<2x3xf32>, tensor<2xi64>) -> tensor<2x6xf32>
  return %0 : tensor<2x6xf32>
}

// -----

func.func @wrong_count(%x0: tensor<2x3xf32>) -> tensor<2x6xf32> {
  %c1 = arith.constant dense<[2]> : tensor<1xi64>
  // expected-error@+1 {{repeats [2] must hold one count for each of the 2 dimensions}}
  %0 = onnx.node "Tile"(%x0, %c1) {opset = 17 : i64} : (tensor<2x3xf32>, tensor<1xi64>) -> tensor<2x6xf32>
  return %0 : tensor<2x6xf32>
}
