# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tables of `run.py` in Markdown."""

from __future__ import annotations


def _row(row: dict, bound: int) -> str:
    if "failure" in row:
        return f"| {row['title']} | – | – | – | – | {row['failure']} |"
    notes = []
    if "version" in row:
        notes.append(f"version {row['version']}")
    if "error" in row:
        notes.append(f"error {row['error']:.0e}")
    if "resident_mib" in row:
        notes.append(f"{row['resident_mib']:.0f} MiB")
    if "compile_seconds" in row:
        notes.append(
            f"compiled in {row['compile_seconds']} s, {row['compile_peak_mib']} MiB; "
            f"{row['executable_bytes'] / 1e6:.2f} MB"
            + (f" (bound {bound / 1e6:.2f})" if row["engine"] == "gsc" else "")
        )
    if row["engine"] != "onnxruntime" and max(row.get("ratio_min", 1), row.get("ratio_median", 1)) < 0.98:
        notes.append("**slower than ONNX Runtime dense**")
    if row["runs"] < 20:
        notes.append(f"only {row['runs']} runs")
    ratios = [f"{row[key]:.2f}" if key in row else "–" for key in ("ratio_min", "ratio_median")]
    return (
        f"| {row['title']} | {row['min_ms']:.3f} | {row['median_ms']:.3f} | {' | '.join(ratios)} | {'; '.join(notes)} |"
    )


def layer_notes(layers: list[dict] | None) -> list[str]:
    """Says how many layers run sparse, and which pruned ones do not and why."""
    if not layers:
        return []
    weighted = [layer for layer in layers if layer.get("density") is not None]
    left = [
        layer for layer in weighted if layer["density"] < 0.6 and layer.get("pattern") in (None, "", "none", "dense")
    ]
    sparse = sum(1 for layer in weighted if layer.get("pattern") not in (None, "", "none", "dense"))
    lines = ["", f"Layers with weights: {len(weighted)}, of which {sparse} run sparse."]
    for layer in left:
        reasons = "; ".join(f"{entry.get('candidate')}: {entry.get('reason')}" for entry in layer.get("refused") or [])
        lines.append(f"- {layer['node']} ({layer['density']:.1%} non-zero) runs dense: {reasons or 'no reason given'}")
    return lines


def machine_line(report: dict) -> str:
    """Processor, revision, date and how it was measured."""
    machine = report["machine"]
    return (
        f"CPU: {machine['cpu']} (family {machine['family']}, model {machine['model']}, {machine['mhz']} MHz now, cache "
        f"{machine['cache']}, {machine['cores']} cores; {' '.join(machine['isa'])}). Revision {machine['revision']}, "
        f"{machine['date']}. {report['rounds']} rounds of {report['seconds_per_round']} s per engine, in turns. "
        f"Load {machine['load'][0]} at the start, {report['load_at_end'][0]} at the end."
    )


def version_line(report: dict) -> str:
    """Versions of the engines."""
    return ", ".join(
        f"{name} {version}" for name, version in sorted(report["versions"].items()) if not name.startswith("gsc")
    )


def case_title(case: dict) -> str:
    """Model, pattern, sparsity and threads of a case."""
    asked = "" if case["pattern"] == "dense" else f" {case['sparsity']:.0%}"
    return f"{case['model']}, {case['pattern']}{asked}" + (
        f", {case['threads']} threads" if case["threads"] > 1 else ""
    )


def markdown(report: dict) -> str:
    """Returns the report as Markdown: machine, then one table per case."""
    lines = [
        "# Benchmark",
        "",
        machine_line(report),
        "",
        f"Versions: {version_line(report)}.",
        "",
        "Ratio: time of ONNX Runtime on the dense model / time of the engine, same rounds and threads.",
    ]
    if report["not_installed"]:
        lines += ["", f"Not installed (benchmarks/setup_peers): {', '.join(report['not_installed'])}."]
    if report["small"]:
        lines += ["", "**Tiny variants of the models: these times mean nothing.**"]
    for case in report["cases"]:
        lines += [
            "",
            f"## {case_title(case)}",
            "",
            f"Weights kept: {case['density_pruned_layers']:.2%} of the pruned layers, "
            f"{case['density_all_weights']:.2%} of all.",
            "",
            "| engine | min ms | median ms | ratio of min | ratio of median | notes |",
            "|---|--:|--:|--:|--:|---|",
        ]
        lines += [_row(row, case["executable_bound_bytes"]) for row in case["rows"]]
        gsc = next((row for row in case["rows"] if row["engine"] == "gsc" and "min_ms" in row), None)
        if gsc:
            lines += layer_notes(gsc.get("layers"))
        if gsc and case["pattern"] != "dense" and gsc.get("ratio_min", 2) <= 1.02:
            lines += ["", "Nothing was gained from the zeros here."]
    return "\n".join(lines)
