# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The goals of the project on speed, compile time, size and memory, checked against what `run.py` measured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

RIVALS = ("deepsparse", "mnn", "openvino")
SPARSITY = 0.9  # at which the goals of a model hold

# model -> pattern -> least ratio of ONNX Runtime's dense time over the time of gsc, one core: (AMD, Intel).
GOALS: dict[str, dict[str, tuple[float, float]]] = {
    "resnet50": {"block4": (6.0, 5.5), "unstructured": (5.0, 4.0)},
    "mobilenetv1": {"block4": (4.0, 4.0), "unstructured": (3.6, 3.6)},
    "ffn12": {"block4": (10.0, 9.0), "unstructured": (7.5, 6.0)},
    "bert_base": {"block4": (6.0, 6.0), "unstructured": (4.5, 4.5)},
    "gnmt": {"block4": (8.0, 8.0), "unstructured": (7.0, 7.0)},
    "jasper": {"block4": (8.5, 8.5), "unstructured": (6.5, 6.5)},
    "c3d": {"block4": (7.5, 7.5), "unstructured": (5.0, 5.0)},
}
# model -> least ratio of the time of the fastest sparse rival on the same file over the time of gsc.
RIVAL_GOALS = {
    "resnet50": 2.0,
    "mobilenetv1": 1.3,
    "ffn12": 1.4,
    "bert_base": 1.5,
    "gnmt": 6.0,
    "jasper": 2.3,
    "c3d": 1.8,
}
COMPILE_SECONDS = {"resnet50": 15.0, "bert_base": 40.0}  # on two cores
DENSE = 1.0  # dense models: ONNX Runtime's time over that of gsc
AT_80, AT_95 = 0.55, 1.5  # speed-up there over the speed-up at 90 %
THREADS = 1.85  # one thread's time over that of two
THREADS_MS = 5.0  # for models that take longer on one thread
NEVER_SLOWER = 0.98  # dense time over that of gsc, on any file


# Speed-up over the best dense kernel of oneDNN that hand-written kernels reach on one core at 90 % zeros:
# start of a line for onednn.cpp -> (AMD Zen 4, Intel Emerald Rapids), each (unstructured, 8-row blocks).
HAND_KERNELS = {
    "conv 1 64 256 56,56 1,1 1,1": ((7.7, 9.1), (3.72, 3.75)),
    "conv 1 256 64 56,56 1,1 1,1": ((8.2, 8.6), (3.80, 5.32)),
    "conv 1 128 512 28,28 1,1 1,1": ((8.9, 8.9), (5.69, 8.52)),
    "conv 1 512 128 28,28 1,1 1,1": ((8.8, 9.4), (5.49, 7.96)),
    "conv 1 1024 256 14,14 1,1 1,1": ((7.7, 8.7), (5.75, 8.89)),
    "conv 1 512 2048 7,7 1,1 1,1": ((6.9, 7.8), (4.14, 9.40)),
    "conv 1 64 64 56,56 3,3 1,1": ((3.4, 4.9), (2.86, 5.10)),
    "conv 1 256 256 14,14 3,3 1,1": ((3.7, 4.2), (3.92, 6.17)),
    "conv 1 512 512 7,7 3,3 1,1": ((4.3, 5.3), (2.83, 6.84)),
    "matmul 128 3072 768": ((9.4, 10.1), (4.92, 8.96)),
    "matmul 128 768 3072": ((8.5, 9.9), (4.38, 8.61)),
}
HAND_SHARE = 0.85  # of what hand-written kernels reach


@dataclass
class Floor:
    """One goal.  value: what was reached, None if it was not measured.  at_most: the bound is from above."""

    kind: str
    case: str
    bound: float
    value: float | None
    unit: str = "x"
    at_most: bool = False

    def met(self) -> bool:
        """Measured, and on the right side of the bound."""
        if self.value is None:
            return False
        return self.value <= self.bound if self.at_most else self.value >= self.bound

    def __str__(self) -> str:
        found = "not measured" if self.value is None else f"{self.value:.2f}"
        return f"{self.kind}, {self.case}: {found}, {'at most' if self.at_most else 'at least'} {self.bound:.2f} {self.unit}"


def row_of(case: dict, engine: str, threads: int = 1) -> dict | None:
    """The measured row of an engine in a case, None if it was not asked or failed."""
    return next(
        (row for row in case["rows"] if row["engine"] == engine and row["threads"] == threads and "min_ms" in row), None
    )


def find(cases: list[dict], model: str, pattern: str, sparsity: float, threads: int = 1) -> dict | None:
    """The case of a model, pattern and sparsity (0 for dense) measured on `threads` threads."""
    for case in cases:
        same = case["model"] == model and case["pattern"] == pattern and abs(case["sparsity"] - sparsity) < 1e-9
        if same and case["threads"] == threads:
            return case
    return None


