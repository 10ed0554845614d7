// One output column, each lane its own activation.
//
// RUN: gs-opt %s --gs-sparsify=target=x86-64-v3 --gs-lower-to-vector=target=x86-64-v3 | FileCheck %s 

// GS(B,k) vertical, horizontal and hybrid, ragged bundles, unstructured rows of any length, NaN under pruned weights:
// RUN: %python %S/Inputs/kernels.py lane-gather > %t.cases.mlir
// RUN: gs-opt %t.cases.mlir --gs-compile-cpu=target=x86-64-v3 -o %t.v3.mlir
// RUN: %if avx2 %{ mlir-runner %t.v3.mlir -e main -entry-point-result=void --shared-libs=%gs_check_runtime %}
// RUN: gs-opt %t.cases.mlir --gs-compile-cpu=target=x86-64-v4 -o %t.v4.mlir
// RUN: %if avx512 %{ mlir-runner %t.v4.mlir -e main -entry-point-result=void --shared-libs=%gs_check_runtime %}

// Vertical groups: a lane is a row, sums need no reduction.
// CHECK-LABEL: func.func private @matmul(
// CHECK: scf.for {{.*}} -> (vector<4xf32>)
// CHECK: %[[I:.*]] = vector.load {{.*}} : memref<8xi32>, vector<4xi32>
// CHECK: %[[X:.*]] = vector.gather {{.*}}[%[[I]]], {{.*}} : memref<8xf32>, vector<4xi32>, vector<4xi1>, vector<4xf32> into vector<4xf32>
// CHECK: %[[W:.*]] = vector.load {{.*}} : memref<8xf32>, vector<4xf32>
// CHECK: vector.fma %[[W]], %[[X]]
// CHECK-NOT: vector.reduction
// CHECK: vector.store {{.*}} vector<4xf32>
// Hybrid groups: two lanes per row are added up.
// CHECK-LABEL: func.func private @matmul_{{[0-9]+}}(
// CHECK: vector.gather
// CHECK: vector.extract_strided_slice {{.*}} {offsets = [0], sizes = [2], strides = [1]}
// CHECK: vector.reduction <add>, {{.*}} : vector<2xf32> into f32
// CHECK: vector.extract_strided_slice {{.*}} {offsets = [2], sizes = [2], strides = [1]}
// CHECK: vector.reduction <add>, {{.*}} : vector<2xf32> into f32
// Unstructured rows: the last chunk is masked, in the gather too.
// CHECK-LABEL: func.func private @matmul_{{[0-9]+}}(
// CHECK: %[[MASK:.*]] = vector.create_mask %{{.*}} : vector<8xi1>
// CHECK: vector.maskedload {{.*}}, %[[MASK]]
// CHECK: vector.maskedload {{.*}}, %[[MASK]]
// CHECK: vector.gather {{.*}}, %[[MASK]]
// CHECK: vector.reduction <add>
func.func @vertical(%x: tensor<8x1xf32>, %e: tensor<4x1xf32>) -> tensor<4x1xf32> {
  %w = gs.constant dense<[[1.0, 0.0, 0.0, 0.0, 0.0, 5.0, 0.0, 0.0], [0.0, 2.0, 0.0, 0.0, 6.0, 0.0, 0.0, 0.0],
                          [0.0, 0.0, 3.0, 0.0, 0.0, 0.0, 0.0, 7.0], [0.0, 0.0, 0.0, 4.0, 0.0, 0.0, 8.0, 0.0]]> : tensor<4x8xf32>
         as tensor<4x8xf32, #gs.gather_scatter<banks = 4, width = 1>>
  %y = gs.matmul %w, %x outs(%e : tensor<4x1xf32>) strategy = <"lane-gather">
         : tensor<4x8xf32, #gs.gather_scatter<banks = 4, width = 1>>, tensor<8x1xf32> -> tensor<4x1xf32>
  return %y : tensor<4x1xf32>
}

func.func @hybrid(%x: tensor<8x1xf32>, %e: tensor<2x1xf32>) -> tensor<2x1xf32> {
  %w = gs.constant dense<[[1.0, 0.0, 0.0, 0.0, 0.0, 2.0, 0.0, 0.0], [0.0, 0.0, 3.0, 4.0, 0.0, 0.0, 0.0, 0.0]]> : tensor<2x8xf32>
         as tensor<2x8xf32, #gs.gather_scatter<banks = 4, width = 2>>
  %y = gs.matmul %w, %x outs(%e : tensor<2x1xf32>) strategy = <"lane-gather">
         : tensor<2x8xf32, #gs.gather_scatter<banks = 4, width = 2>>, tensor<8x1xf32> -> tensor<2x1xf32>
  return %y : tensor<2x1xf32>
}

func.func @rows(%x: tensor<8x1xf32>, %e: tensor<2x1xf32>) -> tensor<2x1xf32> {
  %w = gs.constant dense<[[1.0, 0.0, 0.0, 0.0, 0.0, 2.0, 0.0, 0.0], [0.0, 0.0, 3.0, 0.0, 0.0, 0.0, 0.0, 0.0]]> : tensor<2x8xf32>
         as tensor<2x8xf32, #gs.unstructured>
  %y = gs.matmul %w, %x outs(%e : tensor<2x1xf32>) strategy = <"lane-gather">
         : tensor<2x8xf32, #gs.unstructured>, tensor<8x1xf32> -> tensor<2x1xf32>
  return %y : tensor<2x1xf32>
}
