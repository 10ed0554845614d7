# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiles models with gsc and compares what the executables compute with ONNX Runtime.

    python -m benchmarks.check_accuracy [--small] [--models a,b] [--patterns p,q] [--onnx FILE.onnx]...

One line per case, PASS or FAIL; the last line is `N passed, N failed`.  Exit code 1 if a case failed.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from pathlib import Path

import onnx

from . import models
from .common import GSC, TOLERANCE, WORK, GscError, compile_model, model_file, ort_session, relative_error, run_executable

PATTERNS = "dense,unstructured,block4,block8,gs16_1,window"
MODELS = "odd,tcn,mobilenetv1,mobilenetv2,resnet18,resnet50,ffn12,bert_base,gnmt,gru,c3d,jasper"


def check(gsc: Path, path: Path, folder: Path, arguments: list[str], threads: int, seeds: int) -> str:
    """Compiles and compares one file; returns what to print, GscError with the reason if it fails."""
    compiled = compile_model(gsc, path, folder / "network", arguments)
    model = onnx.load(path)
    session = ort_session(path)
    names = [value.name for value in model.graph.output]
    worst = 0.0
    for seed in range(1, seeds + 1):
        inputs = models.make_inputs(model, seed)
        expected = session.run(names, inputs)
        worst = max(worst, relative_error(run_executable(compiled.path, inputs, folder, threads, names), expected))
    text = f"error {worst:.1e}, compiled in {compiled.seconds:.1f} s, {compiled.peak_bytes / 2**20:.0f} MiB at most"
    if worst > TOLERANCE:
        raise GscError(f"error above {TOLERANCE:.0e}: {text}")
    return text


def main() -> int:
    """Runs all cases."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.check_accuracy", description=__doc__.splitlines()[0])
    parser.add_argument("--gsc", type=Path, default=GSC, help="the compiler (default build/bin/gsc)")
    parser.add_argument("--models", default=MODELS, help=f"comma-separated, or 'none' (default {MODELS})")
    parser.add_argument("--patterns", default=PATTERNS, help=f"comma-separated (default {PATTERNS})")
    parser.add_argument("--sparsity", type=float, default=0.9)
    parser.add_argument("--small", action="store_true", help="tiny variants of the models")
    parser.add_argument("--onnx", type=Path, action="append", default=[], help="a further model file; may be repeated")
    parser.add_argument("--target", action="append", default=[], help="passed to gsc; may be repeated (one case each)")
    parser.add_argument("--threads", type=int, default=1, help="of the executable (default 1)")
    parser.add_argument("--seeds", type=int, default=2, help="different inputs per case (default 2)")
    parser.add_argument("--work", type=Path, default=WORK, help="where models and executables are kept")
    parser.add_argument("--stop", action="store_true", help="end at the first failure")
    args = parser.parse_args()
    names = [] if args.models == "none" else args.models.split(",")
    patterns = args.patterns.split(",")
    for wrong in [name for name in names if name not in models.MODELS] + [p for p in patterns if p not in models.PATTERNS]:
        parser.error(f"unknown model or pattern '{wrong}' (see python -m benchmarks.models --list)")
    cases: list[tuple[str, tuple[str, str] | Path]] = [(f"{n} {p}", (n, p)) for n in names for p in patterns]
    cases += [(path.name, path) for path in args.onnx]
    passed = failed = 0
    for title, case in cases:
        path = case if isinstance(case, Path) else model_file(*case, args.sparsity, args.small, args.work)
        for target in args.target or [None]:
            label = title + (f" {target}" if target else "")
            folder = args.work / "accuracy" / label.replace(" ", "-")
            start = time.perf_counter()
            try:
                text = check(args.gsc, path, folder, [f"--target={target}"] if target else [], args.threads, args.seeds)
                passed += 1
                print(f"PASS {label:32} {text}", flush=True)
            except (GscError, OSError) as error:
                failed += 1
                print(f"FAIL {label:32} {error} ({time.perf_counter() - start:.1f} s)", flush=True)
                if args.stop:
                    break
            finally:
                shutil.rmtree(folder, ignore_errors=True)
        if failed and args.stop:
            break
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
