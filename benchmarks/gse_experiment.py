# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The paper's question on the simulated gather/scatter engine: every layer of GNMT, ResNet-50 and Jasper.

    python -m benchmarks.gse_experiment [--quick] [--out DIR]     (from the repository root)
    python -m benchmarks.gse_experiment --model FILE.onnx         the layers and weights of a file
    python -m benchmarks.gse_experiment --docs                    writes docs/Experiment.md and its figures, too

Results are cycles, so they do not depend on the computer. An interrupted run goes on where it stopped. Afterwards a
sample of the configurations runs through the compiler and the simulator; cycles have to be the same (--no-check: not).
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import multiprocessing
import os
import sys
import time
from functools import partial
from pathlib import Path

from benchmarks.gse import chain, crosscheck, law, layers, machines, masks, page, plots, sweep, table, tiles
from benchmarks.gse import evaluate as evaluate_module
from benchmarks.gse.evaluate import BANKS, SPARSITIES, evaluate
from benchmarks.gse.masks import Weight
from benchmarks.models import gather_scatter, sparsity

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "build" / "benchmarks" / "gse"
QUICK = (("gnmt", "attention 1024x1024"), ("resnet50", "1x1 64-256 on 56"), ("resnet50", "3x3 512-512 on 7"),
         ("jasper", "11 256-256"))  # fmt: skip
# Layers of the networks that run through the simulator, and on how many of the machines; the larger ones on a few.
CHECKED = (
    ("gnmt", "attention 1024x1024", 1),
    ("gnmt", "gates 4096x1024", 5),
    ("resnet50", "1x1 64-64 on 56", 2),
    ("resnet50", "3x3 256-256 on 28 stride 2", 3),
    ("resnet50", "3x3 512-512 on 7", 3),
    ("resnet50", "classifier 1000x2048", 3),
    ("jasper", "1 256-256", 2),
    ("jasper", "11 64-256 stride 2", 3),
)


def code_key() -> str:
    """Changes with the code that makes the results: those of other code are not gone on with."""
    sources = (evaluate_module, gather_scatter, law, layers, machines, masks, sparsity, table, tiles)
    return hashlib.sha1(b"".join(Path(module.__file__).read_bytes() for module in sources)).hexdigest()[:8]


def _configurations(layer: layers.Layer, quick: bool) -> list[tuple[float, int]]:
    """Sparsities and banks; 0 stands for the dense kernels."""
    banks = BANKS[:1] if quick else BANKS
    sparsities = (0.9,) if quick else SPARSITIES
    return [(0.0, b) for b in banks] + ([] if layer.dense else [(s, b) for s in sparsities for b in banks])


def _task(task: tuple[layers.Layer, str, list[tuple[float, int]]]) -> list[list[list[str]]]:
    """All configurations of one weight; runs in a process of its own."""
    layer, kind, wanted = task
    weight = Weight(layer.weight(kind)) if any(s for s, _ in wanted) else None
    return [table.lines_of(list(evaluate(layer, kind, weight, s, b))) for s, b in wanted]


def measure(path: Path, found: list[layers.Layer], kinds: tuple[str, ...], quick: bool, jobs: int) -> None:
    """Evaluates what the file lacks."""
    done = table.start(path)
    tasks = []
    for layer in found:
        for kind in kinds:
            wanted = [
                (s, b)
                for s, b in _configurations(layer, quick)
                if table.key(layer.network, layer.name, kind, s, b) not in done
            ]
            for banks in BANKS:
                if part := [(s, b) for s, b in wanted if b == banks]:
                    tasks.append((layer, kind, part))
    if not tasks:
        print(f"{path}: complete")
        return
    size = [task[0].shape.rows * task[0].shape.cols + 200_000 for task in tasks]
    total, finished, begin = sum(size), 0, time.monotonic()
    in_order = any(layer.matrix for layer in found)
    context = multiprocessing.get_context("fork")
    with context.Pool(1 if in_order else jobs) as pool:
        # Closures over an ONNX file cannot be sent to another process.
        results = map(_task, tasks) if in_order else pool.imap(_task, tasks)
        for number, (task, configurations) in enumerate(zip(tasks, results, strict=True), 1):
            table.append(path, [line for lines in configurations for line in lines])
            finished += size[number - 1]
            seconds = time.monotonic() - begin
            left = seconds / finished * (total - finished)
            print(
                f"\r[{number}/{len(tasks)}] {seconds / 60:.1f} min, about {left / 60:.1f} left: {task[0].network} "
                f"{task[0].name}, {task[1]} rows{' ' * 20}",
                end="",
                file=sys.stderr,
                flush=True,
            )
    print(file=sys.stderr)


