// What @kebab@ makes, and that it computes the right thing: 3 rows, 3 columns of pixels, an empty row.

// RUN: gs-opt %s --gs-sparsify=target=x86-64-v3 --gs-lower-to-vector=target=x86-64-v3 | FileCheck %s
// RUN: gs-opt %s --gs-compile-cpu=target=x86-64-v3 -o %t.mlir
// RUN: %if avx2 %{ mlir-runner %t.mlir -e main -entry-point-result=void --shared-libs=%gs_check_runtime %}

// CHECK: vector.fma
func.func @main() {
  %w = gs.constant dense<[[1.0, 0.0, 2.0, 0.0], [0.0, 3.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]]> : tensor<3x4xf32>
         as tensor<3x4xf32, #gs.unstructured>
  %x = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0], [10.0, 11.0, 12.0]]> : tensor<4x3xf32>
  %empty = tensor.empty() : tensor<3x3xf32>
  %y = gs.matmul %w, %x outs(%empty : tensor<3x3xf32>) strategy = <"@kebab@", {nr = 2}>
         : tensor<3x4xf32, #gs.unstructured>, tensor<4x3xf32> -> tensor<3x3xf32>
  %expected = arith.constant dense<[[15.0, 18.0, 21.0], [12.0, 15.0, 18.0], [0.0, 0.0, 0.0]]> : tensor<3x3xf32>
  check.expect_close %y, %expected : tensor<3x3xf32>
  return
}
