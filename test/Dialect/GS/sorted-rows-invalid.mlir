// Kernels trust what a weight of layout sorted_rows says.
//
// RUN: gs-opt %s --split-input-file --verify-diagnostics

func.func @f() {
  // expected-error @+1 {{layout = sorted_rows needs exactly values, indices, rows, runs and offsets}}
  %c = gs.compressed_constant {indices = dense<0> : tensor<4xi16>, offsets = dense<[0, 1]> : tensor<2xi32>, rows = dense<[0, 1, 2, 3]> : tensor<4xi32>, values = dense<1.0> : tensor<4xf32>}
         : !gs.compressed<tensor<4x2xf32, #gs.unstructured>, layout = sorted_rows, index_space = activation, index = i16, panel_rows = 4>
  return
}

// -----

func.func @f() {
  // expected-error @+1 {{layout = sorted_rows needs values of type 'f32' and as many indices of type 'i16'}}
  %c = gs.compressed_constant {indices = dense<0> : tensor<4xi32>, offsets = dense<[0, 1]> : tensor<2xi32>, rows = dense<[0, 1, 2, 3]> : tensor<4xi32>, runs = dense<[[0, 1, 0, 4]]> : tensor<1x4xi32>, values = dense<1.0> : tensor<4xf32>}
         : !gs.compressed<tensor<4x2xf32, #gs.unstructured>, layout = sorted_rows, index_space = activation, index = i16, panel_rows = 4>
  return
}

// -----

func.func @f() {
  // expected-error @+1 {{layout = sorted_rows needs 4 i32 rows, i32 runs of four numbers each and 2 i32 offsets}}
  %c = gs.compressed_constant {indices = dense<0> : tensor<4xi16>, offsets = dense<[0, 1]> : tensor<2xi32>, rows = dense<[0, 1, 2]> : tensor<3xi32>, runs = dense<[[0, 1, 0, 4]]> : tensor<1x4xi32>, values = dense<1.0> : tensor<4xf32>}
         : !gs.compressed<tensor<4x2xf32, #gs.unstructured>, layout = sorted_rows, index_space = activation, index = i16, panel_rows = 4>
  return
}

// -----

func.func @f() {
  // expected-error @+1 {{offsets of layout = sorted_rows must rise from 0 to the number of runs}}
  %c = gs.compressed_constant {indices = dense<0> : tensor<4xi16>, offsets = dense<[0, 2]> : tensor<2xi32>, rows = dense<[0, 1, 2, 3]> : tensor<4xi32>, runs = dense<[[0, 1, 0, 4]]> : tensor<1x4xi32>, values = dense<1.0> : tensor<4xf32>}
         : !gs.compressed<tensor<4x2xf32, #gs.unstructured>, layout = sorted_rows, index_space = activation, index = i16, panel_rows = 4>
  return
}

// -----

func.func @f() {
  // expected-error @+1 {{rows[2] of sorted_rows must name each row from 0 to 3 once, but holds 1}}
  %c = gs.compressed_constant {indices = dense<0> : tensor<4xi16>, offsets = dense<[0, 1]> : tensor<2xi32>, rows = dense<[0, 1, 1, 3]> : tensor<4xi32>, runs = dense<[[0, 1, 0, 4]]> : tensor<1x4xi32>, values = dense<1.0> : tensor<4xf32>}
         : !gs.compressed<tensor<4x2xf32, #gs.unstructured>, layout = sorted_rows, index_space = activation, index = i16, panel_rows = 4>
  return
}

// -----

func.func @f() {
  // expected-error @+1 {{run 0 of sorted_rows does not follow the one before it, or leaves its chunk}}
  %c = gs.compressed_constant {indices = dense<0> : tensor<4xi16>, offsets = dense<[0, 1]> : tensor<2xi32>, rows = dense<[0, 1, 2, 3]> : tensor<4xi32>, runs = dense<[[0, 1, 0, 5]]> : tensor<1x4xi32>, values = dense<1.0> : tensor<4xf32>}
         : !gs.compressed<tensor<4x2xf32, #gs.unstructured>, layout = sorted_rows, index_space = activation, index = i16, panel_rows = 4>
  return
}

// -----

func.func @f() {
  // expected-error @+1 {{runs of chunk 0 of sorted_rows end at position 3 instead of 4}}
  %c = gs.compressed_constant {indices = dense<0> : tensor<4xi16>, offsets = dense<[0, 1]> : tensor<2xi32>, rows = dense<[0, 1, 2, 3]> : tensor<4xi32>, runs = dense<[[0, 1, 0, 3]]> : tensor<1x4xi32>, values = dense<1.0> : tensor<4xf32>}
         : !gs.compressed<tensor<4x2xf32, #gs.unstructured>, layout = sorted_rows, index_space = activation, index = i16, panel_rows = 4>
  return
}

// -----

func.func @f() {
  // expected-error @+1 {{runs of sorted_rows have 4 weights, but there are 5}}
  %c = gs.compressed_constant {indices = dense<0> : tensor<5xi16>, offsets = dense<[0, 1]> : tensor<2xi32>, rows = dense<[0, 1, 2, 3]> : tensor<4xi32>, runs = dense<[[0, 1, 0, 4]]> : tensor<1x4xi32>, values = dense<1.0> : tensor<5xf32>}
         : !gs.compressed<tensor<4x2xf32, #gs.unstructured>, layout = sorted_rows, index_space = activation, index = i16, panel_rows = 4>
  return
}
