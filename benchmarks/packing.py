# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Seconds to prune and to pack one large layer, on one core.

usage: python -m benchmarks.packing [--size 4096] [--sparsity 0.9] [--methods greedy,exact] [--pattern P ...]
       (from the repository root, after a build)

A square Gaussian weight goes through `gs-opt --gs-prune-weights --gs-compress-weights --mlir-timing`; the times are those of the
passes. Packing includes the check of the mask. Exit code 1 if packing takes more than a second.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
PATTERNS = ("gather_scatter<banks = 16, width = 1>", "gather_scatter<banks = 16, width = 4>", "gather_scatter<banks = 16, width = 16>",
            "gather_scatter<banks = 64, width = 1>")


def module(size: int) -> str:
    """One matrix-vector product with a written strategy, so that packing needs no cost model."""
    weight = np.random.default_rng(1).standard_normal((size, size)).astype(np.float32)
    w, x = f"tensor<{size}x{size}xf32>", f"tensor<{size}x1xf32>"
    return f"""func.func @main(%x: {x}, %e: {x}) -> {x} {{
  %w = arith.constant dense<"0x{weight.tobytes().hex().upper()}"> : {w}
  %y = gs.matmul %w, %x outs(%e : {x}) {{strategy = #gs.strategy<"lane-gather">}} : {w}, {x} -> {x}
  return %y : {x}
}}"""


def times(path: Path, pattern: str, sparsity: float, method: str) -> tuple[float, float]:
    """Seconds of pruning and of packing."""
    pipeline = (f'builtin.module(gs-prune-weights{{pattern="#gs.{pattern}" density={1 - sparsity} method={method}}},'
                "gs-compress-weights{target=x86-64-v3})")
    run = subprocess.run([ROOT / "build/bin/gs-opt", path, f"--pass-pipeline={pipeline}", "--mlir-timing",
                          "--mlir-disable-threading", "--mlir-elide-elementsattrs-if-larger=4", "-o", os.devnull],
                         capture_output=True, text=True, check=False)
    found = {name: float(seconds) for seconds, name in re.findall(r"^\s*([0-9.]+) \(.*?\)\s+(\w+)", run.stderr, re.MULTILINE)}
    if run.returncode or "CompressWeights" not in found:
        sys.exit(f"{pattern}: {run.stderr.strip()[:2000]}")
    return found["PruneWeights"], found["CompressWeights"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=4096, help="rows and columns")
    parser.add_argument("--sparsity", type=float, default=0.9)
    parser.add_argument("--methods", default="greedy", help="of the projection: greedy, exact, or both with a comma")
    parser.add_argument("--pattern", action="append", help="as in the IR without #gs.; may be given several times")
    arguments = parser.parse_args()
    slow = False
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "layer.mlir"
        path.write_text(module(arguments.size))
        print("| pattern | method | prune s | pack s |\n|---|---|--:|--:|")
        for pattern in arguments.pattern or PATTERNS:
            for method in arguments.methods.split(","):
                prune, pack = times(path, pattern, arguments.sparsity, method)
                slow |= pack > 1
                print(f"| {pattern} | {method} | {prune:.2f} | {pack:.2f} |", flush=True)
    return int(slow)


if __name__ == "__main__":
    sys.exit(main())
