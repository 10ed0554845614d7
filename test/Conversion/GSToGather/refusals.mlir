// RUN: gs-opt %s --split-input-file --convert-gs-to-gather="machine=hexagon-hvx" --verify-diagnostics
// RUN: not gs-opt %S/Inputs/words.mlir --convert-gs-to-gather=machine=vax 2>&1 | FileCheck %s --check-prefix=MACHINE
// MACHINE: error: unknown machine 'vax'; use one of hexagon-hvx, aarch64-sve, riscv64-v

func.func @float(%x: tensor<32x1xf32>) -> tensor<32x1xf32> {
  %w = gs.constant dense<0.0> : tensor<32x32xf32> as tensor<32x32xf32, #gs.gather_scatter<banks = 32, width = 1>>
  %e = tensor.empty() : tensor<32x1xf32>
  // expected-error@+1 {{cannot run on hexagon-hvx: the machine does not gather elements of type f32}}
  %y = gs.matmul %w, %x outs(%e : tensor<32x1xf32>) : tensor<32x32xf32, #gs.gather_scatter<banks = 32, width = 1>>, tensor<32x1xf32> -> tensor<32x1xf32>
  return %y : tensor<32x1xf32>
}

// -----

func.func @banks(%x: tensor<32x1xi32>) -> tensor<32x1xi32> {
  %w = gs.constant dense<0> : tensor<32x32xi32> as tensor<32x32xi32, #gs.gather_scatter<banks = 12, width = 1>>
  %e = tensor.empty() : tensor<32x1xi32>
  // expected-error@+1 {{cannot run on hexagon-hvx: the pattern has 12 banks, a vector of the machine 32 lanes of this type; one must divide the other}}
  %y = gs.matmul %w, %x outs(%e : tensor<32x1xi32>) : tensor<32x32xi32, #gs.gather_scatter<banks = 12, width = 1>>, tensor<32x1xi32> -> tensor<32x1xi32>
  return %y : tensor<32x1xi32>
}

// -----

func.func @groups(%x: tensor<1x64x4xi32>) -> tensor<1x32x4xi32> {
  %w = gs.constant dense<0> : tensor<32x32x1xi32> as tensor<32x32x1xi32, #gs.gather_scatter<banks = 32, width = 1>>
  %e = tensor.empty() : tensor<1x32x4xi32>
  // expected-error@+1 {{cannot run on hexagon-hvx: grouped convolutions have no kernel}}
  %y = gs.conv %w, %x outs(%e : tensor<1x32x4xi32>) {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 0>, groups = 2 : i64} : tensor<32x32x1xi32, #gs.gather_scatter<banks = 32, width = 1>>, tensor<1x64x4xi32> -> tensor<1x32x4xi32>
  return %y : tensor<1x32x4xi32>
}

// -----

func.func @tiles(%x: tensor<64x1xi32>) -> tensor<32x1xi32> {
  %w = gs.constant dense<0> : tensor<32x64xi32> as tensor<32x64xi32, #gs.gather_scatter<banks = 32, width = 1, tile = 32x32>>
  %e = tensor.empty() : tensor<32x1xi32>
  // expected-error@+1 {{cannot run on hexagon-hvx: the tiles of its pattern have groups of their own, for which there is no kernel of gathers}}
  %y = gs.matmul %w, %x outs(%e : tensor<32x1xi32>) : tensor<32x64xi32, #gs.gather_scatter<banks = 32, width = 1, tile = 32x32>>, tensor<64x1xi32> -> tensor<32x1xi32>
  return %y : tensor<32x1xi32>
}

// -----

func.func @pattern(%x: tensor<32x1xi32>) -> tensor<32x1xi32> {
  %w = gs.constant dense<0> : tensor<32x32xi32> as tensor<32x32xi32, #gs.unstructured>
  %e = tensor.empty() : tensor<32x1xi32>
  // expected-error@+1 {{cannot run on hexagon-hvx: its weight is not of pattern #gs.gather_scatter, or such a one with permuted rows}}
  %y = gs.matmul %w, %x outs(%e : tensor<32x1xi32>) : tensor<32x32xi32, #gs.unstructured>, tensor<32x1xi32> -> tensor<32x1xi32>
  return %y : tensor<32x1xi32>
}

// -----

func.func @memory(%x: tensor<65536x1xi32>) -> tensor<32x1xi32> {
  %w = gs.constant dense<0> : tensor<32x65536xi32> as tensor<32x65536xi32, #gs.gather_scatter<banks = 32, width = 1>>
  %e = tensor.empty() : tensor<32x1xi32>
  // expected-error@+1 {{cannot run on hexagon-hvx: activations and sums of one output need 262400 bytes of tightly coupled memory, which has 262144}}
  %y = gs.matmul %w, %x outs(%e : tensor<32x1xi32>) : tensor<32x65536xi32, #gs.gather_scatter<banks = 32, width = 1>>, tensor<65536x1xi32> -> tensor<32x1xi32>
  return %y : tensor<32x1xi32>
}

// -----

func.func @reach(%x: tensor<40000x1xi16>) -> tensor<64x1xi16> {
  %w = gs.constant dense<0> : tensor<64x40000xi16> as tensor<64x40000xi16, #gs.gather_scatter<banks = 64, width = 1>>
  %e = tensor.empty() : tensor<64x1xi16>
  // expected-error@+1 {{cannot run on hexagon-hvx: its windows span 80000 bytes, of which offsets of 16 bits reach 65536}}
  %y = gs.matmul %w, %x outs(%e : tensor<64x1xi16>) : tensor<64x40000xi16, #gs.gather_scatter<banks = 64, width = 1>>, tensor<40000x1xi16> -> tensor<64x1xi16>
  return %y : tensor<64x1xi16>
}

// -----

func.func @more(%x: tensor<32x1xi32>) -> tensor<32x1xi32> {
  %w = gs.constant dense<0> : tensor<32x32xi32> as tensor<32x32xi32, #gs.gather_scatter<banks = 32, width = 1>>
  %e = tensor.empty() : tensor<32x1xi32>
  // expected-error@+1 {{cannot run on hexagon-hvx: function 'more' does more than this product of its argument; give the product a function of its own}}
  %y = gs.matmul %w, %x outs(%e : tensor<32x1xi32>) : tensor<32x32xi32, #gs.gather_scatter<banks = 32, width = 1>>, tensor<32x1xi32> -> tensor<32x1xi32>
  return %x : tensor<32x1xi32>
}
