//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the ops of the dialect share; private to the library.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_DIALECT_GS_IR_OPUTILS_H
#define GS_LIB_DIALECT_GS_IR_OPUTILS_H

#include "gs/Dialect/GS/IR/GSDialect.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"

namespace mlir::gs::detail {

/// Reports an extent of `what` below `min` or so large that displacements would not fit 32 bits.
LogicalResult verifyExtents(Operation *op, StringRef what, ArrayRef<int64_t> extents, int64_t min = 1);

/// Checks a plane by itself: one number of each kind per spatial dimension, and a size that holds its phases.
LogicalResult verifyPlane(Operation *op, PlaneAttr plane);

/// Elements of a cache line of 64 bytes, of the type that `conv` reads: planes and strips are whole lines, whatever the
/// target.
int64_t lineElements(ConvOp conv);

/// Reads of memrefs among the operands, and the write of the destination.
void destinationStyleEffects(MutableOperandRange init, OpOperand &input, MutableOperandRange operands,
                             SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>> &effects);

/// Bufferizes a destination-style op whose tensor operands become memrefs one by one.
LogicalResult bufferizeDestinationStyle(Operation *op, unsigned initIndex, RewriterBase &rewriter,
                                        const bufferization::BufferizationOptions &options,
                                        bufferization::BufferizationState &state);

} // namespace mlir::gs::detail

/// How a destination-style op with one destination bufferizes.
#define GS_DESTINATION_STYLE_METHODS(OP)                                                                               \
  bool OP::bufferizesToMemoryRead(OpOperand &operand, const bufferization::AnalysisState &) {                          \
    return !isDpsInit(&operand);                                                                                       \
  }                                                                                                                    \
  bool OP::bufferizesToMemoryWrite(OpOperand &operand, const bufferization::AnalysisState &) {                         \
    return isDpsInit(&operand);                                                                                        \
  }                                                                                                                    \
  bufferization::AliasingValueList OP::getAliasingValues(OpOperand &operand, const bufferization::AnalysisState &) {   \
    if (isDpsInit(&operand) && !getResults().empty())                                                                  \
      return {{getResults()[0], bufferization::BufferRelation::Equivalent}};                                           \
    return {};                                                                                                         \
  }                                                                                                                    \
  LogicalResult OP::bufferize(RewriterBase &rewriter, const bufferization::BufferizationOptions &options,              \
                              bufferization::BufferizationState &state) {                                              \
    return bufferizeDestinationStyle(*this, getInitMutable().getOperandNumber(), rewriter, options, state);            \
  }

#endif // GS_LIB_DIALECT_GS_IR_OPUTILS_H
