//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The contractions of a graph of channels: which ones there are, and what their weights hold.
//
//===----------------------------------------------------------------------===//
#include "ChannelGraph.h"
#include "gs/Dialect/GS/IR/Contraction.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"
#include <cmath>
#include <cstring>
#include <map>

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

static bool areZero(ArrayRef<float> weights) {
  return llvm::all_of(weights, [](float w) { return w == 0; });
}

bool ChannelGraph::Contraction::isZero(int64_t r, int64_t channel) const { return areZero(at(r, channel)); }

bool ChannelGraph::Contraction::rowIsZero(int64_t r) const { return areZero(row(r)); }

int64_t ChannelGraph::Contraction::sharedRows() const {
  auto shares = [&](int64_t height) {
    for (int64_t row = 0; row < rows; ++row) {
      ArrayRef<float> first = this->row(row / height * height), own = this->row(row);
      for (auto [a, b] : llvm::zip(first, own))
        if ((a != 0) != (b != 0))
          return false;
    }
    return true;
  };
  // Where all rows keep the same columns, what is left does so, too, whichever rows go.
  if (shares(rows))
    return 1;
  // Halving, a group that does not share tells nothing of its halves; doubling, it tells that no larger one shares.
  int64_t height = 1;
  while (height < 16 && rows % (2 * height) == 0 && shares(2 * height))
    height *= 2;
  return height;
}

float ChannelGraph::Contraction::rowSum(int64_t r) const {
  double sum = 0;
  for (float w : row(r))
    sum += w;
  return static_cast<float>(sum);
}

bool ChannelGraph::Contraction::columnIsFinite(int64_t channel) const {
  auto areFinite = [](ArrayRef<float> weights) {
    return llvm::all_of(weights, [](float w) { return std::isfinite(w); });
  };
  if (depthwise)
    return areFinite(at(channel, 0));
  for (int64_t r = 0; r < rows; ++r)
    if (!areFinite(at(r, channel)))
      return false;
  return true;
}

void ChannelGraph::Contraction::takeColumn(int64_t channel, float value, std::vector<float> &delta) {
  for (int64_t r = 0; r < rows; ++r) {
    if (isZero(r, channel))
      continue;
    if (!weightChanged()) {
      changed = weight.vec();
      weight = changed;
    }
    double sum = 0;
    for (float &w : MutableArrayRef<float>(changed).slice((r * channels + channel) * locations, locations)) {
      sum += w;
      w = 0;
    }
    delta[r] += static_cast<float>(sum * value);
  }
}

static Value makeConstant(OpBuilder &b, Location loc, RankedTensorType type, ArrayRef<float> values) {
  const char *raw = reinterpret_cast<const char *>(values.data());
  return arith::ConstantOp::create(
      b, loc, cast<TypedAttr>(makeElements(type, std::vector<char>(raw, raw + values.size() * sizeof(float)))));
}

void ChannelGraph::Contraction::addToBias(ArrayRef<float> delta) {
  OpBuilder b(op);
  Region &region = op->getRegion(0);
  Type f32 = b.getF32Type();
  Location loc = op->getLoc();
  if (region.empty()) {
    Block *block = b.createBlock(&region, region.end(), {f32}, {loc});
    YieldOp::create(b, loc, block->getArgument(0));
    b.setInsertionPoint(op);
  }
  Block &block = region.front();
  auto type = RankedTensorType::get({rows}, f32);
  Value sum = block.getArgument(0);
  // sum + bias with a constant bias takes both.
  if (sum.hasOneUse())
    if (auto add = dyn_cast<arith::AddFOp>(*sum.user_begin())) {
      auto other = dyn_cast<BlockArgument>(add.getLhs() == sum ? add.getRhs() : add.getLhs());
      if (other && other != sum && other.getOwner() == &block && other.hasOneUse()) {
        OpOperand &operand = op->getOpOperand(1 + other.getArgNumber());
        std::vector<char> storage;
        FailureOr<ArrayRef<float>> bias = readFloats(operand.get(), storage);
        if (operand.get().getType() == type && succeeded(bias)) {
          std::vector<float> both = bias->vec();
          for (auto [value, more] : llvm::zip_equal(both, delta))
            value += more;
          operand.set(makeConstant(b, loc, type, both));
          return;
        }
      }
    }
  MutableOperandRange operands =
      isa<ConvOp>(op) ? cast<ConvOp>(op).getEpilogueOperandsMutable() : cast<MatmulOp>(op).getEpilogueOperandsMutable();
  operands.append(makeConstant(b, loc, type, delta));
  Value bias = block.addArgument(f32, loc);
  b.setInsertionPointToStart(&block);
  auto add = arith::AddFOp::create(b, loc, sum, bias);
  sum.replaceAllUsesExcept(add, add);
}

void ChannelGraph::findContractions() {
  for (Operation *op : allOps) {
    if (!isa<MatmulOp, ConvOp>(op) || op->getNumResults() != 1 || op->hasAttr("strategy"))
      continue;
    if (isa<ConvOp>(op) && cast<ConvOp>(op).getPlane())
      continue;
    auto type = dyn_cast<RankedTensorType>(op->getOperand(0).getType());
    if (!type || (type.getEncoding() && !encoded) || !type.hasStaticShape() || type.getNumElements() == 0 ||
        !cast<RankedTensorType>(op->getResult(0).getType()).hasStaticShape())
      continue;
    auto c = std::make_unique<Contraction>();
    c->op = op;
    c->rows = type.getDimSize(0);
    c->channels = type.getDimSize(1);
    c->locations = type.getNumElements() / (c->rows * c->channels);
    c->rowAxis = 1;
    if (auto conv = dyn_cast<ConvOp>(op)) {
      c->depthwise = isDepthwise(conv) && static_cast<int64_t>(conv.getGroups()) == c->rows;
      if (conv.getGroups() != 1 && !c->depthwise)
        continue;
    } else {
      c->rowAxis = cast<RankedTensorType>(op->getResult(0).getType()).getRank() - 2;
    }
    // A row operand that is no constant would have to be cut, too.
    bool fixed = llvm::all_of(c->epilogueOperands(), [&](Value operand) {
      return cast<RankedTensorType>(operand.getType()).getRank() != 1 || hasNoChannels(operand);
    });
    if (!fixed)
      continue;
    if (encoded) {
      if (!op->getOperand(0).getDefiningOp<gs::ConstantOp>() && !matchPattern(op->getOperand(0), m_Constant()))
        continue;
    } else {
      FailureOr<ArrayRef<float>> weight = readFloats(op->getOperand(0), c->storage);
      if (failed(weight))
        continue;
      c->weight = *weight;
    }
    contractions[op] = std::move(c);
  }
}
