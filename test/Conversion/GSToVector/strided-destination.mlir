// RUN: gs-opt %s --gs-sparsify --gs-lower-to-vector | FileCheck %s

// Bufferization lets the product write into the inside of the padded buffer, which is strided. Kernels write flat
// buffers: the result is copied into place behind the call, never only in front of it.

// CHECK-LABEL: func.func @main
// CHECK: %[[PADDED:.*]] = memref.alloc{{.*}} : memref<6x18xf32>
// CHECK: %[[INSIDE:.*]] = memref.subview %[[PADDED]][1, 1] [4, 16] [1, 1]
// CHECK: %[[FLAT:.*]] = memref.alloc{{.*}} : memref<4x16xf32>
// CHECK: call @matmul
// CHECK: memref.load %[[FLAT]]
// CHECK: memref.store %{{.*}}, %[[INSIDE]]
func.func @main(%x: tensor<3x16xf32>) -> tensor<6x18xf32> {
  %w = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0], [1.5, 2.5, 3.5]]> : tensor<4x3xf32>
  %low = arith.constant 0xFF800000 : f32
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<4x16xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x16xf32>) -> tensor<4x16xf32>
  %y = linalg.matmul ins(%w, %x : tensor<4x3xf32>, tensor<3x16xf32>) outs(%init : tensor<4x16xf32>) -> tensor<4x16xf32>
  %padded = tensor.pad %y low[1, 1] high[1, 1] {
  ^bb0(%i: index, %j: index):
    tensor.yield %low : f32
  } : tensor<4x16xf32> to tensor<6x18xf32>
  return %padded : tensor<6x18xf32>
}
