// RUN: gs-opt %s --gs-fold-transposes | FileCheck %s

// Heads that are transposed before and after a product are read and written in place.
// CHECK-DAG: #[[A:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d3, d1)>
// CHECK-DAG: #[[B:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d3, d2)>
// CHECK-DAG: #[[C:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d2, d1)>
// CHECK-LABEL: @scores
// CHECK-NOT: linalg.transpose
// CHECK: linalg.generic {indexing_maps = [#[[A]], #[[B]], #[[C]]]
// CHECK-SAME: outs(%{{.*}} : tensor<12x9x7xf32>)
// CHECK-NOT: linalg.transpose
func.func @scores(%q: tensor<12x64x7xf32>, %k: tensor<12x64x9xf32>) -> tensor<12x9x7xf32> {
  %zero = arith.constant 0.0 : f32
  %e0 = tensor.empty() : tensor<12x7x64xf32>
  %t = linalg.transpose ins(%q : tensor<12x64x7xf32>) outs(%e0 : tensor<12x7x64xf32>) permutation = [0, 2, 1]
  %e1 = tensor.empty() : tensor<12x7x9xf32>
  %init = linalg.fill ins(%zero : f32) outs(%e1 : tensor<12x7x9xf32>) -> tensor<12x7x9xf32>
  %p = linalg.batch_matmul ins(%t, %k : tensor<12x7x64xf32>, tensor<12x64x9xf32>) outs(%init : tensor<12x7x9xf32>) -> tensor<12x7x9xf32>
  %e2 = tensor.empty() : tensor<12x9x7xf32>
  %y = linalg.transpose ins(%p : tensor<12x7x9xf32>) outs(%e2 : tensor<12x9x7xf32>) permutation = [0, 2, 1]
  return %y : tensor<12x9x7xf32>
}

// What the product adds to would have to be transposed instead.
// CHECK-LABEL: @adds
// CHECK: linalg.generic
// CHECK: linalg.transpose
func.func @adds(%a: tensor<3x4xf32>, %b: tensor<4x5xf32>, %c: tensor<3x5xf32>) -> tensor<5x3xf32> {
  %p = linalg.matmul ins(%a, %b : tensor<3x4xf32>, tensor<4x5xf32>) outs(%c : tensor<3x5xf32>) -> tensor<3x5xf32>
  %e = tensor.empty() : tensor<5x3xf32>
  %y = linalg.transpose ins(%p : tensor<3x5xf32>) outs(%e : tensor<5x3xf32>) permutation = [1, 0]
  return %y : tensor<5x3xf32>
}

// A transposition that others read, too, stays; the product does not need it.
// CHECK-LABEL: @read_twice
// CHECK: linalg.transpose
// CHECK: linalg.generic {{.*}} ins(%arg0, %arg1
func.func @read_twice(%a: tensor<4x3xf32>, %b: tensor<4x5xf32>) -> (tensor<3x5xf32>, tensor<3x4xf32>) {
  %zero = arith.constant 0.0 : f32
  %e0 = tensor.empty() : tensor<3x4xf32>
  %t = linalg.transpose ins(%a : tensor<4x3xf32>) outs(%e0 : tensor<3x4xf32>) permutation = [1, 0]
  %e1 = tensor.empty() : tensor<3x5xf32>
  %init = linalg.fill ins(%zero : f32) outs(%e1 : tensor<3x5xf32>) -> tensor<3x5xf32>
  %p = linalg.matmul ins(%t, %b : tensor<3x4xf32>, tensor<4x5xf32>) outs(%init : tensor<3x5xf32>) -> tensor<3x5xf32>
  return %p, %t : tensor<3x5xf32>, tensor<3x4xf32>
}
