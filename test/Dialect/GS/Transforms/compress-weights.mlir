// RUN: gs-opt %s --gs-compress-weights=target=x86-64-v3 --split-input-file --verify-diagnostics | FileCheck %s

// The pattern's own groups; indices are displacements in an activation of 5 columns.
// CHECK-LABEL: func.func @groups
// CHECK: gs.compressed_constant {block_cols = dense<[5, 0]> : tensor<2xi32>, offsets = dense<[0, 1, 2]> : tensor<3xi32>,
// CHECK-SAME: values = dense<{{\[\[}}[1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00]{{\]}}, {{\[}}[5.000000e+00, 0.000000e+00, 0.000000e+00, 0.000000e+00]]]> : tensor<2x1x4xf32>}
// CHECK-SAME: !gs.compressed<tensor<5x3xf32, #gs.block<4x1>>, layout = split, index_space = activation, index = i32>
// CHECK-NOT: gs.constant
func.func @groups(%x: tensor<3x5xf32>, %e: tensor<5x5xf32>) -> tensor<5x5xf32> {
  %w = gs.constant dense<[[0.0, 1.0, 0.0], [0.0, 2.0, 0.0], [0.0, 3.0, 0.0], [0.0, 4.0, 0.0], [5.0, 0.0, 0.0]]> : tensor<5x3xf32>
         as tensor<5x3xf32, #gs.block<4x1>>
  %y = gs.matmul %w, %x outs(%e : tensor<5x5xf32>) strategy = <"row-group-broadcast">
         : tensor<5x3xf32, #gs.block<4x1>>, tensor<3x5xf32> -> tensor<5x5xf32>
  return %y : tensor<5x5xf32>
}

// -----

// A 4x2 block is packed as groups of the two rows of the tile, one column at a time; a column of all rows as well, and there
// three rows are as good a group as any.
// CHECK-LABEL: func.func @row_groups
// CHECK-DAG: gs.compressed_constant {block_cols = dense<[10, 15, 10, 15]> : tensor<4xi32>, offsets = dense<[0, 2, 4]> : tensor<3xi32>, values = dense<{{\[\[}}[1.000000e+00, 3.000000e+00]{{\]}}, {{\[}}[2.000000e+00, 4.000000e+00]{{\]}}, {{\[}}[5.000000e+00, 7.000000e+00]{{\]}}, {{\[}}[6.000000e+00, 8.000000e+00]]]> : tensor<4x1x2xf32>} : !gs.compressed<tensor<4x4xf32, #gs.block<2x1>>
// CHECK-DAG: gs.compressed_constant {block_cols = dense<[10, 15, 10, 15]> : tensor<4xi32>, offsets = dense<[0, 2, 4]> : tensor<3xi32>, values = dense<{{.*}}> : tensor<4x1x3xf32>} : !gs.compressed<tensor<4x4xf32, #gs.block<3x1>>
func.func @row_groups(%x: tensor<4x5xf32>, %e: tensor<4x5xf32>) -> (tensor<4x5xf32>, tensor<4x5xf32>) {
  %w = gs.constant dense<[[0.0, 0.0, 1.0, 2.0], [0.0, 0.0, 3.0, 4.0], [0.0, 0.0, 5.0, 6.0], [0.0, 0.0, 7.0, 8.0]]> : tensor<4x4xf32>
         as tensor<4x4xf32, #gs.block<4x2>>
  %c = gs.constant dense<[[0.0, 0.0, 1.0, 2.0], [0.0, 0.0, 3.0, 4.0], [0.0, 0.0, 5.0, 6.0], [0.0, 0.0, 7.0, 8.0]]> : tensor<4x4xf32>
         as tensor<4x4xf32, #gs.column>
  %y = gs.matmul %w, %x outs(%e : tensor<4x5xf32>) strategy = <"row-group-broadcast", {mr = 2}>
         : tensor<4x4xf32, #gs.block<4x2>>, tensor<4x5xf32> -> tensor<4x5xf32>
  %z = gs.matmul %c, %x outs(%e : tensor<4x5xf32>) strategy = <"row-group-broadcast", {mr = 3}>
         : tensor<4x4xf32, #gs.column>, tensor<4x5xf32> -> tensor<4x5xf32>
  return %y, %z : tensor<4x5xf32>, tensor<4x5xf32>
}

// -----

// Rows, whatever the pattern, in blocks of two columns: offsets run over (block, row).
// CHECK-LABEL: func.func @rows
// CHECK: gs.compressed_constant {indices = dense<[5, 0, 5, 10]> : tensor<4xi32>, offsets = dense<[0, 1, 3, 3, 4]> : tensor<5xi32>,
// CHECK-SAME: values = dense<[1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00]> : tensor<4xf32>}
func.func @rows(%x: tensor<3x5xf32>, %e: tensor<2x5xf32>) -> tensor<2x5xf32> {
  %w = gs.constant dense<[[0.0, 1.0, 0.0], [2.0, 3.0, 4.0]]> : tensor<2x3xf32> as tensor<2x3xf32, #gs.unstructured>
  %y = gs.matmul %w, %x outs(%e : tensor<2x5xf32>) strategy = <"single-row-broadcast", {column_block = 2}>
         : tensor<2x3xf32, #gs.unstructured>, tensor<3x5xf32> -> tensor<2x5xf32>
  return %y : tensor<2x5xf32>
}

