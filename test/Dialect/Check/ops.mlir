// RUN: gs-opt %s | gs-opt | FileCheck %s
// RUN: gs-opt %s --mlir-print-op-generic | gs-opt | FileCheck %s
// RUN: gs-opt %s --emit-bytecode | gs-opt | FileCheck %s

// CHECK-LABEL: func.func @all
func.func @all(%t: tensor<4xf32>, %m: memref<?xi8>, %s: index) {
  // CHECK: check.expect_eq %{{.*}}, %{{.*}} : tensor<4xf32>
  check.expect_eq %t, %t : tensor<4xf32>
  // CHECK: check.expect_eq %{{.*}}, %{{.*}} : memref<?xi8>
  check.expect_eq %m, %m : memref<?xi8>
  // CHECK: check.expect_eq %{{.*}}, %{{.*}} : index
  check.expect_eq %s, %s : index
  // CHECK: check.expect_close %{{.*}}, %{{.*}} : tensor<4xf32>
  check.expect_close %t, %t : tensor<4xf32>
  // CHECK: check.expect_close %{{.*}}, %{{.*}} {tolerance = 1.000000e-03 : f64} : tensor<4xf32>
  check.expect_close %t, %t {tolerance = 1.0e-3 : f64} : tensor<4xf32>
  return
}
