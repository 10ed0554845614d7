//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Geometry of contractions and of the planes that convolutions read.
//
//===----------------------------------------------------------------------===//
#include "gs/Dialect/GS/IR/Contraction.h"
#include "OpUtils.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

//===----------------------------------------------------------------------===//
// PlaneAttr
//===----------------------------------------------------------------------===//

static int64_t product(ArrayRef<int64_t> values) {
  int64_t result = 1;
  for (int64_t v : values)
    result *= v;
  return result;
}

int64_t PlaneAttr::getPhaseSize() const { return product(getExtents()); }

int64_t PlaneAttr::getDisplacement(ArrayRef<int64_t> coord) const {
  int64_t phase = 0, position = 0;
  for (size_t d = 0; d < coord.size(); ++d) {
    phase = phase * getPhases()[d] + coord[d] % getStrides()[d];
    position = position * getExtents()[d] + coord[d] / getStrides()[d];
  }
  return phase * getPhaseSize() + position;
}

bool mlir::gs::needsPlane(ConvOp conv) {
  if (conv.getPlane())
    return false;
  auto isOne = [](int64_t v) { return v == 1; };
  return !llvm::all_of(conv.getWeightShape().drop_front(2), isOne) || !llvm::all_of(conv.getStrides(), isOne) ||
         !llvm::all_of(conv.getPads(), [](int64_t p) { return p == 0; });
}

bool mlir::gs::isWholeChannel(PlaneAttr plane) {
  auto isOne = [](int64_t v) { return v == 1; };
  return plane.getExtents() == plane.getInput() && llvm::all_of(plane.getStrides(), isOne) &&
         llvm::all_of(plane.getPhases(), isOne) && llvm::all_of(plane.getPads(), [](int64_t p) { return p == 0; });
}

bool mlir::gs::isDepthwise(ConvOp conv) { return conv.getGroups() > 1 && conv.getWeightShape()[1] == 1; }

/// Calls `fn` with the padded coordinate of every kernel tap, in row-major order of the taps.
static void forEachTap(ConvOp conv, function_ref<void(ArrayRef<int64_t>)> fn) {
  ArrayRef<int64_t> kernel = conv.getWeightShape().drop_front(2);
  SmallVector<int64_t> tap(kernel.size(), 0), coord(kernel.size());
  for (int64_t i = 0, e = product(kernel); i < e; ++i) {
    int64_t rest = i;
    for (size_t d = kernel.size(); d-- > 0;) {
      coord[d] = (rest % kernel[d]) * conv.getDilations()[d];
      rest /= kernel[d];
    }
    fn(coord);
  }
}

int64_t mlir::gs::planeReach(ConvOp conv, PlaneAttr plane, int64_t lanes) {
  ArrayRef<int64_t> output = cast<ShapedType>(conv.getInit().getType()).getShape().drop_front(2);
  // Its lines are one.
  if (isWholeChannel(plane) && product(conv.getWeightShape().drop_front(2)) == 1)
    return llvm::alignTo(product(output), lanes);
  unsigned last = conv.getSpatialRank() - 1;
  int64_t maxTap = 0, lastLine = 0;
  forEachTap(conv, [&](ArrayRef<int64_t> coord) { maxTap = std::max(maxTap, plane.getDisplacement(coord)); });
  for (unsigned d = 0; d < last; ++d)
    lastLine = (lastLine + (output[d] - 1)) * plane.getExtents()[d + 1];
  int64_t read = maxTap + lastLine + llvm::alignTo(output[last], lanes);
  // A vector that covers several short lines may begin at the last line and reads as far as any other.
  return lanes == 1 ? read : read + lanes;
}

