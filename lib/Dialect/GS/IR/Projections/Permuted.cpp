//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Projection onto #gs.permuted: the rows in a better order, if there is one, and the projection of the pattern in it.
// No order is the best of all for sure.
//
//===----------------------------------------------------------------------===//
#include "../Patterns/GatherScatterGrid.h"
#include "ProjectionUtils.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

/// The weight with the rows of each column of tiles in their order; with `back` from there.
static Weight reordered(const Weight &weight, ArrayRef<int64_t> order, ArrayRef<int64_t> begins, bool back,
                        std::vector<double> *scores) {
  Weight result = weight;
  result.rowOrder.clear();
  std::vector<double> moved = scores ? *scores : std::vector<double>();
  for (auto [tile, begin] : llvm::enumerate(begins)) {
    int64_t end = tile + 1 < begins.size() ? begins[tile + 1] : weight.cols;
    int64_t first = static_cast<int64_t>(order.size()) > weight.rows ? static_cast<int64_t>(tile) * weight.rows : 0;
    for (int64_t position = 0; position < weight.rows; ++position) {
      int64_t from = order[first + position], to = position;
      if (back)
        std::swap(from, to);
      std::memcpy(result.valueAt(to, begin), weight.valueAt(from, begin), (end - begin) * weight.elementBytes);
      std::copy_n(weight.mask.begin() + from * weight.cols + begin, end - begin,
                  result.mask.begin() + to * weight.cols + begin);
      if (scores)
        std::copy_n(scores->begin() + from * weight.cols + begin, end - begin,
                    moved.begin() + to * weight.cols + begin);
    }
  }
  if (scores)
    *scores = std::move(moved);
  return result;
}

static FailureOr<Projection> projectInOrder(PatternAttrInterface pattern, const Weight &dense,
                                            const ProjectOptions &options, ArrayRef<int64_t> order,
                                            ArrayRef<int64_t> begins, EmitError emitError) {
  std::vector<double> scores(options.scores);
  Weight moved = reordered(dense, order, begins, /*back=*/false, scores.empty() ? nullptr : &scores);
  ProjectOptions own = options;
  own.scores = scores;
  FailureOr<Projection> projection = cast<ProjectionAttrInterface>(pattern).project(moved, own, emitError);
  if (failed(projection))
    return failure();
  projection->weight = reordered(projection->weight, order, begins, /*back=*/true, nullptr);
  projection->weight.rowOrder.assign(order.begin(), order.end());
  return projection;
}

FailureOr<Projection> PermutedAttr::project(const Weight &dense, const ProjectOptions &options,
                                            EmitError emitError) const {
  SmallVector<int64_t> begins = columnTilesOf(getPattern(), shapeOf(dense));
  if (failed(checkProjection(dense, options, emitError, static_cast<int64_t>(begins.size()))))
    return failure();
  // A weight that has an order keeps it, so that to project again changes nothing.
  if (!dense.rowOrder.empty())
    return projectInOrder(getPattern(), dense, options, dense.rowOrder, begins, emitError);
  SmallVector<int64_t> asTheyAre(dense.rows), order;
  std::iota(asTheyAre.begin(), asTheyAre.end(), 0);
  bool found = false;
  for (auto [tile, begin] : llvm::enumerate(begins)) {
    int64_t end = tile + 1 < begins.size() ? begins[tile + 1] : dense.cols;
    SmallVector<int64_t> own = searchRowOrder(getPattern(), dense, options, begin, end);
    found |= !own.empty();
    if (own.empty())
      own = asTheyAre;
    llvm::append_range(order, own);
  }
  // One order for all columns of tiles is written once.
  ArrayRef<int64_t> orders = order;
  if (begins.size() > 1 && llvm::all_of(llvm::seq<size_t>(0, begins.size()), [&](size_t tile) {
        return orders.slice(tile * dense.rows, dense.rows) == orders.take_front(dense.rows);
      }))
    order.truncate(dense.rows);
  FailureOr<Projection> plain = projectInOrder(getPattern(), dense, options, asTheyAre, begins, emitError);
  if (failed(plain) || !found)
    return plain;
  FailureOr<Projection> better = projectInOrder(getPattern(), dense, options, order, begins, emitError);
  return succeeded(better) && better->keptEnergy > plain->keptEnergy ? better : plain;
}
