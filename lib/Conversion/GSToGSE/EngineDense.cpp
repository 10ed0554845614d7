//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// All weights, zeros included. A product takes eight rows at a time, so that a
// loaded vector of activations serves eight sums; a convolution keeps twelve
// vectors of weights in registers and sums their lanes each time, or it takes
// four output channels of a pixel at a time and sums lanes once.
//
//===----------------------------------------------------------------------===//
#include "Kernels.h"
#include "TileLoop.h"
#include "VectorInTcm.h"
#include "llvm/Support/MathExtras.h"
#include <memory>

using namespace mlir;
using namespace mlir::gs;

/// Rows of a tile of a product.
static constexpr int64_t tileRows = 8;
/// Vectors of weights that stay in registers.
static constexpr int64_t registerVectors = 12;
/// Lines of a kernel that one loop over its vectors reads.
static constexpr size_t loopRuns = 4;

/// Appends the vector of weights of `row` from `col` on; zeros for rows that there are not.
static void appendVector(Buffer &buffer, const EngineOp &op, int64_t row, int64_t col) {
  if (row >= op.rows()) {
    buffer.data.resize(buffer.data.size() + op.vectorBytes());
    return;
  }
  const char *from = op.weight.valueAt(row, col);
  buffer.data.insert(buffer.data.end(), from, from + op.vectorBytes());
}

static void shapeAsVectors(Buffer &buffer, const EngineOp &op) {
  buffer.elementType = op.element;
  buffer.shape = {static_cast<int64_t>(buffer.data.size()) / op.vectorBytes(), op.banks};
}

//===----------------------------------------------------------------------===//
// Product with a vector
//===----------------------------------------------------------------------===//

static gse::KernelOp emitDenseProduct(OpBuilder &builder, EngineOp &op, const EngineVariant &variant) {
  EngineBuilder e(builder, op);
  int64_t steps = op.weight.cols / op.banks, tiles = llvm::divideCeil(op.rows(), tileRows);
  Buffer buffer;
  for (int64_t tile = 0; tile < tiles; ++tile)
    for (int64_t step = 0; step < steps; ++step)
      for (int64_t row = 0; row < tileRows; ++row)
        appendVector(buffer, op, tile * tileRows + row, step * op.banks);
  shapeAsVectors(buffer, op);
  int64_t streamBytes = static_cast<int64_t>(buffer.data.size());
  e.begin();
  Value weights = e.data("stream", buffer, 2 * op.vectorBytes());
  Value xt = copyVector(e);
  e.armStream(weights, streamBytes);
  EngineVariant one = variant;
  one.accumulators = 1; // eight rows take turns already
  Accumulators sums(e, one, op.banks);
  e.region("product", variant.fp32 ? "dense-fp32" : "dense", op.banks, 2, [&] {
    e.loop(tiles, {weights, e.y()}, [&](Value, ValueRange carried) -> SmallVector<Value> {
      SmallVector<Value> inits;
      for (int64_t row = 0; row < tileRows; ++row)
        llvm::append_range(inits, sums.zeros());
      inits.push_back(carried[0]);
      ValueRange results = e.loop(steps, inits, [&](Value step, ValueRange state) {
        Value x = gse::LoadIndexedOp::create(e.b, e.loc, e.vector(op.banks), xt, 0, step, op.vectorBytes());
        SmallVector<Value> wide = sums.widened(x), next;
        for (int64_t row = 0; row < tileRows; ++row) {
          Value weight = e.load(e.vector(op.banks), state.back(), row * op.vectorBytes());
          llvm::append_range(next, sums.accumulateWide(state.slice(row * sums.parts(), sums.parts()), weight, wide));
        }
        next.push_back(e.advance(state.back(), tileRows * op.vectorBytes()));
        return next;
      });
      for (int64_t row = 0; row < tileRows; ++row) {
        SmallVector<Value> own(results.slice(row * sums.parts(), sums.parts()));
        e.store(sums.finish(own, op.banks), carried[1], row * op.bytes);
      }
      return {results.back(), e.advance(carried[1], tileRows * op.bytes)};
    });
  });
  return e.end();
}

//===----------------------------------------------------------------------===//
// Sweep over pixels
//===----------------------------------------------------------------------===//

