// RUN: gs-opt %s | FileCheck %s
// RUN: gs-opt %s | gs-opt | FileCheck %s
// RUN: gs-opt %s --emit-bytecode | gs-opt | FileCheck %s
// RUN: gs-opt %s --canonicalize | FileCheck %s --check-prefix=FOLD

// CHECK-LABEL: func.func private @types(
// CHECK-SAME: tensor<64x256xf32, #gs.unstructured>
// CHECK-SAME: tensor<8x3x7xf16, #gs.unstructured>
// CHECK-SAME: tensor<8x3x5x7xi8, #gs.unstructured>
func.func private @types(tensor<64x256xf32, #gs.unstructured>, tensor<8x3x7xf16, #gs.unstructured>,
                         tensor<8x3x5x7xi8, #gs.unstructured>)

// CHECK-LABEL: func.func @constant
func.func @constant() -> tensor<2x3xf32, #gs.unstructured> {
  // CHECK: gs.constant dense<{{.*}}> : tensor<2x3xf32> mask dense<{{.*}}> : tensor<2x3xi1> as tensor<2x3xf32, #gs.unstructured>
  %w = gs.constant dense<[[1.0, 0.0, 0.0], [0.0, 2.0, 0x7FC00000]]> : tensor<2x3xf32>
         mask dense<[[true, true, false], [false, true, true]]> : tensor<2x3xi1> as tensor<2x3xf32, #gs.unstructured>
  return %w : tensor<2x3xf32, #gs.unstructured>
}

// CHECK-LABEL: func.func @unpacks
// FOLD-LABEL: func.func @unpacks
func.func @unpacks() -> tensor<3x4xf32> {
  // CHECK: gs.compressed_constant {indices = dense<[1, 3, 0]> : tensor<3xi8>
  // CHECK-SAME: !gs.compressed<tensor<3x4xf32, #gs.unstructured>, layout = split, index_space = column, index = i8>
  // FOLD: arith.constant dense<{{\[}}[0.000000e+00, 1.000000e+00, 0.000000e+00, 2.000000e+00], [0.000000e+00, 0.000000e+00, 0.000000e+00, 0.000000e+00], [3.000000e+00, 0.000000e+00, 0.000000e+00, 0.000000e+00]]>
  // FOLD-NOT: gs.
  %c = gs.compressed_constant {indices = dense<[1, 3, 0]> : tensor<3xi8>, offsets = dense<[0, 2, 2, 3]> : tensor<4xi32>,
                               values = dense<[1.0, 2.0, 3.0]> : tensor<3xf32>}
         : !gs.compressed<tensor<3x4xf32, #gs.unstructured>, layout = split, index_space = column, index = i8>
  %w = gs.decompress %c : !gs.compressed<tensor<3x4xf32, #gs.unstructured>, layout = split, index_space = column, index = i8> to tensor<3x4xf32>
  return %w : tensor<3x4xf32>
}

// Groups of column block 0 (columns 0 and 1) come first, row by row.
// CHECK-LABEL: func.func @unpacks_column_blocks
// FOLD-LABEL: func.func @unpacks_column_blocks
func.func @unpacks_column_blocks() -> tensor<2x4xi8> {
  // CHECK: column_block = 2>
  // FOLD: arith.constant dense<{{\[}}[0, 1, 0, 3], [2, 0, 4, 0]]> : tensor<2x4xi8>
  %c = gs.compressed_constant {indices = dense<[1, 0, 3, 2]> : tensor<4xi16>, offsets = dense<[0, 1, 2, 3, 4]> : tensor<5xi32>,
                               values = dense<[1, 2, 3, 4]> : tensor<4xi8>}
         : !gs.compressed<tensor<2x4xi8, #gs.unstructured>, layout = split, index_space = column, index = i16, column_block = 2>
  %w = gs.decompress %c : !gs.compressed<tensor<2x4xi8, #gs.unstructured>, layout = split, index_space = column, index = i16, column_block = 2> to tensor<2x4xi8>
  return %w : tensor<2x4xi8>
}

// A kernel location is the outer part of a column: column 3 is location 1 of channel 1.
// CHECK-LABEL: func.func @unpacks_convolution
// FOLD-LABEL: func.func @unpacks_convolution
func.func @unpacks_convolution() -> tensor<1x2x3xf32> {
  // FOLD: arith.constant dense<{{\[\[}}[0.000000e+00, 0.000000e+00, 0.000000e+00], [0.000000e+00, 5.000000e+00, 0.000000e+00]]]>
  %c = gs.compressed_constant {indices = dense<3> : tensor<1xi32>, offsets = dense<[0, 1]> : tensor<2xi32>,
                               values = dense<5.0> : tensor<1xf32>}
         : !gs.compressed<tensor<1x2x3xf32, #gs.unstructured>, layout = split, index_space = column, index = i32>
  %w = gs.decompress %c : !gs.compressed<tensor<1x2x3xf32, #gs.unstructured>, layout = split, index_space = column, index = i32> to tensor<1x2x3xf32>
  return %w : tensor<1x2x3xf32>
}
