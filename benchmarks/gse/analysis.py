# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Times of whole networks and their ratios, from the lines of the table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from .layers import networks
from .machines import machine_of
from .table import key_of

NETWORKS = ("gnmt", "resnet50", "jasper")
TITLES = {"gnmt": "GNMT", "resnet50": "ResNet-50", "jasper": "Jasper 10x5"}


@dataclass(frozen=True)
class Point:
    """A pattern in a reading; beside: whose energy a block keeps."""

    pattern: str
    reading: str = "sparsity"
    beside: str = ""


DENSE = Point("dense", "dense")


@dataclass
class Ratio:
    """Time of one point over that of another, and the layers (with repetitions) that one of them has no kernel for."""

    value: float | None
    missing: int

    def text(self, form: str = ".2f") -> str:
        """With a mark if layers are missing."""
        return "–" if self.value is None else format(self.value, form) + ("*" if self.missing else "")


class Results:
    """Lines by configuration."""

    def __init__(self, lines: Iterable[dict[str, str]]) -> None:
        self.points: dict[tuple[str, ...], dict[Point, dict[str, str]]] = defaultdict(dict)
        self.layers: dict[str, dict[str, dict[str, str]]] = defaultdict(dict)
        for line in lines:
            self.points[key_of(line)][Point(line["pattern"], line["reading"], line["beside"])] = line
            self.layers[line["network"]].setdefault(line["layer"], line)
        self.kinds = sorted({key[2] for key in self.points})
        self.sparsities = sorted({key[3] for key in self.points if key[3] != "0"}, key=float)
        self.banks = sorted({int(key[4]) for key in self.points})

    def line(
        self, network: str, layer: str, kind: str, sparsity: str, banks: int, point: Point
    ) -> dict[str, str] | None:
        """A line; the fair form of a dense convolution, and dense kernels for layers that stay dense."""
        dense = self.points.get((network, layer, kind, "0", str(banks)), {})
        sparse = self.points.get((network, layer, kind, sparsity, str(banks)), {})
        if point.reading == "dense" or not sparse:
            return dense.get(Point("dense fair", "dense"), dense.get(DENSE))
        return sparse.get(point)

    def ratio(
        self, network: str, kind: str, sparsity: str, banks: int, column: str, top: Point, bottom: Point
    ) -> Ratio:
        """Time of `top` over time of `bottom`, summed over the layers that both have a kernel for."""
        sums, missing, pruned = [0.0, 0.0], 0, False
        for layer, any_line in self.layers[network].items():
            pair = [self.line(network, layer, kind, sparsity, banks, point) for point in (top, bottom)]
            if None in pair or not all(line[column] for line in pair):
                missing += int(any_line["count"])
                continue
            pruned |= pair[0] is not pair[1]
            for at, line in enumerate(pair):
                sums[at] += int(line["count"]) * float(line[column])
        return Ratio(sums[0] / sums[1] if sums[1] and pruned else None, missing)

    def peak_ratio(self, network: str, kind: str, sparsity: str, banks: int, column: str, point: Point) -> Ratio:
        """Time of a dense kernel that no load, issue or start-up holds up, over that of `point`: a bound for dense.

        Arithmetic at its peak; of products, weights as fast as they stream. Layers that stay dense take that in both.
        """
        machine, sums = machine_of(column, banks), [0.0, 0.0]
        for layer in networks():
            if layer.network != network or layer.name not in self.layers[network]:
                continue
            shape = layer.shape
            vectors = shape.rows * shape.cols / banks * shape.out[0] * shape.out[1]
            rate = 2 * banks / machine.stream_bytes_per_cycle if shape.is_vector else 0
            dense = vectors * max(1 / machine.fp_pipes, rate)
            line = self.points.get((network, layer.name, kind, sparsity, str(banks)), {}).get(point)
            if line is None and not layer.dense:
                continue
            for at, cycles in enumerate((dense, dense if line is None else float(line[column]))):
                sums[at] += layer.count * cycles
        return Ratio(sums[0] / sums[1] if sums[1] else None, 0)

    def best_block(
        self, network: str, kind: str, sparsity: str, banks: int, column: str, gs: str, quality: bool = True
    ) -> Ratio:
        """Time of the faster kind of block over that of GS, at equal energy or at equal stored weights."""
        ratios = [
            self.ratio(
                network,
                kind,
                sparsity,
                banks,
                column,
                Point(f"block {form}", "quality", gs) if quality else Point(f"block {form}"),
                Point(gs),
            )  # fmt: skip
            for form in (f"1x{banks}", f"{banks}x1")
        ]
        known = [each for each in ratios if each.value is not None]
        return min(known, key=lambda each: each.value) if known else ratios[0]

    def stored(
        self, network: str, kind: str, sparsity: str, banks: int, point: Point, field: str = "density"
    ) -> float | None:
        """Density (or kept energy) over the pruned layers of a network, weighted by their sizes."""
        total = found = 0.0
        for layer, any_line in self.layers[network].items():
            if (line := self.points.get((network, layer, kind, sparsity, str(banks)), {}).get(point)) is None:
                continue
            size = int(any_line["rows"]) * int(any_line["cols"]) * int(any_line["count"])
            total, found = total + size, found + size * float(line[field])
        return found / total if total else None

    def extremes(self, point: Point, sparsity: str, banks: int) -> tuple[float, float]:
        """Least and largest density of a layer."""
        values = [
            float(points[point]["density"])
            for key, points in self.points.items()
            if key[3] == sparsity and key[4] == str(banks) and point in points
        ]
        return (min(values), max(values)) if values else (float("nan"), float("nan"))
