# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tables of `run.py` in Markdown, and the speed floors of the project."""

from __future__ import annotations

# (model, pattern) at 90 % -> least ratio of ONNX Runtime's dense time over the time of gsc, one core.
FLOORS = {
    ("resnet50", "block4"): 2.5, ("resnet50", "unstructured"): 1.7,
    ("ffn12", "block4"): 7.0, ("ffn12", "unstructured"): 3.5,
    ("mobilenetv1", "block4"): 2.2, ("mobilenetv1", "unstructured"): 1.6,
}


def missed_floors(cases: list[dict]) -> list[str]:
    """Returns one line per floor that gsc misses in `cases`; a floor without a measurement is missed too."""
    found = {}
    for case in cases:
        if case["sparsity"] != 0.9:
            continue
        for row in case["rows"]:
            if row["engine"] == "gsc" and "ratio_min" in row:
                found[case["model"], case["pattern"]] = min(row["ratio_min"], row["ratio_median"])
    lines = []
    for (model, pattern), floor in FLOORS.items():
        ratio = found.get((model, pattern))
        if ratio is None or ratio < floor:
            lines.append(f"{model} {pattern}: {'not measured' if ratio is None else f'{ratio:.2f}'}, floor {floor}")
    return lines


def _row(row: dict, bound: int) -> str:
    if "failure" in row:
        return f"| {row['engine']} | – | – | – | – | {row['failure']} |"
    notes = []
    if "version" in row:
        notes.append(f"version {row['version']}")
    if "error" in row:
        notes.append(f"error {row['error']:.0e}")
    if "compile_seconds" in row:
        notes.append(f"compiled in {row['compile_seconds']} s, {row['compile_peak_mib']} MiB; "
                     f"{row['executable_bytes'] / 1e6:.2f} MB (bound {bound / 1e6:.2f})")
    if row["engine"] != "onnxruntime" and max(row["ratio_min"], row["ratio_median"]) < 0.98:
        notes.append("**slower than ONNX Runtime dense**")
    if row["runs"] < 20:
        notes.append(f"only {row['runs']} runs")
    return (f"| {row['engine']} | {row['min_ms']:.3f} | {row['median_ms']:.3f} | {row['ratio_min']:.2f} "
            f"| {row['ratio_median']:.2f} | {'; '.join(notes)} |")


def layer_notes(layers: list[dict] | None) -> list[str]:
    """Says how many layers run sparse, and which pruned ones do not and why."""
    if not layers:
        return []
    weighted = [layer for layer in layers if layer.get("density") is not None]
    left = [layer for layer in weighted if layer["density"] < 0.6 and layer.get("pattern") in (None, "", "none", "dense")]
    sparse = sum(1 for layer in weighted if layer.get("pattern") not in (None, "", "none", "dense"))
    lines = ["", f"Layers with weights: {len(weighted)}, of which {sparse} run sparse."]
    for layer in left:
        reasons = "; ".join(f"{entry.get('candidate')}: {entry.get('reason')}" for entry in layer.get("refused") or [])
        lines.append(f"- {layer['node']} ({layer['density']:.1%} non-zero) runs dense: {reasons or 'no reason given'}")
    return lines


def markdown(report: dict) -> str:
    """Returns the report as Markdown: machine, then one table per case."""
    machine = report["machine"]
    lines = [
        "# Benchmark", "",
        f"CPU: {machine['cpu']} (family {machine['family']}, model {machine['model']}, {machine['mhz']} MHz now, cache "
        f"{machine['cache']}, {machine['cores']} cores; {' '.join(machine['isa'])}). Revision {machine['revision']}, "
        f"{machine['date']}. {report['threads']} thread(s), {report['rounds']} rounds of {report['seconds_per_round']} s "
        f"per engine, in turns. Load {machine['load'][0]} at the start, {report['load_at_end'][0]} at the end.", "",
        "Ratio: time of ONNX Runtime on the dense model / time of the engine, same rounds."]
    if report["not_installed"]:
        lines += ["", f"Not installed (benchmarks/setup_peers): {', '.join(report['not_installed'])}."]
    if report["small"]:
        lines += ["", "**Tiny variants of the models: these times mean nothing.**"]
    for case in report["cases"]:
        asked = "" if case["pattern"] == "dense" else f" {case['sparsity']:.0%} asked,"
        lines += ["", f"## {case['model']}, {case['pattern']}", "",
                  f"Weights kept:{asked} {case['density_pruned_layers']:.2%} of the pruned layers, "
                  f"{case['density_all_weights']:.2%} of all.", "",
                  "| engine | min ms | median ms | ratio of min | ratio of median | notes |", "|---|--:|--:|--:|--:|---|"]
        lines += [_row(row, case["executable_bound_bytes"]) for row in case["rows"]]
        gsc = next((row for row in case["rows"] if row["engine"] == "gsc" and "min_ms" in row), None)
        if gsc:
            lines += layer_notes(gsc.get("layers"))
        if gsc and case["pattern"] != "dense" and gsc["ratio_min"] <= 1.02:
            lines += ["", "Nothing was gained from the zeros here."]
    return "\n".join(lines)
