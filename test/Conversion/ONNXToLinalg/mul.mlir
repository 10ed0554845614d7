// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: @per_channel
// CHECK: %[[C:.*]] = arith.constant dense<[1.000000e+00, {{.*}}]> : tensor<8xf32>
// CHECK: linalg.generic {indexing_maps = [#[[ID:.*]], #{{.*}}, #[[ID]]]{{.*}}ins(%{{.*}}, %[[C]] : tensor<1x8x5x5xf32>, tensor<8xf32>)
// CHECK: arith.mulf %{{.*}}, %{{.*}} : f32
func.func @per_channel(%x0: tensor<1x8x5x5xf32>) -> tensor<1x8x5x5xf32> {
  %c1 = arith.constant dense<[[[1.0]],[[2.0]],[[3.0]],[[4.0]],[[5.0]],[[6.0]],[[7.0]],[[8.0]]]> : tensor<8x1x1xf32>
  %0 = onnx.node "Mul"(%x0, %c1) {opset = 17 : i64} : (tensor<1x8x5x5xf32>, tensor<8x1x1xf32>) -> tensor<1x8x5x5xf32>
  return %0 : tensor<1x8x5x5xf32>
}

// -----

// CHECK-LABEL: @integers
// CHECK: arith.muli %{{.*}}, %{{.*}} : i32
func.func @integers(%x0: tensor<2x3xi32>, %x1: tensor<3xi32>) -> tensor<2x3xi32> {
  %0 = onnx.node "Mul"(%x0, %x1) {opset = 17 : i64} : (tensor<2x3xi32>, tensor<3xi32>) -> tensor<2x3xi32>
  return %0 : tensor<2x3xi32>
}

// -----

// CHECK-LABEL: @folds
// CHECK: arith.constant dense<[12, 8]> : tensor<2xi64>
// CHECK-NOT: linalg.generic
func.func @folds() -> tensor<2xi64> {
  %c0 = arith.constant dense<[6, 4]> : tensor<2xi64>
  %c1 = arith.constant dense<2> : tensor<1xi64>
  %0 = onnx.node "Mul"(%c0, %c1) {opset = 17 : i64} : (tensor<2xi64>, tensor<1xi64>) -> tensor<2xi64>
  return %0 : tensor<2xi64>
}

// -----

// As exporters leave weight * mask of pruned layers in the graph.
// CHECK-LABEL: @large_constants_fold
// CHECK: arith.constant dense_resource<{{.*}}> : tensor<70000xf32>
// CHECK-NOT: linalg.generic
func.func @large_constants_fold() -> tensor<70000xf32> {
  %c0 = arith.constant dense<0.0> : tensor<f32>
  %c1 = arith.constant dense<70000.0> : tensor<f32>
  %c2 = arith.constant dense<1.0> : tensor<f32>
  %c3 = arith.constant dense<0.5> : tensor<70000xf32>
  %0 = onnx.node "Range"(%c0, %c1, %c2) {opset = 17 : i64} : (tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<70000xf32>
  %1 = onnx.node "Mul"(%0, %c3) {opset = 17 : i64} : (tensor<70000xf32>, tensor<70000xf32>) -> tensor<70000xf32>
  return %1 : tensor<70000xf32>
}
