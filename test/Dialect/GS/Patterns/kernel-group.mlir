// RUN: gs-opt %s --split-input-file --verify-diagnostics | FileCheck %s
// RUN: gs-opt %s --split-input-file --verify-diagnostics --emit-bytecode -o /dev/null

// CHECK: func.func private @types(tensor<64x32x3x3xf32, #gs.kernel_group<4x4>>,
// CHECK-SAME: tensor<12x6x3xf16, #gs.kernel_group<1x1, balanced>>)
func.func private @types(tensor<64x32x3x3xf32, #gs.kernel_group<4x4>>, tensor<12x6x3xf16, #gs.kernel_group<1x1, balanced>>)

// -----

// CHECK-LABEL: func.func @constant
func.func @constant() -> tensor<2x2x2xi8, #gs.kernel_group<1x1, balanced>> {
  %w = gs.constant dense<[[[0, 0], [1, 2]], [[3, 4], [0, 0]]]> : tensor<2x2x2xi8>
         as tensor<2x2x2xi8, #gs.kernel_group<1x1, balanced>>
  return %w : tensor<2x2x2xi8, #gs.kernel_group<1x1, balanced>>
}

// -----

// expected-error @+1 {{VK-C1: a kernel group of 0x4 is not possible}}
func.func private @zero(tensor<8x8xf32, #gs.kernel_group<0x4>>)

// -----

// expected-error @+1 {{VK-C1: groups of 3 do not divide 8 filters}}
func.func private @filters(tensor<8x8xf32, #gs.kernel_group<3x4>>)

// -----

// expected-error @+1 {{VK-C1: groups of 3 do not divide 8 input channels}}
func.func private @channels(tensor<8x8xf32, #gs.kernel_group<4x3>>)

// -----

// expected-error @+1 {{a kernel group is written as rows x columns, such as #gs.kernel_group<4x4>; got 1 extent(s)}}
func.func private @extents(tensor<8x8xf32, #gs.kernel_group<4>>)

// -----

func.func @half_a_kernel() {
  // expected-error @+1 {{VK-C2: kernel group row 0, kernel group column 1 keeps 1 weights, expected 0 or 2 (kernel group 1x2); row 0, column 1 is pruned}}
  %w = gs.constant dense<[[[0, 0], [0, 2]], [[3, 4], [0, 0]]]> : tensor<2x2x2xi8> as tensor<2x2x2xi8, #gs.kernel_group<1x1>>
  return
}

// -----

func.func @unbalanced() {
  // expected-error @+1 {{CN-C2: row 1 of kernel groups keeps 2, expected 1}}
  %w = gs.constant dense<[[[0, 0], [1, 2]], [[3, 4], [5, 6]]]> : tensor<2x2x2xi8>
         as tensor<2x2x2xi8, #gs.kernel_group<1x1, balanced>>
  return
}
