// RUN: gs-opt %s --linalg-to-gs --split-input-file | FileCheck %s

// A weight on the left is direct.
// CHECK-LABEL: func @weight_left
// CHECK: %[[W:.*]] = arith.constant dense<{{.*}}> : tensor<2x3xf32>
// CHECK: gs.matmul %[[W]], %arg0 outs(%{{.*}} : tensor<2x4xf32>) : tensor<2x3xf32>, tensor<3x4xf32> -> tensor<2x4xf32>
// CHECK-NOT: linalg.matmul
func.func @weight_left(%x: tensor<3x4xf32>) -> tensor<2x4xf32> {
  %w = arith.constant dense<[[1.0, 0.0, 2.0], [0.0, 3.0, 0.0]]> : tensor<2x3xf32>
  %c = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<2x4xf32>
  %z = linalg.fill ins(%c : f32) outs(%e : tensor<2x4xf32>) -> tensor<2x4xf32>
  %y = linalg.matmul ins(%w, %x : tensor<2x3xf32>, tensor<3x4xf32>) outs(%z : tensor<2x4xf32>) -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}

// -----

// A weight on the right is transposed at compile time, the activation around the op.
// CHECK-LABEL: func @weight_right
// CHECK: arith.constant dense<{{\[\[}}1.000000e+00, 0.000000e+00], [0.000000e+00, 3.000000e+00], [2.000000e+00, 0.000000e+00]]> : tensor<3x2xf32>
// CHECK: %[[T:.*]] = linalg.transpose ins(%arg0 : tensor<4x2xf32>) outs({{.*}} : tensor<2x4xf32>) permutation = [1, 0]
// CHECK: %[[Y:.*]] = gs.matmul %{{.*}}, %[[T]] outs({{.*}} : tensor<3x4xf32>)
// CHECK: linalg.transpose ins(%[[Y]] : tensor<3x4xf32>) outs({{.*}} : tensor<4x3xf32>) permutation = [1, 0]
func.func @weight_right(%x: tensor<4x2xf32>) -> tensor<4x3xf32> {
  %w = arith.constant dense<[[1.0, 0.0, 2.0], [0.0, 3.0, 0.0]]> : tensor<2x3xf32>
  %z = arith.constant dense<0.0> : tensor<4x3xf32>
  %y = linalg.matmul ins(%x, %w : tensor<4x2xf32>, tensor<2x3xf32>) outs(%z : tensor<4x3xf32>) -> tensor<4x3xf32>
  return %y : tensor<4x3xf32>
}

// -----

// The mask of a sparse initialiser follows its weight.
// CHECK-LABEL: func @mask
// CHECK: arith.constant {onnx.mask = dense<{{\[\[}}true, false], [false, true], [true, true]]> : tensor<3x2xi1>}
func.func @mask(%x: tensor<4x2xf32>) -> tensor<4x3xf32> {
  %w = arith.constant {onnx.mask = dense<[[true, false, true], [false, true, true]]> : tensor<2x3xi1>}
         dense<[[1.0, 0.0, 2.0], [0.0, 3.0, 0.0]]> : tensor<2x3xf32>
  %z = arith.constant dense<0.0> : tensor<4x3xf32>
  %y = linalg.matmul ins(%x, %w : tensor<4x2xf32>, tensor<2x3xf32>) outs(%z : tensor<4x3xf32>) -> tensor<4x3xf32>
  return %y : tensor<4x3xf32>
}

// -----

// One row of activations: reshapes only.
// CHECK-LABEL: func @one_row
// CHECK-NOT: linalg.transpose
// CHECK: tensor.expand_shape %{{.*}} {{.*}} : tensor<2xf32> into tensor<2x1xf32>
// CHECK: gs.matmul %{{.*}} : tensor<3x2xf32>, tensor<2x1xf32> -> tensor<3x1xf32>
// CHECK-NOT: linalg.transpose
func.func @one_row(%x: tensor<1x2xf32>) -> tensor<1x3xf32> {
  %w = arith.constant dense<[[1.0, 0.0, 2.0], [0.0, 3.0, 0.0]]> : tensor<2x3xf32>
  %z = arith.constant dense<0.0> : tensor<1x3xf32>
  %y = linalg.matmul ins(%x, %w : tensor<1x2xf32>, tensor<2x3xf32>) outs(%z : tensor<1x3xf32>) -> tensor<1x3xf32>
  return %y : tensor<1x3xf32>
}

