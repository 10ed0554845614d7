# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Speed-up over sparsity as a table, beside the goals for 80 and 95 %."""

from __future__ import annotations

from .floors import AT_80, AT_95, SPARSITY, find, speedup

SPARSITIES = (0.5, 0.7, 0.8, 0.9, 0.95)
NAMES = {"unstructured": "unstructured", "block4": "4-row blocks"}


def head() -> list[str]:
    """Titles of the columns."""
    return ["model", "pattern", *(f"{value:.0%}" for value in SPARSITIES), f"80 / 90 %, ≥ {AT_80}", f"95 / 90 %, ≥ {AT_95}"]


def rows(report: dict) -> list[list[str]]:
    """Per model and pattern that was measured at more than one sparsity: speed-ups over ONNX Runtime on the dense model,
    then those at 80 and 95 % over that at 90 %."""
    result = []
    for model in dict.fromkeys(case["model"] for case in report["cases"]):
        for pattern, name in NAMES.items():
            found = {value: speedup(find(report["cases"], model, pattern, value)) for value in SPARSITIES}
            if sum(value is not None for value in found.values()) < 2:
                continue
            row = [model, name, *("–" if value is None else f"{value:.2f}" for value in found.values())]
            for sparsity, bound in ((0.8, AT_80), (0.95, AT_95)):
                this, goal = found[sparsity], found[SPARSITY]
                row.append(f"{this / goal:.2f} {'✓' if this / goal >= bound else '✗'}" if this and goal else "–")
            result.append(row)
    return result


def markdown(report: dict) -> list[str]:
    """The table as lines of Markdown; none if nothing was swept."""
    table = rows(report)
    if not table:
        return []
    columns = head()
    return [
        "## Over sparsity",
        "",
        "Speed-up over ONNX Runtime on the dense model; then that at 80 and 95 % over that at 90 %, beside the goal.",
        "",
        f"| {' | '.join(columns)} |",
        "|---|---|" + "--:|" * (len(columns) - 2),
        *(f"| {' | '.join(row)} |" for row in table),
    ]


def distances(report: dict) -> str:
    """One sentence on how far the cores of the cases of several threads were from each other; empty if not measured."""
    cases = [case for case in report["cases"] if case["threads"] > 1 and case.get("round_trip_ns")]
    if not cases:
        return ""
    least = min(case["least_round_trip_ns"] for case in cases)
    apart = [
        f"{case['model']} {case['pattern']} ({max(case['round_trip_ns']):.0f} ns)"
        for case in cases
        if max(case["round_trip_ns"]) > 2 * least
    ]
    return f"A cache line takes {least:.0f} ns from one core to the other and back. " + (
        f"Measured while the host had moved the cores apart: {', '.join(apart)}." if apart else "It did so in all rounds."
    )
