// RUN: gs-opt %s --gs-propagate-transposes --split-input-file | FileCheck %s

// Two layers with bias and ReLU between: one transposition at the input, one at the output. The unit dimension of the
// network's batch disappears in between.
#id3 = affine_map<(b, t, k) -> (b, t, k)>
#last = affine_map<(b, t, k) -> (k)>
// CHECK: #[[ID:.*]] = affine_map<(d0, d1) -> (d0, d1)>
// CHECK: #[[ROW:.*]] = affine_map<(d0, d1) -> (d0)>
// CHECK-LABEL: func @ffn
// CHECK-SAME: %[[X:.*]]: tensor<1x16x4xf32>
// CHECK: %[[C:.*]] = tensor.collapse_shape %[[X]] {{\[\[}}0, 1], [2]]
// CHECK: %[[T:.*]] = linalg.transpose ins(%[[C]] : tensor<16x4xf32>)
// CHECK: %[[Y:.*]] = gs.matmul %{{.*}}, %[[T]]
// CHECK: %[[A:.*]] = linalg.generic {indexing_maps = [#[[ID]], #[[ROW]], #[[ID]]], iterator_types = ["parallel", "parallel"]} ins(%[[Y]], %{{.*}} : tensor<8x16xf32>, tensor<8xf32>)
// CHECK-NOT: linalg.transpose
// CHECK: %[[Z:.*]] = gs.matmul %{{.*}}, %[[A]]
// CHECK: %[[R:.*]] = linalg.transpose ins(%[[Z]] : tensor<4x16xf32>)
// CHECK: %[[E:.*]] = tensor.expand_shape %[[R]]
// CHECK: return %[[E]]
func.func @ffn(%x: tensor<1x16x4xf32>, %w: tensor<8x4xf32>, %v: tensor<4x8xf32>, %b: tensor<8xf32>) -> tensor<1x16x4xf32> {
  %c0 = arith.constant 0.0 : f32
  %0 = tensor.collapse_shape %x [[0, 1], [2]] : tensor<1x16x4xf32> into tensor<16x4xf32>
  %e1 = tensor.empty() : tensor<4x16xf32>
  %1 = linalg.transpose ins(%0 : tensor<16x4xf32>) outs(%e1 : tensor<4x16xf32>) permutation = [1, 0]
  %e2 = tensor.empty() : tensor<8x16xf32>
  %2 = gs.matmul %w, %1 outs(%e2 : tensor<8x16xf32>) : tensor<8x4xf32>, tensor<4x16xf32> -> tensor<8x16xf32>
  %e3 = tensor.empty() : tensor<16x8xf32>
  %3 = linalg.transpose ins(%2 : tensor<8x16xf32>) outs(%e3 : tensor<16x8xf32>) permutation = [1, 0]
  %4 = tensor.expand_shape %3 [[0, 1], [2]] output_shape [1, 16, 8] : tensor<16x8xf32> into tensor<1x16x8xf32>
  %e5 = tensor.empty() : tensor<1x16x8xf32>
  %5 = linalg.generic {indexing_maps = [#id3, #last, #id3], iterator_types = ["parallel", "parallel", "parallel"]}
         ins(%4, %b : tensor<1x16x8xf32>, tensor<8xf32>) outs(%e5 : tensor<1x16x8xf32>) {
  ^bb0(%p: f32, %q: f32, %o: f32):
    %s = arith.addf %p, %q : f32
    %r = arith.maximumf %s, %c0 : f32
    linalg.yield %r : f32
  } -> tensor<1x16x8xf32>
  %6 = tensor.collapse_shape %5 [[0, 1], [2]] : tensor<1x16x8xf32> into tensor<16x8xf32>
  %7 = linalg.transpose ins(%6 : tensor<16x8xf32>) outs(%e2 : tensor<8x16xf32>) permutation = [1, 0]
  %8 = gs.matmul %v, %7 outs(%e1 : tensor<4x16xf32>) : tensor<4x8xf32>, tensor<8x16xf32> -> tensor<4x16xf32>
  %e9 = tensor.empty() : tensor<16x4xf32>
  %9 = linalg.transpose ins(%8 : tensor<4x16xf32>) outs(%e9 : tensor<16x4xf32>) permutation = [1, 0]
  %10 = tensor.expand_shape %9 [[0, 1], [2]] output_shape [1, 16, 4] : tensor<16x4xf32> into tensor<1x16x4xf32>
  return %10 : tensor<1x16x4xf32>
}

// -----

// The same with a batch of two: the elementwise op between the reshapes works on the matrix.
#id3 = affine_map<(b, t, k) -> (b, t, k)>
// CHECK-LABEL: func @batch
// CHECK: gs.matmul
// CHECK-NEXT: tensor.empty() : tensor<8x32xf32>
// CHECK-NEXT: linalg.generic {{.*}} ins(%{{.*}} : tensor<8x32xf32>)
// CHECK-NOT: linalg.transpose
// CHECK: gs.matmul
// CHECK-NOT: linalg.transpose
func.func @batch(%x: tensor<4x32xf32>, %w: tensor<8x4xf32>, %v: tensor<4x8xf32>) -> tensor<4x32xf32> {
  %e1 = tensor.empty() : tensor<4x32xf32>
  %e2 = tensor.empty() : tensor<8x32xf32>
  %2 = gs.matmul %w, %x outs(%e2 : tensor<8x32xf32>) : tensor<8x4xf32>, tensor<4x32xf32> -> tensor<8x32xf32>
  %e3 = tensor.empty() : tensor<32x8xf32>
  %3 = linalg.transpose ins(%2 : tensor<8x32xf32>) outs(%e3 : tensor<32x8xf32>) permutation = [1, 0]
  %4 = tensor.expand_shape %3 [[0, 1], [2]] output_shape [2, 16, 8] : tensor<32x8xf32> into tensor<2x16x8xf32>
  %e5 = tensor.empty() : tensor<2x16x8xf32>
  %5 = linalg.generic {indexing_maps = [#id3, #id3], iterator_types = ["parallel", "parallel", "parallel"]}
         ins(%4 : tensor<2x16x8xf32>) outs(%e5 : tensor<2x16x8xf32>) {
  ^bb0(%p: f32, %o: f32):
    %r = math.exp %p : f32
    linalg.yield %r : f32
  } -> tensor<2x16x8xf32>
  %6 = tensor.collapse_shape %5 [[0, 1], [2]] : tensor<2x16x8xf32> into tensor<32x8xf32>
  %7 = linalg.transpose ins(%6 : tensor<32x8xf32>) outs(%e2 : tensor<8x32xf32>) permutation = [1, 0]
  %8 = gs.matmul %v, %7 outs(%e1 : tensor<4x32xf32>) : tensor<4x8xf32>, tensor<8x32xf32> -> tensor<4x32xf32>
  return %8 : tensor<4x32xf32>
}

// -----

// Normalisation over a row becomes one over a column; the constant is transposed at compile time, the residual taken
// from where it exists transposed already.
#id = affine_map<(t, k) -> (t, k)>
#row = affine_map<(t, k) -> (t)>
// CHECK-DAG: #[[ID:.*]] = affine_map<(d0, d1) -> (d0, d1)>
// CHECK-DAG: #[[COL:.*]] = affine_map<(d0, d1) -> (d1)>
// CHECK-LABEL: func @norm
// CHECK: %[[K:.*]] = arith.constant dense<{{\[\[}}1.000000e+00, 3.000000e+00, 5.000000e+00], [2.000000e+00, 4.000000e+00, 6.000000e+00]]> : tensor<2x3xf32>
// CHECK: %[[X:.*]] = linalg.transpose ins(%arg0 : tensor<3x2xf32>)
// CHECK: %[[Y:.*]] = gs.matmul %arg1, %[[X]]
// CHECK: %[[S:.*]] = linalg.generic {{.*}} ins(%[[Y]], %[[X]], %[[K]] : tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>)
// CHECK: %[[M:.*]] = linalg.generic {indexing_maps = [#[[ID]], #[[COL]]], iterator_types = ["reduction", "parallel"]} ins(%[[S]] : tensor<2x3xf32>) outs(%{{.*}} : tensor<3xf32>)
// CHECK: %[[D:.*]] = linalg.generic {indexing_maps = [#[[ID]], #[[COL]], #[[ID]]], iterator_types = ["parallel", "parallel"]} ins(%[[S]], %[[M]]
// CHECK-NOT: linalg.transpose
// CHECK: gs.matmul %arg1, %[[D]]
func.func @norm(%x: tensor<3x2xf32>, %w: tensor<2x2xf32>) -> tensor<2x3xf32> {
  %c0 = arith.constant 0.0 : f32
  %k3 = arith.constant dense<[[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]]> : tensor<1x3x2xf32>
  %k = tensor.collapse_shape %k3 [[0, 1], [2]] : tensor<1x3x2xf32> into tensor<3x2xf32>
  %e = tensor.empty() : tensor<2x3xf32>
  %f = tensor.empty() : tensor<3x2xf32>
  %g = tensor.empty() : tensor<3xf32>
  %0 = linalg.transpose ins(%x : tensor<3x2xf32>) outs(%e : tensor<2x3xf32>) permutation = [1, 0]
  %1 = gs.matmul %w, %0 outs(%e : tensor<2x3xf32>) : tensor<2x2xf32>, tensor<2x3xf32> -> tensor<2x3xf32>
  %2 = linalg.transpose ins(%1 : tensor<2x3xf32>) outs(%f : tensor<3x2xf32>) permutation = [1, 0]
  %3 = linalg.generic {indexing_maps = [#id, #id, #id, #id], iterator_types = ["parallel", "parallel"]}
         ins(%2, %x, %k : tensor<3x2xf32>, tensor<3x2xf32>, tensor<3x2xf32>) outs(%f : tensor<3x2xf32>) {
  ^bb0(%p: f32, %q: f32, %r: f32, %o: f32):
    %s = arith.addf %p, %q : f32
    %t = arith.addf %s, %r : f32
    linalg.yield %t : f32
  } -> tensor<3x2xf32>
  %z = linalg.fill ins(%c0 : f32) outs(%g : tensor<3xf32>) -> tensor<3xf32>
  %4 = linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]} ins(%3 : tensor<3x2xf32>) outs(%z : tensor<3xf32>) {
  ^bb0(%p: f32, %o: f32):
    %s = arith.addf %p, %o : f32
    linalg.yield %s : f32
  } -> tensor<3xf32>
  %5 = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel"]}
         ins(%3, %4 : tensor<3x2xf32>, tensor<3xf32>) outs(%f : tensor<3x2xf32>) {
  ^bb0(%p: f32, %q: f32, %o: f32):
    %s = arith.subf %p, %q : f32
    linalg.yield %s : f32
  } -> tensor<3x2xf32>
  %6 = linalg.transpose ins(%5 : tensor<3x2xf32>) outs(%e : tensor<2x3xf32>) permutation = [1, 0]
  %7 = gs.matmul %w, %6 outs(%e : tensor<2x3xf32>) : tensor<2x2xf32>, tensor<2x3xf32> -> tensor<2x3xf32>
  return %7 : tensor<2x3xf32>
}

// -----

// Heads of an attention: the keys need no transposition at all, queries and merged heads one each.
// CHECK-LABEL: func @heads
// CHECK: %[[Q:.*]] = gs.matmul %arg1, %arg0
// CHECK: %[[EQ:.*]] = tensor.expand_shape %[[Q]] {{\[\[}}0, 1], [2]] output_shape [2, 4, 8] : tensor<8x8xf32> into tensor<2x4x8xf32>
// CHECK: %[[TQ:.*]] = linalg.transpose ins(%[[EQ]] : tensor<2x4x8xf32>) {{.*}} permutation = [0, 2, 1]
// CHECK-NOT: linalg.transpose
// CHECK: linalg.batch_matmul ins(%[[TQ]], %[[EQ]]
// CHECK: %[[TS:.*]] = linalg.transpose ins(%{{.*}} : tensor<2x8x4xf32>) {{.*}} permutation = [0, 2, 1]
// CHECK: %[[M:.*]] = tensor.collapse_shape %[[TS]] {{\[\[}}0, 1], [2]] : tensor<2x4x8xf32> into tensor<8x8xf32>
// CHECK: gs.matmul %arg1, %[[M]]
func.func @heads(%x: tensor<8x8xf32>, %w: tensor<8x8xf32>, %v: tensor<2x8x4xf32>) -> (tensor<8x8xf32>, tensor<2x8x8xf32>) {
  %c0 = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<8x8xf32>
  %0 = gs.matmul %w, %x outs(%e : tensor<8x8xf32>) : tensor<8x8xf32>, tensor<8x8xf32> -> tensor<8x8xf32>
  %1 = linalg.transpose ins(%0 : tensor<8x8xf32>) outs(%e : tensor<8x8xf32>) permutation = [1, 0]
  %2 = tensor.expand_shape %1 [[0, 1], [2, 3]] output_shape [1, 8, 2, 4] : tensor<8x8xf32> into tensor<1x8x2x4xf32>
  %eq = tensor.empty() : tensor<1x2x8x4xf32>
  %3 = linalg.transpose ins(%2 : tensor<1x8x2x4xf32>) outs(%eq : tensor<1x2x8x4xf32>) permutation = [0, 2, 1, 3]
  %q = tensor.collapse_shape %3 [[0, 1], [2], [3]] : tensor<1x2x8x4xf32> into tensor<2x8x4xf32>
  %4 = tensor.expand_shape %1 [[0], [1, 2]] output_shape [8, 2, 4] : tensor<8x8xf32> into tensor<8x2x4xf32>
  %ek = tensor.empty() : tensor<2x4x8xf32>
  %k = linalg.transpose ins(%4 : tensor<8x2x4xf32>) outs(%ek : tensor<2x4x8xf32>) permutation = [1, 2, 0]
  %es = tensor.empty() : tensor<2x8x8xf32>
  %z = linalg.fill ins(%c0 : f32) outs(%es : tensor<2x8x8xf32>) -> tensor<2x8x8xf32>
  %s = linalg.batch_matmul ins(%q, %k : tensor<2x8x4xf32>, tensor<2x4x8xf32>) outs(%z : tensor<2x8x8xf32>) -> tensor<2x8x8xf32>
  %em = tensor.empty() : tensor<8x2x4xf32>
  %5 = linalg.transpose ins(%v : tensor<2x8x4xf32>) outs(%em : tensor<8x2x4xf32>) permutation = [1, 0, 2]
  %6 = tensor.collapse_shape %5 [[0], [1, 2]] : tensor<8x2x4xf32> into tensor<8x8xf32>
  %7 = linalg.transpose ins(%6 : tensor<8x8xf32>) outs(%e : tensor<8x8xf32>) permutation = [1, 0]
  %8 = gs.matmul %w, %7 outs(%e : tensor<8x8xf32>) : tensor<8x8xf32>, tensor<8x8xf32> -> tensor<8x8xf32>
  return %8, %s : tensor<8x8xf32>, tensor<2x8x8xf32>
}

// -----

// x + transpose(x) has no orientation that helps, and ops without any transposition nearby are left alone.
#id = affine_map<(t, k) -> (t, k)>
// CHECK-LABEL: func @symmetric
// CHECK: %[[T:.*]] = linalg.transpose ins(%arg0
// CHECK: linalg.generic {{.*}} ins(%arg0, %[[T]] :
// CHECK: linalg.generic {{.*}} ins(%arg1 : tensor<3x2xf32>)
func.func @symmetric(%x: tensor<3x3xf32>, %y: tensor<3x2xf32>) -> (tensor<3x3xf32>, tensor<3x2xf32>) {
  %e = tensor.empty() : tensor<3x3xf32>
  %0 = linalg.transpose ins(%x : tensor<3x3xf32>) outs(%e : tensor<3x3xf32>) permutation = [1, 0]
  %1 = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]}
         ins(%x, %0 : tensor<3x3xf32>, tensor<3x3xf32>) outs(%e : tensor<3x3xf32>) {
  ^bb0(%p: f32, %q: f32, %o: f32):
    %s = arith.addf %p, %q : f32
    linalg.yield %s : f32
  } -> tensor<3x3xf32>
  %f = tensor.empty() : tensor<3x2xf32>
  %2 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%y : tensor<3x2xf32>) outs(%f : tensor<3x2xf32>) {
  ^bb0(%p: f32, %o: f32):
    %s = math.exp %p : f32
    linalg.yield %s : f32
  } -> tensor<3x2xf32>
  return %1, %2 : tensor<3x3xf32>, tensor<3x2xf32>
}

// -----

// Activations between convolutions keep their unit dimension.
// CHECK-LABEL: func @convolutions
// CHECK: linalg.generic {{.*}} ins(%{{.*}} : tensor<1x2x5xf32>)
func.func @convolutions(%x: tensor<1x2x5xf32>, %w: tensor<2x2x1xf32>) -> tensor<1x2x5xf32> {
  %e = tensor.empty() : tensor<1x2x5xf32>
  %0 = gs.conv %w, %x outs(%e : tensor<1x2x5xf32>) {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 0>}
         : tensor<2x2x1xf32>, tensor<1x2x5xf32> -> tensor<1x2x5xf32>
  %1 = linalg.generic {indexing_maps = [affine_map<(b, c, t) -> (b, c, t)>, affine_map<(b, c, t) -> (b, c, t)>], iterator_types = ["parallel", "parallel", "parallel"]}
         ins(%0 : tensor<1x2x5xf32>) outs(%e : tensor<1x2x5xf32>) {
  ^bb0(%p: f32, %o: f32):
    %s = math.exp %p : f32
    linalg.yield %s : f32
  } -> tensor<1x2x5xf32>
  return %1 : tensor<1x2x5xf32>
}

// -----

// One product for several heads is sliced in the orientation of gs.matmul: whole rows.
// CHECK-LABEL: func @slices
// CHECK: %[[Y:.*]] = gs.matmul %arg1, %arg0
// CHECK: %[[S:.*]] = tensor.extract_slice %[[Y]][4, 0] [4, 6] [1, 1] : tensor<8x6xf32> to tensor<4x6xf32>
// CHECK-NOT: linalg.transpose
// CHECK: gs.matmul %arg2, %[[S]]
func.func @slices(%x: tensor<4x6xf32>, %w: tensor<8x4xf32>, %v: tensor<4x4xf32>) -> tensor<4x6xf32> {
  %e = tensor.empty() : tensor<8x6xf32>
  %0 = gs.matmul %w, %x outs(%e : tensor<8x6xf32>) : tensor<8x4xf32>, tensor<4x6xf32> -> tensor<8x6xf32>
  %f = tensor.empty() : tensor<6x8xf32>
  %1 = linalg.transpose ins(%0 : tensor<8x6xf32>) outs(%f : tensor<6x8xf32>) permutation = [1, 0]
  %2 = tensor.expand_shape %1 [[0, 1], [2]] output_shape [1, 6, 8] : tensor<6x8xf32> into tensor<1x6x8xf32>
  %3 = tensor.extract_slice %2[0, 0, 4] [1, 6, 4] [1, 1, 1] : tensor<1x6x8xf32> to tensor<1x6x4xf32>
  %4 = tensor.collapse_shape %3 [[0, 1], [2]] : tensor<1x6x4xf32> into tensor<6x4xf32>
  %g = tensor.empty() : tensor<4x6xf32>
  %5 = linalg.transpose ins(%4 : tensor<6x4xf32>) outs(%g : tensor<4x6xf32>) permutation = [1, 0]
  %6 = gs.matmul %v, %5 outs(%g : tensor<4x6xf32>) : tensor<4x4xf32>, tensor<4x6xf32> -> tensor<4x6xf32>
  return %6 : tensor<4x6xf32>
}
