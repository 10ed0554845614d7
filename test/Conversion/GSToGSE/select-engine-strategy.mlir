// RUN: gs-opt %s --gs-select-engine-strategy | FileCheck %s
// RUN: gs-opt %s --gs-select-engine-strategy=machine=gse-tcm32 2>&1 | FileCheck %s --check-prefix=SMALL

// A plane that fits is one tile.
// CHECK-LABEL: @whole
// CHECK: strategy = <"engine-dense", {accumulators = 2 : i64, buffers = 1 : i64, tile_depth = 1 : i64, tile_height = 6 : i64, tile_width = 6 : i64}>
func.func @whole(%x: tensor<1x128x8x8xf16>, %e: tensor<1x8x6x6xf16>) -> tensor<1x8x6x6xf16> {
  %w = arith.constant dense<1.0> : tensor<8x128x3x3xf16>
  %y = gs.conv %w, %x outs(%e : tensor<1x8x6x6xf16>) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>}
         : tensor<8x128x3x3xf16>, tensor<1x128x8x8xf16> -> tensor<1x8x6x6xf16>
  return %y : tensor<1x8x6x6xf16>
}

// A layer of ResNet-50: lines of the plane, two regions of the TCM.
// CHECK-LABEL: @lines
// CHECK: strategy = <"engine-dense", {accumulators = 2 : i64, buffers = 2 : i64, tile_depth = 1 : i64, tile_height = 2 : i64, tile_width = 56 : i64}>
func.func @lines(%x: tensor<1x64x56x56xf16>, %e: tensor<1x8x56x56xf16>) -> tensor<1x8x56x56xf16> {
  %w = arith.constant dense<1.0> : tensor<8x64x3x3xf16>
  %y = gs.conv %w, %x outs(%e : tensor<1x8x56x56xf16>) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>}
         : tensor<8x64x3x3xf16>, tensor<1x64x56x56xf16> -> tensor<1x8x56x56xf16>
  return %y : tensor<1x8x56x56xf16>
}

// A layer of Jasper: a window spans 57 frames (87,552 bytes) but reads 29 of them (44,544), so that outputs of one phase
// share a tile; there is room for one region only.
// CHECK-LABEL: @phases
// CHECK: strategy = <"engine-dense", {accumulators = 2 : i64, buffers = 1 : i64, phases_width = 2 : i64, tile_depth = 1 : i64, tile_height = 1 : i64, tile_width = 14 : i64}>
// With 32 KiB no tile holds all channels of a window: two halves of them, whose sums are added.
// SMALL-LABEL: @phases
// SMALL: strategy = <"engine-dense", {accumulators = 2 : i64, buffers = 1 : i64, part_columns = 384 : i64, phases_width = 2 : i64, tile_depth = 1 : i64, tile_height = 1 : i64, tile_width = 14 : i64}>
func.func @phases(%x: tensor<1x768x800xf16>, %e: tensor<1x8x744xf16>) -> tensor<1x8x744xf16> {
  %w = arith.constant dense<1.0> : tensor<8x768x29xf16>
  %y = gs.conv %w, %x outs(%e : tensor<1x8x744xf16>) {strides = array<i64: 1>, dilations = array<i64: 2>, pads = array<i64: 0, 0>}
         : tensor<8x768x29xf16>, tensor<1x768x800xf16> -> tensor<1x8x744xf16>
  return %y : tensor<1x8x744xf16>
}

// What stands there is kept.
// CHECK-LABEL: @kept
// CHECK: strategy = <"engine-dense", {accumulators = 4 : i64, buffers = 2 : i64, channels = 4 : i64, tile_depth = 1 : i64, tile_height = 3 : i64, tile_width = 2 : i64}>
func.func @kept(%x: tensor<1x8x8x8xf16>, %e: tensor<1x8x6x6xf16>) -> tensor<1x8x6x6xf16> {
  %w = arith.constant dense<1.0> : tensor<8x8x3x3xf16>
  %y = gs.conv %w, %x outs(%e : tensor<1x8x6x6xf16>) strategy = <"engine-dense", {accumulators = 4, buffers = 2, channels = 4, tile_height = 3, tile_width = 2}>
         {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>}
         : tensor<8x8x3x3xf16>, tensor<1x8x8x8xf16> -> tensor<1x8x6x6xf16>
  return %y : tensor<1x8x6x6xf16>
}

// The pattern decides where nothing else does.
// CHECK-LABEL: @patterns
// CHECK: strategy = <"engine-gather", {accumulators = 2 : i64}>
// CHECK: strategy = <"engine-block-column", {accumulators = 2 : i64}>
// CHECK: strategy = <"engine-csr-gather", {accumulators = 2 : i64}>
func.func @patterns(%x: tensor<8x1xf16>, %e: tensor<8x1xf16>) -> tensor<8x1xf16> {
  %g = gs.constant dense<1.0> : tensor<8x8xf16> as tensor<8x8xf16, #gs.gather_scatter<banks = 8, width = 1>>
  %0 = gs.matmul %g, %x outs(%e : tensor<8x1xf16>) : tensor<8x8xf16, #gs.gather_scatter<banks = 8, width = 1>>, tensor<8x1xf16> -> tensor<8x1xf16>
  %b = gs.constant dense<1.0> : tensor<8x8xf16> as tensor<8x8xf16, #gs.block<8x1>>
  %1 = gs.matmul %b, %0 outs(%e : tensor<8x1xf16>) : tensor<8x8xf16, #gs.block<8x1>>, tensor<8x1xf16> -> tensor<8x1xf16>
  %u = gs.constant dense<1.0> : tensor<8x8xf16> as tensor<8x8xf16, #gs.unstructured>
  %2 = gs.matmul %u, %1 outs(%e : tensor<8x1xf16>) : tensor<8x8xf16, #gs.unstructured>, tensor<8x1xf16> -> tensor<8x1xf16>
  return %2 : tensor<8x1xf16>
}
