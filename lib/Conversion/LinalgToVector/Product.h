//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A product of two activations in the form that its kernel works on.
//
//   out[o.., m, n] += sum_k.. left[o.., m, k..] * right[o.., k.., n]
//
// Every operand is a flat buffer read with one stride per loop, so that transposed heads of an attention, broadcast
// batches and any einsum of two operands are the same to the kernel.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_CONVERSION_LINALGTOVECTOR_PRODUCT_H
#define GS_LIB_CONVERSION_LINALGTOVECTOR_PRODUCT_H

#include "gs/Target/TargetSpec.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::gs {

struct Product {
  /// A loop with the elements by which one step moves in each operand; 0: it does not occur there.
  struct Loop {
    int64_t extent = 1, left = 0, right = 0, out = 0;
    SmallVector<int64_t, 1> others = {}; ///< in each input of the epilogue
  };
  SmallVector<Loop> outer;   ///< batches and everything else that is not m, n or reduced
  Loop rows, columns;        ///< m and n; the output is contiguous in n
  SmallVector<Loop> reduced; ///< k, the innermost last
  unsigned leftOperand = 0;  ///< 0 or 1: which input of the op is `left`

  /// The product that `op` computes on memrefs; failure with a reason if it is none, or none that the kernel takes.
  static FailureOr<Product> get(linalg::LinalgOp op, std::string &reason);

  linalg::GenericOp epilogue; ///< what is done to the elements of the result on their way to memory, or none

  /// Takes what an elementwise op does to the result; failure, and nothing has changed, if an input of it is not
  /// contiguous along the columns, nor the same for all of them.
  LogicalResult addEpilogue(linalg::GenericOp op);

  int64_t depth() const;      ///< of the reduction
  int64_t outerCount() const; ///< product of the extents of `outer`
};

/// How the kernel cuts a product.
struct ProductTile {
  int64_t mr, nr;     ///< rows, and vectors of columns, in registers
  bool packs = false; ///< copies the right operand's columns of a tile to a contiguous panel first
  int64_t depthBlock; ///< steps of the reduction per panel
};

/// The tile that is predicted to be the fastest.
ProductTile chooseTile(const Product &product, const TargetSpec &target);

/// The elementwise op on the result of `op`, in place, that can be done in front of everything between them; or none.
linalg::GenericOp findEpilogue(linalg::LinalgOp op);

/// Emits the body of a kernel. `buffers` are left, right, out and the inputs of the epilogue, flat; the caller wants
/// the sums added to `out` if `accumulates`, else stored.
void emitProduct(ImplicitLocOpBuilder &b, const Product &product, const ProductTile &tile, int64_t lanes,
                 ArrayRef<Value> buffers, Value tid, Value threads, bool accumulates);

} // namespace mlir::gs

#endif // GS_LIB_CONVERSION_LINALGTOVECTOR_PRODUCT_H
