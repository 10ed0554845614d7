# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes one .mlir program of many small contractions with what each of them must compute.

usage: contractions.py matmul|conv|parameters|parameters-avx512 > FILE.mlir

Every case is a function with a constant weight and random input; `main` calls all of them and compares each result with
one that NumPy computed in float64 from the definition of the operation. The first two programs do not depend on strategy
or target: those are options of the pipeline that compiles them. In the others every case asks for a strategy with
parameters, also for some that the cost model does not propose at this size.
"""

from __future__ import annotations

import itertools
import sys
import zlib

import numpy as np

KEEP = 0.3


def mask(rng: np.random.Generator, pattern: str, rows: int, cols: int) -> np.ndarray:
    """Kept weights of a rows x cols matrix."""
    if pattern == "dense":
        return np.ones((rows, cols), bool)
    if pattern == "unstructured":
        return rng.random((rows, cols)) < KEEP
    if pattern.startswith("block"):
        height = int(pattern[5:])
        return np.repeat(rng.random((-(-rows // height), cols)) < KEEP, height, axis=0)[:rows]
    if pattern.startswith("window"):  # windowQ_W: Q of every W columns, or all that a window has
        kept, width = map(int, pattern[6:].split("_"))
        rank = rng.random((rows, -(-cols // width), width))
        rank.reshape(rows, -1)[:, cols:] = 2
        return (rank.argsort(axis=2).argsort(axis=2) < kept).reshape(rows, -1)[:, :cols]
    # gsB_k: in a bundle of B / k rows every group holds k columns of each row, and all columns of a group differ mod B.
    banks, width = map(int, pattern[2:].split("_"))
    lanes, result = banks // width, np.zeros((rows, cols), bool)
    for row in range(0, rows, lanes):
        for start in range(0, cols - banks + 1, banks):
            if rng.random() < 2 * KEEP:
                residues = rng.permutation(banks).reshape(lanes, width)
                for lane in range(min(lanes, rows - row)):
                    result[row + lane, start + residues[lane]] = True
    return result


def tap_mask(rng: np.random.Generator, outputs: int, kernel: tuple[int, ...], depth: int) -> np.ndarray:
    """Kept weights of kernels (outputs, *kernel, depth) that keep one of four sets of taps each."""
    taps = int(np.prod(kernel))
    sets = rng.random((4, taps)).argsort(axis=1) < max(1, taps * 4 // 9)
    return np.moveaxis(sets[rng.integers(0, 4, (outputs, depth))].reshape(outputs, depth, *kernel), 1, -1)


def literal(array: np.ndarray) -> str:
    """`dense<...>` with the exact bytes."""
    return f'dense<"0x{np.ascontiguousarray(array, np.float32).tobytes().hex().upper()}">'


def tensor(shape: tuple[int, ...]) -> str:
    """`tensor<2x3xf32>`."""
    return f"tensor<{'x'.join(map(str, shape))}xf32>"


def epilogue(kind: str, y: np.ndarray, rng: np.random.Generator, channel: int) -> tuple[np.ndarray, list, str]:
    """Applies an epilogue to the exact result; returns it, the operands and the region."""
    if kind == "none":
        return y, [], ""
    bias = rng.standard_normal(y.shape[channel]).astype(np.float32)
    shape = [-1 if axis == channel else 1 for axis in range(y.ndim)]
    y = y + bias.reshape(shape)
    if kind == "bias":
        return y, [bias], "{\n^bb0(%a: f32, %c: f32):\n  %s = arith.addf %a, %c : f32\n  gs.yield %s : f32\n}"
    zero = "  %z = arith.constant 0.0 : f32\n"
    if kind == "relu":
        return np.maximum(y, 0), [bias], ("{\n^bb0(%a: f32, %c: f32):\n" + zero + "  %s = arith.addf %a, %c : f32\n"
                                          "  %r = arith.maximumf %s, %z : f32\n  gs.yield %r : f32\n}")
    residual = rng.standard_normal(y.shape).astype(np.float32)
    return np.maximum(y + residual, 0), [bias, residual], (
        "{\n^bb0(%a: f32, %c: f32, %d: f32):\n" + zero + "  %s = arith.addf %a, %c : f32\n  %t = arith.addf %s, %d : f32\n"
        "  %r = arith.maximumf %t, %z : f32\n  gs.yield %r : f32\n}")


class Program:
    """The functions of the cases and `main`."""

    def __init__(self) -> None:
        self.strategy = ""  # asked for by the cases that are added
        self.encoding = ""  # pattern of the weights of the cases that are added; empty: plain constants
        self.row_order: list[int] = []  # of the next weight, for a pattern that permutes rows
        self.functions: list[str] = []
        self.checks: list[str] = []

    def add(self, name: str, op: str, attributes: str, weight: np.ndarray, x: np.ndarray, y: np.ndarray, kind: str,
            rng: np.random.Generator, channel: int) -> None:
        """One case: `op` on weight and x computes y before the epilogue."""
        expected, operands, region = epilogue(kind, y, rng, channel)
        tx, ty, tw = tensor(x.shape), tensor(y.shape), tensor(weight.shape)
        constant = f"  %w = arith.constant {literal(weight)} : {tw}"
        if self.encoding:
            plain, tw = tw, f"{tw[:-1]}, {self.encoding}>"
            order = f" row_order [{', '.join(map(str, self.row_order))}]" if self.row_order else ""
            constant = f"  %w = gs.constant {literal(weight)} : {plain}{order} as {tw}"
            self.row_order = []
        lines = [f"func.func private @{name}(%x: {tx}) -> {ty} {{", constant]
        for i, operand in enumerate(operands):
            lines.append(f"  %o{i} = arith.constant {literal(operand)} : {tensor(operand.shape)}")
        extra = ""
        if operands:
            extra = (f" epilogue({', '.join(f'%o{i}' for i in range(len(operands)))} : "
                     f"{', '.join(tensor(o.shape) for o in operands)})")
        lines += [f"  %e = tensor.empty() : {ty}",
                  f'  %y = {op} %w, %x{extra} outs(%e : {ty}) {self.strategy} {attributes} : {tw}, {tx} -> {ty} {region} '
                  f'loc("{name}")',
                  f"  return %y : {ty}", "}"]
        self.functions.append("\n".join(lines))
        n = len(self.checks)
        self.checks.append(f"  %x{n} = arith.constant {literal(x)} : {tx}\n"
                           f"  %e{n} = arith.constant {literal(expected)} : {ty}\n"
                           f"  %y{n} = func.call @{name}(%x{n}) : ({tx}) -> {ty}\n"
                           f'  check.expect_close %y{n}, %e{n} : {ty}')

    def __str__(self) -> str:
        return "\n".join([*self.functions, "func.func @main() {", *self.checks, "  return", "}", ""])


EPILOGUES = ("relu", "none", "residual", "bias")


def weigh(values: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Values where a mask keeps them; the second array itself if it is no mask, for patterns that constrain values, too."""
    return (values * kept if kept.dtype == bool else kept).astype(np.float32)


