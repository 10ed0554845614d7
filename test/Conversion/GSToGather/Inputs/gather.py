# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Products with gather/scatter weights on machines with a gather in hardware, under an emulator.

usage: gather.py FOLDER MACHINE ELEMENT BANKS EMULATOR_COMMAND...

Each product is a function of the `gs` dialect that is compiled for the machine and run by each EMULATOR_COMMAND
("qemu-aarch64 -cpu max"). With values that are exact in every type the same product, as f32, runs on the simulated engine of
as many banks (`gs-translate --simulate`), which checks it against NumPy's result; that of the emulator must be equal to the
last bit. For floats with any values there is a tolerance, and no simulator. Prints the gather instructions of the last
program.
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

TYPES = {"i16": np.int16, "i32": np.int32, "f32": np.float32, "f64": np.float64}
LOWER = ("--expand-strided-metadata", "--convert-scf-to-cf", "--convert-vector-to-llvm", "--finalize-memref-to-llvm",
         "--convert-func-to-llvm=use-bare-ptr-memref-call-conv", "--convert-arith-to-llvm", "--convert-cf-to-llvm",
         "--convert-index-to-llvm", "--reconcile-unrealized-casts")
CLANG = {
    "hexagon-hvx": ("--target=hexagon-unknown-linux-musl", "-mv67", "-mhvx", "-mhvx-length=128B", "-nostdlib",
                    "-ffreestanding", "-fno-builtin"),
    "aarch64-sve": ("--target=aarch64-linux-gnu", "-march=armv8-a+sve"),
    "riscv64-v": ("--target=riscv64-linux-gnu", "-march=rv64gcv"),
}
GATHER = {"hexagon-hvx": r"vgather\(.*\)\.[hw]", "aarch64-sve": r"ld1[wd]\b.*, z\d+\.[sd].*\]", "riscv64-v": r"vluxei\d+\.v"}
DISASSEMBLE = {"hexagon-hvx": "--mattr=+hvxv67,+hvx-length128b", "aarch64-sve": "--mattr=+sve", "riscv64-v": "--mattr=+v"}


def run(command: list[str], text: str | None = None) -> str:
    """Standard output; ends the test with what the command said if it fails."""
    done = subprocess.run(command, input=text, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{shlex.join(command)} ended with {done.returncode}: {(done.stderr or done.stdout)[-1500:]}")
    return done.stdout


def product(banks: int, k: int, element: str, w: np.ndarray) -> str:
    """A function that is one product."""
    rows, cols = w.shape
    data = np.ascontiguousarray(w, TYPES[element]).tobytes().hex().upper()
    weight = f"tensor<{rows}x{cols}x{element}{contractions.attribute(f'gs{k}', banks)}>"
    x, y = f"tensor<{cols}x1x{element}>", f"tensor<{rows}x1x{element}>"
    return f"""func.func @product(%x: {x}) -> {y} {{
  %w = gs.constant dense<"0x{data}"> : tensor<{rows}x{cols}x{element}> as {weight}
  %e = tensor.empty() : {y}
  %y = gs.matmul %w, %x outs(%e : {y}) : {weight}, {x} -> {y}
  return %y : {y}
}}
"""


def simulate(banks: int, k: int, w: np.ndarray, x: np.ndarray) -> None:
    """The same on the simulated engine, checked there."""
    program = contractions.Program(banks, "f32")
    program.add(f"gs{k}", w, x, w @ x, "matmul", "")
    text = "\n".join(["func.func @main() {", *program.body, "  return", "}"])
    kernel = run(["gs-opt", f"--convert-gs-to-gse=machine=gse-inorder2{{vector_bits={32 * banks}}}"], text)
    run(["gs-translate", "--simulate", "-"], kernel)


def check(folder: Path, machine: str, element: str, banks: int, k: int, shape: tuple[int, int], exact: bool,
          emulators: list[str]) -> None:
    """Compiles, runs and compares one product."""
    rng = np.random.default_rng(banks * k + shape[0])
    mask = contractions.make_mask(rng, f"gs{k}", *shape, banks, None)
    w, x = rng.integers(-6, 7, shape), rng.integers(-40, 41, (shape[1], 1))
    if not exact:
        w, x = rng.standard_normal(shape), rng.standard_normal(x.shape)
    w = np.where(mask, np.where(w == 0, 1, w), 0).astype(TYPES[element])
    x = x.astype(TYPES[element])
    expected = (w.astype(np.float64) @ x.astype(np.float64)).astype(TYPES[element])
    if exact:
        simulate(banks, k, w.astype(np.float64), x.astype(np.float64))

    kernel = run(["gs-opt", f"--convert-gs-to-gather=machine={machine}", *LOWER], product(banks, k, element, w))
    (folder / "kernel.ll").write_text(run(["mlir-translate", "--mlir-to-llvmir"], kernel))
    words = ",".join(str(byte) for byte in x.tobytes())
    (folder / "data.h").write_text(
        f"_Alignas(8) static const unsigned char x[] = {{{words}}};\n_Alignas(8) static unsigned char y[{expected.nbytes}];\n")
    program = folder / "program"
    run(["clang", *CLANG[machine], "-Wno-override-module", "-O2", "-static", "-fuse-ld=lld", f"-I{folder}",
         str(HERE / "harness.c"), str(folder / "kernel.ll"), "-o", str(program)])
    for emulator in emulators:
        done = subprocess.run([*shlex.split(emulator), str(program)], capture_output=True)
        if done.returncode or len(done.stdout) != expected.nbytes:
            sys.exit(f"{emulator} {program} ended with {done.returncode}: {done.stderr.decode()[-500:]}")
        found = np.frombuffer(done.stdout, TYPES[element]).reshape(expected.shape)
        same = np.array_equal(found, expected) if exact else np.allclose(found, expected, 1e-5, 1e-5)
        if not same:
            sys.exit(f"{machine} {element} GS({banks},{k}) {shape}: differs at {np.argwhere(found != expected)[:4].tolist()}")
    print(f"{machine} {element} GS({banks},{k}) {shape[0]} x {shape[1]}: {'equal' if exact else 'close'}")


def main() -> None:
    """Products of several widths and shapes; the last bundle is ragged, some are empty."""
    folder, machine, element, banks, *emulators = sys.argv[1:]
    folder, banks = Path(folder), int(banks)
    for k in (1, 4, banks):
        for shape in ((1, banks), (banks, 4 * banks), (2 * banks + 3, 7 * banks + 5)):
            check(folder, machine, element, banks, k, shape, True, emulators)
    if element.startswith("f"):
        check(folder, machine, element, banks, 1, (4 * banks + 1, 32 * banks), False, emulators)
    code = run(["llvm-objdump", "-d", "--no-show-raw-insn", "--disassemble-symbols=product", DISASSEMBLE[machine],
                str(folder / "program")])
    print("instructions:", *sorted({" ".join(found.split()) for found in re.findall(GATHER[machine], code)}))


if __name__ == "__main__":
    main()
