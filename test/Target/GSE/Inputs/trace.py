# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks a trace against the Chrome trace event format, and against the statistics of the same run.

usage: trace.py TRACE.json STATISTICS.json
"""

from __future__ import annotations

import json
import numbers
import sys


def main() -> None:
    """Raises at the first event that a viewer would refuse or draw wrongly."""
    with open(sys.argv[1], encoding="utf-8") as file:
        trace = json.load(file)
    with open(sys.argv[2], encoding="utf-8") as file:
        kernels = json.load(file)["kernels"]
    assert trace["displayTimeUnit"] in ("ms", "ns")
    named: dict[tuple[int, str], set] = {}
    spans: dict[tuple[int, int], list[tuple[float, float]]] = {}
    counters = 0
    for event in trace["traceEvents"]:
        assert event["ph"] in ("M", "X", "C"), event
        assert isinstance(event["pid"], int) and isinstance(event["tid"], int), event
        assert isinstance(event["name"], str) and event["name"] and isinstance(event["args"], dict), event
        assert isinstance(event["ts"], numbers.Real) and event["ts"] >= 0, event
        assert ("dur" in event) == (event["ph"] == "X"), event
        if event["ph"] == "M":
            assert event["name"] in ("process_name", "thread_name"), event
            assert isinstance(event["args"]["name"], str), event
            named.setdefault((event["pid"], event["name"]), set()).add(event["tid"])
        elif event["ph"] == "C":
            counters += 1
            assert event["args"] and all(isinstance(value, numbers.Real) for value in event["args"].values()), event
        else:
            assert isinstance(event["dur"], numbers.Real) and event["dur"] >= 0, event
            spans.setdefault((event["pid"], event["tid"]), []).append((event["ts"], event["ts"] + event["dur"]))
    assert counters and len(kernels) == len({pid for pid, kind in named if kind == "process_name"})
    for (pid, tid), track in spans.items():
        assert tid in named[pid, "thread_name"], (pid, tid)
        track.sort()
        for (_, end), (begin, _) in zip(track, track[1:]):
            assert begin >= end - 1e-3, f"events of one track overlap at {begin}"
        # Nothing happens after the kernel has ended.
        assert track[-1][1] <= kernels[pid - 1]["cycles"] + 1, (track[-1], kernels[pid - 1]["cycles"])


if __name__ == "__main__":
    main()
