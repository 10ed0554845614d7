// RUN: gs-opt %s --gs-select-strategy=target=x86-64-v3 --split-input-file --verify-diagnostics

func.func @unknown(%x: tensor<3x5xf32>, %e: tensor<4x5xf32>) -> tensor<4x5xf32> {
  %w = arith.constant dense<1.0> : tensor<4x3xf32>
  // expected-error @+1 {{names the unknown strategy 'im2col'; known are 'row-group-broadcast', 'row-list-broadcast', 'column-block'}}
  %y = gs.matmul %w, %x outs(%e : tensor<4x5xf32>) strategy = <"im2col"> : tensor<4x3xf32>, tensor<3x5xf32> -> tensor<4x5xf32>
  return %y : tensor<4x5xf32>
}

// -----

func.func @refused_dense(%x: tensor<3x5xf32>, %e: tensor<4x5xf32>) -> tensor<4x5xf32> {
  %w = arith.constant dense<1.0> : tensor<4x3xf32>
  // expected-error @+1 {{asks for strategy 'row-group-broadcast', which refuses it: the weight is dense}}
  %y = gs.matmul %w, %x outs(%e : tensor<4x5xf32>) strategy = <"row-group-broadcast"> : tensor<4x3xf32>, tensor<3x5xf32> -> tensor<4x5xf32>
  return %y : tensor<4x5xf32>
}

// -----

func.func @refused_column(%x: tensor<3x1xf32>, %e: tensor<4x1xf32>) -> tensor<4x1xf32> {
  %w = gs.constant dense<1.0> : tensor<4x3xf32> as tensor<4x3xf32, #gs.block<4x1>>
  // expected-error @+1 {{which refuses it: one output column: lanes run along rows instead (column-block)}}
  %y = gs.matmul %w, %x outs(%e : tensor<4x1xf32>) strategy = <"row-group-broadcast"> : tensor<4x3xf32, #gs.block<4x1>>, tensor<3x1xf32> -> tensor<4x1xf32>
  return %y : tensor<4x1xf32>
}

// -----

func.func @refused_pattern(%x: tensor<3x5xf32>, %e: tensor<4x5xf32>) -> tensor<4x5xf32> {
  %w = gs.constant dense<1.0> : tensor<4x3xf32> as tensor<4x3xf32, #gs.unstructured>
  // expected-error @+1 {{which refuses it:}}
  %y = gs.matmul %w, %x outs(%e : tensor<4x5xf32>) strategy = <"row-group-broadcast"> : tensor<4x3xf32, #gs.unstructured>, tensor<3x5xf32> -> tensor<4x5xf32>
  return %y : tensor<4x5xf32>
}

// -----

func.func @refused_groups(%x: tensor<1x4x10xf32>, %e: tensor<1x6x10xf32>) -> tensor<1x6x10xf32> {
  %w = gs.constant dense<0.0> : tensor<6x2x1xf32> as tensor<6x2x1xf32, #gs.block<4x1>>
  // expected-error @+1 {{which refuses it: a group of rows would straddle two convolution groups}}
  %y = gs.conv %w, %x outs(%e : tensor<1x6x10xf32>) strategy = <"row-group-broadcast">
         {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 0>, groups = 2}
         : tensor<6x2x1xf32, #gs.block<4x1>>, tensor<1x4x10xf32> -> tensor<1x6x10xf32>
  return %y : tensor<1x6x10xf32>
}

// -----

func.func @nr_zero(%x: tensor<3x5xf32>, %e: tensor<4x5xf32>) -> tensor<4x5xf32> {
  %w = arith.constant dense<1.0> : tensor<4x3xf32>
  // expected-error @+1 {{strategy 'dense-tile': 'nr' must be from 1 to 16 here, got 0}}
  %y = gs.matmul %w, %x outs(%e : tensor<4x5xf32>) strategy = <"dense-tile", {nr = 0}> : tensor<4x3xf32>, tensor<3x5xf32> -> tensor<4x5xf32>
  return %y : tensor<4x5xf32>
}

// -----

func.func @nr_large(%x: tensor<3x5xf32>, %e: tensor<4x5xf32>) -> tensor<4x5xf32> {
  %w = gs.constant dense<1.0> : tensor<4x3xf32> as tensor<4x3xf32, #gs.block<4x1>>
  // expected-error @+1 {{strategy 'row-group-broadcast': 'nr' must be from 1 to 16 here, got 1000}}
  %y = gs.matmul %w, %x outs(%e : tensor<4x5xf32>) strategy = <"row-group-broadcast", {nr = 1000}> : tensor<4x3xf32, #gs.block<4x1>>, tensor<3x5xf32> -> tensor<4x5xf32>
  return %y : tensor<4x5xf32>
}

// -----

func.func @mr_zero(%x: tensor<3x5xf32>, %e: tensor<4x5xf32>) -> tensor<4x5xf32> {
  %w = gs.constant dense<1.0> : tensor<4x3xf32> as tensor<4x3xf32, #gs.block<4x1>>
  // expected-error @+1 {{strategy 'row-group-broadcast': 'mr' must be from 2 to 4 here, got 0}}
  %y = gs.matmul %w, %x outs(%e : tensor<4x5xf32>) strategy = <"row-group-broadcast", {mr = 0}> : tensor<4x3xf32, #gs.block<4x1>>, tensor<3x5xf32> -> tensor<4x5xf32>
  return %y : tensor<4x5xf32>
}

// -----

