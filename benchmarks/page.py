# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The report of `run.py` as one self-contained HTML page, and the short one in Markdown for docs."""

from __future__ import annotations

from html import escape
from pathlib import Path

from . import charts, sweep
from .floors import best_rival, find, row_of
from .layers import GOOD_SHARE, summary, table
from .report import case_title, machine_line, version_line

TITLES = {
    "gsc": "GSC",
    "gsc_dense": "GSC, dense file",
    "base": "ONNX Runtime, dense file",
    "onnxruntime": "ONNX Runtime",
    "openvino": "OpenVINO",
    "mnn": "MNN",
    "deepsparse": "DeepSparse",
}
PATTERNS = {
    "dense": "dense",
    "unstructured": "unstructured",
    "block4": "4-row blocks",
    "block8": "8-row blocks",
    "block16": "16-row blocks",
    "gs16_1": "GS(16,1)",
    "gs16_16": "GS(16,16)",
    "window": "windows of 32",
}
SHOWN = ("gsc", "deepsparse", "mnn", "openvino", "onnxruntime")
STYLE = Path(__file__).with_name("page.css")


def _cells(row: list[str], tag: str = "td", numeric: tuple[int, ...] = ()) -> str:
    cells = "".join(
        f"<{tag}{' class=n' if number in numeric else ''}>{cell}</{tag}>" for number, cell in enumerate(row)
    )
    return f"<tr>{cells}</tr>"


def _table(head: list[str], rows: list[list[str]], numeric: tuple[int, ...] = ()) -> str:
    body = "".join(_cells(row, numeric=numeric) for row in rows)
    return f'<div class="scroll"><table><thead>{_cells(head, "th", numeric)}</thead><tbody>{body}</tbody></table></div>'


def _legend(names: list[str]) -> str:
    return (
        '<div class="legend">'
        + "".join(f'<span><i class="b-{name}"></i>{TITLES[name]}</span>' for name in names)
        + "</div>"
    )


def _models(report: dict) -> list[str]:
    return list(dict.fromkeys(case["model"] for case in report["cases"]))


def _failure(case: dict, engine: str) -> str | None:
    return next((row["failure"] for row in case["rows"] if row["engine"] == engine and "failure" in row), None)


def _ratio(case: dict, engine: str, threads: int = 1) -> float | None:
    row = row_of(case, engine, threads)
    return None if row is None else row.get("ratio_min")


def _bars(report: dict) -> str:
    """Speed-up at 90 %, a plot per model."""
    cards = []
    for model in _models(report):
        groups = []
        for case in report["cases"]:
            if case["model"] != model or case["threads"] != 1 or case["sparsity"] not in (0.0, 0.9):
                continue
            entries = []
            for engine in SHOWN:
                if (ratio := _ratio(case, engine)) is not None:
                    entries.append((engine, TITLES[engine], ratio, ""))
                elif failure := _failure(case, engine):
                    entries.append((engine, TITLES[engine], None, failure.split(":")[0][:48]))
            if entries:
                groups.append((PATTERNS[case["pattern"]], entries))
        if groups:
            cards.append(f'<div class="card"><h3>{escape(model)}</h3>{charts.bars(groups, [1.0])}</div>')
    return _legend(list(SHOWN)) + f'<div class="cards">{"".join(cards)}</div>' if cards else ""


def _curves(report: dict) -> str:
    """Speed-up over sparsity, a plot per model with more than one sparsity."""
    cards = []
    for model in _models(report):
        cases = [case for case in report["cases"] if case["model"] == model and case["threads"] == 1]
        sparsities = sorted({case["sparsity"] for case in cases})
        if len([value for value in sparsities if value]) < 2:
            continue
        series = []
        for engine in ("gsc", "deepsparse", "mnn"):
            for pattern, dashed in (("unstructured", False), ("block4", True)):
                points = [
                    (case["sparsity"], ratio)
                    for case in sorted(cases, key=lambda item: item["sparsity"])
                    if case["pattern"] in (pattern, "dense") and (ratio := _ratio(case, engine)) is not None
                ]
                if len(points) > 1:
                    series.append(charts.Series(engine, f"{TITLES[engine]}, {PATTERNS[pattern]}", points, dashed))
        if series:
            cards.append(
                f'<div class="card"><h3>{escape(model)}</h3>'
                f'{charts.lines(series, sparsities, "weights that are zero", 1.0)}</div>'
            )
    if not cards:
        return ""
    table = sweep.rows(report)
    numeric = tuple(range(2, len(sweep.head())))
    return (
        "<h2>Over sparsity</h2><p>Speed-up over ONNX Runtime on the dense model. Solid: unstructured; dashed: 4-row blocks. "
        "Dotted: as fast as dense.</p>"
        + _legend(["gsc", "deepsparse", "mnn"])
        + f'<div class="cards narrow">{"".join(cards)}</div>'
        + (_table(sweep.head(), table, numeric) if table else "")
    )


