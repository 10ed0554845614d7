# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""One trained network on every kind of machine: all must hear the same digit, and compute the same logits.

usage: trained_network.py FOLDER MODEL.onnx RECORDINGS [TARGET=EMULATOR_COMMAND]...

MODEL is one of examples/spoken_digits; RECORDINGS is how many of its recordings are heard. The references are ONNX Runtime
and the program for this machine. A TARGET runs the whole network: simulated engines (gse-...: in halves, `gsc run`) and
other architectures under an emulator. hexagon-hvx has kernels of single layers in fixed point: each must equal the integer
product of its weights, as `--emit=mlir` shows them, to the last bit, and the layer within the step of its numbers; then
they take the place of their layers in the network, and the logits are compared. Prints one line per target.
"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import helper, numpy_helper

HERE = Path(__file__).resolve()
EXAMPLE = HERE.parents[3] / "examples" / "spoken_digits"
sys.path[:0] = [str(EXAMPLE), str(HERE.parents[2] / "Conversion" / "GSToGSE" / "Inputs")]
import contractions  # noqa: E402
import features  # noqa: E402

# Of the scale of the logits. Halves on the engine, fixed-point numbers on Hexagon.
TOLERANCE = {"native": 1e-5, "gse": 1e-2, "hexagon": 2e-3}


def run(command: list[str], data: bytes = b"") -> bytes:
    """Standard output; ends the test with what the command said if it fails."""
    done = subprocess.run(command, input=data, capture_output=True)
    if done.returncode:
        sys.exit(f"{shlex.join(command)} ended with {done.returncode}: {(done.stderr or done.stdout).decode()[-800:]}")
    return done.stdout


class Network:
    """The model, its inputs, and what ONNX Runtime computes: every value of every recording."""

    def __init__(self, path: Path, recordings: int) -> None:
        self.path, self.model = path, onnx.load(path)
        self.weights = {w.name: numpy_helper.to_array(w) for w in self.model.graph.initializer}
        files = sorted((EXAMPLE / "inputs").glob("*.wav"))
        self.inputs = [features.load(files[i]) for i in np.linspace(0, len(files) - 1, recordings).astype(int)]
        watched = onnx.ModelProto()
        watched.CopyFrom(self.model)
        known = {output.name for output in watched.graph.output}
        for node in watched.graph.node:
            watched.graph.output.extend(helper.make_empty_tensor_value_info(name) for name in node.output
                                        if name not in known)
        session = onnxruntime.InferenceSession(watched.SerializeToString(), providers=["CPUExecutionProvider"])
        names = [output.name for output in session.get_outputs()]
        self.values = [dict(zip(names, session.run(None, {"features": x}))) | {"features": x} for x in self.inputs]
        self.logits = [values["logits"] for values in self.values]

    def compare(self, target: str, found: list[np.ndarray]) -> None:
        """Ends the test if logits differ."""
        tolerance = next((t for name, t in TOLERANCE.items() if target.startswith(name)), 1e-4)
        worst = max(float(np.abs(a - b).max() / np.abs(b).max()) for a, b in zip(found, self.logits))
        heard = [int(a.argmax()) for a in found]
        if not worst <= tolerance or heard != [int(b.argmax()) for b in self.logits]:
            sys.exit(f"{target}: logits differ by {worst:.1e} of their scale, heard {heard}")
        print(f"{target}: heard {' '.join(map(str, heard))}, logits within {worst:.1e}", flush=True)


def whole(network: Network, folder: Path, target: str, emulator: str) -> list[np.ndarray]:
    """Logits of a program, or of an engine."""
    command = ["gsc", "run", str(network.path), f"--target={target}"]
    if not target.startswith("gse"):
        program = folder / target
        run(["gsc", "compile", str(network.path), f"--target={target}", "-o", str(program)])
        command = [*shlex.split(emulator), str(program), "--threads", "1"]
    logits = []
    for i, x in enumerate(network.inputs):
        np.save(folder / "features.npy", x)
        into = folder / f"{target}.{i}"
        into.mkdir()
        run([*command, "--input", f"features={folder / 'features.npy'}", "--output-dir", str(into)])
        logits.append(np.load(into / "logits.npy"))
    return logits


def integers(path: Path) -> dict[str, np.ndarray]:
    """Weights of the functions of a module, by name of the function."""
    text = path.read_text()
    blobs = dict(re.findall(r'^\s*([\w.]+): "0x([0-9A-F]+)"', text, re.M))
    weights = {}
    for name, kind, data, shape in re.findall(
            r"func\.func @(\w+)\(.*?gs\.constant dense(_resource)?<\"?(?:0x)?(\w+)\"?> : tensor<([\dx]+)xi16>", text, re.S):
        raw = bytes.fromhex(blobs[data])[4:] if kind else bytes.fromhex(data)  # A blob begins with its alignment.
        weights[name] = np.frombuffer(raw, np.int16).reshape([int(n) for n in shape.split("x")])
    return weights


