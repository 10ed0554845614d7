# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A small ONNX graph builder: operators as exporters write them, seeded weights, masks on the eligible ones."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from .sparsity import Sparsifier

SEED = 20240607


class Builder:
    """Collects nodes and initialisers of one graph.

    name: graph name.  sparsifier: prunes convolution and fully connected weights.  opset: of the default domain.
    prune_classifier: whether `linear(..., classifier=True)` is pruned too.
    """

    def __init__(self, name: str, sparsifier: Sparsifier, opset: int = 13, prune_classifier: bool = True) -> None:
        self.name = name
        self.sparsifier = sparsifier
        self.opset = opset
        self.prune_classifier = prune_classifier
        self.rng = np.random.default_rng(SEED)
        self._nodes: list[onnx.NodeProto] = []
        self._initializers: list[onnx.TensorProto] = []
        self._inputs: list[onnx.ValueInfoProto] = []
        self._count: dict[str, int] = {}

    def normal(self, shape: Sequence[int], std: float) -> np.ndarray:
        """Gaussian values, float32."""
        return (self.rng.standard_normal(tuple(shape)) * std).astype(np.float32)

    def input(self, name: str, shape: Sequence[int]) -> str:
        """Declares a float input of static shape."""
        self._inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, list(shape)))
        return name

    def constant(self, name: str, array: np.ndarray) -> str:
        """Adds an initialiser."""
        self._initializers.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def scalar(self, name: str, value: float) -> str:
        """Adds a float scalar initialiser."""
        return self.constant(name, np.float32(value).reshape(()))

    def add(self, op: str, inputs: Sequence[str], name: str | None = None, **attributes: object) -> str:
        """Adds a node of one output and returns the name of that output; `name` defaults to a numbered operator."""
        if name is None:
            number = self._count.get(op, 0)
            self._count[op] = number + 1
            name = f"{op}_{number}"
        output = f"{name}_output"
        self._nodes.append(helper.make_node(op, list(inputs), [output], name=name, **attributes))
        return output

    def conv(self, x: str, name: str, inputs: int, outputs: int, kernel: Sequence[int], *,
             strides: Sequence[int] | None = None, pads: Sequence[int] | None = None,
             dilations: Sequence[int] | None = None, groups: int = 1, bias: bool = False, gain: float = 2.0) -> str:
        """Convolution with He initialisation (`gain` 2 keeps the scale through a ReLU).

        Pruned unless it reads an image (at most 4 channels) or is depthwise.  pads: ONNX order, all begins first;
        default: the same on both sides so that an odd kernel keeps the size.
        """
        rank = len(kernel)
        dilations = list(dilations or [1] * rank)
        if pads is None:
            pads = [d * (k - 1) // 2 for k, d in zip(kernel, dilations)] * 2
        fan_in = inputs // groups * int(np.prod(kernel))
        weight = self.normal([outputs, inputs // groups, *kernel], float(np.sqrt(gain / fan_in)))
        if inputs > 4 and inputs // groups > 1:
            weight = self.sparsifier.conv(f"{name}.weight", weight, groups)
        operands = [x, self.constant(f"{name}.weight", weight)]
        if bias:
            operands.append(self.constant(f"{name}.bias", self.normal([outputs], 0.1)))
        return self.add("Conv", operands, name, kernel_shape=list(kernel), strides=list(strides or [1] * rank),
                        pads=list(pads), dilations=dilations, group=groups)

    def batch_norm(self, x: str, name: str, channels: int, scale: float = 1.0) -> str:
        """Inference batch normalisation with statistics near zero mean and unit variance, factors around `scale`."""
        operands = [
            x,
            self.constant(f"{name}.weight", scale * self.rng.uniform(0.8, 1.2, channels).astype(np.float32)),
            self.constant(f"{name}.bias", scale * self.normal([channels], 0.1)),
            self.constant(f"{name}.running_mean", self.normal([channels], 0.1)),
            self.constant(f"{name}.running_var", self.rng.uniform(0.8, 1.25, channels).astype(np.float32)),
        ]
        return self.add("BatchNormalization", operands, name, epsilon=1e-5, momentum=0.9)

    def relu(self, x: str) -> str:
        """ReLU."""
        return self.add("Relu", [x])

    def gemm(self, x: str, name: str, inputs: int, outputs: int, classifier: bool = True) -> str:
        """Fully connected layer on `[N, inputs]`, weight `[outputs, inputs]`, as exporters write a Linear module."""
        weight = self.normal([outputs, inputs], float(np.sqrt(1.0 / inputs)))
        if self.prune_classifier or not classifier:
            weight = self.sparsifier.linear(f"{name}.weight", weight)
        operands = [x, self.constant(f"{name}.weight", weight),
                    self.constant(f"{name}.bias", self.normal([outputs], 0.1))]
        return self.add("Gemm", operands, name, alpha=1.0, beta=1.0, transB=1)

    def linear(self, x: str, name: str, inputs: int, outputs: int, gain: float = 1.0) -> str:
        """MatMul with a weight `[inputs, outputs]` and an Add of the bias, as exporters write it for rank 3."""
        weight = self.normal([outputs, inputs], float(np.sqrt(gain / inputs))).T
        weight = self.sparsifier.linear(f"{name}.weight", weight, transposed=True)
        product = self.add("MatMul", [x, self.constant(f"{name}.weight", weight)], f"{name}.matmul")
        return self.add("Add", [product, self.constant(f"{name}.bias", self.normal([outputs], 0.1))], f"{name}.add")

    def finish(self, output: str, name: str = "output") -> onnx.ModelProto:
        """Names the output, infers shapes, checks the model and returns it."""
        if self._nodes[-1].output[0] != output:
            raise ValueError(f"'{output}' is not the result of the last node")
        self._nodes[-1].output[0] = name
        # Shapes are inferred without the values of large weights, which would be copied several times.
        small = [tensor for tensor in self._initializers if len(tensor.raw_data) < 4096]
        large = [helper.make_tensor_value_info(tensor.name, tensor.data_type, list(tensor.dims))
                 for tensor in self._initializers if len(tensor.raw_data) >= 4096]
        graph = helper.make_graph(self._nodes, self.name, self._inputs + large,
                                  [helper.make_tensor_value_info(name, TensorProto.FLOAT, None)], small)
        model = helper.make_model(graph, producer_name="gsc-benchmarks", ir_version=8,
                                  opset_imports=[helper.make_opsetid("", self.opset)])
        model = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True)
        onnx.checker.check_model(model)
        for _ in large:
            model.graph.input.pop()
        del model.graph.initializer[:]
        model.graph.initializer.extend(self._initializers)
        helper.set_model_props(model, {"pattern": self.sparsifier.pattern, "sparsity": str(self.sparsifier.sparsity),
                                       "densities": json.dumps(dict(self.sparsifier.layers))})
        return model
