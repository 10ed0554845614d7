# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes a .mlir program that computes with a weight of every pattern that is a type.

usage: patterns.py [--full] [--seed S] > FILE.mlir
       gs-opt FILE.mlir --gs-sparsify=strategy=NAME ... | patterns.py --check NAME

The masks are made here from the definitions of the patterns, by filter, input channel and kernel location; the verifier of
each pattern has to accept them. Products with 1, 16 and 128 columns and convolutions of one to three dimensions, with
strides and dilations, are compared with NumPy (see contractions.py). Without --full, a third of the convolutions is drawn at
random, at least one for every pattern and dimension. The second form checks that a strategy runs the patterns that it is made
for, and falls back for no case of them.
"""

from __future__ import annotations

import argparse
import itertools
import re
import sys
from collections.abc import Callable

import contractions
import numpy as np

Mask = Callable[[np.random.Generator, int, int, int], np.ndarray]  # filters x channels x locations


def tiles(filters: int, channels: int, locations: int) -> Mask:
    """Groups of so many (0: all) filters, channels and locations are kept or removed."""
    def make(rng: np.random.Generator, o: int, i: int, n: int) -> np.ndarray:
        size = [extent or whole for extent, whole in zip((filters, channels, locations), (o, i, n))]
        kept = rng.random([-(-whole // extent) for whole, extent in zip((o, i, n), size)]) < 0.4
        for axis, extent in enumerate(size):
            kept = np.repeat(kept, extent, axis=axis)
        return kept[:o, :i, :n]
    return make


def inner(rule: Callable[[np.random.Generator, int, int], np.ndarray]) -> Mask:
    """A rule on the matrix whose columns have the channel innermost."""
    def make(rng: np.random.Generator, o: int, i: int, n: int) -> np.ndarray:
        return rule(rng, o, i * n).reshape(o, n, i).transpose(0, 2, 1)
    return make


def counted(n: int, m: int) -> Callable[[np.random.Generator, int, int], np.ndarray]:
    """n of every m columns."""
    def rule(rng: np.random.Generator, rows: int, cols: int) -> np.ndarray:
        order = rng.random((rows, -(-cols // m), m))
        order.reshape(rows, -1)[:, cols:] = 2  # what sticks out is never kept
        return (order.argsort(axis=2).argsort(axis=2) < n).reshape(rows, -1)[:, :cols]
    return rule


def two_of_four(rng: np.random.Generator, rows: int, cols: int) -> np.ndarray:
    """Complementary rows in every 4x4 tile."""
    first = counted(2, 4)(rng, rows // 2, cols)
    return np.stack([first, ~first], axis=1).reshape(rows, cols)


def repeated(rng: np.random.Generator, rows: int, cols: int) -> np.ndarray:
    """One 8x8 mask."""
    return np.tile(rng.random((8, 8)) < 0.3, (-(-rows // 8), -(-cols // 8)))[:rows, :cols]


def strips(rng: np.random.Generator, rows: int, cols: int) -> np.ndarray:
    """Columns of strips of 8 rows, then rows."""
    kept = np.repeat(rng.random((-(-rows // 8), cols)) < 0.4, 8, axis=0)[:rows]
    return kept & (rng.random((rows, 1)) < 0.7)


def products(rng: np.random.Generator, rows: int, cols: int) -> np.ndarray:
    """Rows times columns in blocks of 8x16."""
    result = np.zeros((rows, cols), bool)
    for top, left in itertools.product(range(0, rows, 8), range(0, cols, 16)):
        block = result[top:top + 8, left:left + 16]
        block |= (rng.random((block.shape[0], 1)) < 0.5) & (rng.random((1, block.shape[1])) < 0.5)
    return result


def shapes(rng: np.random.Generator, o: int, i: int, n: int) -> np.ndarray:
    """3x3 kernels of groups of 4 filters keep one of two masks, or nothing."""
    library = np.array([[int(mask) >> bit & 1 for bit in range(n)] for mask in (0, 27, 432)], bool)
    return np.repeat(library[rng.integers(0, 3, (o // 4, i))], 4, axis=0)


def any_shapes(rng: np.random.Generator, o: int, i: int, n: int) -> np.ndarray:
    """3x3 kernels keep one of four masks."""
    library = np.array([[int(mask) >> bit & 1 for bit in range(n)] for mask in (27, 54, 216, 432)], bool)
    return library[rng.integers(0, 4, (o, i))]


def gathered(rng: np.random.Generator, rows: int, cols: int, banks: int = 8, width: int = 2) -> np.ndarray:
    """GS(8, 2): in bundles of 4 rows, groups of two columns per row with all residues modulo 8."""
    result, height = np.zeros((rows, cols), bool), banks // width
    for row in range(0, rows, height):
        for start in range(0, cols - banks + 1, banks):
            if rng.random() < 0.6:
                for lane, residues in enumerate(rng.permutation(banks).reshape(height, width)[:rows - row]):
                    result[row + lane, start + residues] = True
    return result


def fragments(length: int) -> Callable[[np.random.Generator, int, int], np.ndarray]:
    """Weights of which every so many columns of a row have one sign."""
    def rule(rng: np.random.Generator, rows: int, cols: int) -> np.ndarray:
        signs = np.repeat(rng.choice([-1.0, 1.0], (rows, -(-cols // length))), length, axis=1)[:, :cols]
        return np.abs(rng.standard_normal((rows, cols))) * signs * (rng.random((rows, cols)) < 0.4)
    return rule


def magnitudes(height: int, across: int) -> Callable[[np.random.Generator, int, int], np.ndarray]:
    """Weights of which most blocks have one magnitude, nothing at all, or are free."""
    def rule(rng: np.random.Generator, rows: int, cols: int) -> np.ndarray:
        weights = np.zeros((rows, cols))
        for top, left in itertools.product(range(0, rows, height), range(0, cols, across)):
            block = weights[top:top + height, left:left + across]
            kind = rng.random()
            block[:] = 0 if kind < 0.5 else rng.standard_normal(block.shape) if kind < 0.6 else \
                rng.random() * rng.choice([-1.0, 1.0], block.shape)
        return weights
    return rule


def units(height: int, across: int, banks: int, width: int) -> Mask:
    """GS of units of so many filters and channels of a location."""
    def make(rng: np.random.Generator, o: int, i: int, n: int) -> np.ndarray:
        blocks = -(-i // across)
        kept = gathered(rng, -(-o // height), blocks * n, banks, width).reshape(-1, n, blocks).transpose(0, 2, 1)
        return np.repeat(np.repeat(kept, height, axis=0), across, axis=1)[:o, :i]
    return make


Rule = Callable[[np.random.Generator, int, int], np.ndarray]  # rows x columns


def cut(rows: int, cols: int, inside: Rule = gathered, density: float = 1) -> Rule:
    """A rule, GS(8, 2) unless another is given, in every kept tile for itself."""
    def rule(rng: np.random.Generator, m: int, k: int) -> np.ndarray:
        result = np.zeros((m, k), bool)
        for top, left in itertools.product(range(0, m, rows), range(0, k, cols)):
            tile = result[top:top + rows, left:left + cols]
            if rng.random() < density:
                tile |= inside(rng, *tile.shape)
        return result
    return rule


def blocks(rows: int, cols: int) -> Rule:
    """Aligned blocks of a matrix."""
    return lambda rng, m, k: tiles(rows, cols, 1)(rng, m, k, 1)[:, :, 0]


def noisy(rule: Rule) -> Rule:
    """A rule, and single weights anywhere."""
    return lambda rng, m, k: rule(rng, m, k) | (rng.random((m, k)) < 0.1)


def banded(first: Rule, second: Rule, height: int) -> Rule:
    """Two rules by turns in bands of so many rows, so that they do not meet."""
    def rule(rng: np.random.Generator, m: int, k: int) -> np.ndarray:
        is_first = (np.arange(m) // height % 2 == 0)[:, None]
        return np.where(is_first, first(rng, m, k), second(rng, m, k))
    return rule


def permuted(make: Mask, columns: int = 0) -> Mask:
    """The rows of another pattern in random order, one for every so many columns of the matrix; leaves the order in `ORDER`."""
    def moved(rng: np.random.Generator, o: int, i: int, n: int) -> np.ndarray:
        kept = make(rng, o, i, n).transpose(0, 2, 1).reshape(o, n * i)
        result = np.zeros_like(kept)
        ORDER.clear()
        for left in range(0, n * i, columns or n * i):
            order = rng.permutation(o)
            ORDER.extend(order.tolist())
            result[order, left:left + (columns or n * i)] = kept[:, left:left + (columns or n * i)]
        return result.reshape(o, n, i).transpose(0, 2, 1)
    return moved


ORDER: list[int] = []


# Pattern, mask, and the kernel shapes that it takes (a matrix is a kernel of one location).
EVERY, SPATIAL = ((1, 1), (3, 3), (5,), (2, 2, 2)), ((3, 3), (5,), (2, 2, 2))
PATTERNS: list[tuple[str, Mask, tuple[tuple[int, ...], ...]]] = [
    ("#gs.unstructured", tiles(1, 1, 1), EVERY),
    ("#gs.filter", tiles(1, 0, 0), EVERY),
    ("#gs.channel", tiles(0, 1, 0), EVERY),
    ("#gs.column", tiles(0, 1, 1), EVERY),
    ("#gs.block<8x1>", tiles(8, 1, 1), EVERY),
    ("#gs.block<4x4>", inner(lambda rng, rows, cols: tiles(4, 4, 1)(rng, rows, cols, 1)[:, :, 0]), EVERY),
    ("#gs.block<4x9, view = channel_outer>", tiles(4, 1, 9), ((3, 3),)),
    ("#gs.kernel_group<4x2>", tiles(4, 2, 0), EVERY),
    ("#gs.kgs<8x4>", tiles(8, 4, 1), SPATIAL),
    ("#gs.block<16x1>", tiles(16, 1, 1), EVERY),
    ("#gs.block<2x8>", inner(lambda rng, rows, cols: tiles(2, 8, 1)(rng, rows, cols, 1)[:, :, 0]), EVERY),
    ("#gs.block<1x8>", inner(lambda rng, rows, cols: tiles(1, 8, 1)(rng, rows, cols, 1)[:, :, 0]), EVERY),
    ("#gs.gather_scatter<banks = 8, width = 2>", inner(gathered), EVERY),
    ("#gs.block_column<8x16>", inner(lambda rng, rows, cols: tiles(8, 1, 1)(rng, rows, cols, 1)[:, :, 0]), EVERY),
    ("#gs.block_column<8x16, prune_rows>", inner(strips), EVERY),
    ("#gs.bcr<8x16>", inner(products), EVERY),
    ("#gs.nm<2 : 4>", inner(counted(2, 4)), EVERY),
    ("#gs.nm<3 : 16>", inner(counted(3, 16)), EVERY),
    ("#gs.window<5 : 16, rows = 16>", inner(counted(5, 16)), EVERY),
    ("#gs.window<7 : 32, rows = 16>", inner(counted(7, 32)), EVERY),
    ("#gs.unified<4x4>", inner(lambda rng, rows, cols: rng.random((rows, cols)) < 0.4), EVERY),
    ("#gs.tile_4_2<complement>", inner(two_of_four), EVERY),
    ("#gs.same_block<8x8>", inner(repeated), EVERY),
    ("#gs.kernel_pattern<entries = 4, patterns = [27, 432], group = 4, connectivity>", shapes, ((3, 3),)),
    ("#gs.kernel_pattern<entries = 4, patterns = [27, 54, 216, 432]>", any_shapes, ((3, 3),)),
    ("#gs.permuted<#gs.kernel_pattern<entries = 4, patterns = [27, 54, 216, 432]>>", permuted(any_shapes), ((3, 3),)),
    ("#gs.union<[#gs.block<4x1>, #gs.unstructured]>",
     inner(lambda rng, rows, cols: (tiles(4, 1, 1)(rng, rows, cols, 1)[:, :, 0]) | (rng.random((rows, cols)) < 0.1)), EVERY),
    ("#gs.intersection<[#gs.block<4x8>, #gs.nm<2 : 4>]>",
     inner(lambda rng, rows, cols: tiles(4, 8, 1)(rng, rows, cols, 1)[:, :, 0] & counted(2, 4)(rng, rows, cols)), EVERY),
    # Patterns of patterns of patterns.
    ("#gs.union<[#gs.intersection<[#gs.block<8x8>, #gs.nm<2 : 4>]>, #gs.unstructured]>",
     inner(noisy(cut(8, 8, counted(2, 4), 0.4))), EVERY),
    ("#gs.union<[#gs.block<8x1>, #gs.block<4x1>]>", inner(lambda rng, m, k: blocks(8, 1)(rng, m, k) | blocks(4, 1)(rng, m, k)),
     EVERY),
    ("#gs.union<[#gs.block<2x8>, #gs.block<8x2>]>", inner(banded(blocks(2, 8), blocks(8, 2), 8)), EVERY),
    ("#gs.union<[#gs.block<4x4>, #gs.gather_scatter<banks = 8, width = 2, tile = 8x16>]>",
     inner(banded(blocks(4, 4), cut(8, 16), 8)), EVERY),
    ("#gs.intersection<[#gs.block<16x16>, #gs.gather_scatter<banks = 4, width = 2>]>",
     inner(cut(16, 16, lambda rng, m, k: gathered(rng, m, k, 4, 2), 0.6)), EVERY),
    ("#gs.intersection<[#gs.block<8x16>, #gs.intersection<[#gs.block<4x4>, #gs.nm<2 : 4>]>]>",
     inner(cut(8, 16, cut(4, 4, counted(2, 4), 0.6), 0.6)), EVERY),
    ("#gs.intersection<[#gs.block<8x8>, #gs.union<[#gs.block<4x1>, #gs.block<1x4>]>]>",
     inner(cut(8, 8, banded(blocks(4, 1), blocks(1, 4), 4), 0.6)), EVERY),
    ("#gs.permuted<#gs.union<[#gs.block<4x1>, #gs.unstructured]>>", permuted(inner(noisy(blocks(4, 1)))), EVERY),
    ("#gs.permuted<#gs.union<[#gs.block<8x1>, #gs.block<4x1>]>>",
     permuted(inner(lambda rng, m, k: blocks(8, 1)(rng, m, k) | blocks(4, 1)(rng, m, k))), EVERY),
    ("#gs.permuted<#gs.intersection<[#gs.block<4x8>, #gs.nm<2 : 4>]>>", permuted(inner(cut(4, 8, counted(2, 4), 0.5))), EVERY),
    ("#gs.polarized<8>", inner(fragments(8)), EVERY),
    ("#gs.unified<2x4>", inner(magnitudes(2, 4)), EVERY),
    ("#gs.gather_scatter<banks = 4, width = 1, unit = 4x1>", units(4, 1, 4, 1), EVERY),
    ("#gs.gather_scatter<banks = 4, width = 2, unit = 2x2>", units(2, 2, 4, 2), EVERY),
    ("#gs.gather_scatter<banks = 8, width = 2, tile = 8x16>", inner(cut(8, 16)), EVERY),
    ("#gs.permuted<#gs.gather_scatter<banks = 8, width = 2>>", permuted(inner(gathered)), EVERY),
    ("#gs.permuted<#gs.gather_scatter<banks = 8, width = 2, tile = 8x16>>", permuted(inner(cut(8, 16)), 16), EVERY),
    ("#gs.permuted<#gs.gather_scatter<banks = 4, width = 1, unit = 4x1>>", permuted(units(4, 1, 4, 1)), EVERY),
    ("#gs.permuted<#gs.block<8x1>>", permuted(tiles(8, 1, 1)), EVERY),
    ("#gs.permuted<#gs.bcr<8x16>>", permuted(inner(products)), EVERY),
    ("#gs.permuted<#gs.window<5 : 16, rows = 16>>", permuted(inner(counted(5, 16))), EVERY),
    ("#gs.permuted<#gs.kernel_pattern<entries = 4, patterns = [27, 432], group = 4, connectivity>>", permuted(shapes),
     ((3, 3),)),
]


# Patterns whose rows share columns, by how many rows at least.
SHARED = {"#gs.union<[#gs.block<8x1>, #gs.block<4x1>]>": 4, "#gs.permuted<#gs.union<[#gs.block<8x1>, #gs.block<4x1>]>>": 4,
          "#gs.union<[#gs.block<2x8>, #gs.block<8x2>]>": 2,
          "#gs.channel": 16, "#gs.column": 16, "#gs.block<8x1>": 8, "#gs.block<16x1>": 16, "#gs.block<4x4>": 4, "#gs.block<2x8>": 2,
          "#gs.block<4x9, view = channel_outer>": 4, "#gs.kernel_group<4x2>": 4, "#gs.kgs<8x4>": 8, "#gs.block_column<8x16>": 8,
          "#gs.kernel_pattern<entries = 4, patterns = [27, 432], group = 4, connectivity>": 4,
          "#gs.gather_scatter<banks = 4, width = 1, unit = 4x1>": 4, "#gs.gather_scatter<banks = 4, width = 2, unit = 2x2>": 2,
          "#gs.permuted<#gs.gather_scatter<banks = 4, width = 1, unit = 4x1>>": 4, "#gs.permuted<#gs.block<8x1>>": 8,
          "#gs.permuted<#gs.kernel_pattern<entries = 4, patterns = [27, 432], group = 4, connectivity>>": 4}
# Patterns whose rows share columns in part.
LISTS = ("#gs.bcr", "#gs.block_column<8x16, prune_rows>", "#gs.union<[#gs.block", "#gs.permuted<#gs.bcr", "#gs.permuted<#gs.union<[#gs.block")
# Patterns that take any number of rows and columns.
RAGGED = ("#gs.unstructured", "#gs.filter", "#gs.channel", "#gs.column", "#gs.block<", "#gs.block_column", "#gs.bcr", "#gs.nm",
          "#gs.same_block", "#gs.union", "#gs.intersection", "#gs.gather_scatter", "#gs.permuted<#gs.gather_scatter",
          "#gs.permuted<#gs.block", "#gs.permuted<#gs.bcr", "#gs.permuted<#gs.union", "#gs.permuted<#gs.intersection")
ACCEPTS: dict[str, Callable[[str, int], bool]] = {
    "row-group-broadcast": lambda pattern, columns: columns > 1 and SHARED.get(pattern, 1) >= 2,
    "channel-lanes": lambda pattern, columns: columns > 1 and SHARED.get(pattern, 1) >= 8,  # lanes of 256 bits
    "row-list-broadcast": lambda pattern, columns: columns > 1 and pattern.startswith(LISTS),
    "kernel-tap-broadcast": lambda pattern, columns: columns > 1 and "[27, 54, 216, 432]" in pattern,
    "column-block": lambda pattern, columns: columns == 1 and SHARED.get(pattern, 1) >= 4,
    "single-row-broadcast": lambda _, columns: columns > 1,
    "sorted-row-broadcast": lambda _, columns: columns > 1,
    "straight-line": lambda _, columns: columns >= 16,
    "sliding-window-permute": lambda _, columns: columns == 1,
    "lane-gather": lambda _, columns: columns == 1,
    "window-permute": lambda pattern, columns: columns == 1 and pattern.removeprefix("#gs.permuted<").startswith(
        ("#gs.window", "#gs.nm<3 : 16>")),
}


def check(strategy: str) -> None:
    """Every case on standard input that `strategy` has to accept is run by it, and one at least is."""
    runs, name = 0, ""
    for line in sys.stdin:
        if found := re.search(r"func\.func private @(\w+)", line):
            name = found[1]
        chosen = re.search(r'gs\.(matmul|conv) .* strategy = <"([a-z-]+)"', line)
        if not chosen or not (case := re.match(r"(matmul|conv)_(\d+)_", name)):
            continue
        pattern = PATTERNS[int(case[2])][0]
        columns = int(np.prod([int(d) for d in re.search(r"-> tensor<([\dx]+)xf32>", line)[1].split("x")][1:]))
        if chosen[1] == "conv":
            columns = int(np.prod([int(d) for d in re.search(r"-> tensor<([\dx]+)xf32>", line)[1].split("x")][2:]))
        # The strategy refuses groups, and permuted rows that may belong to several.
        grouped = "grouped" in name and (strategy in ("straight-line", "sorted-row-broadcast") or
                                         strategy in ("row-group-broadcast", "channel-lanes", "row-list-broadcast", "kernel-tap-broadcast") and
                                         pattern.startswith("#gs.permuted"))
        if ACCEPTS[strategy](pattern, columns) and not grouped and chosen[2] != strategy:
            raise SystemExit(f"{name} ({pattern}, {columns} columns) runs as {chosen[2]}, not as {strategy}")
        runs += chosen[2] == strategy
    if runs == 0:
        raise SystemExit(f"nothing runs as {strategy}")
    print(f"{runs} cases run as {strategy}")


def main() -> None:
    """Writes the program, or checks choices."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--check")
    arguments = parser.parse_args()
    if arguments.check:
        check(arguments.check)
        return
    draw = np.random.default_rng(arguments.seed)
    program = contractions.Program()
    kinds = itertools.cycle(contractions.EPILOGUES)
    for number, (pattern, make, kernels) in enumerate(PATTERNS):
        program.encoding = pattern
        for kernel in kernels:
            locations = int(np.prod(kernel))

            def mask(rng: np.random.Generator, _: str, rows: int, cols: int, make=make, locations=locations) -> np.ndarray:
                kept = make(rng, rows, cols // locations, locations)
                program.row_order, ORDER[:] = ORDER[:], []
                return kept.transpose(0, 2, 1).reshape(rows, cols)
            contractions.mask = mask
            if locations == 1:
                for n in (1, 16, 128):
                    contractions.matmul(program, f"matmul_{number}_{n}", pattern, 24, 40, n, next(kinds))
                for n in (1, 5, 33) if pattern.startswith(RAGGED) else ():
                    contractions.matmul(program, f"matmul_{number}_{n}_ragged", pattern, 21, 37, n, next(kinds))
            extents = {1: (23,), 2: (7, 9), 3: (3, 4, 5)}[len(kernel)]
            if locations == 9:  # two groups of 8 filters, of which groups of 16 must not make one
                contractions.conv(program, f"conv_{number}_grouped", pattern, next(kinds), 1, 16, 16, extents, kernel,
                                  pads=(1, 1, 1, 1), groups=2)
            variants = [(1, 1), (2, 1), (1, 2)] if locations > 1 else [(1, 1), (2, 1)]
            if not arguments.full:
                variants = [variants[draw.integers(len(variants))]]
            for stride, dilation in variants:
                if len(kernel) == 3 and dilation > 1:
                    continue  # nothing would be left of the extents
                contractions.conv(program, f"conv_{number}_{len(kernel)}d_{locations}_{stride}{dilation}", pattern,
                                  next(kinds), 1 + (arguments.full and stride == 2), 8, 16, extents, kernel,
                                  (stride,) * len(kernel), (dilation,) * len(kernel),
                                  (1 if locations > 1 else 0,) * 2 * len(kernel))
    sys.stdout.write(str(program))


if __name__ == "__main__":
    main()
