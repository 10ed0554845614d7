// RUN: gs-opt %s --split-input-file --verify-diagnostics

//===----------------------------------------------------------------------===//
// gs.constant
//===----------------------------------------------------------------------===//

func.func @constant_dense() {
  // expected-error @+1 {{result type needs a sparsity pattern as encoding; use arith.constant for a dense weight}}
  %w = gs.constant dense<1.0> : tensor<2x2xf32> as tensor<2x2xf32>
  return
}

// -----

func.func @constant_shape() {
  // expected-error @+1 {{values have type 'tensor<2x3xf32>' but the result is 'tensor<2x2xf32, #gs.unstructured>'}}
  %w = gs.constant dense<1.0> : tensor<2x3xf32> as tensor<2x2xf32, #gs.unstructured>
  return
}

// -----

func.func @constant_element_type() {
  // expected-error @+1 {{values have type 'tensor<2x2xf64>' but the result is}}
  %w = gs.constant dense<1.0> : tensor<2x2xf64> as tensor<2x2xf32, #gs.unstructured>
  return
}

// -----

func.func @constant_mask_type() {
  // expected-error @+1 {{mask must be an i1 tensor of the weight's shape, not 'tensor<2x2xi8>'}}
  %w = gs.constant dense<1.0> : tensor<2x2xf32> mask dense<1> : tensor<2x2xi8> as tensor<2x2xf32, #gs.unstructured>
  return
}

// -----

func.func @constant_mask_shape() {
  // expected-error @+1 {{mask must be an i1 tensor of the weight's shape, not 'tensor<4xi1>'}}
  %w = gs.constant dense<1.0> : tensor<2x2xf32> mask dense<true> : tensor<4xi1> as tensor<2x2xf32, #gs.unstructured>
  return
}

// -----

func.func @constant_mask_prunes_value() {
  // expected-error @+1 {{value at row 1, column 0 (channel-inner view) is not zero, but the mask prunes it}}
  %w = gs.constant dense<[[1.0, 0.0], [2.0, 3.0]]> : tensor<2x2xf32>
         mask dense<[[true, true], [false, true]]> : tensor<2x2xi1> as tensor<2x2xf32, #gs.unstructured>
  return
}

// -----

func.func @constant_pattern() {
  // expected-error @+1 {{BK-C2: block row 0, block column 0 keeps 1 weights, expected 0 or 2 (block 2x1); row 1, column 0 is pruned}}
  %w = gs.constant dense<[[1.0, 0.0], [0.0, 3.0]]> : tensor<2x2xf32> as tensor<2x2xf32, #gs.block<2x1>>
  return
}

// -----

//===----------------------------------------------------------------------===//
// gs.compressed_constant and gs.decompress
//===----------------------------------------------------------------------===//

func.func @compressed_no_elements() {
  // expected-error @+1 {{buffer 'offsets' must be an elements attribute}}
  %c = gs.compressed_constant {offsets = 3 : i32} : !gs.compressed<tensor<2x2xf32, #gs.unstructured>>
  return
}

// -----

func.func @compressed_lacks_buffer() {
  // expected-error @+1 {{lacks buffer 'values'}}
  %c = gs.compressed_constant {indices = dense<[0, 1]> : tensor<2xi32>, offsets = dense<[0, 1, 2]> : tensor<3xi32>}
         : !gs.compressed<tensor<2x2xf32, #gs.unstructured>>
  return
}

// -----

func.func @compressed_extra_buffer() {
  // expected-error @+1 {{has buffer 'more', which is not part of its storage}}
  %c = gs.compressed_constant {indices = dense<[0, 1]> : tensor<2xi32>, offsets = dense<[0, 1, 2]> : tensor<3xi32>,
                               more = dense<0> : tensor<1xi8>, values = dense<1.0> : tensor<2xf32>}
         : !gs.compressed<tensor<2x2xf32, #gs.unstructured>>
  return
}

// -----

func.func @compressed_buffer_type() {
  // expected-error @+1 {{buffer 'values' has type 'tensor<2xf64>', expected 'tensor<2xf32>'}}
  %c = gs.compressed_constant {indices = dense<[0, 1]> : tensor<2xi32>, offsets = dense<[0, 1, 2]> : tensor<3xi32>,
                               values = dense<1.0> : tensor<2xf64>}
         : !gs.compressed<tensor<2x2xf32, #gs.unstructured>>
  return
}

