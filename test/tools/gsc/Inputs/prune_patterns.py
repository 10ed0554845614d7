# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Prunes one model to each pattern with `gsc prune`, and looks for the pattern in what it wrote.

usage: prune_patterns.py FOLDER FOLDER_OF_DETECT.PY

Where another pattern has the same masks (windows and N:M, kernel groups of a product and blocks) either is right.
"""

import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

GS = "gather_scatter<banks = {}, width = {}>"
SHAPES = "kernel_pattern<entries = 4, patterns = [27, 54, 216, 432], group = {}, connectivity>"
# Pattern, sparsity, patterns of which one must be found in the product and in the convolution (None: it takes none, or has no
# projection that others do not share; empty: pruned, but nothing looks for it).
GROUPED = {  # pattern -> what gsc prune says of layers that it does not fit
    "block<16x1>": ["grouped: is a convolution of 4 groups of 8 rows, which bundles of 16 rows straddle",
                    "depthwise: is a depthwise convolution; those stay dense"],
    "permuted<#gs.block<4x1>>": ["grouped: is a convolution of 4 groups, whose rows cannot change places"],
}
PATTERNS: list[tuple[str, float, tuple[str, ...] | None, tuple[str, ...] | None]] = [
    ("unstructured", 0.8, ("unstructured",), ("unstructured",)),
    ("filter", 0.5, ("filter",), ("filter",)),
    ("channel", 0.5, ("column",), ("channel",)),
    ("column", 0.75, ("column",), ("column",)),
    ("block<4x1>", 0.8, ("block<4x1>",), ("block<4x1>",)),
    ("block<4x4>", 0.8, ("block<4x4>",), ("block<4x4>",)),
    ("same_block<8x8>", 0.8, ("same_block<8x8>",), ("same_block<8x8>",)),
    ("kernel_group<4x4>", 0.7, ("block<4x4>",), ("kernel_group<4x4>",)),
    ("kernel_group<1x1, balanced>", 0.7, None, ("kernel_group<1x1, balanced>", "kernel_group<1x1>")),
    ("kgs<8x4>", 0.8, None, ("kgs<8x4>",)),
    ("kgs<8x4, locations = 4>", 0.0, None, ("kgs<8x4, locations = 4>", "kgs<8x4>")),
    ("block_column<16x64>", 0.8, ("block_column<16x64>",), ("block_column<16x64>",)),
    ("block_column<16x64, prune_rows>", 0.8, ("block_column<16x64, prune_rows>",), ("block_column<16x64, prune_rows>",)),
    ("bcr<16x16>", 0.8, ("bcr<16x16>",), ("bcr<16x16>",)),
    ("nm<2 : 4>", 0.0, ("nm<2 : 4>",), ("nm<2 : 4>",)),
    ("nm<4 : 16, tile = 4x4>", 0.0, ("nm<4 : 16, tile = 4x4>",), ("nm<4 : 16, tile = 4x4>",)),
    ("window<3 : 16, rows = 16>", 0.0, ("window<3 : 16, rows = 16>", "nm<3 : 16>"), ("window<3 : 16, rows = 16>", "nm<3 : 16>")),
    ("tile_4_2<row_column>", 0.0, ("tile_4_2<row_column>",), ("tile_4_2<row_column>",)),
    ("tile_4_2<complement>", 0.0, ("tile_4_2<complement>",), ("tile_4_2<complement>",)),
    (SHAPES.format(4), 0.7, None, (SHAPES.format(4),)),
    (GS.format(16, 1), 0.8, (GS.format(16, 1),), (GS.format(16, 1),)),
    (GS.format(8, 2), 0.8, (GS.format(8, 2),), (GS.format(8, 2),)),
    (GS.format(16, 16), 0.75, (GS.format(16, 16),), (GS.format(16, 16),)),
    ("gather_scatter<banks = 8, width = 1, unit = 4x1>", 0.8, ("gather_scatter<banks = 8, width = 1, unit = 4x1>",),
     ("gather_scatter<banks = 8, width = 1, unit = 4x1>",)),
    (f"permuted<#gs.{GS.format(8, 1)}>", 0.8, (f"permuted<#gs.{GS.format(8, 1)}>", GS.format(8, 1)), None),
    ("permuted<#gs.block<8x1>>", 0.8, ("permuted<#gs.block<8x1>>", "block<8x1>"), ("permuted<#gs.block<8x1>>", "block<8x1>")),
    ("union<[#gs.block<8x1>, #gs.unstructured]>", 0.8, ("union<[#gs.block<8x1>, #gs.unstructured]>",),
     ("union<[#gs.block<8x1>, #gs.unstructured]>",)),
    ("polarized<8>", 0.0, ("polarized<8>",), ("polarized<8>",)),
    ("unified<4x4>", 0.9, (), ()),  # prunes nothing, and detection starts where there are zeros
    ("intersection<[#gs.block<8x8>, #gs.nm<2 : 4>]>", 0.75, (), ()),
]


def make(path: Path) -> None:
    """A product, a convolution, and convolutions of groups."""
    random = np.random.default_rng(3)
    weight = lambda name, *shape: numpy_helper.from_array(random.standard_normal(shape).astype(np.float32), name)
    nodes = [helper.make_node("MatMul", ["x", "m"], ["y"], name="product"),
             helper.make_node("Conv", ["a", "k"], ["b"], name="convolution", kernel_shape=[3, 3]),
             helper.make_node("Conv", ["a", "g"], ["c"], name="grouped", kernel_shape=[3, 3], group=4),
             helper.make_node("Conv", ["a", "d"], ["e"], name="depthwise", kernel_shape=[3, 3], group=32)]
    value = lambda name, *shape: helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
    graph = helper.make_graph(nodes, "both", [value("x", 4, 128), value("a", 1, 32, 8, 8)],
                              [value("y", 4, 64)] + [value(name, 1, 32, 6, 6) for name in "bce"],
                              [weight("m", 128, 64), weight("k", 32, 32, 3, 3), weight("g", 32, 8, 3, 3), weight("d", 32, 1, 3, 3)])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def main() -> None:
    folder = Path(sys.argv[1])
    sys.path.insert(0, sys.argv[2])
    from detect import Suite

    class AnySuite(Suite):
        """Of the patterns of a case, one has to be found."""

        def _check(self, case, text):
            results = [list(Suite._check((*case[:2], [one], *case[3:]), text)) for one in case[2]]
            return [] if any(not result for result in results) else results[0]

    model, pruned = folder / "both.onnx", folder / "pruned.onnx"
    make(model)
    before = {t.name: numpy_helper.to_array(t) for t in onnx.load(model).graph.initializer}
    suite = AnySuite()
    wrong = []
    for pattern, sparsity, product, convolution in PATTERNS:
        run = subprocess.run(["gsc", "prune", model, f"--pattern={pattern}", f"--sparsity={sparsity}", "-o", pruned],
                             capture_output=True, text=True, check=False)
        if run.returncode:
            wrong.append(f"{pattern}: {run.stderr.strip()}")
            continue
        after = {t.name: numpy_helper.to_array(t) for t in onnx.load(pruned).graph.initializer}
        for name, expected in (("m", product), ("k", convolution)):
            if expected is None:
                continue
            weight = after[name].T if name == "m" else after[name]
            if not pattern.startswith("unified"):
                changed = after[name] != before[name]
                if not changed.any() or after[name][changed].any():
                    wrong.append(f"{pattern}: a weight of {name} became another number, or none was pruned")
            if expected:
                suite.case(f"{pattern}, {'product' if name == 'm' else 'convolution'}", np.ascontiguousarray(weight),
                           holds=[f"#gs.{one}" for one in expected])
    for pattern, expected in GROUPED.items():
        run = subprocess.run(["gsc", "prune", model, f"--pattern={pattern}", "--sparsity=0.5", "--exact", "-o", pruned],
                             capture_output=True, text=True, check=True)
        wrong += [f"{pattern}: no '{text}' in\n{run.stdout}" for text in expected if f"not pruned: {text}" not in run.stdout]
    if wrong:
        sys.exit("\n".join(wrong))
    suite.run()


if __name__ == "__main__":
    main()
