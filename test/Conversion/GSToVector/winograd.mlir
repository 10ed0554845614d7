// 3x3 kernels of stride 1 with fewer multiplications: transforms around small matrix products.
//
// RUN: gs-opt %s --gs-sparsify=target=x86-64-v3 --gs-lower-to-vector=target=x86-64-v3 | FileCheck %s

// All remainders of the output tile, pads, batches, epilogues, rows longer than a block, several rounds, encoded weights:
// RUN: %python %S/Inputs/kernels.py winograd > %t.cases.mlir
// RUN: gs-opt %t.cases.mlir --gs-compile-cpu=target=x86-64-v3 -o %t.v3.mlir
// RUN: %if avx2 %{ mlir-runner %t.v3.mlir -e main -entry-point-result=void --shared-libs=%gs_check_runtime %}
// RUN: gs-opt %t.cases.mlir --gs-compile-cpu=target=x86-64-v4 -o %t.v4.mlir
// RUN: %if avx512 %{ mlir-runner %t.v4.mlir -e main -entry-point-result=void --shared-libs=%gs_check_runtime %}

// The shares of three threads make up the whole:
// RUN: gs-opt %t.cases.mlir --gs-sparsify=target=x86-64-v3 --gs-lower-to-vector=target=x86-64-v3 \
// RUN:   | %python %S/Inputs/threads.py 3 | gs-opt --gs-lower-to-llvm=target=x86-64-v3 > %t.threads.llvm
// RUN: %if avx2 %{ mlir-runner %t.threads.llvm -O0 -e main -entry-point-result=void --shared-libs=%gs_check_runtime %}

// What it cannot do, it says:
// RUN: gs-opt %s --gs-assign-layout --gs-select-strategy | FileCheck %s --check-prefix=REFUSED

// A kernel of one weight w, 16 elements (G g G^T): the corner of g reaches 9 of them.
// CHECK: memref.global "private" constant @weight_values{{.*}} : memref<16xf32> = dense<[4.000000e+00, 2.000000e+00, 2.000000e+00, 0.000000e+00, 2.000000e+00, 1.000000e+00, 1.000000e+00, 0.000000e+00, 2.000000e+00, 1.000000e+00, 1.000000e+00, 0.000000e+00, 0.000000e+00, 0.000000e+00, 0.000000e+00, 0.000000e+00]>

// CHECK-LABEL: func.func private @conv(
// Input lines, deinterleaved, go to the shared memory.
// CHECK-SAME: %[[SCRATCH:[^:]*]]: memref<{{[0-9]+}}xf32>, %{{[^:]*}}: memref<32xf32>, %{{[^:]*}}: index, %{{[^:]*}}: index) attributes {gs.kernel}
// CHECK: vector.shuffle {{.*}} [0, 2, 4, 6]
// CHECK: vector.store %{{.*}}, %[[SCRATCH]]

// CHECK-LABEL: func.func private @conv_{{[0-9]+}}(
// CHECK-SAME: %[[SCRATCH:[^:]*]]: memref<{{[0-9]+}}xf32>, %{{[^:]*}}: memref<32xf32>, %{{[^:]*}}: index, %{{[^:]*}}: index) attributes {gs.kernel}
// CHECK: %[[SUMS:.*]] = memref.alloca()
// CHECK: vector.load %[[SCRATCH]]
// CHECK: vector.fma
// CHECK: vector.store %{{.*}}, %[[SUMS]]
// CHECK: vector.shuffle {{.*}} [0, 4, 1, 5]
func.func @corner(%x: tensor<1x1x4x8xf32>, %e: tensor<1x1x4x8xf32>) -> tensor<1x1x4x8xf32> {
  %w = arith.constant dense<[[[[4.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]]]> : tensor<1x1x3x3xf32>
  %y = gs.conv %w, %x outs(%e : tensor<1x1x4x8xf32>) strategy = <"winograd", {tile = 2, mr = 1, nr = 1}>
         {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, groups = 1 : i64}
         : tensor<1x1x3x3xf32>, tensor<1x1x4x8xf32> -> tensor<1x1x4x8xf32>
  return %y : tensor<1x1x4x8xf32>
}

// REFUSED-LABEL: func.func @dilated
// REFUSED: {refused = "strides or dilations are not one{{.*}}", strategy = "winograd"}
func.func @dilated(%x: tensor<1x1x6x8xf32>, %e: tensor<1x1x2x4xf32>) -> tensor<1x1x2x4xf32> {
  %w = arith.constant dense<1.0> : tensor<1x1x3x3xf32>
  %y = gs.conv %w, %x outs(%e : tensor<1x1x2x4xf32>)
         {strides = array<i64: 1, 1>, dilations = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, groups = 1 : i64}
         : tensor<1x1x3x3xf32>, tensor<1x1x6x8xf32> -> tensor<1x1x2x4xf32>
  return %y : tensor<1x1x2x4xf32>
}