// -----

func.func @compressed_offsets_fall() {
  // expected-error @+1 {{offsets fall from 2 to 1 at position 2}}
  %c = gs.compressed_constant {indices = dense<[0]> : tensor<1xi32>, offsets = dense<[0, 2, 1]> : tensor<3xi32>,
                               values = dense<1.0> : tensor<1xf32>}
         : !gs.compressed<tensor<2x2xf32, #gs.unstructured>>
  return
}

// -----

func.func @compressed_offsets_type() {
  // expected-error @+1 {{needs a non-empty i32 buffer 'offsets'}}
  %c = gs.compressed_constant {indices = dense<[0]> : tensor<1xi32>, offsets = dense<[0, 1, 1]> : tensor<3xi64>,
                               values = dense<1.0> : tensor<1xf32>}
         : !gs.compressed<tensor<2x2xf32, #gs.unstructured>>
  return
}

// -----

func.func @compressed_column_out_of_range() {
  // expected-error @+1 {{index 7 of stored weight 1 in row 1 names no column}}
  %c = gs.compressed_constant {indices = dense<[0, 7]> : tensor<2xi32>, offsets = dense<[0, 1, 2]> : tensor<3xi32>,
                               values = dense<1.0> : tensor<2xf32>}
         : !gs.compressed<tensor<2x2xf32, #gs.unstructured>>
  return
}

// -----

func.func @compressed_column_negative() {
  // expected-error @+1 {{in row 0 names no column}}
  %c = gs.compressed_constant {indices = dense<[-1, 1]> : tensor<2xi32>, offsets = dense<[0, 1, 2]> : tensor<3xi32>,
                               values = dense<1.0> : tensor<2xf32>}
         : !gs.compressed<tensor<2x2xf32, #gs.unstructured>>
  return
}

// -----

func.func @decompress_activation_space(%c: !gs.compressed<tensor<2x2xf32, #gs.unstructured>, index_space = activation>) {
  // expected-error @+1 {{can only unpack a weight whose index space is 'column', not 'activation'}}
  %w = gs.decompress %c : !gs.compressed<tensor<2x2xf32, #gs.unstructured>, index_space = activation> to tensor<2x2xf32>
  return
}

// -----

func.func @decompress_type(%c: !gs.compressed<tensor<2x2xf32, #gs.unstructured>>) {
  // expected-error @+1 {{result must be the dense tensor of shape and element type of 'tensor<2x2xf32, #gs.unstructured>'}}
  %w = gs.decompress %c : !gs.compressed<tensor<2x2xf32, #gs.unstructured>> to tensor<2x3xf32>
  return
}

// -----

//===----------------------------------------------------------------------===//
// gs.matmul
//===----------------------------------------------------------------------===//

func.func @matmul_weight_rank(%w: tensor<4x3x1xf32>, %x: tensor<3x5xf32>, %e: tensor<4x5xf32>) {
  // expected-error @+1 {{weight must have rank 2 (M x K), got rank 3}}
  %y = gs.matmul %w, %x outs(%e : tensor<4x5xf32>) : tensor<4x3x1xf32>, tensor<3x5xf32> -> tensor<4x5xf32>
  return
}

// -----

func.func @matmul_input_rank(%w: tensor<4x3xf32>, %x: tensor<3xf32>, %e: tensor<4xf32>) {
  // expected-error @+1 {{input and result must have the same rank of at least 2, got 'tensor<3xf32>' and 'tensor<4xf32>'}}
  %y = gs.matmul %w, %x outs(%e : tensor<4xf32>) : tensor<4x3xf32>, tensor<3xf32> -> tensor<4xf32>
  return
}

// -----

func.func @matmul_columns(%w: tensor<4x3xf32>, %x: tensor<2x5xf32>, %e: tensor<4x5xf32>) {
  // expected-error @+1 {{input has 2 rows but the weight has 3 columns}}
  %y = gs.matmul %w, %x outs(%e : tensor<4x5xf32>) : tensor<4x3xf32>, tensor<2x5xf32> -> tensor<4x5xf32>
  return
}

// -----

