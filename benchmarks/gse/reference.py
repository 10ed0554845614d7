# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Numbers that the design of the simulator states beforehand, beside those of the law."""

from __future__ import annotations

import numpy as np

from .analysis import Results
from .law import Work, kernel_cycles
from .layers import networks
from .machines import DEFAULT
from .masks import Weight
from .tiles import Shape

# Cycles without start-up: a product of 1024 x 1024 with 104 weights in each row, and a convolution of 8x8x128 to 128
# channels, 3x3, valid, with 112.
PRODUCT = {
    "dense": 168064, "GS(8,8)": 72192, "GS(8,4)": 61440, "GS(8,2)": 52480, "GS(8,1)": 48768, "GS(8,1) fused": 42112,
    "GS(8,1) scatter": 48896, "block 1x8": 85504, "block 8x1": 62080, "csr-scalar": 442368,
}  # fmt: skip
CONV = {"dense": 1852416, "GS(8,8)": 267264, "GS(8,1)": 157248, "block 1x8": 308736, "block 8x1": 185472}
# Speed-up over dense by sparsity, of the design's own random masks.
SPEEDUPS = {
    "GS(8,8)": (1.43, 2.35, 3.35), "GS(8,4)": (1.57, 2.77, 4.42), "GS(8,2)": (1.72, 3.25, 5.79),
    "GS(8,1)": (1.79, 3.50, 6.65), "GS(8,1) scatter": (1.78, 3.48, 6.56), "GS(8,1) fused": (2.08, 4.06, 7.65),
    "no rule": (1.37, 2.71, 5.20), "block 1x8": (1.17, 1.98, 3.05), "block 8x1": (1.40, 2.78, 5.27),
    "csr-gather": (1.16, 1.96, 2.96), "csr-scalar": (0.20, 0.39, 0.74),
}  # fmt: skip
CONV_SPEEDUPS = {
    "GS(8,8)": (3.9, 6.8), "GS(8,1)": (5.7, 11.2), "no rule": (4.3, 8.4), "block 1x8": (3.4, 6.1),
    "block 8x1": (4.7, 9.6),
}  # fmt: skip


def work_of(name: str, rows: int, per_row: int) -> Work:
    """The work of a pattern with equally many weights in all rows, in 8 sub-banks."""
    if name == "dense":
        return Work("dense", 8)
    if name == "csr-scalar":
        return Work("csr-scalar", 8, 1, np.full(rows, per_row))
    kernel = "block" if name.startswith("block") else "gs-fused" if "fused" in name else "gs"
    width = {"block 1x8": 8, "block 8x1": 1}.get(name) or int(name[5])
    groups = np.full(rows * width // 8, per_row // width)
    return Work(kernel, 8, width, groups, scatter=np.ones(len(groups)) if "scatter" in name else None)


def closed_forms() -> list[tuple[str, int, float]]:
    """Name, cycles that the design states, cycles of the law without start-up and copies."""
    found = []
    product, conv = Shape(1024, 1024), Shape(128, 128, (3, 3), (8, 8))
    for name, stated in PRODUCT.items():
        work = work_of(name, 1024, 104)
        start = DEFAULT.dma_startup + 2048 / DEFAULT.dma_bytes_per_cycle + DEFAULT.stream_startup
        if work.kernel == "block":
            start += DEFAULT.stream_startup
        if work.scatter is not None:
            start += DEFAULT.dma_startup + 2048 / DEFAULT.dma_bytes_per_cycle
        found.append((f"SpMV {name}", stated, kernel_cycles(DEFAULT, product, work) - start))
    copied = DEFAULT.dma_startup + conv.channels * 64 * 2 / DEFAULT.dma_bytes_per_cycle
    for name, stated in CONV.items():
        cycles = kernel_cycles(DEFAULT, conv, work_of(name, 128, 112)) - DEFAULT.stream_startup - copied
        found.append((f"conv {name}", stated, cycles))
    return found


def closed_table() -> str:
    """Stated and found."""
    lines = ["| closed form | stated | law |", "|---|--:|--:|"]
    return "\n".join(lines + [f"| {name} | {stated:,} | {cycles:,.0f} |" for name, stated, cycles in closed_forms()])


def conv_table() -> str:
    """The design's speed-ups over the twelve-vector dense form of a convolution, beside those of a mask made here."""
    shape = Shape(128, 128, (3, 3), (8, 8))
    weight = Weight(np.random.default_rng(0).standard_normal((shape.rows, shape.cols)))
    start = DEFAULT.stream_startup + DEFAULT.dma_startup + shape.channels * 64 * 2 / DEFAULT.dma_bytes_per_cycle
    dense = kernel_cycles(DEFAULT, shape, Work("dense", 8)) - start
    cells: dict[str, list[str]] = {name: [] for name in CONV_SPEEDUPS}
    for at, density in enumerate((0.2, 0.1)):
        vertical = weight.gather_scatter(density, 8, 1, energy=False)
        works = {
            "GS(8,8)": weight.gather_scatter(density, 8, 8, energy=False),
            "GS(8,1)": vertical,
            "no rule": weight.no_rule(vertical.work.groups, 8)[0],
            "block 1x8": weight.block(8, False, stored=vertical.stored),
            "block 8x1": weight.block(8, True, stored=vertical.stored),
        }
        for name, kept in works.items():
            found = dense / (kernel_cycles(DEFAULT, shape, kept.work) - start)
            cells[name].append(f"{CONV_SPEEDUPS[name][at]:.1f} / {found:.1f}")
    lines = ["| conv 8x8x128 to 128, 3x3, design / here | 80 % | 90 % |", "|---|--:|--:|"]
    return "\n".join(lines + [f"| {name} | {' | '.join(row)} |" for name, row in cells.items()])


def reference_table(results: Results) -> str:
    """The design's speed-ups beside those of our masks on the layer of that size, without start-up and copies."""
    layer = next(layer for layer in networks() if layer.name == "attention 1024x1024")
    start = DEFAULT.dma_startup + 2048 / DEFAULT.dma_bytes_per_cycle + DEFAULT.stream_startup
    dense = kernel_cycles(DEFAULT, layer.shape, Work("dense", 8)) - start
    lines = ["| SpMV 1024 x 1024, design / here | 80 % | 90 % | 95 % |", "|---|--:|--:|--:|"]
    for name, stated in SPEEDUPS.items():
        cells = []
        for at, sparsity in enumerate(results.sparsities[:3]):
            key = (layer.network, layer.name, "equal", sparsity, "8")
            line = next(v for p, v in results.points[key].items() if p.pattern == name and p.reading == "sparsity")
            more = start
            if name.startswith("block") or name == "csr-gather":
                more += DEFAULT.stream_startup
            if "scatter" in name:
                more += DEFAULT.dma_startup + 2048 / DEFAULT.dma_bytes_per_cycle
            cells.append(f"{stated[at]:.2f} / {dense / (float(line['inorder2']) - more):.2f}")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)
