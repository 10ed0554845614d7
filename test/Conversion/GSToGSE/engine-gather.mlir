// RUN: gs-opt %s --split-input-file --convert-gs-to-gse | FileCheck %s
// RUN: gs-opt %s --split-input-file --convert-gs-to-gse="fused accumulators=2" | FileCheck %s --check-prefix=FUSED
// RUN: gs-opt %s --split-input-file --convert-gs-to-gse="partial machine=gse-b16" | FileCheck %s --check-prefix=PARTIAL

// What cannot run on the machine stays, on request:
// PARTIAL: gs.matmul
// PARTIAL-NOT: gse.

// Two bundles of four rows, two weights of a row in each group.
// CHECK-LABEL: gse.data @product_0_stream align 32 = {{.*}} : tensor<2x2x8xi16>
// CHECK: gse.data @product_0_offsets align 4 = dense<[0, 1, 2]> : tensor<3xi32>
// CHECK: gse.kernel @product_0(%[[X:.*]]: !gse.ptr<cached>, %[[Y:.*]]: !gse.ptr<cached>) attributes {machine = "gse-inorder2"} {
// CHECK:   %[[XT:.*]] = gse.tcm.alloc 32 at 0
// CHECK:   gse.dma.wait
// CHECK:   gse.stream.arm %{{.*}}, 64
// CHECK:   gse.region "product" {
// CHECK:     gse.for
// CHECK:       gse.for {{.*}} carry (%[[A0:.*]] = {{.*}}, %[[A1:.*]] = {{.*}}, %{{.*}} = {{.*}}) : vector<8xf16>, vector<8xf16>, !gse.ptr<cached> {
// CHECK-NEXT:    %[[V:.*]] = gse.load %[[P:.*]], 0 : !gse.ptr<cached> -> vector<8xf16>
// CHECK-NEXT:    %[[I:.*]] = gse.load %[[P]], 16 : !gse.ptr<cached> -> vector<8xi16>
// CHECK-NEXT:    %[[E:.*]] = gse.gather %[[XT]], 0[%[[I]]] bank_distinct
// CHECK-NEXT:    %[[A:.*]] = gse.fma %[[V]], %[[E]], %[[A0]]
// CHECK-NEXT:    %[[N:.*]] = gse.addp %[[P]], 32
// CHECK-NEXT:    gse.yield %[[A1]], %[[A]], %[[N]]
// CHECK:       gse.reduce_add {{.*}} : vector<8xf16> -> vector<4xf16>
// CHECK:   } {elements = {{[0-9]+}} : i64, loop = "gather-scatter", nonzeros = {{[0-9]+}} : i64, per_row = 2 : i64}
// CHECK-LABEL: func.func @two_bundles
// CHECK:   %[[Z:.*]] = gse.launch @product_0(%{{.*}}) : (tensor<8x1xf16>) -> tensor<8x1xf16>
// CHECK:   return %[[Z]]
// FUSED: gse.gather_fused %{{.*}}, 0[%{{.*}}, 16] bank_distinct
// FUSED: gse.add
// FUSED: } {elements = {{[0-9]+}} : i64, loop = "gather-scatter-fused", nonzeros = {{[0-9]+}} : i64, per_row = 2 : i64}
func.func @two_bundles(%x: tensor<8x1xf16>) -> tensor<8x1xf16> {
  %w = gs.constant dense<[[1.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 3.0, 4.0, 0.0, 0.0, 0.0, 0.0],
                          [0.0, 0.0, 0.0, 0.0, 5.0, 6.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 7.0, 8.0],
                          [0.0, 0.0, 1.0, 2.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 3.0, 4.0, 0.0, 0.0],
                          [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 5.0, 6.0], [7.0, 8.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]]> : tensor<8x8xf16>
         as tensor<8x8xf16, #gs.gather_scatter<banks = 8, width = 2>>
  %e = tensor.empty() : tensor<8x1xf16>
  %y = gs.matmul %w, %x outs(%e : tensor<8x1xf16>)
         : tensor<8x8xf16, #gs.gather_scatter<banks = 8, width = 2>>, tensor<8x1xf16> -> tensor<8x1xf16>
  return %y : tensor<8x1xf16>
}
