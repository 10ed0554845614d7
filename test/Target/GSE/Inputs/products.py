# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes a gse program of a matrix-vector product with a GS(8, k) weight, and what it must compute.

usage: products.py K [ROWS COLS PER_ROW] [--fused] [--scatter] [--shuffle] [--same-bank] > FILE.mlir

Every row has PER_ROW non-zeros; groups are made lane by lane from the definition (the columns of a group differ mod 8).
--scatter writes through a row order, the identity unless there is --shuffle. --same-bank moves one index, so that the promise of distinct banks is broken. Loops are rolled, as the law counts them.
"""

from __future__ import annotations

import sys

import numpy as np

B = 8


def make_groups(rng: np.random.Generator, rows: int, cols: int, per_row: int, k: int) -> np.ndarray:
    """Columns [bundles][groups][B] of a legal mask: lane j belongs to row j // k of the bundle."""
    bundle, groups = B // k, per_row // k
    result = np.zeros((rows // bundle, groups, B), np.uint16)
    for b in range(rows // bundle):
        free = [[list(rng.permutation(np.arange(residue, cols, B))) for residue in range(B)] for _ in range(bundle)]
        for g in range(groups):
            residues = rng.permutation(B)
            for lane in range(B):
                result[b, g, lane] = free[lane // k][residues[lane]].pop()
    return result


def literal(array: np.ndarray, element: str) -> str:
    """`dense<...> : tensor<...>` with the exact bytes."""
    shape = "x".join(map(str, array.shape))
    return f'dense<"0x{np.ascontiguousarray(array).tobytes().hex().upper()}"> : tensor<{shape}x{element}>'


def main() -> None:
    """Writes the program."""
    numbers = [int(value) for value in sys.argv[1:] if not value.startswith("--")]
    k, rows, cols, per_row = numbers if len(numbers) == 4 else (numbers[0], 1024, 1024, 104)
    fused, scatter = "--fused" in sys.argv, "--scatter" in sys.argv
    rng = np.random.default_rng(k)
    columns = make_groups(rng, rows, cols, per_row, k)
    bundles, groups, _ = columns.shape
    bundle = B // k
    values = (rng.integers(-8, 9, columns.shape) / 8).astype(np.float16)  # sums are exact in f16
    x = (rng.integers(-4, 5, cols) / 4).astype(np.float16)
    dense = np.zeros((rows, cols))
    for lane in range(B):
        dense[np.arange(bundles)[:, None] * bundle + lane // k, columns[:, :, lane]] = values[:, :, lane]
    order = rng.permutation(rows) if "--shuffle" in sys.argv else np.arange(rows)
    y = np.zeros(rows)
    y[order] = dense @ x
    if "--same-bank" in sys.argv:
        columns[1, 2, 5] = columns[1, 2, 4] ^ B
    stream = np.concatenate([values.view(np.uint16), columns], axis=2)
    counts = np.arange(bundles + 1, dtype=np.int32) * groups
    result = B // k if k > 1 else B
    out = []
    if k == 1:
        sums = "%s"
    else:
        out.append(f"        %r = gse.reduce_add %s : vector<8xf16> -> vector<{result}xf16>")
        sums = "%r"
    if scatter:
        out.append("        %rows = gse.load %o1, 0 : !gse.ptr<cached> -> vector<8xi16>")
        out.append(f"        gse.scatter {sums}, %yt, 0[%rows] : vector<8xf16>, !gse.ptr<tcm>, vector<8xi16>")
        step = 2 * B
    else:
        out.append(f"        gse.store {sums}, %o1, 0 : vector<{result}xf16>, !gse.ptr<cached>")
        step = 2 * result
    if fused:
        gather = "%e = gse.gather_fused %xt, 0[%w2, 16] bank_distinct : !gse.ptr<tcm>, !gse.ptr<cached> -> vector<8xf16>"
    else:
        gather = ("%i = gse.load %w2, 16 : !gse.ptr<cached> -> vector<8xi16>\n          "
                  "%e = gse.gather %xt, 0[%i] bank_distinct : !gse.ptr<tcm>, vector<8xi16> -> vector<8xf16>")
    start = "%rowind" if scatter else "%y"
    print(f"""gse.data @w align 32 = {literal(stream, "i16")}
gse.data @counts align 4 = {literal(counts, "i32")}
gse.data @order align 16 = {literal(order.astype(np.uint16), "i16")}
gse.kernel @product(%x: !gse.ptr<cached>, %y: !gse.ptr<cached>) attributes {{machine = "gse-inorder2"}} {{
  %zero = arith.constant 0 : i32
  %bundles = arith.constant {bundles} : i32
  %w0 = gse.address @w : !gse.ptr<cached>
  %r0 = gse.address @counts : !gse.ptr<cached>
  %rowind = gse.address @order : !gse.ptr<cached>
  %xt = gse.tcm.alloc {2 * cols} at 0 : !gse.ptr<tcm>
  %yt = gse.tcm.alloc {2 * rows} at 32768 : !gse.ptr<tcm>
  %d = gse.dma.start %x to %xt, {2 * cols} : !gse.ptr<cached> to !gse.ptr<tcm>
  gse.dma.wait %d
  gse.stream.arm %w0, {stream.nbytes} : !gse.ptr<cached>
  gse.region "spmv" {{
    %wn, %rn, %on = gse.for %b = %zero to %bundles carry (%w1 = %w0, %r1 = %r0, %o1 = {start}) : !gse.ptr<cached>, !gse.ptr<cached>, !gse.ptr<cached> {{
        %z = gse.splat 0.0 : vector<8xf16>
        %lo = gse.load %r1, 0 : !gse.ptr<cached> -> i32
        %hi = gse.load %r1, 4 : !gse.ptr<cached> -> i32
        %s, %w4 = gse.for %g = %lo to %hi carry (%a = %z, %w2 = %w1) : vector<8xf16>, !gse.ptr<cached> {{
          %v = gse.load %w2, 0 : !gse.ptr<cached> -> vector<8xf16>
          {gather}
          %a1 = gse.fma %v, %e, %a : vector<8xf16>
          %w3 = gse.addp %w2, 32 : !gse.ptr<cached>
          gse.yield %a1, %w3 : vector<8xf16>, !gse.ptr<cached>
        }}""")
    print("\n".join(out))
    print(f"""        %r2 = gse.addp %r1, 4 : !gse.ptr<cached>
        %o2 = gse.addp %o1, {step} : !gse.ptr<cached>
        gse.yield %w4, %r2, %o2 : !gse.ptr<cached>, !gse.ptr<cached>, !gse.ptr<cached>
    }}
  }} {{loop = "gather-scatter{'-fused' if fused else ''}", per_row = {k} : i64}}""")
    if scatter:
        print(f"""  %back = gse.dma.start %yt to %y, {2 * rows} : !gse.ptr<tcm> to !gse.ptr<cached>
  gse.dma.wait %back""")
    print(f"""  gse.return
}}
func.func @main() {{
  %x = arith.constant {literal(x, "f16")}
  %e = arith.constant {literal(y.astype(np.float16), "f16")}
  %y = gse.launch @product(%x) : (tensor<{cols}xf16>) -> tensor<{rows}xf16>
  check.expect_close %y, %e {{tolerance = 1.0e-2 : f64}} : tensor<{rows}xf16>
  return
}}""")


if __name__ == "__main__":
    main()
