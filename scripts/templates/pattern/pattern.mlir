// RUN: gs-opt %s --split-input-file --verify-diagnostics | gs-opt --split-input-file | FileCheck %s

// Two kept weights in the first row, one in the second.
// CHECK-LABEL: func.func @legal
func.func @legal() -> tensor<2x4xf32, #gs.@snake@<2>> {
  // CHECK: gs.constant {{.*}} as tensor<2x4xf32, #gs.@snake@<2>>
  %w = gs.constant dense<[[1.0, 0.0, 2.0, 0.0], [0.0, 3.0, 0.0, 0.0]]> : tensor<2x4xf32> as tensor<2x4xf32, #gs.@snake@<2>>
  return %w : tensor<2x4xf32, #gs.@snake@<2>>
}

// -----

// expected-error @+1 {{@LABEL@-C1: limit = 0 must be positive}}
func.func private @limit(tensor<2x4xf32, #gs.@snake@<0>>)

// -----

func.func @mask() -> tensor<2x4xf32, #gs.@snake@<1>> {
  // expected-error @+1 {{@LABEL@-C2: row 0 keeps 2 weights, expected at most 1}}
  %w = gs.constant dense<[[1.0, 0.0, 2.0, 0.0], [0.0, 3.0, 0.0, 0.0]]> : tensor<2x4xf32> as tensor<2x4xf32, #gs.@snake@<1>>
  return %w : tensor<2x4xf32, #gs.@snake@<1>>
}
