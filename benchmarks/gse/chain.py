# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Kernels through the real chain: gs ops, gs-opt --convert-gs-to-gse, gs-translate --simulate --simulate-timing=law."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .machines import Machine
from .tiles import Shape


def tools() -> Path:
    """The folder of gs-opt and gs-translate: $GSC_TOOLS, or that of the build."""
    return Path(os.environ.get("GSC_TOOLS", Path(__file__).resolve().parents[2] / "build" / "bin"))


class ChainError(Exception):
    """A tool failed; the text is its diagnostic."""


@dataclass
class Kernel:
    """One kernel: a mask `[rows, cols]` (channels fastest; None: dense), the pattern's text and the strategy."""

    shape: Shape
    pattern: str
    strategy: str
    mask: np.ndarray | None = None
    parameters: str = ""
    row_order: np.ndarray | None = None


def _dense(array: np.ndarray) -> str:
    shape = "x".join(map(str, array.shape))
    return f'dense<"0x{array.astype("<f2").tobytes().hex().upper()}"> : tensor<{shape}xf16>'


def module(kernels: list[Kernel]) -> str:
    """A program that runs the kernels in order, on zeros; time does not depend on values."""
    lines = []
    for n, kernel in enumerate(kernels):
        s = kernel.shape
        mask = np.ones((s.rows, s.cols), bool) if kernel.mask is None else kernel.mask
        if s.is_vector:
            weight, x, y, op, numbers = mask, (s.cols, 1), (s.rows, 1), "matmul", ""
        else:
            weight = np.ascontiguousarray(np.moveaxis(mask.reshape(s.rows, *s.kernel, s.channels), -1, 1))
            x, y, op = (1, s.channels, *s.size), (1, s.rows, *s.out), "conv"
            lists = {"strides": s.stride, "dilations": s.dilation, "pads": (0, 0, 0, 0)}
            numbers = "{" + ", ".join(f"{k} = array<i64: {', '.join(map(str, v))}>" for k, v in lists.items()) + "} "
        tw, tx, ty = ("x".join(map(str, each)) + "xf16" for each in (weight.shape, x, y))
        encoded = f"tensor<{tw}, #gs.{kernel.pattern}>" if kernel.pattern else f"tensor<{tw}>"
        order = "" if kernel.row_order is None else f" row_order [{', '.join(map(str, kernel.row_order))}]"
        constant = (
            f"gs.constant {_dense(weight)}{order} as {encoded}"
            if kernel.pattern
            else f"arith.constant {_dense(weight)}"
        )
        parameters = f", {{{kernel.parameters}}}" if kernel.parameters else ""
        lines += [
            f"  %w{n} = {constant}",
            f"  %x{n} = arith.constant dense<0.0> : tensor<{tx}>",
            f"  %i{n} = arith.constant dense<0.0> : tensor<{ty}>",
            f'  %y{n} = gs.{op} %w{n}, %x{n} outs(%i{n} : tensor<{ty}>) strategy = <"{kernel.strategy}"{parameters}>'
            f" {numbers}: {encoded}, tensor<{tx}> -> tensor<{ty}>",
            f"  check.expect_eq %y{n}, %i{n} : tensor<{ty}>",
        ]
    return "\n".join(["func.func @main() {", *lines, "  return", "}"])


def simulate(kernels: list[Kernel], machine: Machine) -> list[float]:
    """Cycles of each kernel, by the simulator.  Fails if its machine is not the one that is described here."""
    with tempfile.TemporaryDirectory() as folder:
        source, program, stats = (Path(folder) / name for name in ("k.mlir", "k.gse.mlir", "k.json"))
        source.write_text(module(kernels))
        for command in (
            ["gs-opt", source, f"--convert-gs-to-gse=machine={machine.text()}", "-o", program],
            [
                "gs-translate",
                "--simulate",
                "--simulate-timing=law",
                program,
                f"--simulate-stats={stats}",
                "-o",
                "/dev/null",
            ],
        ):
            run = subprocess.run([tools() / command[0], *command[1:]], capture_output=True, text=True, check=False)
            if run.returncode:
                raise ChainError(run.stderr.strip()[:2000])
        found = json.loads(stats.read_text())["kernels"]
    for kernel in found:
        for key, value in kernel["machine"].items():
            if hasattr(machine, key) and key != "name" and getattr(machine, key) != value:
                raise ChainError(f"{machine.name}: {key} is {value}, machines.py has {getattr(machine, key)}")
    if len(found) != len(kernels):
        raise ChainError(f"{len(found)} kernels ran, not {len(kernels)}")
    return [kernel["cycles"] for kernel in found]
