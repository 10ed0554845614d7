//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// #gs.kgs<p x q>: kernel group structured sparsity, block-punched.
//
//===----------------------------------------------------------------------===//
#ifndef GS_PATTERNS_KGS
#define GS_PATTERNS_KGS

include "gs/Dialect/GS/IR/GSAttrBase.td"

def GS_KGSAttr : GS_ProjectionAttr<"KGS", "kgs"> {
  let summary = "Groups of p filters x q channels keep or remove their weights at each kernel location";
  let description = [{
    | label | constraint |
    |---|---|
    | KG-C1 | `p` divides O, `q` divides I, and there is more than one kernel location |
    | KG-C2 | the `p * q` weights of a group of p filters and q channels at one kernel location are kept or removed together; groups choose their locations independently |
    | KG-C3 | with `locations = m`, every group keeps exactly m locations |

    Block-punched pruning (YOLObile) is KGS on 2-D kernels. Equals `p x q` tiles of the channel-inner view that do not
    cross kernel locations. Source: RT3D, arXiv 2007.09835; YOLObile, arXiv 2009.05697.

    Storage as `#gs.block` of the same tile: `values[G][c][r]`, `block_cols[G]`, `offsets[rows of tiles + 1]`
    (r = p, c = q).

    ```mlir
    tensor<64x32x3x3xf32, #gs.kgs<8x4>>
    tensor<64x32x3x3xf32, #gs.kgs<8x4, locations = 4>>
    ```
  }];
  let parameters = (ins "int64_t":$filters, "int64_t":$channels, DefaultValuedParameter<"int64_t", "0">:$locations);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
}

#endif // GS_PATTERNS_KGS
