// Weights that fill the first cache are asked for ahead of time, columns as many blocks ahead, if the multiply-adds of a step hide two
// loads more: those of one vector do not, nor do two multiply-adds per cycle on two vectors.
//
// RUN: gs-opt %s --gs-sparsify=target=x86-64-v4 --gs-lower-to-vector=target=x86-64-v4 | FileCheck %s --check-prefixes=CHECK,V4
// RUN: gs-opt %s --gs-sparsify=target=x86-64-v3 --gs-lower-to-vector=target=x86-64-v3 | FileCheck %s --check-prefixes=CHECK,V3

// CHECK: call @[[WIDE:[a-z_0-9]+]](
// CHECK: call @[[NARROW:[a-z_0-9]+]](
// CHECK: call @[[SMALL:[a-z_0-9]+]](
// CHECK: func.func private @[[WIDE]](
// V4: memref.prefetch %{{.*}}, read, locality<3>, data : memref<16384xf32>
// V4: memref.prefetch %{{.*}}, read, locality<3>, data : memref<4096xi32>
// V4: vector.fma
// V3-NOT: memref.prefetch
// CHECK: func.func private @[[NARROW]](
// CHECK-NOT: memref.prefetch
// CHECK: func.func private @[[SMALL]](
// CHECK-NOT: memref.prefetch
func.func @streamed(%x: tensor<64x64xf32>, %e: tensor<256x64xf32>, %f: tensor<64x64xf32>)
    -> (tensor<256x64xf32>, tensor<256x64xf32>, tensor<64x64xf32>) {
  %w = gs.constant dense<1.0> : tensor<256x64xf32> as tensor<256x64xf32, #gs.block<4x1>>
  %y = gs.matmul %w, %x outs(%e : tensor<256x64xf32>) strategy = <"row-group-broadcast", {mr = 4, nr = 2}>
         : tensor<256x64xf32, #gs.block<4x1>>, tensor<64x64xf32> -> tensor<256x64xf32>
  %z = gs.matmul %w, %x outs(%e : tensor<256x64xf32>) strategy = <"row-group-broadcast", {mr = 4, nr = 1}>
         : tensor<256x64xf32, #gs.block<4x1>>, tensor<64x64xf32> -> tensor<256x64xf32>
  %v = gs.constant dense<1.0> : tensor<64x64xf32> as tensor<64x64xf32, #gs.block<4x1>>
  %u = gs.matmul %v, %x outs(%f : tensor<64x64xf32>) strategy = <"row-group-broadcast", {mr = 4, nr = 2}>
         : tensor<64x64xf32, #gs.block<4x1>>, tensor<64x64xf32> -> tensor<64x64xf32>
  return %y, %z, %u : tensor<256x64xf32>, tensor<256x64xf32>, tensor<64x64xf32>
}