def _threads(report: dict) -> str:
    """One thread against more."""
    groups = []
    for case in report["cases"]:
        many = case["threads"]
        if many == 1:
            continue
        entries = []
        for engine, css in (("gsc", "gsc"), ("deepsparse", "deepsparse"), ("mnn", "mnn"), ("base", "onnxruntime")):
            one, more = row_of(case, engine), row_of(case, engine, many)
            if one and more:
                entries.append((css, TITLES[engine], one["min_ms"] / more["min_ms"], ""))
        if entries:
            groups.append((f"{case['model']} {case['pattern']}", entries))
    if not groups:
        return ""
    half = (len(groups) + 1) // 2
    cards = "".join(
        f'<div class="card">{charts.bars(part, [1.85], label_width=150, top=2.0)}</div>'
        for part in (groups[:half], groups[half:])
        if part
    )
    return (
        "<h2>Two cores</h2><p>Time on one core over time on two, at 90 % zeros. Dotted: the goal of 1.85. "
        "ONNX Runtime runs the "
        f"dense file. {escape(sweep.distances(report))}</p>" + _legend(["gsc", "deepsparse", "mnn", "onnxruntime"]) + f'<div class="cards">{cards}</div>'
    )


def _goals(report: dict) -> str:
    rows = []
    for floor in report["floors"]:
        value = "not measured" if floor["value"] is None else f"{floor['value']:.2f} {floor['unit']}"
        mark = '<span class="good">met</span>' if floor["met"] else '<span class="bad">missed</span>'
        rows.append(
            [
                escape(floor["kind"]),
                escape(floor["case"]),
                f"{'≤' if floor['at_most'] else '≥'} {floor['bound']:.2f} {floor['unit']}",
                value,
                mark,
            ]
        )
    head = ["goal", "case", "floor", "reached", ""]
    first = [row for row in rows if row[0].startswith("over ")]
    rest = [row for row in rows if not row[0].startswith("over ")]
    missed = [row for row in rest if "missed" in row[4]]
    text = _table(head, first, (2, 3)) if first else ""
    if missed:
        text += "<h3 style='margin-top:16px'>Other goals that are missed</h3>" + _table(head, missed, (2, 3))
    met = sum(floor["met"] for floor in report["floors"])
    return (
        (
            f"<h2>Goals</h2><p>{met} of {len(rows)} are met.</p>{text}"
            f"<details><summary>All {len(rest)} other goals</summary>"
            f"{_table(head, rest, (2, 3))}</details>"
        )
        if rows
        else ""
    )


def _share(value: float | None, roof: str | None) -> str:
    if value is None:
        return ""
    return f'<div class="share"><i style="width:{min(value, 1):.0%}"></i><span>{value:.0%} {escape(roof or "")}</span></div>'


