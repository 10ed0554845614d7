// Dense tiles pack their activations in rounds that fit the second-level cache, and read all weights in each. A long 1-D
// convolution, of which a round holds one vector only, is better left alone: its taps share lines of the first level anyway.
// A strided 3x3 convolution is packed.
// RUN: gs-opt %s --gs-assign-layout=target=granite-rapids --gs-select-strategy=target=granite-rapids | FileCheck %s

// CHECK-LABEL: func.func @long
// CHECK: gs.conv {{.*}} strategy = <"dense-tile", {mr = 8 : i64, nr = 3 : i64}>
func.func @long(%x: tensor<1x640x200xf32>) -> tensor<1x640x200xf32> {
  %w = arith.constant dense<1.0> : tensor<640x640x21xf32>
  %e = tensor.empty() : tensor<1x640x200xf32>
  %y = gs.conv %w, %x outs(%e : tensor<1x640x200xf32>)
         {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 10, 10>, groups = 1 : i64}
         : tensor<640x640x21xf32>, tensor<1x640x200xf32> -> tensor<1x640x200xf32>
  return %y : tensor<1x640x200xf32>
}

// CHECK-LABEL: func.func @strided
// CHECK: gs.conv {{.*}} strategy = <"dense-tile", {mr = 8 : i64, nr = 3 : i64, packed = 1 : i64}>
func.func @strided(%x: tensor<1x256x28x28xf32>) -> tensor<1x256x14x14xf32> {
  %w = arith.constant dense<1.0> : tensor<256x256x3x3xf32>
  %e = tensor.empty() : tensor<1x256x14x14xf32>
  %y = gs.conv %w, %x outs(%e : tensor<1x256x14x14xf32>)
         {strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, groups = 1 : i64}
         : tensor<256x256x3x3xf32>, tensor<1x256x28x28xf32> -> tensor<1x256x14x14xf32>
  return %y : tensor<1x256x14x14xf32>
}
