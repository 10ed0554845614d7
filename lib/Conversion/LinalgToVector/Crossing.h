//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Elementwise work in which the result is contiguous along one loop and an input along another: a transpose, and what
// was fused with it. As loops it is a gather per vector; here it goes through registers in square tiles.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_CONVERSION_LINALGTOVECTOR_CROSSING_H
#define GS_LIB_CONVERSION_LINALGTOVECTOR_CROSSING_H

#include "gs/Target/TargetSpec.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::gs {

struct Crossing {
  /// A loop with the elements by which one step moves in each operand of the op; 0: it does not occur there.
  struct Loop {
    int64_t extent = 1;
    SmallVector<int64_t> strides;
  };
  /// How vectors of an operand reach the lanes of the result.
  enum class Access {
    Unused, ///< the result, where the body does not read it
    Along,  ///< contiguous along the columns, like the result
    Across, ///< contiguous along the rows: the tile is transposed
    Splat,  ///< one element for all columns
  };

  SmallVector<Loop> outer;
  Loop rows, columns; ///< the result is contiguous along the columns, some input along the rows
  SmallVector<Access> accesses;

  /// The crossing that `op` computes on memrefs; failure with a reason if it is none, or none that the kernel takes.
  static FailureOr<Crossing> get(linalg::LinalgOp op, int64_t lanes, std::string &reason);
};

/// Emits the body of a kernel. `buffers` are the operands of `op`, flat.
void emitCrossing(ImplicitLocOpBuilder &b, const Crossing &crossing, linalg::LinalgOp op, int64_t lanes,
                  ArrayRef<Value> buffers, Value tid, Value threads);

} // namespace mlir::gs

#endif // GS_LIB_CONVERSION_LINALGTOVECTOR_CROSSING_H
