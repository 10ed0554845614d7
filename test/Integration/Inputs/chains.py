# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random chains of pointwise and depthwise convolutions that run in strips of lines, compared with ONNX Runtime.

usage: chains.py FOLDER [--chains N] [--seed S] [--targets T,...] [--strategies S,...]

One model holds N paths of two to six convolutions: any extents, strides, dilations and paddings, pruned or dense, some of which
begin with one that reads a plane, some with a residual, also that of the path's own input, some with a second reader inside of the path, some summed with a second convolution. Behind some, a 3x3 convolution or a pool reads the result, from a
plane of its own, or a concatenation takes it together with what the path began with. All run in strips wherever that is
possible (--chains=always), on one, two and three threads. Exit code 1 if an output differs from ONNX Runtime's, if hardly
any layer ran in strips, or if none did with a strategy that was asked for.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
from sweep_onnx import Layers, check, run, write


class Chains(Layers):
    """Paths of convolutions that could be chains."""

    def mask_of(self, rows: int, cols: int, height: int) -> np.ndarray:
        density = float(self.rng.choice([0.05, 0.2, 0.5, 1.0]))
        kept = self.rng.random((-(-rows // height), cols)) < density
        return np.repeat(kept, height, 0)[:rows]

    def pointwise(self, x: str, shape: list[int], rows: int = 0) -> tuple[str, list[int]]:
        rows, (cols, *extents) = rows or self.below(1, 40), shape
        weight = self.rng.standard_normal((rows, cols)) * self.mask_of(rows, cols, self.choice(1, 4, 16))
        y = self.node("Conv", [x, self.constant(weight.reshape(rows, cols, 1, 1)), self.constant(self.rng.standard_normal(rows))],
                      kernel_shape=[1, 1])
        return y, [rows, *extents]

    def depthwise(self, x: str, shape: list[int]) -> tuple[str, list[int]]:
        channels, *extents = shape
        rows = channels * self.choice(1, 1, 2)
        kernel = [self.choice(1, 3, 5), self.choice(1, 3, 5)]
        stride, dilation = self.choice(1, 1, 2, 3), self.choice(1, 1, 2)
        pads = [self.below(0, kernel[d % 2]) for d in range(4)]
        result = [(extents[d] + pads[d] + pads[d + 2] - dilation * (kernel[d] - 1) - 1) // stride + 1 for d in (0, 1)]
        if min(result) < 1 or channels < 2:
            return x, shape
        y = self.node("Conv", [x, self.constant(self.rng.standard_normal((rows, 1, *kernel))),
                               self.constant(self.rng.standard_normal(rows))],
                      kernel_shape=kernel, strides=[stride] * 2, dilations=[dilation] * 2, pads=pads, group=channels)
        return y, [rows, *result]

    def spatial(self, x: str, shape: list[int]) -> tuple[str, list[int]]:
        rows, (channels, *extents) = self.below(2, 24), shape
        kernel, strides = [self.choice(1, 3, 3), self.choice(1, 3, 5)], [self.choice(1, 2, 2, 3), self.choice(1, 2, 2, 3)]
        dilation, pads = self.choice(1, 1, 2), [self.below(0, 3) for _ in range(4)]
        result = [(extents[d] + pads[d] + pads[d + 2] - dilation * (kernel[d] - 1) - 1) // strides[d] + 1 for d in (0, 1)]
        if min(result) < 1:
            return x, shape
        weight = self.rng.standard_normal((rows, channels * kernel[0] * kernel[1])) \
            * self.mask_of(rows, channels * kernel[0] * kernel[1], self.choice(1, 4))
        y = self.node("Conv", [x, self.constant(weight.reshape(rows, channels, *kernel)),
                               self.constant(self.rng.standard_normal(rows))],
                      kernel_shape=kernel, strides=strides, dilations=[dilation] * 2, pads=pads)
        return y, [rows, *result]

    def chain(self) -> None:
        shape = [self.below(2, 24), self.below(3, 40), self.below(1, 40)]
        x = first = self.node("Relu", [self.feed(1, *shape)])
        begins = self.rng.random() < 0.5
        if begins:
            x, shape = self.spatial(x, shape)
            first = x
        channels, extents = shape[0], shape[1:]
        for i in range(self.below(2, 6)):
            before, extents_before = x, shape
            pointwise = (i == 0 and not begins) or self.rng.random() < 0.45
            x, shape = self.pointwise(x, shape) if pointwise else self.depthwise(x, shape)
            if pointwise and self.rng.random() < 0.3:  # the sum of two convolutions, as where a residual is projected
                other, _ = self.pointwise(before, extents_before, shape[0])
                x = self.node("Add", [x, other])
            elif self.rng.random() < 0.3:
                x = self.node("Add", [x, self.feed(1, *shape)])
            if self.rng.random() < 0.6:
                x = self.node("Relu", [x])
            if self.rng.random() < 0.1:
                self.outputs.append(self.node("Neg", [x]))
            elif self.rng.random() < 0.2:
                self.outputs.append(self.pointwise(x, shape)[0])
        if shape[1:] == extents and self.rng.random() < 0.5:  # what the path began with is its residual
            x, shape = self.pointwise(x, shape, channels)
            x = self.node("Add", [x, first])
        end = self.rng.random()
        if end < 0.3:
            weight = self.rng.standard_normal((self.below(1, 9), shape[0], 3, 3))
            x = self.node("Conv", [x, self.constant(weight)], kernel_shape=[3, 3], pads=[1] * 4)
        elif end < 0.4:
            x = self.node("MaxPool", [x], kernel_shape=[3, 3], pads=[1] * 4)
        elif end < 0.7 and shape[1:] == extents:
            x = self.node("Concat", [first, x] if end < 0.55 else [x, first], axis=1)
        self.outputs.append(x)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--chains", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--targets", default="native")
    parser.add_argument("--strategies", default="")
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    layers = Chains(args.seed)
    for _ in range(args.chains):
        layers.chain()
    path = args.folder / "chains.onnx"
    expected, inputs = write(layers, path)
    failed = programs = 0
    for target in args.targets.split(","):
        for strategy in args.strategies.split(","):
            options = ["--chains=always", f"--target={target}", *([f"--strategy={strategy}"] if strategy else [])]
            program = args.folder / "program"
            wrong = run(["gsc", "compile", str(path), "-o", str(program), *options])
            text = subprocess.run(["gsc", "compile", str(path), "--emit=mlir", "--elide-weights", "-o", "-", *options],
                                  capture_output=True, text=True, check=False).stdout
            members = len(re.findall(r"gs\.chain = \{", text))
            asked = len(re.findall(rf'strategy = <"{strategy}.*gs\.chain = \{{', text))
            if not wrong and members < args.chains // 2:
                wrong = f"only {members} layers of {args.chains} chains run in strips"
            if not wrong and not asked:
                wrong = f"no layer runs in strips with {strategy}"
            for threads in (1, 2, 3):
                wrong = wrong or check(program, threads, layers, expected, inputs)
            failed += bool(wrong)
            programs += 1
            print(f"{target} {strategy or '(cost model)'}: {members} layers in strips, {asked} so, {wrong or 'as ONNX Runtime'}",
                  flush=True)
    sys.exit(1 if failed or not programs else 0)


if __name__ == "__main__":
    main()
