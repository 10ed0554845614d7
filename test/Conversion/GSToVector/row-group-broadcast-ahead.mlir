// Activations that do not fit the first cache are asked for ten blocks ahead, up to the last block, where the
// multiply-adds of a step hide a load per line: four vectors that are not aligned lie in five lines, and two
// multiply-adds per cycle hide none.
//
// RUN: gs-opt %s --gs-sparsify=target=x86-64-v4 --gs-lower-to-vector=target=x86-64-v4 | FileCheck %s --check-prefixes=CHECK,V4
// RUN: gs-opt %s --gs-sparsify=target=x86-64-v3 --gs-lower-to-vector=target=x86-64-v3 | FileCheck %s --check-prefixes=CHECK,V3

// CHECK: call @[[FAR:[a-z_0-9]+]](
// CHECK: call @[[NEAR:[a-z_0-9]+]](
// CHECK: func.func private @[[FAR]](
// V4: %[[LATER:.*]] = arith.addi %{{.*}}, %c10 : index
// V4: %[[CLAMPED:.*]] = arith.minui %[[LATER]], %c1023 : index
// V4: memref.load %{{.*}}[%[[CLAMPED]]] : memref<1024xi32>
// V4-COUNT-5: memref.prefetch %{{.*}}, read, locality<3>, data : memref<16128xf32>
// V4-NOT: memref.prefetch
// V4: vector.load
// V3-NOT: memref.prefetch
// CHECK: func.func private @[[NEAR]](
// CHECK-NOT: memref.prefetch
func.func @visited(%x: tensor<256x63xf32>, %v: tensor<64x63xf32>, %e: tensor<16x63xf32>)
    -> (tensor<16x63xf32>, tensor<16x63xf32>) {
  %w = gs.constant dense<1.0> : tensor<16x256xf32> as tensor<16x256xf32, #gs.block<4x1>>
  %y = gs.matmul %w, %x outs(%e : tensor<16x63xf32>) strategy = <"row-group-broadcast", {mr = 4, nr = 4}>
         : tensor<16x256xf32, #gs.block<4x1>>, tensor<256x63xf32> -> tensor<16x63xf32>
  %u = gs.constant dense<1.0> : tensor<16x64xf32> as tensor<16x64xf32, #gs.block<4x1>>
  %z = gs.matmul %u, %v outs(%e : tensor<16x63xf32>) strategy = <"row-group-broadcast", {mr = 4, nr = 4}>
         : tensor<16x64xf32, #gs.block<4x1>>, tensor<64x63xf32> -> tensor<16x63xf32>
  return %y, %z : tensor<16x63xf32>, tensor<16x63xf32>
}
