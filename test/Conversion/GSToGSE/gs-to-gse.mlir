// RUN: gs-opt %s --split-input-file --convert-gs-to-gse --verify-diagnostics
// RUN: not gs-opt %s --convert-gs-to-gse=machine=gse-fast 2>&1 | FileCheck %s --check-prefix=MACHINE
// RUN: not gs-opt %s --convert-gs-to-gse=accumulators=3 2>&1 | FileCheck %s --check-prefix=ACCUMULATORS

// MACHINE: error: unknown engine 'gse-fast'; use one of gse-inorder2, gse-inorder1
// ACCUMULATORS: error: accumulators = 3 is not possible; use 1, 2 or 4

func.func @pattern(%x: tensor<8x1xf16>, %e: tensor<4x1xf16>) -> tensor<4x1xf16> {
  %w = gs.constant dense<1.0> : tensor<4x8xf16> as tensor<4x8xf16, #gs.unstructured>
  // expected-error @+1 {{cannot run on gse-inorder2: its weight is not of pattern #gs.gather_scatter}}
  %y = gs.matmul %w, %x outs(%e : tensor<4x1xf16>) strategy = <"engine-gather"> : tensor<4x8xf16, #gs.unstructured>, tensor<8x1xf16> -> tensor<4x1xf16>
  return %y : tensor<4x1xf16>
}

// -----

func.func @banks(%x: tensor<8x1xf32>, %e: tensor<1x1xf32>) -> tensor<1x1xf32> {
  %w = gs.constant dense<1.0> : tensor<1x8xf32> as tensor<1x8xf32, #gs.gather_scatter<banks = 8, width = 8>>
  // expected-error @+1 {{cannot run on gse-inorder2: engine-gather: the pattern has 8 banks, the machine 4 for this element type}}
  %y = gs.matmul %w, %x outs(%e : tensor<1x1xf32>)
         : tensor<1x8xf32, #gs.gather_scatter<banks = 8, width = 8>>, tensor<8x1xf32> -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

// -----

// Nor are several columns executed densely unasked.
func.func @columns(%x: tensor<8x3xf16>, %e: tensor<1x3xf16>) -> tensor<1x3xf16> {
  %w = gs.constant dense<1.0> : tensor<1x8xf16> as tensor<1x8xf16, #gs.unstructured>
  // expected-error @+1 {{engine-csr-gather: it has 3 columns or pixels; this kernel is for one vector}}
  %y = gs.matmul %w, %x outs(%e : tensor<1x3xf16>) : tensor<1x8xf16, #gs.unstructured>, tensor<8x3xf16> -> tensor<1x3xf16>
  return %y : tensor<1x3xf16>
}

// -----

func.func @epilogue(%x: tensor<8x1xf16>, %e: tensor<1x1xf16>) -> tensor<1x1xf16> {
  %w = gs.constant dense<1.0> : tensor<1x8xf16> as tensor<1x8xf16, #gs.gather_scatter<banks = 8, width = 8>>
  // expected-error @+1 {{cannot run on gse-inorder2: it has an epilogue}}
  %y = gs.matmul %w, %x outs(%e : tensor<1x1xf16>)
         : tensor<1x8xf16, #gs.gather_scatter<banks = 8, width = 8>>, tensor<8x1xf16> -> tensor<1x1xf16> {
  ^bb0(%a: f16):
    %n = arith.negf %a : f16
    gs.yield %n : f16
  }
  return %y : tensor<1x1xf16>
}

// -----

func.func @grouped(%x: tensor<1x8x9xf16>, %e: tensor<1x8x7xf16>) -> tensor<1x8x7xf16> {
  %w = arith.constant dense<1.0> : tensor<8x4x3xf16>
  // expected-error @+1 {{grouped convolutions have no kernel}}
  %y = gs.conv %w, %x outs(%e : tensor<1x8x7xf16>) {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 0>, groups = 2 : i64} : tensor<8x4x3xf16>, tensor<1x8x9xf16> -> tensor<1x8x7xf16>
  return %y : tensor<1x8x7xf16>
}

// -----

