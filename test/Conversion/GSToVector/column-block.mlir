// One output column: lanes run along the rows that share a column.
//
// RUN: gs-opt %s --gs-sparsify=target=x86-64-v3 --gs-lower-to-vector=target=x86-64-v3 | FileCheck %s 

// Ragged last groups, empty groups, empty weights, NaN under pruned weights, dense weights, epilogues:
// RUN: %python %S/Inputs/kernels.py column-block > %t.cases.mlir
// RUN: gs-opt %t.cases.mlir --gs-compile-cpu=target=x86-64-v3 -o %t.v3.mlir
// RUN: %if avx2 %{ mlir-runner %t.v3.mlir -e main -entry-point-result=void --shared-libs=%gs_check_runtime %}
// RUN: gs-opt %t.cases.mlir --gs-compile-cpu=target=x86-64-v4 -o %t.v4.mlir
// RUN: %if avx512 %{ mlir-runner %t.v4.mlir -e main -entry-point-result=void --shared-libs=%gs_check_runtime %}

// CHECK-LABEL: func.func private @matmul(
// Four blocks per step with a sum each, so that the latency of the FMA does not bind.
// CHECK: %[[SUMS:.*]]:4 = scf.for {{.*}} -> (vector<4xf32>, vector<4xf32>, vector<4xf32>, vector<4xf32>)
// CHECK-COUNT-4: vector.fma {{.*}} : vector<4xf32>
// The rest one by one.
// CHECK: %[[REST:.*]] = scf.for {{.*}} iter_args(%[[A:.*]] = %[[SUMS]]#0) -> (vector<4xf32>)
// CHECK: memref.load %{{.*}} : memref<2xi32>
// CHECK: %[[X:.*]] = vector.broadcast %{{.*}} : f32 to vector<4xf32>
// CHECK: %[[W:.*]] = vector.load {{.*}} vector<4xf32>
// CHECK: vector.fma %[[W]], %[[X]], %[[A]]
// CHECK: arith.addf %[[REST]], %[[SUMS]]#1
// CHECK: vector.load {{.*}} : memref<6xf32>, vector<4xf32>
// CHECK: vector.store
// The ragged group reads no bias and stores no sum beyond the last row.
// CHECK: vector.maskedload {{.*}} : memref<6xf32>
// CHECK: vector.maskedstore
func.func @blocks(%x: tensor<3x1xf32>, %b: tensor<6xf32>, %e: tensor<6x1xf32>) -> tensor<6x1xf32> {
  %w = gs.constant dense<[[0.0, 1.0, 0.0], [0.0, 2.0, 0.0], [0.0, 3.0, 0.0], [0.0, 4.0, 0.0], [5.0, 0.0, 0.0], [6.0, 0.0, 0.0]]> : tensor<6x3xf32>
         as tensor<6x3xf32, #gs.block<4x1>>
  %y = gs.matmul %w, %x epilogue(%b : tensor<6xf32>) outs(%e : tensor<6x1xf32>) strategy = <"column-block">
         : tensor<6x3xf32, #gs.block<4x1>>, tensor<3x1xf32> -> tensor<6x1xf32> {
  ^bb0(%s: f32, %bias: f32):
    %0 = arith.addf %s, %bias : f32
    gs.yield %0 : f32
  }
  return %y : tensor<6x1xf32>
}
