//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Layers in strips: the attribute, and the geometry of one strip.
//
//===----------------------------------------------------------------------===//
#include "gs/Dialect/GS/IR/Strip.h"
#include "OpUtils.h"
#include "gs/Dialect/GS/IR/Contraction.h"
#include "mlir/IR/Builders.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

//===----------------------------------------------------------------------===//
// The attribute
//===----------------------------------------------------------------------===//

FailureOr<Strip> Strip::get(Operation *op) {
  auto dict = op->getAttrOfType<DictionaryAttr>(name());
  Strip strip;
  std::pair<StringRef, int64_t *> fields[] = {{"chain", &strip.chain},
                                              {"lines", &strip.lines},
                                              {"input_pitch", &strip.inputPitch},
                                              {"output_pitch", &strip.outputPitch}};
  for (auto [field, value] : fields) {
    auto number = dict ? dict.getAs<IntegerAttr>(field) : IntegerAttr();
    if (!number || number.getValue().getSignificantBits() > 48 || number.getValue().isNegative())
      return op->emitOpError("'") << name() << "' must be a dictionary with the integers 'chain', 'lines', "
                                  << "'input_pitch' and 'output_pitch', none of them negative";
    *value = number.getValue().getSExtValue();
  }
  if (dict.size() != std::size(fields))
    return op->emitOpError("'") << name() << "' has an entry that is not 'chain', 'lines', 'input_pitch' or "
                                << "'output_pitch'";
  return strip;
}

void Strip::set(Operation *op) const {
  Builder b(op->getContext());
  auto entry = [&](StringRef field, int64_t value) { return b.getNamedAttr(field, b.getI64IntegerAttr(value)); };
  op->setAttr(name(), b.getDictionaryAttr({entry("chain", chain), entry("lines", lines),
                                           entry("input_pitch", inputPitch), entry("output_pitch", outputPitch)}));
}

static Attribute numberOf(Operation *member) {
  auto dict = member->getAttrOfType<DictionaryAttr>(Strip::name());
  return dict ? dict.get("chain") : Attribute();
}

bool Strip::sameChain(Operation *op, Operation *other) { return numberOf(op) && numberOf(op) == numberOf(other); }

Operation *Strip::firstOf(Operation *op) {
  if (isOn(op))
    for (Operation &before : *op->getBlock())
      if (sameChain(&before, op))
        return &before;
  return op;
}

//===----------------------------------------------------------------------===//
// Geometry
//===----------------------------------------------------------------------===//

int64_t mlir::gs::stripReach(ConvOp reader, int64_t lines) {
  return (lines - 1) * reader.getStrides()[0] + (reader.getWeightShape()[2] - 1) * reader.getDilations()[0] + 1;
}

int64_t mlir::gs::stripFront(ConvOp reader) {
  return llvm::alignTo(reader.getPads()[0] * reader.getInputExtents()[1], lineElements(reader));
}

int64_t mlir::gs::stripPitch(ConvOp reader, int64_t lines) {
  int64_t elements = stripFront(reader) + (lines + reader.getPads()[2]) * reader.getInputExtents()[1];
  // An odd number of cache lines keeps equal positions of different channels out of one cache set.
  return (llvm::divideCeil(elements, lineElements(reader)) | 1) * lineElements(reader);
}

bool mlir::gs::keepsLines(ConvOp conv) {
  auto output = cast<ShapedType>(conv.getInit().getType()).getShape().drop_front(2);
  return conv.getSpatialRank() == 2 && stripReach(conv, 1) == 1 && conv.getStrides()[0] == 1 &&
         llvm::all_of(conv.getPads(), [](int64_t pad) { return pad == 0; }) &&
         llvm::equal(output, conv.getInputExtents());
}

FailureOr<Contraction> Contraction::ofStrip(Operation *op, const Strip &strip, std::string *reason) {
  auto fail = [&](const char *why) -> FailureOr<Contraction> {
    if (reason)
      *reason = why;
    return failure();
  };
  auto conv = dyn_cast<ConvOp>(op);
  if (!conv || conv.getSpatialRank() != 2)
    return fail("only a two-dimensional convolution has lines");
  FailureOr<Contraction> c = get(op, reason);
  if (failed(c))
    return failure();
  if (c->batch != 1)
    return fail("a batch has several images");
  ArrayRef<int64_t> output = cast<ShapedType>(conv.getInit().getType()).getShape().drop_front(2);
  SmallVector<int64_t> input = conv.getInputExtents();
  if (strip.lines < 1 || strip.lines > output[0])
    return fail("a strip must have at least one line, and not more than the result");
  int64_t reach = stripReach(conv, strip.lines);
  int64_t needed = strip.inputPitch ? stripPitch(conv, reach) : 0;
  if (strip.inputPitch < needed || strip.inputPitch % lineElements(conv))
    return fail("the strip of its input is too short, or no whole number of cache lines");
  if (strip.outputPitch && strip.outputPitch < strip.lines * output[1])
    return fail("the strip of its output is too short");
  if (conv.getPlane() && strip.inputPitch)
    return fail("it reads packed planes, which are whole");
  if (conv.getPlane() && !c->keepsLines(output))
    return fail("the lines of its planes are one");
  c->isStrip = true;
  // A whole tensor may also be the inside of a plane.
  if (strip.outputPitch)
    c->destination = Destination::ofImage(c->rows, strip.outputPitch, strip.lines, output[1]);
  else if (!c->destination)
    c->destination = Destination::ofImage(c->rows, output[0] * output[1], output[0], output[1]);
  int64_t pitch = strip.inputPitch ? strip.inputPitch : input[0] * input[1];
  if (c->isUnpacked) {
    if (!strip.inputPitch)
      return fail("the borders of a depthwise convolution need a strip with zeros around it");
    c->lines = strip.lines;
    c->groupStride = pitch;
    c->inputSize = c->groups * reach * input[1];
    return c;
  }
  if (c->groups > 1)
    return fail("grouped convolution");
  if (conv.getPlane()) {
    c->lines = strip.lines;
    c->inputSize = llvm::divideCeil(c->inputSize * strip.lines, output[0]);
    return c;
  }
  c->lineLength = strip.lines * output[1];
  c->inputSize = c->cols * c->lineLength;
  for (auto [k, offset] : llvm::enumerate(c->columnOffset))
    offset = static_cast<int64_t>(k) * pitch;
  return c;
}

FailureOr<Contraction> Contraction::executed(Operation *op, std::string *reason) {
  if (!Strip::isOn(op))
    return get(op, reason);
  FailureOr<Strip> strip = Strip::get(op);
  if (failed(strip)) {
    if (reason)
      *reason = "its attribute 'gs.chain' is wrong";
    return failure();
  }
  return ofStrip(op, *strip, reason);
}
