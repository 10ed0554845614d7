# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The results as CSV: one line per layer, weights, sparsity, banks and pattern; cycles of each machine in columns.

A configuration's lines are written at once, each with its place among them (`part` = "3/22"); a file that was cut off
in the middle loses the last configuration only.
"""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

from .evaluate import Row
from .machines import COLUMNS

KEYS = ("network", "layer", "weights", "sparsity", "banks")
FIELDS = (*KEYS, "part", "rows", "cols", "count", "reading", "pattern", "beside", "density", "energy", *COLUMNS)


def key_of(line: dict[str, str]) -> tuple[str, ...]:
    """The configuration of a line."""
    return tuple(line[name] for name in KEYS)


def key(network: str, layer: str, weights: str, sparsity: float, banks: int) -> tuple[str, ...]:
    """The key of a configuration as it stands in a file."""
    return network, layer, weights, f"{sparsity:g}", str(banks)


def lines_of(rows: list[Row]) -> list[list[str]]:
    """Lines of a configuration."""
    return [
        [
            *key(row.layer.network, row.layer.name, row.weights, row.sparsity, row.banks),
            f"{number}/{len(rows)}",
            *map(
                str, (row.layer.shape.rows, row.layer.shape.cols, row.layer.count, row.reading, row.pattern, row.beside)
            ),
            f"{row.density:.5f}",
            f"{row.energy:.5f}",
            *("" if row.cycles[column] is None else f"{row.cycles[column]:.0f}" for column in COLUMNS),
        ]
        for number, row in enumerate(rows, 1)
    ]


def read(path: Path) -> list[dict[str, str]]:
    """Lines of all complete configurations; ValueError if the file is another table."""
    opened = gzip.open(path, "rt", newline="") if path.suffix == ".gz" else path.open(newline="")
    with opened as file:
        reader = csv.DictReader(file)
        if tuple(reader.fieldnames or ()) != FIELDS:
            raise ValueError(f"{path} is no table of this experiment, or one of an older version; use another --out")
        lines = [line for line in reader if None not in line.values()]
    found: dict[tuple[str, ...], list[dict[str, str]]] = {}
    for line in lines:
        found.setdefault(key_of(line), []).append(line)
    return [line for group in found.values() if len(group) == int(group[0]["part"].partition("/")[2]) for line in group]


def start(path: Path) -> set[tuple[str, ...]]:
    """Prepares a file to append to; returns what it has already."""
    lines = read(path) if path.exists() and path.stat().st_size else []
    partial = path.with_suffix(".partial")
    path.parent.mkdir(parents=True, exist_ok=True)
    with partial.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(FIELDS)
        writer.writerows([line[name] for name in FIELDS] for line in lines)
    partial.rename(path)
    return {key_of(line) for line in lines}


def append(path: Path, lines: list[list[str]]) -> None:
    """Adds a configuration."""
    with path.open("a", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(lines)
