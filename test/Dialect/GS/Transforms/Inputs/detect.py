# ===----------------------------------------------------------------------===#
#
# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
#
# Plants masks in constants, runs gs-detect-pattern on all of them at once, and looks at what was found. A test is a
# Python file `detect-<family>.test`:
#
#   # RUN: %python %s
#   sys.path.insert(0, os.path.join(os.path.dirname(__file__), "Inputs"))
#   from detect import Suite, values
#   suite = Suite()
#   suite.case("blocks", values(mask), holds="#gs.block<4x1>")
#   suite.run()
#
# Every case is checked for its values as well: the constant after the pass has the bits of the one before.
# ===----------------------------------------------------------------------===#
"""Harness of the tests of gs-detect-pattern."""

import re
import subprocess
import sys

import numpy as np

rng = np.random.default_rng(7)


def values(mask, dtype=np.float32):
    """Non-zero values where `mask` is set; -0.0 at every third other place of a float weight."""
    mask = np.asarray(mask, bool)
    if np.issubdtype(dtype, np.floating):
        kept = rng.uniform(0.1, 1.0, mask.shape) * rng.choice([-1, 1], mask.shape)
        kept.flat[::17] = np.nan
        zero = np.where(np.arange(mask.size).reshape(mask.shape) % 3 == 0, -0.0, 0.0)
        return np.where(mask, kept, zero).astype(dtype)
    return np.where(mask, rng.integers(1, 100, mask.shape) * rng.choice([-1, 1], mask.shape), 0).astype(dtype)


def drop(mask, count):
    """The mask without `count` random weights: weights that happen to be zero."""
    mask = np.array(mask, bool)
    kept = np.flatnonzero(mask)
    mask.flat[rng.choice(kept, count, replace=False)] = False
    return mask


def random(shape, density):
    return rng.random(shape) < density


