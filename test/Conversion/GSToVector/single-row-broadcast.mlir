// One row at a time: each kept weight is broadcast over NR vectors of activations.
//
// RUN: gs-opt %s --gs-sparsify=target=x86-64-v3 --gs-lower-to-vector=target=x86-64-v3 | FileCheck %s 

// Rows without weights, blocks of columns of any size, NaN under pruned weights, batches, epilogues, convolutions:
// RUN: %python %S/Inputs/kernels.py single-row-broadcast > %t.cases.mlir
// RUN: gs-opt %t.cases.mlir --gs-compile-cpu=target=x86-64-v3 -o %t.v3.mlir
// RUN: %if avx2 %{ mlir-runner %t.v3.mlir -e main -entry-point-result=void --shared-libs=%gs_check_runtime %}
// RUN: gs-opt %t.cases.mlir --gs-compile-cpu=target=x86-64-v4 -o %t.v4.mlir
// RUN: %if avx512 %{ mlir-runner %t.v4.mlir -e main -entry-point-result=void --shared-libs=%gs_check_runtime %}

// Two blocks of two columns: offsets count per (block, row).
// CHECK: memref.global "private" constant @weight_offsets : memref<7xi32> = dense<[0, 1, 1, 2, 3, 3, 4]>
// CHECK: memref.global "private" constant @weight_indices : memref<4xi32> = dense<[16, 0, 32, 48]>
// CHECK-LABEL: func.func @rows
// CHECK-LABEL: func.func private @matmul(
// The first block starts from zero and leaves its sums in the output.
// CHECK: %[[ZERO:.*]] = arith.constant dense<0.000000e+00> : vector<8xf32>
// CHECK: %[[SUM:.*]]:2 = scf.for %[[I:.*]] = {{.*}} iter_args(%[[A:.*]] = %[[ZERO]], %[[B:.*]] = %[[ZERO]])
// CHECK: memref.load %{{.*}}[%[[I]]] : memref<4xi32>
// CHECK: %[[W:.*]] = vector.broadcast
// CHECK: %[[X0:.*]] = vector.load {{.*}} : memref<64xf32>, vector<8xf32>
// CHECK: vector.fma %[[W]], %[[X0]], %[[A]]
// CHECK: %[[X1:.*]] = vector.load {{.*}} : memref<64xf32>, vector<8xf32>
// CHECK: vector.fma %[[W]], %[[X1]], %[[B]]
// CHECK: vector.store %[[SUM]]#0
// CHECK: vector.store %[[SUM]]#1
// The second continues there; the epilogue comes once, at the end.
// CHECK: %[[P0:.*]] = vector.load {{.*}} : memref<48xf32>
// CHECK: %[[P1:.*]] = vector.load {{.*}} : memref<48xf32>
// CHECK: %[[ALL:.*]]:2 = scf.for {{.*}} iter_args(%{{.*}} = %[[P0]], %{{.*}} = %[[P1]])
// CHECK: arith.maximumf %[[ALL]]#0, %[[ZERO]]
// CHECK-NOT: vector.fma
func.func @rows(%x: tensor<4x16xf32>, %e: tensor<3x16xf32>) -> tensor<3x16xf32> {
  %w = gs.constant dense<[[0.0, 1.0, 2.0, 0.0], [0.0, 0.0, 0.0, 0.0], [3.0, 0.0, 0.0, 4.0]]> : tensor<3x4xf32>
         as tensor<3x4xf32, #gs.unstructured>
  %y = gs.matmul %w, %x outs(%e : tensor<3x16xf32>) strategy = <"single-row-broadcast", {column_block = 2, nr = 2}>
         : tensor<3x4xf32, #gs.unstructured>, tensor<4x16xf32> -> tensor<3x16xf32> {
  ^bb0(%s: f32):
    %zero = arith.constant 0.0 : f32
    %0 = arith.maximumf %s, %zero : f32
    gs.yield %0 : f32
  }
  return %y : tensor<3x16xf32>
}
