# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Models for `gsc prune`, and what must hold of its result.

usage: prune.py make FOLDER
       prune.py MODEL.onnx PRUNED.onnx RECIPE.yaml
"""

import re
import sys
from pathlib import Path

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper


def make(folder: Path) -> None:
    """A weight on either side of a product, Gemm, a bidirectional LSTM, halves, and one weight for two nodes."""
    random = numpy.random.default_rng(5)

    def weight(name, *shape):
        return numpy_helper.from_array(random.standard_normal(shape).astype(numpy.float32), name)

    nodes = [
        helper.make_node("MatMul", ["l", "x"], ["a"], name="left"),  # 8x12 * 12x4
        helper.make_node("Transpose", ["a"], ["at"], name="turn", perm=[1, 0]),
        helper.make_node("MatMul", ["at", "r"], ["b"], name="right"),  # 4x8 * 8x12
        helper.make_node("Gemm", ["b", "g"], ["c"], name="gemm", transB=1),  # 4x12 * (6x12)'
        helper.make_node("LSTM", ["s0", "w", "u"], ["h"], name="lstm", hidden_size=8, direction="bidirectional"),
        helper.make_node("MatMul", ["c", "s"], ["d"], name="shared1"),
        helper.make_node("MatMul", ["d", "s"], ["y"], name="shared2"),
    ]
    graph = helper.make_graph(
        nodes, "others",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [12, 4]),
         helper.make_tensor_value_info("s0", TensorProto.FLOAT, [5, 1, 8])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [4, 6]),
         helper.make_tensor_value_info("h", TensorProto.FLOAT, [5, 2, 1, 8])],
        [weight("l", 8, 12), weight("r", 8, 12), weight("g", 6, 12), weight("w", 2, 32, 8), weight("u", 2, 32, 8),
         weight("s", 6, 6)])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, folder / "others.onnx")
    steps = [("left", "block<4x1>", 0.5), ("right", "nm<1 : 4>", 0.75), ("gemm", "unstructured", 0.5),
             ("lstm", "block<4x1>", 0.5), ("lstm/recurrent", "nm<1 : 4>", 0.75),
             ("lstm/recurrent reverse", "gather_scatter<banks = 4, width = 1>", 0.5)]
    write = lambda steps: "version: 1\nlayers:\n" + "".join(
        f'  - node: "{node}"\n    pattern: "{pattern}"\n    sparsity: {sparsity}\n' for node, pattern, sparsity in steps)
    (folder / "others.yaml").write_text(write(steps))
    (folder / "shared.yaml").write_text(write([("shared1", "unstructured", 0.5)]))


def main() -> int:
    if sys.argv[1] == "make":
        make(Path(sys.argv[2]))
        return 0
    before, after = onnx.load(sys.argv[1]), onnx.load(sys.argv[2])
    onnx.checker.check_model(after)
    recipe = dict(re.findall(r'node: "(.*)"\n\s*pattern: ".*"\n\s*sparsity: (.*)', Path(sys.argv[3]).read_text()))
    touched = {node.split("/")[0] for node in recipe}
    weights = {name for node in before.graph.node if node.name in touched for name in node.input}
    pruned = 0
    for a, b in zip(before.graph.initializer, after.graph.initializer):
        x, y = numpy_helper.to_array(a), numpy_helper.to_array(b)
        assert a.name == b.name and x.shape == y.shape and x.dtype == y.dtype
        changed = x != y
        assert (y[changed] == 0).all(), f"{a.name}: a weight became another number"
        assert not changed.any() or a.name in weights, f"{a.name} is in no recipe"
        pruned += changed.any()
        if changed.any() and x.ndim < 3:
            assert abs(x[changed]).max() >= 0
    assert pruned == len({n.split(" ")[0] for n in recipe}), (pruned, recipe)
    # Everything but the weights is as it was.
    del before.graph.initializer[:], after.graph.initializer[:]
    assert before == after
    return 0


if __name__ == "__main__":
    sys.exit(main())
