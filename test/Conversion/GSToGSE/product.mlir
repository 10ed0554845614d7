// RUN: gs-opt %s --convert-gs-to-gse | FileCheck %s
// RUN: gs-opt %s --convert-gs-to-gse | FileCheck %s --check-prefix=ROWS

// Blocks have one place for all lanes, apart from the weights: two streams, and a plain load at the place.
// CHECK: gse.data @product_1_indices align 32 = dense<{{\[\[}}0], [8]]> : tensor<2x1xi16>
// CHECK: gse.data @product_1_offsets align 4 = dense<[0, 1, 2]>
// CHECK: gse.kernel @product_1(%[[X:.*]]: {{.*}}, %[[Y:.*]]: {{.*}})
// CHECK: %[[XT:.*]] = gse.tcm.alloc 48 at 0
// CHECK: gse.store %{{.*}}, %[[XT]], 32
// CHECK: gse.dma.start %[[X]] to %[[XT]], 32
// CHECK: gse.stream.arm %{{.*}}, 32
// CHECK: gse.stream.arm %{{.*}}, 4
// CHECK: gse.region "product"
// CHECK: %[[LOW:.*]] = gse.load %[[OFFSETS:.*]], 0 {{.*}} -> i32
// CHECK: %[[HIGH:.*]] = gse.load %[[OFFSETS]], 4 {{.*}} -> i32
// CHECK: gse.for %{{.*}} = %[[LOW]] to %[[HIGH]]
// CHECK: %[[I:.*]] = gse.load {{.*}} -> i16
// CHECK: %[[P:.*]] = gse.addp_index %[[XT]], %[[I]] by 2
// CHECK: gse.load %[[P]], 0 : !gse.ptr<tcm> -> vector<8xf16>
// CHECK: gse.reduce_add {{.*}} -> vector<1xf16>
// CHECK: gse.store %{{.*}}, %{{.*}}, 0 : vector<1xf16>, !gse.ptr<cached>

// Results of permuted rows are scattered within the TCM, whose other half they take, and copied out in order.
// ROWS: gse.data @product_0_rows align 16 = dense<[2, 0, 3, 1]> : tensor<4xi16>
// ROWS: gse.kernel @product_0(%{{.*}}: {{.*}}, %[[Y:.*]]: {{.*}})
// ROWS: %[[YT:.*]] = gse.tcm.alloc 8 at 32768
// ROWS: gse.region "product"
// ROWS: %[[SUM:.*]] = gse.reduce_add {{.*}} -> vector<4xf16>
// ROWS: %[[R:.*]] = gse.load {{.*}} -> vector<4xi16>
// ROWS: gse.scatter %[[SUM]], %[[YT]], 0[%[[R]]]
// ROWS: loop = "gather-scatter"
// ROWS: gse.dma.start %[[YT]] to %[[Y]], 8
func.func @scattered(%x: tensor<8x1xf16>) -> tensor<4x1xf16> {
  %w = gs.constant dense<[[1.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 3.0, 4.0, 0.0, 0.0, 0.0, 0.0],
                          [0.0, 0.0, 0.0, 0.0, 5.0, 6.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 7.0, 8.0]]> : tensor<4x8xf16>
         row_order [2, 0, 3, 1] as tensor<4x8xf16, #gs.permuted<#gs.gather_scatter<banks = 8, width = 2>>>
  %e = tensor.empty() : tensor<4x1xf16>
  %y = gs.matmul %w, %x outs(%e : tensor<4x1xf16>) : tensor<4x8xf16, #gs.permuted<#gs.gather_scatter<banks = 8, width = 2>>>, tensor<8x1xf16> -> tensor<4x1xf16>
  return %y : tensor<4x1xf16>
}
func.func @block(%x: tensor<16x1xf16>) -> tensor<2x1xf16> {
  %w = gs.constant dense<[[1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0]]> : tensor<2x16xf16>
         as tensor<2x16xf16, #gs.block<1x8>>
  %e = tensor.empty() : tensor<2x1xf16>
  %y = gs.matmul %w, %x outs(%e : tensor<2x1xf16>) : tensor<2x16xf16, #gs.block<1x8>>, tensor<16x1xf16> -> tensor<2x1xf16>
  return %y : tensor<2x1xf16>
}
