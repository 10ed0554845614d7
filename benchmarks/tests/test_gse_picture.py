# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Pictures of runs of the simulated engine."""

from __future__ import annotations

import importlib.util
import json
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from benchmarks import gse_picture

KERNEL = {
    "machine": {"name": "gse-inorder2"},
    "kernel": "fc",
    "cycles": 32.0,
    "breakdown": {"issue": 28.0, "fill": 4.0, "port": 0.0},
    "density": {"nominal": 0.1, "achieved": None},
    "banks": {"total": [4, 4], "window_cycles": 16.0, "windows": [[3, 3], [1, 1]]},
    "occ_hist": {"gather": {"1": 4, "2": 1}},
}


class PictureTest(unittest.TestCase):
    """What is drawn, and what is told where nothing can be."""

    def test_chooses_the_longest_kernel_or_the_named_one(self) -> None:
        short = {**KERNEL, "kernel": "short", "cycles": 1.0}
        statistics = {"schema": "gse-statistics-2", "kernels": [short, KERNEL]}
        self.assertEqual(gse_picture.choose(statistics, ""), (1, KERNEL))
        self.assertEqual(gse_picture.choose(statistics, "short"), (0, short))
        with self.assertRaisesRegex(SystemExit, "no kernel 'other'; there are short, fc"):
            gse_picture.choose(statistics, "other")
        with self.assertRaisesRegex(SystemExit, "schema gse-statistics-2"):
            gse_picture.choose({"schema": "other", "kernels": [KERNEL]}, "")

    def test_files_that_cannot_be_read(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "s.json"
            with self.assertRaisesRegex(SystemExit, "No such file"):
                gse_picture.load(path)
            path.write_text("[1]", encoding="utf-8")
            with self.assertRaisesRegex(SystemExit, "expected a JSON object"):
                gse_picture.load(path)
            path.write_text(json.dumps(KERNEL), encoding="utf-8")
            self.assertEqual(gse_picture.load(path), KERNEL)

    def test_says_what_is_missing_without_matplotlib(self) -> None:
        with mock.patch.dict("sys.modules", {"matplotlib": None}):
            with self.assertRaisesRegex(SystemExit, "pip install matplotlib"):
                gse_picture.draw(KERNEL, [], Path("unused.png"))

    @unittest.skipUnless(importlib.util.find_spec("matplotlib"), "matplotlib is not installed")
    def test_writes_a_png(self) -> None:
        events = [
            {"ph": "M", "pid": 1, "tid": 0, "ts": 0, "name": "thread_name", "args": {"name": "core"}},
            {"ph": "X", "pid": 1, "tid": 0, "ts": 0, "dur": 32, "name": "fc", "args": {}},
        ]
        with tempfile.TemporaryDirectory() as folder:
            for number, some in enumerate(([], events)):
                path = Path(folder) / f"{number}.png"
                gse_picture.draw(KERNEL, some, path)
                self.assertEqual(path.read_bytes()[:8], b"\x89PNG\r\n\x1a\n")


if __name__ == "__main__":
    unittest.main()
