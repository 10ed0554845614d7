//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Groups of #gs.gather_scatter whose rows stand in another order: results are
// scattered to their rows in the TCM, and copied from there.
//
//===----------------------------------------------------------------------===//
#include "PackGroups.h"
#include <memory>

using namespace mlir;
using namespace mlir::gs;

namespace {
class EngineGatherScatter : public GroupStrategy {
public:
  StringRef name() const override { return "engine-gather-scatter"; }
  bool isDefaultFor(const EngineOp &op) const override { return op.pattern != nullptr; }
  bool scatters() const override { return true; }
  std::string refuses(const EngineOp &op, const EngineVariant &variant) const override {
    return refusesGroups(op, variant);
  }
  int64_t bundleRows(const EngineOp &op) const override { return op.form.bundleRows; }
  FailureOr<GroupStream> pack(const EngineOp &op, ArrayRef<int64_t> columnIndex) const override {
    FailureOr<GroupStream> stream = packGroups(op, columnIndex);
    if (failed(stream))
      return failure();
    // Rows of a unit lie apart: each of its vectors has a row of every unit. Positions past the last row write behind
    // it.
    int64_t vector = stream->vectorRows(), unit = stream->unitRows;
    for (int64_t bundle = 0; bundle < stream->bundles(); ++bundle)
      for (int64_t row = 0; row < unit; ++row)
        for (int64_t lane = 0; lane < vector; ++lane) {
          int64_t position = (bundle * vector + lane) * unit + row;
          stream->rowOrder.push_back(position < op.rows() ? op.weight.rowAt(position) : position);
        }
    return stream;
  }
};
} // namespace

namespace mlir::gs {
std::unique_ptr<EngineStrategy> createEngineGatherScatter() { return std::make_unique<EngineGatherScatter>(); }
} // namespace mlir::gs
