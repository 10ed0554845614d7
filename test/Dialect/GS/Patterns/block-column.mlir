// RUN: gs-opt %s --split-input-file --verify-diagnostics | FileCheck %s
// RUN: gs-opt %s --split-input-file --verify-diagnostics --emit-bytecode -o /dev/null

// CHECK: func.func private @types(tensor<64x256xf32, #gs.block_column<16x64>>, tensor<8x4x3xf16, #gs.block_column<4x6, prune_rows>>)
func.func private @types(tensor<64x256xf32, #gs.block_column<16x64>>, tensor<8x4x3xf16, #gs.block_column<4x6, prune_rows>>)

// -----

// Row 1 is removed.
// CHECK-LABEL: func.func @constant
func.func @constant() -> tensor<3x3xi8, #gs.block_column<3x2, prune_rows>> {
  %w = gs.constant dense<[[1, 0, 2], [0, 0, 0], [3, 0, 4]]> : tensor<3x3xi8> as tensor<3x3xi8, #gs.block_column<3x2, prune_rows>>
  return %w : tensor<3x3xi8, #gs.block_column<3x2, prune_rows>>
}

// -----

// expected-error @+1 {{BC-C1: a block of 16x0 is not possible}}
func.func private @zero(tensor<8x8xf32, #gs.block_column<16x0>>)

// -----

func.func @rows_stay() {
  // expected-error @+1 {{BC-C1: strip 0, block 0: column 0 keeps 2 weights, expected 0 or 3; row 1 is pruned}}
  %w = gs.constant dense<[[1, 0, 2], [0, 0, 0], [3, 0, 4]]> : tensor<3x3xi8> as tensor<3x3xi8, #gs.block_column<3x2>>
  return
}
