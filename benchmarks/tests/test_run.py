# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The benchmark scripts with a stub in place of the compiler.  Run: `python -m unittest benchmarks.tests.test_run`."""

from __future__ import annotations

import contextlib
import io
import json
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from benchmarks import check_accuracy, run

# A "compiler" whose executables call ONNX Runtime; $ERROR is added to the outputs.
STUB = '''#!{python}
import json, sys
if sys.argv[1] == "explain":
    refused = [dict(candidate="row-group", reason="too odd")]
    layer = dict(node="strided", op="Conv", pattern=None, density=0.1, strategy="dense-tile", refused=refused)
    json.dump(dict(layers=[layer]), open(sys.argv[sys.argv.index("--json") + 1], "w"))
    sys.exit()
model, output = sys.argv[2], sys.argv[sys.argv.index("-o") + 1]
if {refuse}:
    sys.exit("m.onnx:1: error: no such luck")
open(output, "w").write("""#!{python}
import argparse, json, numpy, onnxruntime
p = argparse.ArgumentParser()
for name in ("--output-dir", "--seconds", "--threads"): p.add_argument(name)
p.add_argument("--input", action="append", default=[])
for name in ("--benchmark", "--json"): p.add_argument(name, action="store_true")
a = p.parse_args()
if a.benchmark:
    print(json.dumps(dict(min_ms=0.5, median_ms=1.0, runs=25, threads=1)))
else:
    s = onnxruntime.InferenceSession('%s')
    feeds = dict((i.split("=")[0], numpy.load(i.split("=")[1])) for i in a.input)
    for o, v in zip(s.get_outputs(), s.run(None, feeds)):
        numpy.save(a.output_dir + "/" + o.name, v + {error})
""" % model)
import os
os.chmod(output, 0o755)
'''


class Scripts(unittest.TestCase):
    """Right results are timed, wrong ones are not, failures are counted."""

    def setUp(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self.addCleanup(self._folder.cleanup)
        self.folder = Path(self._folder.name)

    def stub(self, error: float = 0.0, refuse: bool = False) -> str:
        """Writes a stub compiler and returns its path."""
        path = self.folder / "gsc"
        path.write_text(STUB.format(python=sys.executable, error=error, refuse=refuse))
        path.chmod(0o755)
        return str(path)

    def call(self, main: object, *arguments: str) -> tuple[int, str]:
        """Runs the main function of a script; returns its exit code and what it printed."""
        out = io.StringIO()
        with mock.patch.object(sys, "argv", ["script", "--work", str(self.folder), "--small", *arguments]), \
                contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
            code = main()  # type: ignore[operator]
        return code, out.getvalue()

    def bench(self, gsc: str) -> tuple[dict, str]:
        """Runs one case and returns the row of gsc and the tables."""
        report = self.folder / "report.json"
        code, text = self.call(run.main, "--gsc", gsc, "--models", "odd", "--patterns", "block4", "--engines",
                               "gsc,onnxruntime", "--rounds", "2", "--seconds", "0.01", "--json", str(report))
        self.assertEqual(code, 0)
        rows = json.loads(report.read_text())["cases"][0]["rows"]
        self.assertEqual({row["engine"] for row in rows}, {"gsc", "onnxruntime", run.BASE})
        return next(row for row in rows if row["engine"] == "gsc"), text

    def test_right_result_is_timed(self) -> None:
        row, text = self.bench(self.stub())
        self.assertEqual((row["min_ms"], row["median_ms"]), (0.5, 1.0))
        self.assertGreaterEqual(row["runs"], 50)
        self.assertIn("| gsc | 0.500 | 1.000 |", text)
        self.assertIn("- strided (10.0% non-zero) runs dense: row-group: too odd", text)

    def test_wrong_result_gets_no_time(self) -> None:
        row, text = self.bench(self.stub(error=0.1))
        self.assertNotIn("min_ms", row)
        self.assertIn("wrong result", row["failure"])
        self.assertNotIn("0.500", text)

    def test_refusal_is_reported(self) -> None:
        self.assertIn("no such luck", self.bench(self.stub(refuse=True))[0]["failure"])

    def test_floors_need_measurements(self) -> None:
        code, text = self.call(run.main, "--gsc", self.stub(), "--models", "odd", "--patterns", "block4", "--engines", "gsc",
                               "--rounds", "1", "--seconds", "0.01", "--floors")
        self.assertEqual(code, 1)
        self.assertIn("resnet50 block4: not measured", text)

    def test_accuracy_counts(self) -> None:
        cases = ("--models", "odd", "--patterns", "dense,gs16_1", "--seeds", "1")
        code, text = self.call(check_accuracy.main, "--gsc", self.stub(), *cases)
        self.assertEqual((code, text.splitlines()[-1]), (0, "2 passed, 0 failed"))
        code, text = self.call(check_accuracy.main, "--gsc", self.stub(error=0.1), *cases)
        self.assertEqual((code, text.splitlines()[-1]), (1, "0 passed, 2 failed"))
        code, text = self.call(check_accuracy.main, "--gsc", str(self.folder / "absent"), *cases)
        self.assertEqual(code, 1)
        self.assertIn("build it, or give --gsc", text)


if __name__ == "__main__":
    unittest.main()
