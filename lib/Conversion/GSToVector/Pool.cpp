//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Pools: each output row is reduced down the rows of its windows first, whole vectors at a time, into a line in L1 with
// the identity around it; then along the line. So borders cost no branch, and a stride only matters in the small rest.
//
//===----------------------------------------------------------------------===//
#include "Pool.h"
#include "WindowKernel.h"
#include "gs/Conversion/GSToVector/StoredPool.h"

using namespace mlir;
using namespace mlir::gs;

namespace {

/// Elements of the line, unless a single window needs more.
constexpr int64_t maxLine = 2048;
/// Taps that are unrolled.
constexpr int64_t maxUnrolledTaps = 16;
/// Vectors that are reduced side by side, so that they do not wait for each other.
constexpr int64_t sideBySide = 4;

/// `count` neighbouring pieces of an output row, each of `outputs` positions.
struct Piece {
  int64_t first, outputs, count;
};

class PoolEmitter {
public:
  PoolEmitter(ImplicitLocOpBuilder &b, PoolOp op, const std::optional<Destination> &destination, int64_t inputPitch,
              Value input, Value output, Value tid, Value numThreads, int64_t lanes)
      : b(b), inputPitch(inputPitch), input(input), output(output), tid(tid), numThreads(numThreads), lanes(lanes),
        isMax(op.getKind() == PoolKind::Max) {
    auto in = cast<ShapedType>(op.getInput().getType()), out = cast<ShapedType>(op.getInit().getType());
    element = in.getElementType();
    type = VectorType::get({lanes}, element);
    slices = in.getDimSize(0) * in.getDimSize(1);
    g = WindowGeometry::get(in.getShape().drop_front(2), out.getShape().drop_front(2), op.getKernel(), op.getStrides(),
                            op.getDilations(), op.getPads());
    to = destinationOf(op, destination);
  }

  void emit() {
    const auto &semantics = cast<FloatType>(element).getFloatSemantics();
    APFloat value = isMax ? APFloat::getInf(semantics, /*Negative=*/true) : APFloat::getZero(semantics);
    identity = arith::ConstantOp::create(b, type, DenseElementsAttr::get(type, value));
    if (isWholePlane())
      return emitWholePlanes();
    planPieces();
    line = memref::AllocaOp::create(b, MemRefType::get({lineSize}, element), b.getI64IntegerAttr(64));
    // With one piece the identity around the row is written once.
    if (pieces.size() == 1 && pieces[0].count == 1)
      fill(index(0), lineSize);
    // Few planes are shared by rows, so that all threads have work.
    int64_t rowsPerSlice = g.depth().out * g.row().out;
    if (slices >= 16) {
      forRange(share(slices), [&](Value slice) {
        forRange({index(0), index(g.depth().out)}, [&](Value d) { emitSlice(slice, d, std::nullopt); });
      });
      return;
    }
    forRange(share(slices * rowsPerSlice), [&](Value unit) {
      Value slice = arith::DivUIOp::create(b, unit, index(rowsPerSlice)),
            rest = arith::RemUIOp::create(b, unit, index(rowsPerSlice));
      Value d = arith::DivUIOp::create(b, rest, index(g.row().out)),
            y = arith::RemUIOp::create(b, rest, index(g.row().out));
      emitSlice(slice, d, y);
    });
  }

private:
  //===--- Small things ----------------------------------------------------===//

  Value index(int64_t v) { return arith::ConstantIndexOp::create(b, v); }
  Value add(Value a, int64_t v) { return v ? arith::AddIOp::create(b, a, index(v)).getResult() : a; }
  Value add(Value a, Value v) { return arith::AddIOp::create(b, a, v); }
  Value mul(Value a, int64_t v) { return v == 1 ? a : arith::MulIOp::create(b, a, index(v)).getResult(); }

  Value mask(int64_t count) {
    SmallVector<bool> bits(lanes, false);
    std::fill_n(bits.begin(), count, true);
    auto maskType = VectorType::get({lanes}, b.getI1Type());
    return arith::ConstantOp::create(b, maskType, DenseElementsAttr::get(maskType, bits));
  }

  IndexRange share(int64_t n) {
    auto bound = [&](Value part) -> Value { return arith::DivUIOp::create(b, mul(part, n), numThreads); };
    return {bound(tid), bound(add(tid, 1))};
  }

