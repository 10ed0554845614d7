//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Any mask, one weight after the other.
//
//===----------------------------------------------------------------------===//
#include "PackRows.h"
#include <memory>

using namespace mlir;
using namespace mlir::gs;

namespace {
class EngineCsrScalar : public GroupStrategy {
public:
  StringRef name() const override { return "engine-csr-scalar"; }
  std::string refuses(const EngineOp &op, const EngineVariant &variant) const override {
    return refusesRows(op, variant);
  }
  int64_t bundleRows(const EngineOp &) const override { return 1; }
  bool onlyVectors() const override { return true; }
  FailureOr<GroupStream> pack(const EngineOp &op, ArrayRef<int64_t>) const override {
    GroupStream stream;
    stream.access = GroupStream::Access::Contiguous;
    stream.joined = true;
    stream.lanes = stream.width = 1;
    stream.productLoop = "csr-scalar";
    GroupWriter writer(stream, op);
    for (int64_t row = 0; row < op.rows(); ++row) {
      for (int64_t column : keptColumns(op, row))
        writer.group(GroupWriter::Lane{op.weight.valueAt(row, column), column});
      writer.endBundle();
    }
    writer.finish();
    return stream;
  }
};
} // namespace

namespace mlir::gs {
std::unique_ptr<EngineStrategy> createEngineCsrScalar() { return std::make_unique<EngineCsrScalar>(); }
} // namespace mlir::gs
