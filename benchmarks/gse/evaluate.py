# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""All patterns on one layer at one sparsity, on all machines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from .layers import Layer
from .law import Work, kernel_cycles
from .machines import COLUMNS, machine_of
from .masks import Kept, Weight
from .tiles import DoesNotFit, Shape

SPARSITIES = (0.8, 0.9, 0.95)
BANKS = (8, 16, 32)  # 32 for gse-b32


@dataclass
class Row:
    """One line of the results.

    reading: "sparsity" (equal stored weights), "quality" (a block or irregular mask that keeps the energy of the
    pattern `beside`), or "dense".  cycles: by column, None where the machine has no kernel.
    """

    layer: Layer
    weights: str
    sparsity: float
    banks: int
    reading: str
    pattern: str
    beside: str
    stored: int
    energy: float
    cycles: dict[str, float | None]

    @property
    def density(self) -> float:
        """Stored weights, those of zero value included, as a share of all."""
        return self.stored / (self.layer.shape.rows * self.layer.shape.cols)


def cycles_on_all(shape: Shape, work: Work) -> dict[str, float | None]:
    """Cycles of a kernel by column."""
    found: dict[str, float | None] = {}
    for column in COLUMNS:
        try:
            found[column] = kernel_cycles(machine_of(column, work.lanes), shape, work)
        except DoesNotFit:
            found[column] = None
    return found


def widths(banks: int) -> list[int]:
    """Every k, from horizontal to vertical; of 32 banks the ends and two between."""
    return [32, 8, 4, 1] if banks == 32 else [1 << n for n in range(banks.bit_length() - 1, -1, -1)]


def evaluate(layer: Layer, kind: str, weight: Weight | None, sparsity: float, banks: int) -> Iterator[Row]:
    """Rows of one configuration.  A layer that stays dense, and any at sparsity 0, has the dense ones alone."""
    shape = layer.shape
    size = shape.rows * shape.cols

    def row(reading: str, pattern: str, kept: Kept, beside: str = "") -> Row:
        cycles = cycles_on_all(shape, kept.work)
        return Row(layer, kind, sparsity, banks, reading, pattern, beside, kept.stored, kept.energy, cycles)

    if weight is None or layer.dense or sparsity == 0:
        yield row("dense", "dense", Kept(Work("dense", banks), size, 1.0))
        if not shape.is_vector:
            yield row("dense", "dense fair", Kept(Work("dense-fair", banks), size, 1.0))
        return
    density = 1 - sparsity
    points = {}
    for width in widths(banks):
        kept = weight.gather_scatter(density, banks, width)
        points[f"GS({banks},{width})"] = kept
    points[f"GS({banks},1) scatter"] = weight.gather_scatter(density, banks, 1, scatter=True)
    stored = int(round(density * size))
    for name, kept in points.items():
        yield row("sparsity", name, kept)
        if shape.is_vector and "scatter" not in name and kept.work.width in (1, banks):
            yield row("sparsity", f"{name} fused", replace(kept, work=replace(kept.work, kernel="gs-fused")))
    yield row("sparsity", f"block 1x{banks}", weight.block(banks, False, stored=stored))
    yield row("sparsity", f"block {banks}x1", weight.block(banks, True, stored=stored))
    kept, _ = weight.no_rule(points[f"GS({banks},1)"].work.groups, banks)
    yield row("sparsity", "no rule", kept)
    if shape.is_vector:
        mask = weight.largest(stored)
        for kernel in ("csr-gather", "csr-scalar", "sell"):
            yield row("sparsity", kernel, weight.csr(mask, banks, kernel))
    for name in (f"GS({banks},{banks})", f"GS({banks},1)", f"GS({banks},1) scatter"):
        energy = points[name].energy
        yield row("quality", f"block 1x{banks}", weight.block(banks, False, energy=energy), name)
        yield row("quality", f"block {banks}x1", weight.block(banks, True, energy=energy), name)
        if shape.is_vector:
            mask = weight.largest(weight.count_for_energy(energy))
            yield row("quality", "csr-gather", weight.csr(mask, banks, "csr-gather"), name)
