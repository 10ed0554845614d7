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
#include "gs/Dialect/GS/IR/Patterns.h"
#include "llvm/Support/MathExtras.h"
#include <cstring>

using namespace mlir;
using namespace mlir::gs;

/// The pattern of a weight, or of a part of it, whose order of rows is that of the weight. Tiles are left out: the
/// groups of all tiles in the rows of a bundle are groups of the bundle.
static GatherScatterAttr plainPattern(const EngineOp &op) {
  return GatherScatterAttr::get(op.element.getContext(), op.form.lanes, op.form.width, op.form.unitRows,
                                op.form.unitCols, 0, 0);
}

std::string mlir::gs::refusesGroups(const EngineOp &op, const EngineVariant &variant) {
  if (!op.hasResidues())
    return "its weight is not of pattern #gs.gather_scatter";
  if (op.form.lanes != op.banks)
    return "the pattern has " + std::to_string(op.form.lanes) + " banks, the machine " + std::to_string(op.banks) +
           " for this element type";
  if (op.form.unitRows * op.form.unitCols > 16)
    return "units of " + std::to_string(op.form.unitRows) + "x" + std::to_string(op.form.unitCols) +
           " need more registers than there are; at most 16 weights per lane";
  if (variant.fused && op.bytes != 2)
    return "fused gathers read indices of 16 bits, which a stream of " + std::to_string(op.bytes * 8) +
           "-bit elements has not";
  if (variant.fused && (!op.isVector() || op.mustCut()))
    return "indices stay in registers while groups are swept; fused gathers would read them for every pixel";
  if (variant.fused && variant.fp32)
    return "there is no fused gather with f32 sums";
  if (variant.fp32 && op.mustCut())
    return "its rows have an order of their own in each column of tiles, but f32 sums wait in one order";
  if (variant.fused && op.form.unitCols > 1)
    return "a unit of several columns reads its indices once for several gathers";
  if (op.channels() != op.ownChannels && (op.weight.locations > 1 || op.form.unitCols > 1) && !op.mustCut() &&
      failed(plainPattern(op).verifyMask(op.weight, nullptr)))
    return "its " + std::to_string(op.ownChannels) + " channels are no multiple of " + std::to_string(op.banks) +
           ", and with channels padded to " + std::to_string(op.channels()) +
           " the columns of its groups collide in sub-banks; prune it with padded channels, or use engine-dense";
  return "";
}

std::string mlir::gs::firstGroupAcross(const EngineOp &op, int64_t cut) {
  Schema schema;
  schema.indexBits = 32;
  FailureOr<std::vector<Buffer>> buffers = plainPattern(op).pack(op.weight, schema, nullptr);
  std::string reason = "its pattern has no tiles, so that groups may cross a cut of its columns";
  if (failed(buffers))
    return reason;
  const Buffer *indices = &(*buffers)[1], *offsets = &buffers->back();
  auto number = [](const Buffer &buffer, int64_t at) {
    int32_t value;
    std::memcpy(&value, buffer.data.data() + at * sizeof(value), sizeof(value));
    return int64_t(value);
  };
  int64_t groups = static_cast<int64_t>(indices->data.size()) / 4 / op.banks, bundle = 0;
  int64_t unitsAcross = op.weight.cols / op.form.unitCols, across = cut / op.form.unitCols;
  for (int64_t group = 0; group < groups; ++group) {
    while (number(*offsets, bundle + 1) <= group)
      ++bundle;
    int64_t low = unitsAcross, high = 0;
    for (int64_t lane = 0; lane < op.banks; ++lane) {
      int64_t unit = number(*indices, group * op.banks + lane);
      low = std::min(low, unit), high = std::max(high, unit);
    }
    if (low >= across || high < across)
      continue;
    int64_t first = bundle * op.form.bundleRows, last = std::min(op.rows(), first + op.form.bundleRows) - 1;
    return reason + ": at column " + std::to_string(cut) + ", group " + std::to_string(group) + " of bundle " +
           std::to_string(bundle) + " (rows " + std::to_string(first) + " to " + std::to_string(last) +
           ") has columns " + std::to_string(low * op.form.unitCols) + " and " +
           std::to_string(high * op.form.unitCols) +
           "; prune it with a tile, as tile = " + std::to_string(llvm::alignTo(op.rows(), op.form.bundleRows)) + "x" +
           std::to_string(cut);
  }
  return reason + "; no group of this mask crosses column " + std::to_string(cut) +
         ", but nothing promises that; write a tile into the pattern";
}

FailureOr<GroupStream> mlir::gs::packGroups(const EngineOp &op, ArrayRef<int64_t> columnIndex) {
  Schema schema;
  schema.joined = true;
  schema.indexBits = op.bytes * 8;
  schema.columnIndex.assign(columnIndex.begin(), columnIndex.end());
  FailureOr<std::vector<Buffer>> buffers =
      plainPattern(op).pack(op.weight, schema, [&] { return op.op->emitOpError(); });
  if (failed(buffers))
    return failure();
  GroupStream stream;
  stream.unitRows = op.form.unitRows;
  stream.unitCols = op.form.unitCols;
  // Units with several columns are farther apart than one element: residues of units are not residues of addresses.
  stream.bankDistinct = op.form.unitCols == 1;
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
    }
  }
  return stream;
}
