# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""docs/Experiment.md from the results: numbers are filled in, and no sentence states one that was not measured."""

from __future__ import annotations

import csv
import gzip
import shutil
from pathlib import Path

from . import reference, sweep
from .analysis import DENSE, NETWORKS, TITLES, Point, Results
from .machines import CORES, RECORDS, record_of
from .masks import SAMPLE
from .table import read

TEMPLATE = Path(__file__).with_name("Experiment.md.in")
CONCLUSIONS = Path(__file__).with_name("Conclusions.md.in")
GS = ("GS({0},{0})", "GS({0},{1})", "GS({0},1)", "GS({0},1) scatter")


def table(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table; the first column is text."""
    return "\n".join(
        [
            "| " + " | ".join(head) + " |",
            "|---|" + "--:|" * (len(head) - 1),
            *("| " + " | ".join(r) + " |" for r in rows),
        ]
    )


def _percent(sparsity: str) -> str:
    return f"{100 * float(sparsity):.0f} %"


def dense_rows(results: Results, network: str, kind: str, banks: int, column: str = "inorder2") -> list[list[str]]:
    """Speed-up over dense at equal stored weights, by pattern and sparsity."""
    names = [name.format(banks, banks // 2) for name in GS]
    names += ["no rule", f"block 1x{banks}", f"block {banks}x1"]
    if network == "gnmt":
        names += [f"GS({banks},1) fused", "csr-gather", "sell", "csr-scalar"]
    return [
        [name, *(results.ratio(network, kind, s, banks, column, DENSE, Point(name)).text() for s in results.sparsities)]
        for name in names
    ]


def quality_rows(results: Results, network: str, kind: str, banks: int) -> list[list[str]]:
    """Per pattern of GS: kept energy, density and time of the blocks that keep as much, over those of GS."""
    rows = []
    for name in (f"GS({banks},{banks})", f"GS({banks},1) scatter", f"GS({banks},1)"):
        for form in (f"block 1x{banks}", f"block {banks}x1"):
            point, cells = Point(form, "quality", name), []
            for s in results.sparsities:
                gs, block = (results.stored(network, kind, s, banks, p) for p in (Point(name), point))
                more = "–" if not gs or not block else f"{block / gs:.1f}x"
                both = [
                    results.ratio(network, kind, s, banks, c, point, Point(name)).text()
                    for c in ("inorder2", "inorder2/decoupled")
                ]
                cells += [more, " / ".join(both)]
            rows.append([f"{form}, energy of {name}", *cells])
    return rows


def summary(lines: list[dict[str, str]]) -> list[str]:
    """What is printed after a run."""
    results = Results(lines)
    text = []
    for network in results.layers:
        for banks in results.banks[:2]:
            for kind in results.kinds:
                text.append(
                    f"\n{TITLES.get(network, network)}, {banks} sub-banks, {kind} rows, gse-inorder2: times as "
                    "fast as dense at equal stored weights"
                )
                for row in dense_rows(results, network, kind, banks):
                    text.append(f"  {row[0]:18}" + "".join(f"{cell:>9}" for cell in row[1:]))
                density = [results.stored(network, kind, s, banks, Point(f"GS({banks},1)")) for s in results.sparsities]
                text.append(f"  {'achieved density':18}" + "".join(f"{d:9.2%}" if d else f"{'–':>9}" for d in density))
                text.append("  time of the faster block over that of GS at equal energy")
                for name in (f"GS({banks},{banks})", f"GS({banks},1) scatter", f"GS({banks},1)"):
                    ratios = [
                        results.best_block(network, kind, s, banks, "inorder2", name).text() for s in results.sparsities
                    ]
                    text.append(f"  {name:18}" + "".join(f"{cell:>9}" for cell in ratios))
    return text


def _dense_tables(results: Results) -> str:
    parts = []
    for network in NETWORKS:
        head = [TITLES[network]]
        rows: dict[int, list[list[str]]] = {}
        for banks in (8, 16):
            head += [f"{_percent(s)}, B={banks}" for s in results.sparsities]
            rows[banks] = dense_rows(results, network, "equal", banks)
            for name in (f"GS({banks},{banks})", f"GS({banks},1)"):
                bound = [
                    results.peak_ratio(network, "equal", s, banks, "inorder2", Point(name)).text()
                    for s in results.sparsities
                ]
                rows[banks].append([f"{name} against the bound of dense", *bound])
        joined = []
        for a, b in zip(rows[8], rows[16], strict=True):
            label = a[0].replace("(8,8)", "(B,B)").replace("(8,4)", "(B,B/2)").replace("(8,1)", "(B,1)")
            joined.append([label.replace("1x8", "1xB").replace("8x1", "Bx1"), *a[1:], *b[1:]])
        parts.append(table(head, joined))
    return "\n\n".join(parts)


def _density_table(results: Results) -> str:
    rows = []
    for banks in (8, 16, 32):
        for name in (f"GS({banks},{banks})", f"GS({banks},1)", f"block 1x{banks}", f"block {banks}x1"):
            spans = [results.extremes(Point(name), s, banks) for s in results.sparsities]
            rows.append([name, *(f"{low:.2%} to {high:.2%}" for low, high in spans)])
    return table(["least and largest of a layer", *map(_percent, results.sparsities)], rows)


def _quality_tables(results: Results) -> str:
    parts = []
    for network in NETWORKS:
        head = [TITLES[network]]
        for s in results.sparsities:
            head += [f"weights, {_percent(s)}", "time"]
        for kind in results.kinds:
            parts.append(table([f"{head[0]}, {kind} rows", *head[1:]], quality_rows(results, network, kind, 8)))
    return "\n\n".join(parts)


def _records_table(results: Results) -> str:
    rows = []
    for name in RECORDS:
        column, banks = record_of(name)
        cells = []
        for network in NETWORKS:
            for mode in ("", "/decoupled"):
                core = column.partition("/")[0] + (mode or ("/decoupled" if "/" in column else ""))
                gs = f"GS({banks},1)"
                values = [
                    results.ratio(network, "equal", "0.9", banks, core, DENSE, Point(gs)),
                    results.best_block(network, "equal", "0.9", banks, core, gs, quality=False),
                    results.best_block(network, "equal", "0.9", banks, core, gs),
                    results.ratio(network, "equal", "0.9", banks, core, Point("no rule"), Point(gs)),
                ]
                cells.append(" · ".join(value.text() for value in values))
        rows.append([f"`{name}`", *cells])
    head = ["record", *(f"{TITLES[n]}, {mode}" for n in NETWORKS for mode in ("blocking", "decoupled"))]
    return table(head, rows)


def _ranges(results: Results) -> dict[str, str]:
    """Extremes over networks, cores, modes and kinds of weights, for the text."""
    columns = [f"{core}{mode}" for core in CORES if core != "cache" for mode in ("", "/decoupled")]

    def span(values) -> str:
        known = [value.value for value in values if value.value is not None]
        return f"{min(known):.2f} to {max(known):.2f}" if known else "–"

    text = {}
    for banks in (8, 16):
        for label, name in (
            ("horizontal", f"GS({banks},{banks})"),
            ("vertical", f"GS({banks},1)"),
            ("scatter", f"GS({banks},1) scatter"),
        ):
            for s in results.sparsities:
                for network in NETWORKS:
                    for kind in results.kinds:
                        text[f"quality {label} {network} {kind} {s} {banks}"] = span(
                            results.best_block(network, kind, s, banks, c, name) for c in columns
                        )
                    text[f"dense {label} {network} {s} {banks}"] = span(
                        results.ratio(network, "equal", s, banks, c, DENSE, Point(name)) for c in columns
                    )
                    text[f"equal {label} {network} {s} {banks}"] = span(
                        results.best_block(network, "equal", s, banks, c, name, quality=False) for c in columns
                    )
    return text


def _ranges_table(results: Results) -> str:
    text, rows = _ranges(results), []
    for network in NETWORKS:
        for label in ("horizontal", "scatter", "vertical"):
            name = {"horizontal": "GS(B,B)", "scatter": "GS(B,1) scatter", "vertical": "GS(B,1)"}[label]
            for banks in (8, 16):
                key = f"{label} {network}"
                rows.append(
                    [
                        f"{TITLES[network]}, {name}, B={banks}",
                        text[f"dense {key} 0.9 {banks}"],
                        text[f"equal {key} 0.9 {banks}"],
                        *(text[f"quality {key} {kind} 0.9 {banks}"] for kind in ("equal", "uneven")),
                    ]
                )
    head = [
        "90 % zeros, least and largest of ten machines",
        "dense / GS",
        "block / GS, equal stored weights",
        "block / GS, equal energy, equal rows",
        "the same, uneven rows",
    ]
    return table(head, rows)


def _rule_table(path: Path) -> str:
    """Ranges of the sweep: where the rule pays."""
    rows = []
    lines = [line for line in sweep.read(path) if line["vertical"]]
    for network, name in sweep.LAYERS:
        for banks in sweep.BANKS:
            cells = []
            for width in ("1", "2", "3", "4"):
                for decoupled in ("0", "1"):
                    ratios = [
                        float(line["no_rule"]) / float(line["vertical"])
                        for line in lines
                        if (line["network"], int(line["banks"]), line["issue_width"], line["decoupled"])
                        == (network, banks, width, decoupled)
                    ]
                    if decoupled == "0":
                        cells.append(f"{min(ratios):.2f}–{max(ratios):.2f}" if ratios else "–")
                    else:
                        cells[-1] += f" / {max(ratios):.2f}" if ratios else ""
            occupancy = next(
                (line["occupancy"] for line in lines if (line["network"], int(line["banks"])) == (network, banks)), "–"
            )
            rows.append([f"{name}, {banks} sub-banks", occupancy, *cells])
    return table(
        [
            "without the rule / GS(B,1), blocking / largest decoupled",
            "cycles per gather",
            *(f"{w} wide" for w in (1, 2, 3, 4)),
        ],
        rows,
    )


def write(path: Path, out: Path, docs: Path) -> None:
    """Writes the page, its figures and the results beside it; `path` holds these, `out` the rest."""
    lines = read(path)
    results = Results(lines)
    with (out / "experiment-check.csv").open(newline="") as file:
        checked = list(csv.DictReader(file))
    values = {
        "configurations": str(len(results.points)),
        "kernels": str(len(lines)),
        "cycles": str(sum(bool(line[column]) for line in lines for column in results_columns())),
        "checked": str(sum(bool(line["simulator"]) for line in checked)),
        "differ": str(sum(line["law"] != line["simulator"] for line in checked) or "none"),
        "conclusions": CONCLUSIONS.read_text().rstrip(),
        "sample": f"{SAMPLE / 1e6:g} million",
        "dense": _dense_tables(results),
        "density": _density_table(results),
        "quality": _quality_tables(results),
        "records": _records_table(results),
        "ranges": _ranges_table(results),
        "rule": _rule_table(out / "sweep.csv"),
        "closed": reference.closed_table(),
        "reference": reference.reference_table(results) + "\n\n" + reference.conv_table(),
    }
    text = TEMPLATE.read_text()
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    (docs / "Experiment.md").write_text(text)
    figures = docs / "figures"
    figures.mkdir(exist_ok=True)
    for name in ("experiment-dense.png", "experiment-quality.png", "residue-rule.png"):
        shutil.copy(out / name, figures / name)
    for name, source in (("Experiment", path), ("ExperimentSweep", out / "sweep.csv")):
        with (docs / f"{name}.csv.gz").open("wb") as raw, gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as file:
            file.write(source.read_bytes())


def results_columns() -> tuple[str, ...]:
    """Columns that hold cycles of kernels which exist (those of gse-cache are estimates)."""
    return tuple(f"{core}{mode}" for core in CORES if core != "cache" for mode in ("", "/decoupled"))