func.func @matmul_result(%w: tensor<4x3xf32>, %x: tensor<3x5xf32>, %e: tensor<4x6xf32>) {
  // expected-error @+1 {{result must have shape (batch..., 4, 5), got 'tensor<4x6xf32>'}}
  %y = gs.matmul %w, %x outs(%e : tensor<4x6xf32>) : tensor<4x3xf32>, tensor<3x5xf32> -> tensor<4x6xf32>
  return
}

// -----

func.func @matmul_zero_columns(%w: tensor<4x3xf32>, %x: tensor<3x0xf32>, %e: tensor<4x0xf32>) {
  // expected-error @+1 {{extents of the input must be from 1 to 2^31 - 1, got 0}}
  %y = gs.matmul %w, %x outs(%e : tensor<4x0xf32>) : tensor<4x3xf32>, tensor<3x0xf32> -> tensor<4x0xf32>
  return
}

// -----

func.func @matmul_zero_depth(%w: tensor<4x0xf32>, %x: tensor<0x5xf32>, %e: tensor<4x5xf32>) {
  // expected-error @+1 {{extents of the weight must be from 1 to 2^31 - 1, got 0}}
  %y = gs.matmul %w, %x outs(%e : tensor<4x5xf32>) : tensor<4x0xf32>, tensor<0x5xf32> -> tensor<4x5xf32>
  return
}

// -----

func.func @matmul_dynamic(%w: tensor<4x3xf32>, %x: tensor<3x?xf32>, %e: tensor<4x?xf32>) {
  // expected-error @+1 {{needs static shapes, got 'tensor<3x?xf32>'}}
  %y = gs.matmul %w, %x outs(%e : tensor<4x?xf32>) : tensor<4x3xf32>, tensor<3x?xf32> -> tensor<4x?xf32>
  return
}

// -----

func.func @matmul_element_types(%w: tensor<4x3xf64>, %x: tensor<3x5xf32>, %e: tensor<4x5xf32>) {
  // expected-error @+1 {{weight, input and result must have one element type, but the weight has 'f64' and an activation is 'tensor<3x5xf32>'}}
  %y = gs.matmul %w, %x outs(%e : tensor<4x5xf32>) : tensor<4x3xf64>, tensor<3x5xf32> -> tensor<4x5xf32>
  return
}

// -----

func.func @matmul_mixed(%w: tensor<4x3xf32>, %x: memref<3x5xf32>, %e: tensor<4x5xf32>) {
  // expected-error @+1 {{must have either only tensors or only memrefs as activations}}
  %y = gs.matmul %w, %x outs(%e : tensor<4x5xf32>) : tensor<4x3xf32>, memref<3x5xf32> -> tensor<4x5xf32>
  return
}

// -----

func.func @matmul_encoded_input(%w: tensor<4x3xf32>, %x: tensor<3x5xf32, #gs.unstructured>, %e: tensor<4x5xf32>) {
  // expected-error @+1 {{input is the dense operand and must not carry an encoding, got 'tensor<3x5xf32, #gs.unstructured>'}}
  %y = gs.matmul %w, %x outs(%e : tensor<4x5xf32>) : tensor<4x3xf32>, tensor<3x5xf32, #gs.unstructured> -> tensor<4x5xf32>
  return
}

// -----

func.func @matmul_no_result(%w: tensor<4x3xf32>, %x: tensor<3x5xf32>, %e: tensor<4x5xf32>) {
  // expected-error @+1 {{needs one result with tensor operands}}
  gs.matmul %w, %x outs(%e : tensor<4x5xf32>) : tensor<4x3xf32>, tensor<3x5xf32>
  return
}

// -----

func.func @matmul_memref_result(%w: memref<4x3xf32>, %x: memref<3x5xf32>, %e: memref<4x5xf32>) {
  // expected-error @+1 {{has no result with memref operands}}
  %y = gs.matmul %w, %x outs(%e : memref<4x5xf32>) : memref<4x3xf32>, memref<3x5xf32> -> tensor<4x5xf32>
  return
}

// -----

func.func @matmul_result_type(%w: tensor<4x3xf32>, %x: tensor<3x5xf32>, %e: tensor<4x5xf32>) {
  // expected-error @+1 {{result type 'tensor<5x4xf32>' differs from the type of outs 'tensor<4x5xf32>'}}
  %y = gs.matmul %w, %x outs(%e : tensor<4x5xf32>) : tensor<4x3xf32>, tensor<3x5xf32> -> tensor<5x4xf32>
  return
}

