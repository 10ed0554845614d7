//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Projection onto #gs.union: term by term on what the terms before have left. Not exact.
//
//===----------------------------------------------------------------------===//
#include "../Patterns/Composite.h"
#include "ProjectionUtils.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

FailureOr<Projection> UnionAttr::project(const Weight &dense, const ProjectOptions &options,
                                         EmitError emitError) const {
  if (failed(checkProjection(dense, options, emitError)))
    return failure();
  Projection projection = emptyProjection(dense);
  std::vector<double> scores = Scores(dense, options).all();
  auto waiting = static_cast<int64_t>(getTerms().size());
  double left = options.density;
  for (PatternAttrInterface term : getTerms()) {
    if (isa<UnifiedAttr>(Attribute(term)))
      return Report(emitError) << "CO-C1: " << term
                               << " changes values, so there is no projection onto a union with it";
    // Equal shares of what is left; what is kept already is no other term's.
    ProjectOptions own = options;
    own.density = std::clamp(left / double(waiting--), 0.0, 1.0);
    own.scores = scores;
    FailureOr<Projection> part = cast<ProjectionAttrInterface>(term).project(dense, own, emitError);
    if (failed(part))
      return failure();
    for (size_t at = 0; at < scores.size(); ++at)
      if (part->weight.mask[at]) {
        projection.weight.mask[at] = 1;
        scores[at] = -1;
      }
    left -= part->density;
    projection.groups += part->groups;
  }
  finishProjection(dense, projection);
  // Weights of a last term that counts may fill up a tile of a term before, and are missing then.
  if (failed(verifyMask(projection.weight, emitError)) || failed(checkForbidden(*this, projection, options, emitError)))
    return failure();
  return projection;
}
