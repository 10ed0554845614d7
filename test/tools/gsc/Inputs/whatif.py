# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks the answers of `gsc whatif`.  usage: whatif.py W.json RECIPE.yaml ENERGY"""

import json
import re
import sys
from pathlib import Path


def main() -> int:
    report = json.loads(Path(sys.argv[1]).read_text())
    for layer in report["layers"]:
        kept: dict[int, list[tuple[float, float]]] = {}
        for point in layer["points"]:
            assert 0 <= point["energy"] <= 1 and 0 <= point["density"] <= 1, point
            assert point["predicted_us"] > 0 and point["bytes"] > 0 and point["strategy"], point
            kept.setdefault(point["pattern"], []).append((point["sparsity"], point["energy"]))
        for points in kept.values():
            energies = [energy for _, energy in sorted(points)]
            assert energies == sorted(energies, reverse=True), (layer["node"], points)

    def total(points):
        """Time and energy of a choice, summed once more from the layers."""
        chosen = [layer["points"][p] if p >= 0 else None for layer, p in zip(report["layers"], points)]
        time = sum(c["predicted_us"] if c else layer["dense_predicted_us"] for c, layer in zip(chosen, report["layers"]))
        return time, sum(c["energy"] if c else 1 for c in chosen) / len(chosen)

    front = report["front"]
    assert front[0]["points"] == [-1] * len(report["layers"])
    for before, after in zip(front, front[1:]):
        assert after["us"] < before["us"] and after["energy"] <= before["energy"] + 1e-12
    for choice in front:
        time, energy = total(choice["points"])
        assert abs(time - choice["us"]) < 1e-6 * time and abs(energy - choice["energy"]) < 1e-9
    # No pattern at one sparsity everywhere beats the front's convex hull.
    for one in report["uniform"]:
        left = [c for c in front if c["energy"] >= one["energy"]][-1]
        right = next((c for c in front if c["energy"] < one["energy"]), left)
        span = left["energy"] - right["energy"]
        share = (left["energy"] - one["energy"]) / span if span else 0
        assert one["us"] >= left["us"] + share * (right["us"] - left["us"]) - 1e-6 * one["us"], one
    nodes = re.findall(r'node: "(.*)"', Path(sys.argv[2]).read_text())
    best = [c for c in front if c["energy"] >= float(sys.argv[3])][-1]
    assert nodes == [layer["node"] for layer, p in zip(report["layers"], best["points"]) if p >= 0], nodes
    return 0


if __name__ == "__main__":
    sys.exit(main())
