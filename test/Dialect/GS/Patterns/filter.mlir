// RUN: gs-opt %s --split-input-file --verify-diagnostics | FileCheck %s
// RUN: gs-opt %s --split-input-file --verify-diagnostics --emit-bytecode -o /dev/null

// CHECK: func.func private @types(tensor<64x256xf32, #gs.filter>, tensor<13x7x3x3xf16, #gs.filter>)
func.func private @types(tensor<64x256xf32, #gs.filter>, tensor<13x7x3x3xf16, #gs.filter>)

// -----

// One stored tile per kept row; a row of zeros may be kept or not.
// CHECK-LABEL: func.func @constant
func.func @constant() -> tensor<3x2xi8, #gs.filter> {
  // CHECK: gs.constant dense<{{.*}}> : tensor<3x2xi8> as tensor<3x2xi8, #gs.filter>
  %w = gs.constant dense<[[1, 4], [0, 0], [2, 3]]> : tensor<3x2xi8> as tensor<3x2xi8, #gs.filter>
  return %w : tensor<3x2xi8, #gs.filter>
}

// -----

// expected-error @+1 {{FL-C1: a weight has rank 2 (M, K) or 3 to 5 (O, I, k...), got rank 1}}
func.func private @rank(tensor<8xf32, #gs.filter>)

// -----

func.func @half_a_filter() {
  // expected-error @+1 {{FL-C1: filter 2 keeps 1 weights, expected 0 or 2 (filter 1x2); row 2, column 0 is pruned}}
  %w = gs.constant dense<[[1, 4], [0, 0], [0, 3]]> : tensor<3x2xi8> as tensor<3x2xi8, #gs.filter>
  return
}
