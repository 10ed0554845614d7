# ===----------------------------------------------------------------------===#
#
# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""Modules that run a strategy on many shapes and compare with sums computed here.

    kernels.py STRATEGY > test.mlir

Weights and activations are small integers, so that every sum is exact whatever its order. The expectation follows the
definition

    out[b, m, p] = epilogue(sum over kept (m, i, tap) of W[m, i, tap] * X[b, i, p * stride + tap * dilation - pad])

over kept weights only, element by element, so that Inf and NaN in an activation that no kept weight reads must not show.
"""
import itertools
import sys

import numpy as np

from masks import ENCODING, mask_for, rng


# --- text -------------------------------------------------------------------


def literal(array):
    def number(value):
        if np.isfinite(value):
            return f"{float(value):.1f}"
        return f"0x{np.float32(value).view(np.uint32):08X}"

    def nested(part):
        return number(part) if part.ndim == 0 else "[" + ", ".join(nested(p) for p in part) + "]"

    return f"dense<{nested(np.asarray(array, np.float32))}>"


def tensor(shape, encoding=""):
    return "tensor<" + "".join(f"{d}x" for d in shape) + f"f32{encoding}>"


def integers(shape):
    values = rng.integers(1, 5, shape) * rng.choice([-1, 1], shape)
    return values.astype(np.float32)


# --- expectations -----------------------------------------------------------


def contract(weight, keep, x, strides, dilations, pads, groups):
    """weight and keep: O x I x taps..., x: B x C x spatial...; sums of the kept weights in float64."""
    spatial = x.ndim - 2
    taps = weight.shape[2:]
    padded = np.pad(x.astype(np.float64), [(0, 0), (0, 0)] + [(pads[d], pads[spatial + d]) for d in range(spatial)])
    out = [(padded.shape[2 + d] - (taps[d] - 1) * dilations[d] - 1) // strides[d] + 1 for d in range(spatial)]
    result = np.zeros((x.shape[0], weight.shape[0], *out))
    rows = weight.shape[0] // groups
    for o, i, *tap in np.argwhere(keep):
        channel = (o // rows) * weight.shape[1] + i
        window = tuple(
            slice(tap[d] * dilations[d], tap[d] * dilations[d] + (out[d] - 1) * strides[d] + 1, strides[d])
            for d in range(spatial)
        )
        result[:, o] += float(weight[(o, i, *tap)]) * padded[(slice(None), channel, *window)]
    return result


class Module:
    def __init__(self):
        self.functions = []

    def add(self, op, strategy, pattern, weight, keep, x, shape, expected, attributes="", epilogue=False):
        encoding = ENCODING[pattern[0]](*pattern[1:])
        wt, xt, yt = tensor(weight.shape, encoding), tensor(x.shape), tensor(shape)
        lines = []
        if encoding:
            # Kept weights are never zero here, so that the mask is implied.
            lines.append(f"  %w = gs.constant {literal(weight * keep)} : {tensor(weight.shape)} as {wt}")
        else:
            lines.append(f"  %w = arith.constant {literal(weight)} : {wt}")
        lines.append(f"  %x = arith.constant {literal(x)} : {xt}")
        lines.append(f"  %e = tensor.empty() : {yt}")
        operands = region = ""
        if epilogue:
            rows = weight.shape[0]
            bias, residual, scale = integers((rows,)), integers(shape), 2.0
            channel = [1] * len(shape)
            channel[1 if op == "gs.conv" else -2] = rows
            with np.errstate(invalid="ignore"):
                expected = np.maximum(expected * scale + bias.reshape(channel) + residual, 0)
            lines.append(f"  %b = arith.constant {literal(bias)} : {tensor(bias.shape)}")
            lines.append(f"  %r = arith.constant {literal(residual)} : {yt}")
            lines.append(f"  %s = arith.constant dense<{scale}> : tensor<f32>")
            operands = f" epilogue(%b, %r, %s : {tensor(bias.shape)}, {yt}, tensor<f32>)"
            region = """ {
  ^bb0(%sum: f32, %bias: f32, %residual: f32, %scale: f32):
    %zero = arith.constant 0.0 : f32
    %0 = arith.mulf %sum, %scale : f32
    %1 = arith.addf %0, %bias : f32
    %2 = arith.addf %1, %residual : f32
    %3 = arith.maximumf %2, %zero : f32
    gs.yield %3 : f32
  }"""
        lines.append(
            f"  %y = {op} %w, %x{operands} outs(%e : {yt}) strategy = <{strategy}>{attributes} : {wt}, {xt} -> {yt}{region}"
        )
        lines.append(f"  %z = arith.constant {literal(expected)} : {yt}")
        lines.append(f"  check.expect_close %y, %z : {yt}")
        name = f"case{len(self.functions)}"
        self.functions.append(f"func.func private @{name}() {{\n" + "\n".join(lines) + "\n  return\n}\n")

    def matmul(self, strategy, pattern, rows, cols, columns, batch=(), epilogue=False, poison=False, empty=False,
               wild=False):
        keep = np.ones((rows, cols), bool) if pattern[0] == "dense" else mask_for(pattern, rows, cols)
        if empty:
            keep[:] = False
        weight, x = integers((rows, cols)), integers((*batch, cols, columns))
        if poison:  # rows of X that no kept weight reads
            x[..., ~keep.any(axis=0), :] = rng.choice([np.inf, -np.inf, np.nan])
        if wild:
            x[..., cols // 3, :], x[..., cols // 2, :] = np.inf, np.nan
            weight[(np.arange(rows)[:, None] >= rows // 2) & (np.arange(cols) == cols // 4) & keep] = np.inf
        expected = np.zeros((*batch, rows, columns))
        with np.errstate(invalid="ignore"):
            for m, k in np.argwhere(keep):
                expected[..., m, :] += float(weight[m, k]) * x[..., k, :]
        self.add("gs.matmul", strategy, pattern, weight, keep, x, (*batch, rows, columns), expected, epilogue=epilogue)

    def conv(self, strategy, pattern, weight_shape, extents, strides, dilations, pads, groups=1, batch=1, epilogue=False,
             poison=False, empty=False):
        rows, channels, *taps = weight_shape
        locations = int(np.prod(taps))
        if pattern[0] == "dense":
            keep = np.ones(weight_shape, bool)
        else:  # masks are made in the channel-inner view
            flat = mask_for(pattern, rows, channels * locations)
            if empty:
                flat[:] = False
            keep = np.moveaxis(flat.reshape(rows, *taps, channels), -1, 1)
        weight, x = integers(weight_shape), integers((batch, channels * groups, *extents))
        if poison:
            read = keep.reshape(groups, rows // groups, channels, -1).any(axis=(1, 3)).reshape(-1)
            x[:, ~read] = np.nan
        expected = contract(weight, keep, x, strides, dilations, pads, groups)
        text = lambda values: "array<i64: " + ", ".join(map(str, values)) + ">"
        attributes = (
            f" {{strides = {text(strides)}, dilations = {text(dilations)}, pads = {text(pads)}, groups = {groups} : i64}}"
        )
        self.add("gs.conv", strategy, pattern, weight, keep, x, expected.shape, expected, attributes, epilogue)

    def write(self):
        calls = "".join(f"  call @case{i}() : () -> ()\n" for i in range(len(self.functions)))
        print("\n".join(self.functions) + f"\nfunc.func @main() {{\n{calls}  return\n}}")


def convolutions(module, strategy, pattern, groups=(1,), least=1):
    """1-D to 3-D with strides, dilations, uneven pads, lines shorter than a vector, several lines per vector; those with
    at least so many outputs per channel."""

    def conv(*args, **more):
        (_, _, *taps), extents, strides, dilations, pads = args
        outputs = more.get("batch", 1)
        for d, extent in enumerate(extents):
            window = (taps[d] - 1) * dilations[d] + 1
            outputs *= (extent + pads[d] + pads[len(extents) + d] - window) // strides[d] + 1
        if outputs >= least:
            module.conv(strategy, pattern, *args, **more)

    conv((7, 5, 3), (21,), (1,), (1,), (1, 1))
    conv((7, 5, 5), (40,), (1,), (3,), (12, 0), epilogue=True)  # causal, dilated
    conv((6, 5, 3), (35,), (3,), (1,), (2, 1))
    conv((7, 4, 3, 3), (7, 5), (1, 1), (1, 1), (1, 1, 1, 1), epilogue=True)
    conv((5, 4, 1, 1), (6, 7), (1, 1), (1, 1), (0, 0, 0, 0), batch=2)
    conv((5, 4, 1, 1), (9, 8), (2, 2), (1, 1), (0, 0, 0, 0))
    conv((9, 3, 7, 3), (13, 29), (2, 2), (1, 1), (3, 0, 2, 1))
    conv((4, 3, 3, 3), (9, 19), (1, 1), (2, 3), (2, 3, 2, 3), poison=True, epilogue=True)
    conv((6, 3, 2, 2), (3, 2), (1, 1), (1, 1), (1, 1, 0, 0), batch=3)
    conv((5, 3, 3, 2, 2), (4, 5, 6), (1, 2, 1), (1, 1, 2), (1, 0, 1, 1, 1, 0), epilogue=True)
    conv((4, 2, 1, 1, 1), (2, 3, 17), (1, 1, 1), (1, 1, 1), (0, 0, 0, 0, 0, 0))
    conv((4, 3, 3, 3), (6, 37), (1, 1), (1, 1), (1, 1, 1, 1), empty=True, epilogue=True)
    for g in groups:
        if g > 1:
            conv((4 * g, 2, 3, 3), (6, 11), (1, 1), (1, 1), (1, 1, 1, 1), groups=g, epilogue=True)


def matmuls(module, strategy, pattern, sizes, columns, **more):
    for (rows, cols), n in itertools.product(sizes, columns):
        module.matmul(strategy, pattern, rows, cols, n, **more)


def row_group_broadcast(module):
    for v, mr, nr in [(4, 4, 1), (4, 2, 3), (8, 8, 2), (8, 4, 4), (16, 16, 1), (2, 2, 2)]:
        strategy, pattern = f'"row-group-broadcast", {{mr = {mr}, nr = {nr}}}', ("block", v)
        matmuls(module, strategy, pattern, [(3 * v + 1, 7), (2 * v, 1)], [5, 33])
        module.matmul(strategy, pattern, 5 * v - 1, 9, 37, batch=(2, 3), epilogue=True)
        module.matmul(strategy, pattern, v - 1, 9, 17, poison=True)
        module.matmul(strategy, pattern, 3 * v, 9, 18, empty=True, epilogue=True)
    module.matmul('"row-group-broadcast"', ("block", 4), 10, 12, 300, poison=True, epilogue=True)
    for nr in (1, 2, 4):
        convolutions(module, f'"row-group-broadcast", {{nr = {nr}}}', ("block", 4), groups=(1, 2))
    # Tiles over the ends of lines, and single columns with lanes along rows.
    for v, mr, nr in [(4, 4, 1), (4, 2, 3), (8, 8, 2), (4, 4, 4)]:
        strategy, pattern = f'"row-group-broadcast", {{mr = {mr}, nr = {nr}, flat = 1}}', ("block", v)
        matmuls(module, strategy, pattern, [(3 * v + 1, 7)], [9, 17, 18, 33, 49, 50])
        module.matmul(strategy, pattern, 5 * v - 1, 9, 33, batch=(2, 3), epilogue=True)
        module.matmul(strategy, pattern, 3 * v, 9, 49, poison=True, epilogue=True)
        convolutions(module, strategy, pattern, groups=(1, 2) if v == 4 else (1,))
        for width in (14, 15, 16, 17, 28, 31):
            module.conv(strategy, pattern, (v + 3, 3, 3, 3), (9, width), (1, 1), (1, 1), (1, 1, 1, 1), epilogue=True)
        module.conv(strategy, pattern, (v + 3, 2, 3, 3, 3), (3, 5, 19), (1, 1, 1), (1, 1, 1), (1, 1, 1, 1, 1, 1), batch=2)


def channel_lanes(module):
    for v, parameters in [(16, "columns = 1"), (16, "columns = 4"), (32, "columns = 14"), (16, "columns = 6, rows = 16"), (64, "")]:
        strategy, pattern = f'"channel-lanes", {{{parameters}}}', ("block", v)
        matmuls(module, strategy, pattern, [(2 * v + 1, 7), (2 * v, 1)], [2, 5, 15, 33])
        module.matmul(strategy, pattern, 3 * v - 1, 9, 37, batch=(2, 3), epilogue=True)
        module.matmul(strategy, pattern, v - 1, 9, 17, poison=True)
        module.matmul(strategy, pattern, 3 * v, 9, 18, empty=True, epilogue=True)
    module.matmul('"channel-lanes"', ("block", 16), 40, 12, 300, poison=True, epilogue=True)
    for columns in (3, 7, 16):
        convolutions(module, f'"channel-lanes", {{columns = {columns}}}', ("block", 16))
    for extent in (7, 14, 15):
        for pads in [(0, 0, 0, 0), (1, 1, 1, 1)]:
            module.conv('"channel-lanes"', ("block", 16), (33, 5, 3, 3), (extent, extent), (1, 1), (1, 1), pads, batch=2, epilogue=True)
    module.conv('"channel-lanes"', ("block", 16), (64, 8, 3, 3), (7, 9), (2, 1), (1, 1), (1, 1, 1, 1), groups=2, epilogue=True)
    module.conv('"channel-lanes"', ("block", 16), (19, 2, 3, 3, 3), (3, 5, 19), (1, 1, 1), (1, 1, 1), (1, 1, 1, 1, 1, 1), batch=2)


def sorted_row_broadcast(module):
    for block, nr, section, spread in [(0, 1, 8, 0), (0, 2, 3, 1), (3, 2, 8, 1), (5, 4, 16, 0), (1, 1, 1, 1), (100, 2, 64, 1)]:
        strategy = f'"sorted-row-broadcast", {{column_block = {block}, nr = {nr}, section = {section}, spread = {spread}}}'
        matmuls(module, strategy, ("unstructured",), [(5, 11), (1, 1), (41, 9)], [2, 7, 35])
        module.matmul(strategy, ("unstructured",), 7, 13, 18, batch=(3,), epilogue=True)
        module.matmul(strategy, ("block", 4), 6, 9, 33, poison=True, epilogue=True)
        module.matmul(strategy, ("gs", 4, 2), 5, 10, 20, empty=True)
        module.matmul(strategy, ("gs", 8, 2), 11, 25, 21)
    module.matmul('"sorted-row-broadcast"', ("unstructured",), 30, 12, 300, poison=True, epilogue=True)
    module.matmul('"sorted-row-broadcast"', ("block", 4), 50, 40, 49, poison=True, epilogue=True)
    # Displacements beyond 16 bits: short ones where each block counts from its begin, which it does not if too far.
    for block, section, columns in [(25, 8, 1000), (32, 4, 2047), (33, 4, 2100), (0, 8, 1000)]:
        strategy = f'"sorted-row-broadcast", {{column_block = {block}, nr = 2, section = {section}}}'
        module.matmul(strategy, ("unstructured",), 9, 70, columns, poison=True, epilogue=True)
    for block, size in [(4, 141), (9, 149)]:
        strategy = f'"sorted-row-broadcast", {{column_block = {block}, nr = 2, section = 3}}'
        module.conv(strategy, ("unstructured",), (5, 4, 3, 3), (size, size), (1, 1), (1, 1), (1, 1, 1, 1), epilogue=True)
    for block, nr in [(0, 1), (4, 2), (0, 6)]:
        convolutions(module, f'"sorted-row-broadcast", {{column_block = {block}, nr = {nr}, section = 4}}', ("unstructured",))


def row_list_broadcast(module):
    patterns = [("bcr", 8, 16), ("strips", 8, 16), ("union", 4), ("bcr", 70, 9), ("bcr", 6, 5), ("union", 8)]
    for pattern, (mr, nr, least) in itertools.product(patterns, [(2, 1, 1), (4, 3, 2), (6, 2, 1), (4, 4, 100)]):
        if pattern == ("union", 4) and mr > 4:
            continue
        strategy = f'"row-list-broadcast", {{columns = {least}, mr = {mr}, nr = {nr}, wide = {2 * nr + least % 2}}}'
        matmuls(module, strategy, pattern, [(25, 37), (8, 1)], [5, 33])
        module.matmul(strategy, pattern, 23, 29, 37, batch=(2, 3), epilogue=True)
        module.matmul(strategy, pattern, 7, 9, 17, poison=True)
        module.matmul(strategy, pattern, 24, 9, 18, empty=True, epilogue=True)
        module.matmul(strategy, pattern, 19, 30, 18, wild=True)
    module.matmul('"row-list-broadcast"', ("bcr", 16, 8), 40, 24, 300, poison=True, epilogue=True)
    for pattern, nr in [(("bcr", 2, 6), 1), (("union", 4), 4), (("strips", 4, 8), 2)]:
        strategy = f'"row-list-broadcast", {{columns = 2, mr = 2, nr = {nr}}}'
        convolutions(module, strategy, pattern, groups=(1, 2))


def kernel_tap_broadcast(module):
    for nr in (1, 2, 4, 8):
        strategy = f'"kernel-tap-broadcast", {{nr = {nr}}}'

        def conv(*args, strategy=strategy, **more):
            module.conv(strategy, ("taps",), *args, **more)

        conv((7, 4, 3, 3), (7, 5), (1, 1), (1, 1), (1, 1, 1, 1), epilogue=True)  # several lines per vector
        conv((5, 3, 3, 3), (9, 19), (1, 1), (2, 3), (2, 3, 2, 3), poison=True, epilogue=True)
        conv((5, 1, 3, 3), (6, 37), (1, 1), (1, 1), (1, 1, 1, 1), batch=2)
        conv((6, 5, 3, 3), (13, 29), (2, 2), (1, 1), (1, 0, 2, 1), epilogue=True)  # planes of phases
        conv((4, 3, 3, 3), (6, 37), (1, 1), (1, 1), (1, 1, 1, 1), empty=True, epilogue=True)
        conv((8, 2, 3, 3), (6, 11), (1, 1), (1, 1), (1, 1, 1, 1), groups=2, epilogue=True)
        conv((9, 7, 3, 3), (5, 40), (1, 1), (1, 1), (0, 0, 0, 0), batch=2)  # no padding: no slack behind the last line
        conv((1, 1, 3, 3), (3, 5), (1, 1), (1, 1), (0, 0, 0, 0))
    module.conv('"kernel-tap-broadcast"', ("taps",), (16, 12, 3, 3), (14, 14), (1, 1), (1, 1), (1, 1, 1, 1), epilogue=True)


def single_row_broadcast(module):
    for block, nr in [(0, 1), (0, 4), (3, 2), (5, 6), (1, 1), (100, 2)]:
        strategy = f'"single-row-broadcast", {{column_block = {block}, nr = {nr}}}'
        matmuls(module, strategy, ("unstructured",), [(5, 11), (1, 1)], [2, 35])
        module.matmul(strategy, ("unstructured",), 7, 13, 18, batch=(3,), epilogue=True)
        module.matmul(strategy, ("block", 4), 6, 9, 33, poison=True, epilogue=True)
        module.matmul(strategy, ("gs", 4, 2), 5, 10, 20, empty=True)
        module.matmul(strategy, ("gs", 8, 2), 11, 25, 21)
    module.matmul('"single-row-broadcast"', ("unstructured",), 10, 12, 300, poison=True, epilogue=True)
    for block, nr in [(0, 1), (4, 2), (0, 6)]:
        convolutions(module, f'"single-row-broadcast", {{column_block = {block}, nr = {nr}}}', ("unstructured",), (1, 2, 3))


def dense_tile(module):
    for mr, nr in [(1, 1), (4, 2), (8, 2), (6, 4), (2, 8), (3, 5)]:
        strategy = f'"dense-tile", {{mr = {mr}, nr = {nr}}}'
        matmuls(module, strategy, ("dense",), [(5, 3), (13, 40), (1, 1)], [2, 35])
        matmuls(module, strategy, ("dense",), [(7, 34)], [9, 17, 20, 49, 100])  # narrow last vectors
        module.matmul(strategy, ("dense",), 7, 5, 18, batch=(2,), epilogue=True)
        module.matmul(strategy, ("block", 4), 9, 5, 18, epilogue=True)
    # Single columns behind whole vectors, for vectors of 4, 8 and 16; padded and ragged panels, loops and unrolled columns.
    for (mr, nr), columns in itertools.product([(8, 3), (4, 2), (4, 3), (16, 1)], [17, 18, 34, 49, 50, 196]):
        strategy = f'"dense-tile", {{mr = {mr}, nr = {nr}}}'
        module.matmul(strategy, ("dense",), 19, 5 if columns % 2 else 37, columns, epilogue=columns > 34)
    # Packed activations: several loops of tiles, masks, short lines, batches.
    for (mr, nr), columns in itertools.product([(8, 3), (4, 2), (6, 4)], [2, 9, 20, 49, 196, 300]):
        module.matmul(f'"dense-tile", {{mr = {mr}, nr = {nr}, packed = 1}}', ("dense",), 19, 35, columns, epilogue=columns > 34)
    for mr, nr in [(8, 3), (4, 2)]:
        strategy = f'"dense-tile", {{mr = {mr}, nr = {nr}, packed = 1}}'
        module.conv(strategy, ("dense",), (11, 4, 3, 3), (9, 37), (2, 2), (1, 1), (1, 1, 1, 1), batch=2, epilogue=True)
        module.conv(strategy, ("dense",), (5, 4, 3, 3), (7, 7), (1, 1), (1, 1), (1, 1, 1, 1), batch=2)
        # Lines shorter and longer than a vector become one, also those of slices; one line, one column; strides of 3.
        for extents, strides, pads in [((14, 14), (2, 2), (1, 1, 1, 1)), ((29, 20), (3, 3), (0, 2, 1, 0)),
                                       ((5, 41), (5, 1), (1, 0, 0, 1)), ((40, 5), (2, 3), (1, 0, 1, 0))]:
            module.conv(strategy, ("dense",), (9, 4, 3, 3), extents, strides, (1, 1), pads, epilogue=True)
        module.conv(strategy, ("dense",), (5, 4, 1, 3, 3), (3, 9, 9), (1, 2, 2), (1, 1, 1), (0, 1, 1, 0, 1, 1), batch=2)
        module.conv(strategy, ("dense",), (5, 40, 1, 1), (13, 9), (2, 3), (1, 1), (0, 0, 0, 0), epilogue=True)
        # So many columns that the copy takes several rounds; places in the code and computed ones.
        for shape, extents in [((3, 60, 3, 3), (20, 24)), ((5, 25, 3, 3), (30, 40))]:
            module.conv(strategy, ("dense",), shape, extents, (1, 1), (1, 1), (1, 1, 1, 1), epilogue=True)
    for mr in (4, 8):
        strategy = f'"dense-tile", {{mr = {mr}, nr = 3}}'
        module.conv(strategy, ("dense",), (11, 3, 3, 3), (7, 35), (1, 1), (1, 1), (0, 0, 0, 0), batch=2, epilogue=True)
        module.conv(strategy, ("dense",), (16, 3, 1, 1), (7, 7), (1, 1), (1, 1), (0, 0, 0, 0), groups=2, epilogue=True)
    for mr, nr in [(1, 2), (2, 4)]:
        convolutions(module, f'"dense-tile", {{mr = {mr}, nr = {nr}}}', ("dense",), (2, 3))
    convolutions(module, '"dense-tile"', ("dense",), (5,))
    convolutions(module, '"dense-tile", {mr = 3, nr = 5}', ("dense",))
    # Depthwise, down to one pixel.
    for extents in [(9, 10), (3, 3)]:
        module.conv('"dense-tile"', ("dense",), (6, 1, 3, 3), extents, (1, 1), (1, 1), (0, 0, 0, 0), groups=6, epilogue=True)


def winograd(module):
    tiles = itertools.cycle([(1, 1), (4, 3), (8, 2), (6, 4), (16, 1), (3, 5)])
    # Multiples of an output tile and all remainders, one line, one column, rows of tiles longer than a block and than two.
    extents = [(3, 3), (4, 4), (5, 7), (7, 7), (14, 14), (1, 9), (9, 1), (13, 30), (6, 70), (2, 270), (5, 519)]
    pads = itertools.cycle([(1, 1, 1, 1), (2, 1, 0, 2), (0, 0, 2, 2), (1, 2, 1, 1)])
    shapes = itertools.cycle([(7, 3), (1, 1), (16, 8), (5, 2), (13, 5)])
    for number, (tile, (h, w)) in enumerate(itertools.product((2, 4), extents)):
        mr, nr = next(tiles)
        strategy = f'"winograd", {{mr = {mr}, nr = {nr}, tile = {tile}}}'
        shape = (*next(shapes), 3, 3)
        module.conv(strategy, ("dense",), shape, (h, w), (1, 1), (1, 1), next(pads), batch=1 + number % 2, epilogue=number % 3 > 0)
    # No padding, an encoded weight, default parameters, and so many channels that the blocks take several rounds.
    module.conv('"winograd"', ("dense",), (5, 2, 3, 3), (9, 11), (1, 1), (1, 1), (0, 0, 0, 0), epilogue=True)
    module.conv('"winograd"', ("block", 4), (9, 3, 3, 3), (10, 10), (1, 1), (1, 1), (1, 1, 1, 1))
    module.conv('"winograd", {tile = 2}', ("dense",), (2, 300, 3, 3), (12, 41), (1, 1), (1, 1), (1, 1, 1, 1), batch=2)
    # Slices: of the kernel, of the output, both; strides and dilations between slices; several rounds.
    for tile in (2, 4):
        strategy = f'"winograd", {{tile = {tile}}}'
        module.conv(strategy, ("dense",), (5, 3, 3, 3, 3), (4, 7, 9), (1, 1, 1), (1, 1, 1), (1, 1, 1, 1, 1, 1), epilogue=True)
        module.conv(strategy, ("dense",), (4, 1, 2, 3, 3), (6, 5, 8), (2, 1, 1), (2, 1, 1), (1, 0, 1, 0, 2, 1), batch=2)
        module.conv(strategy, ("dense",), (3, 2, 1, 3, 3), (3, 6, 6), (1, 1, 1), (1, 1, 1), (0, 0, 0, 0, 0, 0))
        module.conv(strategy, ("dense",), (2, 2, 4, 3, 3), (4, 3, 5), (1, 1, 1), (1, 1, 1), (0, 1, 1, 0, 1, 1))
    module.conv('"winograd", {tile = 2}', ("dense",), (2, 90, 3, 3, 3), (3, 10, 41), (1, 1, 1), (1, 1, 1), (1, 1, 1, 1, 1, 1))


def column_block(module):
    for v in (4, 8, 16):
        for rows, cols in [(3 * v + 1, 7), (v, 30), (v - 1, 5), (4 * v, 1)]:
            module.matmul('"column-block"', ("block", v), rows, cols, 1)
            module.matmul('"column-block"', ("block", v), rows, cols, 1, poison=True, epilogue=True)
        module.matmul('"column-block"', ("block", v), 5 * v + 2, 9, 1, empty=True, epilogue=True)
        module.conv('"column-block"', ("block", v), (9, 3, 3, 2), (3, 2), (1, 1), (1, 1), (0, 0, 0, 0), poison=True)
    for rows in (1, 8, 11, 16, 37):
        for block in (1, 4, 8, 16, 20):
            strategy = f'"column-block", {{rows = {block}}}'
            module.matmul(strategy, ("dense",), rows, 6, 1)
            module.matmul(strategy, ("dense",), rows, 13, 1, batch=(1,), epilogue=True)
    module.matmul('"column-block"', ("dense",), 21, 13, 1)


def lane_gather(module):
    for banks, width in [(16, 1), (8, 1), (8, 2), (8, 8), (4, 2), (16, 4)]:
        height = banks // width
        for rows in (height, 3 * height, 2 * height + max(1, height // 2)):
            module.matmul('"lane-gather"', ("gs", banks, width), rows, 2 * banks + 3, 1)
            module.matmul('"lane-gather"', ("gs", banks, width), rows, 5 * banks, 1, poison=True, epilogue=True)
        module.matmul('"lane-gather"', ("gs", banks, width), 3 * height, banks, 1, empty=True, epilogue=True)
    for rows, cols in [(5, 40), (1, 1), (9, 7), (3, 64)]:
        module.matmul('"lane-gather"', ("unstructured",), rows, cols, 1)
        module.matmul('"lane-gather"', ("unstructured",), rows, cols, 1, poison=True, epilogue=True)
    module.matmul('"lane-gather"', ("block", 4), 10, 33, 1, epilogue=True)
    module.conv('"lane-gather"', ("gs", 4, 1), (6, 8, 3, 2), (3, 2), (1, 1), (1, 1), (0, 0, 0, 0), epilogue=True)


def sliding_window_permute(module):
    # Rows that are no multiple of the lanes; fewer columns than a window; one row, one column.
    shapes = [(37, 61), (16, 33), (5, 7), (3, 15), (9, 16), (1, 100), (20, 1), (1, 1), (33, 200)]
    for number, (rows, cols) in enumerate(shapes):
        strategy = f'"sliding-window-permute", {{sorted = {number % 2}, steps = {(1, 2, 1, 2)[number % 4]}}}'
        module.matmul(strategy, ("unstructured",), rows, cols, 1)
        module.matmul(strategy, ("unstructured",), rows, cols, 1, poison=True, epilogue=True)
        module.matmul(strategy, ("full",), rows, cols, 1, epilogue=True)
    for steps, order in itertools.product((1, 2), (0, 1)):
        strategy = f'"sliding-window-permute", {{sorted = {order}, steps = {steps}}}'
        module.matmul(strategy, ("unstructured",), 19, 40, 1, empty=True, epilogue=True)
        module.matmul(strategy, ("uneven",), 40, 90, 1, poison=True, epilogue=True)
        # An infinite or undefined activation or weight reaches the rows that keep its column, and no other.
        module.matmul(strategy, ("uneven",), 40, 90, 1, wild=True)
        module.matmul(strategy, ("unstructured",), 21, 40, 1, wild=True)
    strategy = '"sliding-window-permute"'
    for v, order in itertools.product((2, 4, 8, 16, 3), (0, 1)):
        module.matmul(f'"sliding-window-permute", {{sorted = {order}}}', ("block", v), 5 * v + 2, 65, 1, poison=True, epilogue=True)
    module.matmul(strategy, ("gs", 8, 2), 11, 50, 1, poison=True)
    module.matmul(strategy, ("unstructured",), 50, 130, 1, batch=(1,), epilogue=True)
    module.conv(strategy, ("unstructured",), (9, 3, 3, 2), (3, 2), (1, 1), (1, 1), (0, 0, 0, 0), poison=True)


def window_permute(module):
    # Rows and columns that divide nothing; one bundle to several; one row, one column; N:M that makes whole windows.
    for number, (rows, cols) in enumerate([(37, 61), (16, 32), (5, 7), (9, 16), (1, 100), (20, 1), (1, 1), (71, 200), (130, 96)]):
        for kept, width in [(3, 16), (2, 32), (31, 32), (1, 16)]:
            strategy, pattern = f'"window-permute", {{bundles = {number % 4 + 1}}}', ("window", kept, width)
            module.matmul(strategy, pattern, rows, cols, 1, poison=number % 2 == 0, epilogue=number % 3 > 0)
            module.matmul(strategy, pattern, rows, cols, 1, wild=True)
    for kept, period in [(2, 4), (1, 8), (3, 16), (1, 2)]:
        module.matmul('"window-permute"', ("nm", kept, period), 21, 96, 1, epilogue=True)
        module.matmul('"window-permute"', ("nm", kept, period), 40, 48, 1, wild=True)
    module.matmul('"window-permute"', ("nm", 3, 16), 18, 41, 1)
    module.conv('"window-permute"', ("window", 2, 16), (9, 3, 1, 1), (1, 1), (1, 1), (1, 1), (0, 0, 0, 0), epilogue=True)


def straight_line(module):
    for block, rows, copy in [(0, 28, 0), (0, 5, 1), (3, 4, 0), (7, 1, 1), (4, 3, 1), (0, 28, 1)]:
        strategy = f'"straight-line", {{aligned_copy = {copy}, column_block = {block}, rows = {rows}}}'
        matmuls(module, strategy, ("unstructured",), [(5, 11), (29, 3)], [16, 37])
        module.matmul(strategy, ("unstructured",), 7, 13, 19, batch=(3,), epilogue=True)
        module.matmul(strategy, ("block", 4), 6, 9, 33, poison=True, epilogue=True)
        module.matmul(strategy, ("gs", 4, 2), 5, 10, 20, empty=True)
        convolutions(module, strategy, ("unstructured",), least=16)
    # Slices of the output and images, whose copies of activations may be too many for one round. Slices of the kernel share
    # copies, unless there are more than pointers, or they lie apart, or do not reach equally far.
    padded, bare = (1, 1, 1, 1, 1, 1), (0, 1, 1, 0, 1, 1)
    for copied in ['"straight-line", {aligned_copy = 1}', '"straight-line", {aligned_copy = 2}']:
        module.conv(copied, ("unstructured",), (9, 3, 3, 3, 3), (6, 5, 19), (1, 1, 1), (1, 1, 1), padded, batch=2, epilogue=True)
        module.conv(copied, ("unstructured",), (5, 4, 2, 3, 3), (9, 7, 20), (2, 1, 1), (1, 1, 1), bare)
        module.conv(copied, ("unstructured",), (30, 2, 5, 1, 3), (8, 4, 17), (1, 1, 1), (1, 1, 1), (2, 0, 1, 2, 0, 1), batch=2)
        module.conv(copied, ("unstructured",), (4, 2, 6, 3, 1), (9, 4, 17), (1, 1, 1), (1, 1, 1), (0, 1, 0, 0, 1, 0))
        module.conv(copied, ("unstructured",), (4, 3, 3, 3, 3), (9, 5, 6), (1, 1, 1), (2, 1, 1), padded)
        module.conv(copied, ("unstructured",), (4, 3, 3, 3, 3), (9, 5, 6), (2, 1, 1), (1, 1, 1), padded, batch=2)
    # Lines of 16 and some more elements, whose ends share vectors: in twos, threes, fours, sevens; dilated and strided lines; kernels
    # of more lines than share a vector; taps that reach unequally far; one line, and a prime number of them.
    joined = '"straight-line", {aligned_copy = 2}'
    module.conv(joined, ("unstructured",), (9, 3, 3, 3), (8, 24), (1, 1), (1, 1), (1, 1, 1, 1), epilogue=True, poison=True)
    module.conv(joined, ("unstructured",), (30, 2, 3, 3), (8, 20), (1, 1), (1, 1), (1, 1, 1, 1), batch=2, epilogue=True)
    module.conv(joined, ("unstructured",), (5, 3, 5, 3), (6, 37), (1, 1), (1, 1), (2, 1, 2, 1), batch=2)
    module.conv(joined, ("unstructured",), (5, 3, 3, 2), (12, 20), (1, 1), (3, 1), (3, 0, 3, 0), epilogue=True)
    module.conv(joined, ("unstructured",), (5, 3, 3, 3), (16, 47), (2, 2), (1, 1), (1, 1, 1, 1))
    module.conv(joined, ("unstructured",), (5, 3, 7, 1), (4, 20), (1, 1), (1, 1), (3, 0, 3, 0))
    module.conv(joined, ("unstructured",), (5, 3, 1, 3), (6, 21), (1, 1), (1, 1), (0, 1, 0, 1))
    module.conv(joined, ("unstructured",), (5, 3, 3, 3), (7, 17), (1, 1), (1, 1), (1, 1, 1, 1))
    module.conv(joined, ("unstructured",), (5, 3, 3), (25,), (1,), (1,), (1, 1), batch=2)
    module.conv('"straight-line", {aligned_copy = 2, column_block = 4, rows = 3}', ("unstructured",), (7, 3, 3, 3), (8, 20), (1, 1), (1, 1), (1, 1, 1, 1), batch=2, epilogue=True)
    module.conv('"straight-line", {aligned_copy = 2, column_block = 7, rows = 4}', ("unstructured",), (9, 3, 3, 3, 3), (7, 4, 20), (1, 1, 1), (1, 1, 1), padded, epilogue=True)
    module.conv(joined, ("unstructured",), (9, 3, 3, 3, 3), (6, 6, 24), (1, 1, 1), (1, 1, 1), bare, batch=2)
    module.conv('"straight-line", {aligned_copy = 1, column_block = 7, rows = 4}', ("unstructured",), (9, 3, 3, 3, 3), (7, 5, 6), (1, 1, 1), (1, 1, 1), (2, 1, 1, 0, 1, 1))
    # Activations asked for some columns ahead, also more than there are, and those of slices in a ring of copies.
    for block, copy in [(0, 0), (7, 0), (0, 1)]:
        strategy = f'"straight-line", {{aligned_copy = {copy}, column_block = {block}, columns_ahead = 3, rows = 5}}'
        matmuls(module, strategy, ("unstructured",), [(5, 11), (29, 3)], [16, 37])
        convolutions(module, strategy, ("unstructured",), least=16)
        module.conv(strategy, ("unstructured",), (9, 3, 3, 3, 3), (6, 5, 19), (1, 1, 1), (1, 1, 1), padded, batch=2, epilogue=True)
    # Two chunks on a tile one after the other, the second backwards through its columns; an odd number of them.
    for block, copy in [(0, 0), (7, 0), (0, 1), (7, 1)]:
        strategy = f'"straight-line", {{aligned_copy = {copy}, column_block = {block}, rows = 4, together = 2}}'
        matmuls(module, strategy, ("unstructured",), [(5, 11), (29, 3), (9, 70)], [16, 37])
        convolutions(module, strategy, ("unstructured",), least=16)
        module.conv(strategy, ("unstructured",), (9, 3, 3, 3, 3), (6, 5, 19), (1, 1, 1), (1, 1, 1), padded, batch=2, epilogue=True)
    # Taps taken from two vectors in registers: longer and shorter than a vector, dilated, strided; the last ones of the buffer may not be.
    for block, rows in [(0, 28), (40, 28), (17, 5)]:
        strategy = f'"straight-line", {{aligned_copy = 0, column_block = {block}, rows = {rows}, windows = 1}}'
        convolutions(module, strategy, ("unstructured",), least=16)
        module.conv(strategy, ("unstructured",), (30, 3, 25), (37,), (1,), (1,), (12, 12), batch=2, epilogue=True, poison=True)
        module.conv(strategy, ("unstructured",), (29, 2, 40), (32,), (1,), (1,), (20, 19))
        module.conv(strategy, ("unstructured",), (9, 4, 11), (64,), (1,), (2,), (10, 10), poison=True)
        module.conv(strategy, ("unstructured",), (5, 3, 9), (80,), (2,), (1,), (4, 4))
        module.conv(strategy, ("unstructured",), (9, 3, 3, 3, 7), (5, 6, 20), (1, 1, 1), (1, 1, 1), (1, 1, 1, 1, 3, 3), batch=2, epilogue=True)


def plane(module, batch, channels, extents, strides, phases, positions, pads, slack):
    """One gs.pack_plane: padded coordinate x of a dimension lies in phase x mod stride at position x div stride."""
    x = integers((batch, channels, *extents))
    x[0, 0].flat[-1] = np.nan  # copied, and nowhere else
    size = int(np.prod(phases) * np.prod(positions)) + slack
    expected = np.zeros((batch, channels, size))
    at = 0
    for phase in itertools.product(*map(range, phases)):
        for position in itertools.product(*map(range, positions)):
            source = [q * s + p - z for q, s, p, z in zip(position, strides, phase, pads)]
            if all(0 <= c < e for c, e in zip(source, extents)):
                expected[..., at] = x[(slice(None), slice(None), *source)]
            at += 1
    text = lambda values: "[" + ", ".join(map(str, values)) + "]"
    geometry = (
        f"<input = {text(extents)}, strides = {text(strides)}, phases = {text(phases)}, "
        f"extents = {text(positions)}, pads = {text(pads)}, size = {size}>"
    )
    it, ot = tensor(x.shape), tensor(expected.shape)
    module.functions.append(
        f"""func.func private @case{len(module.functions)}() {{
  %x = arith.constant {literal(x)} : {it}
  %e = tensor.empty() : {ot}
  %p = gs.pack_plane %x outs(%e : {ot}) {geometry} : {it} -> {ot}
  %z = arith.constant {literal(expected)} : {ot}
  check.expect_eq %p, %z : {ot}
  return
}}
"""
    )


def pack_plane(module):
    for extent, stride, phases, positions, pad, slack in [
        (9, 1, 1, 11, 1, 5),
        (9, 1, 1, 9, 0, 0),
        (40, 1, 1, 43, 2, 21),
        (14, 1, 1, 15, 1, 40),
        (7, 1, 1, 8, 1, 33),
        (32, 1, 1, 34, 1, 64),
        (31, 2, 2, 17, 1, 64),
        (1, 1, 1, 3, 1, 4),
        (21, 2, 2, 12, 1, 8),
        (40, 2, 1, 20, 0, 0),
        (40, 2, 2, 22, 3, 1),
        (20, 3, 3, 8, 2, 3),
        (20, 5, 2, 6, 7, 16),
        (3, 2, 2, 9, 6, 0),  # more zeros than elements
        (9, 1, 1, 5, 1, 0),  # stored in part
        (4, 1, 1, 2, 6, 0),  # only padding
    ]:
        plane(module, 2, 3, (extent,), (stride,), (phases,), (positions,), (pad,), slack)
        plane(module, 1, 2, (4, extent), (1, stride), (1, phases), (6, positions), (1, pad), slack)
        plane(module, 1, 1, (extent, 5), (stride, 2), (phases, 2), (positions, 4), (pad, 1), slack)
        plane(module, 1, 2, (2, 3, extent), (2, 1, stride), (2, 1, phases), (2, 4, positions), (1, 0, pad), slack)


def main():
    module = Module()
    globals()[sys.argv[1].replace("-", "_")](module)
    module.write()


if __name__ == "__main__":
    main()
