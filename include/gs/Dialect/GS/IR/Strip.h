//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A layer that runs in strips: some lines of pixels at a time, between other
// layers of its chain. What lies between two of them is a strip, too, and
// stays in the cache (docs/Rationale/Chains.md).
//
//===----------------------------------------------------------------------===//
#ifndef GS_DIALECT_GS_IR_STRIP_H
#define GS_DIALECT_GS_IR_STRIP_H

#include "mlir/IR/Operation.h"
#include <optional>

namespace mlir::gs {

/// How a two-dimensional gs.conv runs as a member of a chain. Recorded as the attribute `gs.chain`, a dictionary with
/// the names of the fields.
struct Strip {
  int64_t chain = 0; ///< number of the chain; its members follow each other in the program
  int64_t lines = 0; ///< output lines of a strip
  /// Elements from channel to channel of the strip that holds its input; 0: it reads its lines of a whole tensor, which
  /// an earlier member may have written just before.
  int64_t inputPitch = 0;
  /// Of the strip that holds its output; 0: it writes its lines of a whole tensor.
  int64_t outputPitch = 0;

  /// Whether `op` belongs to a chain.
  static bool isOn(Operation *op) { return op->hasAttr(name()); }
  /// What `op` carries; failure with a diagnostic if it is no such dictionary.
  static FailureOr<Strip> get(Operation *op);
  void set(Operation *op) const;
  /// Whether both are members of the same chain.
  static bool sameChain(Operation *op, Operation *other);
  /// The member of the chain of `op` that stands first in its block; `op` itself if it is in no chain.
  static Operation *firstOf(Operation *op);
  static StringRef name() { return "gs.chain"; }
};

} // namespace mlir::gs

#endif // GS_DIALECT_GS_IR_STRIP_H
