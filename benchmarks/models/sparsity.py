# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Masks for weights: which pattern, at which sparsity, on which matrix.

A `Sparsifier` takes a weight in the layout of its ONNX operator, looks at it as the weight matrix `[M, K]` in the
channel-inner view, projects it onto the pattern and returns the weight with the other entries set to zero.  The rest
is rescaled to the energy it had before, so that a pruned network keeps the activation scale of the dense one, and no
kept weight is zero: the mask of an ordinary ONNX file is its set of non-zeros.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from . import gather_scatter

PATTERNS = ("dense", "unstructured", "block4", "block8", "block16", "gs16_1", "gs16_16", "window")
WINDOW = 32  # columns of a window of the pattern `window`


def unstructured_mask(matrix: np.ndarray, density: float) -> np.ndarray:
    """Keeps the `density` share of the entries of `matrix` with the largest magnitude."""
    kept = int(round(density * matrix.size))
    if kept == 0:
        return np.zeros(matrix.shape, bool)
    score = np.abs(matrix).ravel()
    threshold = np.partition(score, score.size - kept)[score.size - kept]
    mask = score > threshold
    ties = np.flatnonzero(score == threshold)  # the lower position wins
    mask[ties[:kept - np.count_nonzero(mask)]] = True
    return mask.reshape(matrix.shape)


def block_mask(matrix: np.ndarray, density: float, rows: int) -> np.ndarray:
    """Keeps the `rows x 1` tiles with the largest energy; a last tile may have fewer rows (BK-C1)."""
    height, columns = matrix.shape
    tiles = -(-height // rows)
    padded = np.zeros((tiles * rows, columns), np.float32)
    padded[:height] = matrix
    score = np.square(padded).reshape(tiles, rows, columns).sum(1)
    kept = unstructured_mask(score, density)
    return np.repeat(kept, rows, axis=0)[:height]


def window_mask(matrix: np.ndarray, density: float, width: int = WINDOW) -> np.ndarray:
    """Keeps the same number q of largest magnitudes in each aligned window of `width` columns of each row (WN-C3).

    q is `density * width`, rounded and at least 1; a last window that sticks out keeps q, or all that it has.
    """
    height, columns = matrix.shape
    kept = max(1, int(round(density * width)))
    windows = -(-columns // width)
    score = np.full((height, windows * width), -1.0, np.float32)
    score[:, :columns] = np.abs(matrix)
    order = np.argsort(-score.reshape(height, windows, width), axis=-1, kind="stable")[..., :kept]
    mask = np.zeros((height, windows, width), bool)
    np.put_along_axis(mask, order, True, axis=-1)
    return mask.reshape(height, -1)[:, :columns]


def make_mask(matrix: np.ndarray, pattern: str, density: float) -> np.ndarray:
    """Returns the mask (`bool [M, K]`) of `pattern` for `matrix`; ValueError if the matrix does not admit it."""
    if pattern == "dense":
        return np.ones(matrix.shape, bool)
    if pattern == "unstructured":
        return unstructured_mask(matrix, density)
    if pattern.startswith("block"):
        return block_mask(matrix, density, int(pattern[len("block"):]))
    if pattern == "window":
        return window_mask(matrix, density)
    if pattern.startswith("gs"):
        banks, width = map(int, pattern[len("gs"):].split("_"))
        return gather_scatter.project(matrix, density, banks, width)
    raise ValueError(f"unknown pattern '{pattern}', expected one of {', '.join(PATTERNS)}")


def to_matrix(weight: np.ndarray) -> np.ndarray:
    """Views a convolution weight `[O, I, k...]` as the matrix `[O, L*I]`, input channel fastest."""
    return np.moveaxis(weight, 1, -1).reshape(weight.shape[0], -1)


def from_matrix(matrix: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Inverse of `to_matrix` for a weight of `shape`."""
    inner = matrix.reshape(shape[0], *shape[2:], shape[1])
    return np.ascontiguousarray(np.moveaxis(inner, -1, 1))


@dataclass
class Sparsifier:
    """Prunes the weights of one model.

    pattern, sparsity: what is asked for; `dense` ignores the sparsity.
    layers: per pruned or visited weight its name and the achieved density, in order.
    """

    pattern: str = "dense"
    sparsity: float = 0.9
    layers: list[tuple[str, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.pattern not in PATTERNS:
            raise ValueError(f"unknown pattern '{self.pattern}', expected one of {', '.join(PATTERNS)}")
        if not 0 <= self.sparsity < 1:
            raise ValueError(f"sparsity {self.sparsity} is not in [0, 1)")

    def _matrix(self, matrix: np.ndarray) -> np.ndarray:
        """Prunes `[M, K]`; a matrix that is too narrow for the pattern stays dense."""
        banks = int(self.pattern[2:].split("_")[0]) if self.pattern.startswith("gs") else 1
        if self.pattern == "dense" or matrix.shape[1] < max(banks, 2):
            return matrix
        mask = make_mask(matrix, self.pattern, 1 - self.sparsity)
        kept = np.where(mask, matrix, 0)
        energy = float(np.square(kept, dtype=np.float64).sum())
        if energy > 0:
            kept = kept * np.sqrt(float(np.square(matrix, dtype=np.float64).sum()) / energy)
        smallest = 1e-3 * float(np.sqrt(np.mean(np.square(matrix))))
        tiny = mask & (np.abs(kept) < smallest)
        return np.where(tiny, np.copysign(smallest, kept), kept).astype(np.float32)

    def conv(self, name: str, weight: np.ndarray, groups: int = 1) -> np.ndarray:
        """Prunes a convolution weight `[O, I/groups, k...]`; every group is a weight matrix of its own."""
        parts = [from_matrix(self._matrix(to_matrix(part)), part.shape) for part in np.split(weight, groups)]
        result = np.concatenate(parts).astype(np.float32)
        self.layers.append((name, np.count_nonzero(result) / result.size))
        return result

    def linear(self, name: str, weight: np.ndarray, transposed: bool = False) -> np.ndarray:
        """Prunes a fully connected weight `[M, K]`, or `[K, M]` (MatMul) if `transposed`."""
        result = self._matrix(weight.T if transposed else weight)
        self.layers.append((name, np.count_nonzero(result) / result.size))
        return np.ascontiguousarray(result.T if transposed else result, dtype=np.float32)
