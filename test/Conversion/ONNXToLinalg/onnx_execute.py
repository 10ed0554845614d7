# ===----------------------------------------------------------------------===#
#
# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
#
# Runs ONNX operators through convert-onnx-to-linalg and compares with ONNX Runtime.
#
# A test is a Python file `<operator>.test` in this folder:
#
#   # RUN: %python %s
#   from onnx_execute import Suite, rand
#   suite = Suite(opset=17)
#   suite.case("Conv", rand(1, 3, 29, 43), rand(5, 3, 7, 7), const=[1], pads=[1, 2, 3, 0])
#   suite.run()
#
# All cases of a suite become one model with disconnected nodes, so that a file costs one import, one compilation and
# one call. Only stock passes follow the conversion: what is tested is the linalg that it makes.
#
# ===----------------------------------------------------------------------===#
"""Numeric tests of ONNX operators against ONNX Runtime."""

import ctypes
import os
import shutil
import subprocess
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime
from onnx import helper, numpy_helper

_rng = np.random.default_rng(1)

# Loops and LLVM with upstream's passes; bare pointers, so that a C call needs no descriptors.
_PIPELINE = (
    "builtin.module(convert-onnx-to-linalg,canonicalize,cse,convert-elementwise-to-linalg,"
    "one-shot-bufferize{bufferize-function-boundaries function-boundary-type-conversion=identity-layout-map},"
    "buffer-results-to-out-params{modify-public-functions},canonicalize,convert-linalg-to-loops,"
    "expand-strided-metadata,lower-affine,convert-scf-to-cf,memref-expand,finalize-memref-to-llvm,"
    "convert-math-to-llvm,convert-math-to-libm,arith-expand,convert-arith-to-llvm,convert-ub-to-llvm,"
    "convert-func-to-llvm{use-bare-ptr-memref-call-conv=1},convert-cf-to-llvm,reconcile-unrealized-casts)"
)


def rand(*shape, low=-1.0, high=1.0, dtype=np.float32):
    """Random numbers in [low, high) of the given shape."""
    if np.issubdtype(np.dtype(dtype), np.floating):
        return _rng.uniform(low, high, shape).astype(dtype)
    return _rng.integers(int(low), int(high), shape, endpoint=False).astype(dtype)


def special(*shape, dtype=np.float32):
    """Random numbers among which about one in six is NaN, an infinity, a zero of either sign, or very large or small."""
    x = _rng.uniform(-4.0, 4.0, shape).astype(dtype)
    values = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1e38, -1e38, 1e-40], dtype)
    mask = _rng.random(shape) < 0.17
    x[mask] = values[_rng.integers(0, len(values), int(mask.sum()))]
    return x


def _run(command, **kwargs):
    result = subprocess.run(command, capture_output=True, **kwargs)
    if result.returncode != 0:
        sys.stderr.write(result.stderr.decode(errors="replace"))
        raise SystemExit(f"failed ({result.returncode}): {' '.join(command[:2])} ...")
    return result.stdout


def compile_and_run(model, feeds):
    """Results of `model` (onnx.ModelProto) on `feeds` (name -> array), computed by code of the conversion under test."""
    model = onnx.shape_inference.infer_shapes(model)  # only for the shapes of the outputs
    outputs = [np.zeros([d.dim_value for d in o.type.tensor_type.shape.dim],
                        helper.tensor_dtype_to_np_dtype(o.type.tensor_type.elem_type)) for o in model.graph.output]
    with tempfile.TemporaryDirectory() as folder:
        path = lambda name: os.path.join(folder, name)
        onnx.save(model, path("m.onnx"))
        _run(["gs-translate", "--import-onnx", "--mlir-print-debuginfo", path("m.onnx"), "-o", path("m.mlir")])
        _run(["gs-opt", "--pass-pipeline=" + _PIPELINE, path("m.mlir"), "-o", path("m.llvm.mlir")])
        _run(["gs-translate", "--mlir-to-llvmir", path("m.llvm.mlir"), "-o", path("m.ll")])
        # Copies of strided buffers are calls of memrefCopy, which lies beside LLVM's tools.
        libraries = os.path.join(os.path.dirname(os.path.realpath(shutil.which("mlir-runner"))), "..", "lib")
        _run(["clang", "-O1", "-w", "-shared", "-fPIC", path("m.ll"), "-L" + libraries, "-lmlir_c_runner_utils", "-lm",
              "-Wl,-rpath," + libraries, "-o", path("m.so")])
        library = ctypes.CDLL(path("m.so"))
        arrays = [np.ascontiguousarray(feeds[i.name]) for i in model.graph.input if i.name in feeds] + outputs
        library.main_graph(*[a.ctypes.data_as(ctypes.c_void_p) for a in arrays])
    return outputs


def difference(actual, expected, tolerance):
    """A text that says how `actual` differs from `expected`, or None. Errors are relative to the largest finite value;
    NaN and infinities must stand in the same places; integers must be equal."""
    if actual.shape != expected.shape or actual.dtype != expected.dtype:
        return f"is {actual.dtype}{list(actual.shape)}, expected {expected.dtype}{list(expected.shape)}"
    if not np.issubdtype(expected.dtype, np.floating):
        wrong = actual != expected
        return f"{wrong.sum()} of {wrong.size} values differ: {actual[wrong][:4]} {expected[wrong][:4]}" if wrong.any() else None
    a, e = actual.astype(np.float64), expected.astype(np.float64)
    finite = np.isfinite(e)
    same = np.where(np.isnan(e), np.isnan(a), a == e)
    if not same[~finite].all():
        wrong = ~finite & ~same
        return f"{wrong.sum()} NaN or infinite values differ at {np.argwhere(wrong)[:4].tolist()}: {a[wrong][:4]}, expected {e[wrong][:4]}"
    if not finite.any():
        return None
    a = np.where(finite, a, 0)
    e = np.where(finite, e, 0)
    error, scale = np.abs(a - e), max(np.abs(e).max(), np.finfo(np.float32).tiny)
    if not (error <= tolerance * scale).all():
        at = np.argwhere(~(error <= tolerance * scale))
        return f"error {np.nanmax(error) / scale:.3g} of the scale {scale:.3g}, first of {len(at)} at {at[0].tolist()}: {a[tuple(at[0])]}, expected {e[tuple(at[0])]}"
    return None