def matmul(program: Program, name: str, pattern: str, m: int, k: int, n: int, kind: str) -> None:
    """W (m x k) times X (k x n)."""
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    w = weigh(rng.standard_normal((m, k)), mask(rng, pattern, m, k))
    x = rng.standard_normal((k, n)).astype(np.float32)
    program.add(name, "gs.matmul", "", w, x, w.astype(np.float64) @ x, kind, rng, 0)


def conv(program: Program, name: str, pattern: str, kind: str, batch: int, channels: int, outputs: int,
         extents: tuple[int, ...], kernel: tuple[int, ...], strides: tuple[int, ...] = (), dilations: tuple[int, ...] = (),
         pads: tuple[int, ...] = (), groups: int = 1) -> None:
    """Convolution from its definition; pads are those before, then those after each dimension."""
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    rank = len(extents)
    strides, dilations, pads = strides or (1,) * rank, dilations or (1,) * rank, pads or (0,) * 2 * rank
    depth = channels // groups
    # Patterns run over rows (output channels) and columns with the channel innermost.
    flat = (tap_mask(rng, outputs, kernel, depth) if pattern == "taps" else
            mask(rng, pattern, outputs, depth * int(np.prod(kernel))).reshape(outputs, *kernel, depth))
    w = weigh(rng.standard_normal((outputs, depth, *kernel)), np.moveaxis(flat, -1, 1))
    x = rng.standard_normal((batch, channels, *extents)).astype(np.float32)
    padded = np.pad(x.astype(np.float64), [(0, 0), (0, 0), *zip(pads[:rank], pads[rank:])])
    out = [(padded.shape[2 + d] - (kernel[d] - 1) * dilations[d] - 1) // strides[d] + 1 for d in range(rank)]
    y = np.zeros((batch, outputs, *out))
    for tap in itertools.product(*map(range, kernel)):
        window = tuple(slice(t * dilations[d], t * dilations[d] + (out[d] - 1) * strides[d] + 1, strides[d])
                       for d, t in enumerate(tap))
        for g in range(groups):
            rows = slice(g * outputs // groups, (g + 1) * outputs // groups)
            seen = padded[(slice(None), slice(g * depth, (g + 1) * depth), *window)]
            y[:, rows] += np.einsum("oc,bc...->bo...", w[(rows, slice(None), *tap)].astype(np.float64), seen)

    def array(values: tuple[int, ...]) -> str:
        return f"array<i64: {', '.join(map(str, values))}>"
    attributes = (f"{{strides = {array(strides)}, dilations = {array(dilations)}, pads = {array(pads)}, "
                  f"groups = {groups} : i64}}")
    program.add(name, "gs.conv", attributes, w, x, y, kind, rng, 1)


def parameters(program: Program, avx512: bool) -> None:
    """Two cases for every choice of strategy and parameters."""
    choices = [("dense-tile", "dense", {"mr": mr, "nr": nr}) for mr in (1, 2, 3, 6, 8) for nr in (1, 2, 5)]
    choices += [("row-group-broadcast", f"block{v}", {"mr": mr, "nr": nr})
                for v, mr, nr in ((4, 4, 1), (4, 2, 3), (8, 8, 2), (8, 4, 1), (16, 16, 1), (16, 8, 2), (16, 4, 5))]
    choices += [("single-row-broadcast", pattern, {"column_block": block, "nr": nr})
                for pattern in ("unstructured", "gs16_1", "block4") for block, nr in ((0, 1), (16, 3), (64, 2), (100, 8))]
    choices += [("sorted-row-broadcast", pattern, {"column_block": block, "nr": nr, "section": section, "spread": spread})
                for pattern in ("unstructured", "gs16_1", "block4")
                for block, nr, section, spread in ((0, 1, 16, 0), (16, 2, 37, 1), (100, 3, 9, 1))]
    choices += [("channel-lanes", "block16", {"columns": columns, "rows": rows})
                for columns, rows in ((1, 16), (9, 16), (6, 16))]
    if avx512:
        choices = [("channel-lanes", "block16", {"columns": columns, "rows": 16}) for columns in (7, 25, 28, 30)]
        choices += [("straight-line", pattern, {"column_block": block, "rows": rows})
                   for pattern in ("unstructured", "block8") for block, rows in ((0, 1), (0, 7), (32, 22), (100, 5))]
    kinds = itertools.cycle(EPILOGUES)
    for number, (strategy, pattern, values) in enumerate(choices):
        text = ", ".join(f"{key} = {value} : i64" for key, value in values.items())
        program.strategy = f'strategy = <"{strategy}", {{{text}}}>'
        rows = 46 if pattern == "block16" else 37  # Too ragged a last bundle is no bundle.
        matmul(program, f"parameters_matmul_{number}", pattern, rows, 240, (53, 131, 16)[number % 3], next(kinds))
        conv(program, f"parameters_conv_{number}", pattern, next(kinds), 1 + number % 2, 24, rows, (7, 10 + number), (3, 3),
             pads=(1, 1, 1, 1), strides=(1, 1 + number % 2))


def main() -> None:
    """Writes the program that the command line names."""
    program = Program()
    kinds = itertools.cycle(EPILOGUES)
    if sys.argv[1] == "matmul":
        for pattern in ("dense", "unstructured", "block4", "block8", "block16", "gs16_1", "gs8_2", "gs16_16"):
            for n in (1, 7, 53, 150):
                m, k = (48, 64) if pattern.startswith("gs") and n != 7 else (37, 61)
                matmul(program, f"matmul_{pattern}_{m}x{k}x{n}", pattern, m, k, n, next(kinds))
        matmul(program, "matmul_tiny", "dense", 1, 1, 1, "bias")
        matmul(program, "matmul_one_row", "unstructured", 1, 40, 20, "none")
        matmul(program, "matmul_long", "block4", 8, 700, 33, "relu")
        matmul(program, "matmul_long_vector", "gs16_1", 16, 640, 1, "relu")
    elif sys.argv[1].startswith("parameters"):
        parameters(program, sys.argv[1].endswith("avx512"))
    else:
        for pattern in ("dense", "unstructured", "block4", "block16", "gs16_1"):
            def add(name: str, *shape, pattern=pattern, **options) -> None:
                conv(program, f"conv_{name}_{pattern}", pattern, next(kinds), *shape, **options)
            add("1d_dilated", 2, 16, 32, (45,), (3,), dilations=(4,), pads=(4, 4))
            add("1d_strided", 1, 19, 24, (101,), (7,), strides=(3,), pads=(3, 1))
            add("1x1", 2, 37, 37, (9, 11), (1, 1))
            add("1x1_strided", 1, 16, 48, (15, 14), (1, 1), strides=(2, 2))
            add("3x3", 1, 16, 20, (13, 29), (3, 3), pads=(1, 1, 1, 1))
            add("3x3_asymmetric", 3, 7, 20, (6, 5), (3, 3), strides=(2, 1), pads=(0, 2, 1, 0))
            add("7x7_strided", 1, 3, 16, (29, 43), (7, 7), strides=(2, 2), pads=(3, 3, 3, 3))
            add("5x3_dilated", 1, 5, 32, (17, 19), (5, 3), dilations=(2, 3), pads=(4, 3, 4, 3))
            add("grouped", 2, 32, 32, (10, 9), (3, 3), pads=(1, 1, 1, 1), groups=2)
            add("3d", 1, 4, 16, (5, 7, 9), (3, 3, 3), strides=(1, 2, 1), pads=(1, 1, 1, 1, 1, 1))
            add("to_one_pixel", 1, 16, 32, (3, 3), (3, 3))
        conv(program, "conv_depthwise", "dense", "relu", 2, 21, 21, (12, 13), (3, 3), pads=(1, 1, 1, 1), groups=21)
        conv(program, "conv_depthwise_strided", "dense", "bias", 1, 16, 32, (14, 15), (5, 5), strides=(2, 2),
             pads=(2, 2, 2, 2), groups=16)
        conv(program, "conv_3d_dilated", "dense", "none", 2, 3, 5, (6, 7, 8), (2, 3, 1), dilations=(2, 1, 1),
             pads=(0, 1, 0, 2, 1, 0))
    sys.stdout.write(str(program))


if __name__ == "__main__":
    main()
