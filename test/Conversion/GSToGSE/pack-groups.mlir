// RUN: gs-opt %s --convert-gs-to-gse | FileCheck %s
// RUN: not gs-opt %s --convert-gs-to-gse=fused 2>&1 | FileCheck %s --check-prefix=FUSED
// FUSED: a unit of several columns reads its indices once for several gathers
// RUN: not gs-opt %s --convert-gs-to-gse=machine=gse-b16 2>&1 | FileCheck %s --check-prefix=BANKS
// BANKS: the pattern has 8 banks, the machine 16 for this element type

// One stream, weights of a group before its places. Of a unit of 2 x 2 all first weights come first (1.0 and 5.0 of the first two
// rows in the first two lanes), and the place is that of its first column; rows of units lie apart in the result.
// CHECK: gse.data @product_0_stream align 32 = dense<{{\[\[\[}}15360, 17664, 15360, 16384, 15360, 16384, 15360, 16384], [16384, 17920, {{.*}}], [16896, 18176, {{.*}}], [17408, 18432, {{.*}}], [0, 12, 2, 14, 4, 8, 6, 10]]]> : tensor<1x5x8xi16>
// CHECK: gse.data @product_0_offsets align 4 = dense<[0, 1]>
// CHECK: gse.data @product_0_rows align 16 = dense<[0, 2, 4, 6, 1, 3, 5, 7]>
// Units of several columns promise nothing about banks.
// CHECK: gse.gather %{{.*}}, 0[%{{[0-9]+}}] :
// CHECK: gse.gather %{{.*}}, 2[%{{[0-9]+}}] :
func.func @units(%x: tensor<16x1xf16>) -> tensor<8x1xf16> {
  %w = gs.constant dense<[[1.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 5.0, 6.0, 0.0, 0.0], [3.0, 4.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 7.0, 8.0, 0.0, 0.0],
                          [0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 2.0, 2.0], [0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 2.0, 2.0],
                          [0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 2.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 2.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
                          [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 2.0, 2.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 2.0, 2.0, 0.0, 0.0, 0.0, 0.0]]> : tensor<8x16xf16>
         as tensor<8x16xf16, #gs.gather_scatter<banks = 8, width = 2, unit = 2x2>>
  %e = tensor.empty() : tensor<8x1xf16>
  %y = gs.matmul %w, %x outs(%e : tensor<8x1xf16>) : tensor<8x16xf16, #gs.gather_scatter<banks = 8, width = 2, unit = 2x2>>, tensor<16x1xf16> -> tensor<8x1xf16>
  return %y : tensor<8x1xf16>
}
