# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The experiment on the engine, without a compiler.  Run: `python -m unittest benchmarks.tests.test_gse`."""

from __future__ import annotations

import contextlib
import io
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import numpy as np
import onnx

from benchmarks import gse_experiment
from benchmarks.gse import analysis, layers, page, plots, reference, table
from benchmarks.gse.evaluate import evaluate
from benchmarks.gse.law import Work, kernel_cycles
from benchmarks.gse.layers import Layer
from benchmarks.gse.machines import COLUMNS, DEFAULT, RECORDS, machine_of, record_of
from benchmarks.gse.masks import Weight, occupancies
from benchmarks.gse.tiles import DoesNotFit, Shape, plan_tiles
from benchmarks.models import gather_scatter

SMALL = Layer("gnmt", "small", Shape(64, 96), 3)
PLANE = Layer("resnet50", "plane", Shape(32, 16, (3, 3), (9, 9)), 2)
FIRST = Layer("resnet50", "first", Shape(32, 3, (3, 3), (9, 9)), 1, dense=True)


class Law(unittest.TestCase):
    def test_closed_forms(self):
        for name, stated, cycles in reference.closed_forms():
            self.assertEqual(stated, cycles, name)

    def test_records(self):
        for name, record in RECORDS.items():
            column, banks = record_of(name)
            there = machine_of(column, banks)
            for field in ("issue_width", "vector_bits", "decoupled", "tcm_bytes", "cached_gather", "fp_pipes"):
                self.assertEqual(getattr(there, field), getattr(record, field), name)
        self.assertEqual(machine_of("ooo3/decoupled", 16).text(), "gse-ooo3{vector_bits=256,decoupled=1}")

    def test_conflicts_cost_when_blocking_only(self):
        groups = np.full(8, 12)
        free = Work("gs", 8, 1, groups)
        conflicts = Work("gs", 8, 1, groups, np.full(96, 3))
        for machine, more in ((DEFAULT, True), (machine_of("inorder2/decoupled", 8), False),
                              (machine_of("inorder1", 8), False)):  # fmt: skip
            cycles = [kernel_cycles(machine, SMALL.shape, work) for work in (free, conflicts)]
            self.assertEqual(cycles[1] > cycles[0], more, machine)

    def test_tiles(self):
        plan = plan_tiles(44_544 + 100, 8, Shape(8, 768, (1, 29), (1, 256), (1, 1), (1, 2)), 768, 0)
        self.assertEqual((plan.phases, plan.out, plan.buffers), ((1, 2), (1, 1), 1))
        with self.assertRaisesRegex(DoesNotFit, "44544 bytes"):
            plan_tiles(44_000, 8, Shape(8, 768, (1, 29), (1, 256), (1, 1), (1, 2)), 768, 0)


