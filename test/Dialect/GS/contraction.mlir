// The displacements of a convolution's columns in its plane, worked out by hand. A dense weight packed with one row per
// panel shows all of them, channel-inner: taps in row-major order, and for each the channels.
// RUN: gs-opt %s --gs-assign-layout=target=x86-64-v3 --gs-compress-weights=target=x86-64-v3 --split-input-file | FileCheck %s

// A 1 x 1 convolution reads the input itself: channel c begins at 6 c.
// CHECK-LABEL: func.func @pointwise
// CHECK: indices = dense<[0, 6, 12]> : tensor<3xi32>
func.func @pointwise(%x: tensor<1x3x2x3xf32>, %e: tensor<1x1x2x3xf32>) -> tensor<1x1x2x3xf32> {
  %w = arith.constant dense<1.0> : tensor<1x3x1x1xf32>
  %y = gs.conv %w, %x outs(%e : tensor<1x1x2x3xf32>) strategy = <"dense-tile", {mr = 1}>
         {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>}
         : tensor<1x3x1x1xf32>, tensor<1x3x2x3xf32> -> tensor<1x1x2x3xf32>
  return %y : tensor<1x1x2x3xf32>
}

// -----

// Stride 1: tap (r, s) lies r rows of pitch 41 and s elements further; the two channels are one plane apart.
// CHECK-LABEL: func.func @unit_stride
// CHECK: indices = dense<[0, [[SIZE:[0-9]+]], 1, {{[0-9]+}}, 2, {{[0-9]+}}, 41, {{[0-9]+}}, 42, {{[0-9]+}}, 43, {{[0-9]+}}, 82, {{[0-9]+}}, 83, {{[0-9]+}}, 84, {{[0-9]+}}]> : tensor<18xi32>
// CHECK: gs.pack_plane {{.*}} extents = [6, 41], pads = [1, 1], size = [[SIZE]]>
func.func @unit_stride(%x: tensor<1x2x4x40xf32>, %e: tensor<1x1x4x40xf32>) -> tensor<1x1x4x40xf32> {
  %w = arith.constant dense<1.0> : tensor<1x2x3x3xf32>
  %y = gs.conv %w, %x outs(%e : tensor<1x1x4x40xf32>) strategy = <"dense-tile", {mr = 1}>
         {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>}
         : tensor<1x2x3x3xf32>, tensor<1x2x4x40xf32> -> tensor<1x1x4x40xf32>
  return %y : tensor<1x1x4x40xf32>
}

// -----

// Stride 2: four phase planes of 6 x 21 = 126 elements. Tap (r, s) is in phase (r mod 2, s mod 2) at (r div 2, s div 2):
// (0,0) 0, (0,1) 126, (0,2) 1, (1,0) 252, (1,1) 378, (1,2) 252 + 1, (2,0) 21, (2,1) 126 + 21, (2,2) 22.
// CHECK-LABEL: func.func @stride_two
// CHECK: indices = dense<[0, 126, 1, 252, 378, 253, 21, 147, 22]> : tensor<9xi32>
// CHECK: gs.pack_plane {{.*}} phases = [2, 2], extents = [6, 21], pads = [1, 1]
func.func @stride_two(%x: tensor<1x1x10x40xf32>, %e: tensor<1x1x5x20xf32>) -> tensor<1x1x5x20xf32> {
  %w = arith.constant dense<1.0> : tensor<1x1x3x3xf32>
  %y = gs.conv %w, %x outs(%e : tensor<1x1x5x20xf32>) strategy = <"dense-tile", {mr = 1}>
         {strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 0, 0>}
         : tensor<1x1x3x3xf32>, tensor<1x1x10x40xf32> -> tensor<1x1x5x20xf32>
  return %y : tensor<1x1x5x20xf32>
}

// -----

// Three dimensions, dilation 3 in the last: slices of 4 x 24 elements (4 rows: 3 outputs and a shift of 1).
// CHECK-LABEL: func.func @three_dimensions
// CHECK: indices = dense<[0, 3, 24, 27, 96, 99, 120, 123]> : tensor<8xi32>
// CHECK: gs.pack_plane {{.*}} extents = [3, 4, 24], pads = [0, 0, 0]
func.func @three_dimensions(%x: tensor<1x1x3x4x24xf32>, %e: tensor<1x1x2x3x21xf32>) -> tensor<1x1x2x3x21xf32> {
  %w = arith.constant dense<1.0> : tensor<1x1x2x2x2xf32>
  %y = gs.conv %w, %x outs(%e : tensor<1x1x2x3x21xf32>) strategy = <"dense-tile", {mr = 1}>
         {strides = array<i64: 1, 1, 1>, dilations = array<i64: 1, 1, 3>, pads = array<i64: 0, 0, 0, 0, 0, 0>}
         : tensor<1x1x2x2x2xf32>, tensor<1x1x3x4x24xf32> -> tensor<1x1x2x3x21xf32>
  return %y : tensor<1x1x2x3x21xf32>
}
