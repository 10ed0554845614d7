# ===----------------------------------------------------------------------===#
#
# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""Makes the network of c-api.test, and compares the compiled library with ONNX Runtime."""

import pathlib
import sys
import threading

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper


def make(folder: pathlib.Path) -> None:
    """A matrix product with 90 % zeros and a bias, [5,37] x [37,29]: nothing is a multiple of a vector."""
    random = numpy.random.default_rng(1)
    weight = random.standard_normal((37, 29)).astype(numpy.float32)
    weight[random.random(weight.shape) < 0.9] = 0
    bias = random.standard_normal(29).astype(numpy.float32)
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["p"], name="product"), helper.make_node("Add", ["p", "b"], ["sum"], name="bias")],
        "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [5, 37])],
        [helper.make_tensor_value_info("sum", TensorProto.FLOAT, [5, 29])],
        [numpy_helper.from_array(weight, "w"), numpy_helper.from_array(bias, "b")],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, folder / "net.onnx")
    x = random.standard_normal((5, 37)).astype(numpy.float32)
    numpy.save(folder / "x.npy", x)
    numpy.save(folder / "wrong.npy", x.T)


def check(folder: pathlib.Path, examples: pathlib.Path) -> None:
    """Several Python threads, an instance each, against ONNX Runtime."""
    import onnxruntime

    sys.path.insert(0, str(examples))
    from network import Network

    x = numpy.load(folder / "x.npy")
    session = onnxruntime.InferenceSession(folder / "net.onnx", providers=["CPUExecutionProvider"])
    (expected,) = session.run(None, {"x": x})
    results = [None] * 4

    def work(index: int) -> None:
        network = Network(folder / "libnetwork.so", threads=1 + index % 2)
        for _ in range(20):
            results[index] = network(x=x)["sum"]

    threads = [threading.Thread(target=work, args=(index,)) for index in range(len(results))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    scale = numpy.abs(expected).max()
    for result in results:
        assert result is not None and numpy.abs(result - expected).max() <= 1e-4 * scale


if __name__ == "__main__":
    {"make": make, "check": check}[sys.argv[1]](*map(pathlib.Path, sys.argv[2:]))
