# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Cycles of the engine's kernels: a port of lib/Target/GSE/Law.cpp, TilePlan.cpp and of how copies overlap.

test/Benchmarks/gse-law.test demands the simulator's own cycles from it.  All of a kernel counts: start of the weight
stream, copies of activations, computation.  Elements have 2 bytes, sums take turns over two accumulators.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from .machines import Machine
from .tiles import BYTES, DoesNotFit, Plan, Shape, plan_tiles, sweep_time

ACCUMULATORS = 2
CHUNKS = (8, 4, 2, 1)
# loads, gathers, arithmetic, instructions, bytes of the stream in vectors, further bytes, chain in FMAs
ITERATIONS = {
    "dense": (9 / 8, 0, 1, 20 / 8, 1, 0, 2 / 8),
    "gs": (2, 1, 1, 7, 2, 0, 1),
    "gs-fused": (2, 1, 1, 6, 2, 0, 1),
    "block": (3, 0, 1, 9, 1, 2, 1),
    "csr-gather": (2, 1, 1, 8, 2, 0, 1),
    "csr-scalar": (3, 0, 1, 8, 0, 4, 1),
    "conv-gs": (0, 1, 1, 2, 0, 0, 1),
    "conv-block": (2, 0, 1, 4, 0, 0, 1),
    "conv-dense": (1, 0, 1, 2, 0, 0, 1),
}


@dataclass
class Work:
    """What a kernel does, whatever the machine.

    kernel: "gs", "gs-fused", "block", "csr-gather", "csr-scalar", "dense", "dense-fair".
    groups: per bundle.  occupancy: cycles that each gather keeps its banks, bundle after bundle; None: one each.
    scatter: per bundle the same of its row indices; None: results are stored as they come.
    width: lanes of a group that belong to one row.
    """

    kernel: str
    lanes: int
    width: int = 1
    groups: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    occupancy: np.ndarray | None = None
    scatter: np.ndarray | None = None


def _gather(machine: Machine, occupancy):
    """Cycles of the port and of the engine that gathers of this occupancy take."""
    if machine.cached_gather:  # one access of the cache per lane; no kernel is emitted for such a machine
        occupancy = np.zeros_like(occupancy) + machine.banks
        return occupancy, np.zeros_like(occupancy)
    if machine.decoupled:
        return np.ones_like(occupancy), occupancy
    return occupancy, np.zeros_like(occupancy)


def _iteration(machine: Machine, loop: str, lanes: int, occupancy, accumulators: int = ACCUMULATORS, instructions=None):
    loads, gathers, arithmetic, issued, vectors, more, chain = (
        ITERATIONS[loop] if loop != "fair" else (5 / 4, 0, 1, instructions, 0, 0, 2 / 4)
    )
    port, engine = _gather(machine, np.asarray(occupancy, float))
    stream = vectors * BYTES * lanes + more
    rest = max(
        issued / machine.issue_width,
        arithmetic / machine.fp_pipes,
        chain * machine.fma_latency / accumulators,
        stream / machine.stream_bytes_per_cycle,
    )
    return np.maximum(np.maximum((loads + gathers * port) / machine.lsu_ports, gathers * engine), rest)


def _fill(machine: Machine, accumulators: int = ACCUMULATORS) -> float:
    fill = (
        machine.load_latency
        + machine.gather_latency
        + machine.fma_latency
        + (accumulators - 1) * machine.fma_latency / 2
    )
    return fill / 4 if machine.out_of_order else fill


def _levels(width: int) -> int:
    return (width - 1).bit_length()


def _per_bundle(work: Work) -> np.ndarray:
    """Sum of the occupancies of each bundle."""
    if work.occupancy is None:
        return work.groups.astype(float)
    ends = np.cumsum(work.groups)
    running = np.concatenate([[0], np.cumsum(work.occupancy, dtype=float)])
    return running[ends] - running[ends - work.groups]


