// RUN: gs-opt %s --split-input-file --verify-diagnostics | FileCheck %s
// RUN: gs-opt %s --split-input-file --verify-diagnostics --emit-bytecode -o /dev/null

// CHECK: func.func private @types(tensor<64x256xf32, #gs.same_block<8x8>>)
func.func private @types(tensor<64x256xf32, #gs.same_block<8x8>>)

// -----

// CHECK-LABEL: func.func @constant
func.func @constant() -> tensor<3x4xi8, #gs.same_block<2x2>> {
  %w = gs.constant dense<[[1, 0, 2, 0], [0, 3, 0, 4], [5, 0, 6, 0]]> : tensor<3x4xi8> as tensor<3x4xi8, #gs.same_block<2x2>>
  return %w : tensor<3x4xi8, #gs.same_block<2x2>>
}

// -----

// expected-error @+1 {{SB-C1: a block of 0x8 is not possible}}
func.func private @zero(tensor<8x8xf32, #gs.same_block<0x8>>)

// -----

func.func @different() {
  // expected-error @+1 {{SB-C2: block row 0, block column 1 prunes row 1, column 3, unlike the first block}}
  %w = gs.constant dense<[[1, 0, 2, 0], [0, 3, 0, 0]]> : tensor<2x4xi8> as tensor<2x4xi8, #gs.same_block<2x2>>
  return
}
