// The assertions work alike where memrefs are passed as bare pointers.

// RUN: gs-opt %s --convert-check-to-func --one-shot-bufferize=bufferize-function-boundaries \
// RUN:   --convert-bufferization-to-memref --expand-strided-metadata --finalize-memref-to-llvm \
// RUN:   --convert-func-to-llvm=use-bare-ptr-memref-call-conv --convert-arith-to-llvm --reconcile-unrealized-casts \
// RUN:   | not mlir-runner -e main -entry-point-result=void --shared-libs=%gs_check_runtime 2>&1 | FileCheck %s

func.func @main() {
  %a = arith.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
  %e = arith.constant dense<[1.0, 2.0, 3.5]> : tensor<3xf32>
  check.expect_close %a, %e {tolerance = 0.5 : f64} : tensor<3xf32>
  // CHECK: check.expect_eq (line [[#@LINE + 1]]): at [2]: actual 3, expected 3.5
  check.expect_eq %a, %e : tensor<3xf32>
  return
}
