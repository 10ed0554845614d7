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
  e.kept = e.pattern ? read->numKept() : read->rows * read->cols;
  int64_t channels = llvm::alignTo(read->channels, e.banks);
  // Tiles with row orders of their own have no form as a whole; each is a weight of the pattern inside.
  auto formOf = [&](int64_t rows, int64_t cols) {
    auto permuted = dyn_cast<PermutedAttr>(e.pattern);
    GroupForm form = (permuted ? permuted.getPattern() : e.pattern).getGroupForm({rows, cols});
    form.rowOrder |= permuted != nullptr;
    return form;
  };
  if (e.pattern)
    e.form = formOf(read->rows, read->cols);
  e.unaligned = channels != read->channels && read->locations > 1 && e.runsUnaligned();
  if (e.unaligned && !e.pattern)
    e.slack = llvm::divideCeil(e.banks - 1, read->channels);
  e.dims[2].in += e.slack;
  e.weight = channels == read->channels || e.unaligned ? std::move(*read) : padChannels(*read, channels);
  e.frameChannels = e.weight.channels;
  if (e.pattern)
    e.form = formOf(e.weight.rows, e.weight.cols);
  return e;
}

bool EngineOp::runsUnaligned() const {
  if (!pattern)
    return true;
  // The lines of the kernel keep their residues, its locations only where they lie side by side.
  return form.hasResidueLanes() && form.lanes == banks &&
         llvm::all_of(dims, [](const EngineDim &dim) { return dim.kernel == 1 || dim.dilation == 1; });
}

//===----------------------------------------------------------------------===//
// Parts
//===----------------------------------------------------------------------===//

int64_t EngineOp::cutUnit() const {
  if (unaligned)
    return 0;
  if (hasResidues()) // tiles of a convolution are whole locations
    return weight.locations > 1 ? form.tileCols / ownChannels * weight.channels : form.tileCols;
  return banks; // of channels: no vector and no block crosses it
}

bool EngineOp::hasResidues() const {
  return pattern && form.support == Support::PerLane && form.laneRule == LaneRule::ResiduesMod;
}

/// Groups of residues are cut between locations, others between channels.
static bool cutsLocations(const EngineOp &op) { return op.hasResidues() && op.weight.locations > 1; }

int64_t EngineOp::cutExtent() const { return cutsLocations(*this) ? weight.cols : weight.channels; }

/// Some columns of a weight: channels [begin, end) of each location, or all of locations [begin, end) of `locations`.
static Weight takeColumns(const Weight &weight, ArrayRef<int64_t> locations, int64_t begin, int64_t end) {
  Weight part;
  part.rows = weight.rows;
  part.channels = end - begin;
  part.locations = static_cast<int64_t>(locations.size());
  part.cols = part.channels * part.locations;
  part.elementType = weight.elementType;
  part.elementBytes = weight.elementBytes;
  part.values.resize(part.rows * part.cols * part.elementBytes);
  part.mask.resize(part.rows * part.cols);
  for (int64_t row = 0; row < weight.rows; ++row)
    for (auto [to, location] : llvm::enumerate(locations)) {
      if (location < 0) // in the box around a run of locations, not in the run
        continue;
      int64_t from = location * weight.channels + begin, at = static_cast<int64_t>(to) * part.channels;
      std::copy_n(weight.valueAt(row, from), part.channels * part.elementBytes, part.valueAt(row, at));
      std::copy_n(weight.mask.data() + row * weight.cols + from, part.channels,
                  part.mask.data() + row * part.cols + at);
    }
  return part;
}

std::vector<EngineOp> EngineOp::cut(int64_t columns) const {
  std::vector<EngineOp> parts;
  bool byLocation = cutsLocations(*this);
  int64_t extent = cutExtent();
  for (int64_t begin = 0, number = 0; begin < extent; begin += columns, ++number) {
    int64_t end = std::min(extent, begin + columns);
    EngineOp &part = parts.emplace_back();
    part.op = op, part.name = name, part.machine = machine, part.spec = spec, part.element = element;
    part.bytes = bytes, part.banks = banks, part.ownChannels = ownChannels, part.kept = kept;
    part.pattern = pattern, part.form = form, part.batch = batch, part.dims = dims;
    part.frameChannels = frameChannels;
    SmallVector<int64_t> locations;
    if (byLocation) {
      // The box around the run: whole lines and planes, or a piece of one line.
      int64_t first = begin / weight.channels, last = (end - 1) / weight.channels, inner = 1;
      std::array<int64_t, 3> low, high;
      bool whole = false; // an outer dimension spans several, so that inner ones are whole
      int64_t before = first, after = last;
      for (int dim : {0, 1, 2}) {
        inner = 1;
        for (int next = dim + 1; next < 3; ++next)
          inner *= dims[next].kernel;
        low[dim] = whole ? 0 : before / inner, high[dim] = whole ? dims[dim].kernel - 1 : after / inner;
        before %= inner, after %= inner;
        whole |= low[dim] != high[dim];
      }
      for (int64_t d = low[0]; d <= high[0]; ++d)
        for (int64_t h = low[1]; h <= high[1]; ++h)
          for (int64_t w = low[2]; w <= high[2]; ++w) {
            int64_t location = (d * dims[1].kernel + h) * dims[2].kernel + w;
            locations.push_back(location >= first && location <= last ? location : -1);
          }
      for (int dim : {0, 1, 2}) {
        part.dims[dim].kernel = high[dim] - low[dim] + 1;
        part.dims[dim].begin = low[dim] * dims[dim].dilation;
      }
      part.weight = takeColumns(weight, locations, 0, weight.channels);
    } else {
      for (int64_t location = 0; location < weight.locations; ++location)
        locations.push_back(location);
      part.weight = takeColumns(weight, locations, begin, end);
      part.channelBegin = begin;
    }
    if (mustCut())
      part.weight.rowOrder.assign(weight.rowOrder.begin() + number * rows(),
                                  weight.rowOrder.begin() + (number + 1) * rows());
    else
      part.weight.rowOrder = weight.rowOrder;
  }
  return parts;
}
