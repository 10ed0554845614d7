# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks statistics: parts sum to totals; with two files, that the cycles of their first regions are alike.

usage: compare.py FILE.json [OTHER.json SHARE]
"""

from __future__ import annotations

import json
import sys


def main() -> None:
    """Raises at the first difference."""
    cycles = []
    for name in sys.argv[1:3]:
        with open(name) as file:
            data = json.load(file)
        assert data["schema"] == "gse-statistics-2"
        for kernel in data["kernels"]:
            for part in [kernel, *kernel["regions"]]:
                assert abs(sum(part["breakdown"].values()) - part["cycles"]) <= 1e-6 * part["cycles"], part
                assert min(part["breakdown"].values()) >= 0, part
            accesses = sum(map(sum, kernel["banks"]["windows"]))
            assert abs(accesses - sum(kernel["banks"]["total"])) <= 1e-3 * accesses + 1, accesses
        cycles.append(data["kernels"][0]["regions"][0]["cycles"])
    if len(cycles) == 2:
        assert abs(cycles[1] / cycles[0] - 1) <= float(sys.argv[3]), cycles


if __name__ == "__main__":
    main()