// -----

// One constant, two packings: each op gets its own, and the plain constant stays for its other user.
// CHECK-LABEL: func.func @two_users
// CHECK-DAG: gs.compressed_constant {{.*}} panel_rows = 2>
// CHECK-DAG: gs.compressed_constant {{.*}} panel_rows = 1>
// CHECK-DAG: %[[W:.*]] = arith.constant dense<1.000000e+00> : tensor<2x3xf32>
// CHECK: return %{{.*}}, %{{.*}}, %[[W]]
func.func @two_users(%x: tensor<3x5xf32>, %e: tensor<2x5xf32>) -> (tensor<2x5xf32>, tensor<2x5xf32>, tensor<2x3xf32>) {
  %w = arith.constant dense<1.0> : tensor<2x3xf32>
  %y = gs.matmul %w, %x outs(%e : tensor<2x5xf32>) strategy = <"dense-tile", {mr = 2}> : tensor<2x3xf32>, tensor<3x5xf32> -> tensor<2x5xf32>
  %z = gs.matmul %w, %x outs(%e : tensor<2x5xf32>) strategy = <"dense-tile", {mr = 1}> : tensor<2x3xf32>, tensor<3x5xf32> -> tensor<2x5xf32>
  return %y, %z, %w : tensor<2x5xf32>, tensor<2x5xf32>, tensor<2x3xf32>
}

// -----

// Taps are displacements in the plane; the second group of channels begins 2 x 48 elements later.
// CHECK-LABEL: func.func @convolution
// CHECK: gs.compressed_constant {indices = dense<[1, 146]> : tensor<2xi32>, offsets = dense<[0, 1, 2]> : tensor<3xi32>
func.func @convolution(%x: tensor<1x4x48xf32>, %e: tensor<1x2x9xf32>) -> tensor<1x2x9xf32> {
  // The channel-inner view: row 0 keeps channel 0 at tap 1, row 1 channel 1 of its group at tap 2.
  %w = gs.constant dense<[[[0.0, 1.0, 0.0], [0.0, 0.0, 0.0]], [[0.0, 0.0, 0.0], [0.0, 0.0, 2.0]]]> : tensor<2x2x3xf32>
         as tensor<2x2x3xf32, #gs.unstructured>
  %y = gs.conv %w, %x outs(%e : tensor<1x2x9xf32>) strategy = <"single-row-broadcast">
         {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 1, 1>, groups = 2,
          plane = #gs.plane<input = [9], strides = [1], phases = [1], extents = [10], pads = [1], size = 48>}
         : tensor<2x2x3xf32, #gs.unstructured>, tensor<1x4x48xf32> -> tensor<1x2x9xf32>
  return %y : tensor<1x2x9xf32>
}

// -----

// A weight without a kept position has empty buffers.
// CHECK-LABEL: func.func @empty
// CHECK: gs.compressed_constant {indices = dense<> : tensor<0xi32>, offsets = dense<0> : tensor<3xi32>, values = dense<> : tensor<0xf32>}
func.func @empty(%x: tensor<3x5xf32>, %e: tensor<2x5xf32>) -> tensor<2x5xf32> {
  %w = gs.constant dense<0.0> : tensor<2x3xf32> as tensor<2x3xf32, #gs.unstructured>
  %y = gs.matmul %w, %x outs(%e : tensor<2x5xf32>) strategy = <"single-row-broadcast">
         : tensor<2x3xf32, #gs.unstructured>, tensor<3x5xf32> -> tensor<2x5xf32>
  return %y : tensor<2x5xf32>
}

// -----

func.func @no_strategy(%x: tensor<3x5xf32>, %e: tensor<2x5xf32>) -> tensor<2x5xf32> {
  %w = arith.constant dense<1.0> : tensor<2x3xf32>
  // expected-error @+1 {{has no strategy; run gs-select-strategy or write one}}
  %y = gs.matmul %w, %x outs(%e : tensor<2x5xf32>) : tensor<2x3xf32>, tensor<3x5xf32> -> tensor<2x5xf32>
  return %y : tensor<2x5xf32>
}

// -----

func.func @no_constant(%w: tensor<2x3xf32>, %x: tensor<3x5xf32>, %e: tensor<2x5xf32>) -> tensor<2x5xf32> {
  // expected-error @+1 {{weight is not a constant}}
  %y = gs.matmul %w, %x outs(%e : tensor<2x5xf32>) strategy = <"dense-tile"> : tensor<2x3xf32>, tensor<3x5xf32> -> tensor<2x5xf32>
  return %y : tensor<2x5xf32>
}
