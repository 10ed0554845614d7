//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Storage layouts that do not belong to one pattern: dense row panels, and the
// plan of straight-line code.
//
//===----------------------------------------------------------------------===//
#ifndef GS_DIALECT_GS_IR_ROWLAYOUTS_H
#define GS_DIALECT_GS_IR_ROWLAYOUTS_H

#include "gs/Dialect/GS/IR/GSDialect.h"

namespace mlir::gs {

/// Layout `panels`: values[ceil(M/panelRows)][K][panelRows] with rows past the end zero, and indices[K], the
/// displacement of each column. Fails if a displacement does not fit 32 bits.
FailureOr<std::vector<Buffer>> packPanels(const Weight &weight, int64_t panelRows, ArrayRef<int64_t> displacement,
                                          EmitError emitError);

/// Layout `masked_columns`: the rows are cut into chunks of `panelRows` (at most 32), the columns, in the order of
/// their displacements, into blocks of `columnBlock` (0 = one). A chunk names each column that one of its rows keeps
/// once: `indices` holds its displacement, bit i of `rows` says that row i of the chunk keeps it, and `values` the kept
/// weights by column, then by row. `offsets` counts columns per (chunk, block), chunk-major.
FailureOr<std::vector<Buffer>> packMaskedColumns(const Weight &weight, int64_t panelRows, int64_t columnBlock,
                                                 ArrayRef<int64_t> displacement, EmitError emitError);

/// Checks names, shapes and counts of the buffers of these two layouts against the type.
/// Layouts `winograd_2x2` and `winograd_4x4`: values[ceil(M/panelRows)][(tile + 2)^2][D * I][panelRows], the kernels of
/// a 3x3 (D = 1) or Dx3x3 convolution, slice by slice, transformed to G g G^T for output tiles of `tile` x `tile`
/// (Lavin and Gray, "Fast algorithms for convolutional neural networks", 2015; computed in f64). Fails for other
/// kernels and element types than f32.
FailureOr<std::vector<Buffer>> packWinograd(const Weight &weight, int64_t tile, int64_t panelRows, EmitError emitError);

LogicalResult verifyRowLayout(CompressedType type, ArrayRef<Buffer> buffers, EmitError emitError);

} // namespace mlir::gs

#endif // GS_DIALECT_GS_IR_ROWLAYOUTS_H
