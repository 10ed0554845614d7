# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiles whole networks for another architecture, runs them under an emulator, and compares results.

usage: cross_targets.py FOLDER TARGET EMULATOR_COMMAND... [--patterns P,...] [--strategies S,...]

EMULATOR_COMMAND is one string per machine to run on ("qemu-aarch64 -cpu max"). The networks are a perceptron and a
convolutional network, dense and in patterns, and the trained ones of examples/spoken_digits. Each is compared with ONNX
Runtime, and so is the program that gsc makes of the trained ones for this machine; with --strategies the small ones also
run under each strategy by force that a layer takes. Prints one line per network; exit code 1 if a result differs or a
program does not run.
"""

from __future__ import annotations

import argparse
import json
import shlex
import subprocess
import sys
from pathlib import Path

import contractions
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

ROOT = Path(__file__).resolve().parents[3]
PATTERNS = ("dense", "unstructured", "block4", "gs4_1", "gs8_1")
RTOL, ATOL = 1e-4, 1e-5


def weight(rng: np.random.Generator, pattern: str, shape: tuple[int, ...]) -> np.ndarray:
    """A random weight, rows first, in the pattern."""
    rows = shape[0]
    values = rng.standard_normal((rows, int(np.prod(shape[1:])))).astype(np.float32) / 4
    return (values * contractions.mask(rng, pattern, *values.shape)).reshape(shape)


def save(path: Path, nodes: list[onnx.NodeProto], shape: tuple[int, ...], result: str,
         weights: dict[str, np.ndarray]) -> None:
    """Writes a checked model with input `x`."""
    value = helper.make_tensor_value_info
    graph = helper.make_graph(nodes, path.stem, [value("x", TensorProto.FLOAT, shape)],
                              [value(result, TensorProto.FLOAT, None)],
                              [numpy_helper.from_array(array, name) for name, array in weights.items()])
    model = onnx.shape_inference.infer_shapes(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)],
                                                                ir_version=8))
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)


def perceptron(path: Path, pattern: str, batch: int) -> None:
    """Three layers with odd extents where the pattern allows them; one column (batch 1) takes other kernels."""
    rng = np.random.default_rng(1)
    sizes, nodes, weights, last = (96, 72, 40, 13), [], {}, "x"
    for i, (inputs, outputs) in enumerate(zip(sizes, sizes[1:])):
        weights[f"w{i}"] = weight(rng, pattern if outputs % 8 == 0 else "unstructured", (outputs, inputs))
        weights[f"b{i}"] = rng.standard_normal(outputs).astype(np.float32)
        nodes.append(helper.make_node("Gemm", [last, f"w{i}", f"b{i}"], [f"g{i}"], f"gemm{i}", transB=1))
        nodes.append(helper.make_node(("Tanh", "Relu", "Identity")[i], [f"g{i}"], [f"r{i}"], f"act{i}"))
        last = f"r{i}"
    save(path, nodes, (batch, sizes[0]), last, weights)


def convolutional(path: Path, pattern: str) -> None:
    """3x3, strided, depthwise and 1x1 convolutions, a residual addition, pooling and a classifier."""
    rng = np.random.default_rng(2)
    weights = {
        "w0": weight(rng, "dense", (16, 3, 3, 3)),
        "w1": weight(rng, pattern, (16, 16, 3, 3)),
        "w2": weight(rng, pattern, (24, 16, 3, 3)),
        "w3": weight(rng, "dense", (24, 1, 3, 3)),
        "w4": weight(rng, pattern, (32, 24, 1, 1)),
        "w5": weight(rng, pattern, (8, 32)),
        "b1": rng.standard_normal(16).astype(np.float32),
    }
    pads = {"pads": [1, 1, 1, 1]}
    node = helper.make_node
    nodes = [
        node("Conv", ["x", "w0"], ["c0"], "conv0", **pads),
        node("Relu", ["c0"], ["r0"], "relu0"),
        node("Conv", ["r0", "w1", "b1"], ["c1"], "conv1", **pads),
        node("Add", ["c1", "r0"], ["a1"], "add1"),
        node("Sigmoid", ["a1"], ["r1"], "sigmoid1"),
        node("Conv", ["r1", "w2"], ["c2"], "conv2", strides=[2, 2], **pads),
        node("Conv", ["c2", "w3"], ["c3"], "conv3", group=24, **pads),
        node("MaxPool", ["c3"], ["p3"], "pool3", kernel_shape=[2, 2], strides=[2, 2]),
        node("Conv", ["p3", "w4"], ["c4"], "conv4"),
        node("GlobalAveragePool", ["c4"], ["p4"], "pool4"),
        node("Flatten", ["p4"], ["f4"], "flatten4"),
        node("Gemm", ["f4", "w5"], ["y"], "gemm5", transB=1),
    ]
    save(path, nodes, (1, 3, 19, 22), "y", weights)


def run(command: list[str]) -> None:
    """Runs a command; RuntimeError with what it said if it fails."""
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{shlex.join(command)} ended with {done.returncode}: {(done.stderr or done.stdout)[-800:]}")


def outputs(folder: Path) -> dict[str, np.ndarray]:
    """What a program wrote, by name."""
    return {file.stem: np.load(file) for file in sorted(folder.glob("*.npy"))}


def taken(model: Path, target: str, strategies: list[str]) -> list[str]:
    """The strategies that a layer takes by force: the program of another one is that without it."""
    accepted = []
    for strategy in strategies:
        done = subprocess.run(["gsc", "explain", str(model), f"--target={target}", f"--strategy={strategy}", "--json", "-"],
                              capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"gsc explain {model} --strategy={strategy}: {done.stderr[-800:]}")
        if any(str(layer.get("strategy", "")).split(" ")[0] == strategy for layer in json.loads(done.stdout)["layers"]):
            accepted.append(strategy)
    return accepted


def check(model: Path, folder: Path, target: str, emulators: list[str], strategies: list[str]) -> float:
    """Largest difference to ONNX Runtime; RuntimeError if a result is wrong."""
    session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
    source = session.get_inputs()[0]
    values = np.random.default_rng(3).standard_normal(source.shape).astype(np.float32)
    np.save(folder / "input.npy", values)
    expected = dict(zip((o.name for o in session.get_outputs()), session.run(None, {source.name: values})))
    most = 0.0
    programs = [("native", "", [""])] if model.is_relative_to(ROOT) else []
    programs += [(target, strategy, emulators if not strategy else emulators[:1])
                 for strategy in ["", *taken(model, target, strategies)]]
    for machine, strategy, commands in programs:
        program = folder / f"{model.stem}-{machine}{'-' * bool(strategy)}{strategy}"
        options = [f"--strategy={strategy}"] if strategy else []
        run(["gsc", "compile", str(model), f"--target={machine}", "-o", str(program), *options])
        for number, command in enumerate(commands):
            for threads in ("1", "2")[: 1 if strategy or number else 2]:
                into = folder / f"{program.name}.{number}.{threads}"
                into.mkdir()
                run([*shlex.split(command), str(program), "--threads", threads, "--input",
                     f"{source.name}={folder / 'input.npy'}", "--output-dir", str(into)])
                found = outputs(into)
                for name, array in expected.items():
                    if not np.allclose(found[name], array, RTOL, ATOL * np.abs(array).max()):
                        raise RuntimeError(f"'{name}' differs by {np.abs(found[name] - array).max()}: {program}, "
                                           f"'{command}', {threads} threads")
                    most = max(most, float(np.abs(found[name] - array).max()))
    return most


def main() -> None:
    """Checks every network on the target that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("target")
    parser.add_argument("emulators", nargs="+")
    parser.add_argument("--patterns", default=",".join(PATTERNS), help="of the small networks")
    parser.add_argument("--strategies", default="")
    args = parser.parse_args()
    forced = [name for name in args.strategies.split(",") if name]
    models: list[tuple[Path, list[str]]] = []
    for pattern in args.patterns.split(","):
        for batch in (1, 5):
            models.append((args.folder / f"perceptron-{pattern}-{batch}.onnx", forced))
            perceptron(models[-1][0], pattern, batch)
        models.append((args.folder / f"convolutional-{pattern}.onnx", forced))
        convolutional(models[-1][0], pattern)
    models += [(ROOT / f"examples/spoken_digits/models/{name}.onnx", []) for name in ("dense", "block4", "gs16_1")]
    wrong = 0
    for model, strategies in models:
        try:
            most = check(model, args.folder, args.target, args.emulators, strategies)
            print(f"{args.target} {model.stem}: as ONNX Runtime, largest difference {most:.1e}", flush=True)
        except RuntimeError as failure:
            wrong += 1
            print(f"{args.target} {model.stem}: {failure}", flush=True)
    print(f"{len(models)} networks, {wrong} wrong")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
