// What the assertions accept and what they print when they fail. Each function named fail_* must end the program with
// exit code 1 and one line on stderr; `main` must end silently.

// DEFINE: %{lower} = gs-opt %s --convert-check-to-func --one-shot-bufferize=bufferize-function-boundaries \
// DEFINE:   --convert-bufferization-to-memref --expand-strided-metadata --finalize-memref-to-llvm \
// DEFINE:   --convert-func-to-llvm --convert-arith-to-llvm --reconcile-unrealized-casts
// DEFINE: %{run} = mlir-runner -entry-point-result=void --shared-libs=%gs_check_runtime -e

// RUN: %{lower} -o %t.mlir
// RUN: %{run} main %t.mlir 2>&1 | count 0
// RUN: not %{run} fail_eq %t.mlir 2>&1 | FileCheck %s --check-prefix=EQ
// RUN: not %{run} fail_close %t.mlir 2>&1 | FileCheck %s --check-prefix=CLOSE
// RUN: not %{run} fail_nan %t.mlir 2>&1 | FileCheck %s --check-prefix=NAN
// RUN: not %{run} fail_infinity %t.mlir 2>&1 | FileCheck %s --check-prefix=INFINITY
// RUN: not %{run} fail_zero_sign %t.mlir 2>&1 | FileCheck %s --check-prefix=ZERO
// RUN: not %{run} fail_shape %t.mlir 2>&1 | FileCheck %s --check-prefix=SHAPE
// RUN: not %{run} fail_strided %t.mlir 2>&1 | FileCheck %s --check-prefix=STRIDED
// RUN: not %{run} fail_scalar %t.mlir 2>&1 | FileCheck %s --check-prefix=SCALAR
// RUN: not %{run} fail_half %t.mlir 2>&1 | FileCheck %s --check-prefix=HALF

func.func @main() {
  %f = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
  %near = arith.constant dense<[[1.00005, 2.0, 3.0], [4.0, 5.0, 5.99995]]> : tensor<2x3xf32>
  check.expect_eq %f, %f : tensor<2x3xf32>
  check.expect_close %near, %f {tolerance = 1.0e-5 : f64} : tensor<2x3xf32>

  // NaN equals NaN, and infinity itself, in both assertions.
  %odd = arith.constant dense<[0x7FC00000, 0x7F800000, 0xFF800000]> : tensor<3xf32>
  check.expect_eq %odd, %odd : tensor<3xf32>
  check.expect_close %odd, %odd : tensor<3xf32>

  %d = arith.constant dense<[0.1, -0.0]> : tensor<2xf64>
  check.expect_eq %d, %d : tensor<2xf64>
  %h = arith.constant dense<[0.5, -2.0]> : tensor<2xf16>
  check.expect_eq %h, %h : tensor<2xf16>
  check.expect_close %h, %h : tensor<2xf16>
  %b = arith.constant dense<[0.5, -2.0]> : tensor<2xbf16>
  check.expect_close %b, %b : tensor<2xbf16>
  %i1 = arith.constant dense<[true, false]> : tensor<2xi1>
  check.expect_eq %i1, %i1 : tensor<2xi1>
  %i8 = arith.constant dense<[-1, 7]> : tensor<2xi8>
  check.expect_eq %i8, %i8 : tensor<2xi8>
  %i16 = arith.constant dense<[-300, 7]> : tensor<2xi16>
  check.expect_eq %i16, %i16 : tensor<2xi16>
  %i32 = arith.constant dense<[-70000, 7]> : tensor<2xi32>
  check.expect_close %i32, %i32 : tensor<2xi32>
  %i64 = arith.constant dense<[-9223372036854775808, 7]> : tensor<2xi64>
  check.expect_eq %i64, %i64 : tensor<2xi64>
  %index = arith.constant 5 : index
  check.expect_eq %index, %index : index
  %rank0 = arith.constant dense<3.0> : tensor<f32>
  check.expect_eq %rank0, %rank0 : tensor<f32>
  %empty = arith.constant dense<> : tensor<0x4xf32>
  check.expect_eq %empty, %empty : tensor<0x4xf32>
  return
}

