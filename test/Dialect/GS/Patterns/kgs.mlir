// RUN: gs-opt %s --split-input-file --verify-diagnostics | FileCheck %s
// RUN: gs-opt %s --split-input-file --verify-diagnostics --emit-bytecode -o /dev/null

// CHECK: func.func private @types(tensor<64x32x3x3xf32, #gs.kgs<8x4>>, tensor<8x4x3x3x3xf16, #gs.kgs<8x4, locations = 5>>)
func.func private @types(tensor<64x32x3x3xf32, #gs.kgs<8x4>>, tensor<8x4x3x3x3xf16, #gs.kgs<8x4, locations = 5>>)

// -----

// Two filters and two channels; one location kept.
// CHECK-LABEL: func.func @constant
func.func @constant() -> tensor<2x2x3xi8, #gs.kgs<2x2, locations = 1>> {
  %w = gs.constant dense<[[[0, 1, 0], [0, 2, 0]], [[0, 3, 0], [0, 4, 0]]]> : tensor<2x2x3xi8>
         as tensor<2x2x3xi8, #gs.kgs<2x2, locations = 1>>
  return %w : tensor<2x2x3xi8, #gs.kgs<2x2, locations = 1>>
}

// -----

// expected-error @+1 {{KG-C1: groups of 4 do not divide 6 filters}}
func.func private @filters(tensor<6x8x3x3xf32, #gs.kgs<4x4>>)

// -----

// expected-error @+1 {{KG-C1: groups of 4 do not divide 6 input channels}}
func.func private @channels(tensor<8x6x3x3xf32, #gs.kgs<4x4>>)

// -----

// expected-error @+1 {{KG-C1: a kernel of one location has nothing to choose from; use #gs.block<4x4>}}
func.func private @one_location(tensor<8x8x1x1xf32, #gs.kgs<4x4>>)

// -----

// expected-error @+1 {{KG-C3: 10 locations of a kernel that has 9}}
func.func private @locations(tensor<8x8x3x3xf32, #gs.kgs<4x4, locations = 10>>)

// -----

// expected-error @+1 {{KG-C3: -1 locations are not possible}}
func.func private @negative(tensor<8x8x3x3xf32, #gs.kgs<4x4, locations = -1>>)

// -----

func.func @half_a_location() {
  // expected-error @+1 {{KG-C2: group row 0, group column 1 keeps 3 weights, expected 0 or 4 (group 2x2); row 1, column 3 is pruned}}
  %w = gs.constant dense<[[[0, 1, 0], [0, 2, 0]], [[0, 3, 0], [0, 0, 0]]]> : tensor<2x2x3xi8> as tensor<2x2x3xi8, #gs.kgs<2x2>>
  return
}

// -----

func.func @wrong_count() {
  // expected-error @+1 {{KG-C3: row 0 of groups keeps 2, expected 1}}
  %w = gs.constant dense<[[[5, 1, 0], [6, 2, 0]], [[7, 3, 0], [8, 4, 0]]]> : tensor<2x2x3xi8>
         as tensor<2x2x3xi8, #gs.kgs<2x2, locations = 1>>
  return
}
