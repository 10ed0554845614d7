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

/// Appends the vector of weights of `row` from `col` on; zeros for rows that there are not, and behind `count` weights.
static void appendVector(Buffer &buffer, const EngineOp &op, int64_t row, int64_t col, int64_t count) {
  size_t end = buffer.data.size() + op.vectorBytes();
  if (row < op.rows()) {
    const char *from = op.weight.valueAt(row, col);
    buffer.data.insert(buffer.data.end(), from, from + std::min(count, op.banks) * op.bytes);
  }
  buffer.data.resize(end);
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
        appendVector(buffer, op, tile * tileRows + row, step * op.banks, op.banks);
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

/// Weights whose activations lie side by side: a line of the kernel, or one location of a dilated one. The last vector
/// ends with zeros where channels are not padded.
struct Run {
  int64_t column;  ///< first column of the weight
  int64_t offset;  ///< displacement of its activation
  int64_t weights; ///< of a row

  int64_t vectors(const EngineOp &op) const { return llvm::divideCeil(weights, op.banks); }
};

class DenseSweep {
public:
  DenseSweep(OpBuilder &builder, EngineOp &op, const EngineVariant &variant, ArrayRef<SweepPart> parts,
             const TilePlan &plan, int64_t resultRows)
      : e(builder, op), op(op), variant(variant), rows(variant.channels), parts(parts),
        tiles(e, plan, parts, resultRows, TileLoop::Results::InPlace), sums(e, oneSum(variant), op.banks) {
    for (const SweepPart &part : parts) {
      SmallVector<Run> &own = runs.emplace_back();
      for (auto [col, offset] : llvm::enumerate(part.plan.columnOffsets(*part.op)))
        if (!own.empty() && offset == own.back().offset + own.back().weights)
          ++own.back().weights;
        else
          own.push_back({static_cast<int64_t>(col), offset, 1});
    }
  }

  gse::KernelOp emit() {
    std::vector<Buffer> buffers;
    for (size_t part = 0; part < parts.size(); ++part)
      buffers.push_back(pack(*parts[part].op, runs[part]));
    e.begin();
    for (auto [number, buffer] : llvm::enumerate(buffers)) {
      auto bytes = static_cast<int64_t>(buffer.data.size());
      weights.push_back(e.data("stream" + (number ? "_" + std::to_string(number) : ""), buffer, 2 * op.vectorBytes()));
      e.armStream(weights.back(), bytes);
    }
    std::string law = rows > 1 ? "conv-dense-fair" : "conv-dense";
    if (variant.fp32)
      law += "-fp32";
    tiles.emit(law, op.banks, variant.accumulators,
               [&](size_t part) { rows > 1 ? emitFairTile(part) : emitTile(part); });
    return e.end();
  }

private:
  /// Four sums take turns already.
  static EngineVariant oneSum(EngineVariant variant) {
    variant.accumulators = 1;
    return variant;
  }

  /// Bytes of the weights of a row.
  int64_t rowBytes(size_t part) const {
    int64_t vectors = 0;
    for (const Run &run : runs[part])
      vectors += run.vectors(op);
    return vectors * op.vectorBytes();
  }

  Buffer pack(const EngineOp &part, ArrayRef<Run> all) const {
    Buffer buffer;
    auto append = [&](int64_t row, const Run &run, int64_t step) {
      appendVector(buffer, part, row, run.column + step * op.banks, run.weights - step * op.banks);
    };
    if (rows > 1) {
      for (int64_t top = 0; top < op.rows(); top += rows)
        for (ArrayRef<Run> some = all; !some.empty(); some = some.drop_front(std::min(loopRuns, some.size())))
          for (int64_t step = 0; step < some[0].vectors(op); ++step)
            for (const Run &run : some.take_front(loopRuns))
              for (int64_t row = 0; row < rows; ++row)
                append(top + row, run, step);
    } else {
      for (int64_t row = 0; row < op.rows(); ++row)
        for (const Run &run : all)
          for (int64_t step = 0; step < run.vectors(op); ++step)
            append(row, run, step);
    }
    shapeAsVectors(buffer, op);
    return buffer;
  }

  void emitTile(size_t part) {
    e.loop(op.rows(), {weights[part], tiles.sums()}, [&](Value, ValueRange carried) -> SmallVector<Value> {
      Value at = carried[0];
      for (const Run &run : runs[part]) {
        Value window = tiles.window();
        if (run.offset)
          window = e.advance(window, run.offset * op.bytes);
        int64_t chunks = run.vectors(op) / registerVectors, rest = run.vectors(op) % registerVectors;
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
  void emitFairTile(size_t part) {
    int64_t groupBytes = rows * rowBytes(part);
    e.loop(llvm::divideCeil(op.rows(), rows), {weights[part], tiles.sums()},
           [&](Value, ValueRange carried) -> SmallVector<Value> {
             tiles.forEachPixel(tiles.window(), carried[1], [&](Value window, Value to) {
               SmallVector<Value> state;
               for (int64_t row = 0; row < rows; ++row)
                 llvm::append_range(state, sums.zeros());
               state.push_back(carried[0]);
               for (ArrayRef<Run> some = runs[part]; !some.empty();
                    some = some.drop_front(std::min(loopRuns, some.size())))
                 state = llvm::to_vector(e.loop(some[0].vectors(op), state, [&](Value step, ValueRange before) {
                   return emitStep(some.take_front(loopRuns), step, window, before);
                 }));
               for (int64_t row = 0; row < rows; ++row) {
                 SmallVector<Value> own(ArrayRef(state).slice(row * sums.parts(), sums.parts()));
                 Value sum = sums.finish(own, op.banks);
                 if (part) // the parts before left theirs
                   sum = e.add(sum, e.load(e.vector(1), to, row * op.bytes));
                 e.store(sum, to, row * op.bytes);
               }
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
      SmallVector<Value> wide = sums.widened(x);
      for (int64_t row = 0; row < rows; ++row) {
        Value weight = e.load(e.vector(op.banks), state.back(), place++ * op.vectorBytes());
        SmallVector<Value> own(ArrayRef(next).slice(row * sums.parts(), sums.parts()));
        for (auto [at, sum] : llvm::enumerate(sums.accumulateWide(own, weight, wide)))
          next[row * sums.parts() + static_cast<int64_t>(at)] = sum;
      }
    }
    next.back() = e.advance(state.back(), place * op.vectorBytes());
    return next;
  }

  EngineBuilder e;
  EngineOp &op;
  EngineVariant variant;
  int64_t rows; ///< output channels of a pass
  ArrayRef<SweepPart> parts;
  TileLoop tiles;
  Accumulators sums; ///< of the form that keeps sums in registers
  SmallVector<SmallVector<Run>> runs;
  SmallVector<Value> weights;
};

class EngineDense : public EngineStrategy {
public:
  StringRef name() const override { return "engine-dense"; }
  /// A pattern is not dropped without being asked to.
  bool isDefaultFor(const EngineOp &op) const override { return op.pattern == nullptr; }
  std::string refuses(const EngineOp &op, const EngineVariant &variant) const override {
    if (variant.fused)
      return "there is no gather to be fused";
    if (variant.fp32 && !op.isVector() && variant.channels == 1)
      return "twelve vectors in registers leave no room for f32 sums; use channels = 4";
    return "";
  }
  int64_t resultRows(const EngineOp &op, const EngineVariant &variant) const override {
    return llvm::alignTo(op.rows(), op.isVector() ? tileRows : variant.channels);
  }
  bool addsParts(const EngineOp &, const EngineVariant &variant) const override { return !variant.fp32; }
  FailureOr<gse::KernelOp> emit(OpBuilder &builder, EngineOp &op, const EngineVariant &variant,
                                const TilePlan &plan) const override {
    if (op.isVector() && !plan.partColumns)
      return emitDenseProduct(builder, op, variant);
    std::vector<EngineOp> cut;
    if (plan.partColumns)
      cut = op.cut(plan.partColumns);
    std::vector<SweepPart> parts;
    for (EngineOp &part : cut.empty() ? MutableArrayRef(op) : MutableArrayRef(cut))
      parts.push_back({&part, plan.forPart(part), {}});
    return DenseSweep(builder, op, variant, parts, plan, resultRows(op, variant)).emit();
  }
};

} // namespace

namespace mlir::gs {
std::unique_ptr<EngineStrategy> createEngineDense() { return std::make_unique<EngineDense>(); }
} // namespace mlir::gs