class Hexagon:
    """Kernels of layers, and the network around them."""

    def __init__(self, network: Network, folder: Path, emulator: str) -> None:
        self.network, self.program = network, [*shlex.split(emulator), str(folder / "hexagon")]
        options = [str(network.path), "--target=hexagon-hvx"]
        run(["gsc", "compile", *options, "--emit=exe", "-o", self.program[-1], "--report", str(folder / "kernels.json")])
        run(["gsc", "compile", *options, "--emit=mlir", "-o", str(folder / "kernels.mlir")])
        self.kernels = {k["node"]: k for k in json.loads((folder / "kernels.json").read_text())["kernels"]}
        self.integers = integers(folder / "kernels.mlir")

    def shift(self, node: onnx.NodeProto) -> tuple[np.ndarray, str]:
        """The bias of the layer with what gsc folds into it (BatchNormalization), and the name of the value it makes then."""
        follower = next((n for n in self.network.model.graph.node if node.output[0] in n.input), None)
        weights = self.network.weights
        if node.op_type != "Conv" or follower is None or follower.op_type != "BatchNormalization":
            bias = weights[node.input[2]] if len(node.input) > 2 else 0.0
            return np.asarray(bias, np.float64), node.output[0]
        gamma, beta, mean, variance = (weights[name].astype(np.float64) for name in follower.input[1:])
        epsilon = next((a.f for a in follower.attribute if a.name == "epsilon"), 1e-5)
        factor = gamma / np.sqrt(variance + epsilon)
        return (beta - mean * factor).reshape(1, -1, 1, 1), follower.output[0]

    def layer(self, node: onnx.NodeProto, x: np.ndarray) -> tuple[np.ndarray, str]:
        """Result of a kernel as numbers, and the name of the value it is. It is checked on the way."""
        kernel = self.kernels[node.name]
        step = float(np.abs(x).max()) / 32767 or 1.0
        steps = np.round(x / step).astype(np.int16)
        w = self.integers[kernel["name"]].astype(np.float64)  # Exact: all sums are below 2^53.
        if node.op_type == "Conv":
            given = {a.name: list(a.ints) for a in node.attribute if a.ints}
            exact = contractions.convolve(w, steps.astype(np.float64), given.get("strides", [1, 1]),
                                          given.get("dilations", [1, 1]), given.get("pads", [0] * 4))
        else:  # The columns of a Gemm's kernel are its batch.
            exact, steps = (w @ steps.astype(np.float64).T), np.ascontiguousarray(steps.T)
        found = np.frombuffer(run([*self.program, kernel["name"]], steps.tobytes()), np.int32).reshape(exact.shape)
        if not np.array_equal(found, exact):
            sys.exit(f"hexagon-hvx {node.name}: differs from integer arithmetic at {np.argwhere(found != exact)[:4].tolist()}")
        shift, value = self.shift(node)
        rows = np.array(kernel["scale"]).reshape([1, -1, 1, 1] if node.op_type == "Conv" else [-1, 1])
        result = found * rows * step
        return (result if node.op_type == "Conv" else result.T) + shift, value

    def logits(self, x: np.ndarray) -> np.ndarray:
        """The network with kernels in the place of their layers."""
        values: dict[str, np.ndarray] = {"features": x} | self.network.weights
        for node in self.network.model.graph.node:
            if node.output[0] in values:
                continue
            if node.name in self.kernels:
                result, name = self.layer(node, values[node.input[0]])
                values[node.output[0]] = values[name] = result.astype(np.float32)
                continue
            infos = [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in node.input]
            outputs = [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in node.output]
            single = helper.make_model(helper.make_graph([node], "one", infos, outputs),
                                       opset_imports=self.network.model.opset_import, ir_version=8)
            feed = {name: values[name] for name in node.input}
            session = onnxruntime.InferenceSession(single.SerializeToString(), providers=["CPUExecutionProvider"])
            values.update(zip(node.output, session.run(None, feed)))
        return values["logits"]


def main() -> None:
    """Compares every target."""
    folder, model, recordings, *targets = sys.argv[1:]
    network, folder = Network(Path(model), int(recordings)), Path(folder)
    for pair in ["native=", *targets]:
        target, emulator = pair.split("=", 1)
        if target == "hexagon-hvx":
            hexagon = Hexagon(network, folder, emulator)
            network.compare(f"hexagon-hvx ({', '.join(sorted(hexagon.kernels))})", [hexagon.logits(x) for x in network.inputs])
        else:
            network.compare(target, whole(network, folder, target, emulator))


if __name__ == "__main__":
    main()
