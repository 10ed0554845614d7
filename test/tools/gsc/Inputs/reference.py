# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Inputs of a model, and what ONNX Runtime computes of them.

usage: reference.py make MODEL FOLDER           writes FOLDER/NAME.npy for every input
       reference.py check MODEL FOLDER OUTPUTS  compares OUTPUTS/NAME.npy
"""

import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

from benchmarks.models import make_inputs


def main() -> None:
    """Does what the command line says; fails with an assertion."""
    mode, path, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    inputs = make_inputs(onnx.load(path), 1)
    if mode == "make":
        for name, value in inputs.items():
            np.save(folder / f"{name}.npy", np.ascontiguousarray(value))
        return
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    for name, expected in zip(names, session.run(names, inputs)):
        found = np.load(Path(sys.argv[4]) / f"{name}.npy")
        assert found.shape == expected.shape and found.dtype == expected.dtype
        assert np.abs(found - expected).max() <= 1e-4 * np.abs(expected).max()


if __name__ == "__main__":
    main()