// Lines of a tile are as long as residues want them, but a dilation parts the locations of a line.
func.func @channels(%x: tensor<1x4x9xf16>, %e: tensor<1x1x8xf16>) -> tensor<1x1x8xf16> {
  %w = gs.constant dense<1.0> : tensor<1x4x2xf16> as tensor<1x4x2xf16, #gs.gather_scatter<banks = 8, width = 8>>
  // expected-error @+1 {{its 4 channels are no multiple of 8, and with channels padded to 8 the columns of its groups collide in sub-banks; prune it with padded channels, or use engine-dense}}
  %y = gs.conv %w, %x outs(%e : tensor<1x1x8xf16>) {strides = array<i64: 1>, dilations = array<i64: 2>, pads = array<i64: 0, 1>} : tensor<1x4x2xf16, #gs.gather_scatter<banks = 8, width = 8>>, tensor<1x4x9xf16> -> tensor<1x1x8xf16>
  return %y : tensor<1x1x8xf16>
}

// -----

func.func @block(%x: tensor<1x4x9xf16>, %e: tensor<1x1x8xf16>) -> tensor<1x1x8xf16> {
  %w = gs.constant dense<1.0> : tensor<1x4x2xf16> as tensor<1x4x2xf16, #gs.block<1x8>>
  // expected-error @+1 {{its 4 channels are no multiple of 8, so that blocks cross locations of the kernel}}
  %y = gs.conv %w, %x outs(%e : tensor<1x1x8xf16>) {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 0>} : tensor<1x4x2xf16, #gs.block<1x8>>, tensor<1x4x9xf16> -> tensor<1x1x8xf16>
  return %y : tensor<1x1x8xf16>
}

// -----

func.func @tile(%x: tensor<1x8x9xf16>, %e: tensor<1x8x7xf16>) -> tensor<1x8x7xf16> {
  %w = arith.constant dense<1.0> : tensor<8x8x3xf16>
  // expected-error @+1 {{tile_width = 9 is outside of 1 to 7}}
  %y = gs.conv %w, %x outs(%e : tensor<1x8x7xf16>) strategy = <"engine-dense", {tile_width = 9}> {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 0>} : tensor<8x8x3xf16>, tensor<1x8x9xf16> -> tensor<1x8x7xf16>
  return %y : tensor<1x8x7xf16>
}

// -----

func.func @parameter(%x: tensor<1x8x9xf16>, %e: tensor<1x8x7xf16>) -> tensor<1x8x7xf16> {
  %w = arith.constant dense<1.0> : tensor<8x8x3xf16>
  // expected-error @+1 {{strategy 'engine-dense' has no parameter 'nr'}}
  %y = gs.conv %w, %x outs(%e : tensor<1x8x7xf16>) strategy = <"engine-dense", {nr = 9}> {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 0>} : tensor<8x8x3xf16>, tensor<1x8x9xf16> -> tensor<1x8x7xf16>
  return %y : tensor<1x8x7xf16>
}

// -----

func.func @buffers(%x: tensor<1x8x9xf16>, %e: tensor<1x8x7xf16>) -> tensor<1x8x7xf16> {
  %w = arith.constant dense<1.0> : tensor<8x8x3xf16>
  // expected-error @+1 {{buffers = 3 is not possible; use 1 or 2}}
  %y = gs.conv %w, %x outs(%e : tensor<1x8x7xf16>) strategy = <"engine-dense", {buffers = 3, tile_width = 2}> {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 0>} : tensor<8x8x3xf16>, tensor<1x8x9xf16> -> tensor<1x8x7xf16>
  return %y : tensor<1x8x7xf16>
}

// -----

func.func @unknown(%x: tensor<1x8x9xf16>, %e: tensor<1x8x7xf16>) -> tensor<1x8x7xf16> {
  %w = arith.constant dense<1.0> : tensor<8x8x3xf16>
  // expected-error @+1 {{there is no strategy 'lane-gather' of the engine; there are engine-gather, engine-gather-scatter}}
  %y = gs.conv %w, %x outs(%e : tensor<1x8x7xf16>) strategy = <"lane-gather"> {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 0>} : tensor<8x8x3xf16>, tensor<1x8x9xf16> -> tensor<1x8x7xf16>
  return %y : tensor<1x8x7xf16>
}

// -----

func.func @fp32(%x: tensor<1x8x9xf16>, %e: tensor<1x8x7xf16>) -> tensor<1x8x7xf16> {
  %w = arith.constant dense<1.0> : tensor<8x8x3xf16>
  // expected-error @+1 {{twelve vectors in registers leave no room for f32 sums; use channels = 4}}
  %y = gs.conv %w, %x outs(%e : tensor<1x8x7xf16>) strategy = <"engine-dense", {fp32 = 1}> {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 0>} : tensor<8x8x3xf16>, tensor<1x8x9xf16> -> tensor<1x8x7xf16>
  return %y : tensor<1x8x7xf16>
}

// -----