def tiles(shape, rows, cols, density):
    """Aligned tiles of a matrix, those of ragged edges too."""
    m, k = shape
    grid = rng.random((-(-m // rows), -(-k // cols))) < density
    return np.kron(grid, np.ones((rows, cols), bool))[:m, :k]


def inner(matrix, shape):
    """A conv weight from a mask of the channel-inner view (col = loc * I + i)."""
    o, i, *kernel = shape
    return np.moveaxis(matrix.reshape(o, *kernel, i), -1, 1)


def gather_scatter(m, k, banks, width, groups):
    """GS(banks, width): `groups` of each bundle, one number for all or a list; at most half of what there is room for."""
    height = banks // width
    mask = np.zeros((m, k), bool)
    for bundle, row in enumerate(range(0, m, height)):
        n = groups if np.isscalar(groups) else groups[bundle]
        assert 2 * n <= height * (k // banks), f"{n} groups do not fit {k} columns of {banks} banks"
        for _ in range(n):
            for _ in range(1000):
                rows = row + np.arange(banks) // width
                residues = rng.permutation(banks)
                cols = residues + banks * rng.integers(0, k // banks, banks)
                live = rows < m
                if not mask[rows[live], cols[live]].any():
                    break
            else:  # nearly full: look for a free column of each row and residue
                for _ in range(1000):
                    residues = rng.permutation(banks)
                    free = [[c for c in range(res, k - k % banks, banks) if r >= m or not mask[r, c]] for r, res in zip(rows, residues)]
                    if all(free):
                        cols = np.array([f[rng.integers(len(f))] for f in free])
                        break
                else:
                    raise RuntimeError("no free group")
            mask[rows[live], cols[live]] = True
    return mask


def prune(weight, pattern, density):
    """The values that gs-prune-weights leaves."""
    source = Suite()._function(0, weight, 16, 1, None)
    command = ["gs-opt", "-", f'--gs-prune-weights=pattern="{pattern}" density={density}',
               "--mlir-print-elementsattrs-with-hex-if-larger=1"]
    result = subprocess.run(command, input=source, capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"{pattern}: {result.stderr}")
    # Large constants are resources, after four bytes of alignment.
    values = re.search(r'constant dense<"0x([0-9A-F]+)"', result.stdout)
    resource = re.search(r"constant dense_resource<([\w.\-]+)>", result.stdout)
    text = values.group(1) if values else re.search(re.escape(resource.group(1)) + r': "0x([0-9A-F]+)"', result.stdout).group(1)[8:]
    return np.frombuffer(bytes.fromhex(text), weight.dtype).reshape(weight.shape)


class Suite:
    """Cases of one run of the pass."""

    def __init__(self, target="x86-64-v3", options="explain=true"):
        self.options = f"target={target} {options}"
        self.cases = []

    def case(self, name, weight, holds=(), chosen=None, refused={}, completed=None, columns=16, groups=1, mask=None,
             absent=()):
        """`holds`: patterns that must be found (chosen, or refused because another one is better). `chosen`: the one in
        the type. `refused`: pattern -> regular expression of the reason. `completed`: kept zeros of the chosen one.
        `absent`: patterns that must not hold. `mask`: that of a sparse initialiser."""
        holds = [holds] if isinstance(holds, str) else list(holds)
        absent = [absent] if isinstance(absent, str) else list(absent)
        self.cases.append((name, np.asarray(weight), holds, chosen, refused, completed, columns, groups, mask, absent))

    @staticmethod
    def _type(array, shape=None):
        names = {"float32": "f32", "float16": "f16", "int8": "i8", "bool": "i1"}
        return f"tensor<{'x'.join(map(str, shape or array.shape))}x{names[array.dtype.name]}>"

    def _function(self, index, weight, columns, groups, mask):
        element = self._type(weight, (1,))[len("tensor<1x"):-1]
        w = self._type(weight)
        attribute = ""
        if mask is not None:
            bits = np.asarray(mask, bool)
            text = str(bits.tolist()).replace("True", "true").replace("False", "false")
            attribute = f"{{onnx.mask = dense<{text}> : {self._type(bits)}}} "
        lines = [f'%w = arith.constant {attribute}dense<"0x{weight.tobytes().hex().upper()}"> : {w}']
        if weight.ndim == 2:
            x, y = f"tensor<{weight.shape[1]}x{columns}x{element}>", f"tensor<{weight.shape[0]}x{columns}x{element}>"
            lines.append(f"%y = gs.matmul %w, %x outs(%e : {y}) : {w}, {x} -> {y}")
        else:
            spatial = [6] * (weight.ndim - 2)
            out = [6 - k + 1 for k in weight.shape[2:]]
            x = f"tensor<1x{weight.shape[1] * groups}x{'x'.join(map(str, spatial))}x{element}>"
            y = f"tensor<1x{weight.shape[0]}x{'x'.join(map(str, out))}x{element}>"
            ones, zeros = ", ".join("1" * len(out)), ", ".join("0" * 2 * len(out))
            lines.append(f"%y = gs.conv %w, %x outs(%e : {y}) {{strides = array<i64: {ones}>, "
                         f"dilations = array<i64: {ones}>, pads = array<i64: {zeros}>, groups = {groups} : i64}} "
                         f": {w}, {x} -> {y}")
        body = "\n".join(lines)
        return f"func.func @case{index}(%x: {x}, %e: {y}) -> {y} {{\n{body}\nreturn %y : {y}\n}}\n"

    def run(self):
        source = "".join(self._function(i, c[1], c[6], c[7], c[8]) for i, c in enumerate(self.cases))
        command = ["gs-opt", "-", f"--gs-detect-pattern={self.options}", "--mlir-print-local-scope",
                   "--mlir-print-elementsattrs-with-hex-if-larger=1"]
        result = subprocess.run(command, input=source, capture_output=True, text=True)
        if result.returncode != 0:
            sys.exit(result.stderr)
        failures = []
        parts = re.split(r"func\.func @case\d+", result.stdout)[1:]
        for case, text in zip(self.cases, parts):
            failures += [f"{case[0]}: {failure}" for failure in self._check(case, text)]
        if failures:
            sys.exit("\n".join(failures))

    @staticmethod
    def _check(case, text):
        name, weight, holds, chosen, refused, completed, *_, absent = case
        constant = re.search(r'(?:gs|arith)\.constant (?:\{.*?\} )?dense<(?:"0x([0-9A-F]+)"|(.*?))> : ', text)
        if constant.group(1) != weight.tobytes().hex().upper():
            yield "the values of the constant changed"
        op = next(line for line in text.splitlines() if "gs.detected" in line)
        pattern = re.search(r"gs\.detected = \{.*?density = .*?pattern = (.*?), refused = \[", op).group(1).strip('"')
        reasons = {}
        for candidate, reason in re.findall(r'\{candidate = "(.*?)", reason = "(.*?)"\}', op):
            reasons.setdefault(candidate, reason)
        found = {pattern} | {c for c, r in reasons.items() if r.startswith("holds")}
        if chosen is not None and pattern != chosen:
            yield f"chose {pattern}, expected {chosen}: {reasons.get(chosen, 'not a candidate')}"
        for expected in holds:
            if expected not in found:
                yield f"did not find {expected}: {reasons.get(expected, 'not a candidate')}; chose {pattern}"
        for unexpected in absent:
            if unexpected in found:
                yield f"found {unexpected}"
        for candidate, expression in refused.items():
            if candidate not in reasons:
                yield f"{candidate} was not refused; chose {pattern}"
            elif not re.search(expression, reasons[candidate]):
                yield f"{candidate} was refused because: {reasons[candidate]}"
        kept = int((re.search(r"completed = (\d+) : i64", op) or [0, 0])[1])
        if completed is not None and kept != completed:
            yield f"{kept} zeros are kept, expected {completed}"
