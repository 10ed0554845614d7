# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Which cases `run.py` measures: from its options, or the suite of the project's goals."""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from .floors import GOALS
from .floors import SPARSITY as GOAL  # at which every pattern is measured

SUITE_MODELS = tuple(sorted(GOALS, key=lambda model: model == "jasper"))  # by far the slowest comes last
# The suite: every model with goals, where they hold; all sparsities for two of them, all patterns but for the largest; last,
# models without goals. The lowest sparsity, where zeros gain least, for all.
SUITE_SPARSITY = (0.8, GOAL, 0.95)
LOWEST = 0.5
WIDE_MODELS, WIDE_SPARSITY = ("resnet50", "mobilenetv1"), (0.7,)
LARGEST_MODELS, WIDE_PATTERNS = ("c3d", "jasper"), ("block8", "gs16_1", "window")
DENSE_TOO = ("gsc", "gsc_dense")
OTHER_MODELS = ("resnet18", "mobilenetv2", "gru", "tcn")


@dataclass(frozen=True)
class Case:
    """One model file, and who runs it.  threads: 1, or the number that is compared with 1."""

    model: str
    pattern: str
    sparsity: float
    threads: int
    engines: tuple[str, ...]

    def title(self) -> str:
        """For people."""
        sparsity = "" if self.pattern == "dense" else f" {self.sparsity:.0%}"
        return f"{self.model} {self.pattern}{sparsity}" + (f", {self.threads} threads" if self.threads > 1 else "")


def plan(args: argparse.Namespace) -> list[Case]:
    """All cases in order.  Engines that gain nothing from zeros are left out where they would show nothing new."""
    cases = []
    for model in args.models:
        for pattern in args.patterns:
            if pattern == "dense":
                cases.append(
                    Case(
                        model, pattern, 0.0, 1, tuple(e for e in args.engines if e not in ("gsc_dense", "onnxruntime"))
                    )
                )
                continue
            for sparsity in (
                args.sparsity if pattern in args.sweep else [s for s in args.sparsity if s == GOAL] or args.sparsity[:1]
            ):
                shown = sparsity == GOAL and pattern in ("unstructured", "block4")
                engines = tuple(e for e in args.engines if shown or e not in ("onnxruntime", "openvino"))
                cases.append(Case(model, pattern, sparsity, 1, engines))
                if shown:
                    scaled = tuple(e for e in args.engines if e not in ("gsc_dense", "onnxruntime", "openvino"))
                    cases += [
                        Case(model, pattern, sparsity, threads, scaled) for threads in args.threads if threads > 1
                    ]
    return cases


def suite(args: argparse.Namespace) -> list[Case]:
    """What the goals need, and little more: rivals at 90 % only, the dense compilation there and at the lowest sparsity."""
    cases = []
    ours = tuple(e for e in args.engines if e == "gsc")
    for model in args.models:
        wide, known = model in WIDE_MODELS, model not in OTHER_MODELS
        cases.append(Case(model, "dense", 0.0, 1, tuple(e for e in args.engines if e not in ("gsc_dense", "onnxruntime"))))
        for pattern in ("unstructured", "block4"):
            for sparsity in sorted({LOWEST, GOAL, *(SUITE_SPARSITY if known else ()), *(WIDE_SPARSITY if wide else ())}):
                at_goal = sparsity == GOAL
                engines = tuple(e for e in args.engines if at_goal or e in (DENSE_TOO if sparsity == LOWEST else ours))
                cases.append(Case(model, pattern, sparsity, 1, engines))
                if at_goal and known:
                    cases += [Case(model, pattern, sparsity, n, ours) for n in args.threads if n > 1]
        if known and model not in LARGEST_MODELS:
            cases += [Case(model, pattern, GOAL, 1, ours) for pattern in WIDE_PATTERNS]
    return cases