class Suite:
    """Cases of one opset."""

    def __init__(self, opset, tolerance=1e-5, ir_version=8):
        self.opset, self.tolerance, self.ir_version = opset, tolerance, ir_version
        self.nodes, self.inputs, self.initializers, self.outputs = [], [], [], []
        self.feeds, self.labels, self.expected = {}, {}, {}
        self.count = 0

    def case(self, op, *inputs, const=(), outputs=1, label="", expected=None, domain="", **attributes):
        """One node. `inputs` are arrays, or None for an absent optional one; those at the positions `const` (or all, if
        `const` is True) are initialisers. `outputs` is their number or a list of booleans (False: left out).
        `expected` (a list of arrays) replaces what ONNX Runtime says."""
        prefix = f"c{self.count}_"
        names = [self._input(prefix + f"i{i}", x, const is True or i in (const or ())) for i, x in enumerate(inputs)]
        wanted = [True] * outputs if isinstance(outputs, int) else outputs
        out = [prefix + f"o{i}" if w else "" for i, w in enumerate(wanted)]
        name = f"{op} {self.count} {label}".rstrip()
        self.nodes.append(helper.make_node(op, names, out, name=name, domain=domain, **attributes))
        self._finish(name, [o for o in out if o], expected)

    def node(self, proto, inputs, const, expected):
        """A node as it stands in `proto` (onnx.NodeProto), on arrays by input position; `const` and `expected` as above."""
        prefix, node = f"c{self.count}_", onnx.NodeProto()
        node.CopyFrom(proto)
        position = iter(range(len(inputs)))
        del node.input[:], node.output[:]
        for i, name in enumerate(proto.input):
            node.input.append(self._input(prefix + f"i{i}", inputs[next(position)], i in const) if name else "")
        node.output.extend(prefix + name if name else "" for name in proto.output)
        node.name = f"{proto.op_type} {self.count}"
        self.nodes.append(node)
        self._finish(node.name, [name for name in node.output if name], expected)

    def graph(self, label, nodes, inputs, constants, outputs, expected=None):
        """Several nodes: `nodes` are (operator, input names, output names, attributes), `inputs` and `constants` map
        names to arrays, `outputs` are names."""
        prefix = f"c{self.count}_"
        for kind, values in ((False, inputs), (True, constants)):
            for name, x in values.items():
                self._input(prefix + name, x, kind)
        named = lambda names: [prefix + n if n else "" for n in names]
        for i, (op, ins, outs, attributes) in enumerate(nodes):
            self.nodes.append(helper.make_node(op, named(ins), named(outs), name=f"{label} {i} {op}", **attributes))
        self._finish(label, named(outputs), expected)

    def _input(self, name, x, constant):
        if x is None:
            return ""
        x = np.asarray(x)
        if constant:
            self.initializers.append(numpy_helper.from_array(x, name))
        else:
            self.inputs.append(helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(x.dtype), x.shape))
            self.feeds[name] = x
        return name

    def _finish(self, label, outputs, expected):
        self.count += 1
        self.outputs += outputs
        for i, name in enumerate(outputs):
            self.labels[name] = f"{label}, output {i}"
            if expected is not None:
                self.expected[name] = np.asarray(expected[i])

    def run(self):
        """Compiles, runs and compares; exits with 1 and a list of the cases that differ."""
        empty = [onnx.ValueInfoProto(name=name) for name in self.outputs]
        graph = helper.make_graph(self.nodes, "cases", self.inputs, empty, self.initializers)
        opsets = [helper.make_opsetid(d, self.opset if d == "" else 1) for d in sorted({n.domain for n in self.nodes} | {""})]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=self.ir_version)
        model = onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        # Cases that bring their own expectation may be errors there.
        reference = onnx.ModelProto()
        reference.CopyFrom(model)
        del reference.graph.node[:], reference.graph.output[:]
        reference.graph.node.extend(n for n in model.graph.node if not all(o in self.expected for o in n.output if o))
        reference.graph.output.extend(o for o in model.graph.output if o.name not in self.expected)
        asked = [name for name in self.outputs if name not in self.expected]
        expected = {}
        if asked:
            session = onnxruntime.InferenceSession(reference.SerializeToString(), options, providers=["CPUExecutionProvider"])
            expected.update(zip(asked, session.run(asked, self.feeds)))
        expected.update(self.expected)
        # Inference leaves some shapes open; the reference knows them.
        for output in model.graph.output:
            value = expected[output.name]
            output.CopyFrom(helper.make_tensor_value_info(
                output.name, helper.np_dtype_to_tensor_dtype(value.dtype), value.shape))
        actual = dict(zip(self.outputs, compile_and_run(model, self.feeds)))
        failures = 0
        for name in self.outputs:
            text = difference(actual[name], expected[name], self.tolerance)
            if text:
                failures += 1
                print(f"{self.labels[name]} (opset {self.opset}): {text}", file=sys.stderr)
        if failures:
            sys.exit(1)
        print(f"opset {self.opset}: {len(self.outputs)} results of {self.count} cases agree")
