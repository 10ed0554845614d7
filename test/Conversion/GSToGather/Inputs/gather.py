# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Products and convolutions with gather/scatter weights on machines with a gather in hardware, under an emulator.

usage: gather.py FOLDER MACHINE ELEMENT BANKS SET,... EMULATOR_COMMAND...

ELEMENT is i16, i16w (with sums of 32 bits), i32, f16, f32 or f64. SET is vector, columns, conv, permuted (rows that are
scattered), odd (channels that are no multiple of the banks), large (more than tightly coupled memory) or random (floats of
any value, compared with a tolerance). Each product is a function of the `gs` dialect; those of a set are compiled into
one program for the machine, which runs under each EMULATOR_COMMAND ("qemu-aarch64 -cpu max"). Except for the last four sets
the same products, as f32, run on the simulated engine of as many banks (`gs-translate --simulate`), which checks them against
NumPy's results; those of the emulator must be equal to the last bit. Prints the instructions of gathers and scatters.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "GSToGSE" / "Inputs"))
import contractions  # noqa: E402

TYPES = {"i16": np.int16, "i32": np.int32, "f16": np.float16, "f32": np.float32, "f64": np.float64}
LOWER = ("--expand-strided-metadata", "--convert-scf-to-cf", "--convert-vector-to-llvm", "--finalize-memref-to-llvm",
         "--convert-func-to-llvm=use-bare-ptr-memref-call-conv", "--convert-arith-to-llvm", "--convert-cf-to-llvm",
         "--convert-index-to-llvm", "--reconcile-unrealized-casts")
CLANG = {
    "hexagon-hvx": ("--target=hexagon-unknown-linux-musl", "-mv67", "-mhvx", "-mhvx-length=128B", "-nostdlib",
                    "-ffreestanding", "-fno-builtin"),
    "aarch64-sve": ("--target=aarch64-linux-gnu", "-march=armv8-a+sve"),
    "riscv64-v": ("--target=riscv64-linux-gnu", "-march=rv64gcv"),
}
GATHER = {"hexagon-hvx": r"v(?:gather|scatter)\(.*\)\.[hw](?: \+?=)?", "riscv64-v": r"v[ls][uo]xei\d+",
          "aarch64-sve": r"(?:ld|st)1s?[hwd]\b.*?\[x\d+, z\d+\.[sd].*\]"}
DISASSEMBLE = {"hexagon-hvx": "--mattr=+hvxv67,+hvx-length128b", "aarch64-sve": "--mattr=+sve", "riscv64-v": "--mattr=+v"}


