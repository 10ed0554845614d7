// One output column, any mask: lanes are rows, activations are permuted out of two windows in registers.
//
// RUN: gs-opt %s --gs-sparsify=target=x86-64-v3 --gs-lower-to-vector=target=x86-64-v3 | FileCheck %s --check-prefixes=CHECK,V3
// RUN: gs-opt %s --gs-sparsify=target=x86-64-v4 --gs-lower-to-vector=target=x86-64-v4 | FileCheck %s --check-prefixes=CHECK,V4
// RUN: gs-opt %s --gs-sparsify=target=x86-64-v4 | FileCheck %s --check-prefix=PACKED

// Rows that fill no vector, columns that fill no window, empty, dense and uneven rows; infinite and undefined activations
// and weights:
// RUN: %python %S/Inputs/kernels.py sliding-window-permute > %t.cases.mlir
// RUN: gs-opt %t.cases.mlir --gs-compile-cpu=target=x86-64-v3 -o %t.v3.mlir
// RUN: %if avx2 %{ mlir-runner %t.v3.mlir -e main -entry-point-result=void --shared-libs=%gs_check_runtime %}
// RUN: gs-opt %t.cases.mlir --gs-compile-cpu=target=x86-64-v4 -o %t.v4.mlir
// RUN: %if avx512 %{ mlir-runner %t.v4.mlir -e main -entry-point-result=void --shared-libs=%gs_check_runtime %}

// A row with three weights and one with a single one: two pairs of windows, the third one of the block idle. Places have
// five bits, idle lanes name the last place of the second window, 31: 1073709472 = 0, 13, 0, 31, 31, 31.
// PACKED: gs.compressed_constant {indices = dense<{{\[\[\[}}0, 16], [40, 45], [0, 0]]]> : tensor<1x3x2xi16>
// PACKED-SAME: lane_indices = dense<{{\[\[}}1073709472, 1073741812, 1073741823,
// PACKED: layout = lane_windows, index_space = activation, index = i16, panel_rows = 16
// Rows that share columns share places.
// PACKED-LABEL: func.func @blocks
// PACKED: lane_indices = dense<{{.*}}> : tensor<1x4xi32>

// CHECK-LABEL: func.func private @matmul(
// As many steps per block as places fill a word, each with a sum of its own.
// V4: %[[SUMS:.*]]:6 = scf.for
// V3: %[[SUMS:.*]]:8 = scf.for
// V4: %[[PLACES:.*]] = vector.load {{.*}} vector<16xi32>
// V4: %[[FIRST:.*]] = vector.load %arg0
// The zero of idle lanes stands behind fifteen activations.
// V4: %[[SECOND:.*]] = vector.maskedload %arg0
// V4: %[[X:.*]] = llvm.call_intrinsic "llvm.x86.avx512.vpermi2var.ps.512"(%[[FIRST]], %[[PLACES]], %[[SECOND]])
// V4: vector.fma %{{.*}}, %[[X]]
// V4: arith.shrui %[[PLACES]]
// Two steps share the windows.
// V4-NOT: vector.maskedload
// V4: llvm.call_intrinsic "llvm.x86.avx512.vpermi2var.ps.512"(%[[FIRST]], %{{.*}}, %[[SECOND]])
// V4: vector.maskedload
// V3: %[[B:.*]] = llvm.call_intrinsic "llvm.x86.avx2.permps"
// V3: %[[A:.*]] = llvm.call_intrinsic "llvm.x86.avx2.permps"
// V3: arith.select %{{.*}}, %[[B]], %[[A]]
// CHECK: vector.maskedstore
func.func @rows(%x: tensor<60x1xf32>, %e: tensor<2x1xf32>) -> tensor<2x1xf32> {
  %w = gs.constant dense<[[1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 3.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
                          [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 4.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]]> : tensor<2x60xf32>
         as tensor<2x60xf32, #gs.unstructured>
  %y = gs.matmul %w, %x outs(%e : tensor<2x1xf32>) strategy = <"sliding-window-permute">
         : tensor<2x60xf32, #gs.unstructured>, tensor<60x1xf32> -> tensor<2x1xf32>
  return %y : tensor<2x1xf32>
}

// Sorted rows are stored where they belong.
// CHECK-LABEL: func.func private @matmul_{{[0-9]+}}(
// CHECK: vector.gather %{{.*}}[%{{.*}}] [%[[ROWS:.*]]], %
// CHECK: vector.scatter %{{.*}}[%{{.*}}] [%[[ROWS]]], %
func.func @sorted(%x: tensor<4x1xf32>, %b: tensor<2xf32>, %e: tensor<2x1xf32>) -> tensor<2x1xf32> {
  %w = gs.constant dense<[[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 2.0, 3.0]]> : tensor<2x4xf32> as tensor<2x4xf32, #gs.unstructured>
  %y = gs.matmul %w, %x epilogue(%b : tensor<2xf32>) outs(%e : tensor<2x1xf32>)
         strategy = <"sliding-window-permute", {sorted = 1}>
         : tensor<2x4xf32, #gs.unstructured>, tensor<4x1xf32> -> tensor<2x1xf32> {
  ^bb0(%s: f32, %bias: f32):
    %0 = arith.addf %s, %bias : f32
    gs.yield %0 : f32
  }
  return %y : tensor<2x1xf32>
}

// Four rows that share their columns share a word of places, which is spread over their lanes.
// CHECK-LABEL: func.func private @matmul_{{[0-9]+}}(
// V4: vector.load %{{.*}} : memref<4xi32>, vector<4xi32>
// V4: vector.shuffle {{.*}} [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3]
func.func @blocks(%x: tensor<3x1xf32>, %e: tensor<4x1xf32>) -> tensor<4x1xf32> {
  %w = gs.constant dense<[[1.0, 0.0, 0.0], [2.0, 0.0, 0.0], [3.0, 0.0, 0.0], [4.0, 0.0, 0.0]]> : tensor<4x3xf32>
         as tensor<4x3xf32, #gs.block<4x1>>
  %y = gs.matmul %w, %x outs(%e : tensor<4x1xf32>) strategy = <"sliding-window-permute">
         : tensor<4x3xf32, #gs.block<4x1>>, tensor<3x1xf32> -> tensor<4x1xf32>
  return %y : tensor<4x1xf32>
}
