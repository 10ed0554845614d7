//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Pools: reductions of sliding windows and of whole planes.
//
//===----------------------------------------------------------------------===//
#include "PoolUtils.h"

using namespace mlir;
using namespace mlir::onnx;

FailureOr<Pool> onnx::readPool(NodeContext &ctx) {
  if (failed(requireFloats(ctx, 0, "X")))
    return failure();
  ArrayRef<int64_t> x = ctx.shape(0);
  if (x.size() < 3 || x.size() > 5)
    return ctx.fail("its input has rank " + Twine(x.size()) +
                    "; pools over one to three spatial dimensions (rank 3 to 5) are supported");
  ArrayRef<int64_t> input = x.drop_front(2);
  SmallVector<int64_t> kernel = ctx.intsAttr("kernel_shape");
  if (kernel.size() != input.size())
    return ctx.fail("attribute 'kernel_shape' has " + Twine(kernel.size()) + " entries, expected " +
                    Twine(input.size()) + "; check the model with onnx.checker");
  FailureOr<Window> window = readWindow(ctx, kernel);
  if (failed(window) || failed(resolveAutoPad(ctx, input, *window)))
    return failure();
  FailureOr<SmallVector<int64_t>> output = outputExtents(ctx, input, *window, ctx.intAttr("ceil_mode", 0) != 0);
  if (failed(output))
    return failure();
  return Pool{*window, *output};
}

RankedTensorType onnx::poolType(NodeContext &ctx, const Pool &pool) {
  SmallVector<int64_t> shape(ctx.shape(0).take_front(2));
  llvm::append_range(shape, pool.output);
  return RankedTensorType::get(shape, ctx.elementType(0));
}

static Value combine(OpBuilder &b, Location loc, Reduction kind, Value lhs, Value rhs) {
  if (kind == Reduction::Sum)
    return arith::AddFOp::create(b, loc, lhs, rhs);
  return arith::MaximumFOp::create(b, loc, lhs, rhs);
}

/// Beyond these, code for single taps and borders would get long: loops do.
constexpr int64_t maxTaps = 9;
constexpr size_t maxPieces = 7;

namespace {
/// Neighbouring output positions [first, first + count) whose windows hold the same taps [firstTap, endTap): the others
/// lie in the padding.
struct Piece {
  int64_t first, count, firstTap, endTap;
};
} // namespace

/// The positions of dimension `d` in such pieces: mostly the interior and a few at the borders. Null if they are too
/// many or too long, or if some window lies in the padding altogether.
static std::optional<SmallVector<Piece>> splitPositions(const Pool &pool, size_t d, int64_t input) {
  const Window &w = pool.window;
  SmallVector<Piece> pieces;
  if (w.kernel[d] > maxTaps)
    return std::nullopt;
  for (int64_t o = 0; o < pool.output[d]; ++o) {
    int64_t at = o * w.strides[d] - w.padsBegin[d];
    int64_t first = at < 0 ? llvm::divideCeilSigned(-at, w.dilations[d]) : 0;
    int64_t end = at >= input ? 0 : std::min(w.kernel[d], (input - 1 - at) / w.dilations[d] + 1);
    if (first >= end)
      return std::nullopt;
    if (!pieces.empty() && pieces.back().firstTap == first && pieces.back().endTap == end) {
      ++pieces.back().count;
      continue;
    }
    if (pieces.size() == maxPieces)
      return std::nullopt;
    pieces.push_back({o, 1, first, end});
  }
  return pieces;
}

