// RUN: gs-opt %s --split-input-file --verify-diagnostics | FileCheck %s
// RUN: gs-opt %s --split-input-file --verify-diagnostics --emit-bytecode -o /dev/null

// CHECK: func.func private @types(tensor<64x256xf32, #gs.window<6 : 32, rows = 16>>, tensor<8x8xf16, #gs.window<1 : 16, rows = 8>>,
// CHECK-SAME: tensor<8x8x3x3xf32, #gs.window<2 : 16, rows = 16>>)
func.func private @types(tensor<64x256xf32, #gs.window<6 : 32, rows = 16>>, tensor<8x8xf16, #gs.window<1 : 16, rows = 8>>,
                         tensor<8x8x3x3xf32, #gs.window<2 : 16>>)

// -----

// The second window has two columns, and keeps both.
// CHECK-LABEL: func.func @constant
func.func @constant() -> tensor<1x18xi8, #gs.window<2 : 16, rows = 2>> {
  %w = gs.constant dense<[[0, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 4]]> : tensor<1x18xi8>
         as tensor<1x18xi8, #gs.window<2 : 16, rows = 2>>
  return %w : tensor<1x18xi8, #gs.window<2 : 16, rows = 2>>
}

// -----

// expected-error @+1 {{WN-C1: a window has 16 or 32 columns, not 8}}
func.func private @width(tensor<8x8xf32, #gs.window<4 : 8>>)

// -----

// expected-error @+1 {{WN-C1: 16 of every 16 is not possible; 0 < q < w}}
func.func private @all(tensor<8x8xf32, #gs.window<16 : 16>>)

// -----

// expected-error @+1 {{WN-C1: a bundle has 1 to 64 rows, not 0}}
func.func private @rows(tensor<8x8xf32, #gs.window<2 : 16, rows = 0>>)

// -----

// expected-error @+1 {{WN-C2: a weight has rank 2}}
func.func private @rank(tensor<8xf32, #gs.window<2 : 16>>)

// -----

func.func @uneven() {
  // expected-error @+1 {{WN-C3: bundle 0, window 0: row 1 keeps 1 weights, expected 2 (2 : 16); the window begins at column 0}}
  %w = gs.constant dense<[[0, 1, 2], [1, 0, 0]]> : tensor<2x3xi8> as tensor<2x3xi8, #gs.window<2 : 16>>
  return
}
