# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Networks pruned by filters and channels: their tensors shrink, and they compute what ONNX Runtime computes.

usage: dead_channels.py FOLDER [RANDOM]

Every network is made with zero filters and channels at random. Checked are the results, and the shapes that the weights
have when strategies are chosen: those behind the name of a network are the filters (o) and channels (i) of each of its
convolutions and products, in order. RANDOM networks of random layers are checked, too, by their results alone.
"""

from __future__ import annotations

import pathlib
import re
import subprocess
import sys
from collections.abc import Callable

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

CASES: dict[str, tuple[Callable[[Net], str], list[str]]] = {}


def case(*shapes: str) -> Callable:
    """Registers a network with the weight shapes that are left."""
    def register(function: Callable[[Net], str]) -> Callable[[Net], str]:
        CASES[function.__name__] = (function, list(shapes))
        return function
    return register


class Net:
    """A graph under construction; methods return the name of a value."""

    def __init__(self) -> None:
        self.random = np.random.default_rng(3)
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, array: np.ndarray) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array), f"c{len(self.constants)}"))
        return self.constants[-1].name

    def op(self, kind: str, *inputs: str, **attributes) -> str:
        name = f"{kind}{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name=name, **attributes))
        return name

    def conv(self, x: str, i: int, o: int, k: int = 1, *, rows=(), cols=(), bias=None, **attributes) -> str:
        """A convolution whose filters `rows` and channels `cols` are zero; bias 0 at the filters of `bias`."""
        groups = attributes.get("group", 1)
        weight = self.random.standard_normal((o, i // groups, k, k)).astype(np.float32)
        weight[list(rows)] = 0
        weight[:, list(cols)] = 0
        b = self.random.standard_normal(o).astype(np.float32)
        if bias is not None:
            b[list(bias)] = 0
        attributes.setdefault("pads", [k // 2] * 4)
        return self.op("Conv", x, self.constant(weight), self.constant(b), **attributes)

    def relu(self, x: str) -> str:
        return self.op("Relu", x)

    def linear(self, x: str, i: int, o: int, rows=()) -> str:
        weight = self.random.standard_normal((o, i)).astype(np.float32)
        weight[list(rows)] = 0
        return self.op("Gemm", x, self.constant(weight), self.constant(self.random.standard_normal(o).astype(np.float32)),
                       transB=1)


# A zero filter is a constant channel: 1x1 consumers take it, 3x3 with padding only if it is zero.
@case("8x3x3x3", "6x8x1x1", "4x6x3x3")
def chain(net: Net) -> str:
    x = net.relu(net.conv("x", 3, 10, 3, rows=(2, 7)))
    x = net.relu(net.conv(x, 10, 8, rows=(0, 4), bias=(0, 4)))
    return net.conv(x, 8, 4, 3)


# A constant that is not zero stays in front of padding; f(bias) decides, so that a negative bias behind a ReLU does go.
@case("6x3x3x3", "4x6x3x3")
def bordered(net: Net) -> str:
    weight = net.random.standard_normal((8, 3, 3, 3)).astype(np.float32)
    weight[[1, 3, 5]] = 0
    bias = np.ones(8, np.float32)
    bias[[1, 3]] = -1
    return net.conv(net.relu(net.op("Conv", "x", net.constant(weight), net.constant(bias), pads=[1] * 4)), 8, 4, 3)


# What no column reads need not be computed, through all layers up to the input.
@case("4x3x3x3", "5x4x3x3", "4x5x3x3")
def unread(net: Net) -> str:
    x = net.relu(net.conv("x", 3, 8, 3))
    x = net.op("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])
    x = net.relu(net.conv(x, 8, 8, 3, cols=(0, 1, 6, 7)))
    return net.conv(net.op("Sigmoid", x), 8, 4, 3, cols=(2, 3, 5))


# Both sides of an addition must agree: channel 1 is dead on both, 4 and 6 on one. Within the branch 0 and 2 are dead.
@case("7x3x3x3", "6x7x3x3", "7x6x1x1", "4x7x1x1")
def residual(net: Net) -> str:
    skip = net.relu(net.conv("x", 3, 8, 3, rows=(1, 4), bias=(1,)))
    x = net.relu(net.conv(skip, 8, 8, 3, rows=(0, 2), bias=(0,), cols=(1,)))
    x = net.relu(net.op("Add", net.conv(x, 8, 8, rows=(1, 6), bias=(1,)), skip))
    return net.conv(x, 8, 4)


# Depthwise convolutions, concatenation, slices and a flattened image carry channels on.
@case("6x3x1x1", "6x1x3x3", "3x6x1x1", "5x3x1x1", "4x128")
def carried(net: Net) -> str:
    x = net.relu(net.conv("x", 3, 8, rows=(3, 5), bias=(3, 5)))
    x = net.relu(net.conv(x, 8, 8, 3, group=8, bias=(3, 5)))
    a = net.relu(net.conv(x, 8, 4, rows=(1,), bias=(1,)))
    b = net.relu(net.conv("x", 3, 6, rows=(0,), bias=(0,)))
    x = net.op("Concat", a, b, axis=1)
    x = net.op("AveragePool", x, kernel_shape=[4, 4], strides=[4, 4])
    return net.linear(net.op("Flatten", x), 160, 4)


# Products behind a global pool shrink with the convolutions.
@case("6x3x3x3", "4x6x1x1", "5x4", "10x5")
def behind_pool(net: Net) -> str:
    x = net.relu(net.conv("x", 3, 6, 3))
    x = net.relu(net.conv(x, 6, 6, rows=(0, 5)))
    x = net.op("Flatten", net.op("GlobalAveragePool", x))
    return net.linear(net.relu(net.linear(x, 6, 6, rows=(2,))), 6, 10)


# A mean as exported by PyTorch, squeeze and excitation (0 times an activation is not known to be 0), and resizing.
@case("16x3x3x3", "6x16x1x1", "16x6x1x1", "7x16x3x3", "10x7")
def mean(net: Net) -> str:
    x = net.relu(net.conv("x", 3, 16, 3, rows=(0, 1, 2), bias=(0, 1, 2)))
    y = net.op("ReduceMean", x, axes=[2, 3], keepdims=1)
    y = net.op("Sigmoid", net.conv(net.relu(net.conv(y, 16, 8, rows=(4, 5))), 8, 16))
    x = net.relu(net.conv(net.op("Mul", x, y), 16, 8, 3, rows=(3,), bias=(3,)))
    scales = net.constant(np.array([1, 1, 2, 2], np.float32))
    x = net.op("Resize", x, "", scales, mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor")
    return net.linear(net.op("Flatten", net.op("ReduceMean", x, axes=[2, 3], keepdims=1)), 8, 10)


# Where nothing is left, one channel stays.
@case("1x3x3x3", "1x1x1x1", "4x1x3x3")
def nothing_left(net: Net) -> str:
    x = net.relu(net.conv("x", 3, 6, 3, rows=range(6), bias=range(6)))
    return net.conv(net.relu(net.conv(x, 6, 6)), 6, 4, 3, cols=range(5))


# Readers that are not understood keep everything.
@case("6x3x1x1", "4x6x1x1")
def kept(net: Net) -> str:
    x = net.op("Softmax", net.conv("x", 3, 6, rows=(1, 2)), axis=1)
    return net.conv(x, 6, 4)


def random_network(net: Net) -> str:
    """Layers that may keep, tie, join and cut channels, with zero filters, channels and biases, on values of any age."""
    random = net.random
    values = [("x", 3, 16)]

    def some(n: int) -> list[int]:
        return [i for i in range(n) if random.random() < 0.3]
    for _ in range(int(random.integers(5, 14))):
        x, channels, size = values[int(random.integers(max(0, len(values) - 3), len(values)))]
        kind = random.choice(["conv", "conv", "conv", "depthwise", "add", "concat", "slice", "pool", "act", "scale", "grouped", "excite"])
        if kind == "conv":
            out, k = int(random.integers(2, 9)), int(random.choice([1, 3]))
            pads = [k // 2] * 4 if random.random() < 0.7 or size < 6 else [0] * 4
            y = net.conv(x, channels, out, k, rows=some(out), cols=some(channels), bias=some(out), pads=pads)
            values.append((y, out, size + 2 * pads[0] - k + 1))
        elif kind == "depthwise" and channels > 1:
            y = net.conv(x, channels, channels, 3, rows=some(channels), bias=some(channels), group=channels)
            values.append((y, channels, size))
        elif kind == "grouped" and channels % 2 == 0:
            values.append((net.conv(x, channels, 4, 1, rows=some(4), group=2), 4, size))
        elif kind == "add":
            peers = [v for v in values if v[1:] == (channels, size)]
            values.append((net.op("Add", x, peers[int(random.integers(len(peers)))][0]), channels, size))
        elif kind == "concat":
            peers = [v for v in values if v[2] == size]
            other = peers[int(random.integers(len(peers)))]
            values.append((net.op("Concat", x, other[0], axis=1), channels + other[1], size))
        elif kind == "slice" and channels > 2:
            first, last = sorted(random.choice(channels + 1, 2, replace=False).tolist())
            bounds = [net.constant(np.array([v], np.int64)) for v in (first, last, 1)]
            values.append((net.op("Slice", x, *bounds), last - first, size))
        elif kind == "pool" and size >= 6:
            pads = [int(random.integers(0, 2))] * 4
            mode = str(random.choice(["MaxPool", "AveragePool"]))
            y = net.op(mode, x, kernel_shape=[3, 3], strides=[2, 2], pads=pads)
            values.append((y, channels, (size + 2 * pads[0] - 3) // 2 + 1))
        elif kind == "act":
            values.append((net.op(str(random.choice(["Relu", "Sigmoid", "Tanh", "HardSwish"])), x), channels, size))
        elif kind == "excite":
            y = net.conv(net.op("ReduceMean", x, axes=[2, 3], keepdims=1), channels, channels, rows=some(channels))
            values.append((net.op("Mul", x, net.op("Sigmoid", y)), channels, size))
        elif kind == "scale":
            scale = random.standard_normal((1, channels, 1, 1)).astype(np.float32)
            scale[0, some(channels)] = 0
            values.append((net.op(str(random.choice(["Mul", "Add"])), x, net.constant(scale)), channels, size))
    x, channels, size = values[-1]
    x = net.conv(x, channels, 4, 3, cols=some(channels))
    if random.random() < 0.5:
        return net.linear(net.op("Flatten", net.relu(x)), 4 * size * size, 5, rows=some(5))
    return x


def main() -> None:
    """Checks all networks."""
    folder = pathlib.Path(sys.argv[1])
    random = {f"random{seed}": (random_network, None) for seed in range(int(sys.argv[2]) if len(sys.argv) > 2 else 0)}
    for name, (build, shapes) in {**CASES, **random}.items():
        net = Net()
        if shapes is None:
            net.random = np.random.default_rng(int(name[6:]))
        output = build(net)
        graph = helper.make_graph(net.nodes, name, [helper.make_tensor_value_info("x", TensorProto.FLOAT, (1, 3, 16, 16))],
                                  [helper.make_tensor_value_info(output, TensorProto.FLOAT, None)], net.constants)
        model = onnx.shape_inference.infer_shapes(
            helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8))
        path = folder / f"{name}.onnx"
        onnx.save(model, path)
        x = np.random.default_rng(0).standard_normal((1, 3, 16, 16)).astype(np.float32)
        np.save(folder / "x.npy", x)
        expected = onnxruntime.InferenceSession(path.read_bytes(), providers=["CPUExecutionProvider"]).run(None, {"x": x})
        subprocess.run(["gsc", "run", path, f"--input=x={folder}/x.npy", f"--output-dir={folder}"], check=True,
                       capture_output=True)
        y = np.load(folder / f"{output}.npy")
        np.testing.assert_allclose(y, expected[0], rtol=2e-4, atol=2e-4, err_msg=name)
        if shapes is None:
            continue
        text = subprocess.run(["gsc", "compile", path, "--emit=mlir", "--elide-weights", "-o", "-"], check=True,
                              capture_output=True, text=True).stdout
        found = [re.search(r"tensor<([\dx]+)xf32", line.split(" : ")[-1])[1] if "compressed" not in line
                 else re.search(r"compressed<tensor<([\dx]+)xf32", line)[1]
                 for line in text.splitlines() if re.search(r"= gs\.(conv|matmul) ", line)]
        if found != shapes:
            raise SystemExit(f"{name}: weights of {found}, expected {shapes}")


if __name__ == "__main__":
    main()