/// `x` with dimension `dim` reduced as `pieces` say: one elementwise op per piece, with an operand per tap. No padding,
/// no copies, and everything but a stride in the last dimension is contiguous.
static Value reduceDimension(OpBuilder &b, Location loc, Value x, unsigned dim, const Window &w, ArrayRef<Piece> pieces,
                             Reduction kind, BodyBuilder element) {
  auto type = cast<RankedTensorType>(x.getType());
  unsigned rank = type.getRank(), d = dim - 2;
  SmallVector<OpFoldResult> zeros(rank, b.getIndexAttr(0)), ones(rank, b.getIndexAttr(1)), sizes;
  for (int64_t extent : type.getShape())
    sizes.push_back(b.getIndexAttr(extent));
  SmallVector<int64_t> shape(type.getShape());
  shape[dim] = pieces.back().first + pieces.back().count;
  Value result = emptyTensor(b, loc, RankedTensorType::get(shape, type.getElementType()));
  for (const Piece &piece : pieces) {
    sizes[dim] = b.getIndexAttr(piece.count);
    SmallVector<OpFoldResult> offsets = zeros, strides = ones;
    strides[dim] = b.getIndexAttr(w.strides[d]);
    SmallVector<Value> taps;
    for (int64_t k = piece.firstTap; k < piece.endTap; ++k) {
      offsets[dim] = b.getIndexAttr(piece.first * w.strides[d] - w.padsBegin[d] + k * w.dilations[d]);
      taps.push_back(tensor::ExtractSliceOp::create(b, loc, x, offsets, sizes, strides));
    }
    offsets[dim] = b.getIndexAttr(piece.first);
    Value part = pieces.size() == 1 ? result : tensor::ExtractSliceOp::create(b, loc, result, offsets, sizes, ones);
    SmallVector<AffineMap> maps(taps.size() + 1, b.getMultiDimIdentityMap(rank));
    SmallVector<utils::IteratorType> iterators(rank, utils::IteratorType::parallel);
    part = linalg::GenericOp::create(b, loc, TypeRange(part.getType()), taps, ValueRange(part), maps, iterators,
                                     [&](OpBuilder &b, Location loc, ValueRange args) {
                                       Value sum;
                                       for (Value arg : args.drop_back()) {
                                         Value v = element ? element(b, loc, arg) : arg;
                                         sum = sum ? combine(b, loc, kind, sum, v) : v;
                                       }
                                       linalg::YieldOp::create(b, loc, sum);
                                     })
               .getResult(0);
    result = pieces.size() == 1 ? part : tensor::InsertSliceOp::create(b, loc, part, result, offsets, sizes, ones);
  }
  return result;
}

/// The pool as one reduction per dimension; null if a dimension does not split well.
static Value reduceByDimension(NodeContext &ctx, const Pool &pool, Reduction kind, BodyBuilder element) {
  SmallVector<SmallVector<Piece>> pieces;
  for (size_t d = 0; d < pool.window.rank(); ++d) {
    std::optional<SmallVector<Piece>> split = splitPositions(pool, d, ctx.shape(0)[2 + d]);
    if (!split)
      return {};
    pieces.push_back(*split);
  }
  // The first dimension maps the elements; what is left of them is smaller with every dimension.
  Value result = ctx.input(0);
  for (size_t d = 0; d < pieces.size(); ++d) {
    bool isIdentity = pool.window.kernel[d] == 1 && pool.window.strides[d] == 1 && pieces[d].size() == 1;
    if (isIdentity && (d + 1 < pieces.size() || !element))
      continue;
    result = reduceDimension(ctx.b, ctx.loc(), result, 2 + d, pool.window, pieces[d], kind, element);
    element = {};
  }
  return result;
}

