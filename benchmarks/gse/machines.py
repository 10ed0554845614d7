# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Records of the engine, as lib/Target/GSE/EngineSpec.cpp has them.

`chain.simulate` compares every field with what the simulator reports, so a record that drifts away is an error.
"""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Machine:
    """Facts of one engine; names are those of EngineFields.def.  Latencies in cycles, rates in bytes per cycle."""

    name: str = "gse-inorder2"
    issue_width: int = 2
    out_of_order: int = 0
    lsu_ports: int = 1
    fp_pipes: int = 1
    vector_bits: int = 128
    load_latency: int = 3
    gather_latency: int = 4
    fma_latency: int = 4
    reduce_latency: int = 8
    reduce_busy: int = 2
    tcm_bytes: int = 64 << 10
    stream_bytes_per_cycle: int = 16
    stream_startup: int = 100
    dma_bytes_per_cycle: int = 16
    dma_startup: int = 100
    decoupled: int = 0
    cached_gather: int = 0

    @property
    def banks(self) -> int:
        """Lanes of a vector of 2-byte elements, which is the number of sub-banks."""
        return self.vector_bits // 16

    def text(self) -> str:
        """The record with its overridden fields, as gs-opt and gs-translate read it."""
        own = RECORDS[self.name]
        changed = {
            key: value
            for key, value in self.__dict__.items()
            if key not in ("name", "window") and value != getattr(own, key)
        }
        if not changed:
            return self.name
        return self.name + "{" + ",".join(f"{key}={value}" for key, value in changed.items()) + "}"


DEFAULT = Machine()
RECORDS = {
    machine.name: machine
    for machine in (
        DEFAULT,
        replace(DEFAULT, name="gse-inorder1", issue_width=1),
        replace(DEFAULT, name="gse-bw8", stream_bytes_per_cycle=8),
        replace(DEFAULT, name="gse-ooo3", issue_width=3, fp_pipes=2, out_of_order=1),
        replace(DEFAULT, name="gse-b16", vector_bits=256),
        replace(DEFAULT, name="gse-b32", vector_bits=512),
        replace(DEFAULT, name="gse-tcm32", tcm_bytes=32 << 10),
        replace(DEFAULT, name="gse-decoupled", decoupled=1),
        replace(DEFAULT, name="gse-cache", cached_gather=1),
    )
}

# Columns of the results.  With the number of banks of a row they cover every record in both engine modes:
# gse-decoupled is inorder2/decoupled, gse-b16 is inorder2 with 16 banks, gse-b32 with 32.
CORES = ("inorder2", "inorder1", "bw8", "ooo3", "tcm32", "cache")
COLUMNS = tuple(f"{core}{mode}" for core in CORES for mode in ("", "/decoupled"))


def machine_of(column: str, banks: int) -> Machine:
    """The machine of a column of the results, with so many banks."""
    core, _, mode = column.partition("/")
    return replace(RECORDS[f"gse-{core}"], vector_bits=16 * banks, decoupled=int(bool(mode)))


def record_of(name: str) -> tuple[str, int]:
    """Column and banks in which the results of a record stand."""
    banks = RECORDS[name].banks
    if name == "gse-decoupled":
        return "inorder2/decoupled", banks
    return ("inorder2" if name in ("gse-b16", "gse-b32") else name.removeprefix("gse-")), banks
