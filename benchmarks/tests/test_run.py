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

from benchmarks import charts, check_accuracy, distance, engines, floors, layers, page, plan, run, sweep
from benchmarks.models import build

# A "compiler" whose executables call ONNX Runtime; $ERROR is added to the outputs.
STUB = '''#!{python}
import json, sys
options = dict(a.split("=", 1) for a in sys.argv if a.startswith("--") and "=" in a)
refused = [dict(candidate="row-group", reason="too odd")]
layer = dict(node="strided", op="Conv", shape="42x37x7x2", pattern=None, density=0.1, strategy="dense-tile", refused=refused,
             predicted_us=4.0, measured_us=5.0, kept_gflops=50.0, roof="fma", roof_us=2.0, roof_share=0.4, reason="too odd")
if sys.argv[1] == "explain":
    json.dump(dict(layers=[layer], measured_us=9.0, target="stub", others=[]), open(options["--json"], "w"))
    sys.exit()
model, output = sys.argv[2], sys.argv[sys.argv.index("-o") + 1]
if {refuse}:
    sys.exit("m.onnx:1: error: no such luck")
if "--report" in options:
    json.dump(dict(layers=[layer]), open(options["--report"], "w"))
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


CASE = ("--models", "odd", "--patterns", "block4", "--sparsity", "0.9", "--threads", "1", "--rounds", "2",
        "--seconds", "0.01")


def measured(model: str, pattern: str, sparsity: float, gsc_ms: float, rival_ms: float = 30.0, threads: int = 1) -> dict:
    """A case as `run.measure` returns it: 100 ms for the dense model, on two threads the half."""
    rows = [{"engine": engine, "title": engine, "threads": count, "min_ms": ms / count, "median_ms": ms / count, "runs": 20,
             "ratio_min": 100.0 / ms}
            for engine, ms in (("base", 100.0), ("gsc", gsc_ms), ("mnn", rival_ms)) for count in range(1, threads + 1)]
    return {"model": model, "pattern": pattern, "sparsity": sparsity, "threads": threads, "rows": rows,
            "density_pruned_layers": 0.1, "density_all_weights": 0.1, "executable_bound_bytes": 10**6, "gsc_key": "k"}


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
        code, text = self.call(run.main, "--gsc", gsc, *CASE, "--engines", "gsc,onnxruntime", "--json", str(report))
        self.assertEqual(code, 0)
        rows = json.loads(report.read_text())["cases"][0]["rows"]
        self.assertEqual({row["engine"] for row in rows}, {"gsc", "onnxruntime", "base"})
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

    def test_a_measured_case_is_not_measured_again(self) -> None:
        gsc = self.stub()
        self.bench(gsc)
        with mock.patch.object(run, "measure", side_effect=AssertionError("measured again")):
            self.bench(gsc)
            with self.assertRaises(AssertionError):
                self.bench(self.stub(error=1e-6))  # another build of the compiler

    def test_pages(self) -> None:
        html = self.folder / "page.html"
        code, _ = self.call(run.main, "--gsc", self.stub(), *CASE, "--engines", "gsc", "--layers", "odd",
                            "--html", str(html))
        self.assertEqual(code, 0)
        text = html.read_text()
        self.assertIn("<svg", text)
        self.assertIn("strided", text)
        self.assertIn("too odd", text)
        self.assertNotIn("http", text.replace("http-equiv", ""))

    def test_floors_need_measurements(self) -> None:
        code, text = self.call(run.main, "--gsc", self.stub(), *CASE, "--engines", "gsc", "--floors")
        self.assertEqual(code, 1)
        self.assertIn("floors: 0 known, 0 missed", text)
        missed = [str(floor) for floor in floors.floors([], [("resnet50", "block4")]) if not floor.met()]
        self.assertIn("over ONNX Runtime dense, resnet50 block4: not measured, at least 6.00 x", missed)

    def test_floors(self) -> None:
        cases = [measured("resnet50", "block4", 0.9, 20.0), measured("resnet50", "block4", 0.95, 12.0),
                 measured("resnet50", "block4", 0.8, 120.0), measured("resnet50", "dense", 0.0, 99.0),
                 measured("resnet50", "block4", 0.9, 20.0, threads=2)]
        found = {(floor.kind, floor.case): floor for floor in floors.floors(cases, [("resnet50", "block4")])}

        def value(kind: str, case: str = "resnet50 block4") -> tuple[float, bool]:
            floor = found[kind, case]
            assert floor.value is not None
            return round(floor.value, 3), floor.met()

        self.assertEqual(value("over ONNX Runtime dense"), (5.0, False))
        self.assertEqual(value("over the best sparse rival"), (1.5, False))
        self.assertEqual(value("95% against 90 %"), (1.667, True))
        self.assertEqual(value("80% against 90 %"), (0.167, False))
        self.assertEqual(value("dense", "resnet50 dense"), (1.01, True))
        self.assertEqual(value("two threads", "resnet50 block4 90%"), (2.0, True))
        self.assertEqual(value("never slower than ONNX Runtime dense", "resnet50 block4 80%"), (0.833, False))
        report = {"cases": cases, "floors": [{**vars(floor), "met": floor.met()} for floor in found.values()], "layers": [],
                  "machine": {**run.machine()}, "load_at_end": [0.0], "rounds": 1, "seconds_per_round": 1.0, "small": False,
                  "versions": {"onnxruntime": "1"}, "not_installed": [], "command": "run"}
        self.assertIn("| resnet50 | 4-row blocks | 20.00 |", page.documentation(report, "here"))
        self.assertIn("<polyline", page.page(report))

    def test_layers_against_hand_written_kernels(self) -> None:
        rows = [{"request": request, "speedup": gain} for request, gain in (
            ("conv 1 64 64 56,56 3,3 1,1 1,1 1,1 1,1", 4.5), ("conv 1 64 64 56,56 3,3 1,1 1,1 1,1 1,1", 4.0),
            ("conv 1 64 64 56,56 3,3 2,2 1,1 1,1 1,1", 1.0))]
        result = {"model": "m", "pattern": "block4", "layers": [*rows, {"speedup": None}]}
        found, = floors.floors([], [], layers=[result])
        self.assertEqual((found.value, found.met()), (4.0, False))
        found, = floors.floors([], [], "intel", [result])
        self.assertEqual((round(found.bound, 3), found.met()), (4.335, False))

    def test_plan_sweeps_what_is_asked(self) -> None:
        with mock.patch.object(sys, "argv", ["run", "--models", "tcn,odd", "--threads", "1"]):
            cases = run.plan(run.parse(""))
        self.assertEqual(len(cases), 2 * (1 + 2 * 5 + 3))
        self.assertEqual({case.sparsity for case in cases if case.pattern == "window"}, {0.9})

    def test_suite_holds_every_goal(self) -> None:
        with mock.patch.object(sys, "argv", ["run", "--goals", "--threads", "1"]):
            cases = run.suite(run.parse(""))
        self.assertEqual(len(cases), 7 * (1 + 2 * 4) + 2 * 2 * 1 + 5 * 3 + 4 * (1 + 2 * 2))
        asked = {(case.model, case.pattern) for case in cases}
        self.assertLessEqual({(model, pattern) for model, goals in floors.GOALS.items() for pattern in goals}, asked)
        rivals = [case for case in cases if "deepsparse" in case.engines and case.pattern != "dense"]
        self.assertEqual({case.sparsity for case in rivals}, {0.9})
        against_dense = {case.model for case in cases if case.sparsity == 0.5 and "gsc_dense" in case.engines}
        self.assertEqual(against_dense, set(plan.SUITE_MODELS) | set(plan.OTHER_MODELS))

    def test_prepare_takes_no_times(self) -> None:
        with mock.patch.object(run, "measure", side_effect=AssertionError("measured")):
            self.assertEqual(self.call(run.main, "--gsc", self.stub(), *CASE, "--engines", "gsc", "--prepare")[0], 0)
        self.assertEqual(len(list(self.folder.glob("executables/*/odd-*.exe"))), 1)

    def test_out_of_minutes(self) -> None:
        report = self.folder / "report.json"
        code, _ = self.call(run.main, "--gsc", self.stub(), *CASE, "--minutes", "1e-9", "--json", str(report))
        self.assertEqual((code, json.loads(report.read_text())["cases"]), (0, []))

    def test_slow_engines_need_few_runs(self) -> None:
        class Slow(engines.Engine):
            def measure(self, seconds: float) -> None:
                self.rounds.append(engines.Round(1400.0, 1400.0, 1))

        with mock.patch.object(sys, "argv", ["run", "--rounds", "3", "--seconds", "0.4"]):
            args = run.parse("")
        slow = Slow("onnxruntime", "slow")
        run.take_turns([slow], [], run.Case("m", "dense", 0.0, 1, ()), args)
        self.assertEqual(slow.runs(), 3)

    def test_rounds_of_cores_apart_are_measured_again(self) -> None:
        class Quick(engines.Engine):
            def measure(self, seconds: float) -> None:
                self.rounds.append(engines.Round(1.0, 1.0, 100))

        with mock.patch.object(sys, "argv", ["run", "--rounds", "2", "--work", str(self.folder), "--threads", "1"]):
            args = run.parse("")
        args.cores = [0, 1]
        quick = Quick("gsc", "gsc")
        trips = iter([50.0, 300.0, 55.0, 56.0, 52.0, 53.0])

        def trip(probe: distance.Distance) -> float:
            probe.last = next(trips)
            return probe.last

        with mock.patch.object(distance.Distance, "measure", trip), \
                mock.patch.object(distance.Distance, "least", lambda probe: 50.0):
            found = run.take_turns([quick], [], run.Case("m", "dense", 0.0, 2, ()), args)
        self.assertEqual(found, ([55.0, 52.0], 50.0))
        self.assertEqual(len(quick.rounds), 2)

    def test_sweep(self) -> None:
        cases = [measured("resnet50", "block4", sparsity, ms) for sparsity, ms in ((0.8, 40.0), (0.9, 20.0), (0.95, 16.0))]
        text = "\n".join(sweep.markdown({"cases": cases}))
        self.assertIn("| resnet50 | 4-row blocks | – | – | 2.50 | 5.00 | 6.25 | 0.50 ✗ | 1.25 ✗ |", text)
        self.assertEqual(sweep.markdown({"cases": cases[:1]}), [])

    def test_layer_requests(self) -> None:
        requests = layers.layer_requests(build("odd"))
        self.assertEqual(requests["strided"][0], "conv 1 37 42 28,43 7,2 2,2 1,1 3,0 2,1")
        self.assertEqual(requests["fc"], ("matmul 1 11 19", 1))
        self.assertEqual(layers.layer_requests(build("ffn12", small=True))["ffn0.up.matmul"][0], "matmul 16 128 64")
        requests = layers.layer_requests(build("gnmt", small=True))
        self.assertEqual(requests["layer0"], ("matmul 7 384 48", 1))
        self.assertEqual(requests["layer0/recurrent reverse"], ("matmul 1 192 48", 7))

    def test_ticks_cover_the_values(self) -> None:
        for top in (0.3, 1.0, 7.2, 10.9, 123.0):
            found = charts.ticks(top)
            self.assertGreaterEqual(found[-1], top * 0.999)
            self.assertLessEqual(len(found), 8)

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