  void forRange(IndexRange range, function_ref<void(Value)> body) {
    auto loop = scf::ForOp::create(b, range.lo, range.hi, index(1));
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPoint(loop.getBody()->getTerminator());
    body(loop.getInductionVar());
  }

  SmallVector<Value> accumulate(Value lo, Value hi, ArrayRef<Value> init,
                                function_ref<SmallVector<Value>(Value, ValueRange)> body) {
    auto loop = scf::ForOp::create(b, lo, hi, index(1), init);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToEnd(loop.getBody());
    SmallVector<Value> next = body(loop.getInductionVar(), loop.getRegionIterArgs());
    scf::YieldOp::create(b, next);
    return SmallVector<Value>(loop.getResults());
  }

  Value combine(Value a, Value x) { return combinePooled(b, isMax ? PoolKind::Max : PoolKind::Sum, a, x); }

  //===--- Windows as large as their planes --------------------------------===//

  bool isWholePlane() const {
    return llvm::all_of(g.dims, [](const WindowDim &d) {
      return d.out == 1 && d.pad == 0 && d.kernel == d.in && (d.dilation == 1 || d.kernel == 1);
    });
  }

  void emitWholePlanes() {
    int64_t size = g.inputSize(), step = sideBySide * lanes, whole = size / step;
    forRange(share(slices), [&](Value slice) {
      Value base = mul(slice, inputPitch);
      SmallVector<Value> sums(sideBySide);
      auto addVector = [&](Value at, int64_t i) {
        sums[i] = combine(sums[i], vector::LoadOp::create(b, type, input, ValueRange{at}));
      };
      if (whole > 1) {
        sums.assign(sideBySide, identity);
        sums = accumulate(index(0), index(whole), sums, [&](Value i, ValueRange acc) {
          SmallVector<Value> outer = std::move(sums);
          sums.assign(acc.begin(), acc.end());
          for (int64_t v = 0; v < sideBySide; ++v)
            addVector(add(add(base, mul(i, step)), v * lanes), v);
          SmallVector<Value> next = sums;
          sums = std::move(outer);
          return next;
        });
      }
      for (int64_t at = whole > 1 ? whole * step : 0, i = 0; at < size; at += lanes, ++i) {
        if (int64_t rest = size - at; rest < lanes)
          sums[i % sideBySide] =
              combine(sums[i % sideBySide],
                      vector::MaskedLoadOp::create(b, type, input, ValueRange{add(base, at)}, mask(rest), identity));
        else
          addVector(add(base, at), i % sideBySide);
      }
      Value sum;
      for (Value part : sums)
        if (part)
          sum = combine(sum, part);
      auto kind = isMax ? vector::CombiningKind::MAXIMUMF : vector::CombiningKind::ADD;
      Value result = vector::ReductionOp::create(b, kind, sum, arith::FastMathFlags::reassoc);
      memref::StoreOp::create(b, result, output, ValueRange{add(mul(slice, to.row), to.offset)});
    });
  }

  //===--- Sliding windows -------------------------------------------------===//

  int64_t span() const { return (g.col().kernel - 1) * g.col().dilation + 1; }
  int64_t lineLength(int64_t outputs) const { return (outputs - 1) * g.col().stride + span(); }

  void planPieces() {
    const WindowDim &col = g.col();
    int64_t most = std::max<int64_t>(1, (maxLine - span()) / col.stride + 1);
    most = std::min(col.out, most < lanes ? most : most / lanes * lanes);
    // Vectors may begin at the last element of the line and take what a load takes.
    lineSize = llvm::alignTo(lineLength(llvm::alignTo(most, lanes)) + lanes * col.loadWidth() + lanes, lanes);
    for (int64_t first = 0; first < col.out; first += most) {
      Piece piece{first, std::min(most, col.out - first), 1};
      if (!pieces.empty() && pieces.back().outputs == piece.outputs && isInside(piece) && isInside(pieces.back()))
        ++pieces.back().count;
      else
        pieces.push_back(piece);
    }
  }

  bool isInside(const Piece &p) const {
    int64_t from = p.first * g.col().stride - g.col().pad;
    return from >= 0 && from + ((p.count - 1) * p.outputs * g.col().stride) + lineLength(p.outputs) <= g.col().in;
  }

