// RUN: gs-opt %s --convert-gs-to-gather=machine=aarch64-sve | FileCheck %s --check-prefix=PLANES
// RUN: gs-opt %s --convert-gs-to-gather=machine=hexagon-hvx | FileCheck %s --check-prefix=LAST
// RUN: gs-opt %s --convert-gs-to-gather="machine=hexagon-hvx wide-sums" | FileCheck %s --check-prefix=WIDE

// The same weight, with a plan for each machine. A processor's table has the order of the activations, here 7 frames of each
// channel: column (channel 3, tap 0) is 42 bytes behind the window's origin, (1, 2) is 18.
// PLANES: memref.alloc() {{.*}} : memref<28xi16>
// PLANES: @padded_indices : memref<4xi16> = dense<[0, 18, 30, 42]>

// In tightly coupled memory channels come last, so that sub-banks are residues of channels: (3, 0) is 6 bytes behind, (1, 2) is
// 2 * 8 + 2. Memory holds a table of 56 bytes, the vectors of four gathers, sums of 5 x 4 rows.
// LAST: @gather_memory() {{.*}} !llvm.array<768 x i8>
// LAST: @padded_indices : memref<64xi16> = dense<[0, 18, 12, 6, 0,

// Results of 32 bits, on request.
// WIDE: func.func @padded(%{{.*}}: memref<20xi16>, %{{.*}}: memref<20xi32>)
// WIDE: arith.extsi
func.func @padded(%x: tensor<1x4x5xi16>) -> tensor<1x4x5xi16> {
  %w = gs.constant dense<[[[1, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0]], [[0, 0, 0], [0, 0, 2], [0, 0, 0], [0, 0, 0]],
                          [[0, 0, 0], [0, 0, 0], [0, 3, 0], [0, 0, 0]], [[0, 0, 0], [0, 0, 0], [0, 0, 0], [4, 0, 0]]]> : tensor<4x4x3xi16>
         as tensor<4x4x3xi16, #gs.gather_scatter<banks = 4, width = 1>>
  %e = tensor.empty() : tensor<1x4x5xi16>
  %y = gs.conv %w, %x outs(%e : tensor<1x4x5xi16>) {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 1, 1>}
         : tensor<4x4x3xi16, #gs.gather_scatter<banks = 4, width = 1>>, tensor<1x4x5xi16> -> tensor<1x4x5xi16>
  return %y : tensor<1x4x5xi16>
}