PlaneAttr mlir::gs::planFor(ConvOp conv, int64_t lanes) {
  unsigned spatial = conv.getSpatialRank();
  ArrayRef<int64_t> kernel = conv.getWeightShape().drop_front(2);
  ArrayRef<int64_t> output = cast<ShapedType>(conv.getInit().getType()).getShape().drop_front(2);
  SmallVector<int64_t> input = conv.getInputExtents(), phases, extents;
  SmallVector<int64_t> pads(conv.getPads().take_front(spatial));
  const int64_t line = lineElements(conv);
  if (!needsPlane(conv) && !conv.getPlane()) {
    SmallVector<int64_t> ones(spatial, 1);
    return PlaneAttr::get(conv.getContext(), input, ones, ones, input, pads, llvm::alignTo(product(input), line));
  }
  for (unsigned d = 0; d < spatial; ++d) {
    int64_t stride = conv.getStrides()[d], maxPhase = 0, maxShift = 0;
    for (int64_t t = 0; t < kernel[d]; ++t) {
      maxPhase = std::max(maxPhase, (t * conv.getDilations()[d]) % stride);
      maxShift = std::max(maxShift, (t * conv.getDilations()[d]) / stride);
    }
    phases.push_back(maxPhase + 1);
    extents.push_back(output[d] + maxShift);
  }
  // With stride 1 a row's trailing zeros may be the next row's leading ones: a read past the row's end sees them.
  unsigned last = spatial - 1;
  if (conv.getStrides()[last] == 1)
    extents[last] = std::min(extents[last], input[last] + std::max(pads[last], conv.getPads()[spatial + last]));
  // Short lines: a pitch of a power of two lets one vector cover several lines.
  if (spatial > 1 && extents[last] * 2 <= lanes)
    extents[last] = llvm::PowerOf2Ceil(extents[last]);

  auto draft = PlaneAttr::get(conv.getContext(), input, conv.getStrides(), phases, extents, pads, 0);
  int64_t size = std::max(planeReach(conv, draft, lanes), product(phases) * draft.getPhaseSize());
  // An odd number of cache lines keeps equal positions of different channels out of one cache set.
  size = llvm::divideCeil(size, line) * line;
  if ((size / line) % 2 == 0)
    size += line;
  return PlaneAttr::get(conv.getContext(), input, conv.getStrides(), phases, extents, pads, size);
}

//===----------------------------------------------------------------------===//
// Contraction
//===----------------------------------------------------------------------===//

static FailureOr<Contraction> fail(std::string *reason, const char *why) {
  if (reason)
    *reason = why;
  return failure();
}

static Contraction ofMatmul(MatmulOp matmul) {
  Contraction c;
  c.op = matmul;
  auto input = cast<ShapedType>(matmul.getInput().getType());
  c.rows = matmul.getWeightShape()[0];
  c.cols = matmul.getWeightShape()[1];
  c.lineLength = input.getShape().back();
  c.batch = product(input.getShape().drop_back(2));
  c.inputBatchStride = c.cols * c.lineLength;
  c.inputSize = input.getNumElements();
  for (int64_t k = 0; k < c.cols; ++k)
    c.columnOffset.push_back(k * c.lineLength);
  return c;
}

/// Geometry of a convolution that reads planes, or without one its input as it is.
static Contraction ofConv(ConvOp conv, std::optional<PlaneAttr> plane, int64_t inputSize) {
  Contraction c;
  c.op = conv;
  ArrayRef<int64_t> weight = conv.getWeightShape();
  ArrayRef<int64_t> output = cast<ShapedType>(conv.getInit().getType()).getShape().drop_front(2);
  int64_t channels = weight[1];
  c.batch = cast<ShapedType>(conv.getInput().getType()).getDimSize(0);
  c.rows = weight[0];
  c.cols = channels * product(weight.drop_front(2));
  c.groups = conv.getGroups();
  c.inputSize = inputSize;
  c.inputBatchStride = c.batch ? c.inputSize / c.batch : 0;
  c.isUnpacked = !plane && needsPlane(conv);
  if (c.isUnpacked) {
    SmallVector<int64_t> extents = conv.getInputExtents();
    c.groupStride = product(extents);
    c.lineLength = output.back();
    c.lines = output.size() >= 2 ? output[output.size() - 2] : 1;
    c.outer = output.size() == 3 ? output[0] : 1;
    forEachTap(conv, [&](ArrayRef<int64_t> coord) {
      int64_t displacement = 0;
      for (auto [at, extent] : llvm::zip_equal(coord, extents))
        displacement = displacement * extent + at;
      c.columnOffset.push_back(displacement);
    });
    return c;
  }
  if (!plane) {
    c.lineLength = product(output);
    c.groupStride = channels * c.lineLength;
    for (int64_t k = 0; k < c.cols; ++k)
      c.columnOffset.push_back(k * c.lineLength);
    return c;
  }
  unsigned spatial = conv.getSpatialRank();
  c.inputHasSlack = true;
  c.groupStride = channels * plane->getSize();
  c.lineLength = output.back();
  if (spatial >= 2) {
    c.lines = output[spatial - 2];
    c.lineStride = plane->getExtents()[spatial - 1];
  }
  if (spatial == 3) {
    c.outer = output[0];
    c.outerStride = plane->getExtents()[1] * plane->getExtents()[2];
  }
  // Lines without a gap between them are one line, which fills vectors better.
  if (c.lineStride == c.lineLength && c.lines > 1) {
    c.lineLength *= c.lines;
    c.lines = 1;
    c.lineStride = 0;
    if (c.outer > 1 && c.outerStride == c.lineLength) {
      c.lineLength *= c.outer;
      c.outer = 1;
      c.outerStride = 0;
    }
  }
  forEachTap(conv, [&](ArrayRef<int64_t> coord) {
    int64_t displacement = plane->getDisplacement(coord);
    for (int64_t i = 0; i < channels; ++i)
      c.columnOffset.push_back(i * plane->getSize() + displacement);
  });
  return c;
}

