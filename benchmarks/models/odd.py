# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A tiny network of shapes that divide nothing evenly."""

from __future__ import annotations

import onnx

from .builder import Builder
from .sparsity import Sparsifier


def odd(sparsifier: Sparsifier, small: bool = False) -> onnx.ModelProto:
    """37 channels, 29x43 images, 7-wide kernels, asymmetric pads, stride 2, grouped and depthwise convolutions.

    `small` changes nothing: the network is tiny.
    """
    b = Builder("odd", sparsifier)
    x = b.input("input", [1, 5, 29, 43])
    x = b.relu(b.conv(x, "wide", 5, 37, [3, 7], pads=[1, 4, 0, 2], bias=True))
    skip = x
    x = b.relu(b.batch_norm(b.conv(x, "point", 37, 37, [1, 1]), "point.bn", 37))
    x = b.relu(b.conv(x, "depthwise", 37, 37, [3, 3], groups=37, bias=True))
    x = b.add("Add", [x, skip], "add")
    x = b.relu(b.conv(x, "strided", 37, 42, [7, 2], strides=[2, 2], pads=[3, 0, 2, 1], bias=True))
    x = b.relu(b.conv(x, "grouped", 42, 33, [3, 3], groups=3, pads=[0, 2, 1, 0], bias=True))
    x = b.relu(b.conv(x, "dilated", 33, 19, [3, 3], pads=[2, 3, 1, 2], dilations=[2, 3], strides=[1, 2], bias=True))
    x = b.add("AveragePool", [x], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 0, 0, 1], count_include_pad=0)
    x = b.add("Flatten", [b.add("GlobalAveragePool", [x])], axis=1)
    return b.finish(b.gemm(x, "fc", 19, 11))