class Masks(unittest.TestCase):
    def setUp(self):
        random = np.random.default_rng(3)
        self.weight = Weight(random.standard_normal((64, 96)) * random.lognormal(0, 0.5, (64, 1)))

    def test_occupancy(self):
        columns = np.array([[0, 1, 2, 3], [0, 4, 8, 1], [4, 4, 4, 0], [-1, -1, 5, 9]])
        self.assertEqual(occupancies(columns, 4).tolist(), [1, 3, 2, 2])

    def test_gather_scatter(self):
        for width in (8, 2, 1):
            kept = self.weight.gather_scatter(0.2, 8, width)
            mask = gather_scatter.project(self.weight.score, 0.2, 8, width)
            self.assertEqual(kept.stored, mask.sum())
            self.assertAlmostEqual(kept.energy, self.weight.square[mask].sum() / self.weight.total, 5)

    def test_sample_of_columns(self):
        wide = Weight(np.random.default_rng(4).standard_normal((32, 4096)))
        mask = gather_scatter.project(wide.score, 0.1, 8, 1)
        with mock.patch("benchmarks.gse.masks.SAMPLE", 16384):
            sampled = wide.gather_scatter(0.1, 8, 1).energy
        self.assertAlmostEqual(sampled, wide.square[mask].sum() / wide.total, 2)

    def test_pruned_weights(self):
        matrix = np.where(self.weight.score > 2, self.weight.score, 0)
        kept = Weight(matrix).gather_scatter(0.2, 8, 1)
        self.assertEqual(kept.stored, round(0.2 * matrix.size / 8) * 8)
        self.assertGreater(kept.energy, 0.5)

    def test_blocks(self):
        for vertical in (False, True):
            stored = self.weight.block(8, vertical, stored=1024)
            again = self.weight.block(8, vertical, energy=stored.energy)
            self.assertEqual((stored.stored, again.stored), (1024, 1024))
            mask = self.weight.block_mask(8, vertical, 1024)
            self.assertAlmostEqual(self.weight.square[mask].sum() / self.weight.total, stored.energy, 5)

    def test_rows_without_a_pattern(self):
        mask = self.weight.largest(1000)
        gathers = self.weight.csr(mask, 8, "csr-gather")
        self.assertEqual(gathers.work.groups.tolist(), (-(-mask.sum(1) // 8)).tolist())
        sell = self.weight.csr(mask, 8, "sell")
        self.assertEqual(sell.work.groups.tolist(), mask.sum(1).reshape(-1, 8).max(1).tolist())
        count = self.weight.count_for_energy(gathers.energy)
        self.assertEqual(count, 1000)
        groups = np.arange(8)
        kept, mask = self.weight.no_rule(groups, 8)
        self.assertEqual(mask.sum(1).tolist(), np.repeat(groups, 8).tolist())
        self.assertEqual(kept.work.groups.tolist(), groups.tolist())


class Networks(unittest.TestCase):
    def test_sizes(self):
        size = {name: 0 for name in analysis.NETWORKS}
        for layer in layers.networks():
            size[layer.network] += layer.count * layer.shape.rows * layer.shape.cols
        self.assertEqual(size, {"gnmt": 182_452_224, "resnet50": 25_502_912, "jasper": 332_510_208})

    def test_model(self):
        values = np.random.default_rng(5).standard_normal((16, 24)).astype(np.float32)
        kernel = np.ones((16, 8, 3, 3), np.float32)
        helper = onnx.helper
        graph = helper.make_graph(
            [helper.make_node("MatMul", ["x", "w"], ["y"]), helper.make_node("Conv", ["i", "k"], ["o"], pads=[1] * 4)],
            "g",
            [helper.make_tensor_value_info("x", 1, [1, 16]), helper.make_tensor_value_info("i", 1, [1, 8, 6, 5])],
            [helper.make_tensor_value_info("y", 1, [1, 24]), helper.make_tensor_value_info("o", 1, [1, 16, 6, 5])],
            [onnx.numpy_helper.from_array(values, "w"), onnx.numpy_helper.from_array(kernel, "k")],
        )
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "m.onnx"
            onnx.save(helper.make_model(graph), path)
            product, conv = layers.of_model(path)
            np.testing.assert_array_equal(product.weight("model"), values.T)
        self.assertEqual(product.shape, Shape(24, 16))
        self.assertEqual(conv.shape, Shape(16, 8, (3, 3), (8, 7)))
        self.assertEqual(conv.shape.out, (6, 5))


class Experiment(unittest.TestCase):
    def run_small(self, folder: Path) -> Path:
        path = folder / "small.csv"
        with contextlib.redirect_stderr(io.StringIO()):
            gse_experiment.measure(path, [SMALL, PLANE, FIRST], layers.WEIGHTS, True, 1)
        return path

    def test_resumes(self):
        with tempfile.TemporaryDirectory() as name:
            path = self.run_small(Path(name))
            whole = path.read_text()
            path.write_text(whole[: int(len(whole) * 0.7)])  # in the middle of a line
            self.assertLess(len(table.read(path)), len(whole.splitlines()) - 1)
            self.run_small(Path(name))
            self.assertEqual(sorted(path.read_text().splitlines()), sorted(whole.splitlines()))
            path.write_text("a,b\n1,2\n")
            with self.assertRaisesRegex(ValueError, "no table"):
                table.start(path)

    def test_ratios_and_pictures(self):
        with tempfile.TemporaryDirectory() as name:
            lines = table.read(self.run_small(Path(name)))
            results = analysis.Results(lines)
            dense = results.line("resnet50", "plane", "equal", "0.9", 8, analysis.DENSE)
            self.assertEqual(dense["pattern"], "dense fair")
            first = results.line("resnet50", "first", "equal", "0.9", 8, analysis.Point("GS(8,1)"))
            self.assertEqual(first["pattern"], "dense fair")
            ratio = results.ratio("gnmt", "equal", "0.9", 8, "inorder2", analysis.DENSE, analysis.Point("GS(8,1)"))
            self.assertGreater(ratio.value, 1)
            missing = results.ratio("resnet50", "equal", "0.9", 8, "inorder2", analysis.DENSE, analysis.Point("sell"))
            self.assertEqual((missing.value, missing.missing), (None, 2))
            self.assertTrue(any("equal energy" in line for line in page.summary(lines)))
            said: list[str] = []
            with mock.patch.dict("sys.modules", {"matplotlib": None}):
                self.assertEqual(plots.draw(lines, [], Path(name), said.append), [])
            self.assertIn("matplotlib is not installed", said[0])

    def test_densities_are_stored(self):
        weight = Weight(SMALL.weight("equal"))
        rows = list(evaluate(SMALL, "equal", weight, 0.9, 8))
        self.assertEqual({row.reading for row in rows}, {"sparsity", "quality"})
        for row in rows:
            self.assertEqual(set(row.cycles), set(COLUMNS))
            if row.pattern == "GS(8,1)":
                self.assertAlmostEqual(row.density, 0.1, 2)
        worth = {row.pattern: row.energy for row in rows if row.reading == "sparsity"}
        self.assertGreater(worth["GS(8,8)"], worth["block 1x8"])


if __name__ == "__main__":
    unittest.main()
