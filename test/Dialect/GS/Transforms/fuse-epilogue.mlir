// RUN: gs-opt %s --gs-fuse-epilogue --split-input-file | FileCheck %s

// Bias per row, then residual, then ReLU, one after the other.
#full = affine_map<(n, c, h, w) -> (n, c, h, w)>
#chan = affine_map<(n, c, h, w) -> (c)>
// CHECK-LABEL: func @bias_residual_relu
// CHECK-SAME: (%[[X:.*]]: tensor<1x2x4x4xf32>, %[[R:.*]]: tensor<1x3x4x4xf32>, %[[W:.*]]: tensor<3x2x1x1xf32>, %[[B:.*]]: tensor<3xf32>)
// CHECK: %[[Y:.*]] = gs.conv %[[W]], %[[X]] epilogue(%[[B]], %[[R]] : tensor<3xf32>, tensor<1x3x4x4xf32>)
// CHECK: ^bb0(%[[S:.*]]: f32, %[[BE:.*]]: f32, %[[RE:.*]]: f32):
// CHECK:   %[[Z:.*]] = arith.constant 0.0
// CHECK:   %[[A0:.*]] = arith.addf %[[S]], %[[BE]]
// CHECK:   %[[A1:.*]] = arith.addf %[[RE]], %[[A0]]
// CHECK:   %[[A2:.*]] = arith.maximumf %[[A1]], %[[Z]]
// CHECK:   gs.yield %[[A2]]
// CHECK-NOT: linalg.generic
// CHECK: return %[[Y]]
func.func @bias_residual_relu(%x: tensor<1x2x4x4xf32>, %r: tensor<1x3x4x4xf32>, %w: tensor<3x2x1x1xf32>, %b: tensor<3xf32>) -> tensor<1x3x4x4xf32> {
  %e = tensor.empty() : tensor<1x3x4x4xf32>
  %c0 = arith.constant 0.0 : f32
  %0 = gs.conv %w, %x outs(%e : tensor<1x3x4x4xf32>) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>}
         : tensor<3x2x1x1xf32>, tensor<1x2x4x4xf32> -> tensor<1x3x4x4xf32>
  %1 = linalg.generic {indexing_maps = [#full, #chan, #full], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
         ins(%0, %b : tensor<1x3x4x4xf32>, tensor<3xf32>) outs(%e : tensor<1x3x4x4xf32>) {
  ^bb0(%p: f32, %q: f32, %o: f32):
    %s = arith.addf %p, %q : f32
    linalg.yield %s : f32
  } -> tensor<1x3x4x4xf32>
  %2 = linalg.generic {indexing_maps = [#full, #full, #full], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
         ins(%r, %1 : tensor<1x3x4x4xf32>, tensor<1x3x4x4xf32>) outs(%e : tensor<1x3x4x4xf32>) {
  ^bb0(%p: f32, %q: f32, %o: f32):
    %s = arith.addf %p, %q : f32
    linalg.yield %s : f32
  } -> tensor<1x3x4x4xf32>
  %3 = linalg.generic {indexing_maps = [#full, #full], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
         ins(%2 : tensor<1x3x4x4xf32>) outs(%e : tensor<1x3x4x4xf32>) {
  ^bb0(%p: f32, %o: f32):
    %s = arith.maximumf %p, %c0 : f32
    linalg.yield %s : f32
  } -> tensor<1x3x4x4xf32>
  return %3 : tensor<1x3x4x4xf32>
}

// -----

// Batch normalisation: scale and shift [1, C, 1, 1] read by broadcast; a splat constant becomes a scalar.
#full = affine_map<(n, c, h, w) -> (n, c, h, w)>
#bcast = affine_map<(n, c, h, w) -> (0, c, 0, 0)>
// CHECK-LABEL: func @scale_shift
// CHECK: %[[S:.*]] = tensor.collapse_shape %{{.*}} {{\[\[}}0, 1, 2, 3]] : tensor<1x3x1x1xf32> into tensor<3xf32>
// CHECK: gs.conv {{.*}} epilogue(%[[S]] : tensor<3xf32>)
// CHECK: %[[C:.*]] = arith.constant 2.500000e+00 : f32
// CHECK-NOT: linalg.generic
func.func @scale_shift(%x: tensor<1x2x4x4xf32>, %w: tensor<3x2x1x1xf32>, %s: tensor<1x3x1x1xf32>) -> tensor<1x3x4x4xf32> {
  %e = tensor.empty() : tensor<1x3x4x4xf32>
  %k = arith.constant dense<2.5> : tensor<1x3x1x1xf32>
  %0 = gs.conv %w, %x outs(%e : tensor<1x3x4x4xf32>) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>}
         : tensor<3x2x1x1xf32>, tensor<1x2x4x4xf32> -> tensor<1x3x4x4xf32>
  %1 = linalg.generic {indexing_maps = [#full, #bcast, #bcast, #full], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
         ins(%0, %s, %k : tensor<1x3x4x4xf32>, tensor<1x3x1x1xf32>, tensor<1x3x1x1xf32>) outs(%e : tensor<1x3x4x4xf32>) {
  ^bb0(%p: f32, %q: f32, %r: f32, %o: f32):
    %m = arith.mulf %p, %q : f32
    %a = arith.addf %m, %r : f32
    linalg.yield %a : f32
  } -> tensor<1x3x4x4xf32>
  return %1 : tensor<1x3x4x4xf32>
}

// -----

// GELU reads the sum twice, by a chain of four ops.
#id = affine_map<(m, n) -> (m, n)>
// CHECK-LABEL: func @gelu
// CHECK: gs.matmul %{{.*}}, %{{.*}} outs({{.*}})
// CHECK: ^bb0(%[[S:.*]]: f32):
// CHECK: math.erf
// CHECK: arith.mulf
// CHECK-NOT: linalg.generic
func.func @gelu(%w: tensor<4x3xf32>, %x: tensor<3x5xf32>) -> tensor<4x5xf32> {
  %e = tensor.empty() : tensor<4x5xf32>
  %k = arith.constant 0.70710678 : f32
  %one = arith.constant 1.0 : f32
  %0 = gs.matmul %w, %x outs(%e : tensor<4x5xf32>) : tensor<4x3xf32>, tensor<3x5xf32> -> tensor<4x5xf32>
  %1 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%0 : tensor<4x5xf32>) outs(%e : tensor<4x5xf32>) {
  ^bb0(%p: f32, %o: f32):
    %s = arith.mulf %p, %k : f32
    linalg.yield %s : f32
  } -> tensor<4x5xf32>
  %2 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%1 : tensor<4x5xf32>) outs(%e : tensor<4x5xf32>) {
  ^bb0(%p: f32, %o: f32):
    %s = math.erf %p : f32
    linalg.yield %s : f32
  } -> tensor<4x5xf32>
  %3 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%2 : tensor<4x5xf32>) outs(%e : tensor<4x5xf32>) {
  ^bb0(%p: f32, %o: f32):
    %s = arith.addf %p, %one : f32
    linalg.yield %s : f32
  } -> tensor<4x5xf32>
  %4 = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]} ins(%0, %3 : tensor<4x5xf32>, tensor<4x5xf32>) outs(%e : tensor<4x5xf32>) {
  ^bb0(%p: f32, %q: f32, %o: f32):
    %s = arith.mulf %p, %q : f32
    linalg.yield %s : f32
  } -> tensor<4x5xf32>
  return %4 : tensor<4x5xf32>
}

// -----

// Of two contractions the later one takes the sum of both, and moves behind what it reads.
#id = affine_map<(m, n) -> (m, n)>
// CHECK-LABEL: func @two
// CHECK: %[[A:.*]] = gs.matmul %arg0, %arg2 outs
// CHECK: %[[R:.*]] = tensor.generate
// CHECK: %[[B:.*]] = gs.matmul %arg1, %arg2 epilogue(%[[A]], %[[R]] : tensor<4x5xf32>, tensor<4xf32>)
// CHECK-NOT: linalg.generic
// CHECK: return %[[B]]
func.func @two(%w: tensor<4x3xf32>, %v: tensor<4x3xf32>, %x: tensor<3x5xf32>) -> tensor<4x5xf32> {
  %e = tensor.empty() : tensor<4x5xf32>
  %0 = gs.matmul %w, %x outs(%e : tensor<4x5xf32>) : tensor<4x3xf32>, tensor<3x5xf32> -> tensor<4x5xf32>
  %1 = gs.matmul %v, %x outs(%e : tensor<4x5xf32>) : tensor<4x3xf32>, tensor<3x5xf32> -> tensor<4x5xf32>
  %late = tensor.generate {
  ^bb0(%i: index):
    %c = arith.constant 1.0 : f32
    tensor.yield %c : f32
  } : tensor<4xf32>
  %2 = linalg.generic {indexing_maps = [#id, #id, affine_map<(m, n) -> (m)>, #id], iterator_types = ["parallel", "parallel"]}
         ins(%1, %0, %late : tensor<4x5xf32>, tensor<4x5xf32>, tensor<4xf32>) outs(%e : tensor<4x5xf32>) {
  ^bb0(%p: f32, %q: f32, %r: f32, %o: f32):
    %s = arith.addf %p, %q : f32
    %t = arith.addf %s, %r : f32
    linalg.yield %t : f32
  } -> tensor<4x5xf32>
  return %2 : tensor<4x5xf32>
}

// -----

// Reshapes of unit dimensions do not stand in the way: one output row of a fully connected layer.
// CHECK-LABEL: func @through_reshape
// CHECK: %[[Y:.*]] = gs.matmul %{{.*}}, %{{.*}} epilogue(%{{.*}} : tensor<4xf32>) outs({{.*}} : tensor<4x1xf32>)
// CHECK: %[[C:.*]] = tensor.collapse_shape %[[Y]]
// CHECK: tensor.expand_shape %[[C]] {{.*}} into tensor<1x4xf32>
// CHECK-NOT: linalg
func.func @through_reshape(%w: tensor<4x3xf32>, %x: tensor<3x1xf32>, %b: tensor<4xf32>) -> tensor<1x4xf32> {
  %e = tensor.empty() : tensor<4x1xf32>
  %f = tensor.empty() : tensor<1x4xf32>
  %0 = gs.matmul %w, %x outs(%e : tensor<4x1xf32>) : tensor<4x3xf32>, tensor<3x1xf32> -> tensor<4x1xf32>
  %1 = tensor.collapse_shape %0 [[0, 1]] : tensor<4x1xf32> into tensor<4xf32>
  %2 = tensor.expand_shape %1 [[0, 1]] output_shape [1, 4] : tensor<4xf32> into tensor<1x4xf32>
  %3 = linalg.generic {indexing_maps = [affine_map<(n, m) -> (n, m)>, affine_map<(n, m) -> (m)>, affine_map<(n, m) -> (n, m)>], iterator_types = ["parallel", "parallel"]}
         ins(%2, %b : tensor<1x4xf32>, tensor<4xf32>) outs(%f : tensor<1x4xf32>) {
  ^bb0(%p: f32, %q: f32, %o: f32):
    %s = arith.addf %p, %q : f32
    linalg.yield %s : f32
  } -> tensor<1x4xf32>
  return %3 : tensor<1x4xf32>
}

// -----

// Not fused: a value per column, a transposed reading, a second reader, a change of type, a position-dependent body.
#id = affine_map<(m, n) -> (m, n)>
// CHECK-LABEL: func @refused
// CHECK-COUNT-5: linalg.generic
func.func @refused(%w: tensor<4x3xf32>, %x: tensor<3x4xf32>, %b: tensor<4xf32>)
    -> (tensor<4x4xf32>, tensor<4x4xf32>, tensor<4x4xf32>, tensor<4x4xf32>, tensor<4x4xf16>, tensor<4x4xf32>) {
  %e = tensor.empty() : tensor<4x4xf32>
  %h = tensor.empty() : tensor<4x4xf16>
  %0 = gs.matmul %w, %x outs(%e : tensor<4x4xf32>) : tensor<4x3xf32>, tensor<3x4xf32> -> tensor<4x4xf32>
  %1 = gs.matmul %w, %x outs(%e : tensor<4x4xf32>) : tensor<4x3xf32>, tensor<3x4xf32> -> tensor<4x4xf32>
  %2 = gs.matmul %w, %x outs(%e : tensor<4x4xf32>) : tensor<4x3xf32>, tensor<3x4xf32> -> tensor<4x4xf32>
  %3 = gs.matmul %w, %x outs(%e : tensor<4x4xf32>) : tensor<4x3xf32>, tensor<3x4xf32> -> tensor<4x4xf32>
  %4 = gs.matmul %w, %x outs(%e : tensor<4x4xf32>) : tensor<4x3xf32>, tensor<3x4xf32> -> tensor<4x4xf32>
  %5 = linalg.generic {indexing_maps = [#id, affine_map<(m, n) -> (n)>, #id], iterator_types = ["parallel", "parallel"]}
         ins(%0, %b : tensor<4x4xf32>, tensor<4xf32>) outs(%e : tensor<4x4xf32>) {
  ^bb0(%p: f32, %q: f32, %o: f32):
    %s = arith.addf %p, %q : f32
    linalg.yield %s : f32
  } -> tensor<4x4xf32>
  %6 = linalg.generic {indexing_maps = [affine_map<(m, n) -> (n, m)>, #id], iterator_types = ["parallel", "parallel"]}
         ins(%1 : tensor<4x4xf32>) outs(%e : tensor<4x4xf32>) {
  ^bb0(%p: f32, %o: f32):
    %s = math.exp %p : f32
    linalg.yield %s : f32
  } -> tensor<4x4xf32>
  %7 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%2 : tensor<4x4xf32>) outs(%e : tensor<4x4xf32>) {
  ^bb0(%p: f32, %o: f32):
    %s = math.exp %p : f32
    linalg.yield %s : f32
  } -> tensor<4x4xf32>
  %8 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%3 : tensor<4x4xf32>) outs(%h : tensor<4x4xf16>) {
  ^bb0(%p: f32, %o: f16):
    %s = arith.truncf %p : f32 to f16
    linalg.yield %s : f16
  } -> tensor<4x4xf16>
  %9 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%4 : tensor<4x4xf32>) outs(%e : tensor<4x4xf32>) {
  ^bb0(%p: f32, %o: f32):
    %i = linalg.index 0 : index
    %j = arith.index_cast %i : index to i32
    %k = arith.sitofp %j : i32 to f32
    %s = arith.addf %p, %k : f32
    linalg.yield %s : f32
  } -> tensor<4x4xf32>
  return %5, %6, %7, %2, %8, %9 : tensor<4x4xf32>, tensor<4x4xf32>, tensor<4x4xf32>, tensor<4x4xf32>, tensor<4x4xf16>, tensor<4x4xf32>
}
