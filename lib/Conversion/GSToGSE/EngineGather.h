//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Kernels that gather activations from the TCM.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_CONVERSION_GSTOGSE_ENGINEGATHER_H
#define GS_LIB_CONVERSION_GSTOGSE_ENGINEGATHER_H

#include "gs/Dialect/GS/IR/GSDialect.h"
#include "gs/Dialect/GSE/IR/GSEDialect.h"
#include "gs/Target/GSE/EngineSpec.h"
#include "mlir/IR/Builders.h"

namespace mlir::gs {

/// A matrix-vector product with a GS weight, packed as a joined stream.
struct GatherProduct {
  std::string name;
  std::string machine; ///< text of the record
  gse::EngineSpec spec;
  Type element;
  int64_t rows = 0, cols = 0, banks = 0, width = 0; ///< of the weight and its pattern (k = width)
  Buffer stream, offsets;
  bool fused = false;
  int64_t accumulators = 1;

  int64_t bundleRows() const { return banks / width; }
  int64_t bundles() const { return (rows + bundleRows() - 1) / bundleRows(); }
  /// Rows of the result, the last bundle filled up.
  int64_t paddedRows() const { return bundles() * bundleRows(); }
};

/// Adds the constants and the kernel of a product at the insertion point of a module.
gse::KernelOp emitEngineGather(OpBuilder &builder, Location loc, GatherProduct &product);

} // namespace mlir::gs

#endif // GS_LIB_CONVERSION_GSTOGSE_ENGINEGATHER_H
