# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Times gsc beside ONNX Runtime and other engines on pruned models: one run, one machine, engines in turns.

    python -m benchmarks.run --quick
    python -m benchmarks.run --models resnet50,ffn12 --patterns unstructured,block4 --sparsity 0.8,0.9 --json out.json

Every engine gets the same file, the same input and the same cores.  Outputs are compared with ONNX Runtime first: an
engine that computes something else gets no time.  Then the engines take turns for several rounds.  Minimum and median
are over all rounds; the ratio is the time of ONNX Runtime on the *dense* model over the time of the engine, from the
same rounds.  Peers are found where `benchmarks/setup_peers` puts them.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

import onnx

from . import models
from .common import GSC, ROOT, TOLERANCE, WORK, densities, executable_bound, machine, model_file, ort_session, relative_error
from .engines import PEERS, Engine, EngineError, Gsc, Worker, peer_python
from .report import FLOORS, markdown, missed_floors

BASE = "onnxruntime, dense model"
MIN_RUNS = 20  # rounds are added until every engine has so many


def make_engine(name: str, path: Path, inputs: dict, args: argparse.Namespace) -> Engine:
    """Starts one engine on one model file; EngineError if it refuses the model."""
    work = args.work / "run" / name
    if name == "gsc":
        return Gsc(args.gsc, path, inputs, args.cores, work, [f"--target={args.target}"] if args.target else [])
    python = peer_python(name, args.peers)
    assert python is not None, "absent engines were left out before"
    return Worker(name, python, path, inputs, args.cores, work)


def measure_case(name: str, pattern: str, sparsity: float, args: argparse.Namespace) -> dict[str, object]:
    """Measures all engines on one model and pattern, ONNX Runtime on the dense model among them."""
    path = model_file(name, pattern, sparsity, args.small, args.work)
    dense = model_file(name, "dense", sparsity, args.small, args.work)
    model = onnx.load(path)
    inputs = models.make_inputs(model)
    names = [value.name for value in model.graph.output]
    expected = ort_session(path).run(names, inputs)
    pruned, overall = densities(model)
    bound = executable_bound(model, pattern)
    del model
    rows: list[dict[str, object]] = []
    running: list[Engine] = []
    python = peer_python("onnxruntime", args.peers)
    assert python is not None
    base = Worker("onnxruntime", python, dense, inputs, args.cores, args.work / "run" / "base", BASE)
    running.append(base)
    try:
        for engine_name in args.engines:
            if engine_name == "onnxruntime" and pattern == "dense":
                continue  # that is the base
            try:
                engine = make_engine(engine_name, path, inputs, args)
                running.append(engine)
                error = relative_error(engine.outputs(names), expected)
                engine.facts["error"] = error
                if not error <= TOLERANCE:
                    running.remove(engine)
                    engine.close()
                    raise EngineError(f"wrong result: relative error {error:.1e}, allowed {TOLERANCE:.0e}; not timed")
            except EngineError as failure:
                rows.append({"engine": engine_name, "failure": str(failure)})
                print(f"  {engine_name}: {failure}", file=sys.stderr, flush=True)
        number = 0
        while number < args.rounds or (number < 4 * args.rounds and min(engine.runs() for engine in running) < MIN_RUNS):
            order = running[number % len(running):] + running[:number % len(running)]  # nobody is always the first
            for engine in order:
                engine.measure(args.seconds)
            number += 1
        for engine in running:
            rows.append({
                "engine": engine.title, "min_ms": engine.least(), "median_ms": engine.median(),
                "ratio_min": base.least() / engine.least(), "ratio_median": base.median() / engine.median(),
                "runs": engine.runs(), **engine.facts})
    finally:
        for engine in running:
            engine.close()
    return {"model": name, "pattern": pattern, "sparsity": 0.0 if pattern == "dense" else sparsity,
            "density_pruned_layers": round(pruned, 4), "density_all_weights": round(overall, 4),
            "executable_bound_bytes": bound, "rows": rows}


