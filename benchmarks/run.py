# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Times gsc beside ONNX Runtime and other engines on pruned models: one run, one machine, engines in turns.

    python -m benchmarks.run --quick                      three models, minutes
    python -m benchmarks.run --goals --prepare            makes the models and programs of the goals, no times
    python -m benchmarks.run --goals --docs               the page: what the goals need, half an hour once all is made
    python -m benchmarks.run --docs                       everything, hours; goes on where it was interrupted
    python -m benchmarks.run --models resnet50,ffn12 --patterns unstructured,block4 --sparsity 0.8,0.9 --json out.json

Every engine gets the same file, the same input and the same cores.  Outputs are compared with ONNX Runtime first: an
engine that computes something else gets no time.  Then the engines take turns for several rounds.  Minimum and median
are over all rounds; the ratio is the time of ONNX Runtime on the *dense* model over the time of the engine, from the
same rounds.  A case (a model, a pattern, a sparsity, a number of threads) is kept in the work folder as soon as it is
measured, under a key of everything it depends on: model script, engine versions, build of gsc, rounds.  Peers are found
where `benchmarks/setup_peers` puts them.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import os
import re
import shlex
import shutil
import sys
import time
from pathlib import Path

import numpy as np
import onnx

from . import models
from .common import (
    ROOT,
    TOLERANCE,
    densities,
    executable_bound,
    machine,
    model_file,
    model_key,
    native_target,
    ort_session,
    relative_error,
)
from .distance import Distance
from .engines import PEERS, Engine, EngineError, Gsc, Worker, convert_mnn, gsc_key, peer_python, peer_version
from .floors import COMPILE_SECONDS, floors
from .layers import measure_layers
from .options import parse
from .page import documentation, page
from .plan import GOAL, Case, plan, suite
from .report import markdown

BASE = "onnxruntime, dense model"
DENSE = "gsc, dense model"
MIN_RUNS = 20  # rounds are added until every engine has so many,
ENOUGH = 2  # or has run for so many times the rounds and seconds asked for: slow models need no twenty runs
FORMAT = 4  # of the kept results


def start(name: str, path: Path, inputs: dict[str, np.ndarray], cores: list[int], args: argparse.Namespace) -> Engine:
    """Starts one engine on one model file; EngineError if it refuses the model.  `base` and `gsc_dense`: the dense file."""
    work = args.work / "run" / f"{name}{len(cores)}"
    title = {"base": BASE, "gsc_dense": DENSE}.get(name, name) + (f" x{len(cores)}" if len(cores) > 1 else "")
    if name.startswith("gsc"):
        return Gsc(
            args.gsc,
            path,
            inputs,
            cores,
            args.work / "executables" / args.gsc_key,
            [f"--target={args.target}"] if args.target else [],
            name,
            title,
            keep=True,
        )
    kind = "onnxruntime" if name == "base" else name
    python = peer_python(kind, args.peers)
    assert python is not None, "absent engines were left out before"
    file = convert_mnn(path, args.work / "mnn", args.peers) if kind == "mnn" else path
    engine = Worker(kind, python, file, inputs, cores, work, title)
    engine.name = name
    return engine


