// RUN: gs-opt %s --gs-order-loops | FileCheck %s

// The innermost loop runs along the output: (b, m, k, n) instead of (b, m, n, k).
// CHECK-DAG: #[[A:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>
// CHECK-DAG: #[[B:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d2, d3)>
// CHECK-DAG: #[[C:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d1, d3)>
// CHECK-LABEL: func.func @batch_matmul
// CHECK: linalg.generic {indexing_maps = [#[[A]], #[[B]], #[[C]]], iterator_types = ["parallel", "parallel", "reduction", "parallel"]}
func.func @batch_matmul(%a: tensor<2x3x4xf32>, %b: tensor<2x4x5xf32>, %c: tensor<2x3x5xf32>) -> tensor<2x3x5xf32> {
  %0 = linalg.batch_matmul ins(%a, %b : tensor<2x3x4xf32>, tensor<2x4x5xf32>) outs(%c : tensor<2x3x5xf32>) -> tensor<2x3x5xf32>
  return %0 : tensor<2x3x5xf32>
}

// With a transposed right side the other order would not be contiguous: it stays.
// CHECK-LABEL: func.func @transposed
// CHECK: linalg.{{(matmul|contract|generic)}}
// CHECK-NOT: "reduction", "parallel"]
func.func @transposed(%a: tensor<3x4xf32>, %b: tensor<5x4xf32>, %c: tensor<3x5xf32>) -> tensor<3x5xf32> {
  %0 = linalg.generic {indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>],
                       iterator_types = ["parallel", "parallel", "reduction"]}
         ins(%a, %b : tensor<3x4xf32>, tensor<5x4xf32>) outs(%c : tensor<3x5xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %p = arith.mulf %x, %y : f32
    %s = arith.addf %z, %p : f32
    linalg.yield %s : f32
  } -> tensor<3x5xf32>
  return %0 : tensor<3x5xf32>
}

// Elementwise ops have no reduction to move.
// CHECK-LABEL: func.func @elementwise
// CHECK: linalg.exp
func.func @elementwise(%a: tensor<3x4xf32>, %e: tensor<3x4xf32>) -> tensor<3x4xf32> {
  %0 = linalg.exp ins(%a : tensor<3x4xf32>) outs(%e : tensor<3x4xf32>) -> tensor<3x4xf32>
  return %0 : tensor<3x4xf32>
}

// CHECK-LABEL: func.func @concat
// CHECK-SAME: (%[[A:.*]]: tensor<2x3xf32>, %[[B:.*]]: tensor<4x3xf32>)
// CHECK: %[[I:.*]] = tensor.insert_slice %[[A]] into %{{.*}}[0, 0] [2, 3] [1, 1] : tensor<2x3xf32> into tensor<6x3xf32>
// CHECK: tensor.insert_slice %[[B]] into %[[I]][2, 0] [4, 3] [1, 1] : tensor<4x3xf32> into tensor<6x3xf32>
func.func @concat(%a: tensor<2x3xf32>, %b: tensor<4x3xf32>) -> tensor<6x3xf32> {
  %0 = tensor.concat dim(0) %a, %b : (tensor<2x3xf32>, tensor<4x3xf32>) -> tensor<6x3xf32>
  return %0 : tensor<6x3xf32>
}

// CHECK-LABEL: func.func @pad
// CHECK: %[[V:.*]] = arith.constant 2.0
// CHECK: %[[F:.*]] = linalg.fill ins(%[[V]] : f32)
// CHECK: tensor.insert_slice %{{.*}} into %[[F]][1, 0] [2, 3] [1, 1]
func.func @pad(%a: tensor<2x3xf32>) -> tensor<4x3xf32> {
  %v = arith.constant 2.0 : f32
  %0 = tensor.pad %a low[1, 0] high[1, 0] {
  ^bb0(%i: index, %j: index):
    tensor.yield %v : f32
  } : tensor<2x3xf32> to tensor<4x3xf32>
  return %0 : tensor<4x3xf32>
}

// A padding that is computed from the position is not a fill.
// CHECK-LABEL: func.func @pad_computed
// CHECK: tensor.pad
func.func @pad_computed(%a: tensor<3xi64>) -> tensor<5xi64> {
  %0 = tensor.pad %a low[1] high[1] {
  ^bb0(%i: index):
    %v = arith.index_cast %i : index to i64
    tensor.yield %v : i64
  } : tensor<3xi64> to tensor<5xi64>
  return %0 : tensor<5xi64>
}
