// RUN: gs-opt %s --split-input-file --verify-diagnostics

// expected-error @+1 {{BK-C1: a block of 0x1 is not possible; both extents must be positive and their product at most 65536}}
func.func private @zero(tensor<8x8xf32, #gs.block<0x1>>)

// -----

// expected-error @+1 {{BK-C1: a block of 4x0 is not possible}}
func.func private @zero_columns(tensor<8x8xf32, #gs.block<4x0>>)

// -----

// expected-error @+1 {{BK-C1: a block of 1024x1024 is not possible}}
func.func private @large(tensor<8x8xf32, #gs.block<1024x1024>>)

// -----

// expected-error @+1 {{a block is written as rows x columns, such as #gs.block<4x1>; got 1 extent(s)}}
func.func private @one_extent(tensor<8x8xf32, #gs.block<4>>)

// -----

// expected-error @+1 {{a block is written as rows x columns, such as #gs.block<4x1>; got 3 extent(s)}}
func.func private @three_extents(tensor<8x8xf32, #gs.block<4x1x1>>)

// -----

// expected-error @+1 {{BK-C1: a weight has rank 2 (M, K) or 3 to 5 (O, I, k...), got rank 1}}
func.func private @rank(tensor<8xf32, #gs.block<4x1>>)

// -----

// expected-error @+1 {{BK-C1: element type must be f16, bf16, f32, f64, i8, i16 or i32, not 'i4'}}
func.func private @element(tensor<8x8xi4, #gs.block<4x1>>)

// -----

func.func @broken_block() {
  // expected-error @+1 {{BK-C2: block row 0, block column 1 keeps 1 weights, expected 0 or 2 (block 2x1); row 1, column 1 is pruned}}
  %w = gs.constant dense<[[1, 1], [2, 0], [0, 3]]> : tensor<3x2xi8> as tensor<3x2xi8, #gs.block<2x1>>
  return
}

// -----

// The mask decides, not the values: a kept zero completes the block.
func.func @kept_zero() {
  %w = gs.constant dense<[[1, 1], [2, 0]]> : tensor<2x2xi8> mask dense<true> : tensor<2x2xi1> as tensor<2x2xi8, #gs.block<2x1>>
  return
}

// -----

func.func @value_shape() {
  // expected-error @+1 {{buffer 'values' has type 'tensor<1x2xi8>', expected 'tensor<1x1x2xi8>'}}
  %c = gs.compressed_constant {block_cols = dense<0> : tensor<1xi32>, offsets = dense<[0, 1]> : tensor<2xi32>, values = dense<1> : tensor<1x2xi8>}
         : !gs.compressed<tensor<2x2xi8, #gs.block<2x1>>, layout = split, index_space = column, index = i32>
  return
}