  void emitSlice(Value slice, Value d, std::optional<Value> onlyRow) {
    const WindowDim &depth = g.depth(), &row = g.row();
    depthTaps = std::nullopt;
    if (depth.kernel > 1 || depth.pad || (depth.out - 1) * depth.stride >= depth.in)
      depthTaps = WindowLoader(b, input, g.col(), lanes, element).tapRange(depth, d);
    Value plane = mul(add(mul(d, depth.stride), -depth.pad), row.in * g.col().in);
    Value in = add(mul(slice, inputPitch), plane);
    Value out = add(add(mul(slice, to.row), mul(d, to.slice)), to.offset);
    auto emitAt = [&](Value y, std::optional<std::pair<int64_t, int64_t>> taps) {
      Value from = add(in, mul(add(mul(y, row.stride), -row.pad), g.col().in));
      emitRow(from, add(out, mul(y, to.line)), y, taps);
    };
    bool unrolled = row.kernel <= maxUnrolledTaps;
    if (onlyRow)
      return emitAt(*onlyRow, std::nullopt);
    if (!unrolled)
      return forRange({index(0), index(row.out)}, [&](Value y) { emitAt(y, std::nullopt); });
    for (const RowRun &run : row.runs(1)) {
      if (run.count == 1)
        emitAt(index(run.first), run.taps[0]);
      else
        forRange({index(run.first), index(run.first + run.count)}, [&](Value y) { emitAt(y, run.taps[0]); });
    }
  }

  void emitRow(Value in, Value out, Value y, std::optional<std::pair<int64_t, int64_t>> taps) {
    rowTaps = taps ? TapRange{index(taps->first), index(taps->second)}
                   : WindowLoader(b, input, g.col(), lanes, element).tapRange(g.row(), y);
    unrolledTaps = taps;
    for (const Piece &piece : pieces) {
      auto at = [&](Value first) { emitPiece(piece, add(in, mul(first, g.col().stride)), add(out, first)); };
      if (piece.count == 1)
        at(index(piece.first));
      else
        forRange({index(0), index(piece.count)}, [&](Value i) { at(add(mul(i, piece.outputs), piece.first)); });
    }
  }

  /// `in` is where the piece's first tap would be without padding.
  void emitPiece(const Piece &piece, Value in, Value out) {
    const WindowDim &col = g.col();
    int64_t from = piece.first * col.stride - col.pad, length = lineLength(piece.outputs);
    // Elements [lo, hi) of the line lie in the row.
    int64_t lo = std::min(length, std::max<int64_t>(0, -from));
    int64_t hi = std::max(lo, std::min(length, col.in - from));
    if (pieces.size() > 1 || piece.count > 1) {
      fill(index(0), lo);
      fill(index(hi), length + lanes - hi);
    }
    reduceDown(add(in, lo - col.pad), index(lo), hi - lo);
    reduceAlong(out, piece.outputs);
  }

  void fill(Value at, int64_t count) {
    if (count <= 0)
      return;
    int64_t vectors = llvm::divideCeil(count, lanes);
    if (vectors <= sideBySide) {
      // The line has room for a vector more.
      for (int64_t v = 0; v < vectors; ++v)
        vector::StoreOp::create(b, identity, line, ValueRange{add(at, v * lanes)});
      return;
    }
    forRange({index(0), index(count / lanes)},
             [&](Value i) { vector::StoreOp::create(b, identity, line, ValueRange{add(at, mul(i, lanes))}); });
    if (int64_t rest = count % lanes)
      vector::MaskedStoreOp::create(b, line, ValueRange{add(at, count - rest)}, mask(rest), identity);
  }

