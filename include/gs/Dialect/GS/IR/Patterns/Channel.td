//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// #gs.channel: all weights of an input channel.
//
//===----------------------------------------------------------------------===//
#ifndef GS_PATTERNS_CHANNEL
#define GS_PATTERNS_CHANNEL

include "gs/Dialect/GS/IR/GSAttrBase.td"

def GS_ChannelAttr : GS_ProjectionAttr<"Channel", "channel"> {
  let summary = "Each input channel is kept or removed as a whole";
  let description = [{
    | label | constraint |
    |---|---|
    | CH-C1 | a channel `W[:,i,...]` is kept or removed as a whole |

    Sources: purification and removal of unused paths, arXiv 1905.00136; MEST, arXiv 2110.14032 (`channel`).

    Storage as `#gs.block` of the same tile: `values[G][c][r]`, `block_cols[G]`, `offsets[rows of tiles + 1]`
    (r = M, c = L of the channel-outer view: one tile per kept channel).

    ```mlir
    tensor<64x32x3x3xf32, #gs.channel>
    ```
  }];
}

#endif // GS_PATTERNS_CHANNEL
