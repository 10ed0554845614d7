# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiles networks of many products of two inputs, of transposes, of passes over columns, of products of a softmax, and
attentions, and compares them with NumPy or ONNX Runtime.

usage: products.py FOLDER products|transposes|columns|softmax|attention [TARGET...]
"""

from __future__ import annotations

import pathlib
import subprocess
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

RANDOM = np.random.default_rng(7)


def run(folder: pathlib.Path, model: onnx.ModelProto, feeds: dict[str, np.ndarray], target: str) -> dict[str, np.ndarray]:
    """Outputs of the compiled network."""
    onnx.save(model, folder / "net.onnx")
    program = folder / "net"
    subprocess.run(["gsc", "compile", folder / "net.onnx", "-o", program, "--target", target], check=True, capture_output=True)
    command: list[str | pathlib.Path] = [program, "--output-dir", folder]
    for name, value in feeds.items():
        np.save(folder / f"{name}.npy", value)
        command += ["--input", f"{name}={folder / name}.npy"]
    subprocess.run(command, check=True, capture_output=True)
    return {output.name: np.load(folder / f"{output.name}.npy") for output in model.graph.output}


def value(name: str, shape: tuple[int, ...]) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def check(name: str, actual: np.ndarray, expected: np.ndarray) -> None:
    """Equal up to rounding of the sums; NaN and infinities where they are expected."""
    finite = np.isfinite(expected)
    np.testing.assert_array_equal(actual[~finite], expected[~finite].astype(np.float32), err_msg=name)
    error = np.abs(actual[finite] - expected[finite]).max(initial=0)
    assert error <= 1e-4 * max(1, np.abs(expected[finite]).max(initial=0)), f"{name}: error {error}"


def cases() -> list[tuple[tuple[int, ...], tuple[int, ...], list[int], list[int], list[int]]]:
    """Shapes of the operands as MatMul sees them, and in which order each operand and the result is stored."""
    def order(rank: int) -> list[int]:
        return [int(d) for d in RANDOM.permutation(rank)] if RANDOM.random() < 0.7 else list(range(rank))

    result = []
    sizes = (1, 2, 3, 5, 7, 15, 16, 17, 31, 33, 47, 64, 65, 100)
    for _ in range(48):
        m, k, n = (int(RANDOM.choice(sizes)) for _ in range(3))
        batch = [int(RANDOM.choice((1, 2, 3))) for _ in range(RANDOM.integers(0, 3))]
        left = [1 if RANDOM.random() < 0.2 else d for d in batch]
        right = [1 if RANDOM.random() < 0.2 else d for d in batch][int(RANDOM.random() < 0.3) :]
        out = np.broadcast_shapes(tuple(left), tuple(right))
        result.append(((*left, m, k), (*right, k, n), order(len(left) + 2), order(len(right) + 2), order(len(out) + 2)))
    result.append(((3, 1500), (1500, 40), [0, 1], [1, 0], [0, 1]))  # a panel does not hold the whole reduction
    result.append(((130, 900), (900, 1100), [0, 1], [0, 1], [0, 1]))  # rows of the right operand are pages apart
    return result


def products(folder: pathlib.Path, target: str) -> None:
    nodes, inputs, outputs, feeds, expected = [], [], [], {}, {}
    for i, (left, right, left_order, right_order, out_order) in enumerate(cases()):
        operands = []
        for side, shape, order in (("a", left, left_order), ("b", right, right_order)):
            x = RANDOM.standard_normal(shape).astype(np.float32)
            if i % 10 == 9:
                x.flat[0] = np.nan if side == "a" else np.inf
            operands.append(x.astype(np.float64))
            stored = np.ascontiguousarray(x.transpose(order))
            feeds[f"{side}{i}"] = stored
            inputs.append(value(f"{side}{i}", stored.shape))
            nodes.append(helper.make_node("Transpose", [f"{side}{i}"], [f"{side}t{i}"], perm=list(np.argsort(order))))
        with np.errstate(invalid="ignore"):
            product = (operands[0] @ operands[1]).transpose(out_order)
        nodes.append(helper.make_node("MatMul", [f"at{i}", f"bt{i}"], [f"p{i}"]))
        nodes.append(helper.make_node("Transpose", [f"p{i}"], [f"y{i}"], perm=out_order))
        outputs.append(value(f"y{i}", product.shape))
        expected[f"y{i}"] = product
    graph = helper.make_graph(nodes, "products", inputs, outputs)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    actual = run(folder, model, feeds, target)
    for name, want in expected.items():
        check(f"{name} {feeds['a' + name[1:]].shape} {feeds['b' + name[1:]].shape}", actual[name], want)


def transposes(folder: pathlib.Path, target: str) -> None:
    """Transposes with elementwise work before and behind them, and operands in the order of the result."""
    nodes, inputs, outputs, feeds, expected = [], [], [], {}, {}

    def feed(name: str, shape: tuple[int, ...]) -> np.ndarray:
        x = RANDOM.standard_normal(shape).astype(np.float32)
        x.flat[0] = np.nan
        x.flat[-1] = np.inf
        feeds[name] = x
        inputs.append(value(name, shape))
        return x.astype(np.float64)

    sizes = (1, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 48, 50)
    for i in range(40):
        rank = int(RANDOM.integers(2, 5))
        shape = tuple(int(RANDOM.choice(sizes if d < 3 else (1, 2, 3))) for d in range(rank))
        perm = [int(d) for d in RANDOM.permutation(rank)]
        y = feed(f"x{i}", shape).transpose(perm)
        nodes.append(helper.make_node("Transpose", [f"x{i}"], [f"t{i}"], perm=perm))
        result = f"t{i}"
        if i % 2:  # one element for all columns, or for all rows, or of every place
            other = feed(f"z{i}", tuple(d if RANDOM.random() < 0.6 else 1 for d in y.shape))
            nodes.append(helper.make_node("Add", [result, f"z{i}"], [f"a{i}"]))
            result, y = f"a{i}", y + other
        if i % 3 == 0:
            nodes.append(helper.make_node("Sigmoid", [result], [f"s{i}"]))
            with np.errstate(over="ignore"):
                result, y = f"s{i}", 1 / (1 + np.exp(-y))
        elif i % 3 == 1:
            nodes.append(helper.make_node("Relu", [result], [f"s{i}"]))
            result, y = f"s{i}", np.where(np.isnan(y), y, np.maximum(y, 0))
        nodes.append(helper.make_node("Identity", [result], [f"y{i}"]))
        outputs.append(value(f"y{i}", y.shape))
        expected[f"y{i}"] = y
    graph = helper.make_graph(nodes, "transposes", inputs, outputs)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    actual = run(folder, model, feeds, target)
    for name, want in expected.items():
        check(f"{name} {feeds['x' + name[1:]].shape}", actual[name], want)


def columns(folder: pathlib.Path, target: str) -> None:
    """Softmax and normalisations along a dimension that is not the last one, in several forms, alone and behind others."""
    nodes, inputs, outputs, feeds, expected = [], [], [], {}, {}

    def node(op: str, operands: list[str], name: str, **attributes: object) -> str:
        nodes.append(helper.make_node(op, operands, [name], **attributes))
        return name

    def feed(name: str, array: np.ndarray) -> str:
        feeds[name] = array.astype(np.float32)
        inputs.append(value(name, array.shape))
        return name

    def result(name: str, array: np.ndarray) -> None:
        outputs.append(value(node("Identity", [name], f"{name}_out"), array.shape))
        expected[f"{name}_out"] = array

    def softmax(x: np.ndarray, axis: int) -> np.ndarray:
        powers = np.exp(x - x.max(axis, keepdims=True))
        return powers / powers.sum(axis, keepdims=True)

    half = numpy_helper.from_array(np.float32(0.5), "half")
    shapes = [(40, 16), (3, 17, 33), (2, 3, 9, 64), (1, 130, 127), (5, 1, 40), (2, 700, 48), (1, 2, 7, 200), (9000, 18)]
    for i, shape in enumerate(shapes):
        axis = max(0, len(shape) - 2)
        x = RANDOM.standard_normal(shape) * 3
        if i % 2:
            x[..., 0, 0], x[..., 0, 1], x[..., 0, 2] = np.nan, np.inf, -np.inf
            x[..., 5] = -np.inf  # all of a column: not a number
        x = x.astype(np.float32).astype(np.float64)
        a = feed(f"a{i}", x)
        with np.errstate(invalid="ignore"):
            # Behind another op, and read by others, too; the buffer of the sum may be written over.
            mask = RANDOM.standard_normal((shape[axis], 1) if i % 3 else shape).astype(np.float32).astype(np.float64)
            scaled = x * 0.5 + mask
            node("Add", [node("Mul", [a, "half"], f"h{i}"), feed(f"m{i}", mask)], f"s{i}")
            result(node("Softmax", [f"s{i}"], f"p{i}", axis=axis), softmax(scaled, axis))
            result(node("Sub", [f"p{i}", f"s{i}"], f"d{i}"), softmax(scaled, axis) - scaled)
            shifted = x - x.max(axis, keepdims=True)
            result(node("LogSoftmax", [a], f"l{i}", axis=axis), shifted - np.log(np.exp(shifted).sum(axis, keepdims=True)))
            # A layer normalisation, spelled out; its mean is an output.
            mean = x.mean(axis, keepdims=True)
            variance = ((x - mean) ** 2).mean(axis, keepdims=True)
            node("ReduceMean", [a], f"mean{i}", axes=[axis], keepdims=1)
            node("Sub", [a, f"mean{i}"], f"c{i}")
            node("ReduceMean", [node("Mul", [f"c{i}", f"c{i}"], f"q{i}")], f"v{i}", axes=[axis], keepdims=1)
            node("Sqrt", [node("Add", [f"v{i}", "half"], f"e{i}")], f"r{i}")
            result(node("Div", [f"c{i}", f"r{i}"], f"n{i}"), (x - mean) / np.sqrt(variance + 0.5))
            result(f"mean{i}", mean)
    graph = helper.make_graph(nodes, "columns", inputs, outputs, [half])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    actual = run(folder, model, feeds, target)
    for name, want in expected.items():
        check(f"{name} {want.shape}", actual[name], want)


def softmax_products(folder: pathlib.Path, target: str) -> None:
    """Products that read a softmax, from either side and in any order, with masks, NaN and infinities."""
    nodes, inputs, outputs, feeds, expected = [], [], [], {}, {}
    half = numpy_helper.from_array(np.float32(0.5), "half")

    def node(op: str, operands: list[str], name: str, **attributes: object) -> str:
        nodes.append(helper.make_node(op, operands, [name], **attributes))
        return name

    def feed(name: str, array: np.ndarray) -> str:
        feeds[name] = np.ascontiguousarray(array.astype(np.float32))
        inputs.append(value(name, array.shape))
        return name

    # Batches of the scores and of the values, queries, tokens, width.
    cases = [((2,), (2,), 16, 16, 16), ((3,), (3,), 33, 47, 20), ((2, 3), (2, 3), 17, 64, 33), ((), (), 1, 40, 16),
             ((2,), (2,), 40, 1, 1), ((), (), 31, 5, 1), ((1, 2), (1, 2), 100, 70, 64), ((), (2,), 20, 80, 16),
             ((2,), (), 48, 50, 24), ((1,), (1,), 128, 700, 32)]  # fmt: skip
    for i, (batch, value_batch, queries, tokens, width) in enumerate(cases):
        for form in range(4):
            tag = f"{i}_{form}"
            scores = (RANDOM.standard_normal((*batch, queries, tokens)) * 3).astype(np.float32).astype(np.float64)
            v = RANDOM.standard_normal((*value_batch, tokens, width)).astype(np.float32).astype(np.float64)
            scores[RANDOM.random(scores.shape) < 0.2] = -np.inf
            if form % 2:
                scores.reshape(-1, tokens)[0] = -np.inf  # all of a row: not a number
                scores.reshape(-1, tokens)[-1, 0] = np.inf
                v.reshape(-1, width)[-1, -1] = np.inf
                v.reshape(-1, width)[0, 0] = np.nan
            scores *= 0.5
            with np.errstate(invalid="ignore"):
                powers = np.exp(scores - scores.max(-1, keepdims=True))
                p = powers / powers.sum(-1, keepdims=True)
                y = p @ v
            rank, out = len(batch) + 2, len(y.shape)
            flip = [*range(rank - 2), rank - 1, rank - 2]
            if form < 2:  # as an attention has it
                node("Mul", [feed(f"s{tag}", scores * 2), "half"], f"h{tag}")
                node("Softmax", [f"h{tag}"], f"p{tag}", axis=-1)
                node("MatMul", [f"p{tag}", feed(f"v{tag}", v)], f"m{tag}")
            else:  # all of it transposed: tokens are rows of the scores
                node("Softmax", [feed(f"s{tag}", scores.transpose(flip))], f"p{tag}", axis=-2)
                node("MatMul", [feed(f"v{tag}", v.swapaxes(-1, -2)), f"p{tag}"], f"m{tag}")
                y = y.swapaxes(-1, -2)
            if i % 3 == 2:  # stored in another order
                node("Transpose", [f"m{tag}"], f"y{tag}", perm=[*range(out - 2), out - 1, out - 2])
                y = y.swapaxes(-1, -2)
            else:
                node("Identity", [f"m{tag}"], f"y{tag}")
            outputs.append(value(f"y{tag}", y.shape))
            expected[f"y{tag}"] = y
            if i % 5 == 4:  # the softmax has another reader
                node("Identity", [f"p{tag}"], f"q{tag}")
                expected[f"q{tag}"] = p if form < 2 else p.swapaxes(-1, -2)
                outputs.append(value(f"q{tag}", expected[f"q{tag}"].shape))
    graph = helper.make_graph(nodes, "softmax", inputs, outputs, [half])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    actual = run(folder, model, feeds, target)
    for name, want in expected.items():
        check(f"{name} {want.shape}", actual[name], want)


def attention(folder: pathlib.Path, target: str, batch: int, tokens: int, heads: int, depth: int, mask: str, gelu: str) -> None:
    """One encoder layer: attention with an additive mask, LayerNorm, a GELU."""
    width = heads * depth
    nodes, initializers = [], []

    def constant(name: str, array: np.ndarray) -> str:
        initializers.append(numpy_helper.from_array(np.asarray(array), name))
        return name

    def node(op: str, operands: list[str], name: str, **attributes: object) -> str:
        nodes.append(helper.make_node(op, operands, [name], name=name, **attributes))
        return name

    split, joined = constant("split", np.array([batch, tokens, heads, depth])), constant("joined", np.array([batch, tokens, width]))
    x = "x"
    for part, order in (("q", [0, 2, 1, 3]), ("k", [0, 2, 3, 1]), ("v", [0, 2, 1, 3])):
        weight = RANDOM.standard_normal((width, width)).astype(np.float32) / np.sqrt(width).astype(np.float32)
        weight[RANDOM.random(weight.shape) < 0.8] = 0
        node("MatMul", [x, constant("w" + part, weight)], part + "0")
        node("Reshape", [part + "0", split], part + "1")
        node("Transpose", [part + "1"], part, perm=order)
    node("MatMul", ["q", "k"], "products")
    scores = node("Mul", ["products", constant("scale", np.float32(1 / np.sqrt(depth)))], "scaled")
    feeds = {"x": RANDOM.standard_normal((batch, tokens, width)).astype(np.float32)}
    if mask != "none":
        shape = (batch, 1, 1, tokens) if mask == "tokens" else (batch, heads, tokens, tokens)
        feeds["mask"] = np.where(RANDOM.random(shape) < 0.4, -np.inf, 0).astype(np.float32)
        if mask == "all":
            feeds["mask"][0] = -np.inf  # rows without any token
        scores = node("Add", [scores, "mask"], "masked")
    node("Softmax", [scores], "weights", axis=-1)
    node("MatMul", ["weights", "v"], "context")
    node("Transpose", ["context"], "back", perm=[0, 2, 1, 3])
    node("Reshape", ["back", joined], "merged")
    node("Add", ["merged", "x"], "residual")
    node("LayerNormalization", ["residual", constant("gamma", np.linspace(0.5, 2, width, dtype=np.float32)),
                                constant("beta", np.linspace(-1, 1, width, dtype=np.float32))], "normal", axis=-1)  # fmt: skip
    if gelu == "erf":
        node("Div", ["normal", constant("root", np.float32(np.sqrt(2)))], "g0")
        node("Erf", ["g0"], "g1")
        node("Add", ["g1", constant("one", np.float32(1))], "g2")
        node("Mul", ["normal", "g2"], "g3")
        node("Mul", ["g3", constant("half", np.float32(0.5))], "y")
    else:
        node("Gelu", ["normal"], "y", approximate=gelu)
    graph = helper.make_graph(nodes, "attention", [value(name, array.shape) for name, array in feeds.items()],
                              [value("y", (batch, tokens, width))], initializers)  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    actual = run(folder, model, feeds, target)["y"]
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    expected = session.run(None, feeds)[0]
    check(f"attention {batch} {tokens} {heads} {depth} {mask} {gelu}", actual, expected)
    if mask == "all":
        assert np.isnan(expected).any()


def main() -> None:
    folder, what, targets = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3:] or ["native"]
    for target in targets:
        if what == "products":
            products(folder, target)
            continue
        if what == "transposes":
            transposes(folder, target)
            continue
        if what == "columns":
            columns(folder, target)
            continue
        if what == "softmax":
            softmax_products(folder, target)
            continue
        attention(folder, target, 1, 1, 2, 8, "none", "erf")
        attention(folder, target, 1, 7, 3, 16, "tokens", "none")
        attention(folder, target, 2, 33, 2, 20, "full", "tanh")
        attention(folder, target, 1, 127, 2, 16, "all", "erf")


main()
