//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Smallest legal masks of patterns made of patterns, and of those that need no zeros.
//
//===----------------------------------------------------------------------===//
#include "../Patterns/Composite.h"
#include "../Projections/ProjectionUtils.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

static LogicalResult completeWith(Attribute pattern, Weight &weight, EmitError emitError) {
  return cast<ProjectionAttrInterface>(pattern).complete(weight, emitError);
}

LogicalResult UnstructuredAttr::complete(Weight &weight, EmitError emitError) const {
  return verifyMask(weight, emitError);
}

LogicalResult UnifiedAttr::complete(Weight &weight, EmitError emitError) const { return verifyMask(weight, emitError); }

// Zeros are free, and no zero makes two signs one.
LogicalResult PolarizedAttr::complete(Weight &weight, EmitError emitError) const {
  return verifyMask(weight, emitError);
}

LogicalResult UnionAttr::complete(Weight &weight, EmitError emitError) const {
  if (failed(checkInput(weight, Schema(), emitError)))
    return failure();
  if (succeeded(verifyMask(weight, nullptr)))
    return success();
  // What whole tiles leave goes to the last term; or all does to one term. Not always the smallest mask.
  std::optional<Weight> best;
  auto offer = [&](Weight &&candidate) {
    if (succeeded(verifyMask(candidate, nullptr)) && (!best || candidate.numKept() < best->numKept()))
      best = std::move(candidate);
  };
  Weight rest = std::move(splitUnion(*this, weight).back());
  if (succeeded(completeWith(getTerms().back(), rest, nullptr))) {
    Weight candidate = weight;
    for (size_t at = 0; at < rest.mask.size(); ++at)
      candidate.mask[at] |= rest.mask[at];
    offer(std::move(candidate));
  }
  for (PatternAttrInterface term : getTerms()) {
    Weight candidate = weight;
    if (succeeded(completeWith(term, candidate, nullptr)))
      offer(std::move(candidate));
  }
  if (!best)
    return Report(emitError) << "CO-C1: neither the last term nor any one term has a legal mask that contains the kept "
                                "weights";
  weight.mask = std::move(best->mask);
  return success();
}

LogicalResult IntersectionAttr::complete(Weight &weight, EmitError emitError) const {
  if (failed(checkInput(weight, Schema(), emitError)) ||
      failed(verifyPattern(shapeOf(weight), weight.elementType, emitError)))
    return failure();
  // Which tiles stay is the business of the first pattern, what they keep that of the second.
  Weight tiles = weight;
  if (failed(completeWith(getOuter(), tiles, emitError)))
    return failure();
  TileGrid grid = tileGrid(getOuter().getGroupForm(shapeOf(weight)), weight);
  for (int64_t bundle = 0; bundle < grid.numBundles(); ++bundle) {
    SmallVector<int64_t> rows = grid.rows(bundle);
    SmallVector<int64_t> kept;
    for (int64_t tile = 0; tile < grid.tilesPerBundle(); ++tile)
      if (tiles.kept(rows[0], grid.columns(tile)[0]))
        kept.push_back(tile);
    // CO-C4: the lowest free tiles make up the multiple.
    for (int64_t tile = 0; tile < grid.tilesPerBundle() && static_cast<int64_t>(kept.size()) % getMultiple(); ++tile)
      if (!llvm::is_contained(ArrayRef<int64_t>(kept), tile))
        kept.push_back(tile);
    if (static_cast<int64_t>(kept.size()) % getMultiple())
      return Report(emitError) << "CO-C4: row " << bundle << " of tiles keeps " << static_cast<int64_t>(kept.size())
                               << ", and has no more to make it a multiple of " << getMultiple();
    for (int64_t tile : kept) {
      ArrayRef<int64_t> columns = grid.columns(tile);
      Weight part = partOf(weight, rows, columns);
      if (failed(completeWith(getInner(), part, emitError)))
        return failure();
      for (auto [i, row] : llvm::enumerate(rows))
        for (auto [j, col] : llvm::enumerate(columns))
          weight.mask[row * weight.cols + col] = part.mask[i * columns.size() + j];
    }
  }
  return success();
}

LogicalResult PermutedAttr::complete(Weight &weight, EmitError emitError) const {
  return completeWith(getPattern(), weight, emitError);
}