// The first difference in the order of memory.
func.func @fail_eq() {
  %a = arith.constant dense<[[1, 2, 3], [4, 50, 60]]> : tensor<2x3xi32>
  %e = arith.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi32>
  // EQ: check.expect_eq (line [[#@LINE + 2]]): at [1, 1]: actual 50, expected 5{{$}}
  // EQ-NOT: {{.}}
  check.expect_eq %a, %e : tensor<2x3xi32>
  return
}

func.func @fail_close() {
  %a = arith.constant dense<[1.0, 2.0, 8.1]> : tensor<3xf32>
  %e = arith.constant dense<[1.0, 2.0, 8.0]> : tensor<3xf32>
  // CLOSE: check.expect_close (line [[#@LINE + 1]]): at [2]: actual 8.10000038, expected 8 (difference 0.1, allowed 0.08)
  check.expect_close %a, %e {tolerance = 1.0e-2 : f64} : tensor<3xf32>
  return
}

func.func @fail_nan() {
  %a = arith.constant dense<0x7FC00000> : tensor<1xf32>
  %e = arith.constant dense<1.0> : tensor<1xf32>
  // NAN: at [0]: actual nan, expected 1
  check.expect_close %a, %e {tolerance = 1.0e9 : f64} : tensor<1xf32>
  return
}

func.func @fail_infinity() {
  %a = arith.constant dense<1.0> : tensor<1xf32>
  %e = arith.constant dense<0x7F800000> : tensor<1xf32>
  // INFINITY: at [0]: actual 1, expected inf
  check.expect_close %a, %e {tolerance = 1.0e9 : f64} : tensor<1xf32>
  return
}

// Bits are compared: this is how a test tells -0 from 0.
func.func @fail_zero_sign() {
  %a = arith.constant dense<-0.0> : tensor<1xf64>
  %e = arith.constant dense<0.0> : tensor<1xf64>
  check.expect_close %a, %e : tensor<1xf64>
  // ZERO: expect_eq (line [[#@LINE + 1]]): at [0]: actual -0, expected 0
  check.expect_eq %a, %e : tensor<1xf64>
  return
}

func.func @fail_shape() {
  %two = arith.constant 2 : index
  %three = arith.constant 3 : index
  %a = memref.alloc(%two) : memref<?x4xf32>
  %e = memref.alloc(%three) : memref<?x4xf32>
  // SHAPE: actual shape [2, 4], expected shape [3, 4]
  check.expect_eq %a, %e : memref<?x4xf32>
  return
}

memref.global "private" constant @numbers : memref<3x4xi8> = dense<[[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]>
func.func @fail_strided() {
  %numbers = memref.get_global @numbers : memref<3x4xi8>
  %a = memref.subview %numbers[0, 1] [3, 1] [1, 1] : memref<3x4xi8> to memref<3xi8, strided<[4], offset: 1>>
  %e = memref.subview %numbers[1, 1] [3, 1] [0, 1] : memref<3x4xi8> to memref<3xi8, strided<[0], offset: 5>>
  %a_cast = memref.cast %a : memref<3xi8, strided<[4], offset: 1>> to memref<3xi8, strided<[?], offset: ?>>
  %e_cast = memref.cast %e : memref<3xi8, strided<[0], offset: 5>> to memref<3xi8, strided<[?], offset: ?>>
  // STRIDED: at [0]: actual 1, expected 5
  check.expect_eq %a_cast, %e_cast : memref<3xi8, strided<[?], offset: ?>>
  return
}

func.func @fail_scalar() {
  %a = arith.constant -3 : i64
  %e = arith.constant 3 : i64
  // SCALAR: at []: actual -3, expected 3
  check.expect_eq %a, %e : i64
  return
}

func.func @fail_half() {
  %a = arith.constant dense<[1.0, 0x0001, 65504.0]> : tensor<3xf16>
  %e = arith.constant dense<[1.0, 0x0001, -1.5]> : tensor<3xf16>
  // HALF: at [2]: actual 65504, expected -1.5
  check.expect_eq %a, %e : tensor<3xf16>
  return
}
