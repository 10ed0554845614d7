# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""C3D: 3-D convolutions on clips of 16 frames (arXiv:1412.0767, figure 3)."""

from __future__ import annotations

import onnx

from .builder import Builder
from .sparsity import Sparsifier


def c3d(sparsifier: Sparsifier, small: bool = False, prune_classifier: bool = True) -> onnx.ModelProto:
    """C3D, eight 3x3x3 convolutions, three fully connected layers, 487 classes, input [1, 3, 16, 112, 112].

    small: an eighth of the channels, three convolutions, input [1, 3, 8, 24, 24].
    """
    size, frames, classes, hidden = (24, 8, 10, 64) if small else (112, 16, 487, 4096)
    # per stage: convolutions, channels, pooling window (frames, height, width)
    stages = [(1, 64, 1), (1, 128, 2), (2, 256, 2), (2, 512, 2), (2, 512, 2)]
    if small:
        stages = [(1, 8, 1), (2, 16, 2)]
    b = Builder("c3d", sparsifier, prune_classifier=prune_classifier)
    x, channels = b.input("input", [1, 3, frames, size, size]), 3
    for stage, (convolutions, width, depth) in enumerate(stages):
        for number in range(convolutions):
            x = b.relu(b.conv(x, f"conv{stage + 1}{'ab'[number]}", channels, width, [3, 3, 3], bias=True))
            channels = width
        last = stage + 1 == len(stages)
        pads = [0, 1, 1, 0, 1, 1] if last and not small else [0] * 6  # 7x7 becomes 4x4
        x = b.add("MaxPool", [x], kernel_shape=[depth, 2, 2], strides=[depth, 2, 2], pads=pads)
        frames, size = frames // depth, (size + pads[1] * 2) // 2
    x = b.add("Flatten", [x], axis=1)
    x = b.relu(b.gemm(x, "fc6", channels * frames * size * size, hidden, classifier=False))
    x = b.relu(b.gemm(x, "fc7", hidden, hidden, classifier=False))
    return b.finish(b.gemm(x, "fc8", hidden, classes))
