//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Recognises products of two activations, and chooses their tiles.
//
//===----------------------------------------------------------------------===//
#include "Product.h"
#include "gs/Conversion/GSToVector/CostModel.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::gs;

int64_t Product::depth() const {
  int64_t depth = 1;
  for (const Loop &loop : reduced)
    depth *= loop.extent;
  return depth;
}

int64_t Product::outerCount() const {
  int64_t count = 1;
  for (const Loop &loop : outer)
    count *= loop.extent;
  return count;
}

/// Whether the body is out + left * right.
static bool isMultiplyAdd(linalg::LinalgOp op) {
  Block *body = op.getBlock();
  auto add = body->getTerminator()->getOperand(0).getDefiningOp<arith::AddFOp>();
  if (!add || !llvm::hasNItems(body->getOperations(), 3))
    return false;
  Value sum = body->getArgument(2), left = body->getArgument(0), right = body->getArgument(1);
  auto mul = (add.getLhs() == sum ? add.getRhs() : add.getLhs()).getDefiningOp<arith::MulFOp>();
  return mul && (add.getLhs() == sum || add.getRhs() == sum) &&
         ((mul.getLhs() == left && mul.getRhs() == right) || (mul.getLhs() == right && mul.getRhs() == left));
}

/// Sorts the loops of a reduction, the innermost last, and makes one loop of two that together run through both
/// operands in equal steps.
static void mergeReduced(SmallVectorImpl<Product::Loop> &loops) {
  llvm::sort(loops, [](const Product::Loop &a, const Product::Loop &b) {
    return std::pair(a.right, a.left) > std::pair(b.right, b.left);
  });
  for (size_t i = loops.size(); i-- > 1;) {
    const Product::Loop inner = loops[i];
    if (loops[i - 1].left != inner.left * inner.extent || loops[i - 1].right != inner.right * inner.extent)
      continue;
    loops[i - 1] = {loops[i - 1].extent * inner.extent, inner.left, inner.right, 0};
    loops.erase(loops.begin() + i);
  }
}

FailureOr<Product> Product::get(linalg::LinalgOp op, std::string &reason) {
  auto refuse = [&](const char *why) {
    reason = why;
    return failure();
  };
  if (!op.hasPureBufferSemantics() || op.getNumDpsInputs() != 2 || op.getNumDpsInits() != 1 || !isMultiplyAdd(op))
    return refuse("not a sum of products of two operands");
  SmallVector<int64_t> extents = op.getStaticLoopRanges();
  SmallVector<Loop> loops;
  for (int64_t extent : extents) {
    if (ShapedType::isDynamic(extent) || extent == 0)
      return refuse("the extents of the loops are not known, or one is zero");
    loops.push_back({extent});
  }
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  int64_t Loop::*stride[] = {&Loop::left, &Loop::right, &Loop::out};
  for (auto [i, operand] : llvm::enumerate(op->getOperands())) {
    auto type = cast<MemRefType>(operand.getType());
    if (!type.getElementType().isF32() || !type.getLayout().isIdentity() || !type.hasStaticShape())
      return refuse("an operand is not a contiguous buffer of f32");
    if (!maps[i].isProjectedPermutation(/*allowZeroInResults=*/true))
      return refuse("an operand is not read dimension by dimension");
    int64_t step = 1;
    for (unsigned d = type.getRank(); d-- > 0;) {
      if (auto dim = dyn_cast<AffineDimExpr>(maps[i].getResult(d)))
        if (type.getDimSize(d) != 1)
          loops[dim.getPosition()].*stride[i] = step;
      step *= type.getDimSize(d);
    }
  }
  Product product;
  SmallVector<utils::IteratorType> iterators = op.getIteratorTypesArray();
  // The columns are the loop in which the output is contiguous.
  Loop *columns = nullptr;
  for (auto [loop, iterator] : llvm::zip_equal(loops, iterators))
    if (loop.extent > 1 && iterator == utils::IteratorType::parallel && loop.out == 1)
      columns = &loop;
  if (!columns)
    return refuse("the result has one element per batch, or is not contiguous");
  if ((columns->left != 0) == (columns->right != 0))
    return refuse("the last dimension of the result belongs to both operands or to none");
  if (columns->left) {
    product.leftOperand = 1;
    for (Loop &loop : loops)
      std::swap(loop.left, loop.right);
  }
  // The rows are the longest loop that the right operand does not have: a panel of it serves them all.
  Loop *rows = nullptr;
  for (auto [loop, iterator] : llvm::zip_equal(loops, iterators))
    if (&loop != columns && iterator == utils::IteratorType::parallel && loop.left && !loop.right && loop.extent > 1 &&
        (!rows || loop.extent > rows->extent))
      rows = &loop;
  for (auto [loop, iterator] : llvm::zip_equal(loops, iterators)) {
    if (loop.extent == 1 || &loop == rows || &loop == columns)
      continue;
    (iterator == utils::IteratorType::parallel ? product.outer : product.reduced).push_back(loop);
  }
  product.columns = *columns;
  if (rows)
    product.rows = *rows;
  mergeReduced(product.reduced);
  if (product.reduced.empty())
    product.reduced.push_back({});
  return product;
}

ProductTile gs::chooseTile(const Product &p, const TargetSpec &target) {
  int64_t lanes = target.lanes(), depth = p.depth();
  ProductTile best{1, 1, false, depth};
  double bestCycles = 0;
  for (int64_t nr : {1, 2, 3, 4}) {
    for (int64_t mr : {12, 8, 6, 5, 4, 3, 2, 1}) {
      if (mr * nr + nr + 1 > target.vectorRegisters || (mr > p.rows.extent && mr > 1))
        continue;
      double inputBytes = double(std::min<int64_t>(depth, 512)) * double(nr * target.vectorBytes()), cycles = 0;
      int64_t vectors = llvm::divideCeil(p.columns.extent, lanes);
      for (auto [n, count] : {std::pair(nr, vectors / nr), {vectors % nr, int64_t(vectors % nr != 0)}})
        for (auto [m, rows] :
             {std::pair(mr, p.rows.extent / mr), {p.rows.extent % mr, int64_t(p.rows.extent % mr != 0)}})
          if (count && rows)
            cycles +=
                double(count * rows) * (double(depth) * cost::tileStep(target, m, n, inputBytes, /*aligned=*/true) +
                                        double(m * n) / target.storesPerCycle + 8);
      if (bestCycles == 0 || cycles < bestCycles) {
        best = {mr, nr, false, depth};
        bestCycles = cycles;
      }
    }
  }
  // A panel is made where vectors cannot be loaded, or where many rows read columns that lie far apart: one page each.
  int64_t tileBytes = depth * best.nr * target.vectorBytes();
  bool isScattered = p.reduced.back().right * 4 >= 4096 && tileBytes > target.l1Bytes;
  best.packs = p.columns.right != 1 || (isScattered && p.rows.extent >= 8 * best.mr);
  if (best.packs && p.reduced.size() == 1) // a quarter of L2 for the panel, the rest for the rows that pass by
    best.depthBlock = std::min(depth, std::max<int64_t>(64, target.l2Bytes / 4 / (best.nr * target.vectorBytes())));
  return best;
}
