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
  %w = gs.constant dense<0> : tensor<32x32xi32> as tensor<32x32xi32, #gs.gather_scatter<banks = 16, width = 1>>
  %e = tensor.empty() : tensor<32x1xi32>
  // expected-error@+1 {{cannot run on hexagon-hvx: the pattern has 16 banks, a vector of the machine 32 lanes of this type}}
  %y = gs.matmul %w, %x outs(%e : tensor<32x1xi32>) : tensor<32x32xi32, #gs.gather_scatter<banks = 16, width = 1>>, tensor<32x1xi32> -> tensor<32x1xi32>
  return %y : tensor<32x1xi32>
}

// -----

func.func @columns(%x: tensor<32x2xi32>) -> tensor<32x2xi32> {
  %w = gs.constant dense<0> : tensor<32x32xi32> as tensor<32x32xi32, #gs.gather_scatter<banks = 32, width = 1>>
  %e = tensor.empty() : tensor<32x2xi32>
  // expected-error@+1 {{cannot run on hexagon-hvx: it has 2 columns; only products with one vector gather}}
  %y = gs.matmul %w, %x outs(%e : tensor<32x2xi32>) : tensor<32x32xi32, #gs.gather_scatter<banks = 32, width = 1>>, tensor<32x2xi32> -> tensor<32x2xi32>
  return %y : tensor<32x2xi32>
}

// -----

func.func @pattern(%x: tensor<32x1xi32>) -> tensor<32x1xi32> {
  %w = gs.constant dense<0> : tensor<32x32xi32> as tensor<32x32xi32, #gs.unstructured>
  %e = tensor.empty() : tensor<32x1xi32>
  // expected-error@+1 {{cannot run on hexagon-hvx: its weight is not of pattern #gs.gather_scatter with rows in their order}}
  %y = gs.matmul %w, %x outs(%e : tensor<32x1xi32>) : tensor<32x32xi32, #gs.unstructured>, tensor<32x1xi32> -> tensor<32x1xi32>
  return %y : tensor<32x1xi32>
}

// -----

func.func @memory(%x: tensor<65536x1xi32>) -> tensor<32x1xi32> {
  %w = gs.constant dense<0> : tensor<32x65536xi32> as tensor<32x65536xi32, #gs.gather_scatter<banks = 32, width = 1>>
  %e = tensor.empty() : tensor<32x1xi32>
  // expected-error@+1 {{cannot run on hexagon-hvx: its activations need 262272 bytes of tightly coupled memory, which has 262144}}
  %y = gs.matmul %w, %x outs(%e : tensor<32x1xi32>) : tensor<32x65536xi32, #gs.gather_scatter<banks = 32, width = 1>>, tensor<65536x1xi32> -> tensor<32x1xi32>
  return %y : tensor<32x1xi32>
}

// -----

func.func @reach(%x: tensor<40000x1xi16>) -> tensor<64x1xi16> {
  %w = gs.constant dense<0> : tensor<64x40000xi16> as tensor<64x40000xi16, #gs.gather_scatter<banks = 64, width = 1>>
  %e = tensor.empty() : tensor<64x1xi16>
  // expected-error@+1 {{cannot run on hexagon-hvx: its activations take 80000 bytes, of which offsets of 16 bits reach 65536}}
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

// -----

// expected-error@+1 {{all tables of gathers take 327936 bytes of tightly coupled memory, which has 262144; convert the products in several modules}}
module {
func.func @a(%x: tensor<40960x1xi32>) -> tensor<32x1xi32> {
  %w = gs.constant dense<0> : tensor<32x40960xi32> as tensor<32x40960xi32, #gs.gather_scatter<banks = 32, width = 1>>
  %e = tensor.empty() : tensor<32x1xi32>
  %y = gs.matmul %w, %x outs(%e : tensor<32x1xi32>) : tensor<32x40960xi32, #gs.gather_scatter<banks = 32, width = 1>>, tensor<40960x1xi32> -> tensor<32x1xi32>
  return %y : tensor<32x1xi32>
}
func.func @b(%x: tensor<40960x1xi32>) -> tensor<32x1xi32> {
  %w = gs.constant dense<0> : tensor<32x40960xi32> as tensor<32x40960xi32, #gs.gather_scatter<banks = 32, width = 1>>
  %e = tensor.empty() : tensor<32x1xi32>
  %y = gs.matmul %w, %x outs(%e : tensor<32x1xi32>) : tensor<32x40960xi32, #gs.gather_scatter<banks = 32, width = 1>>, tensor<40960x1xi32> -> tensor<32x1xi32>
  return %y : tensor<32x1xi32>
}
}