// -----

// CHECK-LABEL: func @vecmat
// CHECK: gs.matmul %{{.*}} : tensor<3x2xf32>, tensor<2x1xf32> -> tensor<3x1xf32>
func.func @vecmat(%x: tensor<2xf32>) -> tensor<3xf32> {
  %w = arith.constant dense<[[1.0, 0.0, 2.0], [0.0, 3.0, 0.0]]> : tensor<2x3xf32>
  %z = arith.constant dense<0.0> : tensor<3xf32>
  %y = linalg.vecmat ins(%x, %w : tensor<2xf32>, tensor<2x3xf32>) outs(%z : tensor<3xf32>) -> tensor<3xf32>
  return %y : tensor<3xf32>
}

// CHECK-LABEL: func @matvec
// CHECK: gs.matmul %{{.*}} : tensor<2x3xf32>, tensor<3x1xf32> -> tensor<2x1xf32>
func.func @matvec(%x: tensor<3xf32>) -> tensor<2xf32> {
  %w = arith.constant dense<[[1.0, 0.0, 2.0], [0.0, 3.0, 0.0]]> : tensor<2x3xf32>
  %z = arith.constant dense<0.0> : tensor<2xf32>
  %y = linalg.matvec ins(%w, %x : tensor<2x3xf32>, tensor<3xf32>) outs(%z : tensor<2xf32>) -> tensor<2xf32>
  return %y : tensor<2xf32>
}

// -----

// One weight for all batches, on the right (K x M): the batch joins the rows of the activation.
// CHECK-LABEL: func @batch
// CHECK: tensor.collapse_shape %arg0 {{\[\[}}0, 1], [2]] : tensor<5x4x2xf32> into tensor<20x2xf32>
// CHECK: gs.matmul %{{.*}} : tensor<3x2xf32>, tensor<2x20xf32> -> tensor<3x20xf32>
// CHECK: tensor.expand_shape %{{.*}} {{\[\[}}0, 1], [2]] output_shape [5, 4, 3] : tensor<20x3xf32> into tensor<5x4x3xf32>
func.func @batch(%x: tensor<5x4x2xf32>) -> tensor<5x4x3xf32> {
  %w = arith.constant dense<[[1.0, 0.0, 2.0], [0.0, 3.0, 0.0]]> : tensor<2x3xf32>
  %z = arith.constant dense<0.0> : tensor<5x4x3xf32>
  %y = linalg.batch_matmul indexing_maps = [affine_map<(b, m, n, k) -> (b, m, k)>, affine_map<(b, m, n, k) -> (k, n)>,
                                            affine_map<(b, m, n, k) -> (b, m, n)>]
         ins(%x, %w : tensor<5x4x2xf32>, tensor<2x3xf32>) outs(%z : tensor<5x4x3xf32>) -> tensor<5x4x3xf32>
  return %y : tensor<5x4x3xf32>
}

// -----

// An init that is not zero is added afterwards.
// CHECK-LABEL: func @init
// CHECK: %[[Y:.*]] = gs.matmul
// CHECK: linalg.generic {{.*}} ins(%[[Y]], %arg1 : tensor<2x4xf32>, tensor<2x4xf32>)
// CHECK: arith.addf
func.func @init(%x: tensor<3x4xf32>, %i: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %w = arith.constant dense<[[1.0, 0.0, 2.0], [0.0, 3.0, 0.0]]> : tensor<2x3xf32>
  %y = linalg.matmul ins(%w, %x : tensor<2x3xf32>, tensor<3x4xf32>) outs(%i : tensor<2x4xf32>) -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}