def _layers(report: dict) -> str:
    parts = []
    for result in report["layers"]:
        title = f"{result['model']}, {PATTERNS[result['pattern']]}, layer by layer"
        if "failure" in result:
            parts.append(f"<h2>{escape(title)}</h2><p>{escape(result['failure'])}</p>")
            continue
        rows = []
        for row in result["layers"]:

            def number(key: str, form: str, row: dict = row) -> str:
                return "–" if row.get(key) is None else format(row[key], form)

            low = row["roof_share"] is None or row["roof_share"] < GOOD_SHARE
            reason = f'<br><span class="muted">{escape(row["reason"])}</span>' if low and row["reason"] else ""
            rows.append(
                [
                    escape(row["node"]),
                    row["shape"].replace("x", "×"),
                    f"{1 - (row['density'] or 0):.0%}",
                    f'<div class="wide">{escape(row["strategy"])}{reason}</div>',
                    number("predicted_us", ".0f"),
                    number("measured_us", ".0f"),
                    number("kept_gflops", ".0f"),
                    _share(row["roof_share"], row["roof"]),
                    number("onednn_us", ".0f"),
                    number("speedup", ".2f"),
                ]
            )
        head = [
            "layer",
            "weight",
            "zeros",
            f"strategy; the reason of a layer below {GOOD_SHARE:.0%}",
            "predicted µs",
            "measured µs",
            "GFLOP/s",
            "share of roof",
            "oneDNN dense µs",
            "speed-up",
        ]
        parts.append(
            f"<h2>{escape(title)}</h2><p>{escape(summary(result))} GFLOP/s of non-zeros. "
            f"The roof is the rate of multiply-adds "
            f"(fma), or of memory, whichever is lower for a layer.</p>{_table(head, rows, (2, 4, 5, 6, 8, 9))}"
        )
    return "".join(parts)


def _costs(report: dict) -> str:
    rows = []
    for case in report["cases"]:
        gsc, base = row_of(case, "gsc"), row_of(case, "base")
        if case["threads"] != 1 or case["sparsity"] not in (0.0, 0.9) or not gsc or "compile_seconds" not in gsc:
            continue
        rows.append(
            [
                escape(case["model"]),
                PATTERNS[case["pattern"]],
                f"{1 - case['density_all_weights']:.1%}",
                f"{gsc['compile_seconds']:.1f}",
                f"{gsc['compile_peak_mib']:.0f}",
                f"{gsc['executable_bytes'] / 1e6:.1f}",
                f"{case['executable_bound_bytes'] / 1e6:.1f}",
                f"{gsc.get('resident_mib', 0):.0f}",
                f"{base['resident_mib']:.0f}" if base and "resident_mib" in base else "–",
            ]
        )
    head = [
        "model",
        "pattern",
        "zeros",
        "compile s",
        "compile peak MiB",
        "program MB",
        "its bound MB",
        "resident MiB",
        "ONNX Runtime dense MiB",
    ]
    return f"<h2>Compile time, size, memory</h2>{_table(head, rows, (2, 3, 4, 5, 6, 7, 8))}" if rows else ""


def _everything(report: dict) -> str:
    rows = []
    for case in report["cases"]:
        for row in case["rows"]:
            if "failure" in row:
                rows.append(
                    [escape(case_title(case)), escape(row["title"]), "–", "–", "–", "–", "", escape(row["failure"])]
                )
                continue
            ratios = [f"{row[key]:.2f}" if key in row else "–" for key in ("ratio_min", "ratio_median")]
            rows.append(
                [
                    escape(case_title(case)),
                    escape(row["title"]),
                    f"{row['min_ms']:.3f}",
                    f"{row['median_ms']:.3f}",
                    *ratios,
                    str(row["runs"]),
                    f"error {row.get('error', 0):.0e}",
                ]
            )
    head = ["case", "engine", "min ms", "median ms", "ratio of min", "ratio of median", "runs", "notes"]
    return (
        f"<h2>All times</h2><details><summary>{len(rows)} rows</summary>{_table(head, rows, (2, 3, 4, 5, 6))}</details>"
    )


