// RUN: gs-opt %s --split-input-file --verify-diagnostics | FileCheck %s
// RUN: gs-opt %s --split-input-file --verify-diagnostics --emit-bytecode -o /dev/null

// CHECK: func.func private @types(tensor<64x256xf32, #gs.tile_4_2<row_column>>, tensor<8x4x3x3xf16, #gs.tile_4_2<complement>>)
func.func private @types(tensor<64x256xf32, #gs.tile_4_2<row_column>>, tensor<8x4x3x3xf16, #gs.tile_4_2<complement>>)

// -----

// CHECK-LABEL: func.func @constant
func.func @constant() -> tensor<4x4xi8, #gs.tile_4_2<row_column>> {
  %w = gs.constant dense<[[1, 2, 0, 0], [3, 0, 4, 0], [0, 5, 0, 6], [0, 0, 7, 8]]> : tensor<4x4xi8>
         as tensor<4x4xi8, #gs.tile_4_2<row_column>>
  return %w : tensor<4x4xi8, #gs.tile_4_2<row_column>>
}

// -----

// expected-error @+1 {{a rule is row_column (TT-C1) or complement (TT-C2), not 'diagonal'}}
func.func private @rule(tensor<8x8xf32, #gs.tile_4_2<diagonal>>)

// -----

// expected-error @+1 {{TT-C1: groups of 4 do not divide 6 rows}}
func.func private @rows(tensor<6x8xf32, #gs.tile_4_2<row_column>>)

// -----

// expected-error @+1 {{TT-C1: groups of 4 do not divide 6 columns}}
func.func private @columns(tensor<8x6xf32, #gs.tile_4_2<row_column>>)

// -----

func.func @row() {
  // expected-error @+1 {{TT-C1: tile row 0, tile column 0 keeps 1 weights of column 1, expected 2}}
  %w = gs.constant dense<[[1, 0, 2, 0], [3, 0, 4, 0], [0, 5, 0, 6], [0, 0, 7, 8]]> : tensor<4x4xi8>
         as tensor<4x4xi8, #gs.tile_4_2<row_column>>
  return
}

// -----

func.func @not_complementary() {
  // expected-error @+1 {{TT-C2: tile row 0, tile column 0 has rows that are not complementary: 0 with 1, 2 with 3}}
  %w = gs.constant dense<[[1, 2, 0, 0], [3, 0, 4, 0], [0, 5, 0, 6], [0, 0, 7, 8]]> : tensor<4x4xi8>
         as tensor<4x4xi8, #gs.tile_4_2<complement>>
  return
}