def take_turns(running: list[Engine], rows: list[dict[str, object]], case: Case, args: argparse.Namespace
) -> tuple[list[float], float | None]:
    """Times all engines in turns; who fails goes from `running` to `rows`.

    Rounds are added until every engine has MIN_RUNS, or has taken ENOUGH times the seconds of all rounds.  With several
    threads, a round waits until the cores are near each other (see `distance.py`), and one during which they were moved
    apart is measured again, both within --wait.  Returns the round trips between the cores before
    the rounds, ns, and the least one ever seen.
    """
    trips: list[float] = []
    cores = args.cores[-case.threads :]
    patience = args.wait if case.threads > 1 else 0.0
    probe = Distance(args.work, cores) if case.threads > 1 else None

    def missing() -> bool:
        return any(e.runs() < MIN_RUNS and e.spent() < ENOUGH * args.rounds * args.seconds for e in running)

    number = 0
    while running and (number < args.rounds or (number < 4 * args.rounds and missing())):
        if probe:
            patience -= probe.wait(patience)
        order = running[number % len(running) :] + running[: number % len(running)]  # nobody is always the first
        for engine in order:
            try:
                engine.measure(args.seconds)
            except EngineError as failure:
                running.remove(engine)
                rows.append(
                    {"engine": engine.name, "title": engine.title, "threads": engine.threads, "failure": str(failure)}
                )
        if probe:
            before = probe.last
            if probe.near(before) and not probe.near(probe.measure()) and patience > 0:
                patience -= args.seconds * len(running)
                for engine in running:
                    engine.rounds.pop()
                continue
            if not math.isnan(before):
                trips.append(before)
        number += 1
    return trips, probe.least() if probe and trips else None


def measure(case: Case, args: argparse.Namespace) -> dict[str, object]:
    """Measures all engines of a case, ONNX Runtime on the dense model among them."""
    path = model_file(case.model, case.pattern, case.sparsity, args.small, args.work)
    dense = model_file(case.model, "dense", 0.0, args.small, args.work)
    model = onnx.load(path)
    inputs = models.make_inputs(model)
    names = [value.name for value in model.graph.output]
    pruned, overall = densities(model)
    expected = {path: ort_session(path).run(names, inputs)}
    rows: list[dict[str, object]] = []
    running: list[Engine] = []
    counts = [1] if case.threads == 1 else [1, case.threads]

    def add(name: str, threads: int) -> Engine | None:
        file = dense if name in ("base", "gsc_dense") else path
        engine = None
        try:
            engine = start(name, file, inputs, args.cores[-threads:], args)
            found = engine.outputs(names)
            if name == "base":
                expected.setdefault(file, found)
            error = relative_error(found, expected[file])
            if not error <= TOLERANCE:
                raise EngineError(f"wrong result: relative error {error:.1e}, allowed {TOLERANCE:.0e}; not timed")
            engine.facts = {**engine.facts, "error": error}
            running.append(engine)
            return engine
        except EngineError as failure:
            if engine is not None:
                engine.close()
            rows.append(
                {"engine": name, "title": engine.title if engine else name, "threads": threads, "failure": str(failure)}
            )
            print(f"  {name}: {failure}", file=sys.stderr, flush=True)
            return None

    try:
        bases = {threads: add("base", threads) for threads in counts}
        for name in case.engines:
            for threads in counts:
                add(name, threads)
        trips, least = take_turns(running, rows, case, args)
        for engine in running:
            row = {
                "engine": engine.name,
                "title": engine.title,
                "threads": engine.threads,
                "min_ms": engine.least(),
                "median_ms": engine.median(),
                "runs": engine.runs(),
                **engine.facts,
            }
            base = bases[engine.threads]
            if base in running and base is not None:
                row |= {"ratio_min": base.least() / engine.least(), "ratio_median": base.median() / engine.median()}
            rows.append(row)
    finally:
        for engine in running:
            engine.close()
    layers = next((row.get("layers") for row in rows if row["engine"] == "gsc"), None) or []
    assert isinstance(layers, list)
    straight = any(str(layer["strategy"]).startswith("straight-line") for layer in layers)
    code = next((row.get("code_bytes", 0) for row in rows if row["engine"] == "gsc"), 0) if straight else 0
    assert isinstance(code, int)
    return {
        "model": case.model,
        "pattern": case.pattern,
        "sparsity": case.sparsity,
        "threads": case.threads,
        "density_pruned_layers": round(pruned, 4),
        "density_all_weights": round(overall, 4),
        "small": args.small,
        "executable_bound_bytes": executable_bound(model, case.pattern, code),
        "gsc_key": args.gsc_key,
        "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "load": round(os.getloadavg()[0], 2),
        "round_trip_ns": trips,
        "least_round_trip_ns": least,
        "rows": rows,
    }


