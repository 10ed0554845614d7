// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: @mean
// A window as large as the plane, which becomes gs.pool.
// CHECK: linalg.generic {{.*}} iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction", "parallel"]
// CHECK-SAME: tensor<2x3x5x7xf32>, tensor<5x7xf32>
// CHECK: arith.addf
// CHECK: linalg.generic {{.*}} iterator_types = ["parallel", "parallel", "parallel", "parallel"]
// CHECK: arith.constant 0.0285714287 : f32
// CHECK: arith.mulf
// CHECK: return %{{.*}} : tensor<2x3x1x1xf32>
func.func @mean(%x: tensor<2x3x5x7xf32>) -> tensor<2x3x1x1xf32> {
  %0 = onnx.node "GlobalAveragePool"(%x) {opset = 17 : i64} : (tensor<2x3x5x7xf32>) -> tensor<2x3x1x1xf32>
  return %0 : tensor<2x3x1x1xf32>
}

// -----

func.func @rank(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  // expected-error@+1 {{its input has rank 2, expected a batch, a channel and spatial dimensions}}
  %0 = onnx.node "GlobalAveragePool"(%x) {opset = 17 : i64} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}
