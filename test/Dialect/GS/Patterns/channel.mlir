// RUN: gs-opt %s --split-input-file --verify-diagnostics | FileCheck %s
// RUN: gs-opt %s --split-input-file --verify-diagnostics --emit-bytecode -o /dev/null

// CHECK: func.func private @types(tensor<64x256xf32, #gs.channel>, tensor<13x7x3x3xf16, #gs.channel>)
func.func private @types(tensor<64x256xf32, #gs.channel>, tensor<13x7x3x3xf16, #gs.channel>)

// -----

// CHECK-LABEL: func.func @constant
func.func @constant() -> tensor<2x2x2xi8, #gs.channel> {
  // CHECK: gs.constant dense<{{.*}}> : tensor<2x2x2xi8> as tensor<2x2x2xi8, #gs.channel>
  %w = gs.constant dense<[[[0, 0], [1, 2]], [[0, 0], [3, 4]]]> : tensor<2x2x2xi8> as tensor<2x2x2xi8, #gs.channel>
  return %w : tensor<2x2x2xi8, #gs.channel>
}

// -----

// expected-error @+1 {{CH-C1: element type must be f16, bf16, f32, f64, i8, i16 or i32, not 'i4'}}
func.func private @element(tensor<8x8xi4, #gs.channel>)

// -----

// Columns are numbered with the channel innermost: channel 1 at location 0 is column 1.
func.func @half_a_channel() {
  // expected-error @+1 {{CH-C1: channel 1 keeps 3 weights, expected 0 or 4 (channel 2x2); row 1, column 1 is pruned}}
  %w = gs.constant dense<[[[0, 0], [1, 2]], [[0, 0], [0, 4]]]> : tensor<2x2x2xi8> as tensor<2x2x2xi8, #gs.channel>
  return
}
