// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: @per_channel
// CHECK: %[[C:.*]] = arith.constant dense<[1.000000e+00, {{.*}}]> : tensor<8xf32>
// CHECK: linalg.generic {indexing_maps = [#[[ID:.*]], #{{.*}}, #[[ID]]]{{.*}}ins(%{{.*}}, %[[C]] : tensor<1x8x5x5xf32>, tensor<8xf32>)
// CHECK: arith.subf %{{.*}}, %{{.*}} : f32
func.func @per_channel(%x0: tensor<1x8x5x5xf32>) -> tensor<1x8x5x5xf32> {
  %c1 = arith.constant dense<[[[1.0]],[[2.0]],[[3.0]],[[4.0]],[[5.0]],[[6.0]],[[7.0]],[[8.0]]]> : tensor<8x1x1xf32>
  %0 = onnx.node "Sub"(%x0, %c1) {opset = 17 : i64} : (tensor<1x8x5x5xf32>, tensor<8x1x1xf32>) -> tensor<1x8x5x5xf32>
  return %0 : tensor<1x8x5x5xf32>
}

// -----

// CHECK-LABEL: @integers
// CHECK: arith.subi %{{.*}}, %{{.*}} : i32
func.func @integers(%x0: tensor<2x3xi32>, %x1: tensor<3xi32>) -> tensor<2x3xi32> {
  %0 = onnx.node "Sub"(%x0, %x1) {opset = 17 : i64} : (tensor<2x3xi32>, tensor<3xi32>) -> tensor<2x3xi32>
  return %0 : tensor<2x3xi32>
}

// -----

// CHECK-LABEL: @folds
// CHECK: arith.constant dense<[4, 2]> : tensor<2xi64>
// CHECK-NOT: linalg.generic
func.func @folds() -> tensor<2xi64> {
  %c0 = arith.constant dense<[6, 4]> : tensor<2xi64>
  %c1 = arith.constant dense<2> : tensor<1xi64>
  %0 = onnx.node "Sub"(%c0, %c1) {opset = 17 : i64} : (tensor<2xi64>, tensor<1xi64>) -> tensor<2xi64>
  return %0 : tensor<2xi64>
}
