# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Cycles of the NumPy law beside those of the simulator, on the same masks.

`python -m benchmarks.gse.crosscheck` is the test: small layers of every kind, every machine.  The experiment does the
same with layers of its networks.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.models import gather_scatter as gs

from .chain import Kernel, simulate
from .evaluate import widths
from .law import Work, kernel_cycles
from .machines import COLUMNS, Machine, machine_of
from .masks import Weight
from .tiles import DoesNotFit, Shape

TOLERANCE = 1e-9  # thirds of a cycle are summed in another order


@dataclass
class Result:
    """One comparison; `law` and `real` are None where the activations do not fit the scratchpad."""

    pattern: str
    machine: str
    law: float | None
    real: float | None

    @property
    def equal(self) -> bool:
        """Whether both agree."""
        if self.law is None or self.real is None:
            return self.law is self.real
        return abs(self.law - self.real) <= TOLERANCE * self.real


def kernels(shape: Shape, weight: Weight, density: float, banks: int) -> Iterator[tuple[str, Work, Kernel]]:
    """Every pattern and strategy for a layer: name, work of the law, kernel of the chain."""
    for width in widths(banks):
        pattern = f"gather_scatter<banks = {banks}, width = {width}>"
        work = weight.gather_scatter(density, banks, width, energy=False).work
        mask = gs.project(weight.score, density, banks, width)
        yield f"GS({banks},{width})", work, Kernel(shape, pattern, "engine-gather", mask)
        if shape.is_vector:
            fused = Kernel(shape, pattern, "engine-gather", mask, "fused = 1 : i64")
            yield f"GS({banks},{width}) fused", replace(work, kernel="gs-fused"), fused
    order = weight.row_order(density)
    work = weight.gather_scatter(density, banks, 1, scatter=True, energy=False).work
    mask = np.zeros(weight.score.shape, bool)
    mask[order] = gs.project(weight.score[order], density, banks, 1)
    pattern = f"permuted<#gs.gather_scatter<banks = {banks}, width = 1>>"
    yield f"GS({banks},1) scatter", work, Kernel(shape, pattern, "engine-gather-scatter", mask, row_order=order)
    stored = int(round(density * weight.score.size))
    for vertical, name in ((False, f"1x{banks}"), (True, f"{banks}x1")):
        kept, mask = weight.block(banks, vertical, stored=stored), weight.block_mask(banks, vertical, stored)
        strategy = "engine-block-column" if vertical else "engine-block-row"
        yield f"block {name}", kept.work, Kernel(shape, f"block<{name}>", strategy, mask)
    yield "dense", Work("dense", banks), Kernel(shape, "", "engine-dense")
    if not shape.is_vector:
        yield "dense fair", Work("dense-fair", banks), Kernel(shape, "", "engine-dense", None, "channels = 4 : i64")
        return
    mask = weight.largest(stored)
    for kernel in ("csr-gather", "csr-scalar", "sell"):
        work = weight.csr(mask, banks, kernel).work
        yield kernel, work, Kernel(shape, "unstructured", f"engine-{kernel}", mask)
    kept, mask = weight.no_rule(weight.gather_scatter(density, banks, 1, energy=False).work.groups, banks)
    yield "no rule", kept.work, Kernel(shape, "unstructured", "engine-sell", mask)


def compare(found: list[tuple[str, Work, Kernel]], machine: Machine) -> list[Result]:
    """Runs all of one layer on a machine."""
    results, fitting = [], []
    for name, work, kernel in found:
        try:
            law = kernel_cycles(machine, kernel.shape, work)
            fitting.append(kernel)
        except DoesNotFit:
            law = None  # the compiler may cut the channels of such a layer; the experiment leaves it out
        results.append(Result(name, machine.text(), law, None))
    cycles = iter(simulate(fitting, machine) if fitting else [])
    for result in results:
        if result.law is not None:
            result.real = next(cycles)
    return results


def machines(banks: int) -> list[Machine]:
    """Those for which kernels are emitted."""
    return [machine_of(column, banks) for column in COLUMNS if not column.startswith("cache")]


# A product, ragged bundles, tiles with one and two input regions, strides, phases of dilation, columns.
SMALL = (
    (Shape(128, 256), 64 << 10),
    (Shape(61, 96), 64 << 10),
    (Shape(72, 32, (3, 3), (12, 11)), 64 << 10),
    (Shape(60, 64, (3, 3), (13, 11), (2, 2)), 16384),
    (Shape(64, 32, (1, 9), (1, 60), (1, 1), (1, 2)), 3000),
    (Shape(40, 64, (1, 1), (1, 37)), 64 << 10),
)
# Channels that are no multiple of the lanes, as in the first layer of ResNet-50; dense.
FEW = (Shape(20, 3, (7, 7), (23, 21), (2, 2)), Shape(9, 5, (3, 3), (9, 9), (1, 1), (2, 2)))


def main() -> int:
    """The test."""
    random = np.random.default_rng(7)
    count, wrong = 0, []
    dense = [("dense", ""), ("dense-fair", "channels = 4 : i64")]
    for banks in (8, 16, 32):
        for machine in machines(banks)[::4]:
            few = [
                (name, Work(name, banks), Kernel(shape, "", "engine-dense", None, text))
                for shape in FEW
                for name, text in dense
            ]
            found = compare(few, replace(machine, tcm_bytes=2048))
            count += len(found)
            wrong += [result for result in found if not result.equal]
        for number, (shape, tcm) in enumerate(SMALL):
            scale = random.lognormal(0, 0.5, (shape.rows, 1))
            weight = Weight(random.standard_normal((shape.rows, shape.cols)) * scale)
            found = list(kernels(shape, weight, 0.2, banks))
            for machine in machines(banks)[number % 2 :: 2 if banks == 8 else 4]:  # modes take turns
                for result in compare(found, replace(machine, tcm_bytes=min(tcm, machine.tcm_bytes))):
                    count += 1
                    if not result.equal:
                        wrong.append(result)
    for result in wrong:
        print(result)
    print(f"{count} kernels, {len(wrong)} with other cycles")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
