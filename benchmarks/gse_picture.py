# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Draws a run of the simulated gather/scatter engine as PNG: where cycles go, sub-banks over time, occupancy, timeline.

The same picture as the page of `--engine-html` and `--simulate-html`, for papers and slides. Needs matplotlib.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path


def load(path: Path) -> dict:
    """A JSON object, or an exit with the reason."""
    try:
        with open(path, encoding="utf-8") as file:
            data = json.load(file)
    except (OSError, json.JSONDecodeError) as error:
        sys.exit(f"{path}: {error}")
    if not isinstance(data, dict):
        sys.exit(f"{path}: expected a JSON object; --stats and --trace write one")
    return data


def choose(statistics: dict, name: str) -> tuple[int, dict]:
    """Number and record of a kernel: the named one, else the longest."""
    kernels = statistics.get("kernels")
    if statistics.get("schema") != "gse-statistics-2" or not kernels:
        sys.exit("the statistics hold no kernel of schema gse-statistics-2; write them with --stats or --simulate-stats")
    if not name:
        return max(enumerate(kernels), key=lambda pair: pair[1]["cycles"])
    for number, kernel in enumerate(kernels):
        if kernel["kernel"] == name:
            return number, kernel
    sys.exit(f"there is no kernel '{name}'; there are {', '.join(kernel['kernel'] for kernel in kernels)}")


def draw(kernel: dict, events: list[dict], output: Path) -> None:
    """Draws one kernel. events: those of its process in the trace, or none."""
    try:
        import matplotlib
    except ImportError:
        sys.exit("PNGs are drawn by matplotlib, which is not installed: pip install matplotlib; "
                 "--engine-html makes a page without it")
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    rows = 4 if events else 3
    figure, axes = plt.subplots(rows, 1, figsize=(10, 2.4 * rows), constrained_layout=True)
    density = kernel["density"]
    shares = ", ".join(f"{key} {density[key]:.1%}" for key in ("nominal", "achieved") if density[key] is not None)
    figure.suptitle(f"{kernel['kernel']} on {kernel['machine']['name']}: {kernel['cycles']:.0f} cycles"
                    + (f"; density: {shares}" if shares else ""))

    left = 0.0
    for part, cycles in kernel["breakdown"].items():
        if cycles > 0:
            axes[0].barh([0], [cycles], left=[left], label=f"{part} {cycles / max(kernel['cycles'], 1):.1%}")
            left += cycles
    axes[0].set(yticks=[], xlabel="cycles", title="where cycles go")
    axes[0].legend(ncols=4, fontsize="x-small")

    banks = kernel["banks"]
    windows = banks["windows"] or [banks["total"]]
    image = axes[1].imshow(list(zip(*windows)), aspect="auto", origin="lower", interpolation="nearest", vmin=0,
                           extent=(0, banks["window_cycles"] * len(windows), -0.5, len(windows[0]) - 0.5))
    figure.colorbar(image, ax=axes[1], label="accesses")
    axes[1].set(xlabel="cycle", ylabel="sub-bank", title="accesses per sub-bank and time window")

    for op, counts in kernel["occ_hist"].items():
        axes[2].bar(list(map(int, counts)), list(counts.values()), width=0.4, alpha=0.7, label=op)
    axes[2].set(xticks=sorted({int(cycles) for counts in kernel["occ_hist"].values() for cycles in counts}),
                xlabel="cycles that an access keeps the memory", ylabel="accesses", title="occupancy")
    if kernel["occ_hist"]:
        axes[2].legend(fontsize="x-small")

    if events:
        names = {event["tid"]: event["args"]["name"] for event in events if event.get("name") == "thread_name"}
        for place, thread in enumerate(sorted(names)):
            spans = [(event["ts"], event["dur"]) for event in events if event["ph"] == "X" and event["tid"] == thread]
            axes[3].broken_barh(spans, (place - 0.4, 0.8))
        axes[3].set(yticks=range(len(names)), yticklabels=[names[thread] for thread in sorted(names)],
                    xlabel="cycle", title="timeline")
    figure.savefig(output, dpi=120)
    plt.close(figure)


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gse_picture", description=__doc__)
    parser.add_argument("statistics", type=Path, help="file of --stats or --simulate-stats")
    parser.add_argument("--trace", type=Path, help="file of --trace or --simulate-trace of the same run, for a timeline")
    parser.add_argument("--kernel", default="", help="which kernel; default: the one with most cycles")
    parser.add_argument("-o", "--output", type=Path, default=Path("engine.png"), help="PNG to write")
    arguments = parser.parse_args()
    number, kernel = choose(load(arguments.statistics), arguments.kernel)
    events = load(arguments.trace).get("traceEvents", []) if arguments.trace else []
    draw(kernel, [event for event in events if event["pid"] == number + 1], arguments.output)
    print(arguments.output)


if __name__ == "__main__":
    main()
