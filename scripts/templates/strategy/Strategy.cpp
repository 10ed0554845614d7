//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Strategy @kebab@: what runs along lanes, what stays in registers.
//
//   for each tile of NR vectors, for each row:
//     for each kept weight of the row: acc[j] += W[i] * X[index[i] + j]
//
//===----------------------------------------------------------------------===//
#include "gs/Conversion/GSToVector/CostModel.h"
#include "gs/Conversion/GSToVector/KernelBuilder.h"

using namespace mlir;
using namespace mlir::gs;

namespace {

class @Name@ : public Strategy {
public:
  StringRef name() const override { return "@kebab@"; }

  std::string refuses(const Contraction &c, const WeightFacts &weight, const TargetSpec &) const override {
    if (!weight.pattern)
      return "the weight is dense";
    if (c.columns() < 2)
      return "one output column: there is nothing to fill the lanes with";
    return "";
  }

  SmallVector<StrategyParameter> parameters(const Contraction &, const TargetSpec &target) const override {
    return {{"nr", 1, target.vectorRegisters}};
  }

  SmallVector<Candidate> candidates(const Contraction &c, const WeightFacts &weight,
                                    const TargetSpec &target) const override {
    SmallVector<Candidate> result;
    bool aligned = cost::inputIsAligned(c, target.lanes());
    for (int64_t nr : {2, 4}) {
      double cycles = 0;
      for (const TileLoop &tile : planTiles(c, target.lanes(), nr)) {
        double inputBytes = double(c.cols * c.groups) * double(nr * target.vectorBytes());
        double step = cost::tileStep(target, 1, int64_t(tile.vectors.size()), inputBytes, aligned);
        double steps = double(weight.nonZeros) * step;
        cycles += double(tile.count()) * (steps + 20 * double(c.rows));
      }
      result.push_back({makeChoice(c.op->getContext(), {{"nr", nr}}), cycles});
    }
    return result;
  }

  StorageRequest storage(const Contraction &, StrategyAttr, const TargetSpec &) const override {
    return {StorageRequest::Kind::Rows, /*activation=*/true, /*columnBlock=*/0, /*panelRows=*/0};
  }

  LogicalResult emit(KernelBuilder &k) const override {
    VectorType type = k.vectorType(k.lanes());
    Value values = k.buffers["values"], indices = k.buffers["indices"], offsets = k.buffers["offsets"];
    auto plan = planTiles(k.c, k.lanes(), k.choice().getInt("nr", 4));
    bool split = k.splitsTiles(plan);
    auto rows = split ? k.all(k.c.rows) : k.share(k.c.rows, offsets);
    k.forEachTile(plan, split, [&](const TileLoop &tile, KernelBuilder::TileBase base) {
      k.forRange(rows, [&](Value row) {
        Value first = k.loadIndex(offsets, row), last = k.loadIndex(offsets, k.add(row, 1));
        SmallVector<Value> init(tile.vectors.size(), k.zero(type));
        SmallVector<Value> sums = k.accumulate(first, last, init, [&](Value i, ValueRange acc) {
          Value in = k.add(base.in, k.loadIndex(indices, i));
          Value weight = k.broadcastLoad(values, i, type);
          SmallVector<Value> next;
          for (auto [place, sum] : llvm::zip(tile.vectors, acc))
            next.push_back(k.fma(weight, k.loadInput(in, place, type), sum));
          return next;
        });
        Value out = k.add(base.out, k.mul(row, k.c.outputsPerRow()));
        for (auto [place, sum] : llvm::zip(tile.vectors, sums))
          k.finish(sum, row, out, place);
      });
    });
    return success();
  }
};

} // namespace

namespace mlir::gs {
const Strategy &get@Name@Strategy() {
  static const @Name@ strategy;
  return strategy;
}
} // namespace mlir::gs
