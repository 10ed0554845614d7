# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""ONNX models built by script: seeded weights, pruned to a pattern.  `python -m benchmarks.models --list` lists them."""

from __future__ import annotations

import inspect
from collections.abc import Callable

import numpy as np
import onnx

from .c3d import c3d
from .jasper import jasper
from .mobilenet import mobilenetv1, mobilenetv2
from .odd import odd
from .recurrent import gnmt, gru
from .resnet import resnet18, resnet50
from .sparsity import PATTERNS, Sparsifier
from .tcn import tcn
from .transformer import bert_base, bert_base_ln, ffn12

MODELS: dict[str, Callable[..., onnx.ModelProto]] = {
    function.__name__: function
    for function in (resnet50, resnet18, mobilenetv1, mobilenetv2, ffn12, bert_base, bert_base_ln, gnmt, gru, jasper,
                     c3d, tcn, odd)
}

__all__ = ["MODELS", "PATTERNS", "Sparsifier", "build", "make_inputs"]


def build(name: str, pattern: str = "dense", sparsity: float = 0.9, small: bool = False,
          prune_classifier: bool = True) -> onnx.ModelProto:
    """Builds the model `name` (a key of MODELS) pruned to `pattern` (one of PATTERNS) at `sparsity` (0 to < 1)."""
    if name not in MODELS:
        raise ValueError(f"unknown model '{name}', expected one of {', '.join(MODELS)}")
    options = {"prune_classifier": prune_classifier}
    accepted = inspect.signature(MODELS[name]).parameters
    return MODELS[name](Sparsifier(pattern, sparsity), small=small,
                        **{key: value for key, value in options.items() if key in accepted})


def make_inputs(model: onnx.ModelProto, seed: int = 1) -> dict[str, np.ndarray]:
    """Returns seeded values of unit scale for every input of `model` (static shapes, float32).

    Noise on top of a coarse random field, so that global pooling does not average the input away.
    """
    rng = np.random.default_rng(seed)
    constants = {tensor.name for tensor in model.graph.initializer}
    inputs = {}
    for value in model.graph.input:
        if value.name in constants:
            continue
        shape = [d.dim_value for d in value.type.tensor_type.shape.dim]
        coarse = rng.standard_normal([-(-size // 16) if axis > 1 else size for axis, size in enumerate(shape)])
        for axis in range(2, len(shape)):
            coarse = np.repeat(coarse, 16, axis).take(range(shape[axis]), axis)
        inputs[value.name] = (0.6 * rng.standard_normal(shape) + 0.8 * coarse).astype(np.float32)
    return inputs
