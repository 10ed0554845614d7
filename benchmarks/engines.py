# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The engines that `run.py` compares: each one process (or one executable), pinned to the same cores."""

from __future__ import annotations

import hashlib
import json
import os
import select
import shutil
import signal
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from .common import Compiled, GscError, code_bytes, compile_model, high_water, run_executable

PEERS = ("deepsparse", "mnn", "openvino")
PACKAGES = {"deepsparse": "deepsparse", "mnn": "MNN", "openvino": "openvino", "onnxruntime": "onnxruntime"}
LOAD_SECONDS = 1200  # an engine that needs longer for a model has failed


class EngineError(Exception):
    """An engine could not do what was asked; the text says why."""


@dataclass
class Round:
    """What one engine took in one round, in milliseconds."""

    least: float
    median: float
    runs: int


@dataclass
class Engine:
    """One engine with one model file.

    name: what it is asked for by (`gsc`, `mnn`, ...).  title: name in the tables.  threads: that it runs on.
    rounds: filled by `measure`.  facts: what else the report should hold.
    """

    name: str
    title: str
    threads: int = 1
    rounds: list[Round] = field(default_factory=list)
    facts: dict[str, object] = field(default_factory=dict)

    def outputs(self, names: list[str]) -> list[np.ndarray]:
        """Runs once."""
        raise NotImplementedError

    def measure(self, seconds: float) -> None:
        """Runs for about `seconds` and adds a round."""
        raise NotImplementedError

    def close(self) -> None:
        """Frees what the engine holds."""

    def runs(self) -> int:
        """Number of timed runs in all rounds."""
        return sum(entry.runs for entry in self.rounds)

    def spent(self) -> float:
        """Seconds of timed runs in all rounds."""
        return sum(entry.runs * entry.median for entry in self.rounds) / 1e3

    def least(self) -> float:
        """Fastest run of all rounds, ms."""
        return min(entry.least for entry in self.rounds)

    def median(self) -> float:
        """Median over the rounds of the median of a round, ms."""
        return statistics.median(entry.median for entry in self.rounds)


def pin(cores: list[int]) -> list[str]:
    """Command prefix that keeps a process on `cores`."""
    return ["taskset", "-c", ",".join(map(str, cores))] if shutil.which("taskset") else []


def ending(code: int) -> str:
    """How a process ended, in words."""
    if code >= 0:
        return f"ended with {code}"
    try:
        return f"crashed ({signal.Signals(-code).name})"
    except ValueError:
        return f"was ended by signal {-code}"


def gsc_key(gsc: Path) -> str:
    """Identifies a build of the compiler: the program and the runtime libraries that it links."""
    digest = hashlib.sha1()
    folder = Path(os.environ.get("GSC_RUNTIME_DIR", gsc.resolve().parent.parent / "lib"))
    for path in [gsc, *sorted(folder.glob("libGSRuntime*.a"))]:
        digest.update(path.read_bytes() if path.exists() else b"")
    return digest.hexdigest()[:10]


def layer_facts(report: Path) -> list[dict] | None:
    """What the report of `gsc compile` says of each layer, None if there is none."""
    if not report.exists():
        return None
    layers = json.loads(report.read_text()).get("layers", [])
    return [{key: layer.get(key) for key in ("node", "op", "pattern", "density", "strategy", "predicted_us", "refused")}
            for layer in layers]


