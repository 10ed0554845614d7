// RUN: gs-opt %s --split-input-file --verify-diagnostics | FileCheck %s
// RUN: gs-opt %s --split-input-file --verify-diagnostics --emit-bytecode -o /dev/null

// CHECK: func.func private @types(tensor<64x256xf32, #gs.polarized<8>>, tensor<8x8x3x3xf16, #gs.polarized<4, view = channel_outer>>)
func.func private @types(tensor<64x256xf32, #gs.polarized<8>>, tensor<8x8x3x3xf16, #gs.polarized<4, view = channel_outer>>)

// -----

// CHECK-LABEL: func.func @constant
func.func @constant() -> tensor<2x6xf32, #gs.polarized<4>> {
  %w = gs.constant dense<[[3.0, 0.0, 1.0, 2.0, -1.0, -2.0], [-3.0, -3.0, -0.0, 0.0, 0.0, 4.0]]> : tensor<2x6xf32>
         as tensor<2x6xf32, #gs.polarized<4>>
  return %w : tensor<2x6xf32, #gs.polarized<4>>
}

// -----

// expected-error @+1 {{PF-C1: }}
func.func private @size(tensor<8x8xf32, #gs.polarized<0>>)

// -----

// expected-error @+1 {{PF-C1: a weight has rank 2}}
func.func private @rank(tensor<8xf32, #gs.polarized<4>>)

// -----

func.func @mixed() {
  // expected-error @+1 {{PF-C1: fragment 1 of row 0 has 1 positive and 2 negative weights, expected one sign; columns 5 and 7 differ}}
  %w = gs.constant dense<[[1, 2, 0, 3, -1, 1, 0, -1]]> : tensor<1x8xi8> as tensor<1x8xi8, #gs.polarized<4>>
  return
}

// -----

// The order in which inputs are counted matters: channels first, then locations.
func.func @order() {
  // expected-error @+1 {{PF-C1: fragment 0 of row 0}}
  %w = gs.constant dense<[[[1, -1], [2, -2]]]> : tensor<1x2x2xi8> as tensor<1x2x2xi8, #gs.polarized<2, view = channel_outer>>
  return
}

// -----

// CHECK-LABEL: func.func @inner
func.func @inner() {
  %w = gs.constant dense<[[[1, -1], [2, -2]]]> : tensor<1x2x2xi8> as tensor<1x2x2xi8, #gs.polarized<2>>
  return
}
