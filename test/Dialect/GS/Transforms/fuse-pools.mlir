// RUN: gs-opt %s --gs-fuse-pools --split-input-file | FileCheck %s

// Tiles of 4 x 4 outputs hold whole windows of 2 x 2: the convolution moves to its pool, behind what stood between.
// CHECK-LABEL: func.func @stored
// CHECK: arith.negf
// CHECK-NEXT: gs.conv {{.*}} gs.pool_note = "max pool of 2x2 in the store: 0.0082 MB between them are neither written nor read", gs.pooled
// CHECK-NEXT: gs.pool max
func.func @stored(%x: tensor<1x8x16x16xf32>, %s: f32) -> (tensor<1x8x8x8xf32>, f32) {
  %w = arith.constant dense<1.0> : tensor<8x8x3x3xf32>
  %e = tensor.empty() : tensor<1x8x16x16xf32>
  %f = tensor.empty() : tensor<1x8x8x8xf32>
  %a = gs.conv %w, %x outs(%e : tensor<1x8x16x16xf32>) strategy = <"winograd", {mr = 4, nr = 3, tile = 4}> {strides = array<i64: 1, 1>,
       dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, groups = 1 : i64} : tensor<8x8x3x3xf32>, tensor<1x8x16x16xf32> -> tensor<1x8x16x16xf32>
  %n = arith.negf %s : f32
  %y = gs.pool max %a outs(%f : tensor<1x8x8x8xf32>) {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>,
       dilations = array<i64: 1, 1>, pads = array<i64: 0, 0>} : tensor<1x8x16x16xf32> -> tensor<1x8x8x8xf32>
  return %y, %n : tensor<1x8x8x8xf32>, f32
}

// -----

// Tiles of 2 x 2 hold no windows of 4 x 4.
// CHECK-LABEL: func.func @small
// CHECK: gs.conv {{.*}} gs.pool_note = "the pool behind it runs apart: no vectors of strategy 'winograd' with these parameters hold whole windows"
// CHECK-NOT: gs.pooled
func.func @small(%x: tensor<1x8x16x16xf32>) -> tensor<1x8x4x4xf32> {
  %w = arith.constant dense<1.0> : tensor<8x8x3x3xf32>
  %e = tensor.empty() : tensor<1x8x16x16xf32>
  %f = tensor.empty() : tensor<1x8x4x4xf32>
  %a = gs.conv %w, %x outs(%e : tensor<1x8x16x16xf32>) strategy = <"winograd", {mr = 4, nr = 3, tile = 2}> {strides = array<i64: 1, 1>,
       dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, groups = 1 : i64} : tensor<8x8x3x3xf32>, tensor<1x8x16x16xf32> -> tensor<1x8x16x16xf32>
  %y = gs.pool sum %a outs(%f : tensor<1x8x4x4xf32>) {kernel = array<i64: 4, 4>, strides = array<i64: 4, 4>,
       dilations = array<i64: 1, 1>, pads = array<i64: 0, 0>} : tensor<1x8x16x16xf32> -> tensor<1x8x4x4xf32>
  return %y : tensor<1x8x4x4xf32>
}

// -----

// Other strategies store vectors of pixels.
// CHECK-LABEL: func.func @tiles
// CHECK: gs.conv {{.*}} gs.pool_note = "the pool behind it runs apart: no vectors of strategy 'dense-tile' with these parameters hold whole windows"
// CHECK-NOT: gs.pooled
func.func @tiles(%x: tensor<1x8x16x16xf32>) -> tensor<1x8x8x8xf32> {
  %w = arith.constant dense<1.0> : tensor<8x8x1x1xf32>
  %e = tensor.empty() : tensor<1x8x16x16xf32>
  %f = tensor.empty() : tensor<1x8x8x8xf32>
  %a = gs.conv %w, %x outs(%e : tensor<1x8x16x16xf32>) strategy = <"dense-tile", {mr = 4, nr = 3}> {strides = array<i64: 1, 1>,
       dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, groups = 1 : i64} : tensor<8x8x1x1xf32>, tensor<1x8x16x16xf32> -> tensor<1x8x16x16xf32>
  %y = gs.pool max %a outs(%f : tensor<1x8x8x8xf32>) {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>,
       dilations = array<i64: 1, 1>, pads = array<i64: 0, 0>} : tensor<1x8x16x16xf32> -> tensor<1x8x8x8xf32>
  return %y : tensor<1x8x8x8xf32>
}
