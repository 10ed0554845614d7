// RUN: gs-opt %s --convert-gs-to-gse | FileCheck %s
// RUN: gs-opt %s --convert-gs-to-gse=fp32 | FileCheck %s --check-prefix=WIDE

// Bundles of two rows with four groups, four, two and two: chunks of eight, four, two and one of each.
// CHECK: gse.data @product_0_chunks align 4 = dense<[0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0]>
// CHECK: gse.region "sweep"
// CHECK: %[[BUNDLES:.*]] = arith.constant 4 : i32
// CHECK: gse.for %{{.*}} to %[[BUNDLES]] carry (%{{.*}} = %{{.*}}, %{{.*}} = %{{.*}}, %[[COUNTS:.*]] = %{{.*}}, %{{.*}} = %{{.*}})
// CHECK: %[[EIGHTS:.*]] = gse.load %[[COUNTS]], 0 : {{.*}} -> i32
// CHECK: gse.for %{{.*}} to %[[EIGHTS]]

// Weights and places of a chunk are loaded once, in front of the loop over the three columns. Two sums take turns there, and
// what the pixel holds is added to theirs.
// CHECK: %[[TWOS:.*]] = gse.load %[[COUNTS]], 8 : {{.*}} -> i32
// CHECK: gse.for %{{.*}} to %[[TWOS]]
// CHECK: %[[W0:.*]] = gse.load %{{.*}}, 0 {{.*}} -> vector<8xf16>
// CHECK: %[[I0:.*]] = gse.load %{{.*}}, 16 {{.*}} -> vector<8xi16>
// CHECK: %[[W1:.*]] = gse.load %{{.*}}, 32 {{.*}} -> vector<8xf16>
// CHECK: %[[I1:.*]] = gse.load %{{.*}}, 48 {{.*}} -> vector<8xi16>
// CHECK: %[[PIXELS:.*]] = arith.constant 3 : i32
// CHECK: gse.for %{{.*}} to %[[PIXELS]] carry (%[[WINDOW:.*]] = %{{.*}}, %[[RESULT:.*]] = %{{.*}})
// CHECK: %[[BEFORE:.*]] = gse.load %[[RESULT]], 0 {{.*}} -> vector<2xf16>
// CHECK: %[[X0:.*]] = gse.gather %[[WINDOW]], 0[%[[I0]]] bank_distinct
// CHECK: %[[P0:.*]] = gse.mul %[[W0]], %[[X0]]
// CHECK: %[[X1:.*]] = gse.gather %[[WINDOW]], 0[%[[I1]]] bank_distinct
// CHECK: %[[P1:.*]] = gse.mul %[[W1]], %[[X1]]
// CHECK: %[[SUM:.*]] = gse.add %[[P0]], %[[P1]]
// CHECK: %[[LANES:.*]] = gse.reduce_add %[[SUM]] : vector<8xf16> -> vector<2xf16>
// CHECK: %[[ALL:.*]] = gse.add %[[LANES]], %[[BEFORE]]
// CHECK: gse.store %[[ALL]], %[[RESULT]], 0
// CHECK: gse.load %[[COUNTS]], 12 : {{.*}} -> i32
// CHECK: } {elements = 384 : i64, loop = "conv-gather-scatter", nonzeros = 288 : i64, per_row = 4 : i64}

// Sums in f32 wait in the TCM, even and odd lanes are widened, and one rounding follows.
// WIDE: gse.gather
// WIDE: gse.widen
// WIDE: gse.store %{{.*}} : vector<2xf32>, !gse.ptr<tcm>
// WIDE: gse.narrow
// WIDE: gse.store %{{.*}} : vector<2xf16>, !gse.ptr<cached>
// WIDE: loop = "conv-gather-scatter-fp32"
func.func @sweep(%x: tensor<16x3xf16>) -> tensor<8x3xf16> {
  %w = gs.constant dense<[[1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0],
                          [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0],
                          [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0],
                          [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0],
                          [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
                          [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
                          [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
                          [1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 2.0, 2.0, 2.0, 2.0]]> : tensor<8x16xf16>
         as tensor<8x16xf16, #gs.gather_scatter<banks = 8, width = 4>>
  %e = tensor.empty() : tensor<8x3xf16>
  %y = gs.matmul %w, %x outs(%e : tensor<8x3xf16>) : tensor<8x16xf16, #gs.gather_scatter<banks = 8, width = 4>>, tensor<16x3xf16> -> tensor<8x3xf16>
  return %y : tensor<8x3xf16>
}
