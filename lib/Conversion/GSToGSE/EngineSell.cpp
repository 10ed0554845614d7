//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Any mask: B rows side by side, a lane for each, padded to the longest of them
// (sliced ELLPACK). Lanes may meet in a sub-bank.
//
//===----------------------------------------------------------------------===//
#include "PackRows.h"
#include <memory>

using namespace mlir;
using namespace mlir::gs;

namespace {
class EngineSell : public GroupStrategy {
public:
  StringRef name() const override { return "engine-sell"; }
  std::string refuses(const EngineOp &op, const EngineVariant &variant) const override {
    return refusesRows(op, variant);
  }
  int64_t bundleRows(const EngineOp &op) const override { return op.banks; }
  bool onlyVectors() const override { return true; }
  FailureOr<GroupStream> pack(const EngineOp &op, ArrayRef<int64_t>) const override {
    GroupStream stream;
    stream.joined = true;
    stream.lanes = op.banks;
    stream.width = 1;
    stream.productLoop = "gather-scatter";
    GroupWriter writer(stream, op);
    for (int64_t top = 0; top < op.rows(); top += op.banks) {
      SmallVector<std::vector<int64_t>> columns;
      size_t longest = 0;
      for (int64_t row = top; row < std::min(top + op.banks, op.rows()); ++row) {
        columns.push_back(keptColumns(op, row));
        longest = std::max(longest, columns.back().size());
      }
      for (size_t at = 0; at < longest; ++at) {
        SmallVector<GroupWriter::Lane> lanes;
        for (auto [lane, row] : llvm::enumerate(columns)) {
          if (at < row.size())
            lanes.push_back({op.weight.valueAt(top + static_cast<int64_t>(lane), row[at]), row[at]});
          else
            lanes.push_back({nullptr, -1});
        }
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
std::unique_ptr<EngineStrategy> createEngineSell() { return std::make_unique<EngineSell>(); }
} // namespace mlir::gs
