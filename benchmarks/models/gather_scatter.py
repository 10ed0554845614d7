# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Projection of a weight matrix onto the pattern GS(B, k).

The mask is legal exactly when it has the count form: in every bundle of `R = B/k` rows there is an `n` such that each
row keeps `k*n` weights (GS-F1) and each residue class `column mod B` keeps `n` (GS-F2; at most `n` in a ragged last
bundle).  The greedy choice follows the published pruning code, the number of groups of a layer is a budget, and a
bundle in which the greedy choice runs out of legal entries is projected exactly instead.

All functions take a score matrix `[M, K]` in the channel-inner view (`column = location * channels + channel`).
"""

from __future__ import annotations

import numpy as np

_NONE = -np.inf


def bundle_starts(rows: int, banks: int, width: int) -> list[tuple[int, int]]:
    """Returns (first row, end row) of every bundle of a matrix with `rows` rows."""
    height = banks // width
    return [(first, min(first + height, rows)) for first in range(0, rows, height)]


def group_budget(score: np.ndarray, density: float, banks: int, width: int) -> np.ndarray:
    """Returns the number of groups of every bundle, such that the layer meets `density` within one group.

    One threshold per layer: a bundle gets the whole groups that its entries above the threshold fill, and the
    remaining groups of the budget go to the largest remainders.
    """
    rows, columns = score.shape
    weights = density * rows * columns
    kept = min(int(round(weights)), score.size)
    spans = bundle_starts(rows, banks, width)
    size = np.array([(end - first) * width for first, end in spans])
    limit = banks * (columns // banks) // width
    if kept == 0:
        return np.zeros(len(spans), int)
    threshold = np.partition(score, score.size - kept, axis=None)[score.size - kept]
    above = np.array([np.count_nonzero(score[first:end] >= threshold) for first, end in spans])
    groups = np.minimum(above // size, limit)
    remainder = above / size - groups
    missing = int(round((weights - float((groups * size).sum())) / banks))
    while missing > 0 and (groups < limit).any():
        order = np.argsort(np.where(groups < limit, -remainder, np.inf), kind="stable")[:missing]
        order = order[groups[order] < limit]
        groups[order] += 1
        remainder[order] -= 1
        missing -= len(order)
    return groups


def _sorted_lists(score: np.ndarray, banks: int) -> tuple[np.ndarray, np.ndarray]:
    """Sorts the entries of every (row, residue) list of `[bundles, R, K]` by falling score.

    Returns (scores, columns), both `[bundles, R, B, ceil(K/B)]`; absent entries score -inf.
    """
    bundles, height, columns = score.shape
    depth = -(-columns // banks)
    padded = np.full((bundles, height, depth * banks), _NONE, np.float32)
    padded[:, :, :columns] = score
    lists = np.ascontiguousarray(padded.reshape(bundles, height, depth, banks).transpose(0, 1, 3, 2))
    order = np.argsort(-lists, axis=-1, kind="stable")
    return np.take_along_axis(lists, order, -1), order * banks + np.arange(banks)[:, None]


def _greedy(lists: np.ndarray, groups: np.ndarray, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Fills `groups[b]` groups in every bundle, best legal head of a list first.

    `lists` is `[bundles, R, B, depth]`, all bundles of equal height.  Returns how many entries of each list are kept
    (`[bundles, R, B]`) and which bundles ran out of legal entries.
    """
    bundles, height, banks, depth = lists.shape
    order = np.argsort(-groups, kind="stable")  # the active bundles are a prefix
    wanted = groups[order]
    flat = np.concatenate([lists[order], np.full((bundles, height, banks, 1), _NONE, np.float32)], -1)
    taken = np.zeros((bundles, height, banks), np.intp)
    head = flat[..., 0].copy()
    failed = np.zeros(bundles, bool)
    for group in range(int(wanted.max(initial=0))):
        active = int(np.searchsorted(-wanted, -group, side="left"))
        index = np.arange(active)
        open_heads = head[:active].copy()
        room = np.full((active, height), width)
        for _ in range(height * width):
            best = open_heads.reshape(active, -1).argmax(1)
            row, residue = best // banks, best % banks
            failed[:active] |= open_heads[index, row, residue] == _NONE
            position = np.minimum(taken[index, row, residue] + 1, depth)
            taken[index, row, residue] = position
            head[index, row, residue] = flat[index, row, residue, position]
            open_heads[index, :, residue] = _NONE
            room[index, row] -= 1
            full = index[room[index, row] == 0]
            open_heads[full, row[full], :] = _NONE
    inverse = np.argsort(order)
    return taken[inverse], failed[inverse]


