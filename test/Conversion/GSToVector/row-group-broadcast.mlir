// Rows of a group share their columns: every loaded vector feeds MR rows, every weight NR vectors.
//
// RUN: gs-opt %s --gs-sparsify=target=x86-64-v3 --gs-lower-to-vector=target=x86-64-v3 | FileCheck %s --check-prefixes=CHECK,V3
// RUN: gs-opt %s --gs-sparsify=target=x86-64-v4 --gs-lower-to-vector=target=x86-64-v4 | FileCheck %s --check-prefixes=CHECK,V4

// Ragged last groups, empty groups, empty weights, NaN under pruned weights, batches, epilogues, convolutions:
// RUN: %python %S/Inputs/kernels.py row-group-broadcast > %t.cases.mlir
// RUN: gs-opt %t.cases.mlir --gs-compile-cpu=target=x86-64-v3 -o %t.v3.mlir
// RUN: %if avx2 %{ mlir-runner %t.v3.mlir -e main -entry-point-result=void --shared-libs=%gs_check_runtime %}
// RUN: gs-opt %t.cases.mlir --gs-compile-cpu=target=x86-64-v4 -o %t.v4.mlir
// RUN: %if avx512 %{ mlir-runner %t.v4.mlir -e main -entry-point-result=void --shared-libs=%gs_check_runtime %}

// Blocks of four rows are packed as groups of the two rows of a tile. Empty groups have no blocks, and the ragged last group stores zeros for the rows that it lacks.
// CHECK: memref.global "private" constant @weight_values : memref<6xf32> = dense<[1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00, 5.000000e+00, 0.000000e+00]>
// CHECK: memref.global "private" constant @weight_offsets : memref<6xi32> = dense<[0, 1, 2, 2, 2, 3]>
// Columns are displacements in the activation of 40 columns.
// CHECK: memref.global "private" constant @weight_block_cols : memref<3xi32> = dense<[40, 40, 0]>
// CHECK-LABEL: func.func @blocks
// CHECK: call @matmul
// CHECK-LABEL: func.func private @matmul(
// Two rows of two vectors: four sums stay in registers, one loop runs over the blocks of the group.
// V3: scf.for %[[BLOCK:.*]] = %{{.*}} to %{{.*}} step %{{.*}} iter_args(%[[A:.*]] = %{{.*}}, %[[B:.*]] = %{{.*}}, %[[C:.*]] = %{{.*}}, %[[D:.*]] = %{{.*}}) -> (vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>)
// V3: memref.load %{{.*}}[%[[BLOCK]]] : memref<3xi32>
// V3: %[[X0:.*]] = vector.load {{.*}} vector<8xf32>
// V3: %[[X1:.*]] = vector.load {{.*}} vector<8xf32>
// V3: %[[W0:.*]] = vector.broadcast %{{.*}} : f32 to vector<8xf32>
// V3: vector.fma %[[W0]], %[[X0]], %[[A]]
// V3: vector.fma %[[W0]], %[[X1]], %[[B]]
// V3: %[[W1:.*]] = vector.broadcast %{{.*}} : f32 to vector<8xf32>
// V3: vector.fma %[[W1]], %[[X0]], %[[C]]
// V3: vector.fma %[[W1]], %[[X1]], %[[D]]
// V3-NEXT: scf.yield
// 40 columns are five whole vectors of 8; no lane is masked.
// V3-NOT: vector.mask
// They are two and a half of 16: the tail is read with a mask and stored as half a register, without a branch.
// V4: vector.fma {{.*}} : vector<16xf32>
// V4: vector.maskedload {{.*}} vector<16xi1>, vector<16xf32> into vector<16xf32>
// V4-NOT: vector.maskedstore
// V4: vector.extract_strided_slice {{.*}} vector<16xf32> to vector<8xf32>
// V4: vector.store {{.*}} vector<8xf32>
// CHECK-NOT: scf.if
func.func @blocks(%x: tensor<3x40xf32>, %e: tensor<9x40xf32>) -> tensor<9x40xf32> {
  %w = gs.constant dense<[[0.0, 1.0, 0.0], [0.0, 2.0, 0.0], [0.0, 3.0, 0.0], [0.0, 4.0, 0.0],
                          [0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [5.0, 0.0, 0.0]]> : tensor<9x3xf32>
         as tensor<9x3xf32, #gs.block<4x1>>
  %y = gs.matmul %w, %x outs(%e : tensor<9x40xf32>) strategy = <"row-group-broadcast", {mr = 2, nr = 2}>
         : tensor<9x3xf32, #gs.block<4x1>>, tensor<3x40xf32> -> tensor<9x40xf32>
  return %y : tensor<9x40xf32>
}
