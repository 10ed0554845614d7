# ===----------------------------------------------------------------------===#
#
# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""Cases of LSTM, GRU and RNN for `onnx_execute.Suite`."""

import numpy as np
import onnx
import onnxruntime
from onnx import helper
from onnx.reference import ReferenceEvaluator
from onnx_execute import rand

_GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}


def lengths(*values):
    """Sequence lengths as ONNX wants them."""
    return np.array(values, np.int32)


def _model(op, inputs, attributes, outputs):
    """One node as a model, and what to feed it."""
    names = [f"i{i}" if x is not None else "" for i, x in enumerate(inputs)]
    out = [f"o{i}" if wanted else "" for i, wanted in enumerate(outputs)]
    feeds = {n: np.ascontiguousarray(x) for n, x in zip(names, inputs) if n}
    graph = helper.make_graph(
        [helper.make_node(op, names, out, **attributes)], "g",
        [helper.make_tensor_value_info(n, helper.np_dtype_to_tensor_dtype(x.dtype), x.shape) for n, x in feeds.items()],
        [onnx.ValueInfoProto(name=n) for n in out if n])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8)
    return onnx.shape_inference.infer_shapes(model), feeds


def _by_definition(op, inputs, attributes, outputs):
    """What ONNX's reference says, in which a NaN stays one: ONNX Runtime's activations lose it."""
    model, feeds = _model(op, inputs, attributes, outputs)
    with np.errstate(all="ignore"):
        return ReferenceEvaluator(model).run(None, feeds)


def _time_first(op, inputs, attributes, outputs):
    """What ONNX Runtime says of a node with layout = 1, which it does not have: transposed there and back."""
    swap = lambda x: None if x is None else np.swapaxes(x, 0, 1)
    given = [swap(x) if i in (0, 5, 6) else x for i, x in enumerate(inputs)]
    attributes = {k: v for k, v in attributes.items() if k != "layout"}
    model, feeds = _model(op, given, attributes, outputs)
    results = iter(onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"]).run(None, feeds))
    # Y is T x D x N x H there and N x T x D x H here, states are D x N x H and N x D x H.
    return [np.moveaxis(r, 2, 0) if i == 0 else swap(r) for i, (n, r) in
            enumerate((wanted, next(results) if wanted else None) for wanted in outputs) if n]


def check(suite, op, T, N, I, H, direction="forward", B=False, L=None, h=False, c=False, P=False, outputs=None,
          const=(1, 2, 3), nan=False, scale=1, dtype=np.float32, **attributes):
    """One node on random operands. T steps, N batch entries, I inputs, H units; B, h, c, P: whether there are biases,
    initial states and peepholes; L: sequence lengths; nan: some inputs are NaN; scale: of the inputs."""
    D, G = 2 if direction == "bidirectional" else 1, _GATES[op]
    first = attributes.get("layout", 0) == 1
    make = lambda *shape: rand(*shape, dtype=dtype)
    state = lambda: make(N, D, H) if first else make(D, N, H)
    x = make(N, T, I) * dtype(scale) if first else make(T, N, I) * dtype(scale)
    if nan:
        x[0, 0, 0] = np.nan
        x[-1, -1, -1] = np.inf
    inputs = [x, make(D, G * H, I), make(D, G * H, H), make(D, 2 * G * H) if B else None, L, state() if h else None]
    if op == "LSTM":
        inputs += [state() if c else None, make(D, 3 * H) if P else None]
    while inputs[-1] is None:
        inputs.pop()
    if outputs is None:
        outputs = [True] * (3 if op == "LSTM" else 2)
    attributes |= dict(hidden_size=H, direction=direction)
    attributes = {k: v for k, v in attributes.items() if not (isinstance(v, list) and not v)}
    expected = _time_first(op, inputs, attributes, outputs) if first else None
    if nan:
        expected = _by_definition(op, inputs, attributes, outputs)
    const = True if const is True else [i for i in const if i < len(inputs) and inputs[i] is not None]
    suite.case(op, *inputs, const=const, outputs=outputs, expected=expected, **attributes)
