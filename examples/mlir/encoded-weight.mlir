// A matmul whose weight has its sparsity pattern in the type, written by hand, against the same weight without one.
//
// To the gs dialect, with the decision of the cost model in the IR:
// RUN: gs-opt %s --gs-sparsify="target=x86-64-v3" | FileCheck %s --check-prefix=GS
// To vector code, with a strategy forced:
// RUN: gs-opt %s --gs-sparsify="target=x86-64-v3 strategy=row-group-broadcast" --gs-lower-to-vector="target=x86-64-v3" | FileCheck %s --check-prefix=VECTOR
// To LLVM IR, for vectors of 8 and of 16:
// RUN: gs-opt %s --gs-compile-cpu="target=x86-64-v3" | gs-translate --mlir-to-llvmir | FileCheck %s --check-prefix=AVX2
// RUN: gs-opt %s --gs-compile-cpu="target=x86-64-v4" | gs-translate --mlir-to-llvmir | FileCheck %s --check-prefix=AVX512
// For this machine, and run; it ends silently if both results agree:
// RUN: gs-opt %s --gs-compile-cpu -o %t.mlir
// RUN: mlir-runner %t.mlir -e main -entry-point-result=void --shared-libs=%gs_check_runtime

// Activations that the compiler cannot know: X[k, n] = (7 k + 3 n) mod 11 - 5.
func.func private @activation() -> tensor<6x20xf32> {
  %0 = tensor.generate {
  ^bb0(%k: index, %n: index):
    %c3 = arith.constant 3 : index
    %c7 = arith.constant 7 : index
    %c11 = arith.constant 11 : index
    %c5 = arith.constant 5.0 : f32
    %a = arith.muli %k, %c7 : index
    %b = arith.muli %n, %c3 : index
    %s = arith.addi %a, %b : index
    %r = arith.remui %s, %c11 : index
    %i = arith.index_cast %r : index to i32
    %f = arith.sitofp %i : i32 to f32
    %x = arith.subf %f, %c5 : f32
    tensor.yield %x : f32
  } : tensor<6x20xf32>
  return %0 : tensor<6x20xf32>
}

// Weight and activation are both run-time values here, so this stays an ordinary linalg.matmul.
func.func private @reference(%w: tensor<8x6xf32>, %x: tensor<6x20xf32>) -> tensor<8x20xf32> {
  %c0 = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<8x20xf32>
  %z = linalg.fill ins(%c0 : f32) outs(%e : tensor<8x20xf32>) -> tensor<8x20xf32>
  %y = linalg.matmul ins(%w, %x : tensor<8x6xf32>, tensor<6x20xf32>) outs(%z : tensor<8x20xf32>) -> tensor<8x20xf32>
  return %y : tensor<8x20xf32>
}

// GS-LABEL: func.func @main
// GS: %[[W:.*]] = gs.compressed_constant {{.*}} !gs.compressed<tensor<8x6xf32, #gs.block<4x1>>
// GS: gs.matmul %[[W]], {{.*}} strategy = <"{{[a-z-]+}}"
// VECTOR: vector.fma {{.*}} : vector<8xf32>
// AVX2: @llvm.fmuladd.v8f32
// AVX512: @llvm.fmuladd.v16f32
func.func @main() {
  %x = call @activation() : () -> tensor<6x20xf32>
  // Rows 0 to 3 share columns 1 and 4, rows 4 to 7 share column 2.
  %w = gs.constant dense<[[0.0, 1.0, 0.0, 0.0, 5.0, 0.0], [0.0, 2.0, 0.0, 0.0, 6.0, 0.0],
                          [0.0, 3.0, 0.0, 0.0, 7.0, 0.0], [0.0, 4.0, 0.0, 0.0, 8.0, 0.0],
                          [0.0, 0.0, -1.0, 0.0, 0.0, 0.0], [0.0, 0.0, -2.0, 0.0, 0.0, 0.0],
                          [0.0, 0.0, -3.0, 0.0, 0.0, 0.0], [0.0, 0.0, -4.0, 0.0, 0.0, 0.0]]> : tensor<8x6xf32>
         as tensor<8x6xf32, #gs.block<4x1>>
  %c0 = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<8x20xf32>
  %z = linalg.fill ins(%c0 : f32) outs(%e : tensor<8x20xf32>) -> tensor<8x20xf32>
  %y = linalg.matmul ins(%w, %x : tensor<8x6xf32, #gs.block<4x1>>, tensor<6x20xf32>) outs(%z : tensor<8x20xf32>) -> tensor<8x20xf32>

  %d = arith.constant dense<[[0.0, 1.0, 0.0, 0.0, 5.0, 0.0], [0.0, 2.0, 0.0, 0.0, 6.0, 0.0],
                             [0.0, 3.0, 0.0, 0.0, 7.0, 0.0], [0.0, 4.0, 0.0, 0.0, 8.0, 0.0],
                             [0.0, 0.0, -1.0, 0.0, 0.0, 0.0], [0.0, 0.0, -2.0, 0.0, 0.0, 0.0],
                             [0.0, 0.0, -3.0, 0.0, 0.0, 0.0], [0.0, 0.0, -4.0, 0.0, 0.0, 0.0]]> : tensor<8x6xf32>
  %expected = call @reference(%d, %x) : (tensor<8x6xf32>, tensor<6x20xf32>) -> tensor<8x20xf32>
  check.expect_close %y, %expected : tensor<8x20xf32>
  return
}
