// Rows of a strip share columns in part: lists of rows that share lists of columns are added to the output, then what is
// left of every row.
//
// RUN: gs-opt %s --gs-sparsify=target=x86-64-v3 --gs-lower-to-vector=target=x86-64-v3 | FileCheck %s

// Blocks whose rows are pruned, strips whose rows are removed, unions; ragged strips, strips higher than a word has bits,
// lists of all sizes, none at all, empty weights, NaN and Inf under pruned and kept weights, batches, epilogues, convolutions:
// RUN: %python %S/Inputs/kernels.py row-list-broadcast > %t.cases.mlir
// RUN: gs-opt %t.cases.mlir --gs-compile-cpu=target=x86-64-v3 -o %t.v3.mlir
// RUN: %if avx2 %{ mlir-runner %t.v3.mlir -e main -entry-point-result=void --shared-libs=%gs_check_runtime %}
// RUN: gs-opt %t.cases.mlir --gs-compile-cpu=target=x86-64-v4 -o %t.v4.mlir
// RUN: %if avx512 %{ mlir-runner %t.v4.mlir -e main -entry-point-result=void --shared-libs=%gs_check_runtime %}

// Rows 0, 2 and 3 of the first strip share two columns; what no other row shares follows row by row.
// CHECK-DAG: memref.global "private" constant @weight_rows : memref<3xi32> = dense<[0, 2, 3]>
// CHECK-DAG: memref.global "private" constant @weight_columns : memref<2xi32> = dense<[0, 2]>
// CHECK-DAG: memref.global "private" constant @weight_lists : memref<5xi32> = dense<[0, 1, 1, 1, 1]>
// CHECK-DAG: memref.global "private" constant @weight_rests : memref<7xi32> = dense<[2, 2, 2, 2, 3, 3, 4]>
// CHECK-DAG: memref.global "private" constant @weight_indices : memref<4xi32> = dense<[0, 16, 48, 32]>
// CHECK-DAG: memref.global "private" constant @weight_values : memref<8xf32> = dense<[1.000000e+00, 3.000000e+00, 5.000000e+00, 2.000000e+00, 4.000000e+00, 6.000000e+00, 7.000000e+00, 8.000000e+00]>
// CHECK-LABEL: func.func @products
// CHECK-LABEL: func.func private @matmul(
// CHECK: %[[ZERO:.*]] = arith.constant dense<0.000000e+00> : vector<8xf32>
// The rows of a strip begin at zero.
// CHECK: scf.for
// CHECK: vector.store %[[ZERO]]
// CHECK: vector.store %[[ZERO]]
// There are lists of three rows only: their sums go on from the output, and a loaded vector feeds three rows.
// CHECK: scf.for
// CHECK: memref.load {{.*}} : memref<3xi32>
// CHECK: %[[SUM:.*]]:6 = scf.for
// CHECK: %[[X0:.*]] = vector.load {{.*}} : memref<64xf32>, vector<8xf32>
// CHECK: %[[X1:.*]] = vector.load {{.*}} : memref<64xf32>, vector<8xf32>
// CHECK: vector.fma %{{.*}}, %[[X0]]
// CHECK: vector.fma %{{.*}}, %[[X1]]
// CHECK: vector.fma %{{.*}}, %[[X0]]
// CHECK: vector.fma %{{.*}}, %[[X1]]
// CHECK: vector.fma %{{.*}}, %[[X0]]
// CHECK: vector.fma %{{.*}}, %[[X1]]
// CHECK: vector.store %[[SUM]]#5
// The rest of every row, and the epilogue.
// CHECK: %[[ROW:.*]]:2 = scf.for
// CHECK: arith.maximumf %[[ROW]]#0, %[[ZERO]]
// CHECK: arith.maximumf %[[ROW]]#1, %[[ZERO]]
// CHECK-NOT: vector.fma
func.func @products(%x: tensor<4x16xf32>, %e: tensor<6x16xf32>) -> tensor<6x16xf32> {
  %w = gs.constant dense<[[1.0, 2.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0], [3.0, 4.0, 0.0, 0.0], [5.0, 6.0, 0.0, 7.0],
                          [0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 8.0, 0.0]]> : tensor<6x4xf32>
         as tensor<6x4xf32, #gs.bcr<4x2>>
  %y = gs.matmul %w, %x outs(%e : tensor<6x16xf32>) strategy = <"row-list-broadcast", {columns = 2, mr = 3, nr = 2}>
         : tensor<6x4xf32, #gs.bcr<4x2>>, tensor<4x16xf32> -> tensor<6x16xf32> {
  ^bb0(%s: f32):
    %zero = arith.constant 0.0 : f32
    %0 = arith.maximumf %s, %zero : f32
    gs.yield %0 : f32
  }
  return %y : tensor<6x16xf32>
}
