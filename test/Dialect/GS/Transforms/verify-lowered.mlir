// RUN: gs-opt %s --gs-verify-lowered --split-input-file --verify-diagnostics -o %t
// RUN: not gs-opt %s --gs-verify-lowered="bufferized=true" --split-input-file 2>&1 | FileCheck %s --check-prefix=BUFFERIZED

func.func @good(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %w = gs.constant dense<[[1.0, 0.0], [0.0, 2.0]]> : tensor<2x2xf32> as tensor<2x2xf32, #gs.unstructured>
  %e = tensor.empty() : tensor<2x3xf32>
  // BUFFERIZED: error: 'gs.constant' op result #0 is still a tensor ('tensor<2x2xf32, #gs.unstructured>') after bufferization
  // BUFFERIZED: error: 'gs.matmul' op operand #0 is still a tensor
  %y = gs.matmul %w, %x outs(%e : tensor<2x3xf32>) : tensor<2x2xf32, #gs.unstructured>, tensor<2x3xf32> -> tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}

// -----

func.func @operand(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %w = gs.constant dense<[[1.0, 0.0], [0.0, 2.0]]> : tensor<2x2xf32> as tensor<2x2xf32, #gs.unstructured>
  %z = arith.constant dense<0.0> : tensor<2x3xf32>
  // expected-error @+1 {{operand #0 carries a sparsity pattern ('tensor<2x2xf32, #gs.unstructured>'), which only gs ops understand; lower it with linalg-to-gs}}
  %y = linalg.matmul ins(%w, %x : tensor<2x2xf32, #gs.unstructured>, tensor<2x3xf32>) outs(%z : tensor<2x3xf32>) -> tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}

// -----

func.func @result() {
  // expected-error @+1 {{result #0 carries a sparsity pattern}}
  %w = arith.constant dense<1.0> : tensor<4x2xf32, #gs.block<4x1>>
  return
}

// -----

// expected-error @+1 {{block argument #1 carries a sparsity pattern}}
func.func @argument(%x: tensor<2x3xf32>, %w: tensor<4x2xf32, #gs.block<4x1>>) {
  return
}

// -----

// expected-error @+1 {{argument #0 carries a sparsity pattern}}
func.func private @external(tensor<4x2xf32, #gs.block<4x1>>)
