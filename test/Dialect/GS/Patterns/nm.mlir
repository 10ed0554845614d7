// RUN: gs-opt %s --split-input-file --verify-diagnostics | FileCheck %s
// RUN: gs-opt %s --split-input-file --verify-diagnostics --emit-bytecode -o /dev/null

// CHECK: func.func private @types(tensor<64x256xf32, #gs.nm<2 : 4>>, tensor<8x8xf16, #gs.nm<8 : 16, tile = 4x4>>,
// CHECK-SAME: tensor<8x8x3x3xf32, #gs.nm<1 : 4, view = channel_outer>>)
func.func private @types(tensor<64x256xf32, #gs.nm<2 : 4>>, tensor<8x8xf16, #gs.nm<8 : 16, tile = 4x4>>,
                         tensor<8x8x3x3xf32, #gs.nm<1 : 4, view = channel_outer>>)

// -----

// The last window has two columns, and keeps both.
// CHECK-LABEL: func.func @constant
func.func @constant() -> tensor<1x6xi8, #gs.nm<2 : 4>> {
  %w = gs.constant dense<[[0, 1, 0, 2, 3, 4]]> : tensor<1x6xi8> as tensor<1x6xi8, #gs.nm<2 : 4>>
  return %w : tensor<1x6xi8, #gs.nm<2 : 4>>
}

// -----

// expected-error @+1 {{NM-C1: 4 of every 4 is not possible; 0 < n < m <= 65536}}
func.func private @all(tensor<8x8xf32, #gs.nm<4 : 4>>)

// -----

// expected-error @+1 {{NM-C1: 0 of every 4 is not possible}}
func.func private @none(tensor<8x8xf32, #gs.nm<0 : 4>>)

// -----

// expected-error @+1 {{NM-C2: a tile of 4x4 does not have 8 weights}}
func.func private @tile(tensor<8x8xf32, #gs.nm<4 : 8, tile = 4x4>>)

// -----

// expected-error @+1 {{a view is channel_inner or channel_outer, not 'sideways'}}
func.func private @view(tensor<8x8xf32, #gs.nm<2 : 4, view = sideways>>)

// -----

func.func @three_of_four() {
  // expected-error @+1 {{NM-C3: window 1 of row 0 keeps 3 weights, expected 2 (2 : 4); it begins at column 4}}
  %w = gs.constant dense<[[0, 1, 0, 2, 3, 4, 5, 0]]> : tensor<1x8xi8> as tensor<1x8xi8, #gs.nm<2 : 4>>
  return
}

// -----

// Explicit zeros make a poorer window legal.
// CHECK-LABEL: func.func @completed
func.func @completed() -> tensor<1x4xi8, #gs.nm<2 : 4>> {
  %w = gs.constant dense<[[0, 1, 0, 0]]> : tensor<1x4xi8> mask dense<[[true, true, false, false]]> : tensor<1x4xi1>
         as tensor<1x4xi8, #gs.nm<2 : 4>>
  return %w : tensor<1x4xi8, #gs.nm<2 : 4>>
}