// -----

//===----------------------------------------------------------------------===//
// Epilogues
//===----------------------------------------------------------------------===//

func.func @epilogue_operand(%w: tensor<4x3xf32>, %x: tensor<3x5xf32>, %e: tensor<4x5xf32>, %b: tensor<5xf32>) {
  // expected-error @+1 {{epilogue operand #0 of type 'tensor<5xf32>' must have the result's shape, shape [4], or rank 0}}
  %y = gs.matmul %w, %x epilogue(%b : tensor<5xf32>) outs(%e : tensor<4x5xf32>)
         : tensor<4x3xf32>, tensor<3x5xf32> -> tensor<4x5xf32> {
  ^bb0(%s: f32, %t: f32):
    gs.yield %s : f32
  }
  return
}

// -----

func.func @epilogue_mixed(%w: memref<4x3xf32>, %x: memref<3x5xf32>, %e: memref<4x5xf32>, %b: tensor<4xf32>) {
  // expected-error @+1 {{must have either only tensors or only memrefs as activations}}
  gs.matmul %w, %x epilogue(%b : tensor<4xf32>) outs(%e : memref<4x5xf32>) : memref<4x3xf32>, memref<3x5xf32> {
  ^bb0(%s: f32, %t: f32):
    gs.yield %s : f32
  }
  return
}

// -----

func.func @epilogue_no_region(%w: tensor<4x3xf32>, %x: tensor<3x5xf32>, %e: tensor<4x5xf32>, %b: tensor<4xf32>) {
  // expected-error @+1 {{has epilogue operands but no epilogue region}}
  %y = gs.matmul %w, %x epilogue(%b : tensor<4xf32>) outs(%e : tensor<4x5xf32>)
         : tensor<4x3xf32>, tensor<3x5xf32> -> tensor<4x5xf32>
  return
}

// -----

func.func @epilogue_arguments(%w: tensor<4x3xf32>, %x: tensor<3x5xf32>, %e: tensor<4x5xf32>, %b: tensor<4xf32>) {
  // expected-error @+1 {{epilogue region needs 2 arguments (the sum and one per epilogue operand), has 1}}
  %y = gs.matmul %w, %x epilogue(%b : tensor<4xf32>) outs(%e : tensor<4x5xf32>)
         : tensor<4x3xf32>, tensor<3x5xf32> -> tensor<4x5xf32> {
  ^bb0(%s: f32):
    gs.yield %s : f32
  }
  return
}

// -----

func.func @epilogue_sum_type(%w: tensor<4x3xf32>, %x: tensor<3x5xf32>, %e: tensor<4x5xf32>) {
  // expected-error @+1 {{first epilogue argument must be 'f32'}}
  %y = gs.matmul %w, %x outs(%e : tensor<4x5xf32>) : tensor<4x3xf32>, tensor<3x5xf32> -> tensor<4x5xf32> {
  ^bb0(%s: f64):
    gs.yield %s : f64
  }
  return
}

// -----

func.func @epilogue_argument_type(%w: tensor<4x3xf32>, %x: tensor<3x5xf32>, %e: tensor<4x5xf32>, %b: tensor<4xi32>) {
  // expected-error @+1 {{epilogue argument #1 must be 'i32'}}
  %y = gs.matmul %w, %x epilogue(%b : tensor<4xi32>) outs(%e : tensor<4x5xf32>)
         : tensor<4x3xf32>, tensor<3x5xf32> -> tensor<4x5xf32> {
  ^bb0(%s: f32, %t: f32):
    gs.yield %s : f32
  }
  return
}

// -----

func.func @epilogue_yield_type(%w: tensor<4x3xf32>, %x: tensor<3x5xf32>, %e: tensor<4x5xf32>) {
  // expected-error @+1 {{epilogue region must end in gs.yield of 'f32'}}
  %y = gs.matmul %w, %x outs(%e : tensor<4x5xf32>) : tensor<4x3xf32>, tensor<3x5xf32> -> tensor<4x5xf32> {
  ^bb0(%s: f32):
    %t = arith.extf %s : f32 to f64
    gs.yield %t : f64
  }
  return
}

