//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// #gs.kernel_group<gM x gN>: groups of kernels.
//
//===----------------------------------------------------------------------===//
#ifndef GS_PATTERNS_KERNEL_GROUP
#define GS_PATTERNS_KERNEL_GROUP

include "gs/Dialect/GS/IR/GSAttrBase.td"

def GS_KernelGroupAttr : GS_ProjectionAttr<"KernelGroup", "kernel_group"> {
  let summary = "Groups of gM filters x gN channels of kernels are kept or removed as a whole";
  let description = [{
    | label | constraint |
    |---|---|
    | VK-C1 | `gM` divides O and `gN` divides I |
    | VK-C2 | all `gM * gN * L` weights of a group of kernels are kept or removed (L kernel locations) |
    | CN-C2 | with `balanced`, every row of groups keeps the same number |

    `1x1` is connectivity pruning: single kernels. Equals tiles of `gM` rows and `gN * L` columns in the channel-outer
    view. Source: RT3D, arXiv 2007.09835.

    Storage as `#gs.block` of the same tile: `values[G][c][r]`, `block_cols[G]`, `offsets[rows of tiles + 1]`
    (r = gM, c = gN * L of the channel-outer view).

    ```mlir
    tensor<64x32x3x3xf32, #gs.kernel_group<4x4>>
    tensor<64x32x3x3xf32, #gs.kernel_group<1x1, balanced>>
    ```
  }];
  let parameters = (ins "int64_t":$filters, "int64_t":$channels, DefaultValuedParameter<"bool", "false">:$balanced);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
}

#endif // GS_PATTERNS_KERNEL_GROUP
