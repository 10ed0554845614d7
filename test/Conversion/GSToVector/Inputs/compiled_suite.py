# ===----------------------------------------------------------------------===#
#
# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""ONNX operators through `gsc compile`, for both vector widths and several threads, against ONNX Runtime.

As `onnx_execute.Suite` of the ONNX conversion, but what is compiled is what a user gets, kernels included.
"""
import os
import sys
import tempfile

import numpy as np
import onnx

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../ONNXToLinalg"))
import onnx_execute
from onnx_execute import rand, special  # noqa: F401, for the tests


def targets():
    """The instruction sets of this host that programs can be compiled for."""
    with open("/proc/cpuinfo") as file:
        flags = set(next((line for line in file if line.startswith("flags")), "").split())
    return [t for t, flag in (("x86-64-v3", "avx2"), ("x86-64-v4", "avx512bw")) if flag in flags]


class CompiledSuite(onnx_execute.Suite):
    """Cases of one opset. `threads` of the compiled program; `options` of gsc."""

    def __init__(self, opset=17, tolerance=1e-5, threads=(1, 3), options=()):
        super().__init__(opset, tolerance)
        self.threads, self.options = threads, options

    def run(self):
        for target in targets():
            for threads in self.threads:
                onnx_execute.compile_and_run = lambda model, feeds: self.execute(model, feeds, target, threads)
                super().run()

    def execute(self, model, feeds, target, threads):
        with tempfile.TemporaryDirectory() as folder:
            path = lambda name: os.path.join(folder, name)
            onnx.save(model, path("m.onnx"))
            onnx_execute._run(
                ["gsc", "compile", path("m.onnx"), f"--target={target}", "-o", path("m"), *self.options],
                env={**os.environ, "GSC_PROGRESS": "0"},
            )
            command = [path("m"), "--threads", str(threads), "--output-dir", path("out")]
            for i in model.graph.input:
                np.save(path(i.name + ".npy"), feeds[i.name])
                command += ["--input", f"{i.name}={path(i.name)}.npy"]
            os.makedirs(path("out"), exist_ok=True)
            onnx_execute._run(command)
            return [np.load(os.path.join(path("out"), o.name + ".npy")) for o in model.graph.output]
