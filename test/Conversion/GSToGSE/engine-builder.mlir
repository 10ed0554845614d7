// RUN: gs-opt %s --convert-gs-to-gse=accumulators=4 | FileCheck %s
// RUN: gs-opt %s --convert-gs-to-gse="fp32 accumulators=2" | FileCheck %s --check-prefix=WIDE

// A weight without any group still has a stream, of which no bytes are armed. Four sums take turns, and are added in pairs.
// CHECK: gse.data @product_0_stream align 32 = dense<0> : tensor<1xi16>
// CHECK: gse.kernel @product_0
// CHECK-SAME: machine = "gse-inorder2"
// CHECK-NOT: gse.stream.arm
// CHECK: %[[S:.*]]:5 = gse.for
// CHECK: %[[A:.*]] = gse.fma %{{.*}}, %{{.*}}, %[[FIRST:.*]] : vector<8xf16>
// CHECK: gse.yield %{{.*}}, %{{.*}}, %{{.*}}, %[[A]], %{{.*}}
// CHECK: %[[L:.*]] = gse.add %[[S]]#0, %[[S]]#1
// CHECK: %[[R:.*]] = gse.add %[[S]]#2, %[[S]]#3
// CHECK: gse.add %[[L]], %[[R]]

// The region knows what a multiply-add for each weight would be, and for each kept one.
// CHECK: } {accumulators = 4 : i64, elements = 64 : i64, loop = "gather-scatter", nonzeros = 0 : i64}
// CHECK: gse.return

// Sums in f32 are twice as many vectors, of even and odd lanes; both become one again when they are rounded.
// WIDE: %[[S:.*]]:5 = gse.for
// WIDE: %[[EVEN:.*]] = gse.widen %{{[0-9]+}} : vector<8xf16> -> vector<4xf32>
// WIDE: %[[ODD:.*]] = gse.widen odd %{{[0-9]+}} : vector<8xf16> -> vector<4xf32>
// WIDE: %[[E:.*]] = gse.add %[[S]]#0, %[[S]]#2 : vector<4xf32>
// WIDE: %[[O:.*]] = gse.add %[[S]]#1, %[[S]]#3 : vector<4xf32>
// WIDE: gse.narrow %[[E]], %[[O]]
// WIDE: loop = "gather-scatter-fp32"
func.func @nothing(%x: tensor<8x1xf16>) -> tensor<8x1xf16> {
  %w = gs.constant dense<0.0> : tensor<8x8xf16> as tensor<8x8xf16, #gs.gather_scatter<banks = 8, width = 1>>
  %e = tensor.empty() : tensor<8x1xf16>
  %y = gs.matmul %w, %x outs(%e : tensor<8x1xf16>) : tensor<8x8xf16, #gs.gather_scatter<banks = 8, width = 1>>, tensor<8x1xf16> -> tensor<8x1xf16>
  return %y : tensor<8x1xf16>
}
