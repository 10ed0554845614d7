# ===----------------------------------------------------------------------===#
#
# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""`measure.py write PATH` writes a model with 100 MiB of weights; `measure.py import PATH` imports it and prints seconds
and peak memory. Two processes, because the peak of a child counts from the size of its parent at the fork.
"""
import os
import resource
import subprocess
import sys
import time


def write(path: str) -> None:
    import numpy
    from onnx import TensorProto, helper, numpy_helper, save

    shape = [1280, 1024]
    weights = [
        numpy_helper.from_array(numpy.arange(i, i + 1280 * 1024, dtype=numpy.float32).reshape(shape), f"w{i}")
        for i in range(20)
    ]
    output = helper.make_tensor_value_info("w0", TensorProto.FLOAT, shape)
    graph = helper.make_graph([], "heavy", [], [output], weights)
    save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)


def measure(path: str) -> None:
    start = time.perf_counter()
    subprocess.run(["gs-translate", "--import-onnx", path, "-o", os.devnull], check=True)
    seconds = time.perf_counter() - start
    print(f"{seconds:.2f} s, {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 // 10**6} MB")


if __name__ == "__main__":
    {"write": write, "import": measure}[sys.argv[1]](sys.argv[2])
