# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes gse programs whose inner loops are pipelined: eight sums of a dense tile, or two groups per iteration.

usage: tiles.py dense|unrolled > FILE.mlir

dense: a tile of 8 rows by 1024 columns, all ones. unrolled: 64 groups of a vertical product, two per iteration with a
sum each.
"""

from __future__ import annotations

import sys

CACHED, TCM, V = "!gse.ptr<cached>", "!gse.ptr<tcm>", "vector<8xf16>"


def program(data: str, lanes: int, body: str, expected: str) -> str:
    """A kernel @tile(x, y) and what it must give for x = 1."""
    return f"""{data}
gse.kernel @tile(%x: {CACHED}, %y: {CACHED}) attributes {{machine = "gse-inorder2"}} {{
  %zero = arith.constant 0 : i32
  %w = gse.address @w : {CACHED}
  %xt = gse.tcm.alloc {2 * lanes} at 0 : {TCM}
  %d = gse.dma.start %x to %xt, {2 * lanes} : {CACHED} to {TCM}
  gse.dma.wait %d
{body}
  gse.return
}}
func.func @main() {{
  %x = arith.constant dense<1.0> : tensor<{lanes}xf16>
  %e = arith.constant dense<{expected}> : tensor<8xf16>
  %y = gse.launch @tile(%x) : (tensor<{lanes}xf16>) -> tensor<8xf16>
  check.expect_eq %y, %e : tensor<8xf16>
  return
}}"""


def dense() -> str:
    """One tile: each vector of x serves eight rows."""
    rows = range(8)
    sums = ", ".join(f"%a{r} = %z" for r in rows)
    types = ", ".join([V] * 8)
    lines = [f"  %steps = arith.constant 128 : i32\n  gse.stream.arm %w, {8 * 2048} : {CACHED}",
             '  gse.region "tile" {', f"    %z = gse.splat 0.0 : {V}",
             f"    %s:9 = gse.for %i = %zero to %steps carry ({sums}, %p = %w) : {types}, {CACHED} {{",
             f"      %v = gse.load_indexed %xt, 0[%i] by 16 : {TCM}, i32 -> {V}"]
    for r in rows:
        lines += [f"      %w{r} = gse.load %p, {16 * r} : {CACHED} -> {V}", f"      %b{r} = gse.fma %w{r}, %v, %a{r} : {V}"]
    lines += [f"      %q = gse.addp %p, 128 : {CACHED}",
              "      gse.yield " + ", ".join(f"%b{r}" for r in rows) + f", %q : {types}, {CACHED}", "    }"]
    for r in rows:
        lines += [f"    %r{r} = gse.reduce_add %s#{r} : {V} -> vector<1xf16>",
                  f"    gse.store %r{r}, %y, {2 * r} : vector<1xf16>, {CACHED}"]
    lines.append('  } {loop = "dense", per_row = 8 : i64, elements = 8192 : i64, nonzeros = 8192 : i64}')
    return program("gse.data @w align 32 = dense<1.0> : tensor<8192xf16>", 1024, "\n".join(lines), "1.024e3")


def unrolled() -> str:
    """Values one, indices 0 to 7."""
    group = "1, 1, 1, 1, 1, 1, 1, 1"
    lines = [f"  %trips = arith.constant 32 : i32\n  gse.stream.arm %w, 2048 : {CACHED}", '  gse.region "pairs" {',
             f"    %z = gse.splat 0.0 : {V}",
             f"    %s:3 = gse.for %i = %zero to %trips carry (%a0 = %z, %a1 = %z, %p = %w) : {V}, {V}, {CACHED} {{"]
    for g in range(2):
        lines += [f"      %v{g} = gse.load %p, {32 * g} : {CACHED} -> {V}",
                  f"      %i{g} = gse.load %p, {32 * g + 16} : {CACHED} -> vector<8xi16>",
                  f"      %e{g} = gse.gather %xt, 0[%i{g}] bank_distinct : {TCM}, vector<8xi16> -> {V}",
                  f"      %b{g} = gse.fma %v{g}, %e{g}, %a{g} : {V}"]
    lines += [f"      %q = gse.addp %p, 64 : {CACHED}", f"      gse.yield %b0, %b1, %q : {V}, {V}, {CACHED}", "    }",
              f"    %sum = gse.add %s#0, %s#1 : {V}", f"    gse.store %sum, %y, 0 : {V}, {CACHED}",
              '  } {loop = "gather-scatter", elements = 1024 : i64, nonzeros = 512 : i64}']
    one = "[" + ", ".join(["15360"] * 8 + [str(i) for i in range(8)]) + "]"
    data = "gse.data @w align 32 = dense<[" + ", ".join([one] * 64) + "]> : tensor<64x16xi16>"
    return program(data, 64, "\n".join(lines), "6.4e1")


if __name__ == "__main__":
    print({"dense": dense, "unrolled": unrolled}[sys.argv[1]]())
