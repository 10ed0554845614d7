# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random contractions: shape, pattern, density and epilogue drawn by chance, under every strategy and target.

usage: sweep.py [--cases N] [--seed S] [--targets T,...] [--strategies S,...] [--least N] [--keep FOLDER] --check-runtime LIB,...

For each target and each strategy of Strategies.def one program of N random cases, and of N / 6 convolutions by sets of
taps, is made, compiled with that strategy wherever it applies, and run; every result is compared with NumPy's in float64 from the definition of the operation. The
draw depends on the seed, the target and the strategy only. Prints one line per program: how many cases there were and how
many of them the strategy took. Exit code 1 if a result differs, a program does not compile, strategies took fewer cases
than --least says, or (of several targets) a strategy took no case on any. A failing program is kept in FOLDER.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import zlib
from pathlib import Path

import contractions
import numpy as np

ROOT = Path(__file__).resolve().parents[3]
PATTERNS = ("dense", "unstructured", "unstructured", "block4", "block8", "block16", "gs16_1", "gs8_2", "gs16_16",
            "window3_32", "window2_16")


def strategies() -> list[str]:
    """Names of all strategies, from the list that the compiler is built of."""
    text = (ROOT / "lib/Conversion/Strategies.def").read_text()
    classes = re.findall(r"^GS_STRATEGY\((\w+)", text, re.MULTILINE)
    return [re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower() for name in classes]


def draw_matmul(program: contractions.Program, rng: np.random.Generator, name: str, pattern: str, kind: str) -> None:
    """A matrix product; one column, one row and one weight are likely enough to occur."""
    m = int(rng.choice([1, 3, 16, int(rng.integers(1, 90))]))
    k = int(rng.choice([1, 16, 64, int(rng.integers(1, 300))]))
    n = int(rng.choice([1, 1, 4, 8, 16, int(rng.integers(1, 140)), int(rng.integers(1, 140))]))
    if pattern.startswith(("block", "gs")):
        m = max(m, 16)
    if pattern.startswith("window"):
        n = 1  # what such weights are for
    contractions.matmul(program, name, pattern, m, k, n, kind)


def draw_conv(program: contractions.Program, rng: np.random.Generator, name: str, pattern: str, kind: str) -> None:
    """A convolution of one to three dimensions with anything that ONNX allows."""
    rank = int(rng.choice([1, 2, 2, 2, 3]))
    groups = int(rng.choice([1, 1, 1, 2]))
    channels, outputs = groups * int(rng.integers(1, 17)), groups * int(rng.choice([1, 16, int(rng.integers(1, 24))]))
    if pattern.startswith(("block", "gs")):
        outputs = groups * 16
    kernel, strides, dilations, pads, extents = [], [], [], [], []
    plain = rank == 2 and rng.random() < (0.8 if pattern == "taps" else 0.4)  # 3x3 with stride 1 is common enough to be more likely
    for _ in range(rank):
        kernel.append(3 if plain else int(rng.choice([1, 3, int(rng.integers(1, 6))])))
        strides.append(1 if plain else int(rng.choice([1, 1, 2, 3])))
        dilations.append(1 if plain else int(rng.choice([1, 1, 1, 2])))
        reach = (kernel[-1] - 1) * dilations[-1] + 1
        extents.append(reach + int(rng.integers(0, (40, 16, 6)[rank - 1])))
        pads.append([1, 1] if plain else [int(value) for value in rng.integers(0, 1 + reach // 2, 2)])
    before, after = zip(*pads)
    contractions.conv(program, name, pattern, kind, int(rng.choice([1, 1, 2])), channels, outputs, tuple(extents),
                      tuple(kernel), tuple(strides), tuple(dilations), (*before, *after), groups)


def make_program(cases: int, seed: int, target: str, strategy: str) -> str:
    """The text of a program of so many cases."""
    rng = np.random.default_rng(zlib.crc32(f"{seed} {target} {strategy}".encode()))
    program = contractions.Program()
    for number in range(cases):
        contractions.KEEP = float(rng.choice([0.0, 0.05, 0.1, 0.3, 0.5, 0.9], p=[0.05, 0.2, 0.25, 0.25, 0.15, 0.1]))
        pattern, kind = str(rng.choice(PATTERNS)), str(rng.choice(contractions.EPILOGUES))
        draw = draw_matmul if rng.random() < 0.5 else draw_conv
        draw(program, rng, f"{draw.__name__[5:]}_{pattern}_{number}_{seed}", pattern, kind)
    for number in range(cases // 6):  # kernels by sets of taps, which products do not have
        draw_conv(program, rng, f"conv_taps_{number}_{seed}", "taps", str(rng.choice(contractions.EPILOGUES)))
    return str(program)


def run(command: list[str], text: str) -> str:
    """Standard output of a command that reads the text; RuntimeError with what it said if it fails."""
    done = subprocess.run(command, input=text, capture_output=True, text=True)
    if done.returncode:
        said = (done.stderr or done.stdout)[-2000:]
        raise RuntimeError(f"{command[0]} ended with {done.returncode}: {said}")
    return done.stdout


def sweep(args: argparse.Namespace, target: str, strategy: str) -> tuple[int, str]:
    """Runs one program; returns how many cases the strategy took and what went wrong, if anything."""
    text = make_program(args.cases, args.seed, target, strategy)
    try:
        chosen = run(["gs-opt", f"--gs-sparsify=target={target} strategy={strategy}"], text)
        taken = len(re.findall(rf'strategy = <"{strategy}"', chosen))
        code = run(["gs-opt", f"--gs-lower-to-vector=target={target}", f"--gs-lower-to-llvm=target={target}"], chosen)
        run(["mlir-runner", "-O0", "-e", "main", "-entry-point-result=void", f"--shared-libs={args.check_runtime}"], code)
    except RuntimeError as failure:
        return 0, str(failure)
    return taken, ""


def main() -> None:
    """Sweeps what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=16, help="per target and strategy")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--targets", default="x86-64-v3,x86-64-v4,x86-64-v4@256")
    parser.add_argument("--strategies", default=",".join(strategies()))
    parser.add_argument("--least", type=int, default=0, help="cases that strategies must take in all")
    parser.add_argument("--keep", type=Path, default=Path("."))
    parser.add_argument("--check-runtime", required=True, help="shared libraries for mlir-runner")
    args = parser.parse_args()
    total = failed = 0
    ever: dict[str, int] = dict.fromkeys(args.strategies.split(","), 0)
    for target in args.targets.split(","):
        for strategy in ever:
            taken, wrong = sweep(args, target, strategy)
            total += args.cases + args.cases // 6
            ever[strategy] += taken
            failed += bool(wrong)
            print(f"{target} {strategy}: {args.cases + args.cases // 6} cases, {taken} taken{': FAILED' if wrong else ''}", flush=True)
            if wrong:
                file = args.keep / f"sweep-{target}-{strategy}-{args.seed}.mlir"
                file.write_text(make_program(args.cases, args.seed, target, strategy))
                print(f"{wrong}\n  {file}: gs-opt --gs-compile-cpu='target={target} strategy={strategy}'")
    idle = [strategy for strategy, taken in ever.items() if not taken]
    if idle and "," in args.targets:
        failed += 1
        print(f"took no case: {', '.join(idle)}")
    if sum(ever.values()) < args.least:
        failed += 1
        print(f"strategies took fewer cases than the {args.least} that were asked for")
    print(f"{total} cases, {sum(ever.values())} of them run by the strategy that was asked for; {failed} programs failed")
    sys.exit(1 if failed or not total else 0)


if __name__ == "__main__":
    main()