def product_cycles(machine: Machine, shape: Shape, work: Work) -> float:
    """A matrix times a vector; dense if the work is."""
    cols = -(-shape.cols // work.lanes) * work.lanes
    copied = machine.dma_startup + shape.cols * BYTES / machine.dma_bytes_per_cycle
    results = 0.0 if work.scatter is None else -(-shape.rows // (work.lanes // work.width)) * (work.lanes // work.width)
    if not machine.cached_gather:
        plan_tiles(machine.tcm_bytes, work.lanes, shape, -(-shape.channels // work.lanes) * work.lanes, int(results))
    cycles = (0 if machine.cached_gather else copied) + machine.stream_startup
    width = machine.issue_width
    if work.kernel.startswith("dense"):
        step = float(_iteration(machine, "dense", work.lanes, 1.0))
        tiles = -(-shape.rows // 8)
        return cycles + tiles * (8 * (cols // work.lanes) * step + _fill(machine) + machine.reduce_latency + 24 / width)
    if work.kernel == "csr-scalar":
        step = float(_iteration(machine, "csr-scalar", work.lanes, 1.0))
        return cycles + float(work.groups.sum()) * step + len(work.groups) * (_fill(machine) + 6 / width)
    if work.kernel in ("block", "csr-gather"):
        cycles += machine.stream_startup  # values and indices are streams of their own
    mean = np.divide(_per_bundle(work), work.groups, out=np.ones(len(work.groups)), where=work.groups > 0)
    step = _iteration(machine, work.kernel, work.lanes, mean)
    end = _fill(machine) + 8 / width
    if work.width == work.lanes:
        end += machine.reduce_latency
    elif work.width > 1:
        end += 6 * _levels(work.width)
    cycles += float((work.groups * step).sum()) + len(work.groups) * end
    if work.scatter is not None:
        cycles += float(work.scatter.sum())
        cycles += machine.dma_startup + results * BYTES / machine.dma_bytes_per_cycle
    return cycles


def _chunk(machine: Machine, loop: str, steps: int, port: float, engine: float, outputs: float, width: int, lanes: int):
    """One chunk of groups at one pixel."""
    loads, _, _, issued, *_, chain = ITERATIONS[loop]
    summed = width == lanes
    reduce = machine.reduce_latency if summed else 6 * _levels(width)
    wait = steps * chain * machine.fma_latency / ACCUMULATORS
    ends = (machine.load_latency + machine.gather_latency + reduce) / 2
    if machine.out_of_order:
        ends, wait = 0, wait * 0.3
    body = max(
        (steps * issued + (8 if loop == "conv-dense" else 7)) / machine.issue_width,
        (steps * loads + port + outputs) / machine.lsu_ports,
        engine,
        (steps + 1) / machine.fp_pipes,
        wait,
    )
    return body + ends + (machine.reduce_busy if summed else 2 * _levels(width))


def chunks_of(work: Work) -> Iterator[tuple[int, float, float, int]]:
    """Chunks that stay in registers: groups, sum of their occupancies, occupancy of the rows, how often."""
    first = np.cumsum(work.groups) - work.groups
    running = None if work.occupancy is None else np.concatenate([[0], np.cumsum(work.occupancy, dtype=np.int64)])
    rows = np.zeros(len(work.groups), np.int64) if work.scatter is None else work.scatter.astype(np.int64)
    left = work.groups.copy()
    for size in CHUNKS:
        count = left // size if size == CHUNKS[0] else (left >= size).astype(np.int64)
        if running is None:
            for row in np.unique(rows[count > 0]):
                yield size, size, float(row), int(count[rows == row].sum())
        else:
            bundle = np.repeat(np.arange(len(count)), count)
            turn = np.arange(len(bundle)) - np.repeat(np.cumsum(count) - count, count)
            begin = first[bundle] + turn * size
            sums = running[begin + size] - running[begin]
            pairs, times = np.unique(np.stack([sums, rows[bundle]]), axis=1, return_counts=True)
            for (total, row), number in zip(pairs.T, times, strict=True):
                yield size, float(total), float(row), int(number)
        first = first + count * size
        left -= count * size


def _pixel_cycles(machine: Machine, work: Work) -> float:
    """All bundles at one pixel."""
    loop = "conv-block" if work.kernel == "block" else "conv-gs"
    cycles = 0.0
    for size, occupied, rows, times in chunks_of(work):
        gathers = size if loop == "conv-gs" else 0
        occupied = occupied if gathers else 0.0
        if work.scatter is not None:  # partial results are gathered, too
            gathers, occupied = gathers + 1, occupied + rows
        outputs = rows if work.scatter is not None else 2
        port, engine = (gathers, occupied) if machine.decoupled else (occupied, 0)
        if machine.cached_gather:
            port, engine = gathers * machine.banks, 0
        cycles += times * _chunk(machine, loop, size, port, engine, outputs, work.width, work.lanes)
    return cycles


def _dense_pixel_cycles(machine: Machine, shape: Shape, channels: int, plan: Plan, lanes: int, fair: bool) -> float:
    """All rows at one pixel, by twelve vectors or by four rows at a time."""
    runs: list[list[int]] = []  # offset and weights of lines of the kernel that lie side by side
    for h in range(shape.kernel[0]):
        for w in range(shape.kernel[1]):
            offset = (h * plan.dilation[0] * plan.size[1] + w * plan.dilation[1]) * channels
            if runs and offset == runs[-1][0] + runs[-1][1]:
                runs[-1][1] += channels
            else:
                runs.append([offset, channels])
    cycles = 0.0
    if not fair:
        for _, weights in runs:
            whole, rest = divmod(-(-weights // lanes), 12)
            cycles += whole * _chunk(machine, "conv-dense", 12, 0, 0, 2, lanes, lanes)
            if rest:
                cycles += _chunk(machine, "conv-dense", rest, 0, 0, 2, lanes, lanes)
        return cycles * shape.rows
    for at in range(0, len(runs), 4):
        some = len(runs[at : at + 4])
        steps, trips = 4 * some, -(-runs[at][1] // lanes)
        step = float(_iteration(machine, "fair", lanes, 1.0, instructions=(3 + 9 * some) / steps))
        cycles += trips * steps * step + _fill(machine) + machine.reduce_latency + 12 / machine.issue_width
    return cycles * -(-shape.rows // 4)


def kernel_cycles(machine: Machine, shape: Shape, work: Work) -> float:
    """All cycles of a kernel; DoesNotFit if the machine has none for the layer."""
    if shape.is_vector:
        return product_cycles(machine, shape, work)
    if machine.cached_gather:  # nothing is copied; an estimate
        machine = replace(machine, tcm_bytes=1 << 40)
    channels = -(-shape.channels // work.lanes) * work.lanes
    if work.kernel.startswith("dense") and shape.cols > shape.channels:
        channels = shape.channels  # vectors of a line end with zeros in place of padded channels
    bundle = work.lanes // work.width
    rows = 0 if work.scatter is None else len(work.groups) * bundle
    plan = plan_tiles(machine.tcm_bytes, work.lanes, shape, channels, rows)
    if work.kernel.startswith("dense"):
        pixel = _dense_pixel_cycles(machine, shape, channels, plan, work.lanes, work.kernel == "dense-fair")
    elif work.kernel in ("gs", "block"):
        pixel = _pixel_cycles(machine, work)
    else:
        raise DoesNotFit("this kernel is for one vector")
    if machine.cached_gather:
        return machine.stream_startup + pixel * shape.out[0] * shape.out[1]
    return sweep_time(machine, shape, channels, plan, pixel, rows)
