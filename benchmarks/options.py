# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The command line of `run.py`."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from . import models
from .common import GSC, ROOT, WORK
from .engines import PEERS
from .plan import OTHER_MODELS, SUITE_MODELS

MODELS = (
    "resnet50",
    "resnet18",
    "mobilenetv1",
    "mobilenetv2",
    "ffn12",
    "bert_base",
    "gnmt",
    "gru",
    "jasper",
    "c3d",
    "tcn",
)
ENGINES = ("gsc", "gsc_dense", "onnxruntime", *PEERS)


def parse(description: str) -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=description)
    parser.add_argument(
        "--models", help="comma-separated; --list-models names all (default: all that the project has goals for)"
    )
    parser.add_argument("--patterns", default="dense,unstructured,block4,block8,gs16_1,window", help="comma-separated")
    parser.add_argument("--sparsity", default="0.5,0.7,0.8,0.9,0.95", help="comma-separated shares of zeros")
    parser.add_argument(
        "--sweep", default="unstructured,block4", help="patterns for all of --sparsity, or 'all'; the others: 0.9"
    )
    parser.add_argument("--engines", default=",".join(ENGINES), help="comma-separated")
    parser.add_argument(
        "--threads", default="1,2", help="numbers of cores; above 1: compared with 1 at 90 %% (default 1,2)"
    )
    parser.add_argument(
        "--goals",
        action="store_true",
        help="the suite of the goals: dense, unstructured and 4-row at 50, 80, 90 and 95 %%, two threads at 90 %%; 70 %% for "
        "two models, all patterns for all but the largest, and models without goals at 50 and 90 %% (instead of --patterns, --sparsity and --sweep)",
    )
    parser.add_argument(
        "--prepare",
        action="store_true",
        help="only make model files and programs; the same command without it then takes the times",
    )
    parser.add_argument(
        "--minutes", type=float, help="begin no case after so long; the page tells what was measured by then"
    )
    parser.add_argument(
        "--wait",
        type=float,
        default=60.0,
        help="seconds a case of several threads may wait for cores that are near each other (default 60)",
    )
    parser.add_argument(
        "--quick", action="store_true", help="three models at 90 %%, gsc and onnxruntime, 3 rounds, 1 thread"
    )
    parser.add_argument("--small", action="store_true", help="tiny variants: tests this script, times mean nothing")
    parser.add_argument("--rounds", type=int, default=5, help="turns of every engine (default 5)")
    parser.add_argument("--seconds", type=float, default=1.0, help="per turn (default 1)")
    parser.add_argument(
        "--layers", default="resnet50", help="models to list layer by layer, comma-separated, or 'none'"
    )
    parser.add_argument("--gsc", type=Path, default=GSC, help="the compiler (default build/bin/gsc)")
    parser.add_argument("--target", help="passed to gsc compile")
    parser.add_argument("--peers", type=Path, default=ROOT / ".venv-peers", help="where setup_peers put the others")
    parser.add_argument("--work", type=Path, default=WORK, help="where models, executables and results are kept")
    parser.add_argument("--fresh", action="store_true", help="measure again what was measured before")
    parser.add_argument(
        "--keep", action="store_true", help="keep large models and executables (about 100 GB for everything)"
    )
    parser.add_argument("--json", type=Path, help="write everything measured (default: report.json in the work folder)")
    parser.add_argument("--html", type=Path, help="write the page (default: report.html in the work folder)")
    parser.add_argument("--markdown", type=Path, help="write the tables; they are always printed")
    parser.add_argument("--docs", action="store_true", help="write docs/Benchmarks/TARGET.md, .html and .json")
    parser.add_argument("--floors", action="store_true", help="exit code 1 if gsc misses a goal of what was measured")
    parser.add_argument("--list-models", action="store_true", help="list the models and end")
    args = parser.parse_args()
    if args.list_models:
        print("\n".join(models.MODELS))
        sys.exit(0)
    if args.quick:
        args.models = args.models or "resnet50,mobilenetv1,ffn12"
        args.patterns, args.engines, args.sweep, args.threads, args.layers = (
            "dense,unstructured,block4",
            "gsc",
            "",
            "1",
            "none",
        )
        args.sparsity = "0.9"
        args.rounds, args.seconds = min(args.rounds, 3), min(args.seconds, 0.7)
    args.models = (args.models or ",".join((*SUITE_MODELS, *OTHER_MODELS) if args.goals else MODELS)).split(",")
    args.patterns, args.engines = args.patterns.split(","), args.engines.split(",")
    args.sweep = args.patterns if args.sweep == "all" else args.sweep.split(",")
    args.layers = [] if args.layers == "none" else [name for name in args.layers.split(",") if name in args.models]
    known = {*models.MODELS, *models.PATTERNS, *ENGINES}
    for value in [*args.models, *args.patterns, *args.engines]:
        if value not in known:
            parser.error(f"unknown model, pattern or engine '{value}'")
    args.sparsity = [float(value) for value in args.sparsity.split(",")]
    args.threads = [int(value) for value in args.threads.split(",")]
    args.cores = sorted(os.sched_getaffinity(0))
    if not 1 <= max(args.threads) <= len(args.cores):
        parser.error(f"--threads {max(args.threads)}: this machine lends {len(args.cores)} cores")
    args.work = args.work.resolve()
    return args
