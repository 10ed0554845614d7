//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The kernel of a chain of layers that run in strips.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_CONVERSION_GSTOVECTOR_CHAINKERNEL_H
#define GS_LIB_CONVERSION_GSTOVECTOR_CHAINKERNEL_H

#include "gs/Conversion/GSToVector/KernelBuilder.h"

namespace mlir::gs {

/// A member as the kernel sees it. Values are flat buffers.
struct ChainMember {
  Operation *op = nullptr;
  Strip strip;
  Contraction contraction; ///< of a whole strip
  const Strategy *strategy = nullptr;
  llvm::StringMap<Value> buffers;
  SmallVector<Value> epilogueOperands;
  /// The whole input; of a member that reads a strip none.
  Value input;
  /// Strips of the output, one for each strip of the chain; the whole output if `strip` says so, of the last member
  /// perhaps the memory that it is a part of.
  Value output;
  /// How a strip, or the whole output, lies in that memory.
  Destination destination;

  ConvOp conv() const { return cast<ConvOp>(op); }
  bool readsWhole() const { return strip.inputPitch == 0; }
  bool writesWhole() const { return strip.outputPitch == 0; }
};

/// Two layers, `first` and `last`, run as one kernel in the place of `last`: ops between them may make buffers, compute
/// without memory, or copy, but not to `read`, what the first one reads. A diagnostic on what may not stand there.
LogicalResult verifyNothingBetween(Operation *first, Operation *last, ArrayRef<Value> read);

/// What `members`, in the order of the program, need to be one kernel: each reads the strip of the one before, which
/// nobody else reads, or lines of a whole tensor, and nothing happens between them. A diagnostic on the member where
/// that is wrong.
LogicalResult verifyChain(ArrayRef<ChainMember> members);

/// Strips of a chain, a shorter one at the end not counted.
int64_t countStrips(ArrayRef<ChainMember> members);

/// Emits the body of the kernel; with `markLayers`, gs.mark_layer in front of each member.
LogicalResult emitChain(ImplicitLocOpBuilder &b, ArrayRef<ChainMember> members, Value tid, Value numThreads,
                        const TargetSpec &target, bool markLayers);

} // namespace mlir::gs

#endif // GS_LIB_CONVERSION_GSTOVECTOR_CHAINKERNEL_H
