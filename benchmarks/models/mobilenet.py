# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""MobileNetV1 and MobileNetV2 (depthwise separable convolutions) for 224x224 images."""

from __future__ import annotations

import onnx
import numpy as np

from .builder import Builder
from .sparsity import Sparsifier


def _conv_bn(b: Builder, x: str, name: str, inputs: int, outputs: int, kernel: int, stride: int = 1,
             groups: int = 1, scale: float = 1.0, gain: float = 2.0) -> str:
    x = b.conv(x, f"{name}.conv", inputs, outputs, [kernel, kernel], strides=[stride, stride], groups=groups, gain=gain)
    return b.batch_norm(x, f"{name}.bn", outputs, scale)


def mobilenetv1(sparsifier: Sparsifier, small: bool = False, prune_classifier: bool = True) -> onnx.ModelProto:
    """MobileNetV1 1.0, input [1, 3, 224, 224]; small: [1, 3, 32, 32], half of the channels, 7 blocks."""
    blocks = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)] + [(512, 1)] * 5 + [(1024, 2), (1024, 1)]
    size, classes, width = (32, 10, 0.5) if small else (224, 1000, 1.0)
    if small:
        blocks = blocks[:7]
    b = Builder("mobilenetv1", sparsifier, prune_classifier=prune_classifier)
    x = b.input("input", [1, 3, size, size])
    channels = int(32 * width)
    x = b.relu(_conv_bn(b, x, "stem", 3, channels, 3, 2))
    for number, (outputs, stride) in enumerate(blocks):
        outputs = int(outputs * width)
        x = b.relu(_conv_bn(b, x, f"block{number}.depthwise", channels, channels, 3, stride, channels))
        x = b.relu(_conv_bn(b, x, f"block{number}.pointwise", channels, outputs, 1))
        channels = outputs
    x = b.add("Flatten", [b.add("GlobalAveragePool", [x])], axis=1)
    return b.finish(b.gemm(x, "fc", channels, classes))


def mobilenetv2(sparsifier: Sparsifier, small: bool = False, prune_classifier: bool = True) -> onnx.ModelProto:
    """MobileNetV2 1.0 with ReLU6, input [1, 3, 224, 224]; small: [1, 3, 32, 32], five blocks, a 128-channel head."""
    stages = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]
    size, classes, head = (32, 10, 128) if small else (224, 1000, 1280)
    if small:
        stages = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 2, 2)]
    b = Builder("mobilenetv2", sparsifier, prune_classifier=prune_classifier)
    low, high = b.scalar("relu6.min", 0.0), b.scalar("relu6.max", np.float32(6.0))

    def relu6(value: str) -> str:
        return b.add("Clip", [value, low, high])

    x = relu6(_conv_bn(b, b.input("input", [1, 3, size, size]), "stem", 3, 32, 3, 2))
    channels, number = 32, 0
    for expand, outputs, repeats, first_stride in stages:
        for repeat in range(repeats):
            stride, name, hidden, y = first_stride if repeat == 0 else 1, f"block{number}", channels * expand, x
            residual = stride == 1 and channels == outputs
            if expand != 1:
                y = relu6(_conv_bn(b, y, f"{name}.expand", channels, hidden, 1))
            y = relu6(_conv_bn(b, y, f"{name}.depthwise", hidden, hidden, 3, stride, hidden))
            y = _conv_bn(b, y, f"{name}.project", hidden, outputs, 1, scale=0.5 if residual else 1.0, gain=1.0)
            x = b.add("Add", [x, y], f"{name}.add") if residual else y
            channels, number = outputs, number + 1
    x = relu6(_conv_bn(b, x, "head", channels, head, 1))
    x = b.add("Flatten", [b.add("GlobalAveragePool", [x])], axis=1)
    return b.finish(b.gemm(x, "fc", head, classes))
