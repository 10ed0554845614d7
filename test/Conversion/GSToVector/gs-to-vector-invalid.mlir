// RUN: gs-opt %s --gs-to-vector=target=x86-64-v3 --split-input-file --verify-diagnostics

// Packed weights may be written by hand: kernels trust them only after these checks.

func.func @no_strategy(%x: memref<3x5xf32>, %y: memref<4x5xf32>) {
  %w = gs.compressed_constant {indices = dense<[0, 5, 10]> : tensor<3xi32>, values = dense<1.0> : tensor<1x3x4xf32>}
         : !gs.compressed<tensor<4x3xf32>, layout = panels, index_space = activation, panel_rows = 4>
  // expected-error @+1 {{has no strategy; run gs-select-strategy or write one}}
  gs.matmul %w, %x outs(%y : memref<4x5xf32>)
    : !gs.compressed<tensor<4x3xf32>, layout = panels, index_space = activation, panel_rows = 4>, memref<3x5xf32>
  return
}

// -----

func.func @not_packed(%w: memref<4x3xf32>, %x: memref<3x5xf32>, %y: memref<4x5xf32>) {
  // expected-error @+1 {{weight is not packed; run gs-compress-weights}}
  gs.matmul %w, %x outs(%y : memref<4x5xf32>) strategy = <"dense-tile"> : memref<4x3xf32>, memref<3x5xf32>
  return
}

// -----

func.func @not_bufferized(%x: tensor<3x5xf32>, %y: tensor<4x5xf32>) -> tensor<4x5xf32> {
  %w = gs.compressed_constant {indices = dense<[0, 5, 10]> : tensor<3xi32>, values = dense<1.0> : tensor<1x3x4xf32>}
         : !gs.compressed<tensor<4x3xf32>, layout = panels, index_space = activation, panel_rows = 4>
  // expected-error @+1 {{gs-to-vector runs after bufferization, but the op still works on 'tensor<4x5xf32>'}}
  %0 = gs.matmul %w, %x outs(%y : tensor<4x5xf32>) strategy = <"dense-tile", {mr = 4}>
    : !gs.compressed<tensor<4x3xf32>, layout = panels, index_space = activation, panel_rows = 4>, tensor<3x5xf32> -> tensor<4x5xf32>
  return %0 : tensor<4x5xf32>
}

// -----

func.func @panel_rows(%x: memref<3x5xf32>, %y: memref<4x5xf32>) {
  %w = gs.compressed_constant {indices = dense<[0, 5, 10]> : tensor<3xi32>, values = dense<1.0> : tensor<2x3x2xf32>}
         : !gs.compressed<tensor<4x3xf32>, layout = panels, index_space = activation, panel_rows = 2>
  // expected-error @+1 {{needs layout = panels, index_space = activation, panel_rows = 4, got '!gs.compressed<tensor<4x3xf32>, layout = panels}}
  gs.matmul %w, %x outs(%y : memref<4x5xf32>) strategy = <"dense-tile", {mr = 4}>
    : !gs.compressed<tensor<4x3xf32>, layout = panels, index_space = activation, panel_rows = 2>, memref<3x5xf32>
  return
}

// -----

func.func @index_space(%x: memref<3x5xf32>, %y: memref<2x5xf32>) {
  %w = gs.compressed_constant {indices = dense<[0, 1]> : tensor<2xi32>, offsets = dense<[0, 1, 2]> : tensor<3xi32>, values = dense<1.0> : tensor<2xf32>}
         : !gs.compressed<tensor<2x3xf32, #gs.unstructured>>
  // expected-error @+1 {{weight is not packed as #gs.strategy<"single-row-broadcast"> reads it: needs layout = split, index_space = activation and pattern #gs.unstructured}}
  gs.matmul %w, %x outs(%y : memref<2x5xf32>) strategy = <"single-row-broadcast">
    : !gs.compressed<tensor<2x3xf32, #gs.unstructured>>, memref<3x5xf32>
  return
}

// -----

