//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What an operator's conversion reads of its node.
//
//===----------------------------------------------------------------------===//
#include "ConstantUtils.h"
#include "gs/Conversion/ONNXToLinalg/OpConversion.h"

using namespace mlir;
using namespace mlir::onnx;

Location NodeContext::loc() const { return const_cast<NodeOp &>(node).getLoc(); }

int64_t NodeContext::opset() const { return const_cast<NodeOp &>(node).getOpset(); }

unsigned NodeContext::numOutputs() const {
  NodeOp op = node;
  if (std::optional<ArrayRef<int32_t>> slots = op.getResultSlots())
    return slots->empty() ? 0 : *llvm::max_element(*slots) + 1;
  return op.getResults().size();
}

bool NodeContext::hasOutput(unsigned slot) const { return static_cast<bool>(NodeOp(node).getOutput(slot)); }

bool NodeContext::outputIsUsed(unsigned slot) const {
  Value v = NodeOp(node).getOutput(slot);
  return v && !v.use_empty();
}

RankedTensorType NodeContext::type(unsigned slot) const {
  Value v = input(slot);
  return v ? cast<RankedTensorType>(v.getType()) : RankedTensorType();
}

ArrayRef<int64_t> NodeContext::shape(unsigned slot) const {
  RankedTensorType t = type(slot);
  return t ? t.getShape() : ArrayRef<int64_t>();
}

Type NodeContext::elementType(unsigned slot) const {
  RankedTensorType t = type(slot);
  return t ? t.getElementType() : Type();
}

ElementsAttr NodeContext::constant(unsigned slot) const { return constantValue(input(slot)); }

FailureOr<SmallVector<int64_t>> NodeContext::constantInts(unsigned slot, StringRef what) {
  if (!input(slot))
    return fail("input " + Twine(slot) + " (" + what + ") is missing");
  ElementsAttr elements = constant(slot);
  if (!elements)
    return fail("input " + Twine(slot) + " (" + what +
                ") is computed at run time; it must be a constant or follow from static shapes (give every graph "
                "input a static shape, or fold the model's constants when exporting)");
  std::optional<SmallVector<int64_t>> ints = readInts(elements);
  if (!ints)
    return fail("input " + Twine(slot) + " (" + what + ") must hold readable integers");
  return *ints;
}

FailureOr<float> NodeContext::constantScalar(unsigned slot, StringRef what) {
  if (!input(slot))
    return fail("input " + Twine(slot) + " (" + what + ") is missing");
  ElementsAttr elements = constant(slot);
  if (!elements)
    return fail("input " + Twine(slot) + " (" + what + ") is computed at run time; it must be a constant");
  std::optional<SmallVector<double>> values = readDoubles(elements);
  if (!values || values->size() != 1)
    return fail("input " + Twine(slot) + " (" + what + ") must hold one number");
  return static_cast<float>(values->front());
}

Attribute NodeContext::attr(StringRef name) const { return NodeOp(node).getNodeAttr(name); }

void NodeContext::badAttribute(StringRef name, StringRef expected) const {
  if (attributeError.empty())
    attributeError = ("attribute '" + name + "' must be " + expected).str();
}

int64_t NodeContext::intAttr(StringRef name, int64_t fallback) const {
  Attribute a = attr(name);
  if (!a)
    return fallback;
  if (auto i = dyn_cast<IntegerAttr>(a))
    return i.getValue().getBitWidth() <= 64 ? i.getValue().getSExtValue() : fallback;
  badAttribute(name, "an integer");
  return fallback;
}

float NodeContext::floatAttr(StringRef name, float fallback) const {
  Attribute a = attr(name);
  if (!a)
    return fallback;
  if (auto f = dyn_cast<FloatAttr>(a))
    return static_cast<float>(f.getValueAsDouble());
  badAttribute(name, "a float");
  return fallback;
}

SmallVector<int64_t> NodeContext::intsAttr(StringRef name, ArrayRef<int64_t> fallback) const {
  Attribute a = attr(name);
  if (!a)
    return SmallVector<int64_t>(fallback);
  if (auto ints = dyn_cast<DenseI64ArrayAttr>(a))
    return SmallVector<int64_t>(ints.asArrayRef());
  if (auto ints = dyn_cast<DenseI32ArrayAttr>(a))
    return llvm::to_vector_of<int64_t>(ints.asArrayRef());
  if (auto elements = dyn_cast<ElementsAttr>(a))
    if (std::optional<SmallVector<int64_t>> ints = readInts(elements))
      return *ints;
  if (auto list = dyn_cast<ArrayAttr>(a))
    if (llvm::all_of(list, llvm::IsaPred<IntegerAttr>))
      return llvm::map_to_vector(list, [](Attribute e) { return cast<IntegerAttr>(e).getInt(); });
  badAttribute(name, "a list of integers");
  return SmallVector<int64_t>(fallback);
}

std::string NodeContext::stringAttr(StringRef name, StringRef fallback) const {
  Attribute a = attr(name);
  if (!a)
    return fallback.str();
  if (auto s = dyn_cast<StringAttr>(a))
    return s.str();
  badAttribute(name, "a string");
  return fallback.str();
}

LogicalResult NodeContext::fail(const Twine &why) {
  if (reason.empty())
    reason = why.str();
  return failure();
}
