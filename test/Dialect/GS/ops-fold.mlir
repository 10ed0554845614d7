// RUN: gs-opt %s --canonicalize | FileCheck %s

// Unpacking a constant gives the dense weight; pruned positions are zero.
// CHECK-LABEL: func.func @decompress
// CHECK: arith.constant dense<{{\[\[}}0.000000e+00, 1.000000e+00, 0.000000e+00], [2.000000e+00, 0.000000e+00, 3.000000e+00]]> : tensor<2x3xf32>
// CHECK-NOT: gs.decompress
func.func @decompress() -> tensor<2x3xf32> {
  %c = gs.compressed_constant {indices = dense<[1, 0, 2]> : tensor<3xi32>, offsets = dense<[0, 1, 3]> : tensor<3xi32>,
                               values = dense<[1.0, 2.0, 3.0]> : tensor<3xf32>}
         : !gs.compressed<tensor<2x3xf32, #gs.unstructured>>
  %w = gs.decompress %c : !gs.compressed<tensor<2x3xf32, #gs.unstructured>> to tensor<2x3xf32>
  return %w : tensor<2x3xf32>
}

// CHECK-LABEL: func.func @block
// CHECK: arith.constant dense<{{\[\[}}0.000000e+00, 1.000000e+00], [0.000000e+00, 2.000000e+00]]> : tensor<2x2xf32>
func.func @block() -> tensor<2x2xf32> {
  %c = gs.compressed_constant {block_cols = dense<[1]> : tensor<1xi16>, offsets = dense<[0, 1]> : tensor<2xi32>,
                               values = dense<[[[1.0, 2.0]]]> : tensor<1x1x2xf32>}
         : !gs.compressed<tensor<2x2xf32, #gs.block<2x1>>, index = i16>
  %w = gs.decompress %c : !gs.compressed<tensor<2x2xf32, #gs.block<2x1>>, index = i16> to tensor<2x2xf32>
  return %w : tensor<2x2xf32>
}

// What is unknown stays.
// CHECK-LABEL: func.func @unknown
// CHECK: gs.decompress
func.func @unknown(%c: !gs.compressed<tensor<2x2xf32, #gs.unstructured>>) -> tensor<2x2xf32> {
  %w = gs.decompress %c : !gs.compressed<tensor<2x2xf32, #gs.unstructured>> to tensor<2x2xf32>
  return %w : tensor<2x2xf32>
}

// A contraction of tensors without uses is dead, one that writes a buffer is not.
// CHECK-LABEL: func.func @dead
// CHECK-NOT: -> tensor<4x5xf32>
// CHECK: gs.matmul {{.*}} memref<3x5xf32>
func.func @dead(%w: tensor<4x3xf32>, %x: tensor<3x5xf32>, %e: tensor<4x5xf32>, %wm: memref<4x3xf32>, %xm: memref<3x5xf32>, %ym: memref<4x5xf32>) {
  %0 = gs.matmul %w, %x outs(%e : tensor<4x5xf32>) : tensor<4x3xf32>, tensor<3x5xf32> -> tensor<4x5xf32>
  gs.matmul %wm, %xm outs(%ym : memref<4x5xf32>) : memref<4x3xf32>, memref<3x5xf32>
  return
}
