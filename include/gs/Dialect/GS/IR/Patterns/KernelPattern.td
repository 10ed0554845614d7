//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// #gs.kernel_pattern: shapes of 3x3 kernels.
//
//===----------------------------------------------------------------------===//
#ifndef GS_PATTERNS_KERNEL_PATTERN
#define GS_PATTERNS_KERNEL_PATTERN

include "gs/Dialect/GS/IR/GSAttrBase.td"

def GS_KernelPatternAttr : GS_ProjectionAttr<"KernelPattern", "kernel_pattern"> {
  let summary = "Every 3x3 kernel keeps one of a few shapes";
  let description = [{
    | label | constraint |
    |---|---|
    | KP-C1 | the kernel is 3x3 |
    | KP-C2 | every kept kernel keeps exactly the positions of one mask of the library |
    | KP-C3 | all masks have `entries` bits and are listed in ascending order; bit `3*i + j` is row i, column j |
    | GP-C1 | with `group = g`, g divides O |
    | GP-C2 | the g filters of a group have the same mask at each channel |
    | GP-C3 | with `connectivity`, kernels may be removed as a whole, in all filters of a group |

    Sources: PCONV, arXiv 1909.05073; PatDNN, arXiv 2001.07710.

    Storage (G kept kernels of groups, group by group, ascending masks, then ascending channels, so that the kernels of a mask
    are one loop):

    | buffer | shape | content |
    |---|---|---|
    | `values` | `[G][entries][g]` | weights by position, filters innermost |
    | `pattern_id` | `[G]`, i8 | number of the mask in the dictionary |
    | `channel` | `[G]`, i16 | input channel |
    | `offsets` | `[O/g + 1]`, i32 | running count of kernels |
    | `dictionary` | `[masks]`, i16 | the library |

    ```mlir
    tensor<64x32x3x3xf32, #gs.kernel_pattern<entries = 4, patterns = [27, 54, 216, 432]>>
    tensor<64x32x3x3xf32, #gs.kernel_pattern<entries = 4, patterns = [27, 54, 216, 432], group = 4, connectivity>>
    ```
  }];
  let parameters = (ins "int64_t":$entries, ArrayRefParameter<"int64_t">:$patterns, "int64_t":$group, "bool":$connectivity);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
}

#endif // GS_PATTERNS_KERNEL_PATTERN
