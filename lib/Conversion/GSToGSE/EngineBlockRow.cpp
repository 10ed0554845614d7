//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Blocks of 1 x B: a contiguous load of activations, one sum per row.
//
//===----------------------------------------------------------------------===//
#include "EngineStrategy.h"
#include "llvm/Support/MathExtras.h"
#include <memory>

using namespace mlir;
using namespace mlir::gs;

namespace {
class EngineBlockRow : public GroupStrategy {
public:
  StringRef name() const override { return "engine-block-row"; }
  bool isDefaultFor(const EngineOp &op) const override { return op.pattern != nullptr; }
  std::string refuses(const EngineOp &op, const EngineVariant &variant) const override {
    if (!op.pattern || op.form.support != Support::Contiguous || op.form.view == View::ChannelOuter ||
        op.form.bundleRows != 1 || op.form.lanes != op.banks || op.form.width != op.banks)
      return "its weight is not of pattern #gs.block<1x" + std::to_string(op.banks) + ">";
    if (op.channels() != op.ownChannels && op.weight.locations > 1)
      return "its " + std::to_string(op.ownChannels) + " channels are no multiple of " + std::to_string(op.banks) +
             ", so that blocks cross locations of the kernel";
    if (variant.fused)
      return "there is no gather to be fused";
    if (variant.fp32)
      return "there is no kernel of blocks with f32 sums";
    return "";
  }
  int64_t bundleRows(const EngineOp &) const override { return 1; }
  FailureOr<GroupStream> pack(const EngineOp &op, ArrayRef<int64_t> columnIndex) const override {
    GroupStream stream;
    stream.access = GroupStream::Access::Contiguous;
    stream.lanes = stream.width = op.banks;
    stream.productLoop = "block";
    stream.sweepLoop = "conv-block";
    GroupWriter writer(stream, op);
    SmallVector<GroupWriter::Lane> lanes(op.banks);
    for (int64_t row = 0; row < op.rows(); ++row) {
      for (int64_t begin = 0; begin < op.weight.cols; begin += op.banks) {
        bool kept = false;
        for (int64_t at = 0; at < op.banks; ++at) {
          kept |= op.weight.kept(row, begin + at);
          lanes[at] = {op.weight.valueAt(row, begin + at), columnIndex[begin]};
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
std::unique_ptr<EngineStrategy> createEngineBlockRow() { return std::make_unique<EngineBlockRow>(); }
} // namespace mlir::gs
