# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""One row per layer of a model: what gsc predicted and measured, and what oneDNN's best dense kernel takes.

    python -m benchmarks.layers resnet50 [--pattern block4] [--sparsity 0.9] [--json F]
    python -m benchmarks.layers --onnx FILE.onnx

gsc's times are those of `gsc explain --measure`: inside the network, packing of the input included.  oneDNN's are of the
layer alone, weights and activations in the layouts it likes best (direct, Winograd or matrix product, whichever is fastest);
Debian's libdnnl-dev has the library, and `onednn.cpp` is built on the first call.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import shutil
import subprocess
import sys
from pathlib import Path

import onnx

from . import models
from .common import GSC, WORK, model_file
from .engines import pin

SOURCE = Path(__file__).with_name("onednn.cpp")
GOOD_SHARE = 0.7  # of the roof; below it a layer owes a reason


def onednn_program(work: Path) -> Path | None:
    """Builds onednn.cpp, or finds it built; None without a compiler or the library."""
    program = work / "onednn"
    if program.exists() and program.stat().st_mtime > SOURCE.stat().st_mtime:
        return program
    compiler = next((found for name in ("c++", "g++", "clang++", "clang++-22") if (found := shutil.which(name))), None)
    if compiler is None:
        return None
    work.mkdir(parents=True, exist_ok=True)
    command = [compiler, "-O2", "-std=c++20", str(SOURCE), "-ldnnl", "-o", str(program)]
    return None if subprocess.run(command, capture_output=True, check=False).returncode else program


def _shapes(model: onnx.ModelProto) -> dict[str, list[int]]:
    """Shapes of all values that have a static one."""
    graph = model.graph
    shapes = {tensor.name: list(tensor.dims) for tensor in graph.initializer}
    for value in [*graph.input, *graph.value_info, *graph.output]:
        shape = [dim.dim_value for dim in value.type.tensor_type.shape.dim]
        if shape and all(shape):
            shapes[value.name] = shape
    return shapes


def _join(values: list[int]) -> str:
    return ",".join(map(str, values))


def layer_requests(model: onnx.ModelProto) -> dict[str, tuple[str, int]]:
    """What onednn.cpp is asked for each layer with a constant weight, without the name, and how often it runs.

    Keys are the layers' names in gsc's report: a recurrent operator is a product for the inputs of all steps, and one
    per step and direction for the states.
    """
    shapes = _shapes(model)
    constants = {tensor.name for tensor in model.graph.initializer}
    requests = {}
    for node in model.graph.node:
        attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        x, w = (shapes.get(name) for name in [*node.input, "", ""][:2])
        if x is None or w is None or node.input[1] not in constants:
            continue
        if node.op_type == "Conv" and x[0] == 1:
            rank = len(w) - 2
            ones = [1] * rank
            pads = attributes.get("pads", [0] * 2 * rank)
            strides, dilations = attributes.get("strides", ones), attributes.get("dilations", ones)
            fields = " ".join(map(_join, (x[2:], w[2:], strides, dilations, pads[:rank], pads[rank:])))
            requests[node.name] = f"conv {attributes.get('group', 1)} {x[1]} {w[0]} {fields}", 1
        elif node.op_type == "Gemm" and not attributes.get("transA"):
            outputs, inputs = w if attributes.get("transB") else w[::-1]
            requests[node.name] = f"matmul {math.prod(x[:-1])} {outputs} {inputs}", 1
        elif node.op_type == "MatMul" and len(w) == 2:
            requests[node.name] = f"matmul {math.prod(x[:-1])} {w[1]} {w[0]}", 1
        elif node.op_type in ("LSTM", "GRU", "RNN") and not attributes.get("layout"):
            (steps, batch, inputs), (directions, gates, _) = x, w
            requests[node.name] = f"matmul {steps * batch} {directions * gates} {inputs}", 1
            for suffix in ("", " reverse")[:directions]:
                requests[f"{node.name}/recurrent{suffix}"] = (
                    f"matmul {batch} {gates} {attributes['hidden_size']}",
                    steps,
                )
    return requests


def time_onednn(
    program: Path, requests: dict[str, tuple[str, int]], cores: list[int], seconds: float
) -> tuple[str, dict[str, dict]]:
    """Version of oneDNN, and per layer its fastest kernel and time (`kernel`, `us`)."""
    distinct = {line: number for number, line in enumerate(dict.fromkeys(line for line, _ in requests.values()))}
    text = "".join(f"{line.split(' ', 1)[0]} {number} {line.split(' ', 1)[1]}\n" for line, number in distinct.items())
    environment = {**os.environ, "OMP_NUM_THREADS": str(len(cores))}
    command = [*pin(cores), str(program), str(seconds)]
    result = subprocess.run(command, input=text, capture_output=True, text=True, check=False, env=environment)
    version, *answers = result.stdout.splitlines() or ["oneDNN failed"]
    found = {}
    for answer in answers:
        number, kernel, microseconds = answer.split("\t")
        found[int(number)] = (kernel, float(microseconds))
    times = {}
    for name, (line, count) in requests.items():
        kernel, microseconds = found.get(distinct[line], ("", math.inf))
        if math.isfinite(microseconds):
            times[name] = {"kernel": kernel, "us": microseconds * count}
    return version, times


