# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Recognises the shipped spoken digits with the compiled networks, beside ONNX Runtime.

    for m in dense block4 gs16_1; do build/bin/gsc compile examples/spoken_digits/models/$m.onnx -o DIR/$m; done
    python examples/spoken_digits/classify.py DIR

Prints what each network heard, its accuracy, how far its outputs are from those of ONNX Runtime, and the time per
inference of both, measured in turns on one core.  Exit code 1 if an executable fails or its outputs disagree.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import onnxruntime

from features import label, load

HERE = Path(__file__).resolve().parent
MODELS = ("dense", "block4", "gs16_1")
TITLES = {"dense": "dense", "block4": "90 % sparse, 4-row blocks", "gs16_1": "90 % sparse, GS(16,1)"}
TOLERANCE = 1e-4  # largest difference to ONNX Runtime, relative to the largest output


def call(command: list[str]) -> str:
    """Runs a command and returns its standard output; ends the script with its error text if it fails."""
    try:
        result = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        sys.exit(f"error: {command[0]}: {error.strerror}; compile it first: gsc compile MODEL.onnx -o {command[0]}")
    if result.returncode:
        sys.exit(f"error: {' '.join(command)} ended with {result.returncode}: {result.stderr.strip()}")
    return result.stdout


def ort_session(name: str) -> onnxruntime.InferenceSession:
    """Opens a shipped model with ONNX Runtime on one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(HERE / "models" / f"{name}.onnx"), options, ["CPUExecutionProvider"])


def run_gsc(executable: Path, inputs: list[np.ndarray]) -> np.ndarray:
    """Returns the logits `[files, 10]` that the executable computes, one process per file."""
    results = []
    with tempfile.TemporaryDirectory() as folder:
        for features in inputs:
            np.save(f"{folder}/features.npy", features)
            call([str(executable), "--input", f"features={folder}/features.npy", "--output-dir", folder])
            results.append(np.load(f"{folder}/logits.npy").reshape(-1))
    return np.stack(results)


def time_ort(session: onnxruntime.InferenceSession, features: np.ndarray, seconds: float) -> list[float]:
    """Times of single runs in milliseconds, for about `seconds`."""
    times: list[float] = []
    session.run(None, {"features": features})
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(times) < 5:
        start = time.perf_counter()
        session.run(None, {"features": features})
        times.append((time.perf_counter() - start) * 1e3)
    return times


def timing_table(executables: dict[str, Path], features: np.ndarray, rounds: int, seconds: float) -> list[str]:
    """Measures every engine in turns and returns the lines of the table."""
    sessions = {name: ort_session(name) for name in MODELS}
    gsc: dict[str, list[tuple[float, float]]] = {name: [] for name in MODELS}
    ort: dict[str, list[tuple[float, float]]] = {name: [] for name in MODELS}
    for _ in range(rounds):
        for name in MODELS:
            out = json.loads(call([str(executables[name]), "--benchmark", "--seconds", str(seconds), "--threads", "1",
                                   "--json"]))
            gsc[name].append((out["min_ms"], out["median_ms"]))
            times = time_ort(sessions[name], features, seconds)
            ort[name].append((min(times), statistics.median(times)))

    def cell(values: list[tuple[float, float]]) -> tuple[float, float]:
        return min(value[0] for value in values), statistics.median(value[1] for value in values)

    base = cell(ort["dense"])[0]
    lines = [f"{'engine':14} {'network':28} {'min ms':>8} {'median ms':>10} {'times ONNX Runtime dense':>25}"]
    for engine, table in (("GSC", gsc), ("ONNX Runtime", ort)):
        for name in MODELS:
            least, median = cell(table[name])
            lines.append(f"{engine:14} {TITLES[name]:28} {least:8.3f} {median:10.3f} {base / least:24.2f}x")
    return lines


def main() -> int:
    """Classifies, compares, times."""
    parser = argparse.ArgumentParser(description="Recognises spoken digits with compiled networks.")
    parser.add_argument("executables", type=Path, help=f"folder of the compiled networks {', '.join(MODELS)}")
    parser.add_argument("--seconds", type=float, default=0.4, help="per engine, network and round (default 0.4)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of timing, 0 for none (default 3)")
    args = parser.parse_args()
    files = sorted((HERE / "inputs").glob("*.wav"))
    inputs = [load(path) for path in files]
    labels = np.array([label(path) for path in files])
    shipped = json.loads((HERE / "results.json").read_text())
    executables = {name: args.executables.resolve() / name for name in MODELS}
    agreed = True
    print(f"{len(files)} recordings, digits spoken: {' '.join(map(str, labels))}")
    for name in MODELS:
        logits = run_gsc(executables[name], inputs)
        session = ort_session(name)
        expected = np.concatenate([session.run(None, {"features": features})[0] for features in inputs])
        heard, right = logits.argmax(1), int((logits.argmax(1) == labels).sum())
        error = float(np.abs(logits - expected).max() / np.abs(expected).max())
        same = int((heard == expected.argmax(1)).sum())
        good = bool(np.isfinite(logits).all()) and error <= TOLERANCE
        agreed &= good
        print(f"\n{TITLES[name]}\n  heard: {' '.join(str(h) if h == l else f'[{h}]' for h, l in zip(heard, labels))}")
        print(f"  right: {right} of {len(files)} ({right / len(files):.1%}); on all {shipped['test_files']} test "
              f"recordings: {shipped[name]['accuracy']:.1%}, weights kept: {shipped[name]['density']:.1%}")
        print(f"  same answer as ONNX Runtime: {same} of {len(files)}, largest relative error {error:.1e} "
              f"({'ok' if good else f'FAIL, above {TOLERANCE:.0e}'})")
    if args.rounds > 0 and agreed:
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})  # children inherit it: one core for every engine
        print("\ntime per inference, one core, engines in turns")
        print("\n".join("  " + line for line in timing_table(executables, inputs[0], args.rounds, args.seconds)))
    return 0 if agreed else 1


if __name__ == "__main__":
    sys.exit(main())
