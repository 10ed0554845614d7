# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A temporal convolutional network: causal dilated 1-D convolutions with residual connections."""

from __future__ import annotations

import onnx

from .builder import Builder
from .sparsity import Sparsifier


def tcn(sparsifier: Sparsifier, small: bool = False) -> onnx.ModelProto:
    """Eight residual blocks of two k=3 convolutions, dilations 1, 2, 4, ..., 128, 256 channels, input [1, 64, 512].

    small: four blocks, 32 channels, input [1, 16, 61].  Causal: all padding lies before the sequence.
    """
    blocks, inputs, channels, length = (4, 16, 32, 61) if small else (8, 64, 256, 512)
    b = Builder("tcn", sparsifier)
    x = b.conv(b.input("input", [1, inputs, length]), "stem", inputs, channels, [1], bias=True, gain=1.0)
    for block in range(blocks):
        dilation = 1 << block

        def causal(value: str, name: str, gain: float) -> str:
            return b.conv(value, name, channels, channels, [3], pads=[2 * dilation, 0], dilations=[dilation],
                          bias=True, gain=gain)

        y = b.relu(causal(x, f"block{block}.conv1", 2.0))
        y = b.relu(causal(y, f"block{block}.conv2", 0.5))
        x = b.relu(b.add("Add", [x, y], f"block{block}.add"))
    return b.finish(b.conv(x, "head", channels, 32 if small else 64, [1], bias=True, gain=1.0))
