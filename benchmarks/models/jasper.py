# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Jasper 10x5 with dense residuals: an acoustic model of 1-D convolutions (arXiv:1904.03288, tables 1 and 2)."""

from __future__ import annotations

import onnx

from .builder import Builder
from .sparsity import Sparsifier


def jasper(sparsifier: Sparsifier, small: bool = False) -> onnx.ModelProto:
    """Jasper 10x5 DR, 333 million weights, batch norms folded into biases, input [1, 64, 400] (mel features x frames).

    small: 2 blocks of 2 convolutions, an eighth of the channels, input [1, 16, 62].

    A first convolution of stride 2; ten blocks of five convolutions, ReLU after each; the sum before the last ReLU of a
    block adds a 1x1 projection of the output of *every* earlier block (and of the first convolution); three last
    convolutions (dilation 2, then 1x1, then 1x1 to the 29 graphemes).
    """
    widths = [(256, 11), (256, 11), (384, 13), (384, 13), (512, 17), (512, 17), (640, 21), (640, 21), (768, 25), (768, 25)]
    features, frames, repeats, shrink = (16, 62, 2, 8) if small else (64, 400, 5, 1)
    if small:
        widths = widths[1:3]
    b = Builder("jasper", sparsifier)

    def conv(x: str, name: str, inputs: int, outputs: int, kernel: int, gain: float = 2.0, stride: int = 1,
             dilation: int = 1) -> str:
        return b.conv(x, name, inputs, outputs, [kernel], strides=[stride], dilations=[dilation], bias=True, gain=gain)

    channels = 256 // shrink
    x = b.relu(conv(b.input("input", [1, features, frames]), "first", features, channels, 11, stride=2))
    earlier = [(x, channels)]
    for number, (width, kernel) in enumerate(widths):
        width //= shrink
        for repeat in range(repeats - 1):
            x = b.relu(conv(x, f"block{number}.conv{repeat}", channels, width, kernel))
            channels = width
        x = conv(x, f"block{number}.conv{repeats - 1}", channels, width, kernel, gain=1.0)
        for source, (value, inputs) in enumerate(earlier):
            projected = conv(value, f"block{number}.residual{source}", inputs, width, 1, gain=1.0 / len(earlier))
            x = b.add("Add", [x, projected], f"block{number}.add{source}")
        x, channels = b.relu(x), width
        earlier.append((x, channels))
    x = b.relu(conv(x, "last0", channels, 896 // shrink, 29, dilation=2))
    x = b.relu(conv(x, "last1", 896 // shrink, 1024 // shrink, 1))
    return b.finish(conv(x, "graphemes", 1024 // shrink, 29, 1, gain=1.0))
