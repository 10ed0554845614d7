//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A product or convolution with gather/scatter weights, as the kernels see it.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_CONVERSION_GSTOGATHER_GATHERPRODUCT_H
#define GS_LIB_CONVERSION_GSTOGATHER_GATHERPRODUCT_H

#include "gs/Dialect/GS/IR/GSDialect.h"
#include "gs/Dialect/GS/IR/Patterns.h"
#include "gs/Target/GatherMachine.h"
#include <array>

namespace mlir::gs {

/// One direction in which windows slide over the activations.
struct GatherDim {
  int64_t out = 1, in = 1, kernel = 1, stride = 1, dilation = 1, padLow = 0, padHigh = 0;

  /// Frames that `outputs` neighbouring outputs read, zeros around the input among them.
  int64_t frames(int64_t outputs) const { return (outputs - 1) * stride + (kernel - 1) * dilation + 1; }
};

/// Distances between neighbours in a table of activations, in elements.
struct TableStrides {
  int64_t channel = 1;
  std::array<int64_t, 3> dim = {0, 0, 0};
};

/// Activations are [batch][channels][depth][height][width], results [batch][rows][depth'][height'][width']. A matrix
/// product is a convolution of kernel 1 along its columns, with K channels.
struct GatherProduct {
  Operation *op = nullptr;
  const GatherMachine *machine = nullptr;
  Weight weight;
  PatternAttrInterface pattern; ///< rows in their order, or permuted as the weight says
  GroupForm form;               ///< of the pattern without the permutation
  bool scatters = false;        ///< results go to rows that the weight names
  bool wideSums = false;        ///< results of 16-bit integers have 32 bits
  int64_t batch = 1;
  std::array<GatherDim, 3> dims; ///< depth, height, width; those that a convolution has not come first

  // The plan: activations of a tile of outputs lie in a table.
  std::array<int64_t, 3> tile = {1, 1, 1}; ///< outputs of a tile
  bool channelsLast = false;               ///< of the table; else its order is that of the activations
  bool inPlace = false;                    ///< the activations are the table

  Type element() const { return weight.elementType; }
  unsigned bits() const { return element().getIntOrFloatBitWidth(); }
  /// Type of sums, and of results unless they are `element()` rounded.
  Type sum() const;
  Type result() const { return wideSums ? sum() : element(); }
  int64_t sumBytes() const { return sum().getIntOrFloatBitWidth() / 8; }
  int64_t pixels() const { return dims[0].out * dims[1].out * dims[2].out; }
  int64_t inputElements() const { return batch * weight.channels * dims[0].in * dims[1].in * dims[2].in; }
  int64_t resultElements() const { return batch * weight.rows * pixels(); }
  /// Groups of a bundle in one vector of a machine with vectors of a known length; the last of a bundle are zeros.
  int64_t groupsPerVector() const {
    return machine->scalable ? 1 : std::max<int64_t>(1, machine->vectorBits / bits() / form.lanes);
  }
  /// Lanes that have sums of their own in a bundle.
  int64_t sumLanes() const { return form.lanes * groupsPerVector(); }
  int64_t bundles() const { return form.numBundles(weight.rows); }
  /// Rows with those that complete the last bundle.
  int64_t paddedRows() const { return bundles() * form.bundleRows; }
  bool isPadded() const;

  TableStrides tableStrides() const;
  int64_t tableElements() const;
  /// Displacement of each column of the weight from the origin of a window, in bytes.
  SmallVector<int64_t> columnOffsets() const;
  /// Bytes from the origin of a window to the end of the last element it reads.
  int64_t windowBytes() const;
  /// Bits of such a displacement in memory.
  unsigned offsetBits() const;

  // Machines whose tables lie in tightly coupled memory: a table, the results of gathers, sums.
  int64_t tableBytes() const;
  int64_t gatheredBytes() const;
  int64_t sumsBytes() const;

  /// Reads an op and plans it; the reason why it cannot run otherwise.
  static FailureOr<GatherProduct> get(Operation *op, const GatherMachine &machine, bool wideSums, std::string &reason);

private:
  LogicalResult readWeight(std::string &reason);
  LogicalResult readExtents(std::string &reason);
  LogicalResult plan(std::string &reason);
};

/// Outputs that share one load of weights and positions, where there are so many in a row.
inline constexpr int64_t kSharedPixels = 4;

/// Alignment of globals that hold vectors of the machine, in bytes.
inline int64_t alignmentOf(const GatherMachine &machine) { return machine.scalable ? 64 : machine.vectorBits / 8; }

} // namespace mlir::gs

#endif // GS_LIB_CONVERSION_GSTOGATHER_GATHERPRODUCT_H
