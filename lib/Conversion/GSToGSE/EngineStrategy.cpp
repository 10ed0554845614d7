//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The list of strategies, and what those have in common that read groups.
//
//===----------------------------------------------------------------------===//
#include "EngineStrategy.h"
#include "Kernels.h"
#include "llvm/Support/MathExtras.h"
#include <memory>
#include <vector>

using namespace mlir;
using namespace mlir::gs;

namespace mlir::gs {
#define GS_ENGINE_STRATEGY(function) std::unique_ptr<EngineStrategy> create##function();
#include "Strategies.def"
} // namespace mlir::gs

ArrayRef<const EngineStrategy *> mlir::gs::allEngineStrategies() {
  static const std::vector<std::unique_ptr<EngineStrategy>> owned = [] {
    std::vector<std::unique_ptr<EngineStrategy>> list;
#define GS_ENGINE_STRATEGY(function) list.push_back(create##function());
#include "Strategies.def"
    return list;
  }();
  static const std::vector<const EngineStrategy *> list = [] {
    std::vector<const EngineStrategy *> pointers;
    for (const auto &strategy : owned)
      pointers.push_back(strategy.get());
    return pointers;
  }();
  return list;
}

const EngineStrategy *mlir::gs::lookupEngineStrategy(StringRef name) {
  for (const EngineStrategy *strategy : allEngineStrategies())
    if (strategy->name() == name)
      return strategy;
  return nullptr;
}

std::string mlir::gs::refusesAllButVectors(const EngineOp &op) {
  if (op.isVector())
    return "";
  return "it has " + std::to_string(op.batch * op.pixels()) + " columns or pixels; this kernel is for one vector";
}

int64_t GroupStrategy::resultRows(const EngineOp &op, const EngineVariant &) const {
  return llvm::alignTo(op.rows(), bundleRows(op));
}

FailureOr<gse::KernelOp> GroupStrategy::emit(OpBuilder &builder, EngineOp &op, const EngineVariant &variant,
                                             const TilePlan &plan) const {
  std::vector<EngineOp> cut;
  if (plan.partColumns)
    cut = op.cut(plan.partColumns);
  std::vector<SweepPart> parts;
  for (EngineOp &part : cut.empty() ? MutableArrayRef(op) : MutableArrayRef(cut)) {
    SweepPart &next = parts.emplace_back(SweepPart{&part, plan.forPart(part), {}});
    FailureOr<GroupStream> stream = pack(part, next.plan.columnOffsets(part));
    if (failed(stream))
      return failure();
    next.stream = std::move(*stream);
  }
  if (op.isVector() && cut.empty())
    return emitProduct(builder, op, parts[0].stream, variant);
  return emitSweep(builder, op, parts, variant, plan);
}

int64_t GroupStrategy::rowsInTcm(const EngineOp &op, const EngineVariant &variant) const {
  int64_t rows = resultRows(op, variant);
  // Partial sums in f32 wait for the last part; then they are rounded.
  bool wide = variant.fp32 && !op.isVector();
  return (scatters() ? rows : 0) + (wide ? 2 * rows : 0);
}

//===----------------------------------------------------------------------===//
// Packing
//===----------------------------------------------------------------------===//

GroupWriter::GroupWriter(GroupStream &stream, const EngineOp &op) : stream(stream), op(op) { stream.offsets = {0}; }

void GroupWriter::group(ArrayRef<Lane> lanes) {
  auto append = [](Buffer &buffer, const char *from, int64_t bytes) {
    buffer.data.insert(buffer.data.end(), from, from + bytes);
  };
  static constexpr char zero[8] = {};
  for (const Lane &lane : lanes)
    append(stream.values, lane.value ? lane.value : zero, op.bytes);
  Buffer &to = stream.joined ? stream.values : stream.indices;
  for (const Lane &lane : stream.access == GroupStream::Access::Gather ? lanes : lanes.take_front()) {
    auto index = static_cast<uint32_t>(lane.index);
    append(to, reinterpret_cast<const char *>(&index), op.bytes); // little-endian, as all buffers
  }
  ++groups;
}

void GroupWriter::endBundle() { stream.offsets.push_back(static_cast<int32_t>(groups)); }

void GroupWriter::finish() {
  Type index = IntegerType::get(op.element.getContext(), op.bytes * 8);
  int64_t indexLanes = stream.access == GroupStream::Access::Gather ? stream.lanes : 1;
  stream.values.shape = {groups, stream.joined ? stream.lanes + indexLanes : stream.lanes};
  stream.values.elementType = stream.joined ? index : op.element;
  stream.indices.shape = {groups, indexLanes};
  stream.indices.elementType = index;
}
