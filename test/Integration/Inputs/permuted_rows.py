# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Networks whose filters share their columns in groups that are scattered over the layer: their orders are found, absorbed by
the readers where that is possible, and the programs compute what ONNX Runtime computes. So do those of gather-scatter groups of
units and in tiles.

usage: permuted_rows.py FOLDER
"""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys

import numpy as np
import onnx
import onnxruntime
import patterns
from onnx import TensorProto, helper, numpy_helper

random = np.random.default_rng(7)


def scattered(rows: int, cols: int, height: int = 8, density: float = 0.2) -> np.ndarray:
    """Rows in groups of `height` that keep the same columns, the groups' rows anywhere."""
    kept = np.repeat(random.random((rows // height, cols)) < density, height, axis=0)
    return random.standard_normal((rows, cols)) * kept[random.permutation(rows)] / np.sqrt(cols * density)


class Net:
    """A graph under construction; methods return the name of a value."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, array: np.ndarray) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array, np.float32), f"c{len(self.constants)}"))
        return self.constants[-1].name

    def op(self, kind: str, *inputs: str, **attributes) -> str:
        name = f"{kind}{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name=name, **attributes))
        return name

    def conv(self, x: str, i: int, o: int, k: int, permuted: bool, **attributes) -> str:
        matrix = scattered(o, k * k * i) if permuted else random.standard_normal((o, k * k * i)) / (k * np.sqrt(i))
        weight = matrix.reshape(o, k, k, i).transpose(0, 3, 1, 2)
        return self.op("Conv", x, self.constant(weight), self.constant(random.standard_normal(o)), pads=[k // 2] * 4,
                       **attributes)

    def masked(self, x: str, mask: patterns.Mask, i: int, o: int, kernel: tuple[int, ...], **attributes) -> str:
        """A convolution whose weights have a mask of filters, channels and locations."""
        kept = mask(random, o, i, int(np.prod(kernel))).reshape(o, i, *kernel)
        weight = random.standard_normal(kept.shape) * kept / np.sqrt(kept.sum() / o)
        return self.op("Conv", x, self.constant(weight), self.constant(random.standard_normal(o)), **attributes)

    def linear(self, x: str, i: int, o: int, permuted: bool) -> str:
        weight = scattered(o, i) if permuted else random.standard_normal((o, i)) / np.sqrt(i)
        return self.op("Gemm", x, self.constant(weight), self.constant(random.standard_normal(o)), transB=1)


def chain(net: Net) -> tuple[str, list[int]]:
    """Elementwise ops, pooling, a depthwise convolution and a flattened image lie between weight and reader."""
    x = net.op("Relu", net.conv("x", 32, 64, 3, True))
    x = net.op("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])
    weight = random.standard_normal((64, 1, 3, 3))
    x = net.op("Conv", x, net.constant(weight), net.constant(random.standard_normal(64)), pads=[1] * 4, group=64)
    x = net.op("Mul", x, net.constant(random.standard_normal((64, 1, 1))))
    x = net.op("Flatten", net.op("GlobalAveragePool", net.conv(x, 64, 64, 1, True)))
    x = net.op("Relu", net.linear(x, 64, 128, True))
    return net.linear(x, 128, 10, False), [1, 32, 12, 12]


def residual(net: Net) -> tuple[str, list[int]]:
    """A dense shortcut takes the order of the branch."""
    left = net.conv("x", 32, 64, 1, True, strides=[2, 2])
    right = net.conv("x", 32, 64, 3, False, strides=[2, 2])
    x = net.op("Relu", net.op("Add", left, right))
    return net.conv(x, 64, 16, 1, False), [1, 32, 13, 13]


def output(net: Net) -> tuple[str, list[int]]:
    """An output of the network keeps its order."""
    return net.conv("x", 32, 64, 3, True), [1, 32, 9, 11]


def vector(net: Net) -> tuple[str, list[int]]:
    """The same with one column."""
    return net.linear("x", 96, 64, True), [1, 96]


def units(net: Net) -> tuple[str, list[int]]:
    """Gather-scatter groups of units: 3x3 with strides, dilated, 1x1, and with one column."""
    mask = patterns.units(4, 1, 8, 1)
    x = net.op("Relu", net.masked("x", mask, 32, 64, (3, 3), pads=[1] * 4, strides=[2, 2]))
    x = net.op("Relu", net.masked(x, mask, 64, 64, (3, 3), pads=[2] * 4, dilations=[2, 2]))
    x = net.masked(x, mask, 64, 96, (1, 1))
    x = net.op("Relu", net.op("GlobalAveragePool", x))
    return net.masked(x, mask, 96, 64, (1, 1)), [1, 32, 15, 14]


def tiles(net: Net) -> tuple[str, list[int]]:
    """Gather-scatter groups in tiles: one and three spatial dimensions."""
    mask = patterns.inner(patterns.cut(16, 48))
    x = net.op("Relu", net.masked("x", mask, 16, 48, (3,), pads=[1, 1]))
    x = net.op("Unsqueeze", x, net.op("Constant", value=numpy_helper.from_array(np.array([2, 3]))))
    return net.masked(x, mask, 48, 32, (1, 1, 3)), [1, 16, 40]


def run(folder: pathlib.Path, make, absorbed: int, kept: int) -> None:
    """Compiles a network, compares its result and what became of its orders."""
    net = Net()
    name, shape = make(net)
    graph = helper.make_graph(net.nodes, make.__name__, [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
                              [helper.make_tensor_value_info(name, TensorProto.FLOAT, None)], net.constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    path = folder / f"{make.__name__}.onnx"
    onnx.save(model, path)
    x = random.standard_normal(shape).astype(np.float32)
    np.save(folder / "x.npy", x)
    expected = onnxruntime.InferenceSession(path).run(None, {"x": x})[0]
    subprocess.run(["gsc", "run", path, f"--input=x={folder}/x.npy", f"--output-dir={folder}"], check=True,
                   capture_output=True)
    np.testing.assert_allclose(np.load(folder / f"{name}.npy"), expected, rtol=1e-4, atol=1e-4)
    subprocess.run(["gsc", "explain", path, "--json", folder / "report.json"], check=True, capture_output=True)
    layers = json.loads((folder / "report.json").read_text())["layers"]
    orders = [layer["row_order"] for layer in layers]
    found = sum(order.startswith("absorbed") for order in orders), sum(order.startswith("not absorbed") for order in orders)
    for layer in layers:
        print(f"{make.__name__}: {layer['pattern']}, {layer['strategy']}, {layer['row_order'] or '-'}")
    if found != (absorbed, kept):
        raise SystemExit(f"{make.__name__}: {found[0]} orders absorbed and {found[1]} kept, expected {absorbed} and {kept}")


def main() -> None:
    """Runs all networks."""
    folder = pathlib.Path(sys.argv[1])
    for make, absorbed, kept in ((chain, 3, 0), (residual, 1, 0), (output, 0, 1), (vector, 0, 1), (units, 0, 0),
                                (tiles, 0, 0)):
        run(folder, make, absorbed, kept)


if __name__ == "__main__":
    main()
