# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random pruned layers from ONNX to a program, compared with ONNX Runtime.

usage: sweep_onnx.py FOLDER [--layers N] [--chains N] [--seed S] [--targets T,...] [--strategies S,...]

One model holds N layers that have nothing to do with each other: convolutions of one to three dimensions, matrix products
and Gemms of any size, stride, padding, dilation and grouping, pruned in a random pattern and density, many followed by
what is fused into a layer (bias, activation, residual); and chains of convolutions and pools, which may write into
each other's padded planes, with residuals, several readers and concatenations. It is compiled once for each target and strategy ("" lets the cost
model choose) and run on one and on two threads. Exit code 1 if an output differs from ONNX Runtime's.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

import contractions
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from sweep import PATTERNS, strategies

TOLERANCE = 1e-4  # relative to the largest value of an output


class Layers:
    """The model under construction and its inputs."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self.feeds: dict[str, np.ndarray] = {}
        self.outputs: list[str] = []

    def choice(self, *values: int) -> int:
        return int(self.rng.choice(values))

    def below(self, low: int, high: int) -> int:
        return int(self.rng.integers(low, high))

    def feed(self, *shape: int) -> str:
        name = f"x{len(self.feeds)}"
        self.feeds[name] = self.rng.standard_normal(shape).astype(np.float32)
        return name

    def constant(self, array: np.ndarray) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array, np.float32), f"c{len(self.constants)}"))
        return self.constants[-1].name

    def node(self, op: str, inputs: list[str], **attributes: object) -> str:
        self.nodes.append(helper.make_node(op, inputs, [f"v{len(self.nodes)}"], name=f"node{len(self.nodes)}", **attributes))
        return self.nodes[-1].output[0]

    def mask(self, rows: int, cols: int) -> np.ndarray:
        contractions.KEEP = float(self.rng.choice([0.0, 0.05, 0.1, 0.2, 0.5, 0.9], p=[0.03, 0.2, 0.32, 0.2, 0.15, 0.1]))
        return contractions.mask(self.rng, str(self.rng.choice(PATTERNS)), rows, cols)

    def finish(self, value: str, shape: tuple[int, ...], channel: int) -> None:
        """What follows a layer, and the output."""
        if self.rng.random() < 0.5:
            bias = [1] * len(shape)
            bias[channel] = shape[channel]
            value = self.node("Add", [value, self.constant(self.rng.standard_normal(bias))])
        if self.rng.random() < 0.3:
            value = self.node("Add", [value, self.feed(*shape)])
        if self.rng.random() < 0.7:
            value = self.node(str(self.rng.choice(["Relu", "Sigmoid", "Tanh", "HardSwish", "Elu"])), [value])
        self.outputs.append(value)

    def matmul(self) -> None:
        m, k = self.choice(1, 16, self.below(1, 100)), self.choice(1, 64, self.below(1, 260))
        n = self.choice(1, 1, 2, 8, 16, self.below(1, 120))
        w = self.rng.standard_normal((m, k)).astype(np.float32) * self.mask(m, k)
        form = self.choice(0, 1, 2)
        if form == 0:  # weight on the left
            self.finish(self.node("MatMul", [self.constant(w), self.feed(k, n)]), (m, n), 0)
        elif form == 1:  # tokens x features, as exporters write it
            self.finish(self.node("MatMul", [self.feed(1, n, k), self.constant(w.T)]), (1, n, m), 2)
        else:
            self.finish(self.node("Gemm", [self.feed(n, k), self.constant(w)], transB=1), (n, m), 1)

    def conv(self) -> None:
        rank, plain = self.choice(1, 2, 2, 2, 3), self.rng.random() < 0.4
        groups = self.choice(1, 1, 1, 2, 4)
        depthwise = self.rng.random() < 0.15
        inner, outer = (1, 1) if depthwise else (self.below(1, 24), self.choice(4, 16, self.below(1, 20)))
        groups = self.below(1, 30) if depthwise else groups
        kernel = [3 if plain else self.choice(1, 3, 5, self.below(1, 5)) for _ in range(rank)]
        strides = [1 if plain else self.choice(1, 1, 2, 3) for _ in range(rank)]
        dilations = [1 if plain else self.choice(1, 1, 1, 2) for _ in range(rank)]
        reach = [(k - 1) * d + 1 for k, d in zip(kernel, dilations)]
        extents = [r + self.below(0, (60, 24, 8)[rank - 1]) for r in reach]
        pads = [1 if plain else self.below(0, 1 + r // 2) for r in [*reach, *reach]]
        batch = self.choice(1, 1, 1, 2)
        cols = inner * int(np.prod(kernel))
        flat = self.mask(groups * outer, cols).reshape(groups * outer, *kernel, inner)
        w = self.rng.standard_normal((groups * outer, inner, *kernel)) * np.moveaxis(flat, -1, 1)
        inputs = [self.feed(batch, groups * inner, *extents), self.constant(w)]
        if self.rng.random() < 0.4:
            inputs.append(self.constant(self.rng.standard_normal(groups * outer)))
        value = self.node("Conv", inputs, kernel_shape=kernel, strides=strides, dilations=dilations, pads=pads, group=groups)
        size = [(e + pads[d] + pads[rank + d] - r) // s + 1
                for d, (e, r, s) in enumerate(zip(extents, reach, strides))]
        self.finish(value, (batch, groups * outer, *size), 1)

    def chained(self, value: str, shape: tuple[int, ...], channels: int) -> tuple[str, tuple[int, ...]]:
        """One more convolution or pool with `channels` channels where the extents allow it, and its shape."""
        rank = len(shape) - 2
        pool, depthwise = self.rng.random() < 0.25, self.rng.random() < 0.15
        kernel = [min(e, self.choice(1, 3, 3, 5, 2)) for e in shape[2:]]
        strides = [self.choice(1, 1, 1, 1, 2) for _ in range(rank)]
        dilations = [self.choice(1, 1, 1, 2) if (k - 1) * 2 < e else 1 for k, e in zip(kernel, shape[2:])]
        same = self.rng.random() < 0.6
        pads = [k // 2 * d if same else self.below(0, k) for k, d in zip([*kernel, *kernel], [*dilations, *dilations])]
        form = {"kernel_shape": kernel, "strides": strides, "dilations": dilations, "pads": pads}
        size = [(e + pads[d] + pads[rank + d] - (kernel[d] - 1) * dilations[d] - 1) // strides[d] + 1
                for d, e in enumerate(shape[2:])]
        if pool and all(p < k for p, k in zip(pads, [*kernel, *kernel])):
            return self.node("MaxPool", [value], **form), (*shape[:2], *size)
        groups = shape[1] if depthwise else 1
        channels, inner = (shape[1], 1) if depthwise else (channels, shape[1])
        keep = np.moveaxis(self.mask(channels, inner * int(np.prod(kernel))).reshape(channels, *kernel, inner), -1, 1)
        weight = self.rng.standard_normal((channels, inner, *kernel)) * keep / np.sqrt(inner * np.prod(kernel))
        inputs = [value, self.constant(weight), self.constant(self.rng.standard_normal(channels))]
        value = self.node("Conv", inputs, group=groups, **form)
        return (self.node("Relu", [value]) if self.rng.random() < 0.6 else value), (shape[0], channels, *size)

    def chain(self) -> None:
        """Layers that read each other; now and then one has a second reader, a residual or a neighbour."""
        rank = self.choice(1, 2, 2, 2, 3)
        extents = [self.below(1, (70, 40, 12)[rank - 1]) for _ in range(rank)]
        shape = (self.choice(1, 1, 2), self.choice(3, 4, 8, self.below(1, 20)), *extents)
        value = self.feed(*shape)
        for _ in range(self.below(3, 7)):
            before, old = value, shape
            value, shape = self.chained(value, shape, self.choice(old[1], 4, 16, self.below(1, 24)))
            what = self.rng.random()
            if what < 0.25 and shape == old:
                value = self.node("Add", [value, before])
            elif what < 0.4:
                self.outputs.append(self.chained(value, shape, 5)[0])
            elif what < 0.5:
                self.outputs.append(self.node("Sigmoid", [value]))
            elif what < 0.65:
                other, its = self.chained(before, old, 6)
                if its[2:] == shape[2:]:
                    value = self.node("Concat", [value, other], axis=1)
                    shape = (shape[0], shape[1] + its[1], *shape[2:])
                else:
                    self.outputs.append(other)
        self.outputs.append(value)

    def model(self) -> onnx.ModelProto:
        values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, x.shape) for name, x in self.feeds.items()]
        results = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in self.outputs]
        graph = helper.make_graph(self.nodes, "sweep", values, results, self.constants)
        model = onnx.shape_inference.infer_shapes(
            helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9))
        onnx.checker.check_model(model, full_check=True)
        return model


def run(command: list[str]) -> str:
    """What is wrong, if anything."""
    done = subprocess.run(command, capture_output=True, text=True)
    return f"{' '.join(command[:3])} ended with {done.returncode}: {done.stderr[-1500:]}" if done.returncode else ""


def compare(layers: Layers, expected: list[np.ndarray], folder: Path) -> str:
    """The output that differs most, if any differs."""
    worst = ("", TOLERANCE)
    for name, value in zip(layers.outputs, expected):
        found = np.load(folder / f"{name}.npy")
        error = np.max(np.abs(found - value)) / max(1.0, float(np.max(np.abs(value)))) if value.size else 0.0
        if not error <= worst[1]:
            worst = (f"output {name}: relative error {error:.1e}", error)
    return worst[0]


def write(layers: Layers, path: Path) -> tuple[list[np.ndarray], list[str]]:
    """Writes the model and its inputs beside it; what ONNX Runtime answers, and the options that name the inputs."""
    onnx.save(layers.model(), path)
    expected = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"]).run(layers.outputs, layers.feeds)
    inputs = []
    for name, value in layers.feeds.items():
        np.save(path.with_name(f"{name}.npy"), value)
        inputs += ["--input", f"{name}={path.with_name(f'{name}.npy')}"]
    return expected, inputs


def check(program: Path, threads: int, layers: Layers, expected: list[np.ndarray], inputs: list[str]) -> str:
    """Runs a compiled program; empty if it answers as expected, else what is wrong."""
    out = program.with_name(f"out{threads}")
    out.mkdir(exist_ok=True)
    return run([str(program), "--output-dir", str(out), "--threads", str(threads), *inputs]) or compare(
        layers, expected, out)


def main() -> None:
    """Sweeps what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--layers", type=int, default=40)
    parser.add_argument("--chains", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--targets", default="native,x86-64-v3")
    parser.add_argument("--strategies", default=",".join(["", *strategies()]))
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    layers = Layers(args.seed)
    for _ in range(args.layers):
        layers.conv() if layers.rng.random() < 0.6 else layers.matmul()
    for _ in range(args.chains):
        layers.chain()
    path = args.folder / "sweep.onnx"
    expected, inputs = write(layers, path)
    cases = failed = 0
    for target in args.targets.split(","):
        for strategy in args.strategies.split(","):
            program = args.folder / "program"
            wrong = run(["gsc", "compile", str(path), "-o", str(program), f"--target={target}",
                         *([f"--strategy={strategy}"] if strategy else [])])
            for threads in (1, 2):
                wrong = wrong or check(program, threads, layers, expected, inputs)
                cases += args.layers + args.chains
            failed += bool(wrong)
            print(f"{target} {strategy or '(cost model)'}: {wrong or 'as ONNX Runtime'}", flush=True)
    print(f"{cases} cases, {failed} programs failed")
    sys.exit(1 if failed or not cases else 0)


if __name__ == "__main__":
    main()
