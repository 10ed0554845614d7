// RUN: gs-opt %s --split-input-file --gs-absorb-permutations --mlir-print-local-scope | FileCheck %s

// Rows and the columns of the reader move together; so does the bias, and constants of an elementwise op in between.
// CHECK-LABEL: func.func @chain
// CHECK-DAG: %[[BIAS:.*]] = arith.constant dense<[3.000000e+00, 1.000000e+00, 4.000000e+00, 2.000000e+00]> : tensor<4xf32>
// CHECK-DAG: %[[W:.*]] = gs.constant dense<{{\[\[}}5.000000e+00, 0.000000e+00], [1.000000e+00, 0.000000e+00], [0.000000e+00, 6.000000e+00], [0.000000e+00, 2.000000e+00]]> : tensor<4x2xf32> as tensor<4x2xf32, #gs.block<2x1>>
// CHECK: gs.matmul %[[W]], %{{.*}} epilogue(%[[BIAS]] {{.*}}gs.row_order = "absorbed by the columns of its readers"
// CHECK: %[[SCALE:.*]] = arith.constant dense<[7.000000e+00, 5.000000e+00, 8.000000e+00, 6.000000e+00]> : tensor<4xf32>
// CHECK: linalg.generic {{.*}} ins(%{{.*}}, %[[SCALE]]
// CHECK: %[[READER:.*]] = arith.constant dense<{{\[\[}}3.000000e+00, 1.000000e+00, 4.000000e+00, 2.000000e+00]]> : tensor<1x4xf32>
// CHECK: gs.matmul %[[READER]]
func.func @chain(%x: tensor<2x3xf32>) -> tensor<1x3xf32> {
  %w0 = gs.constant dense<[[1.0, 0.0], [0.0, 2.0], [5.0, 0.0], [0.0, 6.0]]> : tensor<4x2xf32> row_order [2, 0, 3, 1]
        as tensor<4x2xf32, #gs.permuted<#gs.block<2x1>>>
  %b = arith.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %s = arith.constant dense<[5.0, 6.0, 7.0, 8.0]> : tensor<4xf32>
  %w1 = arith.constant dense<[[1.0, 2.0, 3.0, 4.0]]> : tensor<1x4xf32>
  %e0 = tensor.empty() : tensor<4x3xf32>
  %e1 = tensor.empty() : tensor<1x3xf32>
  %0 = gs.matmul %w0, %x epilogue(%b : tensor<4xf32>) outs(%e0 : tensor<4x3xf32>)
         : tensor<4x2xf32, #gs.permuted<#gs.block<2x1>>>, tensor<2x3xf32> -> tensor<4x3xf32> {
  ^bb0(%a: f32, %c: f32):
    %t = arith.addf %a, %c : f32
    gs.yield %t : f32
  }
  %1 = linalg.generic {indexing_maps = [affine_map<(m, n) -> (m, n)>, affine_map<(m, n) -> (m)>, affine_map<(m, n) -> (m, n)>],
                       iterator_types = ["parallel", "parallel"]}
         ins(%0, %s : tensor<4x3xf32>, tensor<4xf32>) outs(%e0 : tensor<4x3xf32>) {
  ^bb0(%a: f32, %c: f32, %o: f32):
    %t = arith.mulf %a, %c : f32
    linalg.yield %t : f32
  } -> tensor<4x3xf32>
  %2 = gs.matmul %w1, %1 outs(%e1 : tensor<1x3xf32>) : tensor<1x4xf32>, tensor<4x3xf32> -> tensor<1x3xf32>
  return %2 : tensor<1x3xf32>
}

// -----

