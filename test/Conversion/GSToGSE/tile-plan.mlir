// RUN: gs-opt %s --split-input-file --gs-select-engine-strategy="machine=gse-inorder2{tcm_bytes=1000000}" --verify-diagnostics
// RUN: gs-opt %s --split-input-file --gs-select-engine-strategy="partial machine=gse-inorder2{tcm_bytes=6400}" 2>&1 | FileCheck %s --check-prefix=T6400
// RUN: gs-opt %s --split-input-file --gs-select-engine-strategy="partial machine=gse-inorder2{tcm_bytes=3600}" 2>&1 | FileCheck %s --check-prefix=T3600
// RUN: gs-opt %s --split-input-file --gs-select-engine-strategy="partial machine=gse-inorder2{tcm_bytes=2000}" 2>&1 | FileCheck %s --check-prefix=T2000
// RUN: gs-opt %s --split-input-file --gs-select-engine-strategy="partial machine=gse-inorder2{tcm_bytes=600}" 2>&1 | FileCheck %s --check-prefix=T600
// RUN: gs-opt %s --split-input-file --gs-select-engine-strategy="partial machine=gse-inorder2{tcm_bytes=500}" 2>&1 | FileCheck %s --check-prefix=T500

// 14 x 14 activations of 16 channels are 6272 bytes: one tile, behind which no other one comes. Else there are two regions, of
// two lines of outputs (4 x 14 activations, 1792 bytes), of half a line (3 x 8, 768), of one output (288); in less than
// two such there is one region, of three outputs (480).
// T6400: buffers = 1 : i64, tile_depth = 1 : i64, tile_height = 12 : i64, tile_width = 12 : i64}>
// T3600: buffers = 2 : i64, tile_depth = 1 : i64, tile_height = 2 : i64, tile_width = 12 : i64}>
// T2000: buffers = 2 : i64, tile_depth = 1 : i64, tile_height = 1 : i64, tile_width = 6 : i64}>
// T600: buffers = 2 : i64, tile_depth = 1 : i64, tile_height = 1 : i64, tile_width = 1 : i64}>
// T500: buffers = 1 : i64, tile_depth = 1 : i64, tile_height = 1 : i64, tile_width = 3 : i64}>
func.func @lines(%x: tensor<1x16x14x14xf16>, %e: tensor<1x8x12x12xf16>) -> tensor<1x8x12x12xf16> {
  %w = arith.constant dense<1.0> : tensor<8x16x3x3xf16>
  %y = gs.conv %w, %x outs(%e : tensor<1x8x12x12xf16>) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>}
         : tensor<8x16x3x3xf16>, tensor<1x16x14x14xf16> -> tensor<1x8x12x12xf16>
  return %y : tensor<1x8x12x12xf16>
}
// -----

// Phases are those of a dilation.
func.func @phase(%x: tensor<1x8x20xf16>, %e: tensor<1x8x16xf16>) -> tensor<1x8x16xf16> {
  %w = arith.constant dense<1.0> : tensor<8x8x3xf16>
  // expected-error @+1 {{phases_width = 3 is neither 1 nor the dilation of stride 1}}
  %y = gs.conv %w, %x outs(%e : tensor<1x8x16xf16>) strategy = <"engine-dense", {phases_width = 3, tile_width = 2}> {strides = array<i64: 1>, dilations = array<i64: 2>, pads = array<i64: 0, 0>} : tensor<8x8x3xf16>, tensor<1x8x20xf16> -> tensor<1x8x16xf16>
  return %y : tensor<1x8x16xf16>
}
// -----

func.func @reach(%x: tensor<70000x3xf16>, %e: tensor<8x3xf16>) -> tensor<8x3xf16> {
  %w = arith.constant dense<1.0> : tensor<8x70000xf16>
  // expected-error @+1 {{displacements in its tile reach 69999, but an index holds 65535 at most}}
  %y = gs.matmul %w, %x outs(%e : tensor<8x3xf16>) : tensor<8x70000xf16>, tensor<70000x3xf16> -> tensor<8x3xf16>
  return %y : tensor<8x3xf16>
}
// -----

// A tile that is named is no other one because it does not fit.
func.func @large(%x: tensor<1x8x40000xf16>, %e: tensor<1x8x39996xf16>) -> tensor<1x8x39996xf16> {
  %w = arith.constant dense<1.0> : tensor<8x8x3xf16>
  // expected-error @+1 {{a tile of it needs 1248128 bytes of the TCM, which has 1000000}}
  %y = gs.conv %w, %x outs(%e : tensor<1x8x39996xf16>) strategy = <"engine-dense", {buffers = 2, tile_width = 39000}> {strides = array<i64: 1>, dilations = array<i64: 2>, pads = array<i64: 0, 0>} : tensor<8x8x3xf16>, tensor<1x8x40000xf16> -> tensor<1x8x39996xf16>
  return %y : tensor<1x8x39996xf16>
}
