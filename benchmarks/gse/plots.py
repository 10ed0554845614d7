# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Pictures of the experiment, by matplotlib (pinned in benchmarks/requirements.txt); without it there are none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from .analysis import DENSE, NETWORKS, TITLES, Point, Results

# Colours that differ for all kinds of sight (Okabe and Ito).
COLOURS = {
    "GS(8,8)": "#0072B2",
    "GS(8,1)": "#56B4E9",
    "GS(8,1) scatter": "#009E73",
    "no rule": "#CC79A7",
    "block 1x8": "#E69F00",
    "block 8x1": "#D55E00",
}
LABELS = {"no rule": "GS(8,1) without the residue rule"}


def draw(lines: list[dict[str, str]], swept: list[dict[str, str]], out: Path, say: Callable[[str], None]) -> list[Path]:
    """Draws what the lines allow; the files."""
    try:
        import matplotlib  # pylint: disable=import-outside-toplevel
    except ImportError:
        say(
            "matplotlib is not installed, so there are no pictures: "
            ".venv/bin/pip install -r benchmarks/requirements.txt"
        )
        return []
    matplotlib.use("Agg")
    matplotlib.rcParams.update({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False,
                                "svg.hashsalt": "gsc", "axes.axisbelow": True})  # fmt: skip
    results = Results(lines)
    networks = [network for network in results.layers if network in NETWORKS] or list(results.layers)
    files = [_dense(results, networks, out), _quality(results, networks, out)]
    if swept:
        files.append(_rule(swept, out))
    return files


def _save(figure, path: Path) -> Path:
    from PIL import Image  # pylint: disable=import-outside-toplevel

    figure.savefig(path, dpi=110, metadata={"Software": None})
    with Image.open(path) as image:  # flat colours: a palette is enough
        image.convert("RGB").quantize(128).save(path, optimize=True)
    return path


def _groups(axes, sparsities: list[str]) -> None:
    axes.set_xticks(range(len(sparsities)), [f"{100 * float(s):.0f} %" for s in sparsities])
    axes.grid(axis="y", color="#dddddd", linewidth=0.7)
    axes.tick_params(axis="x", length=0)


def _dense(results: Results, networks: list[str], out: Path) -> Path:
    """Speed-up over dense at equal stored weights."""
    from matplotlib import pyplot  # pylint: disable=import-outside-toplevel

    kind, width = results.kinds[0], 0.13
    figure, all_axes = pyplot.subplots(1, len(networks), figsize=(max(8, 3.7 * len(networks)), 3.9), squeeze=False)
    for axes, network in zip(all_axes[0], networks, strict=True):
        for place, (name, colour) in enumerate(COLOURS.items()):
            for column in ("inorder2", "inorder2/decoupled"):
                found = [
                    results.ratio(network, kind, s, 8, column, DENSE, Point(name)).value for s in results.sparsities
                ]
                at = [x + (place - 2.5) * width for x in range(len(found))]
                heights = [value or 0 for value in found]
                if column == "inorder2":
                    axes.bar(at, heights, 0.9 * width, color=colour, label=LABELS.get(name, name))
                else:
                    axes.plot(at, heights, "_", color="black", markersize=7, label=None)
        axes.axhline(1, color="#666666", linewidth=0.8)
        _groups(axes, results.sparsities)
        axes.set_title(TITLES.get(network, network))
    all_axes[0][0].set_ylabel("times as fast as dense")
    handles, labels = all_axes[0][0].get_legend_handles_labels()
    handles.append(pyplot.Line2D([], [], color="black", marker="_", linestyle="", markersize=7))
    labels.append("with a decoupled engine")
    figure.legend(handles, labels, loc="lower center", ncols=4, frameon=False)
    figure.suptitle("At equal stored weights: gse-inorder2, 8 sub-banks, fair dense baseline")
    figure.tight_layout(rect=(0, 0.13, 1, 1))
    return _save(figure, out / "experiment-dense.png")