// The other side of a residual addition takes any order of rows, and its own bias moves.
// CHECK-LABEL: func.func @residual
// CHECK: %[[SIDE:.*]] = arith.constant dense<{{\[\[\[\[}}3.000000e+00]]], {{\[\[\[}}1.000000e+00]]], {{\[\[\[}}4.000000e+00]]], {{\[\[\[}}2.000000e+00]]]]> : tensor<4x1x1x1xf32>
// CHECK: gs.conv %[[SIDE]]
// CHECK: %[[W:.*]] = gs.constant {{.*}} as tensor<4x2x1x1xf32, #gs.block<2x1>>
// CHECK: gs.conv %[[W]]{{.*}}gs.row_order = "absorbed
// CHECK: gs.pool
// CHECK: %[[LAST:.*]] = gs.constant dense<{{\[\[\[\[}}0.000000e+00]], {{\[\[}}1.000000e+00]], {{\[\[}}4.000000e+00]], {{\[\[}}2.000000e+00]]]]> : tensor<1x4x1x1xf32> as tensor<1x4x1x1xf32, #gs.unstructured>
// CHECK: gs.conv %[[LAST]]
func.func @residual(%x: tensor<1x2x4x4xf32>, %y: tensor<1x1x4x4xf32>) -> tensor<1x1x2x2xf32> {
  %w0 = gs.constant dense<[[[[1.0]], [[0.0]]], [[[0.0]], [[2.0]]], [[[5.0]], [[0.0]]], [[[0.0]], [[6.0]]]]> : tensor<4x2x1x1xf32>
        row_order [2, 0, 3, 1] as tensor<4x2x1x1xf32, #gs.permuted<#gs.block<2x1>>>
  %ws = arith.constant dense<[[[[1.0]]], [[[2.0]]], [[[3.0]]], [[[4.0]]]]> : tensor<4x1x1x1xf32>
  %w1 = gs.constant dense<[[[[1.0]], [[2.0]], [[0.0]], [[4.0]]]]> : tensor<1x4x1x1xf32> as tensor<1x4x1x1xf32, #gs.unstructured>
  %e0 = tensor.empty() : tensor<1x4x4x4xf32>
  %e1 = tensor.empty() : tensor<1x4x2x2xf32>
  %e2 = tensor.empty() : tensor<1x1x2x2xf32>
  %0 = gs.conv %ws, %y outs(%e0 : tensor<1x4x4x4xf32>) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>}
         : tensor<4x1x1x1xf32>, tensor<1x1x4x4xf32> -> tensor<1x4x4x4xf32>
  %1 = gs.conv %w0, %x epilogue(%0 : tensor<1x4x4x4xf32>) outs(%e0 : tensor<1x4x4x4xf32>) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>}
         : tensor<4x2x1x1xf32, #gs.permuted<#gs.block<2x1>>>, tensor<1x2x4x4xf32> -> tensor<1x4x4x4xf32> {
  ^bb0(%a: f32, %c: f32):
    %t = arith.addf %a, %c : f32
    gs.yield %t : f32
  }
  %2 = gs.pool max %1 outs(%e1 : tensor<1x4x2x2xf32>) {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0>}
         : tensor<1x4x4x4xf32> -> tensor<1x4x2x2xf32>
  %3 = gs.conv %w1, %2 outs(%e2 : tensor<1x1x2x2xf32>) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>}
         : tensor<1x4x1x1xf32, #gs.unstructured>, tensor<1x4x2x2xf32> -> tensor<1x1x2x2xf32>
  return %3 : tensor<1x1x2x2xf32>
}

// -----

// Two orders that agree go away together.
// CHECK-LABEL: func.func @agree
// CHECK-COUNT-2: gs.matmul {{.*}}absorbed{{.*}}tensor<4x2xf32, #gs.block<2x1>>
func.func @agree(%x: tensor<2x3xf32>) -> tensor<1x3xf32> {
  %w0 = gs.constant dense<[[1.0, 0.0], [0.0, 2.0], [5.0, 0.0], [0.0, 6.0]]> : tensor<4x2xf32> row_order [2, 0, 3, 1]
        as tensor<4x2xf32, #gs.permuted<#gs.block<2x1>>>
  %ws = gs.constant dense<[[0.0, 1.0], [2.0, 0.0], [0.0, 5.0], [6.0, 0.0]]> : tensor<4x2xf32> row_order [2, 0, 3, 1]
        as tensor<4x2xf32, #gs.permuted<#gs.block<2x1>>>
  %w1 = arith.constant dense<[[1.0, 2.0, 3.0, 4.0]]> : tensor<1x4xf32>
  %e0 = tensor.empty() : tensor<4x3xf32>
  %e1 = tensor.empty() : tensor<1x3xf32>
  %0 = gs.matmul %w0, %x outs(%e0 : tensor<4x3xf32>) : tensor<4x2xf32, #gs.permuted<#gs.block<2x1>>>, tensor<2x3xf32> -> tensor<4x3xf32>
  %1 = gs.matmul %ws, %x epilogue(%0 : tensor<4x3xf32>) outs(%e0 : tensor<4x3xf32>)
         : tensor<4x2xf32, #gs.permuted<#gs.block<2x1>>>, tensor<2x3xf32> -> tensor<4x3xf32> {
  ^bb0(%a: f32, %c: f32):
    %t = arith.addf %a, %c : f32
    gs.yield %t : f32
  }
  %2 = gs.matmul %w1, %1 outs(%e1 : tensor<1x3xf32>) : tensor<1x4xf32>, tensor<4x3xf32> -> tensor<1x3xf32>
  return %2 : tensor<1x3xf32>
}

// -----

