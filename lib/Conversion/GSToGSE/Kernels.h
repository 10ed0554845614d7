//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The two shapes of kernels that read groups, and the dense ones.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_CONVERSION_GSTOGSE_KERNELS_H
#define GS_LIB_CONVERSION_GSTOGSE_KERNELS_H

#include "EngineStrategy.h"

namespace mlir::gs {

/// Columns of a weight that a tile is computed with, and the activations that these read.
struct SweepPart {
  EngineOp *op;
  TilePlan plan;
  GroupStream stream;
};

/// A matrix times a vector: bundles outside, groups inside.
gse::KernelOp emitProduct(OpBuilder &builder, EngineOp &op, GroupStream &stream, const EngineVariant &variant);

/// A matrix times many vectors, or a convolution: chunks of groups stay in registers and are swept over the pixels of a
/// tile.
/// Parts of the columns follow each other in every tile, and their partial sums are added.
gse::KernelOp emitSweep(OpBuilder &builder, EngineOp &op, MutableArrayRef<SweepPart> parts,
                        const EngineVariant &variant, const TilePlan &plan);

} // namespace mlir::gs

#endif // GS_LIB_CONVERSION_GSTOGSE_KERNELS_H
