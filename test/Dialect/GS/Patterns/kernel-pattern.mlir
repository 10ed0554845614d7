// RUN: gs-opt %s --split-input-file --verify-diagnostics | FileCheck %s
// RUN: gs-opt %s --split-input-file --verify-diagnostics --emit-bytecode -o /dev/null

// The library is sorted; defaults are not printed.
// CHECK: func.func private @types(tensor<8x4x3x3xf32, #gs.kernel_pattern<entries = 4, patterns = [27, 54]>>,
// CHECK-SAME: tensor<8x4x3x3xf16, #gs.kernel_pattern<entries = 4, patterns = [27, 54], group = 4, connectivity>>)
func.func private @types(tensor<8x4x3x3xf32, #gs.kernel_pattern<entries = 4, patterns = [54, 27]>>,
                         tensor<8x4x3x3xf16, #gs.kernel_pattern<entries = 4, patterns = [27, 54], group = 4, connectivity>>)

// -----

// CHECK-LABEL: func.func @constant
func.func @constant() -> tensor<1x2x3x3xi8, #gs.kernel_pattern<entries = 2, patterns = [3, 24]>> {
  %w = gs.constant dense<[[[[1, 2, 0], [0, 0, 0], [0, 0, 0]], [[0, 0, 0], [3, 4, 0], [0, 0, 0]]]]> : tensor<1x2x3x3xi8>
         as tensor<1x2x3x3xi8, #gs.kernel_pattern<entries = 2, patterns = [3, 24]>>
  return %w : tensor<1x2x3x3xi8, #gs.kernel_pattern<entries = 2, patterns = [3, 24]>>
}

// -----

// expected-error @+1 {{KP-C1: the kernel must be 3x3 (O, I, 3, 3)}}
func.func private @kernel(tensor<8x8x5x5xf32, #gs.kernel_pattern<entries = 4, patterns = [27]>>)

// -----

// expected-error @+1 {{KP-C3: mask 27 does not keep 5 of 9 positions}}
func.func private @entries(tensor<8x8x3x3xf32, #gs.kernel_pattern<entries = 5, patterns = [27]>>)

// -----

// expected-error @+1 {{KP-C3: mask 27 is listed twice}}
func.func private @twice(tensor<8x8x3x3xf32, #gs.kernel_pattern<entries = 4, patterns = [27, 27]>>)

// -----

// expected-error @+1 {{KP-C3: a library of 0 masks is not possible; 1 to 255}}
func.func private @no_masks(tensor<8x8x3x3xf32, #gs.kernel_pattern<entries = 4, patterns = []>>)

// -----

// expected-error @+1 {{GP-C1: groups of 3 do not divide 8 filters}}
func.func private @group(tensor<8x8x3x3xf32, #gs.kernel_pattern<entries = 4, patterns = [27], group = 3>>)

// -----

// expected-error @+1 {{GP-C1: groups of 0 filters are not possible}}
func.func private @no_group(tensor<8x8x3x3xf32, #gs.kernel_pattern<entries = 4, patterns = [27], group = 0>>)

// -----

func.func @group_disagrees() {
  // expected-error @+1 {{GP-C2: kernel of filter 1, channel 0 keeps mask 24, but filter 0 of its group 0 keeps 3}}
  %w = gs.constant dense<[[[[1, 2, 0], [0, 0, 0], [0, 0, 0]]], [[[0, 0, 0], [3, 4, 0], [0, 0, 0]]]]> : tensor<2x1x3x3xi8>
         as tensor<2x1x3x3xi8, #gs.kernel_pattern<entries = 2, patterns = [3, 24], group = 2>>
  return
}

// -----

func.func @removed_kernel() {
  // expected-error @+1 {{KP-C2: kernel of filter 0, channel 1 keeps mask 0 (0 weights, expected 2), which is not in the library}}
  %w = gs.constant dense<[[[[1, 2, 0], [0, 0, 0], [0, 0, 0]], [[0, 0, 0], [0, 0, 0], [0, 0, 0]]]]> : tensor<1x2x3x3xi8>
         as tensor<1x2x3x3xi8, #gs.kernel_pattern<entries = 2, patterns = [3, 24]>>
  return
}
