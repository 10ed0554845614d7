//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Memory of operands as kernels take it: flat.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_CONVERSION_GSTOVECTOR_FLATBUFFERS_H
#define GS_LIB_CONVERSION_GSTOVECTOR_FLATBUFFERS_H

#include "gs/Dialect/GS/IR/Contraction.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::gs {

/// `value` as a flat memref in front of `op`. A strided value (the inside of a padded buffer) is copied; what `op`
/// writes to a strided `destination` is copied back behind it.
FailureOr<Value> flatten(ImplicitLocOpBuilder &b, Operation *op, Value value, bool destination = false);
/// The dense memory that `view` is a part of, as a flat memref; null if that is not known.
Value memoryBehind(ImplicitLocOpBuilder &b, Value view);
/// Batches of channels that lie in one piece each: a flat memref, and the elements from channel to channel.
struct ChannelsInMemory {
  Value memory;
  int64_t pitch = 0;
};
/// Those that `op` reads as `value`, in place if only the distance of channels is not that of a dense memref.
FailureOr<ChannelsInMemory> channelsOf(ImplicitLocOpBuilder &b, Operation *op, Value value);

/// Where in which flat memory `pool` can store its results in place; null memory if it needs a buffer of its own.
std::pair<std::optional<Destination>, Value> destinationIn(ImplicitLocOpBuilder &b, PoolOp pool);

} // namespace mlir::gs

#endif // GS_LIB_CONVERSION_GSTOVECTOR_FLATBUFFERS_H
