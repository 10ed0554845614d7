// RUN: gs-opt %s --gs-select-strategy=target=zen4 --split-input-file | FileCheck %s
// RUN: gs-opt %s --gs-select-strategy="target=zen4 force=single-row-broadcast" --split-input-file | FileCheck %s --check-prefix=FORCE
// RUN: not gs-opt %s --gs-select-strategy="target=zen4 force=im2col" --split-input-file 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// UNKNOWN: error: unknown strategy 'im2col'; known are 'row-group-broadcast', 'row-list-broadcast', 'column-block'

// The cheapest is recorded with what else was considered: a prediction, or the reason of the refusal.
// CHECK-LABEL: func.func @block
// CHECK: gs.matmul {{.*}} strategy = <"row-group-broadcast", {mr = {{[0-9]+}} : i64, nr = {{[0-9]+}} : i64}>
// CHECK-SAME: gs.candidates = [
// CHECK-SAME: {predicted_us = {{[0-9.e+-]+}} : f64, strategy = "row-group-broadcast"}
// CHECK-SAME: {refused = "more than one output column: lanes run along columns instead", strategy = "column-block"}
// CHECK-SAME: {predicted_us = {{[0-9.e+-]+}} : f64, strategy = "single-row-broadcast"}
// CHECK-SAME: {predicted_us = {{[0-9.e+-]+}} : f64, strategy = "dense-tile"}
// CHECK-SAME: gs.predicted_us = {{[0-9.e+-]+}} : f64
// FORCE-LABEL: func.func @block
// FORCE: gs.matmul {{.*}} strategy = <"single-row-broadcast"
// FORCE-SAME: {refused = "another strategy is forced", strategy = "row-group-broadcast"}
func.func @block(%x: tensor<16x64xf32>, %e: tensor<16x64xf32>) -> tensor<16x64xf32> {
  %w = gs.constant dense<0.0> : tensor<16x16xf32> as tensor<16x16xf32, #gs.block<4x1>>
  %y = gs.matmul %w, %x outs(%e : tensor<16x64xf32>) : tensor<16x16xf32, #gs.block<4x1>>, tensor<16x64xf32> -> tensor<16x64xf32>
  return %y : tensor<16x64xf32>
}

// -----

// A pattern without zeros does not pay: the weight becomes dense, and the constant of the pattern goes.
// CHECK-LABEL: func.func @full
// CHECK-NOT: gs.constant
// CHECK: %[[W:.*]] = arith.constant dense<1.000000e+00> : tensor<16x16xf32>
// CHECK: gs.matmul %[[W]], {{.*}} strategy = <"dense-tile"
func.func @full(%x: tensor<16x64xf32>, %e: tensor<16x64xf32>) -> tensor<16x64xf32> {
  %w = gs.constant dense<1.0> : tensor<16x16xf32> as tensor<16x16xf32, #gs.unstructured>
  %y = gs.matmul %w, %x outs(%e : tensor<16x64xf32>) : tensor<16x16xf32, #gs.unstructured>, tensor<16x64xf32> -> tensor<16x64xf32>
  return %y : tensor<16x64xf32>
}

// -----

// One column: lanes run along the rows of a block. What is forced does not accept it and is passed over.
// CHECK-LABEL: func.func @vector
// CHECK: gs.matmul {{.*}} strategy = <"column-block", {rows = 8 : i64}>
// FORCE-LABEL: func.func @vector
// FORCE: gs.matmul {{.*}} strategy = <"column-block"
func.func @vector(%x: tensor<16x1xf32>, %e: tensor<16x1xf32>) -> tensor<16x1xf32> {
  %w = gs.constant dense<0.0> : tensor<16x16xf32> as tensor<16x16xf32, #gs.block<8x1>>
  %y = gs.matmul %w, %x outs(%e : tensor<16x1xf32>) : tensor<16x16xf32, #gs.block<8x1>>, tensor<16x1xf32> -> tensor<16x1xf32>
  return %y : tensor<16x1xf32>
}

// -----

// A written strategy is kept whatever the model thinks; so is a packed weight with its strategy.
// CHECK-LABEL: func.func @written
// CHECK: gs.matmul {{.*}} strategy = <"single-row-broadcast", {nr = 1 : i64}> :
// CHECK: gs.matmul {{.*}} strategy = <"dense-tile", {mr = 4 : i64}> : !gs.compressed
func.func @written(%x: tensor<4x64xf32>, %e: tensor<4x64xf32>) -> (tensor<4x64xf32>, tensor<4x64xf32>) {
  %w = gs.constant dense<1.0> : tensor<4x4xf32> as tensor<4x4xf32, #gs.block<4x1>>
  %y = gs.matmul %w, %x outs(%e : tensor<4x64xf32>) strategy = <"single-row-broadcast", {nr = 1}>
         : tensor<4x4xf32, #gs.block<4x1>>, tensor<4x64xf32> -> tensor<4x64xf32>
  %c = gs.compressed_constant {indices = dense<[0, 64, 128, 192]> : tensor<4xi32>, values = dense<1.0> : tensor<1x4x4xf32>}
         : !gs.compressed<tensor<4x4xf32>, layout = panels, index_space = activation, panel_rows = 4>
  %z = gs.matmul %c, %x outs(%e : tensor<4x64xf32>) strategy = <"dense-tile", {mr = 4}>
         : !gs.compressed<tensor<4x4xf32>, layout = panels, index_space = activation, panel_rows = 4>, tensor<4x64xf32> -> tensor<4x64xf32>
  return %y, %z : tensor<4x64xf32>, tensor<4x64xf32>
}

// -----

// Depthwise convolutions have one row per group.
// CHECK-LABEL: func.func @depthwise
// CHECK: gs.conv {{.*}} strategy = <"dense-tile", {mr = 1 : i64
func.func @depthwise(%x: tensor<1x4x64xf32>, %e: tensor<1x4x64xf32>) -> tensor<1x4x64xf32> {
  %w = arith.constant dense<1.0> : tensor<4x1x1xf32>
  %y = gs.conv %w, %x outs(%e : tensor<1x4x64xf32>) {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 0>, groups = 4}
         : tensor<4x1x1xf32>, tensor<1x4x64xf32> -> tensor<1x4x64xf32>
  return %y : tensor<1x4x64xf32>
}