func.func @column_block(%x: memref<3x5xf32>, %y: memref<2x5xf32>) {
  %w = gs.compressed_constant {indices = dense<[0, 5]> : tensor<2xi32>, offsets = dense<[0, 1, 2]> : tensor<3xi32>, values = dense<1.0> : tensor<2xf32>}
         : !gs.compressed<tensor<2x3xf32, #gs.unstructured>, index_space = activation>
  // expected-error @+1 {{needs layout = split, index_space = activation, column_block = 2 and pattern #gs.unstructured}}
  gs.matmul %w, %x outs(%y : memref<2x5xf32>) strategy = <"single-row-broadcast", {column_block = 2}>
    : !gs.compressed<tensor<2x3xf32, #gs.unstructured>, index_space = activation>, memref<3x5xf32>
  return
}

// -----

func.func @pattern(%x: memref<3x5xf32>, %y: memref<4x5xf32>) {
  %w = gs.compressed_constant {block_cols = dense<[0]> : tensor<1xi32>, offsets = dense<[0, 1]> : tensor<2xi32>, values = dense<1.0> : tensor<1x1x4xf32>}
         : !gs.compressed<tensor<4x3xf32, #gs.block<4x1>>, index_space = activation>
  // expected-error @+1 {{reads it: needs layout = split, index_space = activation and pattern #gs.unstructured, got}}
  gs.matmul %w, %x outs(%y : memref<4x5xf32>) strategy = <"single-row-broadcast">
    : !gs.compressed<tensor<4x3xf32, #gs.block<4x1>>, index_space = activation>, memref<3x5xf32>
  return
}

// -----

func.func @refused(%x: memref<3x5xf32>, %y: memref<2x5xf32>) {
  %w = gs.compressed_constant {indices = dense<[0, 5]> : tensor<2xi32>, offsets = dense<[0, 1, 2]> : tensor<3xi32>, values = dense<1.0> : tensor<2xf32>}
         : !gs.compressed<tensor<2x3xf32, #gs.unstructured>, index_space = activation>
  // expected-error @+1 {{asks for strategy 'column-block', which refuses it: more than one output column}}
  gs.matmul %w, %x outs(%y : memref<2x5xf32>) strategy = <"column-block">
    : !gs.compressed<tensor<2x3xf32, #gs.unstructured>, index_space = activation>, memref<3x5xf32>
  return
}

// -----

func.func @displacement(%x: memref<3x5xf32>, %y: memref<2x5xf32>) {
  %w = gs.compressed_constant {indices = dense<[0, 11]> : tensor<2xi32>, offsets = dense<[0, 1, 2]> : tensor<3xi32>, values = dense<1.0> : tensor<2xf32>}
         : !gs.compressed<tensor<2x3xf32, #gs.unstructured>, index_space = activation>
  // expected-error @+1 {{packed weight holds displacement 11 at position 1 of 'indices', but the largest of a column is 10}}
  gs.matmul %w, %x outs(%y : memref<2x5xf32>) strategy = <"single-row-broadcast">
    : !gs.compressed<tensor<2x3xf32, #gs.unstructured>, index_space = activation>, memref<3x5xf32>
  return
}

// -----

func.func @negative_displacement(%x: memref<3x5xf32>, %y: memref<4x5xf32>) {
  %w = gs.compressed_constant {block_cols = dense<[-5]> : tensor<1xi32>, offsets = dense<[0, 1]> : tensor<2xi32>, values = dense<1.0> : tensor<1x1x4xf32>}
         : !gs.compressed<tensor<4x3xf32, #gs.block<4x1>>, index_space = activation>
  // expected-error @+1 {{packed weight holds displacement 4294967291 at position 0 of 'block_cols'}}
  gs.matmul %w, %x outs(%y : memref<4x5xf32>) strategy = <"row-group-broadcast">
    : !gs.compressed<tensor<4x3xf32, #gs.block<4x1>>, index_space = activation>, memref<3x5xf32>
  return
}

// -----

func.func @element_type(%x: memref<3x5xf64>, %y: memref<4x5xf64>) {
  %w = gs.compressed_constant {indices = dense<[0, 5, 10]> : tensor<3xi32>, values = dense<1.0> : tensor<1x3x4xf64>}
         : !gs.compressed<tensor<4x3xf64>, layout = panels, index_space = activation, panel_rows = 4>
  // expected-error @+1 {{strategies handle f32 elements, not 'f64'}}
  gs.matmul %w, %x outs(%y : memref<4x5xf64>) strategy = <"dense-tile">
    : !gs.compressed<tensor<4x3xf64>, layout = panels, index_space = activation, panel_rows = 4>, memref<3x5xf64>
  return
}

