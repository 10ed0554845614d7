// RUN: gs-opt %s --split-input-file --verify-diagnostics | FileCheck %s
// RUN: gs-opt %s --split-input-file --verify-diagnostics --emit-bytecode -o /dev/null

// CHECK: func.func private @types(tensor<64x256xf32, #gs.bcr<16x64>>)
func.func private @types(tensor<64x256xf32, #gs.bcr<16x64>>)

// -----

// Rows 0 and 2, columns 0 and 2.
// CHECK-LABEL: func.func @constant
func.func @constant() -> tensor<3x3xi8, #gs.bcr<3x3>> {
  %w = gs.constant dense<[[1, 0, 2], [0, 0, 0], [3, 0, 4]]> : tensor<3x3xi8> as tensor<3x3xi8, #gs.bcr<3x3>>
  return %w : tensor<3x3xi8, #gs.bcr<3x3>>
}

// -----

// expected-error @+1 {{BR-C1: a block of 1024x1024 is not possible}}
func.func private @large(tensor<8x8xf32, #gs.bcr<1024x1024>>)

// -----

func.func @no_product() {
  // expected-error @+1 {{BR-C1: block row 0, block column 0 keeps 2 rows and 2 columns, but not their product; row 2, column 2 is pruned}}
  %w = gs.constant dense<[[1, 0, 2], [0, 0, 0], [3, 0, 0]]> : tensor<3x3xi8> as tensor<3x3xi8, #gs.bcr<3x3>>
  return
}
