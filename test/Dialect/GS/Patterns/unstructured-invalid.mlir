// RUN: gs-opt %s --split-input-file --verify-diagnostics

// expected-error @+1 {{UN-C1: a weight has rank 2 (M, K) or 3 to 5 (O, I, k...), got rank 1}}
func.func private @rank(tensor<8xf32, #gs.unstructured>)

// -----

// expected-error @+1 {{UN-C1: dimension #1 of a weight must be static}}
func.func private @dynamic(tensor<8x?xf32, #gs.unstructured>)

// -----

// expected-error @+1 {{UN-C1: dimension #0 of a weight must be positive, got 0}}
func.func private @empty(tensor<0x8xf32, #gs.unstructured>)

// -----

// expected-error @+1 {{UN-C1: element type must be f16, bf16, f32, f64, i8, i16 or i32, not 'i1'}}
func.func private @element(tensor<8x8xi1, #gs.unstructured>)

// -----

// expected-error @+1 {{UN-C1: weight has more than 2^31 - 1 elements}}
func.func private @size(tensor<65536x32768xf32, #gs.unstructured>)

// -----

// The product of the extents does not overflow on the way.
// expected-error @+1 {{UN-C1: weight has more than 2^31 - 1 elements}}
func.func private @overflow(tensor<4294967296x4294967296xi8, #gs.unstructured>)

// -----

func.func @pruned_value() {
  // expected-error @+1 {{value at row 0, column 1 (channel-inner view) is not zero, but the mask prunes it; set it to zero or keep it}}
  %w = gs.constant dense<[[1.0, 2.0]]> : tensor<1x2xf32> mask dense<[[true, false]]> : tensor<1x2xi1> as tensor<1x2xf32, #gs.unstructured>
  return
}

// -----

func.func @lacks_buffer() {
  // expected-error @+1 {{lacks buffer 'indices'}}
  %c = gs.compressed_constant {offsets = dense<[0, 1]> : tensor<2xi32>, values = dense<1.0> : tensor<1xf32>}
         : !gs.compressed<tensor<1x4xf32, #gs.unstructured>, layout = split, index_space = column, index = i32>
  return
}

// -----

func.func @extra_buffer() {
  // expected-error @+1 {{has buffer 'row_order', which is not part of its storage}}
  %c = gs.compressed_constant {indices = dense<0> : tensor<1xi32>, offsets = dense<[0, 1]> : tensor<2xi32>,
                               row_order = dense<0> : tensor<1xi32>, values = dense<1.0> : tensor<1xf32>}
         : !gs.compressed<tensor<1x4xf32, #gs.unstructured>, layout = split, index_space = column, index = i32>
  return
}

// -----

func.func @index_width() {
  // expected-error @+1 {{buffer 'indices' has type 'tensor<1xi32>', expected 'tensor<1xi16>'}}
  %c = gs.compressed_constant {indices = dense<0> : tensor<1xi32>, offsets = dense<[0, 1]> : tensor<2xi32>, values = dense<1.0> : tensor<1xf32>}
         : !gs.compressed<tensor<1x4xf32, #gs.unstructured>, layout = split, index_space = column, index = i16>
  return
}

// -----

func.func @value_count() {
  // expected-error @+1 {{buffer 'values' has type 'tensor<1xf32>', expected 'tensor<2xf32>'}}
  %c = gs.compressed_constant {indices = dense<0> : tensor<2xi32>, offsets = dense<[0, 2]> : tensor<2xi32>, values = dense<1.0> : tensor<1xf32>}
         : !gs.compressed<tensor<1x4xf32, #gs.unstructured>, layout = split, index_space = column, index = i32>
  return
}

// -----

func.func @no_offsets() {
  // expected-error @+1 {{needs a non-empty i32 buffer 'offsets'}}
  %c = gs.compressed_constant {indices = dense<0> : tensor<1xi32>, values = dense<1.0> : tensor<1xf32>}
         : !gs.compressed<tensor<1x4xf32, #gs.unstructured>, layout = split, index_space = column, index = i32>
  return
}

// -----

func.func @offsets_start() {
  // expected-error @+1 {{offsets must start with 0, not 1}}
  %c = gs.compressed_constant {indices = dense<0> : tensor<1xi32>, offsets = dense<1> : tensor<2xi32>, values = dense<1.0> : tensor<1xf32>}
         : !gs.compressed<tensor<1x4xf32, #gs.unstructured>, layout = split, index_space = column, index = i32>
  return
}

// -----

func.func @offsets_fall() {
  // expected-error @+1 {{offsets fall from 2 to 1 at position 2}}
  %c = gs.compressed_constant {indices = dense<0> : tensor<1xi32>, offsets = dense<[0, 2, 1]> : tensor<3xi32>, values = dense<1.0> : tensor<1xf32>}
         : !gs.compressed<tensor<2x4xf32, #gs.unstructured>, layout = split, index_space = column, index = i32>
  return
}

// -----

func.func @offsets_negative() {
  // expected-error @+1 {{offsets must not be negative, but end with -1}}
  %c = gs.compressed_constant {indices = dense<0> : tensor<1xi32>, offsets = dense<[0, -1]> : tensor<2xi32>, values = dense<1.0> : tensor<1xf32>}
         : !gs.compressed<tensor<1x4xf32, #gs.unstructured>, layout = split, index_space = column, index = i32>
  return
}

// -----

func.func @no_elements() {
  // expected-error @+1 {{buffer 'values' must be an elements attribute}}
  %c = gs.compressed_constant {values = 1 : i32}
         : !gs.compressed<tensor<1x4xf32, #gs.unstructured>, layout = split, index_space = column, index = i32>
  return
}
