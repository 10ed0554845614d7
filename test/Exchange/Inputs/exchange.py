# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Weights through gs-translate and back, with SciPy (or, without it, NumPy) at the other end.  usage: exchange.py FOLDER

Values and masks have to survive bit by bit, kept zeros, NaN and infinities included; each damaged file has to be one diagnostic
and exit code 1, with no file left behind.
"""

from __future__ import annotations

import re
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np

try:
    import scipy.sparse as sparse
except ImportError:
    sparse = None

FOLDER = Path(sys.argv[1])
DTYPES = {"f16": "<f2", "f32": "<f4", "f64": "<f8", "i8": "i1", "i16": "<i2", "i32": "<i4", "bf16": "<u2"}


def tool(name: str, *arguments: str, text: str = "", fails: str = "") -> str:
    """Output of a tool; with `fails`, its one diagnostic, which has to match."""
    run = subprocess.run([name, *arguments], input=text, capture_output=True, text=True)
    if fails:
        errors = re.findall(r"error: .*", run.stderr)
        assert run.returncode == 1 and len(errors) == 1 and re.search(fails, errors[0]), (arguments, fails, run)
        assert "Stack dump" not in run.stderr and not run.stdout, run.stdout
        return errors[0]
    assert run.returncode == 0, (arguments, run.stderr)
    return run.stdout


def constant(values: np.ndarray, mask: np.ndarray, element: str, pattern: str, order: list[int] | None = None) -> str:
    """A module with one weight."""
    shape = "x".join(map(str, values.shape))
    raw = values.astype(DTYPES[element]) if element != "bf16" else values.view("<u4") >> 16
    raw = np.where(mask, raw, 0).astype(DTYPES[element])
    rows = f" row_order [{', '.join(map(str, order))}]" if order else ""
    return f"""func.func @layer() -> tensor<{shape}x{element}, {pattern}> {{
  %w = gs.constant dense<"0x{raw.tobytes().hex()}"> : tensor<{shape}x{element}>
         mask dense<"0x{np.packbits(mask.reshape(-1), bitorder='little').tobytes().hex()}"> : tensor<{shape}xi1>{rows}
         as tensor<{shape}x{element}, {pattern}>
  return %w : tensor<{shape}x{element}, {pattern}>
}}"""


def same(text: str, kind: str, file: Path, *options: str) -> None:
    """Exports the module, reads the file, and compares what is stored."""
    (made,) = tool("gs-translate", f"--export-{kind}", f"--exchange-dir={file.parent}", text=text).splitlines()
    assert made.startswith("layer: tensor<"), made
    back = tool("gs-translate", f"--import-{kind}", str(file), *options)
    # Constants are compared as they are packed, which has one form only.
    packed = [re.sub(r'"name":.*', "", tool("gs-translate", "--describe-weights", text=module)) for module in (text, back)]
    assert packed[0] == packed[1], (text, back)
    again = file.parent / "again"
    again.mkdir(exist_ok=True)
    tool("gs-translate", f"--export-{kind}", f"--exchange-dir={again}", text=back)
    assert (again / file.name).read_bytes() == file.read_bytes(), file


def gathered(rng: np.random.Generator, rows: int, cols: int, banks: int, width: int) -> np.ndarray:
    """A GS mask."""
    mask = np.zeros((rows, cols), bool)
    height = banks // width
    for top in range(0, rows, height):
        for start in range(0, cols - banks + 1, banks):
            if rng.random() < 0.6:
                for row, residues in zip(range(top, min(top + height, rows)), rng.permutation(banks).reshape(height, width)):
                    mask[row, start + residues] = True
    return mask


def round_trips(rng: np.random.Generator) -> None:
    """Every element type and kind of pattern."""
    for element in DTYPES:
        values = rng.standard_normal((21, 40)).astype("f4") * 20
        if not element.startswith("i"):
            values[0, :4] = 0, -0.0, np.inf, np.nan
        for banks, width in ((8, 1), (8, 2), (8, 8), (4, 2), (1, 1)) if element == "f32" else ((8, 2),):
            mask = gathered(rng, 21, 40, banks, width)
            text = constant(values, mask, element, f"#gs.gather_scatter<banks = {banks}, width = {width}>")
            same(text, "gs-text", FOLDER / "V_layer.txt", f"--exchange-element={element}")
            same(text, "npz", FOLDER / "layer.npz")
        order = [int(row) for row in rng.permutation(21)]
        mask = np.zeros((21, 40), bool)
        mask[order] = gathered(rng, 21, 40, 8, 1)
        text = constant(values, mask, element, "#gs.permuted<#gs.gather_scatter<banks = 8, width = 1>>", order)
        same(text, "gs-text", FOLDER / "V_layer.txt", f"--exchange-element={element}")
        same(text, "npz", FOLDER / "layer.npz")
        (FOLDER / "ROW_layer.txt").unlink()
        same(constant(values, rng.random((21, 40)) < 0.3, element, "#gs.unstructured"), "npz", FOLDER / "layer.npz")
        blocks = np.kron(rng.random((7, 5)) < 0.4, np.ones((3, 8), bool))
        same(constant(values, blocks, element, "#gs.block<3x8>"), "npz", FOLDER / "layer.npz")
        same(constant(values, rng.random((21, 40)) < 0, element, "#gs.block<2x1>"), "npz", FOLDER / "layer.npz")
    # A convolution keeps its shape; the text file does not know it.
    values = rng.standard_normal((8, 8, 3, 3)).astype("f4")
    mask = gathered(rng, 8, 72, 8, 2).reshape(8, 9, 8).transpose(0, 2, 1).reshape(8, 8, 3, 3)
    text = constant(values, mask, "f32", "#gs.gather_scatter<banks = 8, width = 2>")
    same(text, "gs-text", FOLDER / "V_layer.txt", "--exchange-shape=8x8x3x3")
    same(text, "npz", FOLDER / "layer.npz")


def packed_weights() -> None:
    """A packed weight is exported as the constant is."""
    packed = """func.func @layer() {
  %c = gs.compressed_constant {indices = dense<[0, 1]> : tensor<2xi32>, offsets = dense<[0, 1, 2]> : tensor<3xi32>,
                               values = dense<[1.0, 0.0]> : tensor<2xf32>}
       : !gs.compressed<tensor<2x2xf32, #gs.unstructured>, layout = split, index_space = column, index = i32>
  return
}"""
    tool("gs-translate", "--export-npz", f"--exchange-dir={FOLDER}", text=packed)
    with np.load(FOLDER / "layer.npz") as arrays:
        assert arrays["data"].tolist() == [1, 0] and arrays["indices"].tolist() == [0, 1]
    tool("gs-translate", "--export-npz", text=packed.replace("index_space = column", "index_space = activation"),
         fails="before gs-compress-weights")
    tool("gs-translate", "--export-npz", text="module {}", fails="no gs.constant")


def from_scipy(rng: np.random.Generator) -> None:
    """What SciPy writes is read, and what it reads is what was written."""
    dense = np.where(rng.random((12, 20)) < 0.3, rng.standard_normal((12, 20)), 0).astype("f4")
    rows, cols = np.nonzero(dense)
    starts = np.searchsorted(rows, np.arange(13))
    csr = {"indices": cols.astype("i4"), "indptr": starts.astype("i4"), "format": np.array(b"csr"),
           "shape": np.array((12, 20)), "data": dense[rows, cols]}
    np.savez(FOLDER / "stored.npz", **csr)
    np.savez_compressed(FOLDER / "deflated.npz", **{**csr, "data": csr["data"].astype(">f4"), "format": np.array("csr")})
    for name in ("stored", "deflated"):
        text = tool("gs-translate", "--import-npz", str(FOLDER / f"{name}.npz"))
        assert "tensor<12x20xf32, #gs.unstructured>" in text, text
        tool("gs-translate", "--export-npz", f"--exchange-dir={FOLDER}/again", text=text)
        with np.load(FOLDER / "again" / f"{name}.npz") as arrays:
            for key in ("indices", "indptr", "shape", "data"):
                assert arrays[key].astype(csr[key].dtype).tobytes() == csr[key].tobytes(), key
    # Blocks of one tile are in Fortran order as well as in C order, or in Fortran order only.
    np.savez(FOLDER / "one.npz", indices=np.array([1]), indptr=np.array([0, 1]), format=np.array(b"bsr"),
             shape=np.array((2, 6)), data=np.asfortranarray(np.arange(6, dtype="f4").reshape(1, 2, 3)))
    text = tool("gs-translate", "--import-npz", str(FOLDER / "one.npz"))
    assert "dense<[[0.000000e+00, 0.000000e+00, 0.000000e+00, 0.000000e+00, 1.000000e+00, 2.000000e+00], " \
           "[0.000000e+00, 0.000000e+00, 0.000000e+00, 3.000000e+00, 4.000000e+00, 5.000000e+00]]>" in text, text
    assert " mask " in text and "#gs.block<2x3>" in text, text
    if sparse is None:
        return
    for number, matrix in enumerate((sparse.csr_matrix(dense), sparse.bsr_matrix(dense, blocksize=(4, 5)),
                                     sparse.csr_array(dense), sparse.csr_matrix((3, 4), dtype="f8"))):
        for compressed in (False, True):
            sparse.save_npz(FOLDER / "scipy.npz", matrix, compressed=compressed)
            text = tool("gs-translate", "--import-npz", str(FOLDER / "scipy.npz"))
            tool("gs-translate", "--export-npz", f"--exchange-dir={FOLDER}/again", text=text)
            back = sparse.load_npz(FOLDER / "again" / "scipy.npz")
            assert back.format == matrix.format and (back != matrix).nnz == 0 and back.dtype == matrix.dtype, number
    sparse.save_npz(FOLDER / "scipy.npz", sparse.csc_matrix(dense))
    tool("gs-translate", "--import-npz", str(FOLDER / "scipy.npz"), fails="format 'csc'; convert it with tocsr")


def damaged_archives(rng: np.random.Generator) -> None:
    """One diagnostic for each damage; none crashes."""
    good = {"indices": np.array([0, 2, 1]), "indptr": np.array([0, 2, 3]), "format": np.array(b"csr"),
            "shape": np.array((2, 3)), "data": np.ones(3, "f4")}
    path = FOLDER / "bad.npz"
    for change, message in (({"indices": np.array([0, 3, 1])}, "index 3 of entry 1, expected less than 3"),
                            ({"indices": np.array([0, -1, 1])}, "index -1"),
                            ({"indices": np.array([0, 0, 1])}, "twice in row 0; call sum_duplicates"),
                            ({"indptr": np.array([0, 3, 2])}, "indptr that does not rise"),
                            ({"indptr": np.array([0, 3])}, "'indptr' that is no vector of 3 integers"),
                            ({"data": np.ones(3, "c8")}, "type 'c8'"), ({"data": np.ones((3, 2), "f4")}, "data of rank 2"),
                            ({"shape": np.array((2, 0))}, "must be positive, got 0"), ({"shape": np.array((2**40, 3))}, "bad.npz"),
                            ({"format": np.array(b"dia")}, "format 'dia'"),
                            ({"gs_pattern": np.array(b"#gs.blok<4x1>")}, "gs_pattern '#gs.blok<4x1>', which is no pattern"),
                            ({"gs_pattern": np.array(b"#gs.nm<1 : 2>")}, "NM-C3"),
                            ({"gs_shape": np.array((2, 5))}, "matrix of 2x3, which is no tensor of 2x5"),
                            ({"gs_row_order": np.array((1, 0))}, "CO-C3")):
        np.savez(path, **{**good, **change})
        tool("gs-translate", "--import-npz", str(path), fails=message)
    np.savez(path, **good)
    tool("gs-translate", "--import-npz", str(path), "--exchange-shape=2x4", fails="no tensor of 2x4")
    tool("gs-translate", "--import-npz", str(path), "--exchange-shape=2xx", fails="is no shape such as")
    archive = path.read_bytes()
    for cut in (0, 10, 200, len(archive) - 30, len(archive) - 1):
        path.write_bytes(archive[:cut])
        tool("gs-translate", "--import-npz", str(path), fails="no zip archive, or is cut off")
    np.savez_compressed(path, **good)
    archive = path.read_bytes()
    for at in rng.integers(0, len(archive), 60):
        path.write_bytes(archive[:at] + bytes([archive[at] ^ 1 << rng.integers(8)]) + archive[at + 1:])
        run = subprocess.run(["gs-translate", "--import-npz", path], capture_output=True, text=True)
        assert run.returncode in (0, 1) and run.stderr.count("error:") == run.returncode, (at, run)


def damaged_text(rng: np.random.Generator) -> None:
    """The same for text; and what the public exporter writes for absent rows is read."""
    def write(values: str, running: str, counts: str = "") -> str:
        for name, text in (("V_t.txt", values), ("PTR_t_cmf.txt", running), ("PTR_t.txt", counts)):
            (FOLDER / name).unlink(missing_ok=True)
            if text:
                (FOLDER / name).write_text(text)
        return str(FOLDER / "V_t.txt")

    group = "1.5 -2.0 \n0 3 \n"  # one of GS(2, 1): rows 0 and 1
    path = write(group + "0.5 0.0 \n2 4 \n", "3 4\n2\n1\n1 2 ", "3 4\n2\n1\n1 1 ")  # row 3 is absent: column K
    text = tool("gs-translate", "--import-gs-text", path)
    assert "tensor<3x4xf32, #gs.gather_scatter<banks = 2, width = 1>>" in text and "-2.000000e+00" in text, text
    for values, running, counts, message in (
            (group, "", "", "neither .*PTR_t_cmf.txt nor .*PTR_t.txt"),
            (group, "2 4\n2\n3\n1 ", "", "GS-C1: width must divide banks"),
            (group, "2 4\n2\n1\n", "", "the file ends, expected the running count"),
            (group, "2 4\n2\n1\n1 1 ", "", "exporter appends to files that exist"),
            (group, "2 4\n2\n1\n-1 ", "", "'-1' is not"), (group, "0 4\n2\n1\n1 ", "", "must be positive"),
            (group, "2 4\n2\n1\n1 ", "2 4\n2\n1\n2 ", "contradicts"),
            (group, "4 4\n2\n1\n2 1 ", "", "running count 1 of bundle 1 is less than 2"),
            (group + group, "2 4\n2\n1\n1 ", "", "after the last group"),
            (group + group, "2 4\n2\n1\n2 ", "", "GS-C3: row 0, column 0 stands there twice"),
            ("1.5 \n0 3 \n", "2 4\n2\n1\n1 ", "", "GS-C4: the line ends after 1 values"),
            ("1.5 2 3\n0 3 \n", "2 4\n2\n1\n1 ", "", "GS-C4: more than 2 values"),
            ("1.5 2\n0 \n", "2 4\n2\n1\n1 ", "", "GS-C4: the line ends after 1 columns"),
            ("1.5 two\n0 3 \n", "2 4\n2\n1\n1 ", "", "'two' is no value of type 'f32'"),
            ("1.5 1e99\n0 3 \n", "2 4\n2\n1\n1 ", "", "'1e99' is no value"),
            ("1.5 0.0\n0 4 \n", "2 4\n2\n1\n1 ", "", "names column 4 of 4, so the exporter left it unfilled"),
            ("1.5 2\n0 2 \n", "2 4\n2\n1\n1 ", "", "GS-C5: residue 0 mod 2 occurs 2 times"),
            ("1.5 2\n0 1 \n", "1 4\n2\n1\n1 ", "", "GS-C2: lane 1 .* has a weight")):
        tool("gs-translate", "--import-gs-text", write(values, running, counts), fails=message)
    path = write(group, "2 4\n2\n1\n1 ")
    tool("gs-translate", "--import-gs-text", path, "--exchange-shape=2x5", fails="2 rows of 5 weights, but the file has 2 rows of 4")
    tool("gs-translate", "--import-gs-text", path, "--exchange-element=complex<f32>", fails="none of f16")
    (FOLDER / "ROW_t.txt").write_text("1 1")
    tool("gs-translate", "--import-gs-text", path, fails="CO-C3: row 1 at position 1 stands there twice")
    (FOLDER / "ROW_t.txt").unlink()
    (FOLDER / "other.txt").write_text(group)
    tool("gs-translate", "--import-gs-text", str(FOLDER / "other.txt"), fails="V_<layer>.txt")
    # Nothing is written if one of several weights cannot be.
    fresh = FOLDER / "fresh"
    fresh.mkdir()
    good = constant(np.ones((2, 4), "f4"), np.array([[1, 0, 0, 0], [0, 1, 0, 0]], bool), "f32",
                    "#gs.gather_scatter<banks = 2, width = 1>")
    bad = constant(np.ones((2, 4), "f4"), np.ones((2, 4), bool), "f32", "#gs.block<2x1>").replace("@layer", "@other")
    tool("gs-translate", "--export-gs-text", f"--exchange-dir={fresh}", text=good + bad, fails="use --export-npz")
    tool("gs-translate", "--export-npz", f"--exchange-dir={FOLDER}/absent", text=good, fails="cannot write .*absent")
    assert not list(fresh.iterdir())
    names = tool("gs-translate", "--export-npz", f"--exchange-dir={fresh}", text=good + bad)
    assert [line.split()[-1] for line in names.splitlines()] == ["layer.npz", "other.npz"], names


def main() -> None:
    """All of it."""
    rng = np.random.default_rng(zlib.crc32(b"exchange"))
    (FOLDER / "again").mkdir(parents=True)
    round_trips(rng)
    packed_weights()
    from_scipy(rng)
    damaged_archives(rng)
    damaged_text(rng)
    print("SciPy" if sparse else "NumPy", "agrees")


if __name__ == "__main__":
    main()
