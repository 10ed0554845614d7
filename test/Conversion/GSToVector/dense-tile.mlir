// All weights: an MR x NR tile of sums in registers over panels of MR rows.
//
// RUN: gs-opt %s --gs-sparsify=target=x86-64-v3 --gs-lower-to-vector=target=x86-64-v3 | FileCheck %s 

// Ragged panels, single rows and columns, batches, grouped and depthwise convolutions, epilogues, encoded weights that are
// executed dense:
// RUN: %python %S/Inputs/kernels.py dense-tile > %t.cases.mlir
// RUN: gs-opt %t.cases.mlir --gs-compile-cpu=target=x86-64-v3 -o %t.v3.mlir
// RUN: %if avx2 %{ mlir-runner %t.v3.mlir -e main -entry-point-result=void --shared-libs=%gs_check_runtime %}
// RUN: gs-opt %t.cases.mlir --gs-compile-cpu=target=x86-64-v4 -o %t.v4.mlir
// RUN: %if avx512 %{ mlir-runner %t.v4.mlir -e main -entry-point-result=void --shared-libs=%gs_check_runtime %}

// Panels of two rows, column by column; the fourth row is the panel's padding.
// CHECK: memref.global "private" constant @weight_values{{(_[0-9]+)?}} : memref<8xf32> = dense<[1.000000e+00, 3.000000e+00, 2.000000e+00, 4.000000e+00, 5.000000e+00, 0.000000e+00, 6.000000e+00, 0.000000e+00]>

// Few columns: no loop and no index, the taps are constants.
// CHECK-LABEL: func.func private @matmul(
// CHECK: scf.for
// CHECK-NOT: iter_args
// CHECK-COUNT-4: vector.fma {{.*}} : vector<8xf32>
// CHECK-NOT: vector.fma
// CHECK: vector.store
// CHECK: vector.store
// The last panel has one row.
// CHECK: scf.for
// CHECK-COUNT-2: vector.fma
// CHECK: vector.store
// CHECK-NOT: vector.store
// Many columns: a loop that loads the displacement of each.
// CHECK-LABEL: func.func private @matmul_{{[0-9]+}}(
// CHECK: scf.for %[[COL:.*]] = %{{.*}} to %{{.*}} step %{{.*}} iter_args(%[[S:.*]] = %{{.*}}) -> (vector<8xf32>)
// CHECK: memref.load %{{.*}}[%[[COL]]] : memref<40xi32>
// CHECK: vector.fma {{.*}}, %[[S]]
func.func @few(%x: tensor<2x8xf32>, %e: tensor<3x8xf32>) -> tensor<3x8xf32> {
  %w = arith.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf32>
  %y = gs.matmul %w, %x outs(%e : tensor<3x8xf32>) strategy = <"dense-tile", {mr = 2, nr = 1}>
         : tensor<3x2xf32>, tensor<2x8xf32> -> tensor<3x8xf32>
  return %y : tensor<3x8xf32>
}

func.func @many(%x: tensor<40x8xf32>, %e: tensor<1x8xf32>) -> tensor<1x8xf32> {
  %w = arith.constant dense<2.0> : tensor<1x40xf32>
  %y = gs.matmul %w, %x outs(%e : tensor<1x8xf32>) strategy = <"dense-tile", {mr = 1, nr = 1}>
         : tensor<1x40xf32>, tensor<40x8xf32> -> tensor<1x8xf32>
  return %y : tensor<1x8xf32>
}
