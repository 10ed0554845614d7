// One sparse layer under every strategy that accepts its pattern: the choice is written into the IR, and kept.
//
// RUN: gs-opt %s --gs-sparsify | FileCheck %s
// RUN: gs-opt %s --gs-compile-cpu -o %t.mlir
// RUN: mlir-runner %t.mlir -e main -entry-point-result=void --shared-libs=%gs_check_runtime
// A strategy for the whole module, wherever it accepts the op and none is written:
// RUN: gs-opt %s --gs-sparsify="strategy=single-row-broadcast" | FileCheck %s

// Weight and activation are both run-time values here, so this stays an ordinary linalg.matmul.
func.func private @reference(%w: tensor<4x3xf32>, %x: tensor<3x5xf32>) -> tensor<4x5xf32> {
  %c0 = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<4x5xf32>
  %z = linalg.fill ins(%c0 : f32) outs(%e : tensor<4x5xf32>) -> tensor<4x5xf32>
  %y = linalg.matmul ins(%w, %x : tensor<4x3xf32>, tensor<3x5xf32>) outs(%z : tensor<4x5xf32>) -> tensor<4x5xf32>
  return %y : tensor<4x5xf32>
}

func.func private @layer(%x: tensor<3x5xf32>) -> (tensor<4x5xf32>, tensor<4x5xf32>, tensor<4x5xf32>) {
  %w = gs.constant dense<[[0.0, 1.0, 0.0], [0.0, 2.0, 0.0], [0.0, 3.0, 0.0], [0.0, 4.0, 0.0]]> : tensor<4x3xf32>
         as tensor<4x3xf32, #gs.block<4x1>>
  %e = tensor.empty() : tensor<4x5xf32>
  // CHECK: gs.matmul {{.*}} strategy = <"row-group-broadcast"
  %0 = gs.matmul %w, %x outs(%e : tensor<4x5xf32>) strategy = <"row-group-broadcast", {nr = 1}>
         : tensor<4x3xf32, #gs.block<4x1>>, tensor<3x5xf32> -> tensor<4x5xf32>
  %u = gs.constant dense<[[0.0, 1.0, 0.0], [0.0, 2.0, 0.0], [0.0, 3.0, 0.0], [0.0, 4.0, 0.0]]> : tensor<4x3xf32>
         as tensor<4x3xf32, #gs.unstructured>
  // CHECK: gs.matmul {{.*}} strategy = <"single-row-broadcast"
  %1 = gs.matmul %u, %x outs(%e : tensor<4x5xf32>) strategy = <"single-row-broadcast", {nr = 1}>
         : tensor<4x3xf32, #gs.unstructured>, tensor<3x5xf32> -> tensor<4x5xf32>
  %d = arith.constant dense<[[0.0, 1.0, 0.0], [0.0, 2.0, 0.0], [0.0, 3.0, 0.0], [0.0, 4.0, 0.0]]> : tensor<4x3xf32>
  // CHECK: gs.matmul {{.*}} strategy = <"dense-tile"
  %2 = gs.matmul %d, %x outs(%e : tensor<4x5xf32>) strategy = <"dense-tile", {mr = 4, nr = 1}>
         : tensor<4x3xf32>, tensor<3x5xf32> -> tensor<4x5xf32>
  return %0, %1, %2 : tensor<4x5xf32>, tensor<4x5xf32>, tensor<4x5xf32>
}

func.func @main() {
  %x = arith.constant dense<[[1.0, 2.0, 3.0, 4.0, 5.0], [-1.0, -2.0, -3.0, -4.0, -5.0], [0.5, 0.25, 0.0, -0.25, -0.5]]> : tensor<3x5xf32>
  %w = arith.constant dense<[[0.0, 1.0, 0.0], [0.0, 2.0, 0.0], [0.0, 3.0, 0.0], [0.0, 4.0, 0.0]]> : tensor<4x3xf32>
  %y:3 = call @layer(%x) : (tensor<3x5xf32>) -> (tensor<4x5xf32>, tensor<4x5xf32>, tensor<4x5xf32>)
  %expected = call @reference(%w, %x) : (tensor<4x3xf32>, tensor<3x5xf32>) -> tensor<4x5xf32>
  check.expect_close %y#0, %expected : tensor<4x5xf32>
  check.expect_close %y#1, %expected : tensor<4x5xf32>
  check.expect_close %y#2, %expected : tensor<4x5xf32>
  return
}
