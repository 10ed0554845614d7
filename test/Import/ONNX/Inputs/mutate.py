# ===----------------------------------------------------------------------===#
#
# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""Imports many damaged copies of a model: mutate.py COUNT WORKDIR MODEL...

Each copy has a few bytes changed, removed, repeated or replaced by others of the file. The importer must accept it or
refuse it with exactly one error and exit code 1; a signal, another exit code or a second error fails the test, with the
number of the copy, whose file is kept.
"""
import random
import subprocess
import sys
from pathlib import Path


def mutate(data: bytes, rng: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(rng.choice([1, 1, 2, 4, 8])):
        at = rng.randrange(len(out))
        kind = rng.randrange(6)
        if kind == 0:
            out[at] = rng.randrange(256)
        elif kind == 1:
            out[at] ^= 1 << rng.randrange(8)
        elif kind == 2:
            out[at] = rng.choice([0, 1, 0x7F, 0x80, 0xFF])
        elif kind == 3:
            del out[at : at + rng.randrange(1, 9)]
        elif kind == 4:
            other = rng.randrange(len(data))
            out[at:at] = data[other : other + rng.randrange(1, 17)]
        else:
            other, size = rng.randrange(len(data)), rng.randrange(1, 17)
            out[at : at + size] = data[other : other + size]
        if not out:
            break
    return bytes(out)


def main() -> int:
    count, workdir, models = int(sys.argv[1]), Path(sys.argv[2]), [Path(p).read_bytes() for p in sys.argv[3:]]
    workdir.mkdir(parents=True, exist_ok=True)
    accepted = refused = 0
    for i in range(count):
        path = workdir / f"{i}.onnx"
        path.write_bytes(mutate(models[i % len(models)], random.Random(i)))
        done = subprocess.run(
            ["gs-translate", "--import-onnx", path, "-o", workdir / "out.mlir"], capture_output=True, timeout=60
        )
        errors = done.stderr.count(b"error: ")
        if (done.returncode, errors) not in {(0, 0), (1, 1)}:
            sys.stderr.write(f"{path}: exit code {done.returncode}, {errors} errors\n")
            sys.stderr.buffer.write(done.stderr)
            return 1
        accepted += done.returncode == 0
        refused += done.returncode == 1
        path.unlink()
    print(f"{accepted} accepted, {refused} refused")
    return 0


if __name__ == "__main__":
    sys.exit(main())
