// RUN: gs-opt %s --gs-assign-layout=target=zen4 --gs-compress-weights=target=zen4 --one-shot-bufferize="bufferize-function-boundaries" --gs-to-vector=target=zen4 --split-input-file --verify-diagnostics

// A `gs.pooled` by hand: what the pool and the convolution must be, and what may stand between them.
func.func @alone(%x: tensor<1x8x18x18xf32>, %e: tensor<1x8x16x16xf32>) -> tensor<1x8x16x16xf32> {
  %w = arith.constant dense<1.0> : tensor<8x8x3x3xf32>
  // expected-error @below {{has 'gs.pooled', but writes no buffer that a pool reads}}
  %a = gs.conv %w, %x outs(%e : tensor<1x8x16x16xf32>) strategy = <"winograd", {tile = 4}> {strides = array<i64: 1, 1>,
       dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, groups = 1 : i64, gs.pooled}
       : tensor<8x8x3x3xf32>, tensor<1x8x18x18xf32> -> tensor<1x8x16x16xf32>
  return %a : tensor<1x8x16x16xf32>
}

// -----

func.func @shared(%x: tensor<1x8x18x18xf32>, %f: tensor<1x8x8x8xf32>, %g: tensor<1x8x8x8xf32>) -> (tensor<1x8x8x8xf32>, tensor<1x8x8x8xf32>) {
  %w = arith.constant dense<1.0> : tensor<8x8x3x3xf32>
  %e = tensor.empty() : tensor<1x8x16x16xf32>
  %a = gs.conv %w, %x outs(%e : tensor<1x8x16x16xf32>) strategy = <"winograd", {tile = 4}> {strides = array<i64: 1, 1>,
       dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, groups = 1 : i64, gs.pooled}
       : tensor<8x8x3x3xf32>, tensor<1x8x18x18xf32> -> tensor<1x8x16x16xf32>
  %y = gs.pool max %a outs(%f : tensor<1x8x8x8xf32>) {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>,
       dilations = array<i64: 1, 1>, pads = array<i64: 0, 0>} : tensor<1x8x16x16xf32> -> tensor<1x8x8x8xf32>
  // expected-error @below {{uses what lies between a convolution and the pool in its store}}
  %z = gs.pool sum %a outs(%g : tensor<1x8x8x8xf32>) {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>,
       dilations = array<i64: 1, 1>, pads = array<i64: 0, 0>} : tensor<1x8x16x16xf32> -> tensor<1x8x8x8xf32>
  return %y, %z : tensor<1x8x8x8xf32>, tensor<1x8x8x8xf32>
}

// -----

func.func @windows(%x: tensor<1x8x18x18xf32>, %f: tensor<1x8x7x7xf32>) -> tensor<1x8x7x7xf32> {
  %w = arith.constant dense<1.0> : tensor<8x8x3x3xf32>
  %e = tensor.empty() : tensor<1x8x16x16xf32>
  // expected-error @below {{cannot compute the pool behind it: windows of the pool are not side by side}}
  %a = gs.conv %w, %x outs(%e : tensor<1x8x16x16xf32>) strategy = <"winograd", {tile = 4}> {strides = array<i64: 1, 1>,
       dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, groups = 1 : i64, gs.pooled}
       : tensor<8x8x3x3xf32>, tensor<1x8x18x18xf32> -> tensor<1x8x16x16xf32>
  %y = gs.pool max %a outs(%f : tensor<1x8x7x7xf32>) {kernel = array<i64: 3, 3>, strides = array<i64: 2, 2>,
       dilations = array<i64: 1, 1>, pads = array<i64: 0, 0>} : tensor<1x8x16x16xf32> -> tensor<1x8x7x7xf32>
  return %y : tensor<1x8x7x7xf32>
}

// -----

