// RUN: gs-opt %s --split-input-file --verify-diagnostics | FileCheck %s
// RUN: gs-opt %s --split-input-file --verify-diagnostics --emit-bytecode -o /dev/null

// CHECK: func.func private @types(tensor<64x256xf32, #gs.intersection<[#gs.block<16x16>, #gs.tile_4_2<row_column>]>>)
func.func private @types(tensor<64x256xf32, #gs.intersection<[#gs.block<16x16>, #gs.tile_4_2<row_column>]>>)

// -----

// The second block is empty.
// CHECK-LABEL: func.func @constant
func.func @constant() -> tensor<1x8xi8, #gs.intersection<[#gs.block<1x4>, #gs.nm<2 : 4>]>> {
  %w = gs.constant dense<[[0, 1, 0, 2, 0, 0, 0, 0]]> : tensor<1x8xi8>
         as tensor<1x8xi8, #gs.intersection<[#gs.block<1x4>, #gs.nm<2 : 4>]>>
  return %w : tensor<1x8xi8, #gs.intersection<[#gs.block<1x4>, #gs.nm<2 : 4>]>>
}

// -----

func.func @inside() {
  // expected-error @+1 {{CO-C2: in the tile at row 0, column 4: NM-C3: window 0 of row 0 keeps 1 weights, expected 2 (2 : 4)}}
  %w = gs.constant dense<[[0, 0, 0, 0, 0, 0, 7, 0]]> : tensor<1x8xi8>
         as tensor<1x8xi8, #gs.intersection<[#gs.block<1x4>, #gs.nm<2 : 4>]>>
  return
}

// -----