// -----

func.func @unpacked_convolution(%x: memref<1x3x9xf32>, %y: memref<1x4x7xf32>) {
  %w = gs.compressed_constant {indices = dense<0> : tensor<9xi32>, values = dense<1.0> : tensor<1x9x4xf32>}
         : !gs.compressed<tensor<4x3x3xf32>, layout = panels, index_space = activation, panel_rows = 4>
  // expected-error @+1 {{cannot be lowered: the convolution reads an unpacked input; run gs-assign-layout first}}
  gs.conv %w, %x outs(%y : memref<1x4x7xf32>) strategy = <"dense-tile"> {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 0>}
    : !gs.compressed<tensor<4x3x3xf32>, layout = panels, index_space = activation, panel_rows = 4>, memref<1x3x9xf32>
  return
}

// -----

// A plane without slack for whole vectors.
func.func @plane(%x: memref<1x3x9xf32>, %y: memref<1x4x7xf32>) {
  %w = gs.compressed_constant {indices = dense<0> : tensor<9xi32>, values = dense<1.0> : tensor<1x9x4xf32>}
         : !gs.compressed<tensor<4x3x3xf32>, layout = panels, index_space = activation, panel_rows = 4>
  // expected-error @+1 {{plane of 9 elements is too small for vectors of 8, which read 18; run gs-assign-layout for this target}}
  gs.conv %w, %x outs(%y : memref<1x4x7xf32>) strategy = <"dense-tile"> {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 0>,
      plane = #gs.plane<input = [9], strides = [1], phases = [1], extents = [9], pads = [0], size = 9>}
    : !gs.compressed<tensor<4x3x3xf32>, layout = panels, index_space = activation, panel_rows = 4>, memref<1x3x9xf32>
  return
}

// -----

// A packed weight that is an argument.
func.func @argument(%w: !gs.compressed<tensor<4x3xf32>, layout = panels, index_space = activation, panel_rows = 4>, %x: memref<3x5xf32>, %y: memref<4x5xf32>) {
  // expected-error @+1 {{weight is not packed; run gs-compress-weights}}
  gs.matmul %w, %x outs(%y : memref<4x5xf32>) strategy = <"dense-tile">
    : !gs.compressed<tensor<4x3xf32>, layout = panels, index_space = activation, panel_rows = 4>, memref<3x5xf32>
  return
}

// -----

func.func @pack_plane(%x: tensor<1x3x9xf32>, %e: tensor<1x3x16xf32>) -> tensor<1x3x16xf32> {
  // expected-error @+1 {{gs-to-vector runs after bufferization, but the op still works on 'tensor<1x3x16xf32>'}}
  %p = gs.pack_plane %x outs(%e : tensor<1x3x16xf32>) <input = [9], strides = [1], phases = [1], extents = [9], pads = [0], size = 16>
         : tensor<1x3x9xf32> -> tensor<1x3x16xf32>
  return %p : tensor<1x3x16xf32>
}

// -----

func.func @row_order(%x: memref<3x5xf32>, %y: memref<2x5xf32>) {
  %w = gs.compressed_constant {block_cols = dense<0> : tensor<1xi32>, offsets = dense<[0, 1]> : tensor<2xi32>,
                               row_order = dense<[0, 7]> : tensor<2xi32>, values = dense<1.0> : tensor<1x1x2xf32>}
         : !gs.compressed<tensor<2x3xf32, #gs.permuted<#gs.block<2x1>>>, index_space = activation>
  // expected-error @+1 {{row_order of the weight must name each of its 2 rows once, but it holds 7}}
  gs.matmul %w, %x outs(%y : memref<2x5xf32>) strategy = <"row-group-broadcast", {mr = 2}>
    : !gs.compressed<tensor<2x3xf32, #gs.permuted<#gs.block<2x1>>>, index_space = activation>, memref<3x5xf32>
  return
}
