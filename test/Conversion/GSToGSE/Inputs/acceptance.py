# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks what the engine promises, on statistics of kernels in a known order.

usage: acceptance.py MACHINE STATISTICS.json NAME ...

NAME is one per region. Bounds that hold for some machines only are checked for these. Prints the ratios.
"""

from __future__ import annotations

import json
import math
import sys


def regions(value: object) -> list[dict]:
    """The innermost objects with cycles and a breakdown, in order."""
    if isinstance(value, (dict, list)):
        inner = [each for part in (value.values() if isinstance(value, dict) else value) for each in regions(part)]
        if inner or isinstance(value, list) or "cycles" not in value or "breakdown" not in value:
            return inner
        return [value]
    return []


def main() -> None:
    """Reads and checks."""
    machine, path, *names = sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        found = regions(json.load(file))
    assert len(found) == len(names), (len(found), names)
    kernels = dict(zip(names, found))
    time = {name: kernel["cycles"] for name, kernel in kernels.items()}
    for name, kernel in kernels.items():
        # 9: the parts of the time are all of it.
        assert math.isclose(sum(kernel["breakdown"].values()), kernel["cycles"], rel_tol=1e-9), name
        # 1: no group of the pattern has a conflict.
        if name.startswith("gs") and ":" not in name:
            assert list(kernel["occ_hist"]["gather"]) == ["1"], (name, kernel["occ_hist"])

    def bound(label: str, ratio: float, low: float, high: float = math.inf) -> None:
        print(f"{label}: {ratio:.3f}")
        assert low <= ratio <= high, f"{label} = {ratio} is outside of {low} to {high}"

    # 2: blocks at equal sparsity, on every core.
    bound("block 1xB / GS(B,B)", time["row"] / time["gs8"], 0.8, 1.35)
    bound("block Bx1 / GS(B,1)", time["column"] / time["gs1"], 0.8, 1.35)
    assert any(int(occupancy) > 1 for occupancy in kernels["any"]["occ_hist"]["gather"])
    if machine == "gse-inorder2":
        # 3 to 6, on the default machine.
        bound("CSR scalar / GS(8,8)", time["any:engine-csr-scalar"] / time["gs8"], 4)
        bound("CSR gather / GS(8,8)", time["any"] / time["gs8"], 1.1)
        bound("CSR gather / GS(8,1)", time["any"] / time["gs1"], 1.4)
        assert time["gs1"] <= time["gs2"] <= time["gs4"] <= time["gs8"]
        bound("GS scatter / GS", time["gs1:engine-gather-scatter"] / time["gs1"], 1, 1.03)
        bound("without the residue rule", time["any:engine-sell"] / time["gs1"], 1.25)
    if machine == "gse-inorder1":
        bound("without the residue rule", time["any:engine-sell"] / time["gs1"], 1, 1)


if __name__ == "__main__":
    main()