func.func @strategy(%x: tensor<1x8x16x16xf32>, %f: tensor<1x8x8x8xf32>) -> tensor<1x8x8x8xf32> {
  %w = arith.constant dense<1.0> : tensor<8x8x1x1xf32>
  %e = tensor.empty() : tensor<1x8x16x16xf32>
  // expected-error @below {{cannot compute the pool behind it: its strategy holds no whole windows of it}}
  %a = gs.conv %w, %x outs(%e : tensor<1x8x16x16xf32>) strategy = <"dense-tile", {mr = 4, nr = 2}> {strides = array<i64: 1, 1>,
       dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, groups = 1 : i64, gs.pooled}
       : tensor<8x8x1x1xf32>, tensor<1x8x16x16xf32> -> tensor<1x8x16x16xf32>
  %y = gs.pool max %a outs(%f : tensor<1x8x8x8xf32>) {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>,
       dilations = array<i64: 1, 1>, pads = array<i64: 0, 0>} : tensor<1x8x16x16xf32> -> tensor<1x8x8x8xf32>
  return %y : tensor<1x8x8x8xf32>
}

// -----

func.func @residual(%x: tensor<1x8x18x18xf32>, %r: tensor<1x8x16x16xf32>, %f: tensor<1x8x8x8xf32>) -> tensor<1x8x8x8xf32> {
  %w = arith.constant dense<1.0> : tensor<8x8x3x3xf32>
  %e = tensor.empty() : tensor<1x8x16x16xf32>
  // expected-error @below {{cannot compute the pool behind it: a residual is added before it}}
  %a = gs.conv %w, %x epilogue(%r : tensor<1x8x16x16xf32>) outs(%e : tensor<1x8x16x16xf32>) strategy = <"winograd", {tile = 4}> {strides = array<i64: 1, 1>,
       dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, groups = 1 : i64, gs.pooled}
       : tensor<8x8x3x3xf32>, tensor<1x8x18x18xf32> -> tensor<1x8x16x16xf32> {
  ^bb0(%s: f32, %t: f32):
    %0 = arith.addf %s, %t : f32
    gs.yield %0 : f32
  }
  %y = gs.pool max %a outs(%f : tensor<1x8x8x8xf32>) {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>,
       dilations = array<i64: 1, 1>, pads = array<i64: 0, 0>} : tensor<1x8x16x16xf32> -> tensor<1x8x8x8xf32>
  return %y : tensor<1x8x8x8xf32>
}

// -----

func.func @between(%x: tensor<1x8x18x18xf32>, %z: tensor<1x8x4x4xf32>, %f: tensor<1x8x8x8xf32>, %g: tensor<1x8x2x2xf32>) -> (tensor<1x8x8x8xf32>, tensor<1x8x2x2xf32>) {
  %w = arith.constant dense<1.0> : tensor<8x8x3x3xf32>
  %e = tensor.empty() : tensor<1x8x16x16xf32>
  %a = gs.conv %w, %x outs(%e : tensor<1x8x16x16xf32>) strategy = <"winograd", {tile = 4}> {strides = array<i64: 1, 1>,
       dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, groups = 1 : i64, gs.pooled}
       : tensor<8x8x3x3xf32>, tensor<1x8x18x18xf32> -> tensor<1x8x16x16xf32>
  // expected-error @below {{stands between two layers that run as one kernel}}
  %b = gs.pool max %z outs(%g : tensor<1x8x2x2xf32>) {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>,
       dilations = array<i64: 1, 1>, pads = array<i64: 0, 0>} : tensor<1x8x4x4xf32> -> tensor<1x8x2x2xf32>
  %y = gs.pool max %a outs(%f : tensor<1x8x8x8xf32>) {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>,
       dilations = array<i64: 1, 1>, pads = array<i64: 0, 0>} : tensor<1x8x16x16xf32> -> tensor<1x8x8x8xf32>
  return %y, %b : tensor<1x8x8x8xf32>, tensor<1x8x2x2xf32>
}
