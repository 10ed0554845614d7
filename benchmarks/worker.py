# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""One engine with one model in a process of its own: reads commands as JSON lines, answers as JSON lines.

Needs NumPy and the engine alone, so it runs in the virtual environment of any peer.  Commands:

    {"command": "load", "engine": E, "model": FILE, "inputs": FILE.npz, "threads": N} -> {"version": V}
    {"command": "output", "file": FILE.npz}     -> {}          outputs of one run as arrays 0, 1, ...
    {"command": "time", "seconds": S}           -> {"times": [ms, ...], "resident_mib": M}

A failure is answered by {"error": text}.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Callable

import numpy as np

Run = Callable[[], list[np.ndarray]]
Inputs = dict[str, np.ndarray]


def onnxruntime_engine(model: str, inputs: Inputs, threads: int) -> tuple[Run, str]:
    """ONNX Runtime, all graph optimisations (its default)."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model, options, ["CPUExecutionProvider"])
    return lambda: session.run(None, inputs), onnxruntime.__version__


def openvino_engine(model: str, inputs: Inputs, threads: int) -> tuple[Run, str]:
    """OpenVINO in float32, latency mode."""
    import openvino

    compiled = openvino.Core().compile_model(model, "CPU", {
        "INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1, "INFERENCE_PRECISION_HINT": "f32",
        "PERFORMANCE_HINT": "LATENCY"})
    request = compiled.create_infer_request()
    count = len(compiled.outputs)

    def run() -> list[np.ndarray]:
        request.infer(inputs, share_inputs=True)
        return [request.get_output_tensor(number).data for number in range(count)]

    return run, openvino.__version__


def deepsparse_engine(model: str, inputs: Inputs, threads: int) -> tuple[Run, str]:
    """DeepSparse on `threads` cores."""
    os.environ["NM_DISABLE_ANALYTICS"] = "true"
    import deepsparse

    values = [np.ascontiguousarray(value) for value in inputs.values()]
    # What it calls the batch is the first dimension, of recurrent networks the steps.
    engine = deepsparse.Engine(model=model, batch_size=values[0].shape[0], num_cores=threads)
    return lambda: engine.run(values, val_inp=False), deepsparse.__version__


def mnn_engine(model: str, inputs: Inputs, threads: int) -> tuple[Run, str]:
    """MNN on a converted model, float32 arithmetic."""
    import MNN

    interpreter = MNN.Interpreter(model)
    session = interpreter.createSession({"backend": "CPU", "numThread": threads, "precision": "high"})
    feeds = []
    for name, value in inputs.items():
        tensor = interpreter.getSessionInput(session, name)
        host = MNN.Tensor(value.shape, MNN.Halide_Type_Float, value, MNN.Tensor_DimensionType_Caffe)
        feeds.append((tensor, host))
    outputs = interpreter.getSessionOutputAll(session)

    def run() -> list[np.ndarray]:
        for tensor, host in feeds:
            tensor.copyFrom(host)
        interpreter.runSession(session)
        results = []
        for tensor in outputs.values():
            shape = tensor.getShape()
            host = MNN.Tensor(shape, MNN.Halide_Type_Float, np.zeros(shape, np.float32), MNN.Tensor_DimensionType_Caffe)
            tensor.copyToHostTensor(host)
            results.append(np.array(host.getNumpyData()).reshape(shape))
        return results

    return run, MNN.version()


ENGINES = {"onnxruntime": onnxruntime_engine, "openvino": openvino_engine, "deepsparse": deepsparse_engine,
           "mnn": mnn_engine}


def resident_mib() -> float:
    """Resident memory of this process."""
    with open("/proc/self/status", encoding="ascii") as status:
        found = re.search(r"VmRSS:\s*(\d+) kB", status.read())
    return int(found.group(1)) / 1024 if found else 0.0


def main() -> None:
    """Serves commands until the standard input ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # engines that print do not disturb the answers
    run: Run | None = None
    before = resident_mib()  # of Python and NumPy
    for line in sys.stdin:
        request = json.loads(line)
        answer: dict[str, object] = {}
        try:
            if request["command"] == "load":
                inputs = dict(np.load(request["inputs"]))
                run, version = ENGINES[request["engine"]](request["model"], inputs, request["threads"])
                run()
                answer["version"] = version
            elif run is None:
                raise RuntimeError("no model is loaded")
            elif request["command"] == "output":
                np.savez(request["file"], *[np.array(value) for value in run()])
            else:
                times: list[float] = []
                begin = time.perf_counter()
                run()
                # A run that takes longer than was asked for needs no three others.
                wanted = 4 if time.perf_counter() - begin < request["seconds"] else 1
                end = time.perf_counter() + request["seconds"]
                while time.perf_counter() < end or len(times) < wanted:
                    start = time.perf_counter()
                    run()
                    times.append((time.perf_counter() - start) * 1e3)
                answer["times"] = times
                answer["resident_mib"] = round(resident_mib() - before, 1)
        except Exception as error:  # noqa: BLE001  the parent decides what a failed engine means
            answer = {"error": " ".join(f"{type(error).__name__}: {error}".split())[:300]}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
