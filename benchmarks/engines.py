# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The engines that `run.py` compares: each one process (or one executable), pinned to the same cores."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from .common import Compiled, GscError, compile_model, run_executable

PEERS = ("deepsparse", "mnn", "openvino")


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

    title: name in the tables.  rounds: filled by `measure`.  facts: what else the report should hold.
    """

    title: str
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

    def least(self) -> float:
        """Fastest run of all rounds, ms."""
        return min(entry.least for entry in self.rounds)

    def median(self) -> float:
        """Median over the rounds of the median of a round, ms."""
        return statistics.median(entry.median for entry in self.rounds)


def pin(cores: list[int]) -> list[str]:
    """Command prefix that keeps a process on `cores`."""
    return ["taskset", "-c", ",".join(map(str, cores))] if shutil.which("taskset") else []


def explain(gsc: Path, model: Path, file: Path, arguments: list[str]) -> list[dict] | None:
    """What `gsc explain` says of each layer, None if it says nothing."""
    file.unlink(missing_ok=True)
    command = [str(gsc), "explain", str(model), "--json", str(file), *arguments]
    if subprocess.run(command, capture_output=True, check=False).returncode or not file.exists():
        return None
    layers = json.loads(file.read_text()).get("layers", [])
    return [{key: layer.get(key) for key in ("node", "op", "pattern", "density", "strategy", "refused")} for layer in layers]


class Gsc(Engine):
    """A network compiled by gsc, run as a user runs it: its own executable with --benchmark."""

    def __init__(self, gsc: Path, model: Path, inputs: dict[str, np.ndarray], cores: list[int], work: Path,
                 arguments: list[str]) -> None:
        super().__init__("gsc")
        self._cores, self._inputs, self._work = cores, inputs, work
        try:
            self._compiled: Compiled = compile_model(gsc, model, work / f"{model.stem}.exe", arguments)
        except GscError as error:
            raise EngineError(str(error)) from error
        self.facts = {"compile_seconds": round(self._compiled.seconds, 2), "compile_peak_mib":
                      round(self._compiled.peak_bytes / 2**20), "executable_bytes": self._compiled.size,
                      "layers": explain(gsc, model, work / "explain.json", arguments)}

    def outputs(self, names: list[str]) -> list[np.ndarray]:
        try:
            return run_executable(self._compiled.path, self._inputs, self._work / "outputs", len(self._cores), names)
        except GscError as error:
            raise EngineError(str(error)) from error

    def measure(self, seconds: float) -> None:
        command = [*pin(self._cores), str(self._compiled.path), "--benchmark", "--seconds", str(seconds), "--threads",
                   str(len(self._cores)), "--json"]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if result.returncode:
            raise EngineError(f"executable ended with {result.returncode}: {result.stderr.strip()[:300]}")
        found = json.loads(result.stdout)
        self.rounds.append(Round(found["min_ms"], found["median_ms"], found["runs"]))

    def close(self) -> None:
        self._compiled.path.unlink(missing_ok=True)
        shutil.rmtree(self._work / "outputs", ignore_errors=True)


class Worker(Engine):
    """An engine with a Python interface, in a process of its own (`worker.py`) and its own virtual environment."""

    def __init__(self, engine: str, python: Path, model: Path, inputs: dict[str, np.ndarray], cores: list[int],
                 work: Path, title: str | None = None) -> None:
        super().__init__(title or engine)
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
            answer = self._ask(command="load", engine=engine, model=str(model), inputs=str(work / "inputs.npz"),
                               threads=len(cores), work=str(work))
        except EngineError:
            self.close()
            raise
        self.facts = {"version": answer["version"]}

    def _ask(self, **request: object) -> dict[str, object]:
        assert self._process.stdin and self._process.stdout
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise EngineError(f"process ended with {self._process.wait()}, see {self._log.name}")
        answer = json.loads(line)
        if "error" in answer:
            raise EngineError(answer["error"])
        return answer

    def outputs(self, names: list[str]) -> list[np.ndarray]:
        file = self._work / f"{self.title.replace(' ', '-')}.npz"
        self._ask(command="output", file=str(file))
        with np.load(file) as arrays:
            return [arrays[key] for key in arrays.files]

    def measure(self, seconds: float) -> None:
        times = self._ask(command="time", seconds=seconds)["times"]
        assert isinstance(times, list)
        self.rounds.append(Round(min(times), statistics.median(times), len(times)))

    def close(self) -> None:
        if self._process.stdin:
            self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()


def peer_python(engine: str, peers: Path) -> Path | None:
    """The interpreter of the virtual environment that `setup_peers` made for `engine`, if there is one."""
    if engine == "onnxruntime":
        return Path(sys.executable)
    python = peers / engine / "bin" / "python"
    return python if python.exists() else None
