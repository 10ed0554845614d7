// RUN: gs-opt %s --split-input-file --verify-diagnostics --canonicalize | FileCheck %s
// RUN: gs-opt %s --split-input-file --verify-diagnostics --emit-bytecode -o /dev/null

// The tile of column 1 is whole and goes to the first term; the rest is unstructured.
// CHECK-LABEL: func.func @constant
// CHECK: gs.constant {{.*}} tensor<2x3xi8, #gs.union<[#gs.block<2x1>, #gs.unstructured]>>
func.func @constant() -> tensor<2x3xi8, #gs.union<[#gs.block<2x1>, #gs.unstructured]>> {
  %w = gs.constant dense<[[0, 1, 5], [3, 2, 0]]> : tensor<2x3xi8>
         as tensor<2x3xi8, #gs.union<[#gs.block<2x1>, #gs.unstructured]>>
  return %w : tensor<2x3xi8, #gs.union<[#gs.block<2x1>, #gs.unstructured]>>
}

// -----

// CHECK-LABEL: func.func @unpacked
// CHECK: arith.constant dense<{{\[\[}}0, 1, 5], [3, 2, 0]]> : tensor<2x3xi8>
func.func @unpacked() -> tensor<2x3xi8> {
  %c = gs.compressed_constant {"0_values" = dense<[[[1, 2]]]> : tensor<1x1x2xi8>, "0_block_cols" = dense<1> : tensor<1xi32>,
                               "0_offsets" = dense<[0, 1]> : tensor<2xi32>, "1_values" = dense<[5, 3]> : tensor<2xi8>,
                               "1_indices" = dense<[2, 0]> : tensor<2xi32>, "1_offsets" = dense<[0, 1, 2]> : tensor<3xi32>}
         : !gs.compressed<tensor<2x3xi8, #gs.union<[#gs.block<2x1>, #gs.unstructured]>>, layout = split, index_space = column, index = i32>
  %w = gs.decompress %c : !gs.compressed<tensor<2x3xi8, #gs.union<[#gs.block<2x1>, #gs.unstructured]>>, layout = split, index_space = column, index = i32> to tensor<2x3xi8>
  return %w : tensor<2x3xi8>
}

// -----

// expected-error @+1 {{CO-C1: a union needs two terms or more, got 1}}
func.func private @one(tensor<8x8xf32, #gs.union<[#gs.unstructured]>>)

// -----

// expected-error @+1 {{CO-C1: #gs.unstructured can only be the last term of a union}}
func.func private @order(tensor<8x8xf32, #gs.union<[#gs.unstructured, #gs.block<4x1>]>>)

// -----

func.func @rest() {
  // expected-error @+1 {{NM-C3: window 0 of row 0 keeps 0 weights, expected 1 (1 : 2)}}
  %w = gs.constant dense<[[1, 1], [1, 1]]> : tensor<2x2xi8> as tensor<2x2xi8, #gs.union<[#gs.block<2x1>, #gs.nm<1 : 2>]>>
  return
}

// -----

// Terms of tiles that keep 2 of 4, and a remainder: of each window the two lowest columns go to the first term.
// CHECK-LABEL: func.func @counted
// CHECK: #gs.union<[#gs.intersection<[#gs.block<1x4>, #gs.nm<2 : 4>]>, #gs.unstructured]>
func.func @counted() -> tensor<1x8xi8, #gs.union<[#gs.intersection<[#gs.block<1x4>, #gs.nm<2 : 4>]>, #gs.unstructured]>> {
  %w = gs.constant dense<[[1, 2, 3, 0, 0, 0, 4, 0]]> : tensor<1x8xi8>
         as tensor<1x8xi8, #gs.union<[#gs.intersection<[#gs.block<1x4>, #gs.nm<2 : 4>]>, #gs.unstructured]>>
  return %w : tensor<1x8xi8, #gs.union<[#gs.intersection<[#gs.block<1x4>, #gs.nm<2 : 4>]>, #gs.unstructured]>>
}

// -----

// CHECK-LABEL: func.func @unpacked_counted
// CHECK: arith.constant dense<{{\[\[}}1, 2, 3, 0, 0, 0, 4, 0]]> : tensor<1x8xi8>
func.func @unpacked_counted() -> tensor<1x8xi8> {
  %c = gs.compressed_constant {"0_values" = dense<[1, 2]> : tensor<2xi8>, "0_indices" = dense<[0, 1]> : tensor<2xi32>,
                               "0_offsets" = dense<[0, 2]> : tensor<2xi32>, "1_values" = dense<[3, 4]> : tensor<2xi8>,
                               "1_indices" = dense<[2, 6]> : tensor<2xi32>, "1_offsets" = dense<[0, 2]> : tensor<2xi32>}
         : !gs.compressed<tensor<1x8xi8, #gs.union<[#gs.intersection<[#gs.block<1x4>, #gs.nm<2 : 4>]>, #gs.unstructured]>>, layout = split, index_space = column, index = i32>
  %w = gs.decompress %c : !gs.compressed<tensor<1x8xi8, #gs.union<[#gs.intersection<[#gs.block<1x4>, #gs.nm<2 : 4>]>, #gs.unstructured]>>, layout = split, index_space = column, index = i32> to tensor<1x8xi8>
  return %w : tensor<1x8xi8>
}

// -----

// What the first term does not take has to be whole blocks.
func.func @counted_rest() {
  // expected-error @+1 {{BK-C2: block row 0, block column 0 keeps 1 weights, expected 0 or 2 (block 1x2); row 0, column 1 is pruned}}
  %w = gs.constant dense<[[1, 0, 0, 0, 1, 1, 1, 1]]> : tensor<1x8xi8>
         as tensor<1x8xi8, #gs.union<[#gs.intersection<[#gs.block<1x4>, #gs.nm<2 : 4>]>, #gs.block<1x2>]>>
  return
}

// -----

// expected-error @+1 {{CO-C1: #gs.intersection<[#gs.block<4x4>, #gs.unstructured]> can only be the last term of a union}}
func.func private @uncounted(tensor<8x8xf32, #gs.union<[#gs.intersection<[#gs.block<4x4>, #gs.unstructured]>, #gs.unstructured]>>)

// -----

// expected-error @+1 {{CO-C1: a term of a union cannot be a union; list its terms instead}}
func.func private @nested(tensor<8x8xf32, #gs.union<[#gs.block<4x1>, #gs.union<[#gs.block<2x1>, #gs.unstructured]>]>>)

// -----

// expected-error @+1 {{CO-C1: a term of a union cannot have a row order of its own}}
func.func private @ordered(tensor<8x8xf32, #gs.union<[#gs.block<4x1>, #gs.permuted<#gs.block<2x1>>]>>)