// Of two orders that do not agree one goes; the other is told in the new numbers of the rows.
// CHECK-LABEL: func.func @disagree
// CHECK: gs.matmul {{.*}}absorbed
// CHECK: gs.constant {{.*}} : tensor<4x2xf32> row_order [1, 3, 2, 0] as tensor<4x2xf32, #gs.permuted<#gs.block<2x1>>>
// CHECK: gs.matmul {{.*}}gs.row_order = "not absorbed: results of several weights meet, whose orders differ"
func.func @disagree(%x: tensor<2x3xf32>) -> tensor<1x3xf32> {
  %w0 = gs.constant dense<[[1.0, 0.0], [0.0, 2.0], [5.0, 0.0], [0.0, 6.0]]> : tensor<4x2xf32> row_order [2, 0, 3, 1]
        as tensor<4x2xf32, #gs.permuted<#gs.block<2x1>>>
  %wr = gs.constant dense<[[0.0, 1.0], [0.0, 2.0], [5.0, 0.0], [6.0, 0.0]]> : tensor<4x2xf32> row_order [0, 1, 3, 2]
        as tensor<4x2xf32, #gs.permuted<#gs.block<2x1>>>
  %w1 = arith.constant dense<[[1.0, 2.0, 3.0, 4.0]]> : tensor<1x4xf32>
  %e0 = tensor.empty() : tensor<4x3xf32>
  %e1 = tensor.empty() : tensor<1x3xf32>
  %0 = gs.matmul %w0, %x outs(%e0 : tensor<4x3xf32>) : tensor<4x2xf32, #gs.permuted<#gs.block<2x1>>>, tensor<2x3xf32> -> tensor<4x3xf32>
  %1 = gs.matmul %wr, %x epilogue(%0 : tensor<4x3xf32>) outs(%e0 : tensor<4x3xf32>)
         : tensor<4x2xf32, #gs.permuted<#gs.block<2x1>>>, tensor<2x3xf32> -> tensor<4x3xf32> {
  ^bb0(%a: f32, %c: f32):
    %t = arith.addf %a, %c : f32
    gs.yield %t : f32
  }
  %2 = gs.matmul %w1, %1 outs(%e1 : tensor<1x3xf32>) : tensor<1x4xf32>, tensor<4x3xf32> -> tensor<1x3xf32>
  return %2 : tensor<1x3xf32>
}

// -----

// Where the order has to stay, kernels store through it: an output, and a reader whose columns cannot move.
// CHECK-LABEL: func.func @output
// CHECK: row_order [2, 0, 3, 1]
// CHECK: gs.matmul {{.*}}gs.row_order = "not absorbed: the order of its channels is that of an output"
func.func @output(%x: tensor<2x3xf32>) -> tensor<4x3xf32> {
  %w0 = gs.constant dense<[[1.0, 0.0], [0.0, 2.0], [5.0, 0.0], [0.0, 6.0]]> : tensor<4x2xf32> row_order [2, 0, 3, 1]
        as tensor<4x2xf32, #gs.permuted<#gs.block<2x1>>>
  %e0 = tensor.empty() : tensor<4x3xf32>
  %0 = gs.matmul %w0, %x outs(%e0 : tensor<4x3xf32>) : tensor<4x2xf32, #gs.permuted<#gs.block<2x1>>>, tensor<2x3xf32> -> tensor<4x3xf32>
  return %0 : tensor<4x3xf32>
}

// -----

// CHECK-LABEL: func.func @residues
// CHECK: row_order [2, 0, 3, 1]
// CHECK: gs.matmul {{.*}}gs.row_order = "not absorbed: a weight that reads the channels in another order would break its pattern #gs.gather_scatter<banks = 2, width = 2>"
func.func @residues(%x: tensor<2x3xf32>) -> tensor<1x3xf32> {
  %w0 = gs.constant dense<[[1.0, 0.0], [0.0, 2.0], [5.0, 0.0], [0.0, 6.0]]> : tensor<4x2xf32> row_order [2, 0, 3, 1]
        as tensor<4x2xf32, #gs.permuted<#gs.block<2x1>>>
  %w1 = gs.constant dense<[[1.0, 2.0, 0.0, 0.0]]> : tensor<1x4xf32> as tensor<1x4xf32, #gs.gather_scatter<banks = 2, width = 2>>
  %e0 = tensor.empty() : tensor<4x3xf32>
  %e1 = tensor.empty() : tensor<1x3xf32>
  %0 = gs.matmul %w0, %x outs(%e0 : tensor<4x3xf32>) : tensor<4x2xf32, #gs.permuted<#gs.block<2x1>>>, tensor<2x3xf32> -> tensor<4x3xf32>
  %1 = gs.matmul %w1, %0 outs(%e1 : tensor<1x3xf32>) : tensor<1x4xf32, #gs.gather_scatter<banks = 2, width = 2>>, tensor<4x3xf32> -> tensor<1x3xf32>
  return %1 : tensor<1x3xf32>
}
