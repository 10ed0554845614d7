//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Weights of pattern #gs.gather_scatter, packed as the engine reads them.
//
//===----------------------------------------------------------------------===//
#include "PackGroups.h"
#include <cstring>

using namespace mlir;
using namespace mlir::gs;

std::string mlir::gs::refusesGroups(const EngineOp &op, const EngineVariant &variant) {
  if (!op.pattern || !op.form.hasResidueLanes() || op.form.isTiled())
    return "its weight is not of pattern #gs.gather_scatter without units and tiles";
  if (op.form.lanes != op.banks)
    return "the pattern has " + std::to_string(op.form.lanes) + " banks, the machine " + std::to_string(op.banks) +
           " for this element type";
  if (variant.fused && op.bytes != 2)
    return "fused gathers read indices of 16 bits, which a stream of " + std::to_string(op.bytes * 8) +
           "-bit elements has not";
  if (variant.fused && !op.isVector())
    return "indices stay in registers while groups are swept; fused gathers would read them for every pixel";
  if (variant.fp32 && !op.isVector())
    return "f32 sums exist for products with one vector only";
  if (variant.fused && variant.fp32)
    return "there is no fused gather with f32 sums";
  if (op.channels() != op.ownChannels && op.weight.locations > 1 && failed(op.pattern.verifyMask(op.weight, nullptr)))
    return "its " + std::to_string(op.ownChannels) + " channels are no multiple of " + std::to_string(op.banks) +
           ", and with channels padded to " + std::to_string(op.channels()) +
           " the columns of its groups collide in sub-banks; prune it with padded channels, or use engine-dense";
  return "";
}

FailureOr<GroupStream> mlir::gs::packGroups(const EngineOp &op, ArrayRef<int64_t> columnIndex) {
  Schema schema;
  schema.joined = true;
  schema.indexBits = op.bytes * 8;
  schema.columnIndex.assign(columnIndex.begin(), columnIndex.end());
  FailureOr<std::vector<Buffer>> buffers = op.pattern.pack(op.weight, schema, [&] { return op.op->emitOpError(); });
  if (failed(buffers))
    return failure();
  GroupStream stream;
  stream.bankDistinct = true;
  stream.joined = true;
  stream.lanes = op.banks;
  stream.width = op.form.width;
  stream.productLoop = "gather-scatter";
  stream.sweepLoop = "conv-gather-scatter";
  for (Buffer &buffer : *buffers) {
    if (buffer.name == "stream") {
      stream.values = std::move(buffer);
    } else if (buffer.name == "offsets") {
      stream.offsets.resize(buffer.data.size() / sizeof(int32_t));
      std::memcpy(stream.offsets.data(), buffer.data.data(), buffer.data.size());
    } else if (buffer.name == "row_order") {
      // Little-endian, as all buffers.
      size_t bytes = buffer.elementType.getIntOrFloatBitWidth() / 8;
      for (size_t at = 0; at < buffer.data.size(); at += bytes) {
        uint64_t row = 0;
        std::memcpy(&row, buffer.data.data() + at, bytes);
        stream.rowOrder.push_back(static_cast<int64_t>(row));
      }
    }
  }
  return stream;
}
