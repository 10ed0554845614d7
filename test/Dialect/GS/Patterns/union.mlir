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