def _quality(results: Results, networks: list[str], out: Path) -> Path:
    """Time of the faster block over GS at equal energy."""
    from matplotlib import pyplot  # pylint: disable=import-outside-toplevel

    names = ("GS(8,8)", "GS(8,1) scatter", "GS(8,1)")
    figure, all_axes = pyplot.subplots(
        1, len(networks), figsize=(max(8, 3.7 * len(networks)), 3.7), sharey=True, squeeze=False
    )
    for axes, network in zip(all_axes[0], networks, strict=True):
        place, count = 0, len(names) * len(results.kinds)
        for name in names:
            for kind in results.kinds:
                heights = [
                    results.best_block(network, kind, s, 8, "inorder2", name).value or 0 for s in results.sparsities
                ]
                even = kind != "uneven"
                axes.bar(
                    [x + (place - (count - 1) / 2) * 0.13 for x in range(len(heights))], heights, 0.117,
                    color=COLOURS[name] if even else "white", edgecolor=COLOURS[name], hatch=None if even else "////",
                    linewidth=0.8, label=f"{name}, {kind} rows" if kind != "model" else name,
                )  # fmt: skip
                place += 1
        axes.axhline(1, color="#666666", linewidth=0.8)
        _groups(axes, results.sparsities)
        axes.set_title(TITLES.get(network, network))
    all_axes[0][0].set_ylabel("time of the faster block / time of GS")
    handles, labels = all_axes[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="lower center", ncols=3, frameon=False)
    figure.suptitle("At equal kept energy, one shot, no retraining: gse-inorder2, 8 sub-banks")
    figure.tight_layout(rect=(0, 0.13, 1, 1))
    return _save(figure, out / "experiment-quality.png")


def _rule(swept: list[dict[str, str]], out: Path) -> Path:
    """When the residue rule pays."""
    from matplotlib import pyplot  # pylint: disable=import-outside-toplevel

    banks = sorted({int(line["banks"]) for line in swept})
    rows = [
        ("gnmt", "stream_bytes_per_cycle", "0"), ("gnmt", "stream_bytes_per_cycle", "1"),
        ("resnet50", "gather_latency", "0"), ("resnet50", "gather_latency", "1"), ("jasper", "tcm_bytes", "0"),
    ]  # fmt: skip
    fixed = {"stream_bytes_per_cycle": "16", "gather_latency": "4", "tcm_bytes": "65536", "lsu_ports": "1"}
    figure, all_axes = pyplot.subplots(len(rows), len(banks), figsize=(10.5, 12), layout="constrained")
    axis_titles = {
        "stream_bytes_per_cycle": "stream, bytes/cycle",
        "gather_latency": "gather latency, cycles",
        "tcm_bytes": "TCM, KiB",
    }
    layer_titles = {"gnmt": "SpMV 1024x1024", "resnet50": "conv 3x3, 256 ch.", "jasper": "conv 13, 384 ch."}
    picture = None
    for line_axes, (network, across, decoupled) in zip(all_axes, rows, strict=True):
        for axes, bank in zip(line_axes, banks, strict=True):
            cells = {}
            for line in swept:
                others = {name: value for name, value in fixed.items() if name != across}
                if line["network"] != network or int(line["banks"]) != bank or line["decoupled"] != decoupled:
                    continue
                if line["vertical"] and all(line[name] == value for name, value in others.items()):
                    place = int(line["issue_width"]), int(line[across])
                    cells[place] = float(line["no_rule"]) / float(line["vertical"])
            ys, xs = sorted({y for y, _ in cells}), sorted({x for _, x in cells})
            grid = [[cells.get((y, x), float("nan")) for x in xs] for y in ys]
            picture = axes.imshow(grid, cmap="YlGnBu", vmin=1, vmax=1.7, aspect="auto", origin="lower")
            for at, values in enumerate(grid):
                for place, value in enumerate(values):
                    shade = "white" if value > 1.45 else "black"
                    axes.text(
                        place,
                        at,
                        f"{value:.2f}" if value == value else "–",
                        ha="center",
                        va="center",
                        color=shade,
                        fontsize=8,
                    )
            axes.set_xticks(range(len(xs)), [x >> 10 if across == "tcm_bytes" else x for x in xs])
            axes.set_yticks(range(len(ys)), ys)
            axes.tick_params(length=0)
            for spine in axes.spines.values():
                spine.set_visible(False)
            if axes in all_axes[0]:
                axes.set_title(f"{bank} sub-banks")
            axes.set_xlabel(axis_titles[across], fontsize=8)
        title = layer_titles[network] + (", decoupled" if decoupled == "1" else ", blocking")
        line_axes[0].set_ylabel(f"{title}\nissue width", fontsize=9)
    figure.colorbar(picture, ax=all_axes, shrink=0.5, label="time without the rule / time of GS(B,1)")
    figure.suptitle("When does the residue rule pay? Same weights per row, 90 % zeros")
    return _save(figure, out / "residue-rule.png")
