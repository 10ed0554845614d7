# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiles small networks and compares them with ONNX Runtime, in results and in how much is left to do between layers.

usage: networks.py FOLDER [NAME]...
"""

from __future__ import annotations

import pathlib
import subprocess
import sys
from collections.abc import Callable

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

CASES: dict[str, tuple[Callable[[Net], list[str]], int, int]] = {}


def case(transposes: int, generics: int) -> Callable:
    """Registers a network: how many linalg.transpose and linalg.generic remain after epilogue fusion."""

    def register(function: Callable[[Net], list[str]]) -> Callable[[Net], list[str]]:
        CASES[function.__name__] = (function, transposes, generics)
        return function

    return register


class Net:
    """A graph under construction; every method returns the name of a value."""

    def __init__(self) -> None:
        self.random = np.random.default_rng(0)
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self.inputs: list[onnx.ValueInfoProto] = []

    def input(self, *shape: int) -> str:
        self.inputs.append(helper.make_tensor_value_info(f"x{len(self.inputs)}", TensorProto.FLOAT, shape))
        return self.inputs[-1].name

    def constant(self, array: np.ndarray) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array), f"c{len(self.constants)}"))
        return self.constants[-1].name

    def floats(self, *shape: int) -> str:
        return self.constant(self.random.random(shape).astype(np.float32) + np.float32(0.5))

    def ints(self, *values: int) -> str:
        return self.constant(np.array(values, np.int64))

    def weight(self, *shape: int, rows: int = 4, density: float = 0.3) -> np.ndarray:
        """Random weights of which blocks of `rows` x 1 are kept."""
        kept = self.random.random((-(-shape[0] // rows), *shape[1:])) < density
        return self.random.standard_normal(shape).astype(np.float32) * np.repeat(kept, rows, axis=0)[: shape[0]]

    def op(self, kind: str, *inputs: str, outputs: int = 1, **attributes) -> str | list[str]:
        names = [f"{kind}{len(self.nodes)}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(kind, list(inputs), names, name=f"node{len(self.nodes)}", **attributes))
        return names if outputs > 1 else names[0]

    def linear(self, x: str, inputs: int, outputs: int, rows: int = 4) -> str:
        weight = self.constant(self.weight(outputs, inputs, rows=rows).T)
        return self.op("Add", self.op("MatMul", x, weight), self.floats(outputs))

    def norm(self, x: str, size: int) -> str:
        return self.op("LayerNormalization", x, self.floats(size), self.floats(size), axis=-1)

    def silu(self, x: str) -> str:
        return self.op("Mul", x, self.op("Sigmoid", x))

    def attention(self, x: str, batch: int, mask: str | None = None) -> str:
        """Four heads of 6 on [batch, 9, 24], with output projection and residual."""
        split = self.ints(batch, 9, 4, 6)
        query, key, value = (
            self.op("Transpose", self.op("Reshape", self.linear(x, 24, 24), split), perm=perm)
            for perm in ([0, 2, 1, 3], [0, 2, 3, 1], [0, 2, 1, 3])
        )
        scores = self.op("MatMul", query, key)
        if mask:
            scores = self.op("Add", scores, mask)
        context = self.op("MatMul", self.op("Softmax", scores, axis=-1), value)
        context = self.op("Reshape", self.op("Transpose", context, perm=[0, 2, 1, 3]), self.ints(batch, 9, 24))
        return self.op("Add", self.linear(context, 24, 24), x)

    def model(self, outputs: list[str]) -> onnx.ModelProto:
        graph = helper.make_graph(
            self.nodes,
            "network",
            self.inputs,
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
            self.constants,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        return onnx.shape_inference.infer_shapes(model)


@case(transposes=2, generics=0)
def feed_forward_batch(net: Net) -> list[str]:
    return [net.linear(net.op("Relu", net.linear(net.input(2, 9, 24), 24, 40)), 40, 24)]


@case(transposes=2, generics=10)
def residual_before_norm(net: Net) -> list[str]:
    x = net.input(2, 9, 24)
    for _ in range(2):
        x = net.op("Add", x, net.linear(net.silu(net.linear(net.norm(x, 24), 24, 40)), 40, 24))
    return [x]


@case(transposes=5, generics=10)
def attention(net: Net) -> list[str]:
    return [net.norm(net.attention(net.input(1, 9, 24), 1), 24)]


@case(transposes=6, generics=11)
def attention_masked(net: Net) -> list[str]:
    return [net.norm(net.attention(net.input(2, 9, 24), 2, net.input(2, 1, 1, 9)), 24)]


@case(transposes=3, generics=5)
def attention_of_one_product(net: Net) -> list[str]:
    product = net.linear(net.input(9, 24), 24, 72)
    query, key, value = net.op("Split", product, net.ints(24, 24, 24), outputs=3, axis=1)
    scores = net.op("MatMul", query, net.op("Transpose", key, perm=[1, 0]))
    return [net.op("MatMul", net.op("Softmax", scores, axis=-1), value)]


@case(transposes=2, generics=0)
def gated(net: Net) -> list[str]:
    x = net.input(9, 24)
    return [net.linear(net.op("Mul", net.silu(net.linear(x, 24, 40)), net.linear(x, 24, 40)), 40, 24)]


@case(transposes=0, generics=0)
def weight_on_the_left(net: Net) -> list[str]:
    product = net.op("MatMul", net.constant(net.weight(16, 12, rows=8)), net.input(12, 20))
    return [net.op("Tanh", net.op("Add", product, net.floats(16, 1)))]


@case(transposes=0, generics=0)
def weight_on_the_left_of_a_batch(net: Net) -> list[str]:
    return [net.op("Relu", net.op("MatMul", net.constant(net.weight(16, 12, rows=8)), net.input(3, 12, 20)))]


@case(transposes=1, generics=0)
def gemm(net: Net) -> list[str]:
    weight, bias = net.constant(net.weight(16, 12)), net.floats(16)
    return [net.op("Gemm", net.input(12, 7), weight, bias, transA=1, transB=1, alpha=0.5, beta=2.0)]


@case(transposes=2, generics=2)
def three_outputs(net: Net) -> list[str]:
    x = net.linear(net.input(9, 24), 24, 40)
    y = net.op("Relu", x)
    return [x, y, net.op("Add", y, y)]


@case(transposes=0, generics=1)
def equal_outputs(net: Net) -> list[str]:
    """Under several names, and computed several times: one value in the IR, but every output has memory of its own."""
    x, weight = net.input(1, 4, 6, 5), net.constant(net.weight(4, 4, 3, 3))
    first, second = (net.op("Conv", x, weight, pads=[1, 1, 1, 1]) for _ in range(2))
    squares = [net.op("Mul", x, x) for _ in range(2)]
    return [first, second, net.op("Identity", first), *squares, net.op("Identity", x)]


@case(transposes=2, generics=0)
def position_embedding(net: Net) -> list[str]:
    x = net.op("Add", net.linear(net.input(1, 9, 24), 24, 24), net.floats(1, 9, 24))
    return [net.linear(net.op("Mul", x, x), 24, 8)]


@case(transposes=2, generics=1)
def scale_per_row(net: Net) -> list[str]:
    return [net.linear(net.op("Mul", net.linear(net.input(9, 24), 24, 40), net.input(9, 1)), 40, 8)]


@case(transposes=1, generics=1)
def transposed_output(net: Net) -> list[str]:
    x = net.linear(net.input(9, 24), 24, 40)
    return [net.op("Transpose", x, perm=[1, 0]), net.op("ReduceSum", x, net.ints(0), keepdims=0)]


@case(transposes=0, generics=5)
def one_row(net: Net) -> list[str]:
    x = net.op("Relu", net.linear(net.input(1, 24), 24, 40))
    return [net.op("Softmax", net.linear(x, 40, 10), axis=-1)]


@case(transposes=0, generics=0)
def vector(net: Net) -> list[str]:
    return [net.op("Relu", net.op("MatMul", net.input(24), net.constant(net.weight(24, 40, rows=1))))]


@case(transposes=0, generics=0)
def grouped_1d(net: Net) -> list[str]:
    weight = net.constant(net.weight(8, 3, 3, rows=2))
    x = net.op("Conv", net.input(2, 12, 17), weight, net.floats(8), group=4, pads=[1, 2], strides=[2])
    return [net.op("HardSwish", x)]


@case(transposes=0, generics=0)
def grouped_3d(net: Net) -> list[str]:
    weight = net.constant(net.weight(8, 3, 2, 3, 3))
    x = net.op("Conv", net.input(1, 6, 5, 6, 7), weight, group=2, pads=[1, 0, 1, 0, 1, 2], dilations=[1, 1, 2])
    return [net.op("Relu", x)]


@case(transposes=0, generics=0)
def depthwise_residual(net: Net) -> list[str]:
    x = net.input(1, 8, 9, 9)
    y = net.op("Conv", x, net.constant(net.weight(8, 1, 3, 3, rows=1, density=0.9)), group=8, pads=[1, 1, 1, 1])
    low, high = net.constant(np.array(0, np.float32)), net.constant(np.array(6, np.float32))
    return [net.op("Clip", net.op("Add", y, x), low, high)]


@case(transposes=0, generics=2)
def squeeze_and_excitation(net: Net) -> list[str]:
    x = net.op("Conv", net.input(1, 16, 9, 9), net.constant(net.weight(16, 16, 1, 1)))
    gate = net.op("Conv", net.op("GlobalAveragePool", x), net.constant(net.weight(4, 16, 1, 1)), net.floats(4))
    gate = net.op("Conv", net.op("Relu", gate), net.constant(net.weight(16, 4, 1, 1, density=0.5)), net.floats(16))
    scaled = net.op("Mul", x, net.op("HardSigmoid", gate))
    return [net.op("Conv", scaled, net.constant(net.weight(8, 16, 1, 1, rows=8)))]


@case(transposes=1, generics=0)
def shuffled_groups(net: Net) -> list[str]:
    x = net.op("Conv", net.input(1, 12, 5, 5), net.constant(net.weight(12, 4, 1, 1)), group=3)
    x = net.op("Transpose", net.op("Reshape", x, net.ints(1, 3, 4, 5, 5)), perm=[0, 2, 1, 3, 4])
    x = net.op("Reshape", x, net.ints(1, 12, 5, 5))
    return [net.op("Conv", x, net.constant(net.weight(12, 4, 3, 3)), group=3, pads=[1, 1, 1, 1])]


@case(transposes=2, generics=0)
def odd_weights(net: Net) -> list[str]:
    weight = net.weight(8, 16, rows=1)
    weight[0, 0], weight[3, 5] = np.nan, np.inf
    return [net.op("MatMul", net.input(9, 8), net.constant(weight))]


@case(transposes=2, generics=0)
def no_weights_at_all(net: Net) -> list[str]:
    zeros = net.constant(np.zeros((8, 16), np.float32))
    return [net.op("Add", net.op("MatMul", net.input(9, 8), zeros), net.floats(16))]


def run(*command: str | pathlib.Path, stdin: str | None = None) -> str:
    """Output of a command; ends the test with its errors if it fails."""
    result = subprocess.run(command, input=stdin, capture_output=True, text=True)
    if result.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{result.stderr}")
    return result.stdout


def check(name: str, folder: pathlib.Path) -> list[str]:
    """What is wrong with one case."""
    build, *allowed = CASES[name]
    net = Net()
    model = net.model(build(net))
    path = folder / f"{name}.onnx"
    onnx.save(model, path)

    ir = run(
        "gs-opt", "--gs-import-to-linalg", "--linalg-to-gs", "--gs-propagate-transposes", "--canonicalize",
        "--gs-fuse-epilogue", stdin=run("gs-translate", "--import-onnx", path),
    )  # fmt: skip
    found = [ir.count("= linalg.transpose"), ir.count("= linalg.generic")]
    errors = []
    if found != allowed:
        errors.append(f"{found[0]} transposes and {found[1]} generics remain, expected {allowed[0]} and {allowed[1]}")

    inputs = {}
    for value in model.graph.input:
        shape = [dim.dim_value for dim in value.type.tensor_type.shape.dim]
        inputs[value.name] = net.random.standard_normal(shape).astype(np.float32)
    expected = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"]).run(None, inputs)
    run("gsc", "compile", path, "-o", folder / name)
    arguments = []
    for key, value in inputs.items():
        np.save(folder / f"{name}.{key}.npy", value)
        arguments += ["--input", f"{key}={folder / name}.{key}.npy"]
    run(folder / name, *arguments, "--output-dir", folder)
    for value, reference in zip(model.graph.output, expected):
        result = np.load(folder / f"{value.name}.npy")
        if result.shape != reference.shape or not np.array_equal(np.isnan(result), np.isnan(reference)):
            errors.append(f"{value.name}: shape {result.shape} or NaNs differ from ONNX Runtime's {reference.shape}")
            continue
        finite = np.isfinite(reference)
        error = np.abs(result[finite] - reference[finite]).max() / max(np.abs(reference[finite]).max(), 1e-30)
        if not error < 1e-5 or not np.array_equal(result[np.isinf(reference)], reference[np.isinf(reference)]):
            errors.append(f"{value.name}: relative error {error:.2e}")
    return errors


def main() -> int:
    onnxruntime.set_default_logger_severity(3)
    folder = pathlib.Path(sys.argv[1])
    failed = 0
    for name in sys.argv[2:] or CASES:
        errors = check(name, folder)
        for error in errors:
            print(f"{name}: {error}")
        failed += bool(errors)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
