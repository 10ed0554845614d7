// A padded convolution with bias and ReLU as a network has them: the pattern of the ordinary constant is found, padding,
// bias and activation move into one gs.conv, and the result is compared with the same layer on run-time weights.
//
// RUN: gs-opt %s --linalg-to-gs --gs-propagate-transposes --gs-fuse-epilogue --gs-detect-pattern | FileCheck %s
// RUN: gs-opt %s --gs-compile-cpu -o %t.mlir
// RUN: mlir-runner %t.mlir -e main -entry-point-result=void --shared-libs=%gs_check_runtime

#full = affine_map<(n, c, h, w) -> (n, c, h, w)>
#channel = affine_map<(n, c, h, w) -> (c)>

// X[n, c, h, w] = (13 c + 7 h + 3 w) mod 11 - 5.
func.func private @activation() -> tensor<1x3x7x9xf32> {
  %0 = tensor.generate {
  ^bb0(%n: index, %c: index, %h: index, %w: index):
    %c3 = arith.constant 3 : index
    %c7 = arith.constant 7 : index
    %c11 = arith.constant 11 : index
    %c13 = arith.constant 13 : index
    %c5 = arith.constant 5.0 : f32
    %p = arith.muli %c, %c13 : index
    %q = arith.muli %h, %c7 : index
    %r = arith.muli %w, %c3 : index
    %s = arith.addi %p, %q : index
    %t = arith.addi %s, %r : index
    %u = arith.remui %t, %c11 : index
    %i = arith.index_cast %u : index to i32
    %f = arith.sitofp %i : i32 to f32
    %x = arith.subf %f, %c5 : f32
    tensor.yield %x : f32
  } : tensor<1x3x7x9xf32>
  return %0 : tensor<1x3x7x9xf32>
}

// CHECK-LABEL: func.func private @reference
// CHECK: linalg.conv_2d_nchw_fchw
func.func private @reference(%x: tensor<1x3x7x9xf32>, %w: tensor<4x3x2x3xf32>, %b: tensor<4xf32>) -> tensor<1x4x4x9xf32> {
  %c0 = arith.constant 0.0 : f32
  %p = tensor.pad %x low[0, 0, 1, 1] high[0, 0, 0, 1] {
  ^bb0(%i: index, %j: index, %k: index, %l: index):
    tensor.yield %c0 : f32
  } : tensor<1x3x7x9xf32> to tensor<1x3x8x11xf32>
  %e = tensor.empty() : tensor<1x4x4x9xf32>
  %z = linalg.fill ins(%c0 : f32) outs(%e : tensor<1x4x4x9xf32>) -> tensor<1x4x4x9xf32>
  %y = linalg.conv_2d_nchw_fchw {strides = dense<[2, 1]> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>}
         ins(%p, %w : tensor<1x3x8x11xf32>, tensor<4x3x2x3xf32>) outs(%z : tensor<1x4x4x9xf32>) -> tensor<1x4x4x9xf32>
  %r = linalg.generic {indexing_maps = [#full, #channel, #full], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
         ins(%y, %b : tensor<1x4x4x9xf32>, tensor<4xf32>) outs(%e : tensor<1x4x4x9xf32>) {
  ^bb0(%s: f32, %t: f32, %o: f32):
    %a = arith.addf %s, %t : f32
    %m = arith.maximumf %a, %c0 : f32
    linalg.yield %m : f32
  } -> tensor<1x4x4x9xf32>
  return %r : tensor<1x4x4x9xf32>
}

// CHECK-LABEL: func.func @main
// CHECK: gs.conv {{.*}} epilogue(%{{.*}} : tensor<4xf32>)
// CHECK-SAME: gs.detected = {density = 0.16666666666666666 : f64, pattern = #gs.column
// CHECK-SAME: pads = array<i64: 1, 1, 0, 1>
// CHECK: arith.addf
// CHECK: arith.maximumf
func.func @main() {
  %c0 = arith.constant 0.0 : f32
  %x = call @activation() : () -> tensor<1x3x7x9xf32>
  // All four filters keep the same three of eighteen (channel, tap) pairs.
  %w = arith.constant dense<[
    [[[0.0, 1.0, 0.0], [0.0, 0.0, 0.0]], [[0.0, 0.0, 0.0], [0.0, 0.0, 2.0]], [[3.0, 0.0, 0.0], [0.0, 0.0, 0.0]]],
    [[[0.0, -1.0, 0.0], [0.0, 0.0, 0.0]], [[0.0, 0.0, 0.0], [0.0, 0.0, -2.0]], [[-3.0, 0.0, 0.0], [0.0, 0.0, 0.0]]],
    [[[0.0, 0.5, 0.0], [0.0, 0.0, 0.0]], [[0.0, 0.0, 0.0], [0.0, 0.0, 1.5]], [[2.5, 0.0, 0.0], [0.0, 0.0, 0.0]]],
    [[[0.0, 4.0, 0.0], [0.0, 0.0, 0.0]], [[0.0, 0.0, 0.0], [0.0, 0.0, 5.0]], [[6.0, 0.0, 0.0], [0.0, 0.0, 0.0]]]]> : tensor<4x3x2x3xf32>
  %b = arith.constant dense<[0.5, -0.5, 1.0, -1.0]> : tensor<4xf32>
  %p = tensor.pad %x low[0, 0, 1, 1] high[0, 0, 0, 1] {
  ^bb0(%i: index, %j: index, %k: index, %l: index):
    tensor.yield %c0 : f32
  } : tensor<1x3x7x9xf32> to tensor<1x3x8x11xf32>
  %e = tensor.empty() : tensor<1x4x4x9xf32>
  %z = linalg.fill ins(%c0 : f32) outs(%e : tensor<1x4x4x9xf32>) -> tensor<1x4x4x9xf32>
  %y = linalg.conv_2d_nchw_fchw {strides = dense<[2, 1]> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>}
         ins(%p, %w : tensor<1x3x8x11xf32>, tensor<4x3x2x3xf32>) outs(%z : tensor<1x4x4x9xf32>) -> tensor<1x4x4x9xf32>
  %r = linalg.generic {indexing_maps = [#full, #channel, #full], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
         ins(%y, %b : tensor<1x4x4x9xf32>, tensor<4xf32>) outs(%e : tensor<1x4x4x9xf32>) {
  ^bb0(%s: f32, %t: f32, %o: f32):
    %a = arith.addf %s, %t : f32
    %m = arith.maximumf %a, %c0 : f32
    linalg.yield %m : f32
  } -> tensor<1x4x4x9xf32>
  %expected = call @reference(%x, %w, %b) : (tensor<1x3x7x9xf32>, tensor<4x3x2x3xf32>, tensor<4xf32>) -> tensor<1x4x4x9xf32>
  check.expect_close %r, %expected : tensor<1x4x4x9xf32>
  return
}
