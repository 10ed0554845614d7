// RUN: gs-opt %s | FileCheck %s
// RUN: gs-opt %s | gs-opt | FileCheck %s
// RUN: gs-opt %s --emit-bytecode | gs-opt | FileCheck %s
// RUN: gs-opt %s --canonicalize | FileCheck %s --check-prefix=FOLD

// CHECK-LABEL: func.func private @types(
// CHECK-SAME: tensor<64x256xf16, #gs.gather_scatter<banks = 16, width = 4>>
// CHECK-SAME: tensor<13x16x3x3xf32, #gs.gather_scatter<banks = 16, width = 1>>
// CHECK-SAME: tensor<1x8xi8, #gs.gather_scatter<banks = 8, width = 8>>
func.func private @types(tensor<64x256xf16, #gs.gather_scatter<banks = 16, width = 4>>,
                         tensor<13x16x3x3xf32, #gs.gather_scatter<banks = 16, width = 1>>,
                         tensor<1x8xi8, #gs.gather_scatter<width = 8, banks = 8>>)

// CHECK-LABEL: func.func private @units_and_tiles(
// CHECK-SAME: tensor<64x256xf32, #gs.gather_scatter<banks = 8, width = 1, unit = 4x1, tile = 32x128>>
// CHECK-SAME: tensor<64x256xf32, #gs.gather_scatter<banks = 8, width = 8>>
// CHECK-SAME: tensor<16x30x3x3xf32, #gs.gather_scatter<banks = 4, width = 2, unit = 2x4, tile = 16x64>>
func.func private @units_and_tiles(tensor<64x256xf32, #gs.gather_scatter<tile = 32x128, banks = 8, width = 1, unit = 4x1>>,
                                   tensor<64x256xf32, #gs.gather_scatter<banks = 8, width = 8, unit = 1x1>>,
                                   tensor<16x30x3x3xf32, #gs.gather_scatter<banks = 4, width = 2, unit = 2x4, tile = 16x64>>)

// Two tiles of two columns each, and counts that run on; a unit has two rows.
// CHECK-LABEL: func.func @unpacks_tiles
// FOLD-LABEL: func.func @unpacks_tiles
func.func @unpacks_tiles() -> tensor<2x4xi8> {
  // FOLD: arith.constant dense<{{\[}}[1, 2, 0, 0], [3, 4, 0, 0]]> : tensor<2x4xi8>
  %c = gs.compressed_constant {indices = dense<[[0, 1]]> : tensor<1x2xi8>, offsets = dense<[[0, 1], [1, 1]]> : tensor<2x2xi32>,
                               values = dense<[[[[1, 2]], [[3, 4]]]]> : tensor<1x2x1x2xi8>}
         : !gs.compressed<tensor<2x4xi8, #gs.gather_scatter<banks = 2, width = 2, unit = 2x1, tile = 2x2>>, layout = split, index_space = column, index = i8>
  %w = gs.decompress %c : !gs.compressed<tensor<2x4xi8, #gs.gather_scatter<banks = 2, width = 2, unit = 2x1, tile = 2x2>>, layout = split, index_space = column, index = i8> to tensor<2x4xi8>
  return %w : tensor<2x4xi8>
}

// GS(2,1): rows 0 and 1 are a bundle of two groups, row 2 a ragged one of one group.
// CHECK-LABEL: func.func @constant
func.func @constant() -> tensor<3x4xi8, #gs.gather_scatter<banks = 2, width = 1>> {
  // CHECK: gs.constant dense<{{.*}}> : tensor<3x4xi8> as tensor<3x4xi8, #gs.gather_scatter<banks = 2, width = 1>>
  %w = gs.constant dense<[[1, 2, 0, 0], [0, 0, 3, 4], [0, 0, 0, 5]]> : tensor<3x4xi8> as tensor<3x4xi8, #gs.gather_scatter<banks = 2, width = 1>>
  return %w : tensor<3x4xi8, #gs.gather_scatter<banks = 2, width = 1>>
}

// CHECK-LABEL: func.func @unpacks
// FOLD-LABEL: func.func @unpacks
func.func @unpacks() -> tensor<3x4xi8> {
  // CHECK: index = i8>
  // FOLD: arith.constant dense<{{\[}}[1, 2, 0, 0], [0, 0, 3, 4], [0, 0, 0, 5]]> : tensor<3x4xi8>
  %c = gs.compressed_constant {indices = dense<[[0, 3], [1, 2], [3, 0]]> : tensor<3x2xi8>, offsets = dense<[0, 2, 3]> : tensor<3xi32>,
                               values = dense<[[1, 4], [2, 3], [5, 0]]> : tensor<3x2xi8>}
         : !gs.compressed<tensor<3x4xi8, #gs.gather_scatter<banks = 2, width = 1>>, layout = split, index_space = column, index = i8>
  %w = gs.decompress %c : !gs.compressed<tensor<3x4xi8, #gs.gather_scatter<banks = 2, width = 1>>, layout = split, index_space = column, index = i8> to tensor<3x4xi8>
  return %w : tensor<3x4xi8>
}

// CHECK-LABEL: func.func @unpacks_joined
// FOLD-LABEL: func.func @unpacks_joined
func.func @unpacks_joined() -> tensor<3x4xi8> {
  // CHECK: layout = joined
  // FOLD: arith.constant dense<{{\[}}[1, 2, 0, 0], [0, 0, 3, 4], [0, 0, 0, 5]]> : tensor<3x4xi8>
  %c = gs.compressed_constant {offsets = dense<[0, 2, 3]> : tensor<3xi32>,
                               stream = dense<[[[1, 4], [0, 3]], [[2, 3], [1, 2]], [[5, 0], [3, 0]]]> : tensor<3x2x2xi8>}
         : !gs.compressed<tensor<3x4xi8, #gs.gather_scatter<banks = 2, width = 1>>, layout = joined, index_space = column, index = i8>
  %w = gs.decompress %c : !gs.compressed<tensor<3x4xi8, #gs.gather_scatter<banks = 2, width = 1>>, layout = joined, index_space = column, index = i8> to tensor<3x4xi8>
  return %w : tensor<3x4xi8>
}

// Columns 2 and 5: lane 0 holds 2 div 2, lane 1 holds 5 div 2.
// CHECK-LABEL: func.func @unpacks_quotient
// FOLD-LABEL: func.func @unpacks_quotient
func.func @unpacks_quotient() -> tensor<1x6xi8> {
  // CHECK: index = i8, index_form = quotient>
  // FOLD: arith.constant dense<{{\[}}[0, 0, 7, 0, 0, 8]]> : tensor<1x6xi8>
  %c = gs.compressed_constant {indices = dense<[[1, 2]]> : tensor<1x2xi8>, offsets = dense<[0, 1]> : tensor<2xi32>,
                               values = dense<[[7, 8]]> : tensor<1x2xi8>}
         : !gs.compressed<tensor<1x6xi8, #gs.gather_scatter<banks = 2, width = 2>>, layout = split, index_space = column, index = i8, index_form = quotient>
  %w = gs.decompress %c : !gs.compressed<tensor<1x6xi8, #gs.gather_scatter<banks = 2, width = 2>>, layout = split, index_space = column, index = i8, index_form = quotient> to tensor<1x6xi8>
  return %w : tensor<1x6xi8>
}
