# ===----------------------------------------------------------------------===#
#
# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""Writes the files of this folder that are no ONNX models: make_corpus.py DIRECTORY.

They are made from one good model (`good_model`) whose bytes do not depend on the machine, so that the test can check
that the files in the repository are the ones that this script makes.
"""
import random
import sys
from pathlib import Path

from onnx import TensorProto, helper


def good_model() -> bytes:
    """A small perceptron with names, attributes, an initialiser in raw_data and one in float_data."""
    weight = helper.make_tensor("w", TensorProto.FLOAT, [3, 24], bytes(range(288 // 4)) * 4, raw=True)
    bias = helper.make_tensor("b", TensorProto.FLOAT, [24], [0.5] * 23 + [1.0])
    nodes = [
        helper.make_node("Gemm", ["x", "w", "b"], ["h"], name="fc", alpha=2.0, transA=0),
        helper.make_node("Relu", ["h"], ["y"], name="act"),
    ]
    graph = helper.make_graph(
        nodes,
        "perceptron",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [2, 3])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [2, 24])],
        [weight, bias],
    )
    model = helper.make_model(graph, producer_name="corpus", opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return model.SerializeToString()


def varint(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out) + bytes([value])


def length_delimited(field: int, size: int) -> bytes:
    """The key and the size of a protobuf field; its content is to follow."""
    return varint(field << 3 | 2) + varint(size)


def corpus() -> dict[str, bytes]:
    good = good_model()
    files = {
        "good.onnx": good,
        "empty.onnx": b"",
        "truncated.onnx": good[: len(good) // 2],
        "one-byte-short.onnx": good[:-1],
        "random.onnx": random.Random(1).randbytes(1024),
        "zeros.onnx": bytes(64),
        "text.onnx": b"This is no protobuf at all.\n",
        "zip.onnx": b"PK\x03\x04" + bytes(60),
        "gzip.onnx": b"\x1f\x8b\x08" + bytes(60),
        "git-lfs.onnx": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
    }
    # ir_version 8, then a graph that claims nearly 2 GB, with an initialiser and raw_data that claim nearly as much.
    claim = b"\x08\x08" + length_delimited(7, 2**31 - 64)
    claim += length_delimited(5, 2**31 - 128) + length_delimited(9, 2**31 - 256)
    files["claims-2gb.onnx"] = claim + bytes(1024 - len(claim))
    # A size that does not fit 31 bits.
    files["claims-4gb.onnx"] = b"\x08\x08" + length_delimited(7, 2**32 - 1) + bytes(64)
    # Graphs within attributes of nodes of graphs, deeper than any recursion should go.
    nested = b""
    for _ in range(400):
        attribute = length_delimited(6, len(nested)) + nested
        node = length_delimited(5, len(attribute)) + attribute
        nested = length_delimited(1, len(node)) + node
    files["nested.onnx"] = b"\x08\x08" + length_delimited(7, len(nested)) + nested
    return files


if __name__ == "__main__":
    directory = Path(sys.argv[1])
    directory.mkdir(parents=True, exist_ok=True)
    for name, content in corpus().items():
        (directory / name).write_bytes(content)
