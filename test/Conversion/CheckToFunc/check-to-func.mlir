// RUN: gs-opt %s --convert-check-to-func | FileCheck %s

// The runtime is declared once per function and element type; each assertion goes through a function that keeps the
// buffers alive.

// CHECK-DAG: func.func private @gs_check_expect_eq_f32(index, index, index, index, index, index, index, f64)
// CHECK-DAG: func.func private @gs_check_expect_close_f32(index, index, index, index, index, index, index, f64)
// CHECK-DAG: func.func private @gs_check_expect_eq_i64

// A name of the user's is never taken.
func.func private @check_expect_close()

// CHECK-LABEL: func.func @tensors(
// CHECK-SAME: %[[A:.*]]: tensor<2x3xf32>, %[[E:.*]]: tensor<2x3xf32>
func.func @tensors(%a: tensor<2x3xf32>, %e: tensor<2x3xf32>) {
  // CHECK: %[[BA:.*]] = bufferization.to_buffer %[[A]] read_only : tensor<2x3xf32> to memref<2x3xf32>
  // CHECK: %[[BE:.*]] = bufferization.to_buffer %[[E]] read_only : tensor<2x3xf32> to memref<2x3xf32>
  // CHECK: call @[[EQ:check_expect_eq.*]](%[[BA]], %[[BE]], %{{.*}}, %{{.*}}) : (memref<2x3xf32>, memref<2x3xf32>, index, f64)
  check.expect_eq %a, %e : tensor<2x3xf32>
  // CHECK: %[[TOLERANCE:.*]] = arith.constant 1.000000e-03 : f64
  // CHECK: call @[[CLOSE:check_expect_close_[0-9]+]](%{{.*}}, %{{.*}}, %{{.*}}, %[[TOLERANCE]])
  check.expect_close %a, %e {tolerance = 1.0e-3 : f64} : tensor<2x3xf32>
  // CHECK: arith.constant 1.000000e-05 : f64
  // CHECK: call @[[CLOSE]](
  check.expect_close %a, %e : tensor<2x3xf32>
  return
}

// CHECK-LABEL: func.func @strided(
// CHECK-SAME: %[[M:.*]]: memref<4xf32, strided<[?], offset: ?>>
func.func @strided(%m: memref<4xf32, strided<[?], offset: ?>>) {
  // CHECK: call @{{check_expect_eq.*}}(%[[M]], %[[M]],
  check.expect_eq %m, %m : memref<4xf32, strided<[?], offset: ?>>
  return
}

// CHECK-LABEL: func.func @scalar(
func.func @scalar(%a: index) {
  // CHECK: call @[[SCALAR:check_expect_eq.*]](%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}) : (index, index, index, f64) -> ()
  check.expect_eq %a, %a : index
  return
}

// CHECK: func.func private @[[EQ]](%[[A:.*]]: memref<2x3xf32>, %[[E:.*]]: memref<2x3xf32>, %[[LINE:.*]]: index, %[[TOL:.*]]: f64) attributes {no_inline}
// CHECK-DAG: memref.extract_strided_metadata %[[A]]
// CHECK-DAG: memref.extract_strided_metadata %[[E]]
// CHECK-DAG: memref.alloca() : memref<8xindex>
// CHECK-DAG: memref.extract_aligned_pointer_as_index %[[A]]
// CHECK-DAG: memref.extract_aligned_pointer_as_index %[[E]]
// CHECK: call @gs_check_expect_eq_f32({{.*}}, %[[LINE]], %[[TOL]])
