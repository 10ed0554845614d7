# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes products with GS(B, k) weights of many shapes as gs.matmul, and what they must compute.

usage: products.py BANKS f16|f32 > FILE.mlir

Ragged last bundles, empty bundles, one bundle and one group are among them. Values are small multiples of 1/4, so that
sums are exact in either type and in any order.
"""

from __future__ import annotations

import sys

import numpy as np


def weight(rng: np.random.Generator, rows: int, cols: int, banks: int, k: int, groups: int) -> np.ndarray:
    """Up to `groups` groups in every bundle, from the definition of the pattern."""
    result = np.zeros((rows, cols))
    bundle = banks // k
    for top in range(0, rows, bundle):
        here = min(bundle, rows - top)
        free = [[list(rng.permutation(np.arange(residue, cols, banks))) for residue in range(banks)] for _ in range(here)]
        for _ in range(int(rng.integers(0, groups + 1))):
            residues = rng.permutation(banks)
            for lane in range(here * k):
                column = free[lane // k][residues[lane]].pop()
                result[top + lane // k, column] = rng.choice([-2, -1, 1, 2]) / 4
    return result


def literal(array: np.ndarray, element: str) -> str:
    """`dense<...> : tensor<...>` with the exact bytes."""
    data = np.ascontiguousarray(array, {"f16": np.float16, "f32": np.float32}[element]).tobytes().hex().upper()
    return f'dense<"0x{data}"> : tensor<{"x".join(map(str, array.shape))}x{element}>'


def main() -> None:
    """Writes the program."""
    banks, element = int(sys.argv[1]), sys.argv[2]
    rng = np.random.default_rng(banks)
    body = []
    widths = [k for k in (1, 2, 4, 8, 16) if k <= banks and banks % k == 0]
    for number, (k, rows, cols) in enumerate((k, *shape) for k in widths
                                             for shape in ((1, banks), (banks, 4 * banks), (2 * banks + 3, 7 * banks + 5))):
        w = weight(rng, rows, cols, banks, k, cols // banks)
        x = rng.integers(-4, 5, (cols, 1)) / 4
        pattern = f"#gs.gather_scatter<banks = {banks}, width = {k}>"
        encoded = f"tensor<{rows}x{cols}x{element}, {pattern}>"
        tx, ty = f"tensor<{cols}x1x{element}>", f"tensor<{rows}x1x{element}>"
        body += [f"  %w{number} = gs.constant {literal(w, element)} as {encoded}",
                 f"  %x{number} = arith.constant {literal(x, element)}",
                 f"  %i{number} = arith.constant dense<0.0> : {ty}",
                 f"  %e{number} = arith.constant {literal(w @ x, element)}",
                 f"  %y{number} = gs.matmul %w{number}, %x{number} outs(%i{number} : {ty}) : {encoded}, {tx} -> {ty}",
                 f"  check.expect_eq %y{number}, %e{number} : {ty}"]
    print("func.func @main() {", *body, "  return", "}", sep="\n")


if __name__ == "__main__":
    main()
