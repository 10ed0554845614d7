//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Strategy winograd: all weights of a 3x3 or Dx3x3 convolution of stride 1 in
// its lines, with 4 (tile 4) or 2.25 (tile 2) times fewer multiplications than
// the definition. After Lavin and Gray, "Fast algorithms for convolutional
// neural networks" (2015):
//
//   y = A^T [ sum over channels (G g G^T) * (B^T d B) ] A      elementwise product
//
// for output tiles y of t x t pixels and input tiles d of (t + 2) x (t + 2).
//
//   step 0: V[e][c][n] = B^T d B    for element e, channel c, tile n; lanes along tiles of a row
//   step 1: for each panel of MR rows, for each e: MR x N sums of U * V in registers, kept in private memory;
//           then A^T . A, interleaved to lines of pixels, epilogue in the store. Windows of a pool behind the
//           convolution that fit a tile are reduced before: lanes are tiles, so that this takes no shuffles.
//
// The depth of a 3-D kernel is no part of the transforms: its D slices of a channel are D channels of a 2-D kernel,
// which read one input slice after the other.
//
// U = G g G^T is made at compile time. Rounding: about 1e-6 of the largest sum for tile 2, 1e-5 for tile 4. An Inf or
// NaN in the input makes all pixels of its tiles NaN, not only those that read it.
//
//===----------------------------------------------------------------------===//
#include "WinogradKernel.h"
#include "gs/Conversion/GSToVector/CostModel.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::winograd;

namespace {

class Winograd : public Strategy {
public:
  StringRef name() const override { return "winograd"; }

  std::string refuses(const Contraction &c, const WeightFacts &, const TargetSpec &) const override {
    if (c.groups > 1)
      return "grouped convolution: a group has too few rows to pay for its transforms";
    auto shape = c.weightShape();
    if (shape.size() < 4 || shape[shape.size() - 2] != 3 || shape.back() != 3)
      return "not a kernel of 3x3 or Dx3x3";
    // Taps next to each other in the plane: stride and dilation are one. How slices lie to each other is no matter.
    int64_t perSlice = c.cols / depthOf(c), channels = perSlice / 9;
    for (int64_t column = 0; column < c.cols; column += channels)
      if (int64_t tap = column % perSlice / channels;
          c.columnOffset[column] - c.columnOffset[column - tap * channels] != tap / 3 * c.lineStride + tap % 3)
        return "strides or dilations are not one, so that kernel positions do not overlap from pixel to pixel";
    return "";
  }

  SmallVector<StrategyParameter> parameters(const Contraction &, const TargetSpec &target) const override {
    return {{"mr", 1, 16}, {"nr", 1, target.vectorRegisters}, {"tile", 2, 4, 4}};
  }

  bool storesStrided() const override { return true; }

  bool storesPool(StrategyAttr choice, const StoredPool &pool) const override {
    int64_t tile = choice.getInt("tile", 4);
    return tile % pool.lines == 0 && tile % pool.columns == 0;
  }

  SmallVector<Candidate> candidates(const Contraction &c, const WeightFacts &,
                                    const TargetSpec &target) const override {
    SmallVector<Candidate> result;
    int64_t lanes = target.lanes(c.elementType().getIntOrFloatBitWidth());
    for (int64_t tile : {4, 2})
      for (auto [mr, nr] : {std::pair<int64_t, int64_t>{6, 4},
                            {8, 3},
                            {8, 2},
                            {16, 1},
                            {12, 2},
                            {12, 1},
                            {8, 1},
                            {6, 2},
                            {4, 3},
                            {4, 2},
                            {4, 1}}) {
        if (mr * nr + nr + 1 > target.vectorRegisters)
          continue;
        Geometry g(c, tile, mr, nr, target);
        if (g.elements * mr * g.maxPitch() * 4 > 2 * maxPrivateBytes)
          continue;
        double bytes = double(g.panels(c) * mr * g.elements * g.channels) * 4;
        result.push_back({makeChoice(c.op->getContext(), {{"tile", tile}, {"mr", mr}, {"nr", nr}}),
                          cycles(c, g, target, lanes), bytes - double(c.rows * c.cols) * 4});
      }
    return result;
  }

  StorageRequest storage(const Contraction &, StrategyAttr choice, const TargetSpec &) const override {
    StorageRequest request;
    request.kind = StorageRequest::Kind::Winograd;
    request.panelRows = choice.getInt("mr", 4);
    request.winogradTile = choice.getInt("tile", 4);
    return request;
  }

  KernelPlan plan(const Contraction &c, StrategyAttr choice, const TargetSpec &target) const override {
    Geometry g = geometry(c, choice, target);
    return {2, g.rounds, g.scratch};
  }

  LogicalResult emit(KernelBuilder &k) const override {
    emitKernel(k, geometry(k.c, k.choice(), k.target));
    return success();
  }

private:
  static Geometry geometry(const Contraction &c, StrategyAttr choice, const TargetSpec &target) {
    return Geometry(c, choice.getInt("tile", 4), choice.getInt("mr", 4), choice.getInt("nr", 3), target);
  }

  static double cycles(const Contraction &c, const Geometry &g, const TargetSpec &target, int64_t lanes) {
    double panels = double(g.panels(c)), perElement = 4;
    double weightBytes = panels * double(g.mr * g.elements * g.channels) * perElement;
    double stream = weightBytes / cost::streamBytesPerCycle(target, weightBytes), blockTime = 0, tileVectors = 0;
    // At two multiply-adds per cycle little hides weights that come from the last level, and nothing when they come
    // for the first time (measured: docs/Rationale/CostModel.md).
    bool waits = target.fmaPerCycle > 1 && weightBytes > 0.75 * double(target.l2Bytes);
    constexpr double unhidden = 0.4;
    if (waits)
      blockTime += (1 - unhidden) * stream;
    for (const BlockGroup &group : g.groups) {
      double set = double(g.blockSize(group)) * perElement, time = 0;
      for (const Piece &piece : piecesOf(group.rows * group.width, g.nr, lanes))
        // A step, and the sums' way to private memory.
        time += double(g.channels) * cost::tileStep(target, g.mr, piece.count, set, true) +
                double(g.mr * piece.count) / target.storesPerCycle + 8;
      time *= panels * double(g.elements);
      time = std::max(time, stream) + (waits ? unhidden * stream : 0);
      blockTime += double(group.count) * time;
      tileVectors += double(group.count * group.rows) * double(llvm::divideCeil(group.width, g.lanes));
    }
    // Per vector of tiles: loads and their shuffles, two passes of sums, stores.
    double width = double(g.width), elements = double(g.elements), ops = g.tile == 4 ? 12 : 4;
    double sums = 2 * width * ops / target.fmaPerCycle;
    double in = width * 2 * double(g.tile) / target.misalignedLoadsPerCycle + width * 14 / target.permutesPerCycle +
                sums + elements / target.storesPerCycle;
    double out = elements / target.misalignedLoadsPerCycle + sums +
                 double(g.tile * g.tile) * (2 / target.permutesPerCycle + 2 / target.storesPerCycle);
    double total = blockTime + tileVectors * (double(g.channels) * in + double(c.rows) * out);
    return total + cost::memoryFloor(target, c, weightBytes);
  }
};

} // namespace

namespace mlir::gs {
const Strategy &getWinogradStrategy() {
  static const Winograd strategy;
  return strategy;
}
} // namespace mlir::gs
