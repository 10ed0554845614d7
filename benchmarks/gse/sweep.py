# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The design space: what dropping the residue rule costs, over banks, bandwidth, width, latency and size of the TCM."""

from __future__ import annotations

import csv
import itertools
from dataclasses import replace
from pathlib import Path

from .law import kernel_cycles
from .layers import Layer, networks
from .machines import DEFAULT
from .masks import Weight
from .tiles import DoesNotFit

AXES = {
    "issue_width": (1, 2, 3, 4),
    "stream_bytes_per_cycle": (4, 8, 16, 32, 64),
    "gather_latency": (2, 4, 8, 16),
    "tcm_bytes": (16 << 10, 32 << 10, 64 << 10, 128 << 10),
    "lsu_ports": (1, 2),
    "decoupled": (0, 1),
}
BANKS = (4, 8, 16, 32)
LAYERS = (("gnmt", "attention 1024x1024"), ("resnet50", "3x3 256-256 on 14"), ("jasper", "13 384-384"))
SPARSITY = 0.9
FIELDS = ("network", "layer", "banks", *AXES, "occupancy", "vertical", "no_rule", "horizontal", "block")


def layer_of(network: str, name: str) -> Layer:
    """A layer of the list."""
    return next(layer for layer in networks() if (layer.network, layer.name) == (network, name))


def run(path: Path) -> None:
    """Writes the table: cycles of GS(B,1), of as many weights without the rule, of GS(B,B) and of block Bx1."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(FIELDS)
        for network, name in LAYERS:
            layer = layer_of(network, name)
            weight = Weight(layer.weight("equal"))
            for banks in BANKS:
                vertical = weight.gather_scatter(1 - SPARSITY, banks, 1, energy=False)
                free, _ = weight.no_rule(vertical.work.groups, banks)
                works = (
                    vertical.work,
                    free.work,
                    weight.gather_scatter(1 - SPARSITY, banks, banks, energy=False).work,
                    weight.block(banks, True, stored=vertical.stored).work,
                )
                for values in itertools.product(*AXES.values()):
                    fields = dict(zip(AXES, values, strict=True))
                    if layer.shape.is_vector and fields["tcm_bytes"] != DEFAULT.tcm_bytes:
                        continue  # a vector fits
                    if not layer.shape.is_vector and fields["stream_bytes_per_cycle"] != DEFAULT.stream_bytes_per_cycle:
                        continue  # weights stay in registers
                    machine = replace(DEFAULT, vector_bits=16 * banks, **fields)
                    try:
                        cycles = [f"{kernel_cycles(machine, layer.shape, work):.0f}" for work in works]
                    except DoesNotFit:
                        cycles = [""] * len(works)
                    writer.writerow([network, name, banks, *values, f"{free.work.occupancy.mean():.3f}", *cycles])


def read(path: Path) -> list[dict[str, str]]:
    """Lines of the table."""
    with path.open(newline="") as file:
        return list(csv.DictReader(file))