func.func @mr_divides(%x: tensor<3x5xf32>, %e: tensor<8x5xf32>) -> tensor<8x5xf32> {
  %w = gs.constant dense<1.0> : tensor<8x3xf32> as tensor<8x3xf32, #gs.block<4x1>>
  // expected-error @+1 {{strategy 'row-group-broadcast': 'mr' must divide 4 here, got 3}}
  %y = gs.matmul %w, %x outs(%e : tensor<8x5xf32>) strategy = <"row-group-broadcast", {mr = 3}> : tensor<8x3xf32, #gs.block<4x1>>, tensor<3x5xf32> -> tensor<8x5xf32>
  return %y : tensor<8x5xf32>
}

// -----

func.func @mr_groups(%x: tensor<1x4x10xf32>, %e: tensor<1x6x10xf32>) -> tensor<1x6x10xf32> {
  %w = arith.constant dense<1.0> : tensor<6x2x1xf32>
  // expected-error @+1 {{strategy 'dense-tile': 'mr' must divide 3 here, got 2}}
  %y = gs.conv %w, %x outs(%e : tensor<1x6x10xf32>) strategy = <"dense-tile", {mr = 2}>
         {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 0>, groups = 2}
         : tensor<6x2x1xf32>, tensor<1x4x10xf32> -> tensor<1x6x10xf32>
  return %y : tensor<1x6x10xf32>
}

// -----

func.func @column_block_negative(%x: tensor<3x5xf32>, %e: tensor<4x5xf32>) -> tensor<4x5xf32> {
  %w = gs.constant dense<1.0> : tensor<4x3xf32> as tensor<4x3xf32, #gs.unstructured>
  // expected-error @+1 {{strategy 'single-row-broadcast': 'column_block' must be from 0 to 2147483647 here, got -5}}
  %y = gs.matmul %w, %x outs(%e : tensor<4x5xf32>) strategy = <"single-row-broadcast", {column_block = -5}> : tensor<4x3xf32, #gs.unstructured>, tensor<3x5xf32> -> tensor<4x5xf32>
  return %y : tensor<4x5xf32>
}

// -----

func.func @rows_large(%x: tensor<3x1xf32>, %e: tensor<4x1xf32>) -> tensor<4x1xf32> {
  %w = arith.constant dense<1.0> : tensor<4x3xf32>
  // expected-error @+1 {{strategy 'column-block': 'rows' must be from 1 to 32 here, got 4096}}
  %y = gs.matmul %w, %x outs(%e : tensor<4x1xf32>) strategy = <"column-block", {rows = 4096}> : tensor<4x3xf32>, tensor<3x1xf32> -> tensor<4x1xf32>
  return %y : tensor<4x1xf32>
}

// -----

func.func @unknown_parameter(%x: tensor<3x5xf32>, %e: tensor<4x5xf32>) -> tensor<4x5xf32> {
  %w = arith.constant dense<1.0> : tensor<4x3xf32>
  // expected-error @+1 {{strategy 'dense-tile' has no parameter "unroll"; it takes 'mr', 'nr'}}
  %y = gs.matmul %w, %x outs(%e : tensor<4x5xf32>) strategy = <"dense-tile", {unroll = 4}> : tensor<4x3xf32>, tensor<3x5xf32> -> tensor<4x5xf32>
  return %y : tensor<4x5xf32>
}

// -----

func.func @no_parameters(%x: tensor<3x1xf32>, %e: tensor<4x1xf32>) -> tensor<4x1xf32> {
  %w = gs.constant dense<1.0> : tensor<4x3xf32> as tensor<4x3xf32, #gs.unstructured>
  // expected-error @+1 {{strategy 'lane-gather' has no parameter "nr"; it takes none}}
  %y = gs.matmul %w, %x outs(%e : tensor<4x1xf32>) strategy = <"lane-gather", {nr = 4}> : tensor<4x3xf32, #gs.unstructured>, tensor<3x1xf32> -> tensor<4x1xf32>
  return %y : tensor<4x1xf32>
}

// -----

func.func @no_plane(%x: tensor<1x3x9xf32>, %e: tensor<1x4x7xf32>) -> tensor<1x4x7xf32> {
  %w = arith.constant dense<1.0> : tensor<4x3x3xf32>
  // expected-error @+1 {{has no strategy: the convolution reads an unpacked input; run gs-assign-layout first}}
  %y = gs.conv %w, %x outs(%e : tensor<1x4x7xf32>) {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 0>}
         : tensor<4x3x3xf32>, tensor<1x3x9xf32> -> tensor<1x4x7xf32>
  return %y : tensor<1x4x7xf32>
}

// -----

func.func @runtime_encoded(%w: tensor<4x3xf32, #gs.unstructured>, %x: tensor<3x5xf32>, %e: tensor<4x5xf32>) -> tensor<4x5xf32> {
  // expected-error @+1 {{has an encoded weight that is not a gs.constant}}
  %y = gs.matmul %w, %x outs(%e : tensor<4x5xf32>) : tensor<4x3xf32, #gs.unstructured>, tensor<3x5xf32> -> tensor<4x5xf32>
  return %y : tensor<4x5xf32>
}

// -----

func.func @packed_without_strategy(%w: !gs.compressed<tensor<4x3xf32, #gs.unstructured>, index_space = activation>, %x: tensor<3x5xf32>, %e: tensor<4x5xf32>) -> tensor<4x5xf32> {
  // expected-error @+1 {{has a packed weight but no strategy: what a weight is packed for must be written}}
  %y = gs.matmul %w, %x outs(%e : tensor<4x5xf32>) : !gs.compressed<tensor<4x3xf32, #gs.unstructured>, index_space = activation>, tensor<3x5xf32> -> tensor<4x5xf32>
  return %y : tensor<4x5xf32>
}
