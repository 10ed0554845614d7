//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Any mask: B weights of one row per gather, as they come. A lane that the tail
// of a row leaves over is zero and reads the zeros behind the vector.
//
//===----------------------------------------------------------------------===//
#include "PackRows.h"
#include <memory>

using namespace mlir;
using namespace mlir::gs;

namespace {
class EngineCsrGather : public GroupStrategy {
public:
  StringRef name() const override { return "engine-csr-gather"; }
  /// Groups of residues that do not fit the machine are no reason to forget that they are groups.
  bool isDefaultFor(const EngineOp &op) const override {
    return op.pattern && op.form.laneRule != LaneRule::ResiduesMod;
  }
  std::string refuses(const EngineOp &op, const EngineVariant &variant) const override {
    return refusesRows(op, variant);
  }
  int64_t bundleRows(const EngineOp &) const override { return 1; }
  bool onlyVectors() const override { return true; }
  FailureOr<GroupStream> pack(const EngineOp &op, ArrayRef<int64_t>) const override {
    GroupStream stream;
    stream.lanes = stream.width = op.banks;
    stream.productLoop = "csr-gather";
    GroupWriter writer(stream, op);
    for (int64_t row = 0; row < op.rows(); ++row) {
      std::vector<int64_t> columns = keptColumns(op, row);
      for (size_t begin = 0; begin < columns.size(); begin += op.banks) {
        ArrayRef<int64_t> here = ArrayRef(columns).slice(begin, std::min<size_t>(op.banks, columns.size() - begin));
        SmallVector<GroupWriter::Lane> lanes;
        for (int64_t column : here)
          lanes.push_back({op.weight.valueAt(row, column), column});
        fillLanes(op, lanes);
        writer.group(lanes);
      }
      writer.endBundle();
    }
    writer.finish();
    return stream;
  }
};
} // namespace

namespace mlir::gs {
std::unique_ptr<EngineStrategy> createEngineCsrGather() { return std::make_unique<EngineCsrGather>(); }
} // namespace mlir::gs
