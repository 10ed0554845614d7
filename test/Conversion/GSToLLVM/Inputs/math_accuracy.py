# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""exp, erf, tanh and sigmoid of a compiled network against double precision, over the whole range of f32."""

import math
import pathlib
import subprocess
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

# Errors in units in the last place of the exact result rounded to f32.
BOUNDS = {"Exp": 1.0, "Erf": 4.0, "Tanh": 3.0, "Sigmoid": 2.5}


def exact(name: str, x: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):
        if name == "Exp":
            return np.exp(x)
        if name == "Tanh":
            return np.tanh(x)
        if name == "Sigmoid":
            return 1 / (1 + np.exp(-x))
    return np.vectorize(math.erf)(x)


def behind_product(folder: pathlib.Path, x: np.ndarray) -> None:
    """erf in the epilogue of a product, where it is computed in whole vectors: `erf(I x + bias)`."""
    rows = 16
    x = x[np.isfinite(x)]
    x = np.resize(x, (rows, -(-len(x) // rows) + 3))  # the last vector of a row is not whole
    bias = np.zeros((rows, 1), np.float32)
    bias[-3:, 0] = [np.inf, -np.inf, np.nan]
    constants = [numpy_helper.from_array(np.eye(rows, dtype=np.float32), "w"), numpy_helper.from_array(bias, "b")]
    nodes = [helper.make_node("MatMul", ["w", "x"], ["y"]), helper.make_node("Add", ["y", "b"], ["z"]), helper.make_node("Erf", ["z"], ["e"])]
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, x.shape)]
    outputs = [helper.make_tensor_value_info("e", TensorProto.FLOAT, x.shape)]
    graph = helper.make_graph(nodes, "product", inputs, outputs, constants)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), folder / "product.onnx")
    np.save(folder / "px.npy", x)
    subprocess.run(["gsc", "compile", folder / "product.onnx", "-o", folder / "product"], check=True, capture_output=True)
    subprocess.run([folder / "product", "--input", f"x={folder / 'px.npy'}", "--output-dir", folder], check=True, capture_output=True)
    actual, expected = np.load(folder / "e.npy"), exact("Erf", x.astype(np.float64))
    assert (actual[-3] == 1).all() and (actual[-2] == -1).all() and np.isnan(actual[-1]).all(), "erf of infinities and NaN"
    smallest = float(np.finfo(np.float32).tiny)
    difference = np.abs(actual[:-3].astype(np.float64) - expected[:-3])
    difference[difference <= 1.2 * smallest] = 0
    units = difference / np.spacing(np.maximum(np.abs(expected[:-3].astype(np.float32)), np.float32(smallest))).astype(np.float64)
    worst = np.unravel_index(units.argmax(), units.shape)
    print(f"Erf behind a product: {units[worst]:.2f} units at {x[worst]!r}")
    assert units[worst] <= BOUNDS["Erf"], f"erf({x[worst]!r}) is {actual[worst]!r}, {units[worst]:.2f} units off"
    assert np.abs(actual[:-3]).max() == 1


def main() -> None:
    folder = pathlib.Path(sys.argv[1])
    random = np.random.default_rng(3)
    # Every exponent, denormal numbers included, and densely where the functions bend.
    exponents = (random.integers(0, 255, 100000).astype(np.uint32) << 23) | random.integers(0, 1 << 23, 100000).astype(np.uint32)
    special = [0, np.inf, np.nan, 88.72283, 88.72284, 88.8, 87.33654, 87.33655, 87.4, 104, 3.919, 3.92, 3.93, 9.01, 9.05, 1e38]
    x = np.concatenate([exponents.view(np.float32), np.linspace(0, 10, 100001), np.linspace(0, 105, 50001), special])
    x = np.concatenate([x, -x]).astype(np.float32)
    nodes = [helper.make_node(op, ["x"], [op]) for op in BOUNDS]
    outputs = [helper.make_tensor_value_info(op, TensorProto.FLOAT, x.shape) for op in BOUNDS]
    graph = helper.make_graph(nodes, "math", [helper.make_tensor_value_info("x", TensorProto.FLOAT, x.shape)], outputs)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), folder / "math.onnx")
    np.save(folder / "x.npy", x)
    subprocess.run(["gsc", "compile", folder / "math.onnx", "-o", folder / "math"], check=True, capture_output=True)
    subprocess.run([folder / "math", "--input", f"x={folder / 'x.npy'}", "--output-dir", folder], check=True, capture_output=True)
    # Programs flush denormal numbers, in arguments and results.
    smallest = float(np.finfo(np.float32).tiny)
    for op, bound in BOUNDS.items():
        actual, expected = np.load(folder / f"{op}.npy"), exact(op, x.astype(np.float64))
        with np.errstate(over="ignore"):
            rounded = expected.astype(np.float32)
        assert (np.isnan(actual) == np.isnan(rounded)).all(), f"{op}: NaN"
        assert (np.isinf(actual) == np.isinf(rounded)).all(), f"{op}: infinity at {x[np.isinf(actual) != np.isinf(rounded)][:5]}"
        finite = np.isfinite(rounded)
        difference = np.abs(actual[finite].astype(np.float64) - expected[finite])
        difference[difference <= 1.2 * smallest] = 0
        units = difference / np.spacing(np.maximum(np.abs(rounded[finite]), np.float32(smallest))).astype(np.float64)
        worst = units.argmax()
        print(f"{op}: {units[worst]:.2f} units at {x[finite][worst]!r}")
        assert units[worst] <= bound, f"{op}({x[finite][worst]!r}) is {actual[finite][worst]!r}, {units[worst]:.2f} units off"
    behind_product(folder, x)


main()
