//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Finds the elementwise op on the result of a product that its kernel can do in its store.
//
//===----------------------------------------------------------------------===//
#include "Product.h"
#include "VectorBody.h"
#include "gs/Dialect/GS/IR/Views.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace mlir::gs;

/// The memory behind views and everything that reaches it; empty if others may.
static SmallVector<Value> ownAliases(Value buffer) {
  Value root = rootOf(buffer);
  bool isOwn = !root.getDefiningOp() || isa<memref::AllocOp, memref::GetGlobalOp>(root.getDefiningOp());
  return isOwn ? aliasesOf(root) : SmallVector<Value>();
}

linalg::GenericOp gs::findEpilogue(linalg::LinalgOp op) {
  Value out = op.getDpsInits()[0];
  SmallVector<Value> aliases = ownAliases(out);
  if (aliases.empty())
    return {};
  Operation *next = op->getNextNode();
  while (next && !touches(next, aliases))
    next = next->getNextNode();
  auto epilogue = dyn_cast_or_null<linalg::GenericOp>(next);
  if (!epilogue || !epilogue.hasPureBufferSemantics() || epilogue.getNumDpsInits() != 1 ||
      epilogue.getNumParallelLoops() != epilogue.getNumLoops() || !isVectorizable(epilogue) ||
      epilogue.getDpsInits()[0].getType() != out.getType() || !llvm::is_contained(aliases, epilogue.getDpsInits()[0]))
    return {};
  for (Value input : epilogue.getDpsInputs()) {
    SmallVector<Value> others = ownAliases(input);
    if (others.empty() || others.front() == aliases.front())
      return {};
    // It is read earlier than before: nobody may write it in between.
    for (Operation *between = op; between != epilogue; between = between->getNextNode())
      if (touches(between, others))
        return {};
  }
  return epilogue;
}

LogicalResult Product::addEpilogue(linalg::GenericOp op) {
  SmallVector<int64_t> extents = op.getStaticLoopRanges();
  auto strides = [&](OpOperand *operand) -> FailureOr<SmallVector<int64_t>> {
    auto type = cast<MemRefType>(operand->get().getType());
    AffineMap map = op.getMatchingIndexingMap(operand);
    if (!type.getElementType().isF32() || !type.getLayout().isIdentity() || !type.hasStaticShape() ||
        !map.isProjectedPermutation(/*allowZeroInResults=*/true))
      return failure();
    SmallVector<int64_t> result(extents.size(), 0);
    int64_t step = 1;
    for (unsigned d = type.getRank(); d-- > 0;) {
      if (auto dim = dyn_cast<AffineDimExpr>(map.getResult(d)))
        if (type.getDimSize(d) != 1)
          result[dim.getPosition()] = step;
      step *= type.getDimSize(d);
    }
    return result;
  };
  FailureOr<SmallVector<int64_t>> out = strides(op.getDpsInitOperand(0));
  if (failed(out))
    return failure();
  SmallVector<Loop *> all{&rows, &columns};
  for (Loop &loop : outer)
    all.push_back(&loop);
  // A loop is known by its steps in the result.
  SmallVector<Loop *> loopOf;
  for (auto [extent, stride] : llvm::zip_equal(extents, *out)) {
    auto *same = llvm::find_if(all, [&](Loop *loop) { return loop->extent == extent && loop->out == stride; });
    if (extent != 1 && same == all.end())
      return failure();
    loopOf.push_back(extent == 1 ? nullptr : *same);
  }
  SmallVector<SmallVector<int64_t>> inputs;
  for (OpOperand *input : op.getDpsInputOperands()) {
    FailureOr<SmallVector<int64_t>> steps = strides(input);
    if (failed(steps))
      return failure();
    inputs.push_back(*steps);
    for (auto [loop, step] : llvm::zip_equal(loopOf, *steps))
      if (loop == &columns && step > 1)
        return failure();
  }
  for (Loop *loop : all)
    loop->others.assign(inputs.size(), 0);
  for (auto [i, steps] : llvm::enumerate(inputs))
    for (auto [loop, step] : llvm::zip_equal(loopOf, steps))
      if (loop)
        loop->others[i] = step;
  epilogue = op;
  return success();
}