// -----

// Two runtime tensors, and a weight per batch, stay linalg.
// CHECK-LABEL: func @attention
// CHECK: linalg.batch_matmul
// CHECK: linalg.batch_matmul
// CHECK-NOT: gs.matmul
func.func @attention(%q: tensor<2x4x3xf32>, %k: tensor<2x3x4xf32>) -> tensor<2x4x4xf32> {
  %w = arith.constant dense<0.5> : tensor<2x4x4xf32>
  %z = arith.constant dense<0.0> : tensor<2x4x4xf32>
  %y = linalg.batch_matmul ins(%q, %k : tensor<2x4x3xf32>, tensor<2x3x4xf32>) outs(%z : tensor<2x4x4xf32>) -> tensor<2x4x4xf32>
  %v = linalg.batch_matmul ins(%y, %w : tensor<2x4x4xf32>, tensor<2x4x4xf32>) outs(%z : tensor<2x4x4xf32>) -> tensor<2x4x4xf32>
  return %v : tensor<2x4x4xf32>
}

// -----

// Weights with a pattern, written by hand: on an arith.constant or a gs.constant.
// CHECK-LABEL: func @pattern
// CHECK: %[[W:.*]] = gs.constant dense<{{.*}}> : tensor<4x2xf32> as tensor<4x2xf32, #gs.block<4x1>>
// CHECK: gs.matmul %[[W]], %arg0
// CHECK: %[[V:.*]] = gs.constant
// CHECK: gs.matmul %[[V]], %{{.*}} : tensor<2x4xf32, #gs.unstructured>
func.func @pattern(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %w = arith.constant dense<[[1.0, 0.0], [2.0, 0.0], [3.0, 0.0], [4.0, 0.0]]> : tensor<4x2xf32, #gs.block<4x1>>
  %z = arith.constant dense<0.0> : tensor<4x3xf32>
  %y = linalg.matmul ins(%w, %x : tensor<4x2xf32, #gs.block<4x1>>, tensor<2x3xf32>) outs(%z : tensor<4x3xf32>) -> tensor<4x3xf32>
  %v = gs.constant dense<[[1.0, 0.0, 0.0, 2.0], [0.0, 0.0, 3.0, 0.0]]> : tensor<2x4xf32> as tensor<2x4xf32, #gs.unstructured>
  %zz = arith.constant dense<0.0> : tensor<2x3xf32>
  %u = linalg.matmul ins(%v, %y : tensor<2x4xf32, #gs.unstructured>, tensor<4x3xf32>) outs(%zz : tensor<2x3xf32>) -> tensor<2x3xf32>
  return %u : tensor<2x3xf32>
}

// -----

// Strides, dilations and zero padding.
// CHECK-LABEL: func @conv2d
// CHECK-NOT: tensor.pad
// CHECK: gs.conv %{{.*}}, %arg0 outs({{.*}} : tensor<1x2x4x6xf32>)
// CHECK-SAME: dilations = array<i64: 1, 2>
// CHECK-SAME: pads = array<i64: 1, 2, 0, 3>
// CHECK-SAME: strides = array<i64: 2, 1>
// CHECK-SAME: tensor<2x3x3x3xf32>, tensor<1x3x8x5xf32> -> tensor<1x2x4x6xf32>
func.func @conv2d(%x: tensor<1x3x8x5xf32>) -> tensor<1x2x4x6xf32> {
  %w = arith.constant dense<1.0> : tensor<2x3x3x3xf32>
  %c = arith.constant 0.0 : f32
  %p = tensor.pad %x low[0, 0, 1, 2] high[0, 0, 0, 3] {
  ^bb0(%a: index, %b: index, %d: index, %e: index):
    tensor.yield %c : f32
  } : tensor<1x3x8x5xf32> to tensor<1x3x9x10xf32>
  %z = arith.constant dense<0.0> : tensor<1x2x4x6xf32>
  %y = linalg.conv_2d_nchw_fchw {strides = dense<[2, 1]> : tensor<2xi64>, dilations = dense<[1, 2]> : tensor<2xi64>}
         ins(%p, %w : tensor<1x3x9x10xf32>, tensor<2x3x3x3xf32>) outs(%z : tensor<1x2x4x6xf32>) -> tensor<1x2x4x6xf32>
  return %y : tensor<1x2x4x6xf32>
}

// -----

// Padding with another value than zero stays.
// CHECK-LABEL: func @padding_of_ones
// CHECK: tensor.pad
// CHECK: gs.conv
// CHECK-SAME: pads = array<i64: 0, 0>
func.func @padding_of_ones(%x: tensor<1x3x8xf32>) -> tensor<1x2x8xf32> {
  %w = arith.constant dense<1.0> : tensor<2x3x3xf32>
  %c = arith.constant 1.0 : f32
  %p = tensor.pad %x low[0, 0, 1] high[0, 0, 1] {
  ^bb0(%a: index, %b: index, %d: index):
    tensor.yield %c : f32
  } : tensor<1x3x8xf32> to tensor<1x3x10xf32>
  %z = arith.constant dense<0.0> : tensor<1x2x8xf32>
  %y = linalg.conv_1d_ncw_fcw {strides = dense<1> : tensor<1xi64>, dilations = dense<1> : tensor<1xi64>}
         ins(%p, %w : tensor<1x3x10xf32>, tensor<2x3x3xf32>) outs(%z : tensor<1x2x8xf32>) -> tensor<1x2x8xf32>
  return %y : tensor<1x2x8xf32>
}

// -----

// CHECK-LABEL: func @conv3d
// CHECK: gs.conv %{{.*}}, %arg0
// CHECK-SAME: tensor<2x3x2x2x2xf32>, tensor<1x3x4x4x4xf32> -> tensor<1x2x3x3x3xf32>
func.func @conv3d(%x: tensor<1x3x4x4x4xf32>) -> tensor<1x2x3x3x3xf32> {
  %w = arith.constant dense<1.0> : tensor<2x3x2x2x2xf32>
  %z = arith.constant dense<0.0> : tensor<1x2x3x3x3xf32>
  %y = linalg.conv_3d_ncdhw_fcdhw {strides = dense<1> : tensor<3xi64>, dilations = dense<1> : tensor<3xi64>}
         ins(%x, %w : tensor<1x3x4x4x4xf32>, tensor<2x3x2x2x2xf32>) outs(%z : tensor<1x2x3x3x3xf32>) -> tensor<1x2x3x3x3xf32>
  return %y : tensor<1x2x3x3x3xf32>
}

// -----

// The reshapes around a grouped convolution vanish, and padding on either side of them is found.
// CHECK-LABEL: func @grouped
// CHECK-NOT: tensor.pad
// CHECK-NOT: tensor.expand_shape
// CHECK: gs.conv %{{.*}}, %arg0
// CHECK-SAME: groups = 2 : i64
// CHECK-SAME: pads = array<i64: 1, 1, 1, 1>
// CHECK-SAME: tensor<6x2x3x3xf32>, tensor<1x4x5x5xf32> -> tensor<1x6x5x5xf32>
// CHECK-NOT: tensor.collapse_shape
func.func @grouped(%x: tensor<1x4x5x5xf32>) -> tensor<1x6x5x5xf32> {
  %w = arith.constant dense<1.0> : tensor<2x3x2x3x3xf32>
  %c = arith.constant 0.0 : f32
  %g = tensor.expand_shape %x [[0], [1, 2], [3], [4]] output_shape [1, 2, 2, 5, 5] : tensor<1x4x5x5xf32> into tensor<1x2x2x5x5xf32>
  %p = tensor.pad %g low[0, 0, 0, 1, 1] high[0, 0, 0, 1, 1] {
  ^bb0(%a: index, %b: index, %d: index, %e: index, %f: index):
    tensor.yield %c : f32
  } : tensor<1x2x2x5x5xf32> to tensor<1x2x2x7x7xf32>
  %z = arith.constant dense<0.0> : tensor<1x2x3x5x5xf32>
  %y = linalg.conv_2d_ngchw_gfchw {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>}
         ins(%p, %w : tensor<1x2x2x7x7xf32>, tensor<2x3x2x3x3xf32>) outs(%z : tensor<1x2x3x5x5xf32>) -> tensor<1x2x3x5x5xf32>
  %r = tensor.collapse_shape %y [[0], [1, 2], [3], [4]] : tensor<1x2x3x5x5xf32> into tensor<1x6x5x5xf32>
  return %r : tensor<1x6x5x5xf32>
}

// -----

// A grouped 1-D convolution has no named op.
// CHECK-LABEL: func @grouped_generic
// CHECK: gs.conv
// CHECK-SAME: groups = 2 : i64
// CHECK-SAME: tensor<6x2x3xf32>, tensor<1x4x9xf32> -> tensor<1x6x4xf32>
func.func @grouped_generic(%x: tensor<1x2x2x9xf32>) -> tensor<1x2x3x4xf32> {
  %w = arith.constant dense<1.0> : tensor<2x3x2x3xf32>
  %z = arith.constant dense<0.0> : tensor<1x2x3x4xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(n, g, f, o, c, k) -> (n, g, c, o * 2 + k)>,
                                        affine_map<(n, g, f, o, c, k) -> (g, f, c, k)>,
                                        affine_map<(n, g, f, o, c, k) -> (n, g, f, o)>],
                       iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction"]}
         ins(%x, %w : tensor<1x2x2x9xf32>, tensor<2x3x2x3xf32>) outs(%z : tensor<1x2x3x4xf32>) {
  ^bb0(%a: f32, %b: f32, %s: f32):
    %m = arith.mulf %a, %b : f32
    %t = arith.addf %s, %m : f32
    linalg.yield %t : f32
  } -> tensor<1x2x3x4xf32>
  return %y : tensor<1x2x3x4xf32>
}

// -----

// CHECK-LABEL: func @depthwise
// CHECK: gs.conv
// CHECK-SAME: groups = 4 : i64
// CHECK-SAME: tensor<4x1x3x3xf32>, tensor<1x4x5x5xf32> -> tensor<1x4x3x3xf32>
func.func @depthwise(%x: tensor<1x4x5x5xf32>) -> tensor<1x4x3x3xf32> {
  %w = arith.constant dense<1.0> : tensor<4x3x3xf32>
  %z = arith.constant dense<0.0> : tensor<1x4x3x3xf32>
  %y = linalg.depthwise_conv_2d_nchw_chw {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>}
         ins(%x, %w : tensor<1x4x5x5xf32>, tensor<4x3x3xf32>) outs(%z : tensor<1x4x3x3xf32>) -> tensor<1x4x3x3xf32>
  return %y : tensor<1x4x3x3xf32>
}

// -----

// A body that does more than multiply and add is not a contraction for us.
// CHECK-LABEL: func @negated
// CHECK: linalg.generic
// CHECK-NOT: gs.matmul
func.func @negated(%x: tensor<3x4xf32>) -> tensor<2x4xf32> {
  %w = arith.constant dense<[[1.0, 0.0, 2.0], [0.0, 3.0, 0.0]]> : tensor<2x3xf32>
  %z = arith.constant dense<0.0> : tensor<2x4xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>],
                       iterator_types = ["parallel", "parallel", "reduction"]}
         ins(%w, %x : tensor<2x3xf32>, tensor<3x4xf32>) outs(%z : tensor<2x4xf32>) {
  ^bb0(%a: f32, %b: f32, %s: f32):
    %n = arith.negf %a : f32
    %m = arith.mulf %n, %b : f32
    %t = arith.addf %s, %m : f32
    linalg.yield %t : f32
  } -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}
