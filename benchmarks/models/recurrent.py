# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Recurrent networks: the encoder of GNMT (LSTM) and a stack of GRU layers."""

from __future__ import annotations

import numpy as np
import onnx

from .builder import Builder
from .sparsity import Sparsifier

_GATES = {"LSTM": 4, "GRU": 3}


def _layer(b: Builder, x: str, name: str, op: str, inputs: int, units: int, *, steps: int, batch: int = 1,
           bidirectional: bool = False, **attributes: object) -> str:
    """A recurrent layer on `[steps, batch, inputs]` as PyTorch exports it; the result is `[steps, batch, D * units]`.

    The weights of the input and of the state are pruned as one matrix of all gates each, per direction.
    """
    directions, rows = 2 if bidirectional else 1, _GATES[op] * units
    bound = float(np.sqrt(3.0 / units))  # the scale that keeps activations alive through many layers

    def weight(kind: str, columns: int) -> str:
        parts = [b.sparsifier.linear(f"{name}.{kind}.{direction}",
                                     b.rng.uniform(-bound, bound, (rows, columns)).astype(np.float32))
                 for direction in range(directions)]
        return b.constant(f"{name}.{kind}", np.stack(parts))

    operands = [x, weight("W", inputs), weight("R", units),
                b.constant(f"{name}.B", b.normal([directions, 2 * rows], 0.1))]
    y = b.add(op, operands, name, hidden_size=units, direction="bidirectional" if bidirectional else "forward",
              **attributes)
    if not bidirectional:
        return b.add("Squeeze", [y, b.constant(f"{name}.axes", np.array([1], np.int64))], f"{name}.squeeze")
    y = b.add("Transpose", [y], f"{name}.transpose", perm=[0, 2, 1, 3])
    shape = b.constant(f"{name}.shape", np.array([steps, batch, directions * units], np.int64))
    return b.add("Reshape", [y, shape], f"{name}.reshape")


def gnmt(sparsifier: Sparsifier, small: bool = False) -> onnx.ModelProto:
    """The encoder of GNMT as in MLPerf: four layers of 1024 units, the first bidirectional, residual connections around
    the third and fourth; 32 steps of embeddings, input [32, 1, 1024].  (The paper's encoder has eight layers.)

    small: 48 units, 7 steps.
    """
    units, steps = (48, 7) if small else (1024, 32)
    b = Builder("gnmt", sparsifier)
    x = _layer(b, b.input("input", [steps, 1, units]), "layer0", "LSTM", units, units, steps=steps, bidirectional=True)
    x = _layer(b, x, "layer1", "LSTM", 2 * units, units, steps=steps)
    for i in (2, 3):
        x = b.add("Add", [_layer(b, x, f"layer{i}", "LSTM", units, units, steps=steps), x], f"layer{i}.add")
    return b.finish(x)


def gru(sparsifier: Sparsifier, small: bool = False) -> onnx.ModelProto:
    """Two GRU layers of 1024 units as of an acoustic model, reset gates behind the product (cuDNN's and PyTorch's form),
    and a projection to 512 classes per step; input [50, 1, 160].

    small: 40 units, 6 steps, input of 24.
    """
    units, steps, inputs, classes = (40, 6, 24, 16) if small else (1024, 50, 160, 512)
    b = Builder("gru", sparsifier)
    x = b.input("input", [steps, 1, inputs])
    for i in range(2):
        x = _layer(b, x, f"layer{i}", "GRU", units if i else inputs, units, steps=steps, linear_before_reset=1)
    return b.finish(b.linear(x, "head", units, classes))
