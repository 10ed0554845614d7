// Kernels that keep one of a few sets of taps: a loop per set with constant displacements, one channel number per kernel.
//
// RUN: gs-opt %s --gs-sparsify=target=x86-64-v3 --gs-lower-to-vector=target=x86-64-v3 | FileCheck %s

// Rows without kernels, several lines per vector and lines longer than a tile, strides, dilations, groups, batches, NaN under
// pruned weights, epilogues:
// RUN: %python %S/Inputs/kernels.py kernel-tap-broadcast > %t.cases.mlir
// RUN: gs-opt %t.cases.mlir --gs-compile-cpu=target=x86-64-v3 -o %t.v3.mlir
// RUN: %if avx2 %{ mlir-runner %t.v3.mlir -e main -entry-point-result=void --shared-libs=%gs_check_runtime %}
// RUN: gs-opt %t.cases.mlir --gs-compile-cpu=target=x86-64-v4 -o %t.v4.mlir
// RUN: %if avx512 %{ mlir-runner %t.v4.mlir -e main -entry-point-result=void --shared-libs=%gs_check_runtime %}

// The kernels of a row are sorted by their set, then by channel.
// CHECK-DAG: memref.global "private" constant @weight_pattern_id : memref<3xi8> = dense<[0, 1, 1]>
// CHECK-DAG: memref.global "private" constant @weight_channel : memref<3xi16> = dense<[1, 0, 2]>
// CHECK-DAG: memref.global "private" constant @weight_values : memref<12xf32> = dense<[5.000000e+00, 6.000000e+00, 7.000000e+00, 8.000000e+00, 1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00, 9.000000e+00, 1.000000e+01, 1.100000e+01, 1.200000e+01]>
// CHECK-LABEL: func.func @kernels
// CHECK-LABEL: func.func private @conv(
// Four taps times two lines of outputs read six vectors: three lines, each at two places.
// CHECK: scf.while
// CHECK: scf.condition
// CHECK: memref.load {{.*}} : memref<3xi16>
// CHECK-COUNT-6: vector.load
// CHECK-NOT: vector.load
// CHECK: scf.yield
// CHECK: scf.while
// CHECK: scf.condition
// CHECK-COUNT-6: vector.load
// CHECK-NOT: vector.load
// CHECK: scf.yield
// CHECK-NOT: scf.while
// CHECK: vector.store
func.func @kernels(%x: tensor<1x3x4x10xf32>, %e: tensor<1x1x2x8xf32>) -> tensor<1x1x2x8xf32> {
  %w = gs.constant dense<[[[[0.0, 1.0, 2.0], [0.0, 3.0, 4.0], [0.0, 0.0, 0.0]], [[5.0, 6.0, 0.0], [7.0, 8.0, 0.0], [0.0, 0.0, 0.0]],
                           [[0.0, 9.0, 10.0], [0.0, 11.0, 12.0], [0.0, 0.0, 0.0]]]]> : tensor<1x3x3x3xf32>
         as tensor<1x3x3x3xf32, #gs.kernel_pattern<entries = 4, patterns = [27, 54]>>
  %y = gs.conv %w, %x outs(%e : tensor<1x1x2x8xf32>) strategy = <"kernel-tap-broadcast", {nr = 2}>
         {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, groups = 1 : i64}
         : tensor<1x3x3x3xf32, #gs.kernel_pattern<entries = 4, patterns = [27, 54]>>, tensor<1x3x4x10xf32> -> tensor<1x1x2x8xf32>
  return %y : tensor<1x1x2x8xf32>
}
