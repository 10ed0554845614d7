// RUN: gs-opt %s | FileCheck %s
// RUN: gs-opt %s | gs-opt | FileCheck %s
// RUN: gs-opt %s --emit-bytecode | gs-opt | FileCheck %s
// RUN: gs-opt %s --canonicalize | FileCheck %s --check-prefix=FOLD

// CHECK-LABEL: func.func private @types(
// CHECK-SAME: tensor<64x256xf32, #gs.block<4x1>>
// CHECK-SAME: tensor<13x7x3x3xf16, #gs.block<8x1>>
// CHECK-SAME: tensor<10x10xbf16, #gs.block<3x16>>
func.func private @types(tensor<64x256xf32, #gs.block<4x1>>, tensor<13x7x3x3xf16, #gs.block<8x1>>,
                         tensor<10x10xbf16, #gs.block<3x16>>)

// Three rows in blocks of two: the last block row is ragged.
// CHECK-LABEL: func.func @constant
func.func @constant() -> tensor<3x2xi8, #gs.block<2x1>> {
  // CHECK: gs.constant dense<{{.*}}> : tensor<3x2xi8> as tensor<3x2xi8, #gs.block<2x1>>
  %w = gs.constant dense<[[1, 0], [2, 0], [0, 3]]> : tensor<3x2xi8> as tensor<3x2xi8, #gs.block<2x1>>
  return %w : tensor<3x2xi8, #gs.block<2x1>>
}

// CHECK-LABEL: func.func @unpacks
// FOLD-LABEL: func.func @unpacks
func.func @unpacks() -> tensor<3x2xi8> {
  // CHECK: !gs.compressed<tensor<3x2xi8, #gs.block<2x1>>, layout = split, index_space = column, index = i32>
  // FOLD: arith.constant dense<{{\[}}[1, 0], [2, 0], [0, 3]]> : tensor<3x2xi8>
  %c = gs.compressed_constant {block_cols = dense<[0, 1]> : tensor<2xi32>, offsets = dense<[0, 1, 2]> : tensor<3xi32>,
                               values = dense<[[[1, 2]], [[3, 0]]]> : tensor<2x1x2xi8>}
         : !gs.compressed<tensor<3x2xi8, #gs.block<2x1>>, layout = split, index_space = column, index = i32>
  %w = gs.decompress %c : !gs.compressed<tensor<3x2xi8, #gs.block<2x1>>, layout = split, index_space = column, index = i32> to tensor<3x2xi8>
  return %w : tensor<3x2xi8>
}

// A tile of two columns is stored column by column; its index is the number of the block column.
// CHECK-LABEL: func.func @unpacks_wide
// FOLD-LABEL: func.func @unpacks_wide
func.func @unpacks_wide() -> tensor<2x4xi8> {
  // FOLD: arith.constant dense<{{\[}}[0, 0, 1, 3], [0, 0, 2, 4]]> : tensor<2x4xi8>
  %c = gs.compressed_constant {block_cols = dense<1> : tensor<1xi8>, offsets = dense<[0, 1]> : tensor<2xi32>,
                               values = dense<[[[1, 2], [3, 4]]]> : tensor<1x2x2xi8>}
         : !gs.compressed<tensor<2x4xi8, #gs.block<2x2>>, layout = split, index_space = column, index = i8>
  %w = gs.decompress %c : !gs.compressed<tensor<2x4xi8, #gs.block<2x2>>, layout = split, index_space = column, index = i8> to tensor<2x4xi8>
  return %w : tensor<2x4xi8>
}
