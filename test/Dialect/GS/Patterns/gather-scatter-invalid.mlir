// RUN: gs-opt %s --split-input-file --verify-diagnostics

// expected-error @+1 {{GS-C1: banks = 0 and width = 1 must be positive}}
func.func private @no_banks(tensor<8x8xf32, #gs.gather_scatter<banks = 0, width = 1>>)

// -----

// expected-error @+1 {{GS-C1: width must divide banks, but 8 mod 3 = 2}}
func.func private @width(tensor<8x8xf32, #gs.gather_scatter<banks = 8, width = 3>>)

// -----

// expected-error @+1 {{GS-C1: banks = 40000 must be at most 32767}}
func.func private @banks(tensor<8x40000xf32, #gs.gather_scatter<banks = 40000, width = 1>>)

// -----

// expected-error @+1 {{GS-C2: a weight has rank 2 (M, K) or 3 to 5 (O, I, k...), got rank 1}}
func.func private @rank(tensor<64xf32, #gs.gather_scatter<banks = 8, width = 1>>)

// -----

// expected-error @+1 {{GS-C9: a group of 16 different residues needs at least 16 columns, but the weight has 12}}
func.func private @columns(tensor<8x12xf32, #gs.gather_scatter<banks = 16, width = 1>>)

// -----

// The columns of a convolution are channels times locations.
func.func private @locations(tensor<8x2x3x3xf32, #gs.gather_scatter<banks = 16, width = 1>>)

// -----

func.func @unequal_rows() {
  // expected-error @+1 {{GS-C4: row 0 of bundle 0 keeps 2 weights, expected 1 (1 groups of 1 from each of its 2 rows, GS-F1)}}
  %w = gs.constant dense<[[1, 2, 0, 0], [0, 0, 0, 0]]> : tensor<2x4xi8> as tensor<2x4xi8, #gs.gather_scatter<banks = 2, width = 1>>
  return
}

// -----

func.func @not_a_multiple() {
  // expected-error @+1 {{GS-C4: row 3 of bundle 1 keeps 3 weights, expected 4 (2 groups of 2 from each of its 2 rows, GS-F1)}}
  %w = gs.constant dense<[[0, 0, 0, 0], [0, 0, 0, 0], [1, 1, 1, 1], [1, 1, 1, 0]]> : tensor<4x4xi8> as tensor<4x4xi8, #gs.gather_scatter<banks = 4, width = 2>>
  return
}

// -----

func.func @residue() {
  // expected-error @+1 {{GS-C5: residue 0 mod 2 occurs 2 times in bundle 0, expected 1 (once in each of its 1 groups, GS-F2); first at row 0, column 0}}
  %w = gs.constant dense<[[1, 0, 0, 0], [0, 0, 2, 0]]> : tensor<2x4xi8> as tensor<2x4xi8, #gs.gather_scatter<banks = 2, width = 1>>
  return
}

// -----

func.func @ragged_residue() {
  // expected-error @+1 {{GS-C5: residue 1 mod 4 occurs 2 times in bundle 1, expected at most 1 (once in each of its 1 groups, GS-F2); first at row 2, column 1}}
  %w = gs.constant dense<[[0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0], [0, 1, 0, 0, 0, 1]]> : tensor<3x6xi8> as tensor<3x6xi8, #gs.gather_scatter<banks = 4, width = 2>>
  return
}

// -----

// A trained weight may be zero by chance: only the mask knows that it is kept.
func.func @kept_zero() {
  %w = gs.constant dense<[[1, 0, 0, 0], [0, 0, 0, 0]]> : tensor<2x4xi8>
         mask dense<[[true, false, false, false], [false, false, false, true]]> : tensor<2x4xi1> as tensor<2x4xi8, #gs.gather_scatter<banks = 2, width = 1>>
  return
}

// -----

func.func @joined_buffers() {
  // expected-error @+1 {{lacks buffer 'stream'}}
  %c = gs.compressed_constant {indices = dense<0> : tensor<1x2xi8>, offsets = dense<[0, 1]> : tensor<2xi32>, values = dense<1> : tensor<1x2xi8>}
         : !gs.compressed<tensor<2x4xi8, #gs.gather_scatter<banks = 2, width = 1>>, layout = joined, index_space = column, index = i8>
  return
}

// -----

func.func @index_without_column() {
  // expected-error @+1 {{GS-C3: index 9 of lane 1 of group 0 (row 0) names no column}}
  %c = gs.compressed_constant {indices = dense<[[0, 9]]> : tensor<1x2xi8>, offsets = dense<[0, 1]> : tensor<2xi32>,
                               values = dense<[[7, 8]]> : tensor<1x2xi8>}
         : !gs.compressed<tensor<1x6xi8, #gs.gather_scatter<banks = 2, width = 2>>, layout = split, index_space = column, index = i8>
  return
}

// -----

// expected-error @+1 {{#gs.gather_scatter has no parameter 'bank'; it takes banks, width, unit and tile}}
func.func private @unknown(tensor<8x8xf32, #gs.gather_scatter<bank = 8, width = 1>>)

// -----

// expected-error @+1 {{'width' is given twice}}
func.func private @twice(tensor<8x8xf32, #gs.gather_scatter<banks = 8, width = 1, width = 1>>)

// -----

// expected-error @+1 {{#gs.gather_scatter needs width, such as <banks = 16, width = 4>}}
func.func private @missing(tensor<8x8xf32, #gs.gather_scatter<banks = 8>>)

// -----

// expected-error @+1 {{GS-C8: a tile of 8 rows is not cut into whole bundles of 32 rows}}
func.func private @tile_rows(tensor<64x64xf32, #gs.gather_scatter<banks = 8, width = 1, unit = 4x1, tile = 8x8>>)

// -----

// expected-error @+1 {{GS-C8: a tile of 12 columns must be a multiple of 8 columns}}
func.func private @tile_cols(tensor<64x64xf32, #gs.gather_scatter<banks = 8, width = 1, tile = 8x12>>)

// -----

func.func @unit() {
  // expected-error @+1 {{GS-C7: unit of 2x1 weights at row 0, column 1 keeps 1 of them, expected 2 or none}}
  %w = gs.constant dense<[[0, 1], [0, 0]]> : tensor<2x2xi8> as tensor<2x2xi8, #gs.gather_scatter<banks = 1, width = 1, unit = 2x1>>
  return
}
