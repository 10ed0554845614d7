//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Blocks of B x 1: one activation in all lanes, a lane for each row.
//
//===----------------------------------------------------------------------===//
#include "EngineStrategy.h"
#include <memory>

using namespace mlir;
using namespace mlir::gs;

namespace {
class EngineBlockColumn : public GroupStrategy {
public:
  StringRef name() const override { return "engine-block-column"; }
  bool isDefaultFor(const EngineOp &op) const override { return op.pattern != nullptr; }
  std::string refuses(const EngineOp &op, const EngineVariant &variant) const override {
    if (!op.pattern || !op.form.sharesRows(op.banks, op.rows()))
      return "its pattern does not promise that " + std::to_string(op.banks) +
             " rows keep the same columns, as #gs.block<" + std::to_string(op.banks) + "x1> does";
    if (variant.fused)
      return "there is no gather to be fused";
    if (variant.fp32)
      return "there is no kernel of blocks with f32 sums";
    return "";
  }
  int64_t bundleRows(const EngineOp &op) const override { return op.banks; }
  FailureOr<GroupStream> pack(const EngineOp &op, ArrayRef<int64_t> columnIndex) const override {
    GroupStream stream;
    stream.access = GroupStream::Access::Splat;
    stream.lanes = op.banks;
    stream.width = 1;
    stream.productLoop = "block";
    stream.sweepLoop = "conv-block";
    GroupWriter writer(stream, op);
    SmallVector<GroupWriter::Lane> lanes(op.banks);
    for (int64_t top = 0; top < op.rows(); top += op.banks) {
      for (int64_t col = 0; col < op.weight.cols; ++col) {
        bool kept = false;
        for (int64_t lane = 0; lane < op.banks; ++lane) {
          bool inside = top + lane < op.rows();
          kept |= inside && op.weight.kept(top + lane, col);
          lanes[lane] = {inside ? op.weight.valueAt(top + lane, col) : nullptr, columnIndex[col]};
        }
        if (kept)
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
std::unique_ptr<EngineStrategy> createEngineBlockColumn() { return std::make_unique<EngineBlockColumn>(); }
} // namespace mlir::gs