namespace {

/// Weights whose activations lie side by side: a line of the kernel, or one location of a dilated one.
struct Run {
  int64_t column;  ///< first column of the weight
  int64_t offset;  ///< displacement of its activation
  int64_t vectors; ///< vectors of weights
};

class DenseSweep {
public:
  DenseSweep(OpBuilder &builder, EngineOp &op, const EngineVariant &variant, const TilePlan &plan)
      : e(builder, op), op(op), variant(variant), rows(variant.channels),
        tiles(e, plan, llvm::alignTo(op.rows(), rows), /*keepsResults=*/false) {
    SmallVector<int64_t> offsets = plan.columnOffsets(op);
    for (int64_t col = 0; col < op.weight.cols; col += op.banks) {
      bool follows = !runs.empty() && offsets[col] == runs.back().offset + runs.back().vectors * op.banks;
      if (follows)
        ++runs.back().vectors;
      else
        runs.push_back({col, offsets[col], 1});
    }
  }

  gse::KernelOp emit() {
    Buffer buffer = pack();
    int64_t streamBytes = static_cast<int64_t>(buffer.data.size());
    e.begin();
    weights = e.data("stream", buffer, 2 * op.vectorBytes());
    e.armStream(weights, streamBytes);
    tiles.emit(rows > 1 ? "conv-dense-fair" : "conv-dense", op.banks, variant.accumulators,
               [&] { rows > 1 ? emitFairTile() : emitTile(); });
    return e.end();
  }

private:
  /// Calls fn(first column, vectors) for each chunk of a run, in order.
  void forEachChunk(const Run &run, function_ref<void(int64_t, int64_t)> fn) const {
    for (int64_t at = 0; at < run.vectors; at += registerVectors)
      fn(run.column + at * op.banks, std::min(registerVectors, run.vectors - at));
  }

  Buffer pack() const {
    Buffer buffer;
    if (rows > 1) {
      for (int64_t top = 0; top < op.rows(); top += rows)
        for (ArrayRef<Run> some = runs; !some.empty(); some = some.drop_front(std::min(loopRuns, some.size())))
          for (int64_t step = 0; step < some[0].vectors; ++step)
            for (const Run &run : some.take_front(loopRuns))
              for (int64_t row = 0; row < rows; ++row)
                appendVector(buffer, op, top + row, run.column + step * op.banks);
      shapeAsVectors(buffer, op);
      return buffer;
    }
    for (int64_t top = 0; top < op.rows(); top += rows)
      for (const Run &run : runs)
        forEachChunk(run, [&](int64_t column, int64_t vectors) {
          for (int64_t at = 0; at < vectors; ++at)
            appendVector(buffer, op, top, column + at * op.banks);
        });
    shapeAsVectors(buffer, op);
    return buffer;
  }

  void emitTile() {
    e.loop(op.rows(), {weights, tiles.results()}, [&](Value, ValueRange carried) -> SmallVector<Value> {
      Value at = carried[0];
      for (const Run &run : runs) {
        Value window = tiles.window();
        if (run.offset)
          window = e.advance(window, run.offset * op.bytes);
        int64_t chunks = run.vectors / registerVectors, rest = run.vectors % registerVectors;
        if (chunks) {
          ValueRange after = e.loop(chunks, {at, window}, [&](Value, ValueRange state) -> SmallVector<Value> {
            emitChunk(registerVectors, state[0], state[1], carried[1]);
            return {e.advance(state[0], registerVectors * op.vectorBytes()),
                    e.advance(state[1], registerVectors * op.vectorBytes())};
          });
          at = after[0], window = after[1];
        }
        if (rest) {
          emitChunk(rest, at, window, carried[1]);
          at = e.advance(at, rest * op.vectorBytes());
        }
      }
      return {at, e.advance(carried[1], op.bytes)};
    });
  }

