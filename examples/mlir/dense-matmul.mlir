// The smallest program: a dense weight, written as it is. It takes the same way as a sparse one, with the strategy
// dense-tile, and no pattern.
//
// What the passes decide:
// RUN: gs-opt %s --gs-sparsify=target=zen4 | FileCheck %s --check-prefix=GS
// Run it on this machine; it ends silently if the result is right:
// RUN: gs-opt %s --gs-compile-cpu -o %t.mlir
// RUN: mlir-runner %t.mlir -e main -entry-point-result=void --shared-libs=%gs_check_runtime

// GS: gs.compressed_constant {{.*}} !gs.compressed<tensor<3x2xf32>, layout = panels
// GS: gs.matmul {{.*}} strategy = <"dense-tile"
// GS-SAME: gs.detected = {{{.*}}pattern = "dense"
func.func private @layer(%x: tensor<2x5xf32>) -> tensor<3x5xf32> {
  %w = arith.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf32>
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<3x5xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<3x5xf32>) -> tensor<3x5xf32>
  %y = linalg.matmul ins(%w, %x : tensor<3x2xf32>, tensor<2x5xf32>) outs(%init : tensor<3x5xf32>) -> tensor<3x5xf32>
  return %y : tensor<3x5xf32>
}

func.func @main() {
  %x = arith.constant dense<[[1.0, 2.0, 3.0, 4.0, 5.0], [10.0, 20.0, 30.0, 40.0, 50.0]]> : tensor<2x5xf32>
  %y = call @layer(%x) : (tensor<2x5xf32>) -> tensor<3x5xf32>
  // Column n is n times the first: 1 + 20, 3 + 40, 5 + 60.
  %expected = arith.constant dense<[[21.0, 42.0, 63.0, 84.0, 105.0], [43.0, 86.0, 129.0, 172.0, 215.0],
                                    [65.0, 130.0, 195.0, 260.0, 325.0]]> : tensor<3x5xf32>
  check.expect_close %y, %expected : tensor<3x5xf32>
  return
}
