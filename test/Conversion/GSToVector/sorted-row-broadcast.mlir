// Rows with equally many weights in a block of columns follow each other, four of them in one loop.
//
// RUN: gs-opt %s --gs-sparsify=target=x86-64-v3 --gs-lower-to-vector=target=x86-64-v3 | FileCheck %s

// Rows without weights, blocks of columns and sections of any size, NaN under pruned weights, batches, epilogues,
// convolutions:
// RUN: %python %S/Inputs/kernels.py sorted-row-broadcast > %t.cases.mlir
// RUN: gs-opt %t.cases.mlir --gs-compile-cpu=target=x86-64-v3 -o %t.v3.mlir
// RUN: %if avx2 %{ mlir-runner %t.v3.mlir -e main -entry-point-result=void --shared-libs=%gs_check_runtime %}
// RUN: gs-opt %t.cases.mlir --gs-compile-cpu=target=x86-64-v4 -o %t.v4.mlir
// RUN: %if avx512 %{ mlir-runner %t.v4.mlir -e main -entry-point-result=void --shared-libs=%gs_check_runtime %}

// The rows 0, 1, 2, 3 and 5 keep one weight, row 4 keeps two: a run of a team and a row alone, then a run of a row.
// CHECK-DAG: memref.global "private" constant @weight_rows : memref<6xi32> = dense<[0, 1, 2, 3, 5, 4]>
// CHECK-DAG: memref.global "private" constant @weight_runs : memref<8xi32> = dense<[0, 1, 0, 5, 5, 2, 5, 6]>
// CHECK-DAG: memref.global "private" constant @weight_offsets : memref<2xi32> = dense<[0, 2]>
// CHECK-DAG: memref.global "private" constant @weight_values : memref<7xf32> = dense<[1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00, 7.000000e+00, 5.000000e+00, 6.000000e+00]>
// CHECK-DAG: memref.global "private" constant @weight_indices : memref<7xi16> = dense<[8, 0, 16, 0, 16, 0, 16]>
// CHECK-LABEL: func.func @rows
// CHECK-LABEL: func.func private @matmul(
// Four rows: one load of their weights, each of which is spread over a vector.
// CHECK: memref.prefetch
// CHECK: scf.for {{.*}} -> (vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>)
// CHECK: %[[LOADED:.*]] = vector.load {{.*}} vector<4xf32>
// CHECK: %[[W:.*]] = llvm.freeze %[[LOADED]]
// CHECK: vector.shuffle %[[W]], %[[W]] [0, 0, 0, 0, 0, 0, 0, 0]
// CHECK: vector.fma
// CHECK: vector.shuffle %[[W]], %[[W]] [3, 3, 3, 3, 3, 3, 3, 3]
// CHECK: vector.fma
// CHECK: scf.yield
// CHECK-COUNT-4: vector.store
// And those that are no team.
// CHECK: scf.for {{.*}} -> (vector<8xf32>)
// CHECK: vector.fma
// CHECK-NOT: vector.fma
func.func @rows(%x: tensor<3x8xf32>, %e: tensor<6x8xf32>) -> tensor<6x8xf32> {
  %w = gs.constant dense<[[0.0, 1.0, 0.0], [2.0, 0.0, 0.0], [0.0, 0.0, 3.0], [4.0, 0.0, 0.0], [5.0, 0.0, 6.0],
                          [0.0, 0.0, 7.0]]> : tensor<6x3xf32> as tensor<6x3xf32, #gs.unstructured>
  %y = gs.matmul %w, %x outs(%e : tensor<6x8xf32>) strategy = <"sorted-row-broadcast", {nr = 1, section = 8, spread = 1}>
         : tensor<6x3xf32, #gs.unstructured>, tensor<3x8xf32> -> tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}
