// Weights transformed at compile time take 1.8 (tile 2) or 4 times (tile 4) their bytes. The convolution that gains most per
// byte gets them first, and a tile for which the budget has no room leaves room for a smaller one.
// RUN: gs-opt %s --gs-assign-layout=target=zen4 --gs-select-strategy="target=zen4 transform-budget=4" | FileCheck %s --check-prefix=ALL
// RUN: gs-opt %s --gs-assign-layout=target=zen4 --gs-select-strategy="target=zen4 transform-budget=0" | FileCheck %s --check-prefix=NONE
// RUN: gs-opt %s --gs-assign-layout=target=zen4 --gs-select-strategy="target=zen4" | FileCheck %s --check-prefix=SOME
// RUN: gs-opt %s --gs-assign-layout=target=zen4 --gs-select-strategy="target=zen4 transform-budget=0.9" | FileCheck %s --check-prefix=SMALL

func.func @two(%x: tensor<1x64x56x56xf32>, %y: tensor<1x256x28x28xf32>) -> (tensor<1x64x56x56xf32>, tensor<1x256x28x28xf32>) {
  %v = arith.constant dense<1.0> : tensor<64x64x3x3xf32>
  %w = arith.constant dense<1.0> : tensor<256x256x3x3xf32>
  %a = tensor.empty() : tensor<1x64x56x56xf32>
  %b = tensor.empty() : tensor<1x256x28x28xf32>
  // ALL: gs.conv {{.*}}tensor<1x64x56x56xf32>) strategy = <"winograd", {{.*}}tile = 4
  // NONE: gs.conv {{.*}}tensor<1x64x56x56xf32>) strategy = <"dense-tile"
  // NONE-SAME: predicted {{[0-9.]+}} us, but its transformed weights take {{[0-9]+}} KB more than the transform budget has left
  // SOME: gs.conv {{.*}}tensor<1x64x56x56xf32>) strategy = <"winograd"
  // SMALL: gs.conv {{.*}}tensor<1x64x56x56xf32>) strategy = <"winograd"
  %0 = gs.conv %v, %x outs(%a : tensor<1x64x56x56xf32>)
         {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, groups = 1 : i64}
         : tensor<64x64x3x3xf32>, tensor<1x64x56x56xf32> -> tensor<1x64x56x56xf32>
  // ALL: gs.conv {{.*}}tensor<1x256x28x28xf32>) strategy = <"winograd", {{.*}}tile = 4
  // NONE: gs.conv {{.*}}tensor<1x256x28x28xf32>) strategy = <"dense-tile"
  // SOME: gs.conv {{.*}}tensor<1x256x28x28xf32>) strategy = <"dense-tile"
  // SMALL: gs.conv {{.*}}tensor<1x256x28x28xf32>) strategy = <"winograd", {{.*}}tile = 2
  %1 = gs.conv %w, %y outs(%b : tensor<1x256x28x28xf32>)
         {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, groups = 1 : i64}
         : tensor<256x256x3x3xf32>, tensor<1x256x28x28xf32> -> tensor<1x256x28x28xf32>
  return %0, %1 : tensor<1x64x56x56xf32>, tensor<1x256x28x28xf32>
}