def run(command: list[str], text: str | None = None) -> str:
    """Standard output; ends the test with what the command said if it fails."""
    done = subprocess.run(command, input=text, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{shlex.join(command)} ended with {done.returncode}: {(done.stderr or done.stdout)[-1500:]}")
    return done.stdout


class Suite:
    """Products of one set."""

    def __init__(self, element: str, banks: int, which: str) -> None:
        self.element, self.banks, self.which = element.removesuffix("w"), banks, which
        self.type = TYPES[self.element]
        self.result = np.int32 if element.endswith("w") else self.type
        self.rng = np.random.default_rng(banks)
        self.functions: list[str] = []
        self.labels: list[str] = []
        self.inputs: list[np.ndarray] = []
        self.expected: list[np.ndarray] = []
        self.simulated = contractions.Program(banks, "f32")

    def values(self, shape: tuple[int, ...], most: int) -> np.ndarray:
        """Small integers, or any floats."""
        if self.which == "random":
            return self.rng.standard_normal(shape).astype(self.type).astype(np.float64)
        return self.rng.integers(-most, most + 1, shape).astype(np.float64)

    def weight(self, k: int, rows: int, cols: int) -> np.ndarray:
        """A legal weight, for rows in their order."""
        mask = contractions.make_mask(self.rng, f"gs{k}", rows, cols, self.banks, None)
        w = self.values((rows, cols), 6)
        return np.where(mask, np.where(w == 0, 1, w), 0)

    def add(self, k: int, w: np.ndarray, x: np.ndarray, expected: np.ndarray, op: str, attributes: str) -> None:
        """A product; also for the simulator."""
        number, pattern = len(self.functions), contractions.attribute(f"gs{k}", self.banks)
        order = ""
        if self.which == "permuted":
            # Position p of the weight becomes row order[p].
            permutation = self.rng.permutation(len(w))
            self.simulated.add(f"gs{k}", w, x, expected, op, attributes)
            w, expected = w[np.argsort(permutation)], expected.copy()
            expected = np.take(expected, np.argsort(permutation), 0 if op == "matmul" and expected.ndim == 2 else 1)
            order = f" row_order [{', '.join(map(str, permutation))}]"
            pattern = f", #gs.permuted<{pattern.removeprefix(', ')}>"
        elif self.which in ("vector", "columns", "conv"):
            self.simulated.add(f"gs{k}", w, x, expected, op, attributes)
        tw, tx, ty = ("x".join(map(str, array.shape)) + f"x{self.element}" for array in (w, x, expected))
        data = np.ascontiguousarray(w, self.type).tobytes().hex().upper()
        self.functions.append(f"""func.func @product_{number}(%x: tensor<{tx}>) -> tensor<{ty}> {{
  %w = gs.constant dense<"0x{data}"> : tensor<{tw}>{order} as tensor<{tw}{pattern}>
  %e = tensor.empty() : tensor<{ty}>
  %y = gs.{op} %w, %x outs(%e : tensor<{ty}>) {attributes} : tensor<{tw}{pattern}>, tensor<{tx}> -> tensor<{ty}>
  return %y : tensor<{ty}>
}}""")
        self.labels.append(f"GS({self.banks},{k}) {op} {'x'.join(map(str, w.shape))} by {'x'.join(map(str, x.shape))}")
        self.inputs.append(x.astype(self.type))
        integers = issubclass(self.result, np.integer)  # These wrap around.
        self.expected.append((expected.astype(np.int64) if integers else expected).astype(self.result))

    def matmul(self, k: int, rows: int, cols: int, columns: int, batch: int = 0) -> None:
        """A product with so many columns."""
        w, x = self.weight(k, rows, cols), self.values(((batch,) if batch else ()) + (cols, columns), 40)
        self.add(k, w, x, w @ x, "matmul", "")

    def conv(self, k: int, rows: int, channels: int, kernel: list[int], extents: list[int], strides: list[int],
             dilations: list[int], pads: list[int], batch: int = 1) -> None:
        """A convolution. Columns of its weight count channels fastest."""
        w = np.moveaxis(self.weight(k, rows, channels * int(np.prod(kernel))).reshape(rows, *kernel, channels), -1, 1)
        x = self.values((batch, channels, *extents), 40)
        numbers = {"strides": strides, "dilations": dilations, "pads": pads}
        text = ", ".join(f"{name} = array<i64: {', '.join(map(str, list_))}>" for name, list_ in numbers.items())
        self.add(k, w, x, contractions.convolve(w, x, strides, dilations, pads), "conv", "{" + text + "}")

    def fill(self) -> None:
        """Ragged last bundles, empty bundles, and more or fewer outputs in a row than share a weight."""
        banks, which = self.banks, self.which
        for k in (1, 4, banks):
            if which in ("vector", "permuted"):
                for rows, cols in ((1, banks), (banks, 4 * banks), (2 * banks + 3, 7 * banks + 5)):
                    self.matmul(k, rows, cols, 1)
            if which in ("columns", "permuted"):
                self.matmul(k, banks + 3, 3 * banks + 1, 7)
                self.matmul(k, 3, 2 * banks, 4, batch=2)
            if which in ("conv", "permuted"):
                self.conv(k, banks + 3, banks, [3], [14], [1], [2], [2, 1])
                self.conv(k, banks, banks, [3, 2], [7, 6], [2, 1], [1, 2], [1, 0, 0, 2], batch=2)
            if which == "conv":
                self.conv(k, 5, banks, [2, 1, 2], [3, 4, 5], [1, 2, 1], [1, 1, 1], [0, 0, 1, 1, 0, 0])
            if which == "odd":
                self.conv(k, banks + 1, banks // 4 + 1, [3, 3], [5, 6], [1, 1], [1, 1], [1, 1, 1, 1])
                self.conv(k, 7, 2 * banks + 3, [1, 1], [4, 6], [1, 1], [1, 1], [0, 0, 0, 0])
            if which == "random":
                self.matmul(k, 4 * banks + 1, 32 * banks, 1)
                self.conv(k, banks + 1, 2 * banks, [3, 3], [6, 7], [1, 2], [2, 1], [2, 1, 0, 1])
        if which == "large":
            self.matmul(1, banks, 2 * banks, 300 * 1024 // banks // 4)
            self.matmul(4, banks + 5, banks, 2, batch=2)
            self.conv(4, 6, banks, [3, 3], [50, 30 * 1024 // (32 * banks)], [1, 2], [1, 1], [1, 0, 1, 1])


def simulate(suite: Suite) -> None:
    """The same on the simulated engine, checked there."""
    program = suite.simulated
    text = "\n".join(["func.func @main() {", *program.body, "  return", "}"])
    kernel = run(["gs-opt", f"--convert-gs-to-gse=machine=gse-inorder2{{vector_bits={32 * suite.banks}}}"], text)
    run(["gs-translate", "--simulate", "-"], kernel)


def build(folder: Path, machine: str, suite: Suite, wide: bool) -> Path:
    """One program of all products."""
    options = f"machine={machine}{' wide-sums' * wide}"
    kernels = run(["gs-opt", f"--convert-gs-to-gather={options}", *LOWER], "\n".join(suite.functions))
    (folder / "kernel.ll").write_text(run(["mlir-translate", "--mlir-to-llvmir"], kernels))
    lines, table = [], []
    for number, (x, y) in enumerate(zip(suite.inputs, suite.expected)):
        (folder / f"x{number}").write_bytes(x.tobytes())
        lines += [f'__asm__(".section .rodata\\n.balign 128\\nx{number}: .incbin \\"{folder}/x{number}\\"\\n.text");',
                  f"extern const unsigned char x{number}[] __attribute__((visibility(\"hidden\")));", f"_Alignas(128) static unsigned char y{number}[{y.nbytes}];",
                  f"void product_{number}(const void *, void *);"]
        table.append(f"{{product_{number}, x{number}, y{number}, {y.nbytes}}}")
    lines.append(f"static const struct product products[] = {{{', '.join(table)}}};")
    (folder / "data.h").write_text("\n".join(lines) + "\n")
    program = folder / f"program-{suite.which}"
    run(["clang", *CLANG[machine], "-Wno-override-module", "-O2", "-static", "-fuse-ld=lld", f"-I{folder}",
         str(HERE / "harness.c"), str(folder / "kernel.ll"), "-o", str(program)])
    return program


def check(machine: str, suite: Suite, program: Path, emulator: str) -> None:
    """Runs a program and compares all its results."""
    done = subprocess.run([*shlex.split(emulator), str(program)], capture_output=True)
    bytes_ = sum(y.nbytes for y in suite.expected)
    if done.returncode or len(done.stdout) != bytes_:
        sys.exit(f"{emulator} {program} ended with {done.returncode} and {len(done.stdout)} bytes of {bytes_}: "
                 f"{done.stderr.decode()[-500:]}")
    at = 0
    for label, expected in zip(suite.labels, suite.expected):
        found = np.frombuffer(done.stdout, expected.dtype, expected.size, at).reshape(expected.shape)
        at += expected.nbytes
        tolerance = 2e-2 if suite.element == "f16" else 1e-4
        same = np.allclose(found, expected, tolerance, tolerance) if suite.which == "random" else \
            np.array_equal(found, expected)
        if not same:
            where = np.argwhere(found != expected)
            sys.exit(f"{machine} {suite.element} {label}: differs at {where[:4].tolist()}, {len(where)} of {expected.size}: "
                     f"{found[tuple(where[0])]} for {expected[tuple(where[0])]}")


def main() -> None:
    """Checks sets, and prints what ran."""
    folder, machine, element, banks, sets, *emulators = sys.argv[1:]
    folder, instructions = Path(folder), set()
    for which in sets.split(","):
        suite = Suite(element, int(banks), which)
        suite.fill()
        if suite.simulated.body:
            simulate(suite)
        program = build(folder, machine, suite, element.endswith("w"))
        for emulator in emulators:
            check(machine, suite, program, emulator)
        print(f"{machine} {element} {which}: {len(suite.labels)} products {'close' if which == 'random' else 'equal'}")
        code = run(["llvm-objdump", "-d", "--no-show-raw-insn", DISASSEMBLE[machine], str(program)])
        instructions |= {re.sub(r"\b([a-z])\d+", r"\1", " ".join(found.split()))
                         for found in re.findall(GATHER[machine], code)}
    print("instructions:", ", ".join(sorted(instructions)))


if __name__ == "__main__":
    main()
