# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Layers of the three networks of the paper, each shape once with how often it occurs, and those of an ONNX file.

GNMT: products with one vector, those of one time step (8 layers each in encoder and decoder, the first of the encoder
in both directions; the decoder and the second layer of the encoder read 2048 values).  ResNet-50 (v1.5): one image of
224 x 224.  Jasper 10x5 with dense residuals: 400 frames, 200 after the first convolution.  Batch sizes, frames and the
counting are ours; the paper does not say.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .tiles import Shape

WEIGHTS = ("equal", "uneven")  # rows of the synthetic weights


@dataclass(frozen=True)
class Layer:
    """A shape of a network, how often it occurs, and whether it stays dense."""

    network: str
    name: str
    shape: Shape
    count: int = 1
    dense: bool = False
    matrix: Callable[[], np.ndarray] | None = None  # of an ONNX file

    def weight(self, kind: str) -> np.ndarray:
        """The weight matrix `[rows, cols]`, channels fastest; synthetic ones are seeded by the name.

        "equal": Gaussian.  "uneven": rows and columns of different scale (lognormal, 0.5 and 0.25), as
        benchmarks.kept_energy has them.
        """
        if self.matrix is not None:
            return self.matrix()
        random = np.random.default_rng(zlib.crc32(f"{self.network}/{self.name}".encode()))
        weight = random.standard_normal((self.shape.rows, self.shape.cols), dtype=np.float32)
        if kind == "uneven":
            rows = random.lognormal(0, 0.5, (self.shape.rows, 1)).astype(np.float32)
            weight *= rows * random.lognormal(0, 0.25, (1, self.shape.cols)).astype(np.float32)
        return weight


def _gnmt() -> list[Layer]:
    return [
        Layer("gnmt", "attention 1024x1024", Shape(1024, 1024), 2),
        Layer("gnmt", "gates 4096x1024", Shape(4096, 1024), 25),
        Layer("gnmt", "gates 4096x2048", Shape(4096, 2048), 9),
    ]


def _count(network: str, shapes: list[tuple[str, Shape, bool]]) -> list[Layer]:
    return [Layer(network, name, shape, number, dense) for (name, shape, dense), number in Counter(shapes).items()]


def _resnet() -> list[Layer]:
    def conv(inputs: int, outputs: int, kernel: int, plane: int, stride: int = 1) -> tuple[str, Shape, bool]:
        padded = plane + 2 * (kernel // 2)
        name = f"{kernel}x{kernel} {inputs}-{outputs} on {plane}" + (f" stride {stride}" if stride > 1 else "")
        return name, Shape(outputs, inputs, (kernel, kernel), (padded, padded), (stride, stride)), inputs < 8

    found = [conv(3, 64, 7, 224, 2)]
    inputs, plane = 64, 56
    for stage, (width, blocks) in enumerate(((64, 3), (128, 4), (256, 6), (512, 3))):
        for block in range(blocks):
            stride = 2 if stage and not block else 1
            found += [conv(inputs, width, 1, plane), conv(width, width, 3, plane, stride)]
            if not block:
                found.append(conv(inputs, 4 * width, 1, plane, stride))
            plane //= stride
            found.append(conv(width, 4 * width, 1, plane))
            inputs = 4 * width
    return _count("resnet50", [*found, ("classifier 1000x2048", Shape(1000, 2048), False)])


def _jasper() -> list[Layer]:
    def conv(inputs: int, outputs: int, kernel: int, frames: int = 200, stride: int = 1, dilation: int = 1):
        size = frames + (kernel - 1) * dilation
        name = f"{kernel} {inputs}-{outputs}" + (f" stride {stride}" if stride > 1 else "")
        name += f" dilation {dilation}" if dilation > 1 else ""
        return name, Shape(outputs, inputs, (1, kernel), (1, size), (1, stride), (1, dilation)), False

    found = [conv(64, 256, 11, 400, 2)]
    channels, earlier = 256, [256]
    for width, kernel in ((256, 11), (384, 13), (512, 17), (640, 21), (768, 25)):
        for _ in range(2):
            found += [conv(channels, width, kernel), *[conv(width, width, kernel)] * 4]
            found += [conv(each, width, 1) for each in earlier]
            channels = width
            earlier.append(width)
    found += [conv(768, 896, 29, dilation=2), conv(896, 1024, 1), conv(1024, 29, 1)]
    return _count("jasper", found)


def networks() -> list[Layer]:
    """Every distinct layer of GNMT, ResNet-50 and Jasper 10x5."""
    return _gnmt() + _resnet() + _jasper()


def of_model(path: Path) -> list[Layer]:
    """Layers of an ONNX file with a constant weight; ValueError if there is none.

    Convolutions of one or two dimensions without groups, Gemm and MatMul (products with one vector if they have one
    row). Shapes have to be static.
    """
    import onnx  # pylint: disable=import-outside-toplevel

    try:
        model = onnx.shape_inference.infer_shapes(onnx.load(path))
    except OSError:
        raise
    except Exception as error:  # protobuf and onnx have several kinds
        raise ValueError(f"{path}: not a readable ONNX file ({error})") from error
    graph = model.graph
    constants = {tensor.name: tensor for tensor in graph.initializer}
    shapes = {
        value.name: [dim.dim_value for dim in value.type.tensor_type.shape.dim]
        for value in [*graph.input, *graph.value_info, *graph.output]
    }
    layers = []
    for number, node in enumerate(graph.node):
        weight = constants.get(node.input[1]) if len(node.input) > 1 else None
        plane = shapes.get(node.input[0]) if node.input else None
        if weight is None or not plane or not all(plane):
            continue
        attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        dims = list(weight.dims)
        name = node.name or f"{node.op_type} {number}"
        if node.op_type == "Conv" and attributes.get("group", 1) == 1 and len(dims) in (3, 4) and plane[0] == 1:
            rank = len(dims) - 2
            pads = attributes.get("pads", [0] * 2 * rank)
            padded = [plane[2 + d] + pads[d] + pads[rank + d] for d in range(rank)]
            strides, dilations = attributes.get("strides", [1] * rank), attributes.get("dilations", [1] * rank)
            kernel, padded, strides, dilations = (
                (*[1] * (2 - rank), *v) for v in (dims[2:], padded, strides, dilations)
            )
            shape = Shape(dims[0], dims[1], kernel, padded, strides, dilations)
            turned = None
        elif node.op_type in ("Gemm", "MatMul") and len(dims) == 2:
            turned = not attributes.get("transB")
            rows, cols = dims[::-1] if turned else dims
            columns = int(np.prod(plane[:-1]))
            shape = Shape(rows, cols, (1, 1), (1, columns))
        else:
            continue

        def matrix(weight=weight, turned=turned) -> np.ndarray:
            values = onnx.numpy_helper.to_array(weight, str(path.parent)).astype(np.float32)
            if turned is None:
                return np.moveaxis(values, 1, -1).reshape(len(values), -1)
            return values.T if turned else values

        layers.append(Layer(path.stem, name, shape, 1, shape.channels < 8, matrix))
    if not layers:
        raise ValueError(f"{path}: no convolution or product with a constant weight and static shapes")
    return layers