  /// `count` elements of the line from `to` on: the rows of the windows, reduced.
  void reduceDown(Value in, Value to, int64_t count) {
    auto chunk = [&](Value offset, int64_t vectors, int64_t lanesOfLast) {
      auto addRow = [&](Value at, MutableArrayRef<Value> sums) {
        for (int64_t v = 0; v < vectors; ++v) {
          Value place = add(at, v * lanes), x;
          if (v + 1 == vectors && lanesOfLast < lanes)
            x = vector::MaskedLoadOp::create(b, type, input, ValueRange{place}, mask(lanesOfLast), identity);
          else
            x = vector::LoadOp::create(b, type, input, ValueRange{place});
          sums[v] = combine(sums[v], x);
        }
      };
      auto addRows = [&](Value at, SmallVector<Value> sums) {
        if (unrolledTaps) {
          for (int64_t t = unrolledTaps->first; t < unrolledTaps->second; ++t)
            addRow(add(at, t * g.row().dilation * g.col().in), sums);
        } else {
          for (Value &sum : sums)
            sum = sum ? sum : identity;
          sums = accumulate(rowTaps.lo, rowTaps.hi, sums, [&](Value t, ValueRange acc) {
            SmallVector<Value> next(acc);
            addRow(add(at, mul(t, g.row().dilation * g.col().in)), next);
            return next;
          });
        }
        for (Value &sum : sums)
          sum = sum ? sum : identity;
        return sums;
      };
      SmallVector<Value> sums(vectors);
      Value at = add(in, offset);
      if (depthTaps) {
        sums.assign(vectors, identity);
        sums = accumulate(depthTaps->lo, depthTaps->hi, sums, [&](Value t, ValueRange acc) {
          return addRows(add(at, mul(t, g.depth().dilation * g.row().in * g.col().in)), SmallVector<Value>(acc));
        });
      } else {
        sums = addRows(at, sums);
      }
      for (auto [v, sum] : llvm::enumerate(sums))
        vector::StoreOp::create(b, sum, line, ValueRange{add(add(to, offset), static_cast<int64_t>(v) * lanes)});
    };
    int64_t step = sideBySide * lanes, whole = count / step;
    if (whole == 1)
      chunk(index(0), sideBySide, lanes);
    else if (whole)
      forRange({index(0), index(whole)}, [&](Value i) { chunk(mul(i, step), sideBySide, lanes); });
    if (int64_t rest = count % step)
      chunk(index(whole * step), llvm::divideCeil(rest, lanes), rest % lanes ? rest % lanes : lanes);
  }

  /// Outputs of the windows of the line.
  void reduceAlong(Value out, int64_t outputs) {
    WindowDim col = g.col();
    col.in = lineSize;
    col.pad = 0;
    WindowLoader loader(b, line, col, lanes, element);
    auto vectorAt = [&](Value o, int64_t valid) {
      Value from = mul(o, col.stride), sum;
      if (col.kernel <= maxUnrolledTaps) {
        ColumnRun run{0, 1, lanes, true, {}};
        run.loads.assign(col.loads().size(), {0, lanes * col.loadWidth()});
        for (Value x : loader.loadTaps(from, run, identity))
          sum = combine(sum, x);
      } else {
        sum = accumulate(index(0), index(col.kernel), {identity}, [&](Value t, ValueRange acc) {
          Value x = loader.loadAt(index(0), add(from, mul(t, col.dilation)), /*inside=*/true, identity);
          return SmallVector<Value>{combine(acc[0], x)};
        })[0];
      }
      Value to = add(out, o);
      if (valid == lanes)
        vector::StoreOp::create(b, sum, output, ValueRange{to});
      else
        vector::MaskedStoreOp::create(b, output, ValueRange{to}, mask(valid), sum);
    };
    int64_t whole = outputs / lanes;
    if (whole == 1)
      vectorAt(index(0), lanes);
    else if (whole)
      forRange({index(0), index(whole)}, [&](Value i) { vectorAt(mul(i, lanes), lanes); });
    if (int64_t rest = outputs % lanes)
      vectorAt(index(whole * lanes), rest);
  }

  ImplicitLocOpBuilder &b;
  int64_t inputPitch; ///< elements from channel to channel
  Value input, output, tid, numThreads;
  int64_t lanes, slices = 0, lineSize = 0;
  bool isMax;
  Type element;
  VectorType type;
  WindowGeometry g;
  Destination to;
  SmallVector<Piece> pieces;
  Value identity, line;
  std::optional<TapRange> depthTaps;
  TapRange rowTaps;
  std::optional<std::pair<int64_t, int64_t>> unrolledTaps;
};

} // namespace

void mlir::gs::emitPool(ImplicitLocOpBuilder &b, PoolOp op, const std::optional<Destination> &destination,
                        int64_t inputPitch, Value input, Value output, Value tid, Value numThreads, int64_t lanes) {
  PoolEmitter(b, op, destination, inputPitch, input, output, tid, numThreads, lanes).emit();
}