def kept(name: str, facts: dict, args: argparse.Namespace) -> tuple[Path, dict | None]:
    """The file of a result that depends on `facts`, and what it holds if it was measured before."""
    key = hashlib.sha1(json.dumps([FORMAT, facts, machine()["cpu"]], sort_keys=True).encode()).hexdigest()[:12]
    file = args.work / "results" / f"{name}-{key}.json"
    if file.exists() and not args.fresh:
        return file, json.loads(file.read_text())
    return file, None


def keep(file: Path, result: dict) -> None:
    """Writes a result so that an interruption leaves none or all of it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(".partial")
    partial.write_text(json.dumps(result))
    partial.rename(file)


def run_case(case: Case, args: argparse.Namespace) -> dict:
    """Measures a case, or finds it measured."""
    facts = {
        "case": [case.model, case.pattern, case.sparsity, case.threads],
        "model": model_key(case.model),
        "small": args.small,
        "engines": {name: args.versions[name] for name in ("onnxruntime", *case.engines)},
        "target": args.target,
        "rounds": args.rounds,
        "seconds": args.seconds,
        "cores": args.cores[-case.threads :],
    }
    small = "-small" if args.small else ""
    file, result = kept(f"{case.model}{small}-{case.pattern}-{case.sparsity:g}-{case.threads}", facts, args)
    if result and any(row["engine"] == "gsc" and "failure" in row for row in result["rows"]):
        result = None  # our own failures are tried again
    print(case.title() + (" (measured before)" if result else ""), file=sys.stderr, flush=True)
    if result is None:
        result = measure(case, args)
        keep(file, result)
    return result


def make_ready(case: Case, args: argparse.Namespace) -> None:
    """Makes the model files, programs and conversions of a case, so that measuring it takes little more than its runs."""
    path = model_file(case.model, case.pattern, case.sparsity, args.small, args.work)
    dense = model_file(case.model, "dense", 0.0, args.small, args.work)
    print(case.title(), file=sys.stderr, flush=True)
    timed = case.model in COMPILE_SECONDS and case.sparsity in (0.0, GOAL)  # compiling is measured, too: not now
    for name in case.engines:
        try:
            if name.startswith("gsc") and not timed:
                start(name, dense if name == "gsc_dense" else path, {}, args.cores[-1:], args).close()
            elif name == "mnn":
                convert_mnn(path, args.work / "mnn", args.peers)
        except EngineError as failure:  # told again, and kept, when it is measured
            print(f"  {name}: {failure}", file=sys.stderr, flush=True)


def run_layers(model: str, pattern: str, args: argparse.Namespace) -> dict:
    """Measures a model layer by layer, or finds it measured."""
    facts = {
        "layers": [model, pattern, GOAL],
        "model": model_key(model),
        "small": args.small,
        "gsc": args.gsc_key,
        "target": args.target,
    }
    file, result = kept(f"{model}-{pattern}-layers", facts, args)
    print(f"{model} {pattern}, layers" + (" (measured before)" if result else ""), file=sys.stderr, flush=True)
    if result is None:
        path = model_file(model, pattern, GOAL, args.small, args.work)
        result = {"model": model, "pattern": pattern, "sparsity": GOAL} | measure_layers(
            args.gsc, path, args.work / "layers", args.cores[-1:], [f"--target={args.target}"] if args.target else []
        )
        if "failure" not in result:
            keep(file, result)
    return result


def clean(model: str, args: argparse.Namespace) -> None:
    """Frees the disk of what the cases of a model have left, except for small model files."""
    if args.keep:
        return
    folder = args.work / f"models-{model_key(model)}"
    for file in [
        *(args.work / "executables").glob(f"*/{model}-*"),
        *(args.work / "mnn").glob(f"*-{model}-*"),
        *(file for file in folder.glob(f"{model}-*.onnx") if file.stat().st_size > 150e6),
    ]:
        file.unlink()


def prepare(args: argparse.Namespace) -> list[str]:
    """Fills in versions and leaves absent engines out; returns those."""
    absent = [name for name in args.engines if name in PEERS and peer_python(name, args.peers) is None]
    args.engines = [name for name in args.engines if name not in absent]
    args.gsc_key = gsc_key(args.gsc)
    args.versions = {
        name: args.gsc_key if name.startswith("gsc") else peer_version(name, args.peers)
        for name in {"onnxruntime", *args.engines}
    }
    return absent


def without_paths(arguments: list[str]) -> list[str]:
    """A command line that another machine can repeat: the folder of the peers is everybody's own."""
    return ["PEERS" if before == "--peers" else re.sub(r"^--peers=.*", "--peers=PEERS", argument)
            for before, argument in zip(["", *arguments], arguments)]


