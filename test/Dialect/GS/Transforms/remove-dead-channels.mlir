// RUN: gs-opt %s --gs-remove-dead-channels --split-input-file --mlir-print-local-scope | FileCheck %s
// RUN: gs-opt %s --gs-remove-dead-channels=absorb-constants=false --split-input-file | FileCheck %s --check-prefix=NOT

// Filter 1 is zero: its channel is max(0, 2), which a 1x1 convolution adds to its own bias as 4 * 2.
// CHECK-LABEL: func @constant_channel
// CHECK-DAG: %[[W0:.*]] = arith.constant dense<[{{\[\[\[}}1.000000e+00]], {{\[\[}}5.000000e+00]]]]> : tensor<1x2x1x1xf32>
// CHECK-DAG: %[[B0:.*]] = arith.constant dense<1.000000e+00> : tensor<1xf32>
// CHECK: gs.conv %[[W0]], %{{.*}} epilogue(%[[B0]] : tensor<1xf32>) outs(%{{.*}} : tensor<1x1x4x4xf32>)
// CHECK-SAME: gs.removed = {channels = 0 : i64, rows = 1 : i64}
// CHECK: %[[B1:.*]] = arith.constant dense<8.000000e+00> : tensor<1xf32>
// CHECK: gs.conv %{{.*}}, %{{.*}} epilogue(%[[B1]] : tensor<1xf32>)
// CHECK-SAME: gs.removed = {channels = 1 : i64, rows = 0 : i64}
// CHECK-SAME: tensor<1x1x1x1xf32>, tensor<1x1x4x4xf32> -> tensor<1x1x4x4xf32>
// CHECK: arith.addf
// NOT-LABEL: func @constant_channel
// NOT-NOT: gs.removed
func.func @constant_channel(%x: tensor<1x2x4x4xf32>) -> tensor<1x1x4x4xf32> {
  %w0 = arith.constant dense<[[[[1.0]], [[5.0]]], [[[0.0]], [[-0.0]]]]> : tensor<2x2x1x1xf32>
  %b0 = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %w1 = arith.constant dense<[[[[3.0]], [[4.0]]]]> : tensor<1x2x1x1xf32>
  %e0 = tensor.empty() : tensor<1x2x4x4xf32>
  %e1 = tensor.empty() : tensor<1x1x4x4xf32>
  %0 = gs.conv %w0, %x epilogue(%b0 : tensor<2xf32>) outs(%e0 : tensor<1x2x4x4xf32>)
         {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>}
         : tensor<2x2x1x1xf32>, tensor<1x2x4x4xf32> -> tensor<1x2x4x4xf32> {
  ^bb0(%s: f32, %b: f32):
    %zero = arith.constant 0.0 : f32
    %t = arith.addf %s, %b : f32
    %m = arith.maximumf %t, %zero : f32
    gs.yield %m : f32
  }
  %1 = gs.conv %w1, %0 outs(%e1 : tensor<1x1x4x4xf32>)
         {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>}
         : tensor<1x2x1x1xf32>, tensor<1x2x4x4xf32> -> tensor<1x1x4x4xf32>
  return %1 : tensor<1x1x4x4xf32>
}

// -----

