# ===----------------------------------------------------------------------===#
#
# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""A compiled network from Python, with ctypes and NumPy alone.

    gsc compile MODEL.onnx --emit=shared -o libnetwork.so
    python network.py libnetwork.so --input NAME=F.npy... [--output-dir D] [--threads N]

or, in a program:

    network = Network("libnetwork.so")
    outputs = network(features=array)        # one argument per input, a dictionary of arrays back
"""

import argparse
import ctypes
import pathlib
import re
import sys

import numpy

# The numbers of ONNX TensorProto.DataType. bfloat16 (16) has no NumPy type: its bits are passed.
DTYPES = {
    1: numpy.float32, 2: numpy.uint8, 3: numpy.int8, 4: numpy.uint16, 5: numpy.int16, 6: numpy.int32, 7: numpy.int64,
    9: numpy.bool_, 10: numpy.float16, 11: numpy.float64, 12: numpy.uint32, 13: numpy.uint64, 16: numpy.uint16,
}  # fmt: skip


class Tensor(ctypes.Structure):
    """X_tensor of the header: one input or output."""

    _fields_ = [
        ("c_name", ctypes.c_char_p),
        ("c_dtype", ctypes.c_int32),
        ("rank", ctypes.c_int32),
        ("extents", ctypes.POINTER(ctypes.c_int64)),
        ("bytes", ctypes.c_int64),
    ]

    @property
    def name(self) -> str:
        return self.c_name.decode()

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.extents[: self.rank])

    @property
    def dtype(self) -> numpy.dtype:
        return numpy.dtype(DTYPES[self.c_dtype])

    def __str__(self) -> str:
        return f"{self.name} {self.dtype}{list(self.shape)}"


class Network:
    """One instance of a network in a shared library. Use one per thread; it must not outlive the interpreter."""

    def __init__(self, library: str | pathlib.Path, threads: int = 0):
        """`library` is libX.so as `gsc compile --emit=shared` wrote it; the functions' prefix X is taken from its name.
        `threads` 0 asks for one per core. Raises RuntimeError with the library's own text."""
        path = pathlib.Path(library).resolve()
        self._prefix = re.sub(r"[^0-9A-Za-z]", "_", path.stem.removeprefix("lib"))
        if not self._prefix or self._prefix[0].isdigit():
            self._prefix = "model_" + self._prefix
        self._library = ctypes.CDLL(str(path))
        self._instance = None
        handle, pointers = ctypes.c_void_p, ctypes.POINTER(ctypes.c_void_p)
        self._declare("create", handle, ctypes.c_int)
        self._declare("destroy", None, handle)
        self._declare("num_inputs", ctypes.c_int)
        self._declare("num_outputs", ctypes.c_int)
        self._declare("input", ctypes.POINTER(Tensor), ctypes.c_int)
        self._declare("output", ctypes.POINTER(Tensor), ctypes.c_int)
        self._declare("run", ctypes.c_int, handle, pointers, pointers)
        self._declare("error", ctypes.c_char_p, handle)

        self.inputs = [self._input(i).contents for i in range(self._num_inputs())]
        self.outputs = [self._output(i).contents for i in range(self._num_outputs())]
        self._instance = self._create(threads)
        if not self._instance:
            raise RuntimeError(self._error(None).decode())

    def _declare(self, name: str, result, *parameters) -> None:
        function = getattr(self._library, f"{self._prefix}_{name}")
        function.restype, function.argtypes = result, parameters
        setattr(self, "_" + name, function)

    def __del__(self):
        if getattr(self, "_instance", None):
            self._destroy(self._instance)

    def __call__(self, **arrays: numpy.ndarray) -> dict[str, numpy.ndarray]:
        """Run on one array per input, of exactly its type and shape. ctypes releases Python's lock meanwhile, so that
        instances on several threads run side by side."""
        if missing := {tensor.name for tensor in self.inputs} ^ arrays.keys():
            raise ValueError(f"missing or unknown input: {', '.join(sorted(missing))}")
        inputs = []
        for tensor in self.inputs:
            array = arrays[tensor.name]
            if array.dtype != tensor.dtype or array.shape != tensor.shape:
                raise ValueError(f"expected {tensor}, got {array.dtype}{list(array.shape)}")
            inputs.append(numpy.ascontiguousarray(array))
        outputs = [numpy.empty(tensor.shape, tensor.dtype) for tensor in self.outputs]
        if self._run(self._instance, _addresses(inputs), _addresses(outputs)):
            raise RuntimeError(self._error(self._instance).decode())
        return {tensor.name: array for tensor, array in zip(self.outputs, outputs)}


def _addresses(arrays: list[numpy.ndarray]):
    """A C array of the addresses of `arrays`."""
    return (ctypes.c_void_p * max(1, len(arrays)))(*[array.ctypes.data for array in arrays])


def main() -> int:
    parser = argparse.ArgumentParser(description="Run a network compiled to a shared library.")
    parser.add_argument("library", help="libX.so as `gsc compile --emit=shared` wrote it")
    parser.add_argument("--input", metavar="NAME=F.npy", action="append", default=[], help="once for every input")
    parser.add_argument("--output-dir", metavar="D", type=pathlib.Path, help="write every output to D/NAME.npy")
    parser.add_argument("--threads", metavar="N", type=int, default=0, help="default: one per core")
    options = parser.parse_args()
    try:
        network = Network(options.library, options.threads)
        arrays = {name: numpy.load(file) for name, _, file in (text.partition("=") for text in options.input)}
        outputs = network(**arrays)
    except (OSError, RuntimeError, ValueError) as error:
        print(f"network.py: error: {error}", file=sys.stderr)
        return 1
    for name, array in outputs.items():
        if options.output_dir:
            options.output_dir.mkdir(exist_ok=True)
            numpy.save(options.output_dir / f"{name.replace('/', '_')}.npy", array)
        else:
            print(name, array.ravel()[:10])
    return 0


if __name__ == "__main__":
    sys.exit(main())
