//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Pools that the kernel of the convolution in front of them computes.
//
//===----------------------------------------------------------------------===//
#ifndef GS_CONVERSION_GSTOVECTOR_STOREDPOOL_H
#define GS_CONVERSION_GSTOVECTOR_STOREDPOOL_H

#include "gs/Dialect/GS/IR/Contraction.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::gs {

/// A pool in the store of a convolution: windows of `lines` x `columns` results, side by side and all inside. The
/// convolution carries the attribute `gs.pooled`; its own result has no memory.
struct StoredPool {
  PoolKind kind;
  int64_t lines, columns;

  static StringRef name() { return "gs.pooled"; }
  /// The windows of `pool`; nullopt and why not if they overlap, leave gaps, reach over the border or span slices.
  static std::optional<StoredPool> get(PoolOp pool, std::string &reason);
  /// The pool behind a bufferized convolution with the attribute. A diagnostic if they cannot be one kernel: the pool
  /// alone reads the result, and nothing happens between them.
  static FailureOr<PoolOp> behind(ConvOp conv);
  /// In front of what to insert that shall not stand between the layers of the kernel that ends with the bufferized
  /// `op`: the convolution in front of a pool, the first member of a chain, or `op` itself.
  static Operation *firstOf(Operation *op);
};

/// Where the results of `pool` go: with all batches and channels equally far apart, in `strided` memory, else dense.
Destination destinationOf(PoolOp pool, const std::optional<Destination> &strided);
/// Elements of a pool's windows, lane by lane; either may be null. NaN wins.
Value combinePooled(ImplicitLocOpBuilder &b, PoolKind kind, Value a, Value x);

} // namespace mlir::gs

#endif // GS_CONVERSION_GSTOVECTOR_STOREDPOOL_H