  void emitChunk(int64_t vectors, Value at, Value window, Value results) {
    SmallVector<Value> kept;
    for (int64_t place = 0; place < vectors; ++place)
      kept.push_back(e.load(e.vector(op.banks), at, place * op.vectorBytes()));
    tiles.forEachPixel(window, results, [&](Value from, Value to) {
      SmallVector<Value> sums;
      for (int64_t place = 0; place < vectors; ++place) {
        Value x = e.load(e.vector(op.banks), from, place * op.vectorBytes());
        auto turn = static_cast<size_t>(place % variant.accumulators);
        if (turn < sums.size())
          sums[turn] = gse::FmaOp::create(e.b, e.loc, x.getType(), kept[place], x, sums[turn]);
        else
          sums.push_back(gse::MulOp::create(e.b, e.loc, x.getType(), kept[place], x));
      }
      Value before = e.load(e.vector(1), to, 0);
      while (sums.size() > 1) { // neighbours first
        SmallVector<Value> halves;
        for (size_t place = 0; place + 1 < sums.size(); place += 2)
          halves.push_back(e.add(sums[place], sums[place + 1]));
        if (sums.size() % 2)
          halves.push_back(sums.back());
        sums = halves;
      }
      e.store(e.add(e.reduce(sums[0], op.banks), before), to, 0);
    });
  }

  /// Four output channels of a pixel at a time: a loaded vector of activations serves four sums.
  void emitFairTile() {
    int64_t groupBytes = rows * op.weight.cols * op.bytes;
    e.loop(llvm::divideCeil(op.rows(), rows), {weights, tiles.results()},
           [&](Value, ValueRange carried) -> SmallVector<Value> {
             tiles.forEachPixel(tiles.window(), carried[1], [&](Value window, Value to) {
               SmallVector<Value> state(rows, e.splat(op.banks, 0));
               state.push_back(carried[0]);
               for (ArrayRef<Run> some = runs; !some.empty(); some = some.drop_front(std::min(loopRuns, some.size())))
                 state = llvm::to_vector(e.loop(some[0].vectors, state, [&](Value step, ValueRange sums) {
                   return emitStep(some.take_front(loopRuns), step, window, sums);
                 }));
               for (int64_t row = 0; row < rows; ++row)
                 e.store(e.reduce(state[row], op.banks), to, row * op.bytes);
             });
             return {e.advance(carried[0], groupBytes), e.advance(carried[1], rows * op.bytes)};
           });
  }

  SmallVector<Value> emitStep(ArrayRef<Run> some, Value step, Value window, ValueRange state) {
    SmallVector<Value> next(state);
    int64_t place = 0;
    for (const Run &run : some) {
      Value x = gse::LoadIndexedOp::create(e.b, e.loc, e.vector(op.banks), window, run.offset * op.bytes, step,
                                           op.vectorBytes());
      for (int64_t row = 0; row < rows; ++row) {
        Value weight = e.load(e.vector(op.banks), state.back(), place++ * op.vectorBytes());
        next[row] = gse::FmaOp::create(e.b, e.loc, x.getType(), weight, x, next[row]);
      }
    }
    next.back() = e.advance(state.back(), place * op.vectorBytes());
    return next;
  }

  EngineBuilder e;
  EngineOp &op;
  EngineVariant variant;
  int64_t rows; ///< output channels of a pass
  TileLoop tiles;
  SmallVector<Run> runs;
  Value weights;
};

class EngineDense : public EngineStrategy {
public:
  StringRef name() const override { return "engine-dense"; }
  /// A pattern is not dropped without being asked to.
  bool isDefaultFor(const EngineOp &op) const override { return op.pattern == nullptr; }
  std::string refuses(const EngineOp &op, const EngineVariant &variant) const override {
    if (variant.fused)
      return "there is no gather to be fused";
    if (variant.fp32 && !op.isVector())
      return "f32 sums exist for products with one vector only";
    return "";
  }
  int64_t resultRows(const EngineOp &op, const EngineVariant &variant) const override {
    return llvm::alignTo(op.rows(), op.isVector() ? tileRows : variant.channels);
  }
  FailureOr<gse::KernelOp> emit(OpBuilder &builder, EngineOp &op, const EngineVariant &variant,
                                const TilePlan &plan) const override {
    if (op.isVector())
      return emitDenseProduct(builder, op, variant);
    return DenseSweep(builder, op, variant, plan).emit();
  }
};

} // namespace

namespace mlir::gs {
std::unique_ptr<EngineStrategy> createEngineDense() { return std::make_unique<EngineDense>(); }
} // namespace mlir::gs
