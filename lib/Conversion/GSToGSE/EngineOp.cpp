//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From gs ops to the form that the engine's kernels see.
//
//===----------------------------------------------------------------------===//
#include "EngineOp.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::gs;

/// The same weight with zero columns after the channels of each location.
static Weight padChannels(const Weight &weight, int64_t channels) {
  Weight padded;
  padded.rows = weight.rows;
  padded.channels = channels;
  padded.locations = weight.locations;
  padded.cols = channels * weight.locations;
  padded.elementType = weight.elementType;
  padded.elementBytes = weight.elementBytes;
  padded.rowOrder = weight.rowOrder;
  padded.values.resize(padded.rows * padded.cols * padded.elementBytes);
  padded.mask.resize(padded.rows * padded.cols);
  for (int64_t row = 0; row < weight.rows; ++row)
    for (int64_t location = 0; location < weight.locations; ++location) {
      int64_t from = location * weight.channels, to = location * channels;
      std::copy_n(weight.valueAt(row, from), weight.channels * weight.elementBytes, padded.valueAt(row, to));
      std::copy_n(weight.mask.data() + row * weight.cols + from, weight.channels,
                  padded.mask.data() + row * padded.cols + to);
    }
  return padded;
}

/// The constant behind a weight, with its pattern; failure with a reason.
static FailureOr<Weight> readWeight(Value value, std::string &reason) {
  FailureOr<Weight> weight = failure();
  if (auto constant = value.getDefiningOp<ConstantOp>()) {
    weight = constant.getWeight();
  } else {
    auto dense = value.getDefiningOp<arith::ConstantOp>();
    auto values = dense ? dyn_cast<ElementsAttr>(dense.getValue()) : ElementsAttr();
    if (!values) {
      reason = "its weight is no constant";
      return failure();
    }
    weight = Weight::fromElements(values, nullptr, nullptr);
  }
  if (failed(weight))
    reason = "its weight cannot be read as a matrix";
  return weight;
}

FailureOr<EngineOp> EngineOp::get(Operation *op, const gse::EngineSpec &spec, std::string &reason) {
  EngineOp e;
  e.op = op;
  e.spec = spec;
  auto fail = [&](const Twine &text) -> FailureOr<EngineOp> {
    reason = text.str();
    return failure();
  };
  Value weight = op->getOperand(0), input = op->getOperand(1);
  auto inputType = dyn_cast<RankedTensorType>(input.getType());
  auto resultType = op->getNumResults() ? dyn_cast<RankedTensorType>(op->getResult(0).getType()) : RankedTensorType();
  if (!inputType || !resultType || !inputType.hasStaticShape() || !resultType.hasStaticShape())
    return fail("it is not on tensors of fixed shape");
  e.element = inputType.getElementType();
  if (!e.element.isF16() && !e.element.isF32())
    return fail("elements are not f16 or f32");
  if (resultType.getElementType() != e.element)
    return fail("its result has other elements than its input");
  if (spec.cachedGather)
    return fail("the machine has no tightly coupled memory");
  e.bytes = e.element.getIntOrFloatBitWidth() / 8;
  e.banks = spec.banks(e.bytes * 8);
  if (e.banks < 2)
    return fail("a vector of the machine holds one element only");
  if (auto type = dyn_cast<RankedTensorType>(weight.getType()))
    e.pattern = dyn_cast_or_null<PatternAttrInterface>(type.getEncoding());
  if (!op->getRegion(0).empty())
    return fail("it has an epilogue");
  ArrayRef<int64_t> in = inputType.getShape(), out = resultType.getShape();
  if (auto conv = dyn_cast<ConvOp>(op)) {
    if (conv.getGroups() != 1)
      return fail("grouped convolutions have no kernel");
    if (conv.getPlane())
      return fail("its input is packed into planes already; convert before gs-assign-layout");
    e.batch = in[0];
    int64_t spatial = conv.getSpatialRank();
    ArrayRef<int64_t> kernel = conv.getWeightShape().drop_front(2);
    for (int64_t at = 0; at < spatial; ++at)
      e.dims[3 - spatial + at] = {out[2 + at], in[2 + at] + conv.getPads()[at] + conv.getPads()[spatial + at],
                                  kernel[at], conv.getStrides()[at], conv.getDilations()[at]};
  } else {
    e.dims[2].out = e.dims[2].in = in.back();
    for (int64_t extent : in.drop_back(2))
      e.batch *= extent;
  }
  if (!e.batch || !e.pixels())
    return fail("it has no outputs");
  FailureOr<Weight> read = readWeight(weight, reason);
  if (failed(read))
    return failure();
  e.ownChannels = read->channels;
  int64_t channels = llvm::alignTo(read->channels, e.banks);
  e.weight = channels == read->channels ? std::move(*read) : padChannels(*read, channels);
  if (e.pattern)
    e.form = e.pattern.getGroupForm({e.weight.rows, e.weight.cols});
  return e;
}
