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


def units_of(actual: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Errors in units in the last place; differences below the smallest normal number, which programs flush, are none."""
    smallest = float(np.finfo(np.float32).tiny)
    difference = np.abs(actual.astype(np.float64) - expected)
    difference[difference <= 1.2 * smallest] = 0
    return difference / np.spacing(np.maximum(np.abs(expected.astype(np.float32)), np.float32(smallest))).astype(np.float64)


def gelu(name: str, x: str, form: int) -> list[onnx.NodeProto]:
    """x (erf(x / sqrt 2) + 1) / 2 with its factors in several orders."""
    if form == 0:
        argument = helper.make_node("Div", [x, "root"], [f"{name}a"])
    else:
        argument = helper.make_node("Mul", [x, "inverse"], [f"{name}a"])
    nodes = [argument, helper.make_node("Erf", [f"{name}a"], [f"{name}e"]), helper.make_node("Add", [f"{name}e", "one"], [f"{name}g"])]
    first, second, last = [(x, f"{name}g", "half"), (x, "half", f"{name}g"), (f"{name}g", "half", x)][form]
    nodes.append(helper.make_node("Mul", [first, second], [f"{name}m"]))
    return [*nodes, helper.make_node("Mul", [last, f"{name}m"] if form == 2 else [f"{name}m", last], [name])]


def behind_product(folder: pathlib.Path, x: np.ndarray) -> None:
    """Functions in the epilogue of a product, where they are computed in whole vectors: `f(I x + bias)`."""
    rows = 16
    x = x[np.isfinite(x)]
    x = np.resize(x, (rows, -(-len(x) // rows) + 3))  # the last vector of a row is not whole
    bias = np.zeros((rows, 1), np.float32)
    bias[-3:, 0] = [np.inf, -np.inf, np.nan]
    constants = [numpy_helper.from_array(np.eye(rows, dtype=np.float32), "w"), numpy_helper.from_array(bias, "b")]
    for name, number in (("one", 1), ("half", 0.5), ("root", np.sqrt(2)), ("inverse", np.sqrt(0.5))):
        constants.append(numpy_helper.from_array(np.float32(number), name))
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, x.shape)]
    np.save(folder / "px.npy", x)
    x = x.astype(np.float64)
    limits = {"Erf": (1, -1), "Exp": (np.inf, 0)}
    for name in ("Erf", "Exp", "Gelu0", "Gelu1", "Gelu2"):
        nodes = [helper.make_node("MatMul", ["w", "x"], ["y"]), helper.make_node("Add", ["y", "b"], ["z"])]
        nodes += gelu(name, "z", int(name[-1])) if name not in limits else [helper.make_node(name, ["z"], [name])]
        outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, x.shape)]
        graph = helper.make_graph(nodes, "product", inputs, outputs, constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        onnx.save(model, folder / "product.onnx")
        subprocess.run(["gsc", "compile", folder / "product.onnx", "-o", folder / "product"], check=True, capture_output=True)
        command = [folder / "product", "--input", f"x={folder / 'px.npy'}", "--output-dir", folder]
        subprocess.run(command, check=True, capture_output=True)
        actual, finite = np.load(folder / f"{name}.npy"), x[:-3]
        high, low = limits.get(name, (np.inf, np.nan))
        np.testing.assert_array_equal(actual[-3], np.float32(high), err_msg=f"{name} of infinity")
        np.testing.assert_array_equal(actual[-2], np.float32(low), err_msg=f"{name} of -infinity")
        assert np.isnan(actual[-1]).all(), f"{name} of NaN"
        if name in limits:
            with np.errstate(over="ignore"):
                expected = exact(name, finite)
                fits = np.isfinite(expected.astype(np.float32))
            np.testing.assert_array_equal(np.isfinite(actual[:-3]), fits, err_msg=f"{name}: infinities")
            units = units_of(actual[:-3][fits], expected[fits])
            print(f"{name} behind a product: {units.max():.2f} units at {finite[fits][units.argmax()]!r}")
            assert units.max() <= BOUNDS[name], name
            continue
        # For negative numbers the formula takes the difference of two numbers near one.
        expected = finite * np.vectorize(math.erfc)(-finite / np.sqrt(2)) / 2
        positive = (finite >= 0) & (finite < 1e38)  # beyond, one of the products overflows
        units = units_of(actual[:-3][positive], expected[positive])
        share = np.abs(actual[:-3] - expected)[finite < 0] / np.maximum(np.abs(finite[finite < 0]), 1e-30)
        print(f"{name} behind a product: {units.max():.2f} units at {finite[positive][units.argmax()]!r}, {share.max():.3} of negative numbers")
        assert units.max() <= 3 and share.max() <= 1.8e-7, name
    assert np.abs(np.load(folder / "Erf.npy")[:-3]).max() == 1


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
