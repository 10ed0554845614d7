// CHECK: the pattern does not keep as many weights of every row in every window of columns
func.func @free(%x: tensor<2x1xf32>, %e: tensor<1x1xf32>) -> tensor<1x1xf32> {
  %w = gs.constant dense<[[1.0, 0.0]]> : tensor<1x2xf32> as tensor<1x2xf32, #gs.unstructured>
  %y = gs.matmul %w, %x outs(%e : tensor<1x1xf32>) strategy = <"window-permute">
         : tensor<1x2xf32, #gs.unstructured>, tensor<2x1xf32> -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

// -----

// CHECK: windows of 4 of 6 columns do not make whole windows of 16 or 32
func.func @ragged(%x: tensor<6x1xf32>, %e: tensor<1x1xf32>) -> tensor<1x1xf32> {
  %w = gs.constant dense<[[1.0, 2.0, 0.0, 0.0, 3.0, 4.0]]> : tensor<1x6xf32> as tensor<1x6xf32, #gs.nm<2 : 4>>
  %y = gs.matmul %w, %x outs(%e : tensor<1x1xf32>) strategy = <"window-permute">
         : tensor<1x6xf32, #gs.nm<2 : 4>>, tensor<6x1xf32> -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

// -----

// CHECK: more than one output column
func.func @columns(%x: tensor<4x2xf32>, %e: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %w = gs.constant dense<[[1.0, 2.0, 0.0, 0.0]]> : tensor<1x4xf32> as tensor<1x4xf32, #gs.nm<2 : 4>>
  %y = gs.matmul %w, %x outs(%e : tensor<1x2xf32>) strategy = <"window-permute">
         : tensor<1x4xf32, #gs.nm<2 : 4>>, tensor<4x2xf32> -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}
