# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes contractions with weights of every pattern that the engine knows, and what they must compute.

usage: contractions.py SET BANKS f16|f32 [PATTERN ...] > FILE.mlir

SET is vector (one column), columns, conv1, conv2, conv3 (dimensions), random (of all these one, with any values, compared
with a tolerance), closed and closed-conv (those of the closed forms: 1024 x 1024 with 104 weights in every row; 8x8x128 to
128 channels, 3x3, with 112), packing (1024 x 1024 with 96), few (convolutions with few channels), or parts (columns that
are cut). PATTERN is gs<k>, row (1 x B blocks), column (B x 1 blocks), any, or dense; all if none is given. gs<k> may be
followed by u<r>x<c> (units), t<rows>x<columns> (tiles) and p (rows in another order). PATTERN:STRATEGY asks for a strategy,
PATTERN:STRATEGY/NAME=VALUE for one with a parameter. Ragged last bundles, empty bundles and rows without a
weight are among them. Values are small multiples of 1/4, so that sums are exact in either type and in any order. The
reference is the definition of a convolution on the dense weight, tap by tap.
"""

from __future__ import annotations

import itertools
import re
import sys

import numpy as np


def parse(pattern: str) -> tuple[int, tuple[int, int], tuple[int, int], bool] | None:
    """k, unit, tile (0, 0: none) and whether rows have another order, of a pattern gs<k>..."""
    found = re.fullmatch(r"gs(\d+)(?:u(\d+)x(\d+))?(?:t(\d+)x(\d+))?(p?)", pattern)
    if not found:
        return None
    k, r, c, tr, tc = (int(number) if number else 0 for number in found.groups()[:5])
    return k, (r or 1, c or 1), (tr, tc), bool(found[6])


def make_mask(rng: np.random.Generator, pattern: str, rows: int, cols: int, banks: int, per_row: int | None) -> np.ndarray:
    """A legal mask of a matrix; exactly `per_row` weights in each row if that is given."""
    mask = np.zeros((rows, cols), bool)
    if parsed := parse(pattern):
        k, unit, tile, _ = parsed
        if tile != (0, 0):
            part = f"gs{k}u{unit[0]}x{unit[1]}"
            for top, left in itertools.product(range(0, rows, tile[0]), range(0, cols, tile[1])):
                shape = mask[top:top + tile[0], left:left + tile[1]].shape
                mask[top:top + tile[0], left:left + tile[1]] = make_mask(rng, part, *shape, banks, per_row)
            return mask
        if unit != (1, 1):
            units = make_mask(rng, f"gs{k}", -(-rows // unit[0]), -(-cols // unit[1]), banks, per_row)
            return np.kron(units, np.ones(unit, bool))[:rows, :cols]
        bundle = banks // k
        for top in range(0, rows, bundle):
            here = min(bundle, rows - top)
            free = [[list(rng.permutation(np.arange(residue, cols, banks))) for residue in range(banks)]
                    for _ in range(here)]
            groups = per_row // k if per_row else int(rng.integers(0, min(cols // banks, 24) + 1))
            for _ in range(groups):
                residues = rng.permutation(banks)
                for lane in range(here * k):
                    mask[top + lane // k, free[lane // k][residues[lane]].pop()] = True
    elif pattern in ("row", "column"):
        height, width = (1, banks) if pattern == "row" else (banks, 1)
        for top in range(0, rows, height):
            tiles = np.arange(0, cols, width)
            kept = rng.choice(tiles, per_row // width, False) if per_row else tiles[rng.random(len(tiles)) < 0.4]
            if not per_row and rng.random() < 0.2:
                kept = []
            for left in kept:
                mask[top:top + height, left:left + width] = True
    elif pattern == "any":
        for row in range(rows):
            mask[row, rng.choice(cols, per_row if per_row else int(rng.integers(0, cols + 1)), False)] = True
    else:
        mask[:] = True
    return mask


def attribute(pattern: str, banks: int) -> str:
    """The pattern of a type, with a comma in front."""
    if pattern == "dense":
        return ""
    if parsed := parse(pattern):
        k, unit, tile, permuted = parsed
        text = f"#gs.gather_scatter<banks = {banks}, width = {k}"
        text += f", unit = {unit[0]}x{unit[1]}" if unit != (1, 1) else ""
        text += f", tile = {tile[0]}x{tile[1]}" if tile != (0, 0) else ""
        return f", #gs.permuted<{text}>>" if permuted else f", {text}>"
    return ", " + {"row": f"#gs.block<1x{banks}>", "column": f"#gs.block<{banks}x1>", "any": "#gs.unstructured"}[
        pattern]


def literal(array: np.ndarray, element: str) -> str:
    """`dense<...> : tensor<...>` with the exact bytes."""
    data = np.ascontiguousarray(array, {"f16": np.float16, "f32": np.float32}[element]).tobytes().hex().upper()
    return f'dense<"0x{data}"> : tensor<{"x".join(map(str, array.shape))}x{element}>'


def convolve(w: np.ndarray, x: np.ndarray, strides: list[int], dilations: list[int], pads: list[int]) -> np.ndarray:
    """The definition of a convolution."""
    dims = len(strides)
    x = np.pad(x, [(0, 0), (0, 0), *((pads[d], pads[dims + d]) for d in range(dims))])
    out = [(x.shape[2 + d] - (w.shape[2 + d] - 1) * dilations[d] - 1) // strides[d] + 1 for d in range(dims)]
    y = np.zeros((x.shape[0], w.shape[0], *out))
    for tap in itertools.product(*(range(n) for n in w.shape[2:])):
        window = x[(slice(None), slice(None), *(slice(tap[d] * dilations[d], tap[d] * dilations[d] + out[d] * strides[d],
                                                      strides[d]) for d in range(dims)))]
        window = window[(slice(None), slice(None), *(slice(0, n) for n in out))]
        y += np.einsum("oi,bi...->bo...", w[(slice(None), slice(None), *tap)], window)
    return y


class Program:
    """Functions of @main."""

    def __init__(self, banks: int, element: str) -> None:
        self.banks, self.element, self.body, self.count = banks, element, [], 0
        self.rng = np.random.default_rng(banks)
        self.strategy, self.random, self.order = "", False, ""

    def add(self, pattern: str, w: np.ndarray, x: np.ndarray, expected: np.ndarray, op: str, attributes: str) -> None:
        """An op with its operands and the check of its result."""
        n, element = self.count, self.element
        name, _, parameter = self.strategy.partition("/")
        parameters = f", {{{parameter.replace('=', ' = ')} : i64}}" if parameter else ""
        strategy = f' strategy = <"{name}"{parameters}>' if name else ""
        check = "expect_close" if self.random else "expect_eq"
        tolerance = f" {{tolerance = {'2.0e-2' if element == 'f16' else '1.0e-5'} : f64}}" if self.random else ""
        self.count += 1
        tx, ty, tw = ("x".join(map(str, array.shape)) + f"x{element}" for array in (x, expected, w))
        encoded = f"tensor<{tw}{attribute(pattern, self.banks)}>"
        constant = f"arith.constant {literal(w, element)}" if pattern == "dense" else \
            f"gs.constant {literal(w, element)}{self.order} as {encoded}"
        self.body += [f"  %w{n} = {constant}", f"  %x{n} = arith.constant {literal(x, element)}",
                      f"  %i{n} = arith.constant dense<0.0> : tensor<{ty}>",
                      f"  %e{n} = arith.constant {literal(expected, element)}",
                      f"  %y{n} = gs.{op} %w{n}, %x{n} outs(%i{n} : tensor<{ty}>){strategy} {attributes} : {encoded}, tensor<{tx}>"
                      f" -> tensor<{ty}>",
                      f"  check.{check} %y{n}, %e{n}{tolerance} : tensor<{ty}>"]

    def mask(self, pattern: str, rows: int, cols: int, per_row: int | None) -> np.ndarray:
        """A legal mask; rows that have an order of their own stand in it."""
        mask = make_mask(self.rng, pattern, rows, cols, self.banks, per_row)
        parsed = parse(pattern)
        self.order = ""
        if not parsed or not parsed[3]:
            return mask
        width = parsed[2][1] or cols
        orders, placed = [], np.zeros_like(mask)
        for left in range(0, cols, width):
            order = self.rng.permutation(rows)
            placed[order, left:left + width] = mask[:, left:left + width]
            orders += map(str, order)
        self.order = f" row_order [{', '.join(orders)}]"
        return placed

    def values(self, mask: np.ndarray) -> np.ndarray:
        """Weights that are not zero where they are kept."""
        if self.random:
            return np.where(mask, self.rounded(self.rng.normal(size=mask.shape) / 4), 0)
        return np.where(mask, self.rng.choice([-2, -1, 1, 2], mask.shape) / 4, 0)

    def rounded(self, values: np.ndarray) -> np.ndarray:
        """What the element type holds of them."""
        return values.astype({"f16": np.float16, "f32": np.float32}[self.element]).astype(np.float64)

    def activations(self, shape: tuple[int, ...]) -> np.ndarray:
        """Values of an input."""
        return self.rounded(self.rng.normal(size=shape)) if self.random else self.rng.integers(-4, 5, shape) / 4

    def matmul(self, pattern: str, rows: int, cols: int, columns: int, batch: int = 0, per_row: int | None = None) -> None:
        """A product."""
        w = self.values(self.mask(pattern, rows, cols, per_row))
        x = self.activations(((batch,) if batch else ()) + (cols, columns))
        self.add(pattern, w, x, w @ x, "matmul", "")

    def conv(self, pattern: str, outputs: int, channels: int, kernel: list[int], extents: list[int], strides: list[int],
             dilations: list[int], pads: list[int], batch: int = 1, per_row: int | None = None) -> None:
        """A convolution. Columns of its weight count channels fastest."""
        mask = self.mask(pattern, outputs, channels * int(np.prod(kernel)), per_row)
        w = self.values(mask).reshape(outputs, *kernel, channels)
        w = np.moveaxis(w, -1, 1)
        x = self.activations((batch, channels, *extents))
        numbers = {"strides": strides, "dilations": dilations, "pads": pads}
        text = ", ".join(f"{name} = array<i64: {', '.join(map(str, list_))}>" for name, list_ in numbers.items())
        self.add(pattern, w, x, convolve(w, x, strides, dilations, pads), "conv", "{" + text + "}")


def main() -> None:
    """Writes the program."""
    which, banks, element, *patterns = sys.argv[1:]
    banks = int(banks)
    widths = [k for k in (1, 2, 4, 8, 16) if k <= banks and banks % k == 0]
    program = Program(banks, element)
    for pattern in patterns or [*(f"gs{k}" for k in widths), "row", "column", "any", "dense"]:
        pattern, _, program.strategy = pattern.partition(":")
        if which == "vector":
            wide = (parsed := parse(pattern)) and parsed[1][1] > 1  # units with several columns need whole ones
            for rows, cols in ((1, banks), (banks, 4 * banks), (2 * banks + 3, 7 * banks + 5)):
                program.matmul(pattern, rows, 8 * cols // banks * banks if wide else cols, 1)
        elif which == "columns":
            wide = (parsed := parse(pattern)) and parsed[1][1] > 1
            for rows, cols, columns, batch in ((banks, 2 * banks, 3, 0), (2 * banks + 3, 23 * banks + 5, 7, 0),
                                               (3, 4 * banks, 1, 2)):
                program.matmul(pattern, rows, 8 * cols // banks * banks if wide else cols, columns, batch)
        elif which == "conv1":
            program.conv(pattern, 2 * banks + 3, 2 * banks, [5], [14], [1], [1], [2, 2])
            program.conv(pattern, banks, banks, [3], [13], [2], [2], [1, 0])
            program.conv(pattern, banks, banks, [3], [17], [1], [3], [3, 3], batch=2)
            program.conv(pattern, 1, 3 * banks, [1], [1], [1], [1], [0, 0])
        elif which == "conv2":
            program.conv(pattern, 2 * banks, 2 * banks, [3, 3], [6, 5], [1, 1], [1, 1], [1, 1, 1, 1])
            program.conv(pattern, banks + 1, banks, [3, 2], [9, 8], [2, 1], [1, 2], [0, 1, 1, 2], batch=2)
            program.conv(pattern, banks, 2 * banks + 3 if pattern in ("any", "dense", "column") else 2 * banks, [2, 2],
                         [5, 5], [1, 2], [2, 2], [1, 1, 1, 1])
        elif which == "conv3":
            program.conv(pattern, banks + 2, banks, [3, 2, 3], [5, 4, 6], [1, 1, 1], [1, 1, 1], [1, 0, 1, 1, 0, 1])
            program.conv(pattern, banks, banks, [2, 2, 2], [5, 6, 7], [2, 1, 2], [1, 2, 1], [0, 0, 0, 0, 0, 0])
        elif which == "random":
            program.random = True
            program.matmul(pattern, 3 * banks + 1, 9 * banks, 1)
            if pattern != "any" and program.strategy not in ("engine-sell", "engine-csr-scalar", "engine-csr-gather",
                                                               "engine-csr-reordered"):
                program.matmul(pattern, 3 * banks + 1, 9 * banks, 5)
                program.conv(pattern, 2 * banks + 1, 2 * banks, [3, 3], [6, 7], [1, 2], [2, 1], [2, 1, 0, 1])
        elif which == "few":
            program.conv(pattern, banks + 1, 3, [7, 7], [13, 12], [2, 2], [1, 1], [3, 3, 3, 3])
            program.conv(pattern, banks, 3, [3, 5], [8, 9], [1, 1], [1, 1], [1, 2, 1, 2], batch=2)
            program.conv(pattern, banks, 5, [2, 3, 3], [4, 5, 6], [1, 2, 1], [1, 1, 1], [0, 1, 1, 1, 0, 1])
            program.conv(pattern, banks, 6, [9], [20], [3], [1], [4, 4])
        elif which == "parts":
            program.matmul(pattern, 2 * banks + 3, 24 * banks, 5)
            program.matmul(pattern, 2 * banks + 3, 24 * banks, 1)
            program.conv(pattern, banks + 3, 4 * banks, [6], [19], [1], [2], [2, 3])
            program.conv(pattern, banks, 4 * banks, [3, 2], [5, 6], [1, 1], [1, 1], [1, 1, 1, 0])
        elif which == "packing":
            program.matmul(pattern, 1024, 1024, 1, per_row=96)
        elif which == "closed":
            program.matmul(pattern, 1024, 1024, 1, per_row=None if pattern == "dense" else 104)
        elif which == "closed-conv":
            program.conv(pattern, 128, 128, [3, 3], [8, 8], [1, 1], [1, 1], [0, 0, 0, 0],
                         per_row=None if pattern == "dense" else 112)
        else:
            sys.exit(f"no set {which}")
    print("func.func @main() {", *program.body, "  return", "}", sep="\n")


if __name__ == "__main__":
    main()
