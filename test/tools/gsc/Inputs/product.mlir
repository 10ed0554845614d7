// Two rows of a bundle, two weights each.
func.func @two(%x: tensor<8x1xi32>) -> tensor<2x1xi32> {
  %w = gs.constant dense<[[1, 2, 0, 0, 0, 0, 0, 0], [0, 0, 3, 4, 0, 0, 0, 0]]> : tensor<2x8xi32> as tensor<2x8xi32, #gs.gather_scatter<banks = 4, width = 2>>
  %e = tensor.empty() : tensor<2x1xi32>
  %y = gs.matmul %w, %x outs(%e : tensor<2x1xi32>)
         : tensor<2x8xi32, #gs.gather_scatter<banks = 4, width = 2>>, tensor<8x1xi32> -> tensor<2x1xi32>
  return %y : tensor<2x1xi32>
}
