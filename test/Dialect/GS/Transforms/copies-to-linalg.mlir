// RUN: gs-opt %s --gs-copies-to-linalg | FileCheck %s

// CHECK-LABEL: func.func @copy
// CHECK: linalg.generic {{.*}}iterator_types = ["parallel", "parallel"]} ins(%{{.*}} : memref<4x5xf32>) outs(%{{.*}} : memref<4x5xf32, strided<[8, 1]>>)
// CHECK: linalg.yield
// CHECK-NOT: memref.copy
func.func @copy(%a: memref<4x5xf32>, %b: memref<4x5xf32, strided<[8, 1]>>) {
  memref.copy %a, %b : memref<4x5xf32> to memref<4x5xf32, strided<[8, 1]>>
  return
}

// CHECK-LABEL: func.func @scalar
// CHECK: linalg.generic {{.*}}iterator_types = []} ins(%{{.*}} : memref<f32>)
func.func @scalar(%a: memref<f32>, %b: memref<f32>) {
  memref.copy %a, %b : memref<f32> to memref<f32>
  return
}

// CHECK-LABEL: func.func @itself
// CHECK-NOT: linalg
// CHECK-NOT: memref.copy
// CHECK: return
func.func @itself(%a: memref<4xf32>) {
  memref.copy %a, %a : memref<4xf32> to memref<4xf32>
  return
}