def _exact(lists: np.ndarray, groups: int, width: int) -> np.ndarray:
    """Solves the transportation problem of one bundle: rows supply `width*groups`, residues take at most `groups`.

    `lists` is `[R, B, depth]`.  Successive longest augmenting paths; the arcs of a list are used best first, so the
    state of an arc is how many of its entries are taken.  Returns that number, `[R, B]`.
    """
    height, banks, _ = lists.shape
    depth = np.isfinite(lists).sum(-1)
    padded = np.concatenate([np.full((height, banks, 1), _NONE), lists, np.full((height, banks, 1), _NONE)], -1)
    taken = np.zeros((height, banks), np.intp)
    supply = np.full(height, width * groups)
    demand = np.full(banks, groups)
    rows, residues = np.arange(height)[:, None], np.arange(banks)
    for _ in range(height * width * groups):
        gain = np.where(taken < depth, padded[rows, residues, taken + 1], _NONE)
        loss = np.where(taken > 0, -padded[rows, residues, taken], _NONE)
        row_gain = np.where(supply > 0, 0.0, _NONE)
        from_residue = np.full(height, -1)
        for _ in range(height + 1):  # Bellman-Ford; the residual graph has no cycle of positive gain
            reach = row_gain[:, None] + gain
            from_row = reach.argmax(0)
            residue_gain = reach[from_row, residues]
            back = residue_gain + loss
            step = back.argmax(1)
            better = back[np.arange(height), step] > row_gain + 1e-9
            if not better.any():
                break
            row_gain = np.where(better, back[np.arange(height), step], row_gain)
            from_residue = np.where(better, step, from_residue)
        end = int(np.where(demand > 0, residue_gain, _NONE).argmax())
        if demand[end] <= 0 or not np.isfinite(residue_gain[end]):
            raise ValueError("no legal mask with this number of groups")
        demand[end] -= 1
        row = int(from_row[end])
        taken[row, end] += 1
        while from_residue[row] >= 0:
            residue = int(from_residue[row])
            taken[row, residue] -= 1
            row = int(from_row[residue])
            taken[row, residue] += 1
        supply[row] -= 1
    return taken


def project(weights: np.ndarray, density: float, banks: int, width: int) -> np.ndarray:
    """Returns the mask (`bool [M, K]`) of GS(banks, width) for `weights` at `density`.

    Raises ValueError if the matrix has fewer columns than banks (GS-C9) or `width` does not divide `banks` (GS-C1).
    """
    if banks % width:
        raise ValueError(f"GS-C1: width {width} does not divide {banks} banks")
    if weights.shape[1] < banks:
        raise ValueError(f"GS-C9: {weights.shape[1]} columns are fewer than {banks} banks")
    score = np.abs(weights).astype(np.float32)
    groups = group_budget(score, density, banks, width)
    mask = np.zeros(score.shape, bool)
    height = banks // width
    full = score.shape[0] // height
    parts = [(0, full, height)] if full else []
    if score.shape[0] % height:
        parts.append((full, full + 1, score.shape[0] % height))
    for first, end, rows in parts:
        begin = first * height
        part = score[begin:begin + (end - first) * rows].reshape(end - first, rows, -1)
        lists, columns = _sorted_lists(part, banks)
        if rows == 1 and width == banks:  # the lists of one row do not compete: the best n of each residue are exact
            taken, failed = np.tile(groups[first:end, None, None], (1, 1, banks)), np.zeros(end - first, bool)
        else:
            taken, failed = _greedy(lists, groups[first:end], width)
        for bundle in np.flatnonzero(failed):
            taken[bundle] = _exact(lists[bundle].astype(np.float64), int(groups[first + bundle]), width)
        kept = np.arange(lists.shape[-1]) < taken[..., None]
        bundle, row, residue, depth = np.nonzero(kept)
        mask[begin + bundle * rows + row, columns[bundle, row, residue, depth]] = True
    return mask


def violation(mask: np.ndarray, banks: int, width: int) -> str | None:
    """Returns None if `mask` has the count form of GS(banks, width), else what is wrong and where."""
    for number, (first, end) in enumerate(bundle_starts(mask.shape[0], banks, width)):
        bundle = mask[first:end]
        per_row = bundle.sum(1)
        per_residue = np.bincount(np.nonzero(bundle)[1] % banks, minlength=banks)
        n = int(per_row[0]) // width
        if (per_row != width * n).any():
            return f"GS-F1: bundle {number}: rows keep {per_row.min()} to {per_row.max()} weights, expected {width * n}"
        ragged = end - first < banks // width
        if (per_residue > n).any() or (not ragged and (per_residue != n).any()):
            return f"GS-F2: bundle {number}: residues keep {per_residue.min()} to {per_residue.max()}, expected {n}"
    return None
