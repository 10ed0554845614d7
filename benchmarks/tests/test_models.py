# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Properties of the projections and of the models.  Run: `python -m unittest benchmarks.tests.test_models`."""

from __future__ import annotations

import itertools
import unittest

import numpy as np
import onnx
import onnxruntime

from benchmarks.models import MODELS, PATTERNS, build, gather_scatter, make_inputs
from benchmarks.models.sparsity import block_mask, from_matrix, make_mask, to_matrix, window_mask


class Projection(unittest.TestCase):
    """Masks are legal, on budget, and exact where claimed."""

    def test_gather_scatter_is_legal_and_on_budget(self) -> None:
        rng = np.random.default_rng(0)
        for (rows, columns), density, width in itertools.product(
                [(64, 64), (40, 37), (16, 16), (5, 48), (128, 288)], [0.05, 0.1, 0.4, 0.9], [1, 4, 16]):
            with self.subTest(rows=rows, columns=columns, density=density, width=width):
                weights = rng.standard_normal((rows, columns))
                mask = gather_scatter.project(weights, density, 16, width)
                self.assertIsNone(gather_scatter.violation(mask, 16, width))
                limit = (columns // 16 * 16) / columns
                self.assertLessEqual(abs(mask.sum() - min(density, limit) * mask.size), 16)

    def test_exact_is_never_worse_than_greedy(self) -> None:
        rng = np.random.default_rng(1)
        for _ in range(20):
            score = np.abs(rng.standard_normal((1, 8, 64))).astype(np.float32)
            lists, _ = gather_scatter._sorted_lists(score, 8)
            taken, failed = gather_scatter._greedy(lists, np.array([5]), 1)
            exact = gather_scatter._exact(lists[0].astype(np.float64), 5, 1)
            self.assertTrue((exact.sum(0) == 5).all() and (exact.sum(1) == 5).all())

            def kept(counts: np.ndarray) -> float:
                return float(lists[0][np.arange(lists.shape[-1]) < counts[..., None]].sum())

            if not failed[0]:
                self.assertGreaterEqual(kept(exact), kept(taken[0]) - 1e-4)

    def test_exact_equals_brute_force(self) -> None:
        rng = np.random.default_rng(2)
        score = np.abs(rng.standard_normal((3, 6)))
        lists, columns = gather_scatter._sorted_lists(score[None].astype(np.float32), 3)
        taken = gather_scatter._exact(lists[0].astype(np.float64), 1, 1)
        best = max(sum(score[row, columns_of[row]] for row in range(3))
                   for columns_of in itertools.product(range(6), repeat=3)
                   if len({column % 3 for column in columns_of}) == 3)
        self.assertAlmostEqual(float(lists[0][np.arange(lists.shape[-1]) < taken[..., None]].sum()), best, places=5)
        self.assertEqual(columns.shape, lists.shape)

    def test_blocks_share_columns(self) -> None:
        weights = np.random.default_rng(3).standard_normal((37, 50))
        mask = block_mask(weights, 0.1, 4)
        for first in range(0, 37, 4):
            self.assertTrue((mask[first:first + 4] == mask[first]).all())

    def test_windows_keep_the_same_number(self) -> None:
        weights = np.random.default_rng(5).standard_normal((9, 75))
        for density, kept in ((0.5, 16), (0.2, 6), (0.1, 3), (0.05, 2)):
            mask = window_mask(weights, density)
            self.assertTrue((mask[:, :64].reshape(9, 2, 32).sum(-1) == kept).all())
            self.assertTrue((mask[:, 64:].sum(-1) == min(kept, 11)).all())
            first = np.abs(weights[0, :32])
            self.assertGreaterEqual(first[mask[0, :32]].min(), first[~mask[0, :32]].max())

    def test_unstructured_keeps_the_largest(self) -> None:
        weights = np.random.default_rng(4).standard_normal((10, 20))
        mask = make_mask(weights, "unstructured", 0.25)
        self.assertEqual(mask.sum(), 50)
        self.assertGreaterEqual(np.abs(weights[mask]).min(), np.abs(weights[~mask]).max())

    def test_channel_inner_view(self) -> None:
        weight = np.arange(2 * 3 * 2 * 2).reshape(2, 3, 2, 2)
        matrix = to_matrix(weight)
        self.assertEqual(matrix[1, (1 * 2 + 0) * 3 + 2], weight[1, 2, 1, 0])
        self.assertTrue((from_matrix(matrix, weight.shape) == weight).all())


class Models(unittest.TestCase):
    """Every small model runs, depends on its input and has legal GS weights."""

    def test_small_models(self) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        for name, pattern in itertools.product(MODELS, PATTERNS):
            with self.subTest(model=name, pattern=pattern):
                model = build(name, pattern, 0.9, small=True)
                session = onnxruntime.InferenceSession(model.SerializeToString(), options)
                first = session.run(None, make_inputs(model, 1))[0]
                second = session.run(None, make_inputs(model, 2))[0]
                self.assertTrue(np.isfinite(first).all())
                self.assertTrue(0.05 < first.std() < 20, first.std())
                self.assertGreater(np.abs(first - second).max(), 1e-2 * np.abs(first).max())

    def test_gather_scatter_survives_in_the_file(self) -> None:
        checked = 0
        for tensor in build("resnet18", "gs16_1", 0.9, small=True).graph.initializer:
            weight = onnx.numpy_helper.to_array(tensor)
            if weight.ndim == 4 and weight.shape[1] >= 16:
                self.assertIsNone(gather_scatter.violation(to_matrix(weight) != 0, 16, 1))
                checked += 1
        self.assertGreater(checked, 5)


if __name__ == "__main__":
    unittest.main()