def page(report: dict) -> str:
    """The whole page."""
    notes = []
    if report["small"]:
        notes.append("Tiny variants of the models: these times mean nothing.")
    if report["not_installed"]:
        notes.append(f"Not installed: {', '.join(report['not_installed'])}.")
    if len({case["gsc_key"] for case in report["cases"]}) > 1:
        notes.append("The cases were measured with more than one build of gsc.")
    warn = f'<p class="warn">{escape(" ".join(notes))}</p>' if notes else ""
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>GSC benchmarks</title><style>{STYLE.read_text()}</style></head><body><main>
<h1>GSC beside other engines</h1>
<p class="muted">{escape(machine_line(report))}<br>{escape(version_line(report))}
<br><code>{escape(report["command"])}</code></p>{warn}
<p>All ratios: time of ONNX Runtime on the <em>dense</em> model over the time of the engine on the pruned file, minimum over
all runs of the same rounds, float32, batch 1, one core unless stated.
Outputs were compared with ONNX Runtime before timing.</p>
<h2>Speed-up at 90 % zeros</h2>{_bars(report)}
{_goals(report)}{_curves(report)}{_threads(report)}{_layers(report)}{_costs(report)}{_everything(report)}
</main></body></html>"""


def documentation(report: dict, target: str) -> str:
    """The short page of the machine `target`: goals and what was reached, versions, command, the layers of ResNet-50."""
    lines = [
        f"# Benchmarks on {target}",
        "",
        "<!-- Written by `python -m benchmarks.run --docs`; do not edit. -->",
        "",
        "Plots and all times: [{0}.html]({0}.html); the same as data: [{0}.json]({0}.json). How it is "
        "measured: [benchmarks/README.md](../../benchmarks/README.md).".format(target),
        "",
        machine_line(report),
        "",
        f"Versions: {version_line(report)}. Command: `{report['command']}`.",
        "",
        "Speed-up: time of ONNX Runtime on the dense model / time of GSC on the pruned file, one core, float32, batch 1. "
        "The fastest "
        "rival is the best of DeepSparse, MNN and OpenVINO on the same file.",
        "",
        "| model | pattern | GSC ms | speed-up | goal | fastest rival | over it | goal |",
        "|---|---|--:|--:|--:|---|--:|--:|",
    ]
    goals = {(floor["kind"], floor["case"]): floor for floor in report["floors"]}
    for model in _models(report):
        for pattern in ("dense", "unstructured", "block4", "block8", "gs16_1", "window"):
            case = find(report["cases"], model, pattern, 0.0 if pattern == "dense" else 0.9)
            gsc = row_of(case, "gsc") if case else None
            if case is None or gsc is None:
                if case is not None:
                    lines.append(f"| {model} | {PATTERNS[pattern]} | {_failure(case, 'gsc') or '–'} | | | | | |")
                continue
            key = f"{model} {pattern}"
            goal = goals.get(("over ONNX Runtime dense", key)) or goals.get(("dense", key))
            over = goals.get(("over the best sparse rival", key))
            rival = best_rival(case)
            lines.append(
                f"| {model} | {PATTERNS[pattern]} | {gsc['min_ms']:.2f} | {gsc.get('ratio_min', 0):.2f} | {_mark(goal)} "
                + (
                    f"| {TITLES[rival['engine']]} {rival['min_ms']:.2f} ms | {rival['min_ms'] / gsc['min_ms']:.2f} "
                    if rival
                    else "| – | – "
                )
                + f"| {_mark(over)} |"
            )
    kinds: dict[str, list[dict]] = {}
    for floor in report["floors"]:
        kinds.setdefault(floor["kind"], []).append(floor)
    lines += ["", "## Goals", "", "| goal | met | missed |", "|---|--:|---|"]
    for kind, entries in kinds.items():
        missed = [
            f"{floor['case']} ({'not measured' if floor['value'] is None else format(floor['value'], '.2f')}, "
            f"{'≤' if floor['at_most'] else '≥'} {floor['bound']:.2f})"
            for floor in entries
            if not floor["met"]
        ]
        lines.append(f"| {kind} | {len(entries) - len(missed)} of {len(entries)} | {', '.join(missed) or '–'} |")
    if swept := sweep.markdown(report):
        lines += ["", *swept]
    if found := sweep.distances(report):
        lines += ["", "## Two cores", "", f"{found} [Why it matters](../Rationale/Threads.md)."]
    for result in report["layers"]:
        lines += ["", f"## {result['model']}, {PATTERNS[result['pattern']]}, layer by layer", ""]
        lines += [result["failure"]] if "failure" in result else [summary(result), "", *table(result)]
    return "\n".join(lines)


def _mark(floor: dict | None) -> str:
    """The bound of a goal, and whether it is met."""
    return "" if floor is None else f"{floor['bound']:.2f} {'✓' if floor['met'] else '✗'}"
