// RUN: gs-opt %s --split-input-file --verify-diagnostics | FileCheck %s
// RUN: gs-opt %s --split-input-file --verify-diagnostics --emit-bytecode -o /dev/null

// CHECK: func.func private @types(tensor<64x256xf32, #gs.column>, tensor<13x7x3x3xf16, #gs.column>)
func.func private @types(tensor<64x256xf32, #gs.column>, tensor<13x7x3x3xf16, #gs.column>)

// -----

// CHECK-LABEL: func.func @constant
func.func @constant() -> tensor<2x3xi8, #gs.column> {
  // CHECK: gs.constant dense<{{.*}}> : tensor<2x3xi8> as tensor<2x3xi8, #gs.column>
  %w = gs.constant dense<[[1, 0, 2], [3, 0, 4]]> : tensor<2x3xi8> as tensor<2x3xi8, #gs.column>
  return %w : tensor<2x3xi8, #gs.column>
}

// -----

// expected-error @+1 {{CL-C1: a weight has rank 2 (M, K) or 3 to 5 (O, I, k...), got rank 6}}
func.func private @rank(tensor<1x1x1x1x1x1xf32, #gs.column>)

// -----

func.func @half_a_column() {
  // expected-error @+1 {{CL-C1: column 2 keeps 1 weights, expected 0 or 2 (column 2x1); row 0, column 2 is pruned}}
  %w = gs.constant dense<[[1, 0, 0], [3, 0, 4]]> : tensor<2x3xi8> as tensor<2x3xi8, #gs.column>
  return
}
