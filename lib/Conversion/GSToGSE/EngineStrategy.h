//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Ways to execute a contraction on a gather/scatter engine. One file per
// strategy, one line in Strategies.def.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_CONVERSION_GSTOGSE_ENGINESTRATEGY_H
#define GS_LIB_CONVERSION_GSTOGSE_ENGINESTRATEGY_H

#include "EngineOp.h"
#include "gs/Dialect/GSE/IR/GSEDialect.h"
#include "mlir/IR/Builders.h"

namespace mlir::gs {

/// Variants of a kernel that a choice names.
struct EngineVariant {
  bool fused = false;       ///< indices are read within the gather
  bool fp32 = false;        ///< f16 products are summed in f32
  int64_t accumulators = 2; ///< sums that take turns: 1, 2 or 4
  int64_t channels = 1;     ///< output channels per pass of a dense convolution: 1 or 4
};

class EngineStrategy {
public:
  virtual ~EngineStrategy() = default;
  /// File name in kebab-case; the name in `#gs.strategy`.
  virtual StringRef name() const = 0;
  /// Whether it is taken for this op, if it can run it and no choice was made.
  virtual bool isDefaultFor(const EngineOp &) const { return false; }
  /// Elements of the TCM for each pixel of a tile, in which its results wait; 0 if they leave at once.
  virtual int64_t rowsInTcm(const EngineOp &, const EngineVariant &) const { return 0; }
  /// Whether partial sums of parts of the columns can be added.
  virtual bool addsParts(const EngineOp &, const EngineVariant &) const { return false; }
  /// Why the strategy cannot run this op in this variant, or an empty string.
  virtual std::string refuses(const EngineOp &op, const EngineVariant &variant) const = 0;
  /// Adds the constants and the kernel of an op at the insertion point of a module.
  virtual FailureOr<gse::KernelOp> emit(OpBuilder &builder, EngineOp &op, const EngineVariant &variant,
                                        const TilePlan &plan) const = 0;
  /// Rows of the result that the kernel writes, with padding.
  virtual int64_t resultRows(const EngineOp &op, const EngineVariant &variant) const = 0;
};

ArrayRef<const EngineStrategy *> allEngineStrategies();
const EngineStrategy *lookupEngineStrategy(StringRef name);

//===----------------------------------------------------------------------===//
// Strategies that read weights group by group
//===----------------------------------------------------------------------===//

/// Weights in the order in which the engine reads them: bundles of lanes / width rows, and groups of them.
struct GroupStream {
  enum class Access {
    Gather,     ///< one index per lane
    Contiguous, ///< one index per group, of the first of its columns
    Splat       ///< one index per group, of the column of all lanes
  };
  Access access = Access::Gather;
  bool bankDistinct = false; ///< no two lanes of a group lie in one sub-bank
  bool joined = false;       ///< `values` holds the indices of each group too, after its values
  int64_t lanes = 0, width = 0;
  int64_t unitRows = 1, unitCols = 1; ///< weights of a lane: values[group][unit row][unit column][lane]
  Buffer values, indices;
  std::vector<int32_t> offsets; ///< running count of groups by bundle
  /// Row of each place of the results, padding included: [bundle][unit row][rows of a vector]; empty: they are stored
  /// as they come.
  SmallVector<int64_t> rowOrder;
  StringRef productLoop, sweepLoop; ///< laws (gs/Target/GSE/Law.h)

  int64_t vectorRows() const { return lanes / width; } ///< results in a vector
  int64_t bundleRows() const { return vectorRows() * unitRows; }
  int64_t unitSize() const { return unitRows * unitCols; }
  int64_t bundles() const { return static_cast<int64_t>(offsets.size()) - 1; }
};

class GroupStrategy : public EngineStrategy {
public:
  /// Packs a weight whose column c reads the activation at columnIndex[c].
  virtual FailureOr<GroupStream> pack(const EngineOp &op, ArrayRef<int64_t> columnIndex) const = 0;
  virtual int64_t bundleRows(const EngineOp &op) const = 0;
  /// Whether results are scattered to their rows, through the TCM.
  virtual bool scatters() const { return false; }
  /// Whether there is a kernel for one vector only.
  virtual bool onlyVectors() const { return false; }
  int64_t rowsInTcm(const EngineOp &op, const EngineVariant &variant) const override;
  /// A product with one vector keeps f32 sums in registers, and so has no parts.
  bool addsParts(const EngineOp &op, const EngineVariant &variant) const override {
    return !onlyVectors() && !(op.isVector() && variant.fp32);
  }
  int64_t resultRows(const EngineOp &op, const EngineVariant &variant) const override;
  FailureOr<gse::KernelOp> emit(OpBuilder &builder, EngineOp &op, const EngineVariant &variant,
                                const TilePlan &plan) const override;
};

/// Appends groups to a stream, for packers.
class GroupWriter {
public:
  GroupWriter(GroupStream &stream, const EngineOp &op);
  /// A lane without a weight is zero and reads what `index` says.
  struct Lane {
    const char *value;
    int64_t index;
  };
  /// `lanes` values, and as many indices as the access wants.
  void group(ArrayRef<Lane> lanes);
  void endBundle();
  /// Gives the buffers their shapes.
  void finish();

private:
  GroupStream &stream;
  const EngineOp &op;
  int64_t groups = 0;
};

/// Why `op` is no product with one vector; for strategies that have no other kernel.
std::string refusesAllButVectors(const EngineOp &op);

} // namespace mlir::gs

#endif // GS_LIB_CONVERSION_GSTOGSE_ENGINESTRATEGY_H