std::optional<Destination> Destination::get(Type type) {
  auto memref = dyn_cast<MemRefType>(type);
  if (!memref || memref.getLayout().isIdentity() || memref.getRank() < 3)
    return std::nullopt;
  Destination d;
  SmallVector<int64_t> strides;
  if (failed(memref.getStridesAndOffset(strides, d.offset)) || ShapedType::isDynamic(d.offset) ||
      llvm::any_of(strides, ShapedType::isDynamic) || strides.back() != 1)
    return std::nullopt;
  size_t rank = strides.size();
  d.batch = strides[0];
  d.row = strides[1];
  d.line = rank > 3 ? strides[rank - 2] : 0;
  d.slice = rank > 4 ? strides[2] : 0;
  return d;
}

Destination Destination::ofImage(int64_t rows, int64_t pitch, int64_t lines, int64_t width) {
  return {/*offset=*/0, /*batch=*/rows * pitch, /*row=*/pitch, /*slice=*/lines * width, /*line=*/width};
}

std::optional<Destination> Destination::insideOf(PlaneAttr plane, int64_t channels) {
  ArrayRef<int64_t> extents = plane.getExtents();
  Destination d;
  for (size_t i = 0; i < extents.size(); ++i) {
    if (plane.getStrides()[i] != 1 || plane.getPhases()[i] != 1 ||
        plane.getPads()[i] + plane.getInput()[i] > extents[i])
      return std::nullopt;
    d.offset = d.offset * extents[i] + plane.getPads()[i];
  }
  d.batch = channels * plane.getSize();
  d.row = plane.getSize();
  d.line = extents.size() > 1 ? extents.back() : 0;
  d.slice = extents.size() > 2 ? extents[1] * extents[2] : 0;
  return d;
}

bool Destination::isOnePiece(ArrayRef<int64_t> output) const {
  size_t rank = output.size();
  return (rank < 2 || line == output[rank - 1]) && (rank < 3 || slice == output[1] * output[2]);
}

FailureOr<Contraction> Contraction::get(Operation *op, std::string *reason) {
  Contraction c;
  if (auto matmul = dyn_cast<MatmulOp>(op)) {
    c = ofMatmul(matmul);
  } else if (auto conv = dyn_cast<ConvOp>(op)) {
    if (needsPlane(conv) && !isDepthwise(conv))
      return fail(reason, "the convolution reads an unpacked input; run gs-assign-layout first");
    c = ofConv(conv, conv.getPlane(), cast<ShapedType>(conv.getInput().getType()).getNumElements());
    ArrayRef<int64_t> output = cast<ShapedType>(conv.getInit().getType()).getShape().drop_front(2);
    c.destination = Destination::get(conv.getInit().getType());
    if (c.destination && !c.keepsLines(output) && !c.destination->isOnePiece(output))
      c.destination.reset();
  } else {
    return fail(reason, "not a contraction of the gs dialect");
  }
  c.weightPattern = getPattern(c.weight().getType());
  return c;
}

FailureOr<Contraction> Contraction::afterLayout(Operation *op, int64_t lanes) {
  auto conv = dyn_cast<ConvOp>(op);
  if (!conv || !needsPlane(conv) || isDepthwise(conv))
    return get(op);
  auto input = cast<ShapedType>(conv.getInput().getType());
  PlaneAttr plane = planFor(conv, lanes);
  Contraction c = ofConv(conv, plane, input.getDimSize(0) * input.getDimSize(1) * plane.getSize());
  c.weightPattern = getPattern(c.weight().getType());
  return c;
}

bool Contraction::keepsLines(ArrayRef<int64_t> output) const {
  size_t rank = output.size();
  return lineLength == output.back() && (rank < 2 || lines == output[rank - 2]) && (rank < 3 || outer == output[0]);
}

Value Contraction::weight() const { return op->getOperand(0); }
Value Contraction::input() const { return op->getOperand(1); }
Value Contraction::init() const { return op->getOperand(op->getNumOperands() - 1); }
ValueRange Contraction::epilogueOperands() const { return op->getOperands().drop_front(2).drop_back(1); }
Region &Contraction::epilogue() const { return op->getRegion(0); }
StrategyAttr Contraction::strategy() const { return op->getAttrOfType<StrategyAttr>("strategy"); }
Type Contraction::elementType() const { return cast<ShapedType>(init().getType()).getElementType(); }

ArrayRef<int64_t> Contraction::weightShape() const {
  if (auto matmul = dyn_cast<MatmulOp>(op))
    return matmul.getWeightShape();
  return cast<ConvOp>(op).getWeightShape();
}
