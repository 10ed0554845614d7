# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Fully connected models: a stack of feed-forward blocks and an encoder of the shape of BERT-base."""

from __future__ import annotations

import numpy as np
import onnx

from .builder import Builder
from .sparsity import Sparsifier


def ffn12(sparsifier: Sparsifier, small: bool = False) -> onnx.ModelProto:
    """12 x (768 -> 3072, ReLU, 3072 -> 768), input [1, 128, 768]; small: 2 x (64 -> 128 -> 64), input [1, 16, 64]."""
    blocks, hidden, inner, length = (2, 64, 128, 16) if small else (12, 768, 3072, 128)
    b = Builder("ffn12", sparsifier)
    x = b.input("input", [1, length, hidden])
    for block in range(blocks):
        x = b.relu(b.linear(x, f"ffn{block}.up", hidden, inner, gain=2.0))
        x = b.linear(x, f"ffn{block}.down", inner, hidden)
    return b.finish(x)


def _layer_norm(b: Builder, x: str, name: str, hidden: int, fused: bool) -> str:
    """Layer normalisation over the last axis: one operator (opset 17), or spelled out as older exporters do."""
    weight = b.constant(f"{name}.weight", b.rng.uniform(0.8, 1.2, hidden).astype(np.float32))
    bias = b.constant(f"{name}.bias", b.normal([hidden], 0.1))
    if fused:
        return b.add("LayerNormalization", [x, weight, bias], name, axis=-1, epsilon=1e-12)
    centred = b.add("Sub", [x, b.add("ReduceMean", [x], f"{name}.mean", axes=[-1], keepdims=1)], f"{name}.sub")
    square = b.add("Pow", [centred, b.scalar(f"{name}.two", 2.0)], f"{name}.pow")
    variance = b.add("ReduceMean", [square], f"{name}.variance", axes=[-1], keepdims=1)
    shifted = b.add("Add", [variance, b.scalar(f"{name}.epsilon", 1e-12)], f"{name}.add_epsilon")
    normal = b.add("Div", [centred, b.add("Sqrt", [shifted], f"{name}.sqrt")], f"{name}.div")
    return b.add("Add", [b.add("Mul", [normal, weight], f"{name}.mul"), bias], f"{name}.add")


def _gelu(b: Builder, x: str, name: str) -> str:
    """GELU by the error function, spelled out as exporters do: x * (erf(x / sqrt 2) + 1) * 0.5."""
    erf = b.add("Erf", [b.add("Div", [x, b.scalar(f"{name}.sqrt2", float(np.sqrt(2.0)))], f"{name}.div")], f"{name}.erf")
    gate = b.add("Add", [erf, b.scalar(f"{name}.one", 1.0)], f"{name}.add")
    return b.add("Mul", [b.add("Mul", [x, gate], f"{name}.mul"), b.scalar(f"{name}.half", 0.5)], f"{name}.mul_half")


def _attention(b: Builder, x: str, name: str, length: int, hidden: int, heads: int) -> str:
    """Self-attention on [1, length, hidden] without a mask."""
    size = hidden // heads
    split = b.constant(f"{name}.split", np.array([1, length, heads, size], np.int64))
    merge = b.constant(f"{name}.merge", np.array([1, length, hidden], np.int64))

    def project(part: str, order: list[int]) -> str:
        y = b.add("Reshape", [b.linear(x, f"{name}.{part}", hidden, hidden), split], f"{name}.{part}.reshape")
        return b.add("Transpose", [y], f"{name}.{part}.transpose", perm=order)

    query, key, value = project("query", [0, 2, 1, 3]), project("key", [0, 2, 3, 1]), project("value", [0, 2, 1, 3])
    scores = b.add("MatMul", [query, key], f"{name}.scores")
    scores = b.add("Div", [scores, b.scalar(f"{name}.scale", float(np.sqrt(size)))], f"{name}.div")
    context = b.add("MatMul", [b.add("Softmax", [scores], f"{name}.softmax", axis=-1), value], f"{name}.context")
    context = b.add("Transpose", [context], f"{name}.context.transpose", perm=[0, 2, 1, 3])
    return b.linear(b.add("Reshape", [context, merge], f"{name}.merge_heads"), f"{name}.output", hidden, hidden)


def bert_base(sparsifier: Sparsifier, small: bool = False, fused_layer_norm: bool = False) -> onnx.ModelProto:
    """Encoder of 12 layers, hidden 768, 12 heads, on embedded tokens [1, 128, 768].

    small: 2 layers, hidden 64, 4 heads, [1, 16, 64].  fused_layer_norm: LayerNormalization operators (opset 17)
    instead of the spelled-out form (opset 13).
    """
    layers, hidden, inner, heads, length = (2, 64, 128, 4, 16) if small else (12, 768, 3072, 12, 128)
    b = Builder("bert_base", sparsifier, opset=17 if fused_layer_norm else 13)
    x = b.input("embedded", [1, length, hidden])
    for layer in range(layers):
        name = f"encoder.{layer}"
        attended = _attention(b, x, f"{name}.attention", length, hidden, heads)
        x = b.add("Add", [attended, x], f"{name}.attention.residual")
        x = _layer_norm(b, x, f"{name}.attention.norm", hidden, fused_layer_norm)
        y = _gelu(b, b.linear(x, f"{name}.intermediate", hidden, inner), f"{name}.gelu")
        y = b.linear(y, f"{name}.output", inner, hidden)
        x = b.add("Add", [y, x], f"{name}.residual")
        x = _layer_norm(b, x, f"{name}.norm", hidden, fused_layer_norm)
    return b.finish(x, "last_hidden_state")


def bert_base_ln(sparsifier: Sparsifier, small: bool = False) -> onnx.ModelProto:
    """`bert_base` with LayerNormalization operators (opset 17)."""
    return bert_base(sparsifier, small, fused_layer_norm=True)
