# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tiles of activations in the TCM, and how their copies overlap with computing.

A port of lib/Conversion/GSToGSE/TilePlan.cpp and TileLoop.cpp for elements of 2 bytes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

from .machines import Machine

BYTES = 2


class DoesNotFit(Exception):
    """The machine has no kernel for the layer; the text is why."""


@dataclass(frozen=True)
class Shape:
    """A contraction `[rows, locations * channels]`: a product with a vector if all is one, else a convolution of two
    dimensions (a product with columns, or a convolution of one, has height one).  `size` is the padded input."""

    rows: int
    channels: int
    kernel: tuple[int, int] = (1, 1)
    size: tuple[int, int] = (1, 1)
    stride: tuple[int, int] = (1, 1)
    dilation: tuple[int, int] = (1, 1)

    @property
    def out(self) -> tuple[int, int]:
        """Output pixels."""
        return tuple((self.size[d] - (self.kernel[d] - 1) * self.dilation[d] - 1) // self.stride[d] + 1 for d in (0, 1))

    @property
    def cols(self) -> int:
        """Columns of the weight matrix."""
        return self.channels * math.prod(self.kernel)

    @property
    def is_vector(self) -> bool:
        """Whether it is a product with one vector."""
        return math.prod(self.out) == 1 and math.prod(self.kernel) == 1


@dataclass
class Plan:
    """A tile: outputs, frames that they read, phases, dilation in the tile, input regions, bytes of results.

    slack: frames that vectors read behind a line (dense, channels that are no multiple of the lanes).
    """

    out: tuple[int, int]
    size: tuple[int, int]
    phases: tuple[int, int]
    dilation: tuple[int, int]
    buffers: int
    result_bytes: int
    slack: int


@lru_cache(maxsize=4096)
def plan_tiles(tcm: int, lanes: int, shape: Shape, channels: int, result_rows: int) -> Plan:
    """The largest tile that fits; `result_rows`: rows of results that are kept in the TCM, too."""
    outs, vector = shape.out, lanes * BYTES
    slack = -(-(lanes - 1) // channels) if channels % lanes else 0

    def complete(out, phases, buffers) -> tuple[Plan, int]:
        dilation = tuple(1 if phases[d] > 1 else shape.dilation[d] for d in (0, 1))
        size = tuple((out[d] - 1) * shape.stride[d] + (shape.kernel[d] - 1) * dilation[d] + 1 for d in (0, 1))
        size = (size[0], size[1] + slack)
        region = channels * BYTES * math.prod(size) + (vector if shape.is_vector else 0)
        region = -(-region // vector) * vector
        results = -(-result_rows * BYTES * math.prod(out) // vector) * vector
        if phases == (1, 1) and all(out[d] >= outs[d] for d in (0, 1)):
            buffers = 1
        plan = Plan(tuple(out), size, phases, dilation, buffers, results, slack)
        return plan, buffers * region + results

    def largest(phases, wanted) -> Plan | None:
        extent = [-(-outs[d] // phases[d]) for d in (0, 1)]
        out = list(extent)

        def fits(tile) -> bool:
            return complete(tile, phases, wanted)[1] <= tcm

        if fits(out):
            return complete(out, phases, wanted)[0]
        for dim in (0, 1):
            least = out[:dim] + [1] + out[dim + 1 :]
            if not fits(least):
                out = least
                continue
            low, high = 1, out[dim]
            while low < high:
                middle = (low + high + 1) // 2
                if fits(out[:dim] + [middle] + out[dim + 1 :]):
                    low = middle
                else:
                    high = middle - 1
            out[dim] = -(-extent[dim] // -(-extent[dim] // low))
            return complete(out, phases, wanted)[0]
        return None

    phased = tuple(
        shape.dilation[d]
        if shape.dilation[d] > 1 and shape.stride[d] == 1 and shape.kernel[d] > 1 and outs[d] >= shape.dilation[d]
        else 1
        for d in (0, 1)
    )
    for buffers in (2, 1):
        for phases in ((1, 1), phased):
            if plan := largest(phases, buffers):
                last = (
                    (shape.kernel[0] - 1) * plan.dilation[0] * plan.size[1]
                    + (shape.kernel[1] - 1) * plan.dilation[1]
                    + 1
                ) * channels - 1
                if last > 0xFFFF and tcm < 1 << 40:
                    raise DoesNotFit(f"displacements in its tile reach {last}")
                return plan
    raise DoesNotFit(f"a tile needs {complete((1, 1), phased, 1)[1]} bytes of the TCM, which has {tcm}")


def _parts(shape: Shape, plan: Plan, dim: int) -> list[int]:
    """Outputs of each tile along a dimension."""
    counts = []
    for phase in range(plan.phases[dim]):
        outputs = -(-(shape.out[dim] - phase) // plan.phases[dim])
        counts += [min(plan.out[dim], outputs - first) for first in range(0, outputs, plan.out[dim])]
    return counts


def sweep_time(machine: Machine, shape: Shape, channels: int, plan: Plan, pixel: float, result_rows: int) -> float:
    """Cycles of all tiles, each output pixel of which takes `pixel` cycles; their copies wait for each other."""
    tiles = [(h, w) for h in _parts(shape, plan, 0) for w in _parts(shape, plan, 1)]
    now, free = float(machine.stream_startup), 0.0

    def copy(counts: tuple[int, int], frame: int) -> float:
        lines = 1 if plan.phases[1] == 1 else counts[0]
        start = max(free, now)
        return start + lines * machine.dma_startup + math.prod(counts) * frame * BYTES / machine.dma_bytes_per_cycle

    def frames(tile: tuple[int, int]) -> tuple[int, int]:
        lines, line = ((tile[d] - 1) * shape.stride[d] + (shape.kernel[d] - 1) * plan.dilation[d] + 1 for d in (0, 1))
        return lines, line + plan.slack

    now = free = copy(frames(tiles[0]), channels)
    for number, tile in enumerate(tiles):
        more = number + 1 < len(tiles)
        if more and plan.buffers > 1:
            free = copy(frames(tiles[number + 1]), channels)
        if result_rows:
            vectors = plan.result_bytes // (machine.banks * BYTES)
            now += vectors * 4 / machine.issue_width  # the results begin as zeros
        now += pixel * math.prod(tile)
        if result_rows:
            now = free = copy(tile, result_rows)
        if more and plan.buffers == 1:
            free = copy(frames(tiles[number + 1]), channels)
        if more:
            now = max(now, free)
    return now