def main() -> int:
    """Measures every case and reports."""
    args = parse(__doc__.splitlines()[0])
    absent = prepare(args)
    report: dict[str, object] = {
        "machine": machine(),
        "rounds": args.rounds,
        "seconds_per_round": args.seconds,
        "small": args.small,
        "tolerance": TOLERANCE,
        "versions": args.versions,
        "not_installed": absent,
        "quick": args.quick,
        "command": shlex.join(["python", "-m", "benchmarks.run", *without_paths(sys.argv[1:])]),
    }
    cases: list[dict] = []
    layers: list[dict] = []
    todo = suite(args) if args.goals else plan(args)
    if args.prepare:
        for case in todo:
            make_ready(case, args)
        return 0
    begin = time.monotonic()
    for number, case in enumerate(todo):
        if args.minutes and time.monotonic() - begin > 60 * args.minutes:
            print(f"{len(todo) - number} cases are left: out of --minutes", file=sys.stderr)
            break
        cases.append(run_case(case, args))
        if number + 1 == len(todo) or todo[number + 1].model != case.model:
            if case.model in args.layers:
                layers += [run_layers(case.model, p, args) for p in ("block4", "unstructured") if p in args.patterns]
            clean(case.model, args)
    shutil.rmtree(args.work / "run", ignore_errors=True)
    asked = list(dict.fromkeys((case.model, case.pattern) for case in todo))
    goals = floors(cases, [] if args.small else asked, str(report["machine"]["vendor"]), [] if args.small else layers)  # type: ignore[index]
    report |= {
        "cases": cases,
        "layers": layers,
        "load_at_end": [round(value, 2) for value in os.getloadavg()],
        "floors": [{**vars(goal), "met": goal.met()} for goal in goals],
    }
    text = markdown(report)
    print(text)
    for file, content in (
        (args.json or args.work / "report.json", json.dumps(report, indent=1)),
        (args.html or args.work / "report.html", page(report)),
        (args.markdown, text),
    ):
        if file:
            file.write_text(content + "\n")
    if args.docs:
        slim = report | {
            "cases": [
                case | {"rows": [{k: v for k, v in row.items() if k != "layers"} for row in case["rows"]]}
                for case in cases
            ]
        }
        target = Path(args.target).stem if args.target else native_target(args.gsc)
        for kind, content in (
            ("md", documentation(report, target)),
            ("html", page(report)),
            ("json", json.dumps(slim)),
        ):
            (ROOT / "docs" / "Benchmarks" / f"{target}.{kind}").write_text(content + "\n")
    missed = [goal for goal in goals if not goal.met()]
    print(f"floors: {len(goals)} known, {len(missed)} missed")
    for goal in missed:
        print(f"  {goal}")
    return 1 if args.floors and (missed or not goals) else 0


if __name__ == "__main__":
    sys.exit(main())
