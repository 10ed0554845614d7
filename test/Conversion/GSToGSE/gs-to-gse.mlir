// RUN: gs-opt %s --split-input-file --convert-gs-to-gse --verify-diagnostics
// RUN: not gs-opt %s --convert-gs-to-gse=machine=gse-fast 2>&1 | FileCheck %s --check-prefix=MACHINE
// RUN: not gs-opt %s --convert-gs-to-gse=accumulators=3 2>&1 | FileCheck %s --check-prefix=ACCUMULATORS

// MACHINE: error: unknown engine 'gse-fast'; use one of gse-inorder2, gse-inorder1
// ACCUMULATORS: error: accumulators = 3 is not possible; use 1, 2 or 4

func.func @pattern(%x: tensor<8x1xf16>, %e: tensor<4x1xf16>) -> tensor<4x1xf16> {
  %w = gs.constant dense<1.0> : tensor<4x8xf16> as tensor<4x8xf16, #gs.unstructured>
  // expected-error @+1 {{cannot run on gse-inorder2: its weight is not of pattern #gs.gather_scatter}}
  %y = gs.matmul %w, %x outs(%e : tensor<4x1xf16>) : tensor<4x8xf16, #gs.unstructured>, tensor<8x1xf16> -> tensor<4x1xf16>
  return %y : tensor<4x1xf16>
}

// -----

func.func @banks(%x: tensor<8x1xf32>, %e: tensor<1x1xf32>) -> tensor<1x1xf32> {
  %w = gs.constant dense<1.0> : tensor<1x8xf32> as tensor<1x8xf32, #gs.gather_scatter<banks = 8, width = 8>>
  // expected-error @+1 {{cannot run on gse-inorder2: the pattern has 8 banks, the machine 4 for this element type}}
  %y = gs.matmul %w, %x outs(%e : tensor<1x1xf32>)
         : tensor<1x8xf32, #gs.gather_scatter<banks = 8, width = 8>>, tensor<8x1xf32> -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

// -----

func.func @columns(%x: tensor<8x3xf16>, %e: tensor<1x3xf16>) -> tensor<1x3xf16> {
  %w = gs.constant dense<1.0> : tensor<1x8xf16> as tensor<1x8xf16, #gs.gather_scatter<banks = 8, width = 8>>
  // expected-error @+1 {{cannot run on gse-inorder2: it has 3 columns; there is a kernel for one}}
  %y = gs.matmul %w, %x outs(%e : tensor<1x3xf16>)
         : tensor<1x8xf16, #gs.gather_scatter<banks = 8, width = 8>>, tensor<8x3xf16> -> tensor<1x3xf16>
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