def advantage(slow: dict | None, fast: dict | None) -> float | None:
    """Time of one row over that of another, by minimum and by median; the smaller counts."""
    if slow is None or fast is None:
        return None
    return min(slow["min_ms"] / fast["min_ms"], slow["median_ms"] / fast["median_ms"])


def speedup(case: dict | None) -> float | None:
    """Of gsc over ONNX Runtime on the dense model."""
    return None if case is None else advantage(row_of(case, "base"), row_of(case, "gsc"))


def best_rival(case: dict) -> dict | None:
    """The fastest rival on the same file."""
    rows = [row for name in RIVALS if (row := row_of(case, name))]
    return min(rows, key=lambda row: row["min_ms"], default=None)


def _model_goals(cases: list[dict], model: str, pattern: str, column: int) -> Iterator[Floor]:
    """Goals at 90 %, and of 80 % and 95 % against it."""
    case = find(cases, model, pattern, SPARSITY)
    at_goal = speedup(case)
    yield Floor("over ONNX Runtime dense", f"{model} {pattern}", GOALS[model][pattern][column], at_goal)
    rival = advantage(best_rival(case), row_of(case, "gsc")) if case else None
    if case is None or any(row["engine"] in RIVALS for row in case["rows"]):
        yield Floor("over the best sparse rival", f"{model} {pattern}", RIVAL_GOALS[model], rival)
    for sparsity, share in ((0.8, AT_80), (0.95, AT_95)):
        if other := find(cases, model, pattern, sparsity):
            found = speedup(other)
            yield Floor(
                f"{sparsity:.0%} against 90 %",
                f"{model} {pattern}",
                share,
                found / at_goal if found and at_goal else None,
            )


def _case_goals(case: dict) -> Iterator[Floor]:
    """Goals that hold for every case."""
    model, pattern = case["model"], case["pattern"]
    name = f"{model} {pattern}" + ("" if pattern == "dense" else f" {case['sparsity']:.0%}")
    gsc, base = row_of(case, "gsc"), row_of(case, "base")
    if gsc is None:
        yield Floor("compiled, right and timed", name, 1.0, None)
        return
    if case["threads"] == 2:
        if gsc["min_ms"] > THREADS_MS:
            yield Floor("two threads", name, THREADS, advantage(gsc, row_of(case, "gsc", 2)))
        return
    if pattern == "dense":
        yield Floor("dense", name, DENSE, advantage(base, gsc))
    for other, title in ((base, "ONNX Runtime dense"), (row_of(case, "gsc_dense"), "its own dense compilation")):
        if other and pattern != "dense":
            yield Floor(f"never slower than {title}", name, NEVER_SLOWER, advantage(other, gsc))
    if case["sparsity"] in (0.0, SPARSITY):
        if model in COMPILE_SECONDS and "compile_seconds" in gsc:
            yield Floor("compile time", name, COMPILE_SECONDS[model], gsc["compile_seconds"], "s", True)
        if base and "resident_mib" in base and "resident_mib" in gsc:
            yield Floor("resident memory", name, base["resident_mib"], gsc["resident_mib"], "MiB", True)
    if "executable_bytes" in gsc:
        yield Floor(
            "size of the program", name, case["executable_bound_bytes"] / 1e6, gsc["executable_bytes"] / 1e6, "MB", True
        )


def _layer_goals(result: dict, vendor: int) -> Iterator[Floor]:
    """Layers of the shapes for which hand-written kernels were measured, the slowest layer of a shape."""
    column = 0 if result["pattern"] == "unstructured" else 1
    for shape, reached in HAND_KERNELS.items():
        found = [
            row["speedup"]
            for row in result["layers"]
            if row.get("speedup") and f"{row['request']} ".startswith(f"{shape} ")
        ]
        if found:
            name = f"{result['model']} {result['pattern']}, {shape}"
            yield Floor("layer against hand-written kernels", name, HAND_SHARE * reached[vendor][column], min(found))


def floors(
    cases: list[dict], asked: list[tuple[str, str]], family: str = "amd", layers: list[dict] | None = None
) -> list[Floor]:
    """All goals of the models and patterns `asked`, and of the `layers` of models that were measured one by one.

    family: `amd` or `intel`, whose goals hold.
    """
    column = 1 if family == "intel" else 0
    found = [
        floor
        for model, patterns in GOALS.items()
        for pattern in patterns
        if (model, pattern) in asked
        for floor in _model_goals(cases, model, pattern, column)
    ]
    found += [floor for case in cases if not case.get("small") for floor in _case_goals(case)]
    return found + [floor for result in layers or [] for floor in _layer_goals(result, column)]