Value onnx::reduceWindows(NodeContext &ctx, const Pool &pool, Reduction kind, BodyBuilder element) {
  OpBuilder &b = ctx.b;
  Location loc = ctx.loc();
  const Window &w = pool.window;
  unsigned rank = w.rank(), loops = 2 + 2 * rank;
  double fill = kind == Reduction::Sum ? 0 : -std::numeric_limits<double>::infinity();
  // Plain sums and maxima of f32 become gs.pool, which knows borders. For others, loops.
  bool isPlain = !element && ctx.elementType(0).isF32();
  if (Value result = isPlain ? Value() : reduceByDimension(ctx, pool, kind, element))
    return result;
  // With ceil_mode the last window may reach behind the padding.
  SmallVector<int64_t> high;
  for (unsigned d = 0; d < rank; ++d) {
    int64_t reach = (pool.output[d] - 1) * w.strides[d] + w.span(d);
    high.push_back(std::max<int64_t>(0, reach - w.padsBegin[d] - ctx.shape(0)[2 + d]));
  }
  Value input = padSpatial(b, loc, ctx.input(0), w.padsBegin, high, fill);

  // Loops (b, c, all but the last output dimension, kernel..., last output dimension).
  auto dim = [&](unsigned d) { return b.getAffineDimExpr(d); };
  SmallVector<AffineExpr> in = {dim(0), dim(1)}, out = in, kernel;
  for (unsigned d = 0; d < rank; ++d) {
    AffineExpr o = dim(d + 1 < rank ? 2 + d : loops - 1), k = dim(1 + rank + d);
    in.push_back(o * w.strides[d] + k * w.dilations[d]);
    out.push_back(o);
    kernel.push_back(k);
  }
  SmallVector<AffineMap> maps;
  for (ArrayRef<AffineExpr> exprs : {ArrayRef(in), ArrayRef(kernel), ArrayRef(out)})
    maps.push_back(AffineMap::get(loops, 0, exprs, b.getContext()));
  SmallVector<utils::IteratorType> iterators(loops, utils::IteratorType::parallel);
  std::fill_n(iterators.begin() + 1 + rank, rank, utils::IteratorType::reduction);

  RankedTensorType type = poolType(ctx, pool);
  // Gives the extents of the kernel loops; its elements are not read.
  Value extents = emptyTensor(b, loc, RankedTensorType::get(w.kernel, type.getElementType()));
  Value init = filledTensor(b, loc, type, fill);
  return linalg::GenericOp::create(b, loc, TypeRange(type), {input, extents}, ValueRange(init), maps, iterators,
                                   [&](OpBuilder &b, Location loc, ValueRange args) {
                                     Value x = element ? element(b, loc, args.take_front(1)) : args[0];
                                     linalg::YieldOp::create(b, loc, combine(b, loc, kind, args[2], x));
                                   })
      .getResult(0);
}

LogicalResult onnx::inferGlobalPool(NodeContext &ctx, SmallVectorImpl<RankedTensorType> &results) {
  if (failed(requireFloats(ctx, 0, "X")))
    return failure();
  ArrayRef<int64_t> x = ctx.shape(0);
  if (x.size() < 3)
    return ctx.fail("its input has rank " + Twine(x.size()) +
                    ", expected a batch, a channel and spatial dimensions; check the model with onnx.checker");
  SmallVector<int64_t> shape(x.size(), 1);
  shape[0] = x[0];
  shape[1] = x[1];
  results.push_back(RankedTensorType::get(shape, ctx.elementType(0)));
  return success();
}

Value onnx::reducePlanes(NodeContext &ctx, RankedTensorType type, Reduction kind, BodyBuilder element,
                         BodyBuilder finish) {
  ArrayRef<int64_t> extents = ctx.shape(0).drop_front(2);
  if (!element && ctx.elementType(0).isF32() && extents.size() <= 3 && !llvm::is_contained(ctx.shape(0), 0)) {
    Pool whole;
    whole.window.kernel.assign(extents.begin(), extents.end());
    whole.window.strides.assign(extents.size(), 1);
    whole.window.dilations = whole.window.strides;
    whole.window.padsBegin.assign(extents.size(), 0);
    whole.window.padsEnd = whole.window.padsBegin;
    whole.output.assign(extents.size(), 1);
    Value result = reduceWindows(ctx, whole, kind);
    return finish ? elementwise(ctx.b, ctx.loc(), type, result, ctx.b.getMultiDimIdentityMap(type.getRank()), finish)
                  : result;
  }
  SmallVector<int64_t> dims = llvm::to_vector(llvm::seq<int64_t>(2, type.getRank()));
  Value result = reduce(ctx.b, ctx.loc(), ctx.input(0), dims, kind, element);
  if (finish)
    result = elementwise(ctx.b, ctx.loc(), cast<RankedTensorType>(result.getType()), result,
                         ctx.b.getMultiDimIdentityMap(2), finish);
  return reshape(ctx.b, ctx.loc(), result, type.getShape());
}
