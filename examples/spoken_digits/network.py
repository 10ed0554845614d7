# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The network (PyTorch), its pruning masks, and its export as an ordinary ONNX file."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # the projections of benchmarks/models
from benchmarks.models.gather_scatter import violation  # noqa: E402
from benchmarks.models.sparsity import from_matrix, make_mask, to_matrix  # noqa: E402
from features import SHAPE  # noqa: E402

# name, input channels, output channels, kernel, what follows the ReLU ("pool": 2x2 max pooling)
LAYERS = (
    ("conv1", 1, 32, 3, "pool"),
    ("conv2", 32, 64, 3, ""),
    ("conv3", 64, 64, 3, "pool"),
    ("conv4", 64, 128, 1, ""),
    ("conv5", 128, 128, 3, ""),
    ("conv6", 128, 128, 1, ""),
)
RESIDUAL = "conv5"  # its input is added to its batch-normalised output
CLASSES = 10


class DigitNet(nn.Module):
    """Six convolutions with batch normalisation and ReLU, global average pooling, one fully connected layer."""

    def __init__(self) -> None:
        super().__init__()
        for name, inputs, outputs, kernel, _ in LAYERS:
            self.add_module(name, nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=False))
            self.add_module(f"{name}_bn", nn.BatchNorm2d(outputs))
        self.dropout = nn.Dropout(0.2)
        self.fc = nn.Linear(LAYERS[-1][2], CLASSES)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Maps features `[N, 1, MELS, FRAMES]` to logits `[N, CLASSES]`."""
        for name, _, _, _, after in LAYERS:
            y = getattr(self, f"{name}_bn")(getattr(self, name)(x))
            x = torch.relu(y + x if name == RESIDUAL else y)
            if after == "pool":
                x = nn.functional.max_pool2d(x, 2)
        return self.fc(self.dropout(x.mean((2, 3))))

    def prunable(self) -> dict[str, nn.Parameter]:
        """The weights that are pruned: all but the first convolution, which reads one channel."""
        names = [layer[0] for layer in LAYERS[1:]] + ["fc"]
        return {name: getattr(self, name).weight for name in names}


def project(net: DigitNet, pattern: str, sparsity: float) -> dict[str, torch.Tensor]:
    """Returns one mask per prunable weight, projected from its present values."""
    masks = {}
    for name, weight in net.prunable().items():
        values = weight.detach().numpy()
        mask = make_mask(to_matrix(values), pattern, 1 - sparsity)
        masks[name] = torch.from_numpy(from_matrix(mask, values.shape).astype(np.float32))
    return masks


def apply_masks(net: DigitNet, masks: dict[str, torch.Tensor]) -> None:
    """Sets the pruned weights to zero."""
    with torch.no_grad():
        for name, weight in net.prunable().items():
            if name in masks:
                weight.mul_(masks[name])


def finish_masks(net: DigitNet, masks: dict[str, torch.Tensor]) -> None:
    """Gives kept weights that training left at zero a small value: in the file, the mask is the set of non-zeros."""
    apply_masks(net, masks)
    with torch.no_grad():
        for name, weight in net.prunable().items():
            if name in masks:
                weight.masked_fill_((masks[name] > 0) & (weight.abs() < 1e-6), 1e-6)


def export(net: DigitNet, path: Path, pattern: str) -> None:
    """Writes the network as ONNX (batch 1, opset 13), batch normalisation as operators; ValueError if a mask broke."""
    state = {key: value.detach().numpy() for key, value in net.state_dict().items() if value.ndim}
    nodes: list[onnx.NodeProto] = []

    def add(op: str, name: str, inputs: list[str], **attributes: object) -> str:
        nodes.append(helper.make_node(op, inputs, [f"{name}_output"], name=name, **attributes))
        return f"{name}_output"

    x = "features"
    for name, _, _, kernel, after in LAYERS:
        y = add("Conv", name, [x, f"{name}.weight"], kernel_shape=[kernel] * 2, pads=[kernel // 2] * 4)
        y = add("BatchNormalization", f"{name}_bn",
                [y] + [f"{name}_bn.{part}" for part in ("weight", "bias", "running_mean", "running_var")], epsilon=1e-5)
        if name == RESIDUAL:
            y = add("Add", f"{name}_add", [y, x])
        x = add("Relu", f"{name}_relu", [y])
        if after == "pool":
            x = add("MaxPool", f"{name}_pool", [x], kernel_shape=[2, 2], strides=[2, 2])
    x = add("Flatten", "flatten", [add("GlobalAveragePool", "pool", [x])], axis=1)
    nodes.append(helper.make_node("Gemm", [x, "fc.weight", "fc.bias"], ["logits"], name="fc", transB=1))
    if pattern == "gs16_1":
        for name in net.prunable():
            if wrong := violation(to_matrix(state[f"{name}.weight"]) != 0, 16, 1):
                raise ValueError(f"{name}: {wrong}")
    graph = helper.make_graph(
        nodes, "spoken_digits", [helper.make_tensor_value_info("features", TensorProto.FLOAT, SHAPE)],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, CLASSES])],
        [numpy_helper.from_array(value, key) for key, value in state.items()])
    model = helper.make_model(graph, producer_name="gsc-spoken-digits", ir_version=8,
                              opset_imports=[helper.make_opsetid("", 13)])
    model = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True)
    onnx.checker.check_model(model)
    onnx.save(model, path)
