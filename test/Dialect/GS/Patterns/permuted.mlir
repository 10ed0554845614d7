// RUN: gs-opt %s --split-input-file --verify-diagnostics --canonicalize | FileCheck %s
// RUN: gs-opt %s --split-input-file --verify-diagnostics --emit-bytecode -o /dev/null

// CHECK: func.func private @folded(tensor<8x8xf32, #gs.permuted<#gs.block<4x1>>>)
func.func private @folded(tensor<8x8xf32, #gs.permuted<#gs.permuted<#gs.block<4x1>>>>)

// -----

// Rows 0 and 2 make a block, which stands last.
// CHECK-LABEL: func.func @unpacked
// CHECK: arith.constant dense<{{\[\[}}1, 0], [0, 0], [2, 0], [0, 0]]> : tensor<4x2xi8>
func.func @unpacked() -> tensor<4x2xi8> {
  %c = gs.compressed_constant {values = dense<[[[1, 2]]]> : tensor<1x1x2xi8>, block_cols = dense<0> : tensor<1xi32>,
                               offsets = dense<[0, 0, 1]> : tensor<3xi32>, row_order = dense<[3, 1, 0, 2]> : tensor<4xi32>}
         : !gs.compressed<tensor<4x2xi8, #gs.permuted<#gs.block<2x1>>>, layout = split, index_space = column, index = i32>
  %w = gs.decompress %c : !gs.compressed<tensor<4x2xi8, #gs.permuted<#gs.block<2x1>>>, layout = split, index_space = column, index = i32> to tensor<4x2xi8>
  return %w : tensor<4x2xi8>
}

// -----

func.func @twice() {
  // expected-error @+1 {{CO-C3: row order is not a permutation: row 1 is listed twice}}
  %c = gs.compressed_constant {values = dense<> : tensor<0xi8>, indices = dense<> : tensor<0xi32>,
                               offsets = dense<0> : tensor<3xi32>, row_order = dense<1> : tensor<2xi32>}
         : !gs.compressed<tensor<2x2xi8, #gs.permuted<#gs.unstructured>>, layout = split, index_space = column, index = i32>
  return
}

// -----

// The order of a constant is its own: values stay where they are.
// CHECK-LABEL: func.func @constant
// CHECK: gs.constant {{.*}} row_order [3, 1, 0, 2] as tensor<4x2xi8, #gs.permuted<#gs.block<2x1>>>
func.func @constant() -> tensor<4x2xi8, #gs.permuted<#gs.block<2x1>>> {
  %w = gs.constant dense<[[1, 0], [0, 0], [2, 0], [0, 0]]> : tensor<4x2xi8> row_order [3, 1, 0, 2] as tensor<4x2xi8, #gs.permuted<#gs.block<2x1>>>
  return %w : tensor<4x2xi8, #gs.permuted<#gs.block<2x1>>>
}

// -----

func.func @broken() {
  // expected-error @+1 {{BK-C2}}
  %w = gs.constant dense<[[1, 0], [0, 0], [2, 0], [0, 0]]> : tensor<4x2xi8> row_order [0, 1, 2, 3] as tensor<4x2xi8, #gs.permuted<#gs.block<2x1>>>
  return
}

// -----

func.func @short() {
  // expected-error @+1 {{CO-C3: row order lists 3 of 4 rows}}
  %w = gs.constant dense<0> : tensor<4x2xi8> row_order [0, 1, 2] as tensor<4x2xi8, #gs.permuted<#gs.block<2x1>>>
  return
}

// -----

func.func @not_permuted() {
  // expected-error @+1 {{CO-C3: a row_order needs a pattern on reordered rows, #gs.permuted<...>, not #gs.block<2x1>}}
  %w = gs.constant dense<0> : tensor<4x2xi8> row_order [0, 1, 2, 3] as tensor<4x2xi8, #gs.block<2x1>>
  return
}
