# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What patterns keep of a weight, and the work that this gives the engine.

Masks of GS come from benchmarks.models.gather_scatter.  Time needs the groups of each bundle only, which its budget
gives; kept energy needs the mask, in large layers of a sample of the columns.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.models import gather_scatter as gs
from benchmarks.models.sparsity import unstructured_mask

from .law import Work

SAMPLE = 1_000_000  # weights whose mask of GS is made to know its energy


@dataclass
class Kept:
    """A pattern on a weight: its work, stored weights (with those that are zero but stored), share of the energy."""

    work: Work
    stored: int
    energy: float


def occupancies(columns: np.ndarray, banks: int) -> np.ndarray:
    """Cycles that gathers keep the banks.  `columns` is `[groups, lanes]`, negative for lanes that read elsewhere.

    The largest number of different words in one bank; lanes on the same word count once.
    """
    if not len(columns):
        return np.zeros(0, np.int64)
    ordered = np.sort(columns, axis=1)
    new = np.ones(ordered.shape, bool)
    new[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    new &= ordered >= 0
    bank = ordered % banks
    worst = np.ones(len(columns), np.int64)
    for each in range(banks):
        np.maximum(worst, ((bank == each) & new).sum(1), out=worst)
    return worst


def _largest_squares(score: np.ndarray, density: float) -> float:
    """Energy of the largest weights."""
    count = max(1, int(round(density * score.size)))
    threshold = np.partition(score, score.size - count, axis=None)[score.size - count]
    return float(np.square(score[score >= threshold], dtype=np.float64).sum())


class Weight:
    """A weight matrix `[rows, cols]` and what is asked of it again and again."""

    def __init__(self, matrix: np.ndarray) -> None:
        self.score = np.abs(matrix).astype(np.float32)
        self.square = np.square(self.score, dtype=np.float32)
        zeros = self.score == 0
        if zeros.any():  # a pruned file: different magnitudes, too small to count, so that no threshold keeps them all
            tiny = np.random.default_rng(0).random(int(zeros.sum()), dtype=np.float32) + 1
            self.score[zeros] = tiny * np.float32(1e-6) * (self.score[~zeros].min(initial=1.0))
        self.total = float(self.square.sum(dtype=np.float64))
        self._tiles: dict[tuple[int, bool], tuple[np.ndarray, np.ndarray]] = {}
        self._sorted: np.ndarray | None = None
        self._rows: np.ndarray | None = None

    # -- gather/scatter ------------------------------------------------------------------------------------------------

    def row_order(self, density: float) -> np.ndarray:
        """Rows by falling number of weights above the threshold of the layer: what GS_scatter bundles together."""
        kept = max(1, int(round(density * self.score.size)))
        threshold = np.partition(self.score, self.score.size - kept, axis=None)[self.score.size - kept]
        return np.argsort(-(self.score >= threshold).sum(1), kind="stable")

    def gather_scatter(
        self, density: float, banks: int, width: int, scatter: bool = False, energy: bool = True
    ) -> Kept:
        """GS(banks, width); with `scatter` after reordering the rows."""
        order = self.row_order(density) if scatter else None
        score = self.score if order is None else self.score[order]
        groups = gs.group_budget(score, density, banks, width)
        work = Work("gs", banks, width, groups)
        if order is not None:
            height = banks // width
            rows = np.concatenate([order, np.arange(len(order), -(-len(order) // height) * height)])
            work.scatter = occupancies(rows.reshape(-1, height), banks)
        share = self._energy(score, density, groups, banks, width) if energy else float("nan")
        return Kept(work, int(groups.sum()) * banks, share)

    def _energy(self, score: np.ndarray, density: float, groups: np.ndarray, banks: int, width: int) -> float:
        """Share of the energy that GS keeps; of a large weight in a sample of its columns, beside the largest there."""
        rows, cols = score.shape
        wanted = max(512, SAMPLE // rows)
        sample = None
        if cols > 1.5 * wanted:  # whole groups of columns, evenly spaced
            starts = np.linspace(0, cols // banks - 1, wanted // banks).astype(int) * banks
            sample = score[:, (starts[:, None] + np.arange(banks)).ravel()]
            groups = gs.group_budget(sample, density, banks, width)
        part = score if sample is None else sample
        kept = self._kept_squares(part, groups, banks, width)
        if sample is None:
            return kept / self.total
        return kept / _largest_squares(sample, density) * _largest_squares(score, density) / self.total

    @staticmethod
    def _kept_squares(score: np.ndarray, groups: np.ndarray, banks: int, width: int) -> float:
        """Energy of the mask of GS; its steps are those of gather_scatter.project, which gives masks only."""
        height = banks // width
        full = len(score) // height
        kept = 0.0
        for first, count, rows in ((0, full, height), (full, 1, len(score) % height)):
            if not count or not rows:
                continue
            begin, wanted = first * height, groups[first : first + count]
            lists, _ = gs._sorted_lists(score[begin : begin + count * rows].reshape(count, rows, -1), banks)
            if width == banks:  # lists of one row do not compete
                taken, failed = np.tile(wanted[:, None, None], (1, 1, banks)), np.zeros(count, bool)
            else:
                taken, failed = gs._greedy(lists, wanted, width)
            for at in np.flatnonzero(failed):
                taken[at] = gs._exact(lists[at].astype(float), int(wanted[at]), width)
            inside = np.arange(lists.shape[-1]) < taken[..., None]
            kept += float(np.square(lists[inside], dtype=np.float64).sum())
        return kept

    # -- blocks --------------------------------------------------------------------------------------------------------

    def _tile_energies(self, size: int, vertical: bool) -> tuple[np.ndarray, np.ndarray]:
        """Energy of each tile, `[bundles, tiles]`, and all of them by falling energy."""
        if (size, vertical) not in self._tiles:
            square = self.square
            if vertical:
                missing = -len(square) % size
                padded = (
                    np.concatenate([square, np.zeros((missing, square.shape[1]), np.float32)]) if missing else square
                )
                tiles = padded.reshape(-1, size, padded.shape[1]).sum(1)
            else:
                tiles = square.reshape(len(square), -1, size).sum(2)
            self._tiles[size, vertical] = tiles, np.sort(tiles, axis=None)[::-1]
        return self._tiles[size, vertical]

    def block(self, size: int, vertical: bool, stored: int | None = None, energy: float | None = None) -> Kept:
        """The best blocks 1 x size, or size x 1: so many weights, or as many as keep a share of the energy."""
        tiles, falling = self._tile_energies(size, vertical)
        running = np.cumsum(falling, dtype=np.float64)
        if stored is not None:
            count = max(1, int(round(stored / size)))
        else:
            count = int(np.searchsorted(running, energy * self.total * (1 - 1e-9))) + 1
        count = min(count, tiles.size)
        per_bundle = (tiles >= falling[count - 1]).sum(1).astype(np.int64)
        work = Work("block", size, 1 if vertical else size, per_bundle)
        return Kept(work, int(per_bundle.sum()) * size, float(running[count - 1]) / self.total)

    def block_mask(self, size: int, vertical: bool, stored: int) -> np.ndarray:
        """The mask of `block` at so many weights."""
        tiles, falling = self._tile_energies(size, vertical)
        kept = tiles >= falling[min(max(1, int(round(stored / size))), tiles.size) - 1]
        return np.repeat(kept, size, axis=0 if vertical else 1)[: len(self.score)]

    # -- no pattern ----------------------------------------------------------------------------------------------------

    def largest(self, stored: int) -> np.ndarray:
        """The mask of the largest weights."""
        return unstructured_mask(self.score, stored / self.score.size)

    def count_for_energy(self, energy: float) -> int:
        """The fewest weights that keep a share of the energy."""
        if self._sorted is None:
            self._sorted = np.cumsum(np.sort(self.square, axis=None)[::-1], dtype=np.float64)
        return min(int(np.searchsorted(self._sorted, energy * self.total * (1 - 1e-9))) + 1, self.score.size)

    def csr(self, mask: np.ndarray, banks: int, kernel: str) -> Kept:
        """ "csr-gather", "csr-scalar" or "sell" on any mask."""
        per_row = mask.sum(1)
        nonzeros = int(per_row.sum())
        share = float(self.square[mask].sum(dtype=np.float64)) / self.total
        if kernel == "csr-scalar":
            return Kept(Work("csr-scalar", banks, 1, per_row), nonzeros, share)
        row, column = np.nonzero(mask)
        place = np.arange(len(row)) - np.repeat(np.cumsum(per_row) - per_row, per_row)
        if kernel == "csr-gather":
            groups = -(-per_row // banks)
            first = np.cumsum(groups) - groups
            at = first[row] + place // banks, place % banks
            width = banks
        else:
            bundles = -(-len(per_row) // banks)
            padded = np.concatenate([per_row, np.zeros(bundles * banks - len(per_row), per_row.dtype)])
            groups = padded.reshape(bundles, banks).max(1)
            first = np.cumsum(groups) - groups
            at = first[row // banks] + place, row % banks
            width = 1
        columns = np.full((int(groups.sum()), banks), -1, np.int64)
        columns[at] = column
        work = Work("csr-gather" if kernel == "csr-gather" else "gs", banks, width, groups, occupancies(columns, banks))
        return Kept(work, columns.size, share)

    def no_rule(self, groups: np.ndarray, banks: int) -> tuple[Kept, np.ndarray]:
        """Vertical groups without the residue rule: each row keeps the largest of as many weights as GS(banks, 1)."""
        rows = len(self.score)
        count = np.repeat(groups, banks)[:rows]
        if self._rows is None:
            self._rows = -np.sort(-self.score, axis=1)
        falling = self._rows
        threshold = np.where(count > 0, falling[np.arange(rows), np.maximum(count, 1) - 1], np.inf)
        mask = self.score >= threshold[:, None]
        for row in np.flatnonzero(mask.sum(1) != count):  # equal magnitudes: the first ones
            mask[row] = False
            mask[row, np.argsort(-self.score[row], kind="stable")[: count[row]]] = True
        kept = self.csr(mask, banks, "sell")
        return kept, mask
