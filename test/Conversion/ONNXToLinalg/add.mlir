// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: @per_channel
// CHECK: %[[C:.*]] = arith.constant dense<[1.000000e+00, {{.*}}]> : tensor<8xf32>
// CHECK: linalg.generic {indexing_maps = [#[[ID:.*]], #{{.*}}, #[[ID]]]{{.*}}ins(%{{.*}}, %[[C]] : tensor<1x8x5x5xf32>, tensor<8xf32>)
// CHECK: arith.addf %{{.*}}, %{{.*}} : f32
func.func @per_channel(%x0: tensor<1x8x5x5xf32>) -> tensor<1x8x5x5xf32> {
  %c1 = arith.constant dense<[[[1.0]],[[2.0]],[[3.0]],[[4.0]],[[5.0]],[[6.0]],[[7.0]],[[8.0]]]> : tensor<8x1x1xf32>
  %0 = onnx.node "Add"(%x0, %c1) {opset = 17 : i64} : (tensor<1x8x5x5xf32>, tensor<8x1x1xf32>) -> tensor<1x8x5x5xf32>
  return %0 : tensor<1x8x5x5xf32>
}

// -----

// CHECK-LABEL: @integers
// CHECK: arith.addi %{{.*}}, %{{.*}} : i32
func.func @integers(%x0: tensor<2x3xi32>, %x1: tensor<3xi32>) -> tensor<2x3xi32> {
  %0 = onnx.node "Add"(%x0, %x1) {opset = 17 : i64} : (tensor<2x3xi32>, tensor<3xi32>) -> tensor<2x3xi32>
  return %0 : tensor<2x3xi32>
}

// -----

// CHECK-LABEL: @folds
// CHECK: arith.constant dense<[8, 6]> : tensor<2xi64>
// CHECK-NOT: linalg.generic
func.func @folds() -> tensor<2xi64> {
  %c0 = arith.constant dense<[6, 4]> : tensor<2xi64>
  %c1 = arith.constant dense<2> : tensor<1xi64>
  %0 = onnx.node "Add"(%c0, %c1) {opset = 17 : i64} : (tensor<2xi64>, tensor<1xi64>) -> tensor<2xi64>
  return %0 : tensor<2xi64>
}

// -----

// CHECK-LABEL: @splat_in_the_body
// CHECK: linalg.generic {{.*}} ins(%{{[^,]*}} : tensor<2x3xf32>)
// CHECK: arith.constant 5.000000e-01 : f32
func.func @splat_in_the_body(%x0: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %c1 = arith.constant dense<0.5> : tensor<1x3xf32>
  %0 = onnx.node "Add"(%x0, %c1) {opset = 17 : i64} : (tensor<2x3xf32>, tensor<1x3xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----

func.func @mismatch(%x0: tensor<2x3xf32>, %x1: tensor<4xf32>) -> tensor<2x3xf32> {
  // expected-error@+1 {{its inputs have shapes [2, 3], [4], which do not broadcast}}
  %0 = onnx.node "Add"(%x0, %x1) {opset = 17 : i64} : (tensor<2x3xf32>, tensor<4xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----

func.func @types(%x0: tensor<2x3xf32>, %x1: tensor<3xi32>) -> tensor<2x3xf32> {
  // expected-error@+1 {{inputs 0 and 1 have different element types; insert a Cast}}
  %0 = onnx.node "Add"(%x0, %x1) {opset = 17 : i64} : (tensor<2x3xf32>, tensor<3xi32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----

func.func @arity(%x0: tensor<2x3xf32>) -> tensor<2x3xf32> {
  // expected-error@+1 {{it has 1 inputs, but needs 2}}
  %0 = onnx.node "Add"(%x0) {opset = 17 : i64} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----

func.func @bools(%x0: tensor<3xi1>, %x1: tensor<3xi1>) -> tensor<3xi1> {
  // expected-error@+1 {{input 0 has element type i1, but it must be a float or integer type; insert a Cast}}
  %0 = onnx.node "Add"(%x0, %x1) {opset = 17 : i64} : (tensor<3xi1>, tensor<3xi1>) -> tensor<3xi1>
  return %0 : tensor<3xi1>
}
