# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks that the streams of a program hold their weights bit by bit, in compressed sparse rows.

usage: csr_round_trip.py OPS.mlir PROGRAM.gse SIDE.bin BANKS WIDTH ...

OPS.mlir holds products of 1024 x 1024 f16 weights, PROGRAM.gse and SIDE.bin what --convert-gs-to-gse and --emit-gse made
of them; one WIDTH (k) for each. Every stream is decoded as the engine reads it: per group BANKS values, then BANKS columns, and groups counted
per bundle.
"""

from __future__ import annotations

import re
import sys

import numpy as np


def csr(rows: list[list[tuple[int, int]]]) -> tuple[list[int], list[int], list[int]]:
    """Row pointers, columns and values (bits) of rows of (column, bits)."""
    pointers, columns, values = [0], [], []
    for row in rows:
        for column, bits in sorted(row):
            columns.append(column)
            values.append(bits)
        pointers.append(len(columns))
    return pointers, columns, values


def main() -> None:
    """Raises where a stream holds another matrix."""
    ops, program, side, banks, *widths = sys.argv[1:]
    lanes = int(banks)
    with open(ops, encoding="utf-8") as file:
        weights = re.findall(r'gs\.constant dense<"0x([0-9A-F]+)"> : tensor<1024x1024xf16>', file.read())
    with open(program, encoding="utf-8") as file:
        found = re.findall(r"^data @(\w+) : (i16|i32)\[([0-9x]+)\] .*at=(\d+)$", file.read(), re.MULTILINE)
    with open(side, "rb") as file:
        blob = file.read()
    data = {name: np.frombuffer(blob, {"i16": np.uint16, "i32": np.int32}[kind],
                                int(np.prod(list(map(int, shape.split("x"))))), int(at))
            for name, kind, shape, at in found}
    assert len(weights) == len(widths), (len(weights), widths)
    for number, (weight, width) in enumerate(zip(weights, map(int, widths))):
        matrix = np.frombuffer(bytes.fromhex(weight), np.uint16).reshape(1024, 1024)
        want = csr([[(int(column), int(row[column])) for column in np.flatnonzero(row)] for row in matrix])
        stream = data[f"product_{number}_stream"].reshape(-1, 2, lanes)
        offsets = data[f"product_{number}_offsets"]
        assert stream.size == 2 * np.count_nonzero(matrix), "a lane holds no weight"
        bundle_rows = lanes // width
        rows: list[list[tuple[int, int]]] = [[] for _ in range(1024)]
        for bundle, (begin, end) in enumerate(zip(offsets, offsets[1:])):
            for values, columns in stream[begin:end]:
                for lane in range(lanes):
                    rows[bundle * bundle_rows + lane // width].append((int(columns[lane]), int(values[lane])))
        assert csr(rows) == want, f"k = {width}: the stream holds another matrix"
        print(f"k = {width}: {len(stream)} groups")


if __name__ == "__main__":
    main()