// expected-error @+1 {{CO-C2: tiles of 4x6 weights are no unions of groups of 1x4 (#gs.nm<2 : 4>)}}
func.func private @aligned(tensor<8x12xf32, #gs.intersection<[#gs.block<4x6>, #gs.nm<2 : 4>]>>)

// -----

// expected-error @+1 {{CO-C2: the first pattern of an intersection must keep or remove whole tiles}}
func.func private @tiles(tensor<8x8xf32, #gs.intersection<[#gs.nm<2 : 4>, #gs.unstructured]>>)

// -----

// Interleaved blocks: rows of blocks keep a multiple of them, and two of every four survivors of a row.
// CHECK-LABEL: func.func @interleaved
// CHECK: #gs.intersection<[#gs.block<1x4>, #gs.nm<2 : 4>], multiple = 2>
func.func @interleaved() {
  %w = gs.constant dense<[[0, 1, 0, 2, 0, 0, 0, 0, 3, 4, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]]> : tensor<2x12xi8>
         as tensor<2x12xi8, #gs.intersection<[#gs.block<1x4>, #gs.nm<2 : 4>], multiple = 2>>
  return
}

// -----

func.func @odd() {
  // expected-error @+1 {{CO-C4: row 1 of blocks keeps 1 blocks, expected a multiple of 2}}
  %w = gs.constant dense<[[0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 7, 7]]> : tensor<2x8xi8>
         as tensor<2x8xi8, #gs.intersection<[#gs.block<1x4>, #gs.nm<2 : 4>], multiple = 2>>
  return
}

// -----

// expected-error @+1 {{CO-C4: multiple = 0 must lie in 1 to 2^31 - 1}}
func.func private @none(tensor<8x8xf32, #gs.intersection<[#gs.block<1x4>, #gs.nm<2 : 4>], multiple = 0>>)

// -----

// expected-error @+1 {{CO-C4: multiple = 2 counts blocks of a #gs.block, not of #gs.filter}}
func.func private @blocks(tensor<8x8xf32, #gs.intersection<[#gs.filter, #gs.nm<2 : 4>], multiple = 2>>)

// -----

// An intersection in an intersection: blocks of blocks that keep 2 of 4.
// CHECK-LABEL: func.func @blocks_of_blocks
// CHECK: #gs.intersection<[#gs.block<2x8>, #gs.intersection<[#gs.block<1x4>, #gs.nm<2 : 4>]>]>
func.func @blocks_of_blocks() {
  %w = gs.constant dense<[[1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 3, 0, 4, 0, 0, 0, 0]]> : tensor<2x12xi8>
         as tensor<2x12xi8, #gs.intersection<[#gs.block<2x8>, #gs.intersection<[#gs.block<1x4>, #gs.nm<2 : 4>]>]>>
  return
}

// -----

func.func @blocks_of_blocks_inside() {
  // expected-error @+1 {{CO-C2: in the tile at row 0, column 0: CO-C2: in the tile at row 1, column 4: NM-C3: window 0 of row 0 keeps 1 weights, expected 2 (2 : 4)}}
  %w = gs.constant dense<[[1, 0, 2, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 3, 0, 0]]> : tensor<2x8xi8>
         as tensor<2x8xi8, #gs.intersection<[#gs.block<2x8>, #gs.intersection<[#gs.block<1x4>, #gs.nm<2 : 4>]>]>>
  return
}

// -----

// A union in every kept tile.
// CHECK-LABEL: func.func @union_inside
// CHECK: #gs.intersection<[#gs.block<2x4>, #gs.union<[#gs.block<2x1>, #gs.unstructured]>]>
func.func @union_inside() {
  %w = gs.constant dense<[[1, 0, 2, 0, 0, 0, 0, 0], [1, 0, 0, 3, 0, 0, 0, 0]]> : tensor<2x8xi8>
         as tensor<2x8xi8, #gs.intersection<[#gs.block<2x4>, #gs.union<[#gs.block<2x1>, #gs.unstructured]>]>>
  return
}

// -----

// Rows in another order, blocks of rows that keep 2 of 4.
// CHECK-LABEL: func.func @permuted
// CHECK: row_order [0, 2, 1, 3] as tensor<4x8xi8, #gs.permuted<#gs.intersection<[#gs.block<2x4>, #gs.nm<2 : 4>]>>>
func.func @permuted() {
  %w = gs.constant dense<[[1, 2, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 1, 1], [0, 3, 0, 4, 0, 0, 0, 0], [0, 0, 0, 0, 5, 0, 6, 0]]> : tensor<4x8xi8>
         row_order [0, 2, 1, 3] as tensor<4x8xi8, #gs.permuted<#gs.intersection<[#gs.block<2x4>, #gs.nm<2 : 4>]>>>
  return
}

// -----

// expected-error @+1 {{CO-C2: tiles of 4x8 weights are no unions of groups of 8x1 (#gs.block<8x1>)}}
func.func private @union_straddles(tensor<8x8xf32, #gs.intersection<[#gs.block<4x8>, #gs.union<[#gs.block<8x1>, #gs.unstructured]>]>>)

// -----

// expected-error @+1 {{CO-C4: #gs.intersection<[#gs.block<1x4>, #gs.nm<2 : 4>], multiple = 2> counts blocks of whole rows, which is no rule within a tile}}
func.func private @multiple_inside(tensor<8x16xf32, #gs.intersection<[#gs.block<4x8>, #gs.intersection<[#gs.block<1x4>, #gs.nm<2 : 4>], multiple = 2>]>>)

// -----

// expected-error @+1 {{CO-C2: a pattern of an intersection cannot have a row order of its own; use #gs.permuted<#gs.intersection<...>>}}
func.func private @order_inside(tensor<8x8xf32, #gs.intersection<[#gs.block<4x4>, #gs.permuted<#gs.nm<2 : 4>>]>>)

// -----

// CHECK: func.func private @deep
func.func private @deep(tensor<64x64xf32, #gs.intersection<[#gs.block<32x32>, #gs.intersection<[#gs.block<16x16>, #gs.intersection<[#gs.block<8x8>, #gs.intersection<[#gs.block<4x4>, #gs.nm<2 : 4>]>]>]>]>>)

// -----

// expected-error @+1 {{CO-C2: unions and intersections are nested more than 4 deep}}
func.func private @too_deep(tensor<64x64xf32, #gs.intersection<[#gs.block<64x64>, #gs.intersection<[#gs.block<32x32>, #gs.intersection<[#gs.block<16x16>, #gs.intersection<[#gs.block<8x8>, #gs.intersection<[#gs.block<4x4>, #gs.nm<2 : 4>]>]>]>]>]>>)