// -----

func.func @epilogue_no_yield(%w: tensor<4x3xf32>, %x: tensor<3x5xf32>, %e: tensor<4x5xf32>) {
  // expected-error @+1 {{epilogue region must end in gs.yield of 'f32'}}
  %y = gs.matmul %w, %x outs(%e : tensor<4x5xf32>) : tensor<4x3xf32>, tensor<3x5xf32> -> tensor<4x5xf32> {
  ^bb0(%s: f32):
    %t = arith.addf %s, %s : f32
  }
  return
}

// -----

func.func @epilogue_outside(%w: tensor<4x3xf32>, %x: tensor<3x5xf32>, %e: tensor<4x5xf32>, %v: f32) {
  // expected-error @+1 {{epilogue region uses a value from outside that is no constant; pass it as an epilogue operand}}
  %y = gs.matmul %w, %x outs(%e : tensor<4x5xf32>) : tensor<4x3xf32>, tensor<3x5xf32> -> tensor<4x5xf32> {
  ^bb0(%s: f32):
    %t = arith.addf %s, %v : f32
    gs.yield %t : f32
  }
  return
}

// -----

func.func @epilogue_op(%w: tensor<4x3xf32>, %x: tensor<3x5xf32>, %e: tensor<4x5xf32>) {
  // expected-error @+1 {{epilogue region may hold element-wise arithmetic only, not func.call}}
  %y = gs.matmul %w, %x outs(%e : tensor<4x5xf32>) : tensor<4x3xf32>, tensor<3x5xf32> -> tensor<4x5xf32> {
  ^bb0(%s: f32):
    %t = func.call @f(%s) : (f32) -> f32
    gs.yield %t : f32
  }
  return
}
func.func private @f(f32) -> f32

// -----

func.func @epilogue_tensor(%w: tensor<4x3xf32>, %x: tensor<3x5xf32>, %e: tensor<4x5xf32>) {
  // expected-error @+1 {{epilogue region works on scalars, but arith.constant gives 'tensor<4xf32>'}}
  %y = gs.matmul %w, %x outs(%e : tensor<4x5xf32>) : tensor<4x3xf32>, tensor<3x5xf32> -> tensor<4x5xf32> {
  ^bb0(%s: f32):
    %t = arith.constant dense<1.0> : tensor<4xf32>
    gs.yield %s : f32
  }
  return
}

// -----

func.func @epilogue_two_blocks(%w: tensor<4x3xf32>, %x: tensor<3x5xf32>, %e: tensor<4x5xf32>) {
  // expected-error @+1 {{expects region #0 to have 0 or 1 blocks}}
  %y = gs.matmul %w, %x outs(%e : tensor<4x5xf32>) : tensor<4x3xf32>, tensor<3x5xf32> -> tensor<4x5xf32> {
  ^bb0(%s: f32):
    cf.br ^bb1
  ^bb1:
    gs.yield %s : f32
  }
  return
}

// -----

func.func @yield_parent(%x: f32) {
  // expected-error @+1 {{expects parent op to be one of 'gs.matmul, gs.conv'}}
  gs.yield %x : f32
}

// -----

//===----------------------------------------------------------------------===//
// #gs.strategy
//===----------------------------------------------------------------------===//

// expected-error @+1 {{strategy parameter "nr" must be an i64 integer, not 2 : i8}}
func.func private @strategy_width() attributes {s = #gs.strategy<"dense-tile", {nr = 2 : i8}>}

// -----

// expected-error @+1 {{strategy parameter "nr" must be an i64 integer, not "two"}}
func.func private @strategy_string() attributes {s = #gs.strategy<"dense-tile", {nr = "two"}>}

// -----

// expected-error @+1 {{strategy parameter "nr" must be an i64 integer, not unit}}
func.func private @strategy_unit() attributes {s = #gs.strategy<"dense-tile", {nr}>}

// -----

// expected-error @+1 {{strategy parameter "nr" must be an i64 integer, not 2 : ui64}}
func.func private @strategy_unsigned() attributes {s = #gs.strategy<"dense-tile", {nr = 2 : ui64}>}

// -----

// expected-error @+1 {{a strategy needs a name}}
func.func private @strategy_name() attributes {s = #gs.strategy<"">}