class Gsc(Engine):
    """A network compiled by gsc, run as a user runs it: its own executable with --benchmark.

    The executable of one build of gsc is kept in `work` until `close`, or for ever with `keep`.
    """

    def __init__(self, gsc: Path, model: Path, inputs: dict[str, np.ndarray], cores: list[int], work: Path,
                 arguments: list[str], name: str = "gsc", title: str = "gsc", keep: bool = False) -> None:
        super().__init__(name, title, len(cores))
        self._cores, self._inputs, self._work, self._keep = cores, inputs, work, keep
        executable, facts = work / f"{model.stem}.exe", work / f"{model.stem}.facts.json"
        report = work / f"{model.stem}.report.json"
        if executable.exists() and facts.exists():
            self.facts = json.loads(facts.read_text())
            self._compiled = Compiled(executable, 0, 0, executable.stat().st_size)
            return
        report.unlink(missing_ok=True)
        try:
            self._compiled = compile_model(gsc, model, executable, [f"--report={report}", *arguments])
        except GscError as error:
            raise EngineError(str(error)) from error
        self.facts = {"compile_seconds": round(self._compiled.seconds, 2), "compile_peak_mib":
                      round(self._compiled.peak_bytes / 2**20), "executable_bytes": self._compiled.size,
                      "code_bytes": code_bytes(executable), "layers": layer_facts(report)}
        facts.write_text(json.dumps(self.facts))

    def outputs(self, names: list[str]) -> list[np.ndarray]:
        try:
            return run_executable(self._compiled.path, self._inputs, self._work / "outputs", self.threads, names)
        except GscError as error:
            raise EngineError(str(error)) from error

    def measure(self, seconds: float) -> None:
        command = [*pin(self._cores), str(self._compiled.path), "--benchmark", "--seconds", str(seconds), "--threads",
                   str(self.threads), "--json"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            resident = 0
            while process.poll() is None:  # a look every 50 ms costs the measured core nothing that shows
                resident = max(resident, high_water(process.pid))
                time.sleep(0.05)
            assert process.stdout and process.stderr
            answer, errors = process.stdout.read(), process.stderr.read()
        if process.returncode:
            raise EngineError(f"executable {ending(process.returncode)}: {errors.strip()[:300]}")
        found = json.loads(answer)
        self.facts["resident_mib"] = round(max(resident / 2**20, float(self.facts.get("resident_mib", 0))), 1)
        self.rounds.append(Round(found["min_ms"], found["median_ms"], found["runs"]))

    def close(self) -> None:
        if not self._keep:
            for path in self._work.glob(f"{self._compiled.path.stem}.*"):
                path.unlink()
        shutil.rmtree(self._work / "outputs", ignore_errors=True)


def convert_mnn(model: Path, work: Path, peers: Path) -> Path:
    """Converts a model for MNN, with sparse detection and without weight quantisation, or finds it converted.

    The converter runs in a virtual environment of its own (`mnn-converter`), else in that of MNN.
    """
    converted = work / f"{model.parent.name}-{model.stem}.mnn"
    if converted.exists():
        return converted
    work.mkdir(parents=True, exist_ok=True)
    python = peer_python("mnn-converter", peers) or peer_python("mnn", peers)
    partial = converted.with_suffix(".partial.mnn")
    # The converter itself; the mnnconvert script around it would install and call a usage logger.
    arguments = ["mnnconvert", "-f", "ONNX", "--modelFile", str(model), "--MNNModel", str(partial), "--bizCode", "gsc",
                 "--detectSparseSpeedUp"]
    failures = []
    for further in ([], ["--useOriginRNNImpl"]):  # by default it crashes on some recurrent networks
        try:
            result = subprocess.run(
                [str(python), "-c", "import sys, _tools; _tools.mnnconvert(sys.argv[1:])", *arguments, *further],
                capture_output=True, text=True, check=False, timeout=LOAD_SECONDS, cwd=work,
                env={**os.environ, "HOME": str(work)})
        except subprocess.TimeoutExpired as error:
            raise EngineError(f"converter needs more than {LOAD_SECONDS} s") from error
        if not result.returncode and partial.exists():
            partial.rename(converted)
            return converted
        said = (result.stdout + result.stderr).strip().splitlines()
        partial.unlink(missing_ok=True)
        failures.append(f"converter {ending(result.returncode)}" + (f": {said[-1][:200]}" if said else ""))
    raise EngineError(failures[0])


class Worker(Engine):
    """An engine with a Python interface, in a process of its own (`worker.py`) and its own virtual environment."""

    def __init__(self, engine: str, python: Path, model: Path, inputs: dict[str, np.ndarray], cores: list[int],
                 work: Path, title: str | None = None) -> None:
        super().__init__(engine, title or engine, len(cores))
        self._work = work
        work.mkdir(parents=True, exist_ok=True)
        np.savez(work / "inputs.npz", **inputs)
        environment = {**os.environ, "OMP_NUM_THREADS": str(len(cores)), "NM_DISABLE_ANALYTICS": "true",
                       "HOME": str(work)}  # what engines keep in the home folder stays out of it
        self._log = (work / f"{engine}.log").open("w")
        self._process = subprocess.Popen(
            [*pin(cores), str(python), str(Path(__file__).with_name("worker.py"))], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=self._log, text=True, env=environment)
        try:
            answer = self._ask(LOAD_SECONDS, command="load", engine=engine, model=str(model),
                               inputs=str(work / "inputs.npz"), threads=len(cores))
        except EngineError:
            self.close()
            raise
        self.facts = {"version": answer["version"]}

    def _ask(self, limit: float, **request: object) -> dict[str, object]:
        """Sends a command and waits at most `limit` seconds for the answer, one line."""
        assert self._process.stdin and self._process.stdout
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
            if not select.select([self._process.stdout], [], [], limit)[0]:
                self._process.kill()
                self._process.wait()
                raise EngineError(f"no answer to '{request['command']}' for {limit:.0f} s")
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise EngineError(f"process {ending(self._process.wait())}, see {self._log.name}")
        answer = json.loads(line)
        if "error" in answer:
            raise EngineError(answer["error"])
        return answer

    def outputs(self, names: list[str]) -> list[np.ndarray]:
        file = self._work / "outputs.npz"
        self._ask(300, command="output", file=str(file))
        with np.load(file) as arrays:
            return [arrays[key] for key in arrays.files]

    def measure(self, seconds: float) -> None:
        answer = self._ask(300 + 2 * seconds, command="time", seconds=seconds)
        times = answer["times"]
        assert isinstance(times, list)
        self.facts["resident_mib"] = answer["resident_mib"]
        self.rounds.append(Round(min(times), statistics.median(times), len(times)))

    def close(self) -> None:
        if self._process.stdin and self._process.poll() is None:
            self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()
        self._log.close()


def peer_python(engine: str, peers: Path) -> Path | None:
    """The interpreter of the virtual environment that `setup_peers` made for `engine`, if there is one."""
    if engine == "onnxruntime":
        return Path(sys.executable)
    python = peers / engine / "bin" / "python"
    return python if python.exists() else None


def peer_version(engine: str, peers: Path) -> str:
    """The version of the engine's package, as its virtual environment has it."""
    python = peer_python(engine, peers)
    question = f"import importlib.metadata as m; print(m.version('{PACKAGES[engine]}'))"
    result = subprocess.run([str(python), "-c", question], capture_output=True, text=True, check=False)
    return result.stdout.strip() or "unknown"
