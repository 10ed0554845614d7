//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Projection onto #gs.unstructured: the largest weights. Exact.
//
//===----------------------------------------------------------------------===//
#include "ProjectionUtils.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

FailureOr<Projection> UnstructuredAttr::project(const Weight &dense, const ProjectOptions &options,
                                                EmitError emitError) const {
  if (failed(checkProjection(dense, options, emitError)))
    return failure();
  Projection projection = emptyProjection(dense);
  for (int64_t at : largest(Scores(dense, options).all(), shareOf(options.density, dense.rows * dense.cols)))
    projection.weight.mask[at] = 1;
  projection.groups = projection.weight.numKept();
  finishProjection(dense, projection);
  return projection;
}
