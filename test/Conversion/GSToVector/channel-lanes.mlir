// Lanes run along rows that share their columns; a tile is so many output columns, whatever the vector holds.
//
// RUN: gs-opt %s --gs-sparsify=target=x86-64-v3 --gs-lower-to-vector=target=x86-64-v3 | FileCheck %s

// Two vectors of rows, ragged last groups, empty groups, NaN under pruned weights, batches, epilogues, convolutions:
// RUN: %python %S/Inputs/kernels.py channel-lanes > %t.cases.mlir
// RUN: gs-opt %t.cases.mlir --gs-compile-cpu=target=x86-64-v3 -o %t.v3.mlir
// RUN: %if avx2 %{ mlir-runner %t.v3.mlir -e main -entry-point-result=void --shared-libs=%gs_check_runtime %}
// RUN: gs-opt %t.cases.mlir --gs-compile-cpu=target=x86-64-v4 -o %t.v4.mlir
// RUN: %if avx512 %{ mlir-runner %t.v4.mlir -e main -entry-point-result=void --shared-libs=%gs_check_runtime %}

// CHECK-LABEL: func.func @lanes
// CHECK-LABEL: func.func private @matmul(
// Five columns in one tile: five sums of eight rows, each with a broadcast activation.
// CHECK: %[[SUM:.*]]:5 = scf.for %[[BLOCK:.*]] = {{.*}} -> (vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>)
// CHECK: %[[W:.*]] = vector.load {{.*}} vector<8xf32>
// CHECK: %[[X:.*]] = vector.broadcast {{.*}} : f32 to vector<8xf32>
// CHECK: vector.fma %[[W]], %[[X]]
// CHECK-COUNT-4: vector.fma %[[W]]
// CHECK: scf.yield
// Three rounds of shuffles make rows of them; no lane beyond the fifth column is stored.
// CHECK-COUNT-24: vector.shuffle
// CHECK-NOT: vector.shuffle
// CHECK: %[[BIAS:.*]] = vector.broadcast {{.*}} : f32 to vector<8xf32>
// CHECK: arith.addf %{{.*}}, %[[BIAS]] : vector<8xf32>
// CHECK: vector.maskedstore
// The last group has one row.
// CHECK: scf.for
// CHECK: scf.for
// CHECK: vector.maskedstore
// CHECK-NOT: vector.maskedstore
func.func @lanes(%x: tensor<2x5xf32>, %b: tensor<9xf32>, %e: tensor<9x5xf32>) -> tensor<9x5xf32> {
  %w = gs.constant dense<[[0.0, 1.0], [0.0, 2.0], [0.0, 3.0], [0.0, 4.0], [0.0, 5.0], [0.0, 6.0], [0.0, 7.0], [0.0, 8.0],
                          [9.0, 0.0]]> : tensor<9x2xf32> as tensor<9x2xf32, #gs.block<8x1>>
  %y = gs.matmul %w, %x epilogue(%b : tensor<9xf32>) outs(%e : tensor<9x5xf32>) strategy = <"channel-lanes", {columns = 5}>
         : tensor<9x2xf32, #gs.block<8x1>>, tensor<2x5xf32> -> tensor<9x5xf32> {
  ^bb0(%s: f32, %bias: f32):
    %0 = arith.addf %s, %bias : f32
    gs.yield %0 : f32
  }
  return %y : tensor<9x5xf32>
}