// Around a plane the channel is zero, inside it is 2: no bias says that. NaN weights are not multiplied away.
// CHECK-LABEL: func @stays
// CHECK-NOT: gs.removed
func.func @stays(%x: tensor<2x4xf32>, %y: tensor<1x2x4xf32>) -> (tensor<1x4xf32>, tensor<1x1x4xf32>) {
  %w0 = arith.constant dense<[[1.0, 5.0], [0.0, 0.0]]> : tensor<2x2xf32>
  %w1 = arith.constant dense<[[3.0, 0x7FC00000]]> : tensor<1x2xf32>
  %e0 = tensor.empty() : tensor<2x4xf32>
  %e1 = tensor.empty() : tensor<1x4xf32>
  %0 = gs.matmul %w0, %x outs(%e0 : tensor<2x4xf32>) : tensor<2x2xf32>, tensor<2x4xf32> -> tensor<2x4xf32>
  %1 = gs.matmul %w1, %0 outs(%e1 : tensor<1x4xf32>) : tensor<1x2xf32>, tensor<2x4xf32> -> tensor<1x4xf32>
  %w2 = arith.constant dense<[[[1.0], [5.0]], [[0.0], [0.0]]]> : tensor<2x2x1xf32>
  %b2 = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %w3 = arith.constant dense<[[[1.0, 1.0, 1.0], [2.0, 3.0, 4.0]]]> : tensor<1x2x3xf32>
  %e2 = tensor.empty() : tensor<1x2x4xf32>
  %e3 = tensor.empty() : tensor<1x1x4xf32>
  %2 = gs.conv %w2, %y epilogue(%b2 : tensor<2xf32>) outs(%e2 : tensor<1x2x4xf32>)
         {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 0>} : tensor<2x2x1xf32>, tensor<1x2x4xf32> -> tensor<1x2x4xf32> {
  ^bb0(%s: f32, %b: f32):
    %t = arith.addf %s, %b : f32
    gs.yield %t : f32
  }
  %3 = gs.conv %w3, %2 outs(%e3 : tensor<1x1x4xf32>)
         {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 1, 1>} : tensor<1x2x3xf32>, tensor<1x2x4xf32> -> tensor<1x1x4xf32>
  return %1, %3 : tensor<1x4xf32>, tensor<1x1x4xf32>
}

// -----

// Nobody reads rows 0 and 2 of the first product: they need not be computed, and column 1 of its input not either, up to
// the argument. The mask of a sparse initialiser is cut with its weight.
// CHECK-LABEL: func @unread
// CHECK: arith.constant {onnx.mask = dense<[{{\[}}true, false]]> : tensor<1x2xi1>} dense<{{\[\[}}0.000000e+00, 4.000000e+00]]> : tensor<1x2xf32>
// CHECK: gs.matmul {{.*}} : tensor<1x2xf32>, tensor<2x4xf32> -> tensor<1x4xf32>
// CHECK: linalg.generic {{.*}} ins(%{{.*}} : tensor<1x4xf32>) outs(%{{.*}} : tensor<1x4xf32>)
// CHECK: %[[W:.*]] = arith.constant dense<7.000000e+00> : tensor<1x1xf32>
// CHECK: gs.matmul %[[W]], {{.*}} : tensor<1x1xf32>, tensor<1x4xf32> -> tensor<1x4xf32>
// NOT-LABEL: func @unread
// NOT: gs.removed
#id = affine_map<(m, n) -> (m, n)>
func.func @unread(%x: tensor<2x4xf32>) -> tensor<1x4xf32> {
  %w0 = arith.constant {onnx.mask = dense<[[true, true], [true, false], [true, true]]> : tensor<3x2xi1>} dense<[[1.0, 2.0], [0.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf32>
  %w1 = arith.constant dense<[[0.0, 7.0, 0.0]]> : tensor<1x3xf32>
  %e0 = tensor.empty() : tensor<3x4xf32>
  %e1 = tensor.empty() : tensor<1x4xf32>
  %0 = gs.matmul %w0, %x outs(%e0 : tensor<3x4xf32>) : tensor<3x2xf32>, tensor<2x4xf32> -> tensor<3x4xf32>
  %1 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
         ins(%0 : tensor<3x4xf32>) outs(%e0 : tensor<3x4xf32>) {
  ^bb0(%p: f32, %o: f32):
    %s = math.tanh %p : f32
    linalg.yield %s : f32
  } -> tensor<3x4xf32>
  %2 = gs.matmul %w1, %1 outs(%e1 : tensor<1x4xf32>) : tensor<1x3xf32>, tensor<3x4xf32> -> tensor<1x4xf32>
  return %2 : tensor<1x4xf32>
}
