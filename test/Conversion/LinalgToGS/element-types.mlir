// RUN: gs-opt %s --linalg-to-gs | FileCheck %s
// RUN: gs-opt %s --gs-compile-cpu -o %t.mlir
// RUN: mlir-runner %t.mlir -e main -entry-point-result=void --shared-libs=%gs_check_runtime

// Kernels are for f32: dense contractions of other types, and empty ones, stay what they are and still compile.
// CHECK-LABEL: func.func private @f64
// CHECK-NOT: gs.matmul
// CHECK: linalg.matmul
func.func private @f64(%x: tensor<2x3xf64>) -> tensor<2x3xf64> {
  %w = arith.constant dense<[[0.0, 1.0], [2.0, 0.0]]> : tensor<2x2xf64>
  %zero = arith.constant dense<0.0> : tensor<2x3xf64>
  %y = linalg.matmul ins(%w, %x : tensor<2x2xf64>, tensor<2x3xf64>) outs(%zero : tensor<2x3xf64>) -> tensor<2x3xf64>
  return %y : tensor<2x3xf64>
}

// CHECK-LABEL: func.func private @convolution
// CHECK-NOT: gs.conv
// CHECK: linalg.conv_1d_ncw_fcw
func.func private @convolution(%x: tensor<1x1x4xf64>) -> tensor<1x1x3xf64> {
  %w = arith.constant dense<[[[1.0, -1.0]]]> : tensor<1x1x2xf64>
  %zero = arith.constant dense<0.0> : tensor<1x1x3xf64>
  %y = linalg.conv_1d_ncw_fcw {strides = dense<1> : tensor<1xi64>, dilations = dense<1> : tensor<1xi64>}
         ins(%x, %w : tensor<1x1x4xf64>, tensor<1x1x2xf64>) outs(%zero : tensor<1x1x3xf64>) -> tensor<1x1x3xf64>
  return %y : tensor<1x1x3xf64>
}

// CHECK-LABEL: func.func private @empty
// CHECK-NOT: gs.matmul
// CHECK: linalg.matmul
func.func private @empty(%x: tensor<2x0xf32>) -> tensor<2x0xf32> {
  %w = arith.constant dense<[[0.0, 1.0], [2.0, 0.0]]> : tensor<2x2xf32>
  %zero = arith.constant dense<0.0> : tensor<2x0xf32>
  %y = linalg.matmul ins(%w, %x : tensor<2x2xf32>, tensor<2x0xf32>) outs(%zero : tensor<2x0xf32>) -> tensor<2x0xf32>
  return %y : tensor<2x0xf32>
}

func.func @main() {
  %x = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf64>
  %y = call @f64(%x) : (tensor<2x3xf64>) -> tensor<2x3xf64>
  %expected = arith.constant dense<[[4.0, 5.0, 6.0], [2.0, 4.0, 6.0]]> : tensor<2x3xf64>
  check.expect_close %y, %expected : tensor<2x3xf64>
  %u = arith.constant dense<[[[1.0, 3.0, 4.0, 8.0]]]> : tensor<1x1x4xf64>
  %v = call @convolution(%u) : (tensor<1x1x4xf64>) -> tensor<1x1x3xf64>
  %differences = arith.constant dense<[[[-2.0, -1.0, -4.0]]]> : tensor<1x1x3xf64>
  check.expect_close %v, %differences : tensor<1x1x3xf64>
  return
}
