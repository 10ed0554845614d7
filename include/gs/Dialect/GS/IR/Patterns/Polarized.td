//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// #gs.polarized<n>: fragments of one sign.
//
//===----------------------------------------------------------------------===//
#ifndef GS_PATTERNS_POLARIZED
#define GS_PATTERNS_POLARIZED

include "gs/Dialect/GS/IR/GSAttrBase.td"

def GS_PolarizedAttr : GS_ProjectionAttr<"Polarized", "polarized"> {
  let summary = "The weights of n consecutive inputs of an output have one sign";
  let description = [{
    | label | constraint |
    |---|---|
    | PF-C1 | each aligned run (fragment) of `n` inputs of one output has weights of one sign; zeros are free; `1 <= n <= 65536` |

    In the sub-columns of a resistive crossbar one sign per fragment saves the second array. The axis order in which inputs are
    counted is not confirmed by public sources; it is channel-inner unless `view = channel_outer` is given. The sign of a NaN is
    that of its sign bit. Source: FORMS, arXiv 2106.09144.

    Storage (row by row, fragment by fragment):

    | buffer | shape | content |
    |---|---|---|
    | `magnitude` | `[M][ceil(K/n)][n]` | weights without sign, in the order of the view; +0 where pruned or outside of the weight |
    | `signs` | bytes | one bit per fragment, low bits first: 1 = negative |
    | `kept` | bytes | one bit per magnitude: 1 = kept |

    A float zero whose sign is not that of its fragment has magnitude -0, so that nothing is lost. There is no column index, so
    the index space is `column`.

    ```mlir
    tensor<64x256xf32, #gs.polarized<8>>
    tensor<64x32x3x3xf32, #gs.polarized<8, view = channel_outer>>
    ```
  }];
  let parameters = (ins "int64_t":$n, "bool":$outer);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
}

#endif // GS_PATTERNS_POLARIZED
