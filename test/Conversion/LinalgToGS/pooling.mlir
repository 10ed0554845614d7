// Windows of f32 become gs.pool, their padding its pads; what is no pool stays.
//
// RUN: gs-opt %s --linalg-to-gs --split-input-file | FileCheck %s

// CHECK-LABEL: @max
// CHECK-SAME: (%[[X:.*]]: tensor<1x3x9x20xf32>)
// CHECK-NOT: tensor.pad
// CHECK: gs.pool max %[[X]] outs(%{{.*}} : tensor<1x3x5x10xf32>)
// CHECK-SAME: {dilations = array<i64: 1, 1>, kernel = array<i64: 3, 3>, pads = array<i64: 1, 1>, strides = array<i64: 2, 2>}
func.func @max(%x: tensor<1x3x9x20xf32>) -> tensor<1x3x5x10xf32> {
  %inf = arith.constant 0xFF800000 : f32
  %p = tensor.pad %x low[0, 0, 1, 1] high[0, 0, 1, 0] {
  ^bb0(%a: index, %b: index, %c: index, %d: index):
    tensor.yield %inf : f32
  } : tensor<1x3x9x20xf32> to tensor<1x3x11x21xf32>
  %w = tensor.empty() : tensor<3x3xf32>
  %e = tensor.empty() : tensor<1x3x5x10xf32>
  %f = linalg.fill ins(%inf : f32) outs(%e : tensor<1x3x5x10xf32>) -> tensor<1x3x5x10xf32>
  %y = linalg.pooling_nchw_max {strides = dense<2> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>}
         ins(%p, %w : tensor<1x3x11x21xf32>, tensor<3x3xf32>) outs(%f : tensor<1x3x5x10xf32>) -> tensor<1x3x5x10xf32>
  return %y : tensor<1x3x5x10xf32>
}

// -----

// CHECK-LABEL: @sum
// CHECK: gs.pool sum %{{.*}} {dilations = array<i64: 2>, kernel = array<i64: 3>, pads = array<i64: 0>, strides = array<i64: 1>}
func.func @sum(%x: tensor<2x3x20xf32>) -> tensor<2x3x16xf32> {
  %zero = arith.constant 0.0 : f32
  %w = tensor.empty() : tensor<3xf32>
  %e = tensor.empty() : tensor<2x3x16xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<2x3x16xf32>) -> tensor<2x3x16xf32>
  %y = linalg.pooling_ncw_sum {strides = dense<1> : tensor<1xi64>, dilations = dense<2> : tensor<1xi64>}
         ins(%x, %w : tensor<2x3x20xf32>, tensor<3xf32>) outs(%f : tensor<2x3x16xf32>) -> tensor<2x3x16xf32>
  return %y : tensor<2x3x16xf32>
}

// -----

// A sum that does not start from zero.
// CHECK-LABEL: @started
// CHECK-NOT: gs.pool
// CHECK: linalg.pooling_ncw_sum
func.func @started(%x: tensor<2x3x20xf32>, %f: tensor<2x3x18xf32>) -> tensor<2x3x18xf32> {
  %w = tensor.empty() : tensor<3xf32>
  %y = linalg.pooling_ncw_sum {strides = dense<1> : tensor<1xi64>, dilations = dense<1> : tensor<1xi64>}
         ins(%x, %w : tensor<2x3x20xf32>, tensor<3xf32>) outs(%f : tensor<2x3x18xf32>) -> tensor<2x3x18xf32>
  return %y : tensor<2x3x18xf32>
}

// -----

// CHECK-LABEL: @double
// CHECK-NOT: gs.pool
// CHECK: linalg.pooling_ncw_sum
func.func @double(%x: tensor<2x3x20xf64>) -> tensor<2x3x18xf64> {
  %zero = arith.constant 0.0 : f64
  %w = tensor.empty() : tensor<3xf64>
  %e = tensor.empty() : tensor<2x3x18xf64>
  %f = linalg.fill ins(%zero : f64) outs(%e : tensor<2x3x18xf64>) -> tensor<2x3x18xf64>
  %y = linalg.pooling_ncw_sum {strides = dense<1> : tensor<1xi64>, dilations = dense<1> : tensor<1xi64>}
         ins(%x, %w : tensor<2x3x20xf64>, tensor<3xf64>) outs(%f : tensor<2x3x18xf64>) -> tensor<2x3x18xf64>
  return %y : tensor<2x3x18xf64>
}
