// RUN: gs-opt %s --convert-gs-to-gse | gs-translate --simulate | count 5
// RUN: gs-opt %s --convert-gs-to-gse=strategy=engine-sell | gs-translate --simulate | count 5
// RUN: gs-opt %s --convert-gs-to-gse=strategy=engine-csr-scalar | gs-translate --simulate | count 5

// RUN: gs-opt %s --convert-gs-to-gse | FileCheck %s --check-prefix=GATHER
// RUN: gs-opt %s --convert-gs-to-gse=strategy=engine-csr-scalar | FileCheck %s --check-prefix=SCALAR

// Each row that has weights begins a group; lanes without one have places behind the vector, in sub-banks that no other
// lane of the group reads.
// GATHER: gse.data @product_0_stream {{.*}} : tensor<3x8xf16>
// GATHER: gse.data @product_0_indices align 32 = dense<{{\[\[}}1, 8, 10, 11, 12, 13, 14, 15], [0, 9, 10, 11, 12, 13, 14, 15], [1, 2, 7, 8, 11, 12, 13, 14]]>
// GATHER: gse.data @product_0_offsets align 4 = dense<[0, 1, 2, 2, 3]>

// One by one, no lane is empty: 1.0 of column 1, 1.0 of column 0, then columns 1, 2 and 7.
// SCALAR: gse.data @product_0_stream align 32 = dense<{{\[\[}}15360, 1], [15360, 0], [15360, 1], [16384, 2], [17408, 7]]>
// SCALAR: gse.data @product_0_offsets align 4 = dense<[0, 1, 2, 2, 5]>

// Lanes without a weight read zeros behind the vector: an infinite activation reaches the rows that use it, no others. Rows
// without a weight are zero. In the second product the vector fills no whole number of banks.
func.func @main() {
  %w0 = gs.constant dense<[[0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
                           [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 1.0, 2.0, 0.0, 0.0, 0.0, 0.0, 4.0]]> : tensor<4x8xf16>
         as tensor<4x8xf16, #gs.unstructured>
  %x0 = arith.constant dense<[[0x7C00], [1.0], [2.0], [3.0], [4.0], [5.0], [6.0], [7.0]]> : tensor<8x1xf16>
  %i0 = arith.constant dense<0.0> : tensor<4x1xf16>
  %e0 = arith.constant dense<[[1.0], [0x7C00], [0.0], [33.0]]> : tensor<4x1xf16>
  %y0 = gs.matmul %w0, %x0 outs(%i0 : tensor<4x1xf16>) : tensor<4x8xf16, #gs.unstructured>, tensor<8x1xf16> -> tensor<4x1xf16>
  check.expect_eq %y0, %e0 : tensor<4x1xf16>
  %w1 = gs.constant dense<[[1.0, 0.0, 0.0], [0.0, 1.0, 1.0]]> : tensor<2x3xf16> as tensor<2x3xf16, #gs.unstructured>
  %x1 = arith.constant dense<[[0x7C00], [1.0], [2.0]]> : tensor<3x1xf16>
  %i1 = arith.constant dense<0.0> : tensor<2x1xf16>
  %e1 = arith.constant dense<[[0x7C00], [3.0]]> : tensor<2x1xf16>
  %y1 = gs.matmul %w1, %x1 outs(%i1 : tensor<2x1xf16>) : tensor<2x3xf16, #gs.unstructured>, tensor<3x1xf16> -> tensor<2x1xf16>
  check.expect_eq %y1, %e1 : tensor<2x1xf16>
  return
}
