# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the benchmark scripts share: model files, the compiler, ONNX Runtime, facts of the machine."""

from __future__ import annotations

import hashlib
import inspect
import json
import os
import platform
import re
import struct
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

from . import models

ROOT = Path(__file__).resolve().parents[1]
GSC = ROOT / "build" / "bin" / "gsc"
WORK = ROOT / "build" / "benchmarks"
TOLERANCE = 1e-4  # largest difference to ONNX Runtime, relative to the largest value of the output


class GscError(Exception):
    """The compiler or a compiled executable failed; the text is its diagnostic."""


@dataclass
class Compiled:
    """An executable and what making it cost: seconds, peak resident bytes, bytes of the file."""

    path: Path
    seconds: float
    peak_bytes: int
    size: int


def model_key(name: str) -> str:
    """Identifies the scripts that make the model `name`: its own module and what all share."""
    folder = Path(models.__file__).parent
    sources = {folder / f"{shared}.py" for shared in ("builder", "sparsity", "gather_scatter")}
    sources.add(Path(inspect.getfile(models.MODELS[name])))
    return hashlib.sha1(b"".join(path.read_bytes() for path in sorted(sources))).hexdigest()[:8]


def model_file(name: str, pattern: str, sparsity: float, small: bool, work: Path = WORK) -> Path:
    """Builds a model, or finds it from an earlier run of the same model scripts."""
    stem = f"{name}{'-small' if small else ''}-{pattern}{'' if pattern == 'dense' else f'-{sparsity:g}'}"
    path = work / f"models-{model_key(name)}" / f"{stem}.onnx"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        onnx.save(models.build(name, pattern, sparsity, small), partial)
        partial.rename(path)
    return path


def densities(model: onnx.ModelProto) -> tuple[float, float]:
    """Returns the share of non-zeros of the pruned weights, and of all weights of rank 2 and more."""
    kept = total = kept_all = total_all = 0
    for tensor in model.graph.initializer:
        array = onnx.numpy_helper.to_array(tensor)
        if array.ndim < 2 or array.dtype != np.float32:
            continue
        count = int(np.count_nonzero(array))
        kept_all, total_all = kept_all + count, total_all + array.size
        if count < array.size:
            kept, total = kept + count, total + array.size
    return (kept / total if total else 1.0), (kept_all / total_all if total_all else 1.0)


def code_bytes(executable: Path) -> int:
    """Bytes of machine code (section .text) in an ELF file of 64 bits; 0 if it is none."""
    data = executable.read_bytes()
    if data[:4] != b"\x7fELF" or data[4] != 2:
        return 0
    table, = struct.unpack_from("<Q", data, 0x28)
    size, count, names_index = struct.unpack_from("<HHH", data, 0x3A)
    headers = [struct.unpack_from("<IIQQQQ", data, table + number * size) for number in range(count)]
    names = headers[names_index][4]
    return sum(header[5] for header in headers if data[names + header[0]:].startswith(b".text\0"))


def executable_bound(model: onnx.ModelProto, pattern: str, straight_line: int = 0) -> int:
    """The size an executable of `model` should not exceed: 1.3 x the bytes of non-zeros and indices + 200 KB.

    A pruned weight costs 4 bytes per non-zero and 2 per index, one index per block; other tensors cost their bytes.
    straight_line: bytes of machine code, if layers run as straight-line code, which takes the place of indices.
    """
    rows = int(pattern[len("block"):]) if pattern.startswith("block") else 1
    total = indices = 0.0
    for tensor in model.graph.initializer:
        array = onnx.numpy_helper.to_array(tensor)
        count = int(np.count_nonzero(array))
        sparse = array.ndim >= 2 and count < 0.6 * array.size
        total += count * 4 if sparse else array.nbytes
        indices += count * 2 / rows if sparse else 0
    return int(1.3 * (total + max(indices, straight_line)) + 200_000)


