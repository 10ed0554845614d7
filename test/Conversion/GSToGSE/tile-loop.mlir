// RUN: gs-opt %s --convert-gs-to-gse -o %t.mlir
// RUN: FileCheck %s < %t.mlir
// RUN: gs-translate --simulate %t.mlir | FileCheck %s --check-prefix=CYCLES

// With one region of the TCM each copy is waited for; with two the next one runs beside the computation, and only the first
// is exposed, outside of the region. Both compute the same.
// CYCLES: {{^ *}}75364 {{.*}} product_0.sweep
// CYCLES: {{^ *}}74304 {{.*}} product_1.sweep

// CHECK-LABEL: gse.kernel @product_1
// CHECK: %[[A:.*]] = gse.tcm.alloc 1792 at 0
// CHECK: %[[B:.*]] = gse.tcm.alloc 1792 at 1792
// CHECK: gse.dma.start %{{.*}} to %[[A]], 448 rows 4 pitch 448 to 448
// CHECK: gse.dma.wait
// CHECK: gse.region "sweep"
// CHECK: %[[NEXT:.*]] = gse.dma.start %{{.*}} to %[[B]]
// CHECK: gse.load {{.*}} -> vector<8xf16>
// CHECK: gse.dma.wait %[[NEXT]]
// CHECK: gse.dma.start %{{.*}} to %[[A]]
// CHECK-LABEL: gse.kernel @product_0
// CHECK: gse.tcm.alloc 1792 at 0
// CHECK-NOT: gse.tcm.alloc
func.func @main() {
  %x = arith.constant dense<1.0> : tensor<1x16x14x14xf16>
  %e = arith.constant dense<0.0> : tensor<1x8x12x12xf16>
  %r = arith.constant dense<144.0> : tensor<1x8x12x12xf16>
  %w = arith.constant dense<1.0> : tensor<8x16x3x3xf16>
  %0 = gs.conv %w, %x outs(%e : tensor<1x8x12x12xf16>) strategy = <"engine-dense", {buffers = 1, tile_height = 2}>
         {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>}
         : tensor<8x16x3x3xf16>, tensor<1x16x14x14xf16> -> tensor<1x8x12x12xf16>
  check.expect_eq %0, %r : tensor<1x8x12x12xf16>
  %1 = gs.conv %w, %x outs(%e : tensor<1x8x12x12xf16>) strategy = <"engine-dense", {buffers = 2, tile_height = 2}>
         {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>}
         : tensor<8x16x3x3xf16>, tensor<1x16x14x14xf16> -> tensor<1x8x12x12xf16>
  check.expect_eq %1, %r : tensor<1x8x12x12xf16>
  return
}
