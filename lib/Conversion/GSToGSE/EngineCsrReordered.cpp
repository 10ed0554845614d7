//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Any mask: B weights of one row per gather, in an order in which few of them
// meet in a sub-bank. What a compiler can do for a mask that knows no residues.
//
//===----------------------------------------------------------------------===//
#include "PackRows.h"
#include "llvm/Support/MathExtras.h"
#include <memory>
#include <numeric>

using namespace mlir;
using namespace mlir::gs;

/// Cuts columns into groups of `banks`. A group takes one column of each residue while there are enough of them; a
/// residue that is more frequent than there are groups left gives several at once, the most frequent first.
static std::vector<std::vector<int64_t>> orderByResidues(ArrayRef<int64_t> columns, int64_t banks) {
  std::vector<std::vector<int64_t>> residues(banks);
  for (int64_t column : llvm::reverse(columns))
    residues[column % banks].push_back(column); // taken from the end, so that columns ascend
  std::vector<int64_t> order(banks);
  std::iota(order.begin(), order.end(), 0);
  std::vector<std::vector<int64_t>> groups;
  for (size_t left = columns.size(); left;) {
    llvm::stable_sort(order, [&](int64_t a, int64_t b) { return residues[a].size() > residues[b].size(); });
    size_t lanes = std::min<size_t>(banks, left), groupsLeft = llvm::divideCeil(left, banks);
    std::vector<int64_t> &group = groups.emplace_back();
    auto take = [&](int64_t residue, size_t count) {
      for (; count && group.size() < lanes && !residues[residue].empty(); --count) {
        group.push_back(residues[residue].back());
        residues[residue].pop_back();
      }
    };
    for (int64_t residue : order)
      take(residue, llvm::divideCeil(residues[residue].size(), groupsLeft));
    while (group.size() < lanes) // the last one has fewer lanes than the others
      for (int64_t residue : order)
        take(residue, 1);
    left -= lanes;
  }
  return groups;
}

namespace {
class EngineCsrReordered : public GroupStrategy {
public:
  StringRef name() const override { return "engine-csr-reordered"; }
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
      for (const std::vector<int64_t> &group : orderByResidues(keptColumns(op, row), op.banks)) {
        SmallVector<GroupWriter::Lane> lanes;
        for (int64_t column : group)
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
std::unique_ptr<EngineStrategy> createEngineCsrReordered() { return std::make_unique<EngineCsrReordered>(); }
} // namespace mlir::gs
