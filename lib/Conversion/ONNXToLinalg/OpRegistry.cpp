//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Lookup of operator conversions by domain, name and opset.
//
//===----------------------------------------------------------------------===//
#include "gs/Conversion/ONNXToLinalg/OpConversion.h"

using namespace mlir;
using namespace mlir::onnx;

namespace mlir::onnx {
#define GS_ONNX_OP(NAME) ArrayRef<OpConversion> conversionsOf##NAME();
#include "Ops.def"
} // namespace mlir::onnx

static SmallVector<const OpConversion *> collect() {
  SmallVector<const OpConversion *> all;
#define GS_ONNX_OP(NAME)                                                                                               \
  for (const OpConversion &conversion : conversionsOf##NAME())                                                         \
    all.push_back(&conversion);
#include "Ops.def"
  llvm::sort(all, [](const OpConversion *a, const OpConversion *b) {
    return std::make_tuple(StringRef(a->domain), StringRef(a->name), a->since) <
           std::make_tuple(StringRef(b->domain), StringRef(b->name), b->since);
  });
  return all;
}

ArrayRef<const OpConversion *> onnx::allOpConversions() {
  static const SmallVector<const OpConversion *> all = collect();
  return all;
}

const OpConversion *onnx::lookupOpConversion(StringRef domain, StringRef name, int64_t opset) {
  if (domain == "ai.onnx")
    domain = "";
  const OpConversion *best = nullptr;
  for (const OpConversion *c : allOpConversions())
    if (domain == c->domain && name == c->name && c->since <= opset && (c->until == 0 || opset <= c->until))
      best = c; // sorted by `since`: the last match is the newest
  return best;
}
