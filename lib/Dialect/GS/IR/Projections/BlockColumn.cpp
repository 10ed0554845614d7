//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Projection onto #gs.block_column: the best columns of all blocks; rows stay. Exact without prune_rows.
//
//===----------------------------------------------------------------------===//
#include "ProjectionUtils.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

FailureOr<Projection> BlockColumnAttr::project(const Weight &dense, const ProjectOptions &options,
                                               EmitError emitError) const {
  Tiles tiles;
  tiles.rows = getRows();
  tiles.cols = 1;
  return projectTiles(tiles, dense, options, emitError);
}
