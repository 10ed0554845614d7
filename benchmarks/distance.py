# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""How far the cores of a run are from each other, which a virtual machine may change at any moment.

A host with several core complexes may run two virtual cores in one of them or in two.  What one core has written then
takes several times as long to the other, and several threads of one program gain nothing (docs/Rationale/Threads.md).
The guest cannot choose, but it can measure: the time of a cache line from one core to another and back.
"""

from __future__ import annotations

import math
import shutil
import subprocess
import time
from pathlib import Path

SOURCE = Path(__file__).with_name("round_trip.c")
NEAR = 2.0  # round trips up to so many times the least one seen count as near


class Distance:
    """Measures the round trip between the first two of `cores`; NaN where it cannot (one core, no C compiler).

    The least one ever seen with `work` is kept there: without it a machine whose cores are apart for the whole run
    would look like one whose cores are near.
    """

    def __init__(self, work: Path, cores: list[int]) -> None:
        self._cores = [str(core) for core in cores[:2]]
        self._file = work / f"round-trip-{'-'.join(self._cores)}"
        self._probe = work / "round_trip"
        self.last = math.nan
        compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
        self._works = len(self._cores) == 2 and compiler is not None
        if self._works and not self._is_built():
            work.mkdir(parents=True, exist_ok=True)
            command = [str(compiler), "-O2", "-o", str(self._probe), str(SOURCE), "-pthread"]
            self._works = subprocess.run(command, capture_output=True, check=False).returncode == 0

    def _is_built(self) -> bool:
        return self._probe.exists() and self._probe.stat().st_mtime >= SOURCE.stat().st_mtime

    def least(self) -> float:
        """The shortest round trip seen so far, ns."""
        return float(self._file.read_text()) if self._file.exists() else math.nan

    def measure(self) -> float:
        """The round trip now, ns."""
        if not self._works:
            return math.nan
        try:
            found = subprocess.run(
                [str(self._probe), *self._cores], capture_output=True, text=True, check=True, timeout=20
            )
        except (OSError, subprocess.SubprocessError):
            return math.nan
        self.last = float(found.stdout)
        if not self.least() <= self.last:
            self._file.write_text(f"{self.last}")
        return self.last

    def near(self, trip: float) -> bool:
        """Whether `trip` is that of near cores, as far as one knows."""
        return not trip > NEAR * self.least()

    def wait(self, seconds: float) -> float:
        """Waits until the cores are near, at most `seconds`; returns the seconds that it took."""
        begin = time.monotonic()
        while not self.near(self.measure()) and time.monotonic() - begin < seconds:
            time.sleep(0.5)
        return time.monotonic() - begin
