# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks JSON that gsc wrote against docs/JSON.md.

usage: json_keys.py explain|measured|report|bench FILE
"""

import json
import sys

LAYER = ["node", "op", "shape", "pattern", "density", "strategy", "predicted_us", "measured_us", "refused"]
LAYER += ["dense_predicted_us", "kept_gflops", "roof_us", "roof", "roof_share", "reason", "tuned", "removed_filters",
          "removed_channels", "row_order", "chain", "in_chain", "pool", "stores_pool"]
REPORT = {"model", "target", "layers", "reading", "threads", "measured_us", "others"}


def number(value: object) -> bool:
    """True for a JSON number that is no boolean."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def check_report(report: dict, measured: bool, extra: set[str]) -> None:
    """The object of `gsc explain --json`."""
    assert set(report) == REPORT | extra, set(report)
    assert report["layers"] and report["reading"].endswith(".")
    for layer in report["layers"]:
        assert sorted(layer) == sorted(LAYER), layer
        assert layer["node"] and layer["op"] and layer["shape"] and layer["pattern"] and layer["strategy"], layer
        assert 0 < layer["density"] <= 1, layer
        assert (layer["predicted_us"] is None) == (layer["strategy"] in ("loops", "folded")), layer
        assert number(layer["measured_us"]) if measured else layer["measured_us"] is None, layer
        assert layer["refused"], layer
        known = layer["roof_us"] is not None
        assert (layer["roof"] in ("fma", "memory")) == known and (layer["roof_share"] is not None) == known, layer
        assert known == (layer["strategy"] not in ("loops", "folded")), layer
        assert not known or (layer["roof_us"] > 0 and layer["kept_gflops"] > 0), layer
        assert layer["reason"] or layer["pattern"] != "dense", layer
        for timing in layer["tuned"]:
            assert sorted(timing) == ["measured_us", "predicted_us", "strategy"], timing
            assert timing["measured_us"] > 0 and timing["predicted_us"] > 0 and timing["strategy"], timing
        for refusal in layer["refused"]:
            assert sorted(refusal) == ["candidate", "reason"] and refusal["candidate"] and refusal["reason"], refusal
    if not measured:
        assert report["threads"] is None and report["measured_us"] is None and report["others"] is None
        return
    assert report["threads"] == 1
    # The parts are those of the whole, as far as medians and a busy machine allow.
    parts = sum(layer["measured_us"] for layer in report["layers"]) + sum(o["measured_us"] for o in report["others"])
    assert 0.3 < parts / report["measured_us"] < 1.7, (parts, report["measured_us"])
    assert all(layer["measured_us"] > 0 for layer in report["layers"] if layer["strategy"] != "folded"), report


def main() -> None:
    """Reads the file, or fails with the assertion that does not hold."""
    kind, path = sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        found = json.load(file)
    if kind == "bench":
        assert sorted(found) == ["model", "results", "target"], found
        for result in found["results"]:
            assert sorted(result) == ["layers", "median_ms", "min_ms", "runs", "threads"], result
            assert 0 < result["min_ms"] <= result["median_ms"] and result["runs"] >= 1
            for layer in result["layers"]:
                waits = layer.pop("waits_us", None)  # of every thread, if there are several
                assert (waits is None) == (result["threads"] == 1), result
                assert waits is None or len(waits) == result["threads"] and min(waits) >= 0, result
                assert sorted(layer) == ["median_us", "min_us", "node"], layer
        print("threads:", [result["threads"] for result in found["results"]])
        return
    check_report(found, kind == "measured", {"seconds"} if kind == "report" else set())
    if kind == "report":
        assert sorted(found["seconds"]) == sorted(["import", "lower", "translate", "optimize", "codegen", "link"])
        assert all(number(value) for value in found["seconds"].values())
    print("layers:", len(found["layers"]), "sparse:", sum(layer["pattern"] != "dense" for layer in found["layers"]))


if __name__ == "__main__":
    main()
