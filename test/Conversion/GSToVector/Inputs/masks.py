# ===----------------------------------------------------------------------===#
#
# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""Masks of every pattern that kernels.py needs, drawn from one generator, and the patterns as encodings of a type."""
import itertools

import numpy as np

rng = np.random.default_rng(7)


def block_mask(rows, cols, height, density=0.3):
    """Blocks of `height` rows and one column; the middle one of three or more groups of rows stays empty."""
    groups = -(-rows // height)
    keep = rng.random((groups, cols)) < density
    if groups > 2:
        keep[groups // 2] = False
    return np.repeat(keep, height, axis=0)[:rows]


def unstructured_mask(rows, cols, density=0.3):
    keep = rng.random((rows, cols)) < density
    keep[rows // 2] = False
    return keep


def gs_mask(rows, cols, banks, width):
    """Groups of `banks` weights with pairwise different residues, `width` per row, in bundles of banks / width rows."""
    keep = np.zeros((rows, cols), bool)
    height = banks // width
    for number, start in enumerate(range(0, rows, height)):
        for _ in range(0 if number == 1 else rng.integers(1, 4)):
            residues = rng.permutation(banks)
            chosen = []
            for lane, residue in enumerate(residues):
                row = start + lane // width
                if row >= rows:
                    continue
                free = [c for c in range(residue, cols, banks) if not keep[row, c]]
                if not free:
                    break
                chosen.append((row, rng.choice(free)))
            else:
                for place in chosen:
                    keep[place] = True
    return keep


def uneven_mask(rows, cols):
    """Rows from empty to full, in no order."""
    return rng.random((rows, cols)) < rng.permutation(np.linspace(0, 1, rows))[:, None]


def window_mask(rows, cols, kept, width):
    """`kept` columns of every window, or all that it has."""
    rank = rng.random((rows, -(-cols // width), width))
    rank.reshape(rows, -1)[:, cols:] = 2
    return (rank.argsort(axis=2).argsort(axis=2) < kept).reshape(rows, -1)[:, :cols]


def product_mask(rows, cols, height, width):
    """Some rows times some columns in every block; none of a strip in the middle."""
    keep = np.zeros((rows, cols), bool)
    for top, left in itertools.product(range(0, rows, height), range(0, cols, width)):
        block = keep[top : top + height, left : left + width]
        if not rows // 3 <= top < rows // 2:
            block |= (rng.random((block.shape[0], 1)) < 0.6) & (rng.random((1, block.shape[1])) < 0.5)
    return keep


def strip_mask(rows, cols, height, _):
    """Columns of strips, then rows."""
    return block_mask(rows, cols, height, 0.5) & (rng.random((rows, 1)) < 0.7)


def union_mask(rows, cols, height):
    return block_mask(rows, cols, height) | (rng.random((rows, cols)) < 0.1)


SHAPES = [27, 54, 58, 178, 184, 216, 432]


def tap_mask(rows, cols, density=0.6):
    """3x3 kernels keep one of a few sets of taps, or nothing; the middle row keeps nothing."""
    taps = np.array([[mask >> bit & 1 for bit in range(9)] for mask in SHAPES], bool)
    keep = taps[rng.integers(0, len(SHAPES), (rows, cols // 9))] & (rng.random((rows, cols // 9, 1)) < density)
    keep[rows // 2] = False
    return keep.transpose(0, 2, 1).reshape(rows, cols)


def mask_for(pattern, rows, cols):
    kind, *args = pattern
    if kind == "block":
        return block_mask(rows, cols, args[0])
    if kind == "gs":
        return gs_mask(rows, cols, *args)
    if kind == "full":
        return np.ones((rows, cols), bool)
    if kind in ("window", "nm"):
        return window_mask(rows, cols, *args)
    if kind == "uneven":
        return uneven_mask(rows, cols)
    if kind == "taps":
        return tap_mask(rows, cols)
    if kind in ("bcr", "strips", "union"):
        return {"bcr": product_mask, "strips": strip_mask, "union": union_mask}[kind](rows, cols, *args)
    return unstructured_mask(rows, cols)


ENCODING = {
    "block": lambda v: f", #gs.block<{v}x1>",
    "gs": lambda b, k: f", #gs.gather_scatter<banks = {b}, width = {k}>",
    "unstructured": lambda: ", #gs.unstructured",
    "full": lambda: ", #gs.unstructured",
    "window": lambda q, w: f", #gs.window<{q} : {w}, rows = 16>",
    "nm": lambda n, m: f", #gs.nm<{n} : {m}>",
    "uneven": lambda: ", #gs.unstructured",
    "bcr": lambda r, c: f", #gs.bcr<{r}x{c}>",
    "strips": lambda r, c: f", #gs.block_column<{r}x{c}, prune_rows>",
    "union": lambda v: f", #gs.union<[#gs.block<{v}x1>, #gs.unstructured]>",
    "taps": lambda: f", #gs.kernel_pattern<entries = 4, patterns = {SHAPES}, connectivity>",
    "dense": lambda: "",
}
