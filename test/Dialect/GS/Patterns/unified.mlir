// RUN: gs-opt %s --split-input-file --verify-diagnostics | FileCheck %s
// RUN: gs-opt %s --split-input-file --verify-diagnostics --emit-bytecode -o /dev/null

// CHECK: func.func private @types(tensor<64x256xf32, #gs.unified<4x4>>, tensor<8x8x3x3xf16, #gs.unified<2x9, view = channel_outer>>)
func.func private @types(tensor<64x256xf32, #gs.unified<4x4>>, tensor<8x8x3x3xf16, #gs.unified<2x9, view = channel_outer>>)

// -----

// A unified block, a pruned one, a free one.
// CHECK-LABEL: func.func @constant
func.func @constant() -> tensor<2x6xi8, #gs.unified<2x2>> {
  %w = gs.constant dense<[[3, -3, 0, 0, 1, 2], [-3, 3, 0, 0, 0, 4]]> : tensor<2x6xi8> as tensor<2x6xi8, #gs.unified<2x2>>
  return %w : tensor<2x6xi8, #gs.unified<2x2>>
}

// -----

// expected-error @+1 {{UM-C1: }}
func.func private @size(tensor<8x8xf32, #gs.unified<0x4>>)

// -----

// expected-error @+1 {{a micro-block is written as rows x columns, such as #gs.unified<4x4>; got 1 extent(s)}}
func.func private @extents(tensor<8x8xf32, #gs.unified<4>>)

// -----

// expected-error @+1 {{UM-C2: a weight has rank 2}}
func.func private @rank(tensor<8xf32, #gs.unified<4x4>>)
