# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""ResNet-18 and ResNet-50 (v1.5: the 3x3 convolution of a bottleneck carries the stride) for 224x224 images."""

from __future__ import annotations

import onnx

from .builder import Builder
from .sparsity import Sparsifier


def _conv_bn(b: Builder, x: str, name: str, inputs: int, outputs: int, kernel: int, stride: int = 1,
             scale: float = 1.0, gain: float = 2.0) -> str:
    x = b.conv(x, f"{name}.conv", inputs, outputs, [kernel, kernel], strides=[stride, stride], gain=gain)
    return b.batch_norm(x, f"{name}.bn", outputs, scale)


def _block(b: Builder, x: str, name: str, inputs: int, width: int, stride: int, bottleneck: bool) -> tuple[str, int]:
    """One residual block; the last batch norm is damped so that the sum over the blocks stays of one scale."""
    outputs = width * 4 if bottleneck else width
    if bottleneck:
        y = b.relu(_conv_bn(b, x, f"{name}.1", inputs, width, 1))
        y = b.relu(_conv_bn(b, y, f"{name}.2", width, width, 3, stride))
        y = _conv_bn(b, y, f"{name}.3", width, outputs, 1, scale=0.4, gain=1.0)
    else:
        y = b.relu(_conv_bn(b, x, f"{name}.1", inputs, width, 3, stride))
        y = _conv_bn(b, y, f"{name}.2", width, outputs, 3, scale=0.4, gain=1.0)
    if stride != 1 or inputs != outputs:
        x = _conv_bn(b, x, f"{name}.downsample", inputs, outputs, 1, stride, gain=1.0)
    return b.relu(b.add("Add", [y, x], f"{name}.add")), outputs


def _resnet(name: str, sparsifier: Sparsifier, depths: list[int], bottleneck: bool, small: bool,
            prune_classifier: bool) -> onnx.ModelProto:
    size, width, classes = (32, 16, 10) if small else (224, 64, 1000)
    if small:
        depths = [min(depth, 2) for depth in depths[:3]]
    b = Builder(name, sparsifier, prune_classifier=prune_classifier)
    x = b.input("input", [1, 3, size, size])
    x = b.conv(x, "stem.conv", 3, width, [7, 7], strides=[2, 2])
    x = b.relu(b.batch_norm(x, "stem.bn", width))
    x = b.add("MaxPool", [x], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    channels = width
    for stage, depth in enumerate(depths):
        for block in range(depth):
            stride = 2 if stage > 0 and block == 0 else 1
            x, channels = _block(b, x, f"layer{stage + 1}.{block}", channels, width << stage, stride, bottleneck)
    x = b.add("Flatten", [b.add("GlobalAveragePool", [x])], axis=1)
    return b.finish(b.gemm(x, "fc", channels, classes))


def resnet50(sparsifier: Sparsifier, small: bool = False, prune_classifier: bool = True) -> onnx.ModelProto:
    """ResNet-50, input [1, 3, 224, 224]; small: [1, 3, 32, 32], three stages, a quarter of the channels."""
    return _resnet("resnet50", sparsifier, [3, 4, 6, 3], True, small, prune_classifier)


def resnet18(sparsifier: Sparsifier, small: bool = False, prune_classifier: bool = True) -> onnx.ModelProto:
    """ResNet-18, input [1, 3, 224, 224]; small: [1, 3, 32, 32], three stages, a quarter of the channels."""
    return _resnet("resnet18", sparsifier, [2, 2, 2, 2], False, small, prune_classifier)
