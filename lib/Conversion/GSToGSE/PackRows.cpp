//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Rows of any mask, for kernels that know no pattern.
//
//===----------------------------------------------------------------------===//
#include "PackRows.h"

using namespace mlir;
using namespace mlir::gs;

std::string mlir::gs::refusesRows(const EngineOp &op, const EngineVariant &variant) {
  if (variant.fused || variant.fp32)
    return "this baseline has no fused gathers and no f32 sums";
  return refusesAllButVectors(op);
}

std::vector<int64_t> mlir::gs::keptColumns(const EngineOp &op, int64_t row) {
  std::vector<int64_t> columns;
  for (int64_t column = 0; column < op.weight.cols; ++column)
    if (op.weight.kept(row, column))
      columns.push_back(column);
  return columns;
}

void mlir::gs::fillLanes(const EngineOp &op, SmallVectorImpl<GroupWriter::Lane> &lanes) {
  std::vector<bool> used(op.banks);
  for (const GroupWriter::Lane &lane : lanes)
    if (lane.index >= 0)
      used[lane.index % op.banks] = true;
  auto next = [&] {
    for (int64_t bank = 0; bank < op.banks; ++bank)
      if (!used[bank]) {
        used[bank] = true;
        return op.weight.cols + bank;
      }
    return op.weight.cols;
  };
  for (GroupWriter::Lane &lane : lanes)
    if (lane.index < 0)
      lane.index = next();
  while (static_cast<int64_t>(lanes.size()) < op.banks)
    lanes.push_back({nullptr, next()});
}