func.func @fused_sweep(%x: tensor<8x3xf16>, %e: tensor<1x3xf16>) -> tensor<1x3xf16> {
  %w = gs.constant dense<1.0> : tensor<1x8xf16> as tensor<1x8xf16, #gs.gather_scatter<banks = 8, width = 8>>
  // expected-error @+1 {{indices stay in registers while groups are swept; fused gathers would read them for every pixel}}
  %y = gs.matmul %w, %x outs(%e : tensor<1x3xf16>) strategy = <"engine-gather", {fused = 1}>
         : tensor<1x8xf16, #gs.gather_scatter<banks = 8, width = 8>>, tensor<8x3xf16> -> tensor<1x3xf16>
  return %y : tensor<1x3xf16>
}

// -----

// The middle of the columns is where a tile could end.
func.func @cut(%x: tensor<24x3xf16>, %e: tensor<1x3xf16>) -> tensor<1x3xf16> {
  %w = gs.constant dense<1.0> : tensor<1x24xf16> as tensor<1x24xf16, #gs.gather_scatter<banks = 8, width = 8>>
  // expected-error @+1 {{its pattern has no tiles, so that groups may cross a cut of its columns}}
  %y = gs.matmul %w, %x outs(%e : tensor<1x3xf16>) strategy = <"engine-gather", {part_columns = 8}>
         : tensor<1x24xf16, #gs.gather_scatter<banks = 8, width = 8>>, tensor<24x3xf16> -> tensor<1x3xf16>
  return %y : tensor<1x3xf16>
}

// -----

func.func @cut_of_tiles(%x: tensor<32x3xf16>, %e: tensor<1x3xf16>) -> tensor<1x3xf16> {
  %w = gs.constant dense<1.0> : tensor<1x32xf16> as tensor<1x32xf16, #gs.gather_scatter<banks = 8, width = 8, tile = 1x16>>
  // expected-error @+1 {{part_columns = 8 is not a multiple of 16, where the columns of the weight can be cut}}
  %y = gs.matmul %w, %x outs(%e : tensor<1x3xf16>) strategy = <"engine-gather", {part_columns = 8}>
         : tensor<1x32xf16, #gs.gather_scatter<banks = 8, width = 8, tile = 1x16>>, tensor<32x3xf16> -> tensor<1x3xf16>
  return %y : tensor<1x3xf16>
}

// -----

func.func @cut_of_rows(%x: tensor<8x1xf16>, %e: tensor<4x1xf16>) -> tensor<4x1xf16> {
  %w = gs.constant dense<1.0> : tensor<4x8xf16> as tensor<4x8xf16, #gs.unstructured>
  // expected-error @+1 {{this kernel adds no partial sums}}
  %y = gs.matmul %w, %x outs(%e : tensor<4x1xf16>) strategy = <"engine-sell", {part_columns = 8}> : tensor<4x8xf16, #gs.unstructured>, tensor<8x1xf16> -> tensor<4x1xf16>
  return %y : tensor<4x1xf16>
}

// -----

func.func @permuted(%x: tensor<8x1xf16>, %e: tensor<8x1xf16>) -> tensor<8x1xf16> {
  %w = gs.constant dense<1.0> : tensor<8x8xf16> row_order [7, 6, 5, 4, 3, 2, 1, 0] as tensor<8x8xf16, #gs.permuted<#gs.gather_scatter<banks = 8, width = 1>>>
  // expected-error @+1 {{its rows are permuted; use engine-gather-scatter}}
  %y = gs.matmul %w, %x outs(%e : tensor<8x1xf16>) strategy = <"engine-gather">
         : tensor<8x8xf16, #gs.permuted<#gs.gather_scatter<banks = 8, width = 1>>>, tensor<8x1xf16> -> tensor<8x1xf16>
  return %y : tensor<8x1xf16>
}

// -----

func.func @units(%x: tensor<8x1xf16>, %e: tensor<16x1xf16>) -> tensor<16x1xf16> {
  %w = gs.constant dense<1.0> : tensor<16x8xf16> as tensor<16x8xf16, #gs.gather_scatter<banks = 8, width = 1, unit = 2x1>>
  // expected-error @+1 {{rows of a unit lie apart; use engine-gather-scatter}}
  %y = gs.matmul %w, %x outs(%e : tensor<16x1xf16>) strategy = <"engine-gather">
         : tensor<16x8xf16, #gs.gather_scatter<banks = 8, width = 1, unit = 2x1>>, tensor<8x1xf16> -> tensor<16x1xf16>
  return %y : tensor<16x1xf16>
}