def measure_layers(
    gsc: Path, path: Path, work: Path, cores: list[int], arguments: list[str], seconds: float = 0.2
) -> dict:
    """Measures one model file; `layers` has a row per layer, `failure` is there if gsc failed."""
    work.mkdir(parents=True, exist_ok=True)
    report = work / "layers.json"
    report.unlink(missing_ok=True)
    command = [
        *pin(cores),
        str(gsc),
        "explain",
        str(path),
        "--measure",
        f"--threads={len(cores)}",
        f"--json={report}",
        *arguments,
    ]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode or not report.exists():
        return {"failure": (result.stderr.strip().splitlines() or ["no diagnostic"])[-1][:300], "layers": []}
    explained = json.loads(report.read_text())
    version, dense = None, {}
    requests = layer_requests(onnx.load(path, load_external_data=False))
    if program := onednn_program(work):
        version, dense = time_onednn(program, requests, cores, seconds)
    rows = []
    for layer in explained["layers"]:
        row = {
            key: layer.get(key)
            for key in (
                "node",
                "op",
                "shape",
                "pattern",
                "density",
                "strategy",
                "predicted_us",
                "measured_us",
                "kept_gflops",
                "roof",
                "roof_us",
                "roof_share",
                "reason",
            )
        }
        if found := dense.get(layer["node"]):
            row |= {"onednn_us": found["us"], "onednn_kernel": found["kernel"], "request": requests[layer["node"]][0]}
            if layer.get("measured_us"):
                row["speedup"] = found["us"] / layer["measured_us"]
        rows.append(row)
    return {
        "measured_us": explained["measured_us"],
        "target": explained["target"],
        "onednn": version,
        "layers": rows,
        "others": explained.get("others") or [],
        "threads": len(cores),
    }


def model_error(layers: list[dict]) -> float | None:
    """Median of |predicted / measured - 1| over the layers."""
    errors = sorted(
        abs(row["predicted_us"] / row["measured_us"] - 1)
        for row in layers
        if row.get("measured_us") and row.get("predicted_us")
    )
    return errors[len(errors) // 2] if errors else None


def _cell(value: float | None, form: str) -> str:
    return "–" if value is None else format(value, form)


def table(result: dict) -> list[str]:
    """The rows as a Markdown table."""
    lines = [
        "| layer | weight | zeros | strategy | predicted µs | measured µs | GFLOP/s of non-zeros | share of roof "
        "| oneDNN dense µs | speed-up | reason |",
        "|---|---|--:|---|--:|--:|--:|--:|--:|--:|---|",
    ]
    for row in result["layers"]:
        share = row["roof_share"]
        reason = row["reason"] if share is None or share < GOOD_SHARE or row["pattern"] == "dense" else ""
        lines.append(
            f"| {row['node']} | {row['shape']} | {1 - (row['density'] or 0):.1%} | {row['strategy']} "
            f"| {_cell(row['predicted_us'], '.1f')} | {_cell(row['measured_us'], '.1f')} "
            f"| {_cell(row['kept_gflops'], '.1f')} "
            f"| {_cell(share, '.0%')} {row['roof'] or ''} | {_cell(row.get('onednn_us'), '.1f')} "
            f"| {_cell(row.get('speedup'), '.2f')} | {reason or ''} |"
        )
    return lines


def summary(result: dict) -> str:
    """One sentence on the whole table."""
    rows = result["layers"]
    known = [row for row in rows if row["roof_share"] is not None]
    good = sum(row["roof_share"] >= GOOD_SHARE for row in known)
    error = model_error(rows)
    text = f"{good} of {len(known)} layers reach {GOOD_SHARE:.0%} of their roof"
    both = [row for row in rows if row.get("speedup")]
    if both:
        gain = sum(row["onednn_us"] for row in both) / sum(row["measured_us"] for row in both)
        text += f"; all layers together are {gain:.2f}x as fast as {result['onednn']}'s best dense kernels"
    return text + ("" if error is None else f"; the prediction is off by {error:.0%} (median)") + "."


def main() -> int:
    """Measures one model and prints the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.layers", description=__doc__.splitlines()[0])
    parser.add_argument("model", nargs="?", help="a model of benchmarks.models")
    parser.add_argument("--pattern", default="unstructured", choices=models.PATTERNS)
    parser.add_argument("--sparsity", type=float, default=0.9)
    parser.add_argument("--small", action="store_true", help="tiny variant: tests this script")
    parser.add_argument("--onnx", type=Path, help="a file in place of a model of benchmarks.models")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=0.2, help="per kernel of oneDNN (default 0.2)")
    parser.add_argument("--gsc", type=Path, default=GSC, help="the compiler (default build/bin/gsc)")
    parser.add_argument("--target", help="passed to gsc")
    parser.add_argument("--work", type=Path, default=WORK, help="where models and the program for oneDNN are kept")
    parser.add_argument("--json", type=Path, help="write the table as JSON, too")
    args = parser.parse_args()
    if (args.model is None) == (args.onnx is None):
        parser.error("expected a model or --onnx")
    if args.model is not None and args.model not in models.MODELS:
        parser.error(f"unknown model '{args.model}' (see python -m benchmarks.models --list)")
    path = args.onnx or model_file(args.model, args.pattern, args.sparsity, args.small, args.work)
    cores = sorted(os.sched_getaffinity(0))[-args.threads :]
    result = measure_layers(
        args.gsc, path, args.work, cores, [f"--target={args.target}"] if args.target else [], args.seconds
    )
    if "failure" in result:
        print(f"error: {result['failure']}", file=sys.stderr)
        return 1
    print("\n".join(table(result)))
    print(f"\n{summary(result)}")
    if result["onednn"] is None:
        print("oneDNN was not timed: a C++ compiler and Debian's libdnnl-dev are needed.")
    if args.json:
        args.json.write_text(json.dumps(result, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
