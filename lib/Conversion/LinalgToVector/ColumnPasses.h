//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Several ops in a row that go through matrices from top to bottom, each column for itself: a softmax or a layer
// normalisation of columns. One after the other, each of them brings the whole matrix from the second level of cache
// or farther; here a strip of columns takes part in all of them before the next one.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_CONVERSION_LINALGTOVECTOR_COLUMNPASSES_H
#define GS_LIB_CONVERSION_LINALGTOVECTOR_COLUMNPASSES_H

#include "gs/Target/TargetSpec.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::gs {

struct ColumnPasses {
  enum class Access {
    Matrix, ///< an element for each row of a column, in the layout that all matrices share
    Column, ///< an element per column
    Vector, ///< contiguous along the columns, only read
    Splat,  ///< one element for all columns, only read
  };
  struct Operand {
    unsigned buffer = 0; ///< in `buffers`
    Access access;
    SmallVector<int64_t> strides; ///< in elements, for each of `extents`
  };
  struct Step {
    Operation *op;                 ///< linalg.fill, memref.copy or a linalg op with a body
    SmallVector<Operand> operands; ///< the result last
    bool overRows = false, reduces = false;
  };
  /// One loop over the rows, and what is done once per column before it.
  struct Pass {
    SmallVector<unsigned> before, inside; ///< in `steps`
  };

  SmallVector<int64_t> extents; ///< of batches, then rows, then columns
  SmallVector<Value> buffers;   ///< without reshapes
  SmallVector<bool> isVisible;  ///< per buffer: somebody else reads what the steps write
  SmallVector<Step> steps;      ///< in their order
  SmallVector<Pass> passes;

  int64_t rows() const { return extents[extents.size() - 2]; }
  int64_t columns() const { return extents.back(); }

  /// The passes that `reduction` and the ops around it make; failure with a reason if there are not at least two, or if
  /// rows of a matrix are shorter than a vector of `lanes`.
  static FailureOr<ColumnPasses> get(linalg::LinalgOp reduction, int64_t lanes, std::string &reason);
};

/// Emits the body of a kernel on `buffers`, flat.
void emitColumnPasses(ImplicitLocOpBuilder &b, const ColumnPasses &passes, const TargetSpec &target,
                      ArrayRef<Value> buffers, Value tid, Value threads);

} // namespace mlir::gs

#endif // GS_LIB_CONVERSION_LINALGTOVECTOR_COLUMNPASSES_H