def parse() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__.splitlines()[0])
    parser.add_argument("--models", default="resnet50,mobilenetv1,ffn12", help="comma-separated; --list-models names all")
    parser.add_argument("--patterns", default="dense,unstructured,block4,gs16_1", help="comma-separated")
    parser.add_argument("--sparsity", default="0.9", help="comma-separated shares of zeros (default 0.9)")
    parser.add_argument("--engines", default="gsc,onnxruntime," + ",".join(PEERS), help="comma-separated")
    parser.add_argument("--quick", action="store_true", help="unstructured and block4 only, gsc and onnxruntime, 3 rounds")
    parser.add_argument("--small", action="store_true", help="tiny variants: tests this script, times mean nothing")
    parser.add_argument("--threads", type=int, default=1, help="cores for every engine (default 1)")
    parser.add_argument("--rounds", type=int, default=5, help="turns of every engine (default 5)")
    parser.add_argument("--seconds", type=float, default=1.0, help="per turn (default 1)")
    parser.add_argument("--gsc", type=Path, default=GSC, help="the compiler (default build/bin/gsc)")
    parser.add_argument("--target", help="passed to gsc compile")
    parser.add_argument("--peers", type=Path, default=ROOT / ".venv-peers", help="where setup_peers put the others")
    parser.add_argument("--work", type=Path, default=WORK, help="where models and executables are kept")
    parser.add_argument("--json", type=Path, help="write everything measured")
    parser.add_argument("--markdown", type=Path, help="write the tables; they are always printed")
    parser.add_argument("--floors", action="store_true", help="exit code 1 if gsc misses a speed floor of the project")
    parser.add_argument("--list-models", action="store_true", help="list the models and end")
    args = parser.parse_args()
    if args.list_models:
        print("\n".join(models.MODELS))
        sys.exit(0)
    if args.quick:
        args.patterns, args.engines = "unstructured,block4", "gsc,onnxruntime"
        args.rounds, args.seconds = min(args.rounds, 3), min(args.seconds, 0.7)
    args.models, args.patterns, args.engines = (value.split(",") for value in (args.models, args.patterns, args.engines))
    known = {*models.MODELS, *models.PATTERNS, "gsc", "onnxruntime", *PEERS}
    for value in [*args.models, *args.patterns, *args.engines]:
        if value not in known:
            parser.error(f"unknown model, pattern or engine '{value}'")
    args.sparsity = [float(value) for value in args.sparsity.split(",")]
    cores = sorted(os.sched_getaffinity(0))
    if not 1 <= args.threads <= len(cores):
        parser.error(f"--threads {args.threads}: this machine lends {len(cores)} cores")
    args.cores = cores[-args.threads:]
    args.work = args.work.resolve()
    return args


def main() -> int:
    """Measures every case and reports."""
    args = parse()
    report: dict[str, object] = {"machine": machine(), "threads": args.threads, "rounds": args.rounds,
                                 "seconds_per_round": args.seconds, "small": args.small, "tolerance": TOLERANCE}
    report["not_installed"] = [name for name in args.engines if name != "gsc" and peer_python(name, args.peers) is None]
    args.engines = [name for name in args.engines if name not in report["not_installed"]]
    cases: list[dict[str, object]] = []
    for name in args.models:
        for pattern in args.patterns:
            for sparsity in args.sparsity[:1] if pattern == "dense" else args.sparsity:
                print(f"{name} {pattern} {sparsity:g}", file=sys.stderr, flush=True)
                cases.append(measure_case(name, pattern, sparsity, args))
    report["cases"] = cases
    report["load_at_end"] = [round(value, 2) for value in os.getloadavg()]
    text = markdown(report)
    print(text)
    if args.json:
        args.json.write_text(json.dumps(report, indent=2) + "\n")
    if args.markdown:
        args.markdown.write_text(text + "\n")
    missed = missed_floors(cases)
    if args.floors:
        print(f"floors: {len(FLOORS)} known, {len(missed)} missed")
        for line in missed:
            print(f"  {line}")
    return 1 if args.floors and missed else 0


if __name__ == "__main__":
    sys.exit(main())