def check(path: Path, quick: bool) -> int:
    """Runs a sample through the compiler and the simulator, and writes the comparison; returns how many differ.

    What these tools have run already is not run again; after a new build everything is.
    """
    head = ["network", "layer", "sparsity", "machine", "pattern", "law", "simulator"]
    lines: list[list[str]] = []
    newest = max((chain.tools() / tool).stat().st_mtime for tool in ("gs-opt", "gs-translate"))
    if path.exists() and path.stat().st_mtime > newest:
        with path.open(newline="") as file:
            lines = [line for line in csv.reader(file) if len(line) == len(head)][1:]
    done = {tuple(line[:4]) for line in lines}
    for network, name, step in CHECKED[:1] if quick else CHECKED:
        layer = sweep.layer_of(network, name)
        weight = Weight(layer.weight("uneven"))
        for banks in BANKS[:2]:
            for zeros in (0.8, 0.9, 0.95) if layer.shape.is_vector and step == 1 and not quick else (0.9,):
                kernels = None
                for machine in crosscheck.machines(banks)[:: 5 if quick else step]:
                    place = [network, name, f"{zeros:g}", machine.text()]
                    if tuple(place) in done:
                        continue
                    print(f"\r{network} {name} on {machine.text()}{' ' * 20}", end="", file=sys.stderr, flush=True)
                    kernels = kernels or list(crosscheck.kernels(layer.shape, weight, 1 - zeros, banks))
                    for result in crosscheck.compare(kernels, machine):
                        values = ["" if value is None else f"{value:.3f}" for value in (result.law, result.real)]
                        lines.append([*place, result.pattern, *values])
                    with path.open("w", newline="") as file:
                        csv.writer(file, lineterminator="\n").writerows([head, *lines])
    print(file=sys.stderr)
    wrong = [line for line in lines if line[-1] != line[-2]]
    for line in wrong:
        print(f"other cycles: {', '.join(line)}")
    print(f"{len(lines)} kernels through the compiler and the simulator, {len(wrong)} with other cycles")
    return len(wrong)


def main() -> int:
    """Runs the experiment."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.gse_experiment",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--quick", action="store_true", help="four layers, 90 %%, 8 banks: two minutes")
    parser.add_argument("--model", type=Path, help="an ONNX file in place of the three networks")
    parser.add_argument("--out", type=Path, help=f"folder of the results (default {OUT.relative_to(ROOT)})")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1), help="processes (default 2)")
    parser.add_argument("--no-check", action="store_true", help="do not run the sample through the simulator")
    parser.add_argument(
        "--docs", action="store_true", help="write docs/Experiment.md, docs/figures, docs/Experiment.csv.gz"
    )
    args = parser.parse_args()
    out = args.out or OUT
    out.mkdir(parents=True, exist_ok=True)
    if args.docs and (args.quick or args.model):
        parser.error("--docs is for the whole experiment")
    stem = "quick" if args.quick else "experiment"
    try:
        if args.model:  # another file of this name has results of its own
            stem = f"{args.model.stem}-{hashlib.sha1(args.model.read_bytes()).hexdigest()[:8]}"
        path = out / f"{stem}-{code_key()}.csv"
        found = layers.of_model(args.model) if args.model else layers.networks()
    except (OSError, ValueError) as error:
        parser.error(str(error))
    if args.quick and not args.model:
        found = [layer for layer in found if (layer.network, layer.name) in QUICK]
    try:
        measure(path, found, ("model",) if args.model else layers.WEIGHTS, args.quick, args.jobs)
    except ValueError as error:
        parser.error(str(error))
    lines = table.read(path)
    print("\n".join(page.summary(lines)))
    wrong = 0
    if not args.model:
        sweep.run(out / "sweep.csv")
        if not args.no_check:
            try:
                wrong = check(out / f"{stem}-check.csv", args.quick)
            except (chain.ChainError, OSError) as error:
                print(f"error: the simulator did not run ({error}); build gs-opt and gs-translate, or use --no-check")
                return 1
    drawn = plots.draw(
        lines, sweep.read(out / "sweep.csv") if not args.model else [], out, partial(print, file=sys.stderr)
    )
    print("\n".join(str(each) for each in [path, *drawn]))
    if args.docs and drawn:
        page.write(path, out, ROOT / "docs")
    return 1 if wrong or (args.docs and not drawn) else 0


if __name__ == "__main__":
    sys.exit(main())
