//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Masks that grow by whole groups.
//
//===----------------------------------------------------------------------===//
#include "../Patterns/GatherScatterGrid.h"
#include "ProjectionUtils.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

FailureOr<Projection> mlir::gs::growMask(PatternAttrInterface pattern, const Weight &live, ArrayRef<double> scores,
                                         double density, EmitError emitError) {
  auto projectable = dyn_cast<ProjectionAttrInterface>(pattern);
  if (!projectable)
    return Report(emitError) << "masks of " << pattern << " cannot grow: it has no projection";
  ProjectOptions options;
  options.density = density;
  options.method = ProjectOptions::Method::Exact;
  options.scores = scores;
  auto base = pattern;
  if (auto permuted = dyn_cast<PermutedAttr>(Attribute(pattern)))
    base = permuted.getPattern();
  auto rowOrders = static_cast<int64_t>(columnTilesOf(base, shapeOf(live)).size());
  if (failed(checkProjection(live, options, emitError, rowOrders)) || failed(pattern.verifyMask(live, emitError)))
    return failure();
  // A projection in which each live weight outweighs what a path of exchanges could bring.
  std::vector<double> own(live.mask.size());
  double most = 0;
  for (double score : scores)
    if (score < 1e100)
      most = std::max(most, score);
  double top = 4 * (most > 0 ? most : 1);
  double alive = top * double(std::max<int64_t>(64, live.cols));
  for (size_t at = 0; at < own.size(); ++at)
    own[at] = live.mask[at] ? alive : scores.empty() ? 0 : scores[at] < top ? scores[at] : top; // frozen zeros stay so
  options.scores = own;
  FailureOr<Projection> grown = projectable.project(live, options, emitError);
  if (failed(grown))
    return failure();
  if (grown->ownDensity)
    return Report(emitError) << "masks of " << pattern << " cannot grow: it says itself how many weights stay";
  for (size_t at = 0; at < own.size(); ++at)
    if (live.mask[at] && !grown->weight.mask[at])
      return Report(emitError) << "no legal mask of " << pattern
                               << " that this density allows contains the live one: row "
                               << static_cast<int64_t>(at) / live.cols << ", column "
                               << static_cast<int64_t>(at) % live.cols << " would go";
  return grown;
}
