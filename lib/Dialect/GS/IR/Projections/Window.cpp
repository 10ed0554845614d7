//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Projection onto #gs.window<q : w>: the q largest of each window of a row. Exact.
//
//===----------------------------------------------------------------------===//
#include "ProjectionUtils.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

FailureOr<Projection> WindowAttr::project(const Weight &dense, const ProjectOptions &options,
                                          EmitError emitError) const {
  // The masks are those of N:M; what is stored differs.
  return NMAttr::get(getContext(), getQ(), getW()).project(dense, options, emitError);
}
