// RUN: gs-opt %s --split-input-file --verify-diagnostics

func.func @rank(%x: tensor<1x3x8xf32>, %e: tensor<1x3x4xf32>) -> tensor<1x3x4xf32> {
  // expected-error@+1 {{needs one kernel extent, dilation and pad for each of 1 spatial dimensions}}
  %y = gs.pool max %x outs(%e : tensor<1x3x4xf32>) {kernel = array<i64: 2, 2>, strides = array<i64: 2>,
         dilations = array<i64: 1>, pads = array<i64: 0>} : tensor<1x3x8xf32> -> tensor<1x3x4xf32>
  return %y : tensor<1x3x4xf32>
}

// -----

func.func @channels(%x: tensor<1x3x8xf32>, %e: tensor<1x4x4xf32>) -> tensor<1x4x4xf32> {
  // expected-error@+1 {{with equal batch and channels, got 'tensor<1x3x8xf32>' and 'tensor<1x4x4xf32>'}}
  %y = gs.pool sum %x outs(%e : tensor<1x4x4xf32>) {kernel = array<i64: 2>, strides = array<i64: 2>,
         dilations = array<i64: 1>, pads = array<i64: 0>} : tensor<1x3x8xf32> -> tensor<1x4x4xf32>
  return %y : tensor<1x4x4xf32>
}

// -----

func.func @stride(%x: tensor<1x3x8xf32>, %e: tensor<1x3x4xf32>) -> tensor<1x3x4xf32> {
  // expected-error@+1 {{strides must be from 1 to 2^31 - 1, got 0}}
  %y = gs.pool max %x outs(%e : tensor<1x3x4xf32>) {kernel = array<i64: 2>, strides = array<i64: 0>,
         dilations = array<i64: 1>, pads = array<i64: 0>} : tensor<1x3x8xf32> -> tensor<1x3x4xf32>
  return %y : tensor<1x3x4xf32>
}
