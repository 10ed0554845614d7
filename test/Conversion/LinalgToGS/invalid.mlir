// RUN: gs-opt %s --linalg-to-gs --split-input-file --verify-diagnostics

// A weight with a pattern that cannot become a gs op is an error: generic passes would make it dense.
func.func @pattern_on_the_right(%x: tensor<3x4xf32>) -> tensor<3x2xf32> {
  %w = gs.constant dense<1.0> : tensor<4x2xf32> as tensor<4x2xf32, #gs.block<4x1>>
  %z = arith.constant dense<0.0> : tensor<3x2xf32>
  // expected-error @+1 {{'linalg.matmul' op has an operand with a sparsity pattern but cannot become a gs op: the pattern of the weight describes a matrix M x K, but here the weight is read as K x M; write it on the left, transposed, or without a pattern for gs-detect-pattern to find}}
  %y = linalg.matmul ins(%x, %w : tensor<3x4xf32>, tensor<4x2xf32, #gs.block<4x1>>) outs(%z : tensor<3x2xf32>) -> tensor<3x2xf32>
  return %y : tensor<3x2xf32>
}

// -----

func.func @elementwise(%e: tensor<4x2xf32>) -> tensor<4x2xf32> {
  %w = gs.constant dense<1.0> : tensor<4x2xf32> as tensor<4x2xf32, #gs.block<4x1>>
  // expected-error @+1 {{'linalg.add' op has an operand with a sparsity pattern but cannot become a gs op: not a floating-point contraction of two operands of one type}}
  %y = linalg.add ins(%w, %e : tensor<4x2xf32, #gs.block<4x1>>, tensor<4x2xf32>) outs(%e : tensor<4x2xf32>) -> tensor<4x2xf32>
  return %y : tensor<4x2xf32>
}

// -----

func.func @channel_last(%x: tensor<1x5x2xf32>) -> tensor<1x5x4xf32> {
  %w = gs.constant dense<1.0> : tensor<1x2x4xf32> as tensor<1x2x4xf32, #gs.unstructured>
  %z = arith.constant dense<0.0> : tensor<1x5x4xf32>
  // expected-error @+1 {{'linalg.conv_1d_nwc_wcf' op has an operand with a sparsity pattern but cannot become a gs op: only channel-first layouts are converted (N C spatial); transpose the input to N C spatial}}
  %y = linalg.conv_1d_nwc_wcf {strides = dense<1> : tensor<1xi64>, dilations = dense<1> : tensor<1xi64>}
         ins(%x, %w : tensor<1x5x2xf32>, tensor<1x2x4xf32, #gs.unstructured>) outs(%z : tensor<1x5x4xf32>) -> tensor<1x5x4xf32>
  return %y : tensor<1x5x4xf32>
}

// -----

// The mask of a pattern written on an arith.constant is checked.
func.func @illegal(%x: tensor<2x3xf32>) -> tensor<4x3xf32> {
  // expected-error @+3 {{BK-C2}}
  %w = arith.constant dense<[[1.0, 0.0], [2.0, 0.0], [0.0, 0.0], [4.0, 0.0]]> : tensor<4x2xf32, #gs.block<4x1>>
  %z = arith.constant dense<0.0> : tensor<4x3xf32>
  %y = linalg.matmul ins(%w, %x : tensor<4x2xf32, #gs.block<4x1>>, tensor<2x3xf32>) outs(%z : tensor<4x3xf32>) -> tensor<4x3xf32>
  return %y : tensor<4x3xf32>
}
