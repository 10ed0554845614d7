//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Code of gs.pool.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_CONVERSION_GSTOVECTOR_POOL_H
#define GS_LIB_CONVERSION_GSTOVECTOR_POOL_H

#include "gs/Dialect/GS/IR/Contraction.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::gs {

/// Emits the share of thread `tid` of `numThreads` of `op` from `input`, whose channels are `inputPitch` elements
/// apart, to `output`, both flat memrefs, with vectors of `lanes` elements. Results go to `destination` of `output`, if
/// it is given: its channels are equally far apart, those of different batches, too.
void emitPool(ImplicitLocOpBuilder &b, PoolOp op, const std::optional<Destination> &destination, int64_t inputPitch,
              Value input, Value output, Value tid, Value numThreads, int64_t lanes);

} // namespace mlir::gs

#endif // GS_LIB_CONVERSION_GSTOVECTOR_POOL_H
