//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Groups of #gs.gather_scatter as they are: values and indices of a group side
// by side, no two lanes of a gather in one sub-bank.
//
//===----------------------------------------------------------------------===//
#include "PackGroups.h"
#include <memory>

using namespace mlir;
using namespace mlir::gs;

namespace {
class EngineGather : public GroupStrategy {
public:
  StringRef name() const override { return "engine-gather"; }
  bool isDefaultFor(const EngineOp &op) const override { return op.pattern != nullptr; }
  std::string refuses(const EngineOp &op, const EngineVariant &variant) const override {
    if (op.pattern && op.form.rowOrder)
      return "its rows are permuted; use engine-gather-scatter";
    if (op.hasResidues() && op.form.unitRows > 1)
      return "rows of a unit lie apart; use engine-gather-scatter";
    return refusesGroups(op, variant);
  }
  int64_t bundleRows(const EngineOp &op) const override { return op.form.bundleRows; }
  FailureOr<GroupStream> pack(const EngineOp &op, ArrayRef<int64_t> columnIndex) const override {
    return packGroups(op, columnIndex);
  }
};
} // namespace

namespace mlir::gs {
std::unique_ptr<EngineStrategy> createEngineGather() { return std::make_unique<EngineGather>(); }
} // namespace mlir::gs
