// A buffer that is returned more than once is copied for every further result: results become arguments.
//
// RUN: gs-opt %s --pass-pipeline="builtin.module(func.func(gs-distinct-results))" | FileCheck %s
// RUN: gs-opt %s --pass-pipeline="builtin.module(func.func(gs-distinct-results),buffer-results-to-out-params{hoist-static-allocs=true modify-public-functions=true})" | FileCheck %s --check-prefix=OUT

// CHECK-LABEL: func.func @three
// CHECK: %[[A:.*]] = memref.alloc() : memref<4xf32>
// CHECK: linalg.fill {{.*}} outs(%[[A]]
// CHECK: %[[B:.*]] = memref.alloc() : memref<4xf32>
// CHECK: memref.copy %[[A]], %[[B]]
// CHECK: %[[C:.*]] = memref.alloc() : memref<4xf32>
// CHECK: memref.copy %[[A]], %[[C]]
// CHECK: return %[[A]], %[[B]], %[[C]]
// OUT-LABEL: func.func @three
// OUT-SAME: (%[[A:.*]]: memref<4xf32>, %[[B:.*]]: memref<4xf32>, %[[C:.*]]: memref<4xf32>)
// OUT: memref.copy %[[A]], %[[B]]
// OUT: memref.copy %[[A]], %[[C]]
func.func @three() -> (memref<4xf32>, memref<4xf32>, memref<4xf32>) {
  %one = arith.constant 1.0 : f32
  %a = memref.alloc() : memref<4xf32>
  linalg.fill ins(%one : f32) outs(%a : memref<4xf32>)
  return %a, %a, %a : memref<4xf32>, memref<4xf32>, memref<4xf32>
}

// An argument that is returned twice, too; not values that are no buffers.
// CHECK-LABEL: func.func @others
// CHECK-SAME: (%[[X:.*]]: memref<4xf32>, %[[F:.*]]: f32)
// CHECK: %[[B:.*]] = memref.alloc() : memref<4xf32>
// CHECK: memref.copy %[[X]], %[[B]]
// CHECK-NOT: memref.alloc
// CHECK: return %[[X]], %[[B]], %[[F]], %[[F]]
func.func @others(%x: memref<4xf32>, %f: f32) -> (memref<4xf32>, memref<4xf32>, f32, f32) {
  return %x, %x, %f, %f : memref<4xf32>, memref<4xf32>, f32, f32
}
