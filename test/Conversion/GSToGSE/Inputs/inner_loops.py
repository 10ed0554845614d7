# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Counts the instructions of the innermost loops that multiply, of a gse program on standard input, each once.

Prints `instructions loads gathers arithmetic` for each different loop, in order; a loop costs two instructions itself,
and loads are all accesses of the load/store port but gathers and scatters.
"""

from __future__ import annotations

import re
import sys

FREE = ("gse.yield", "gse.address", "arith.constant", "gse.tcm.alloc")
ARITHMETIC = ("gse.fma", "gse.mul", "gse.add", "gse.widen", "gse.narrow", "gse.reduce_add")


def main() -> None:
    """Reads and counts."""
    stack: list[list[str]] = []
    seen = []
    for line in sys.stdin:
        found = re.match(r"\s*(?:%[^=]*= )?([a-z_]+\.[a-z_.]+)", line)
        if found and found[1] == "gse.for":
            for outer in stack:
                outer.append("gse.for")
            stack.append([])
        elif line.strip().startswith("}") and stack and "loop = " not in line:
            body = stack.pop()
            if "gse.for" not in body and ("gse.fma" in body or "gse.mul" in body):
                counts = (len([op for op in body if op not in FREE]) + 2,
                          sum(op in ("gse.load", "gse.load_indexed", "gse.load_splat", "gse.store") for op in body),
                          sum(op.startswith("gse.gather") for op in body), sum(op in ARITHMETIC for op in body))
                if counts not in seen:
                    seen.append(counts)
                    print(*counts)
        elif found and stack:
            stack[-1].append(found[1])


if __name__ == "__main__":
    main()