def high_water(pid: int) -> int:
    """Peak resident bytes of a running process so far (getrusage would count this script before the exec)."""
    try:
        found = re.search(r"VmHWM:\s*(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    except OSError:
        found = None
    return int(found.group(1)) * 1024 if found else 0


def compile_model(gsc: Path, model: Path, output: Path, arguments: list[str] | None = None) -> Compiled:
    """Runs `gsc compile MODEL -o OUTPUT`; GscError with its diagnostic if it fails."""
    output.parent.mkdir(parents=True, exist_ok=True)
    command = [str(gsc), "compile", str(model), "-o", str(output), *(arguments or [])]
    errors = output.with_name(output.name + ".log")
    start = time.perf_counter()
    try:
        with errors.open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
            peak = 0
            while process.poll() is None:
                peak = max(peak, high_water(process.pid))
                time.sleep(0.005)
    except OSError as error:
        raise GscError(f"{gsc}: {error.strerror}; build it, or give --gsc") from error
    if process.returncode:
        text = errors.read_text(errors="replace").strip().splitlines()
        found = next((line for line in text if "error:" in line), text[0] if text else "no diagnostic")
        raise GscError(f"gsc compile ended with {process.returncode}: {found[:400]}")
    return Compiled(output, time.perf_counter() - start, peak, output.stat().st_size)


def run_executable(executable: Path, inputs: dict[str, np.ndarray], folder: Path, threads: int | None = None,
                   names: list[str] | None = None) -> list[np.ndarray]:
    """Runs a compiled network on `inputs`; returns the outputs `names` (default: all, in order of name)."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [str(executable), "--output-dir", str(folder)]
    for number, (name, value) in enumerate(inputs.items()):
        np.save(folder / f"input{number}.npy", np.ascontiguousarray(value))
        command += ["--input", f"{name}={folder / f'input{number}.npy'}"]
    if threads is not None:
        command += ["--threads", str(threads)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        raise GscError(f"executable ended with {result.returncode}: {result.stderr.strip()[:400]}")
    if names is None:
        names = sorted(path.stem for path in folder.glob("*.npy") if not re.fullmatch(r"input\d+", path.stem))
    missing = [name for name in names if not (folder / f"{name}.npy").exists()]
    if missing:
        raise GscError(f"executable wrote no {', '.join(missing)}")
    return [np.load(folder / f"{name}.npy") for name in names]


def ort_session(model: Path, threads: int = 1) -> onnxruntime.InferenceSession:
    """Opens a model with ONNX Runtime."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(model), options, ["CPUExecutionProvider"])


def relative_error(found: list[np.ndarray], expected: list[np.ndarray]) -> float:
    """Largest difference of any output, relative to the largest magnitude of that output; inf if a shape differs."""
    worst = 0.0
    for value, reference in zip(found, expected, strict=True):
        if value.shape != reference.shape or not np.isfinite(value).all():
            return float("inf")
        scale = max(float(np.abs(reference).max(initial=0)), 1e-30)
        worst = max(worst, float(np.abs(value.astype(np.float64) - reference).max(initial=0)) / scale)
    return worst


def native_target(gsc: Path) -> str:
    """Name of the record that gsc compiles for on this machine."""
    found = subprocess.run([gsc, "targets", "native"], capture_output=True, text=True, check=True)
    return str(json.loads(found.stdout)["name"])


def machine() -> dict[str, object]:
    """Facts of this machine that a time means nothing without."""
    info = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""

    def field(name: str) -> str:
        found = re.search(rf"^{name}\s*:\s*(.*)$", info, re.MULTILINE)
        return found.group(1) if found else "unknown"

    flags = set(field("flags").split())
    revision = subprocess.run(["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"], capture_output=True, text=True,
                              check=False).stdout.strip()
    return {
        "cpu": field("model name"), "vendor": "intel" if "Intel" in field("vendor_id") else "amd",
        "family": field("cpu family"), "model": field("model"), "mhz": field("cpu MHz"),
        "cache": field("cache size"), "cores": len(os.sched_getaffinity(0)),
        "isa": [flag for flag in ("avx2", "fma", "avx512f", "avx512_vnni", "avx512_bf16", "amx_tile") if flag in flags],
        "system": platform.platform(), "load": [round(value, 2) for value in os.getloadavg()],
        "revision": revision or "unknown", "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }
