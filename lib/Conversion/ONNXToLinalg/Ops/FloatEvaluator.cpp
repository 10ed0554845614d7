//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Arithmetic on large f32 constants: op by op over chunks of elements, without the
// attributes per element that the folders of ops need.
//
//===----------------------------------------------------------------------===//
#include "FloatEvaluator.h"
#include "ShapeUtils.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>

using namespace mlir;
using namespace mlir::onnx;

constexpr int64_t chunkSize = 4096;

namespace {
using Chunk = std::vector<float>;

/// The values of a block's results for one chunk of positions.
class ChunkEvaluator {
public:
  explicit ChunkEvaluator(Block &block) : block(block) {}

  Chunk &of(Value value) { return values[value]; }

  bool run(int64_t count) {
    size = count;
    for (Operation &op : block)
      if (!evaluate(op))
        return false;
    return true;
  }

private:
  template <typename F> bool unary(Operation &op, F f) {
    Chunk &out = prepare(op);
    const Chunk &x = values[op.getOperand(0)];
    for (int64_t i = 0; i < size; ++i)
      out[i] = f(x[i]);
    return true;
  }

  template <typename F> bool binary(Operation &op, F f) {
    Chunk &out = prepare(op);
    const Chunk &x = values[op.getOperand(0)], &y = values[op.getOperand(1)];
    for (int64_t i = 0; i < size; ++i)
      out[i] = f(x[i], y[i]);
    return true;
  }

  /// Makes room for the result first: a growing map would move the operands.
  Chunk &prepare(Operation &op) {
    values[op.getResult(0)].resize(chunkSize);
    return values[op.getResult(0)];
  }

  bool evaluate(Operation &op) {
    return llvm::TypeSwitch<Operation *, bool>(&op)
        .Case([&](arith::ConstantOp constant) {
          auto value = dyn_cast<FloatAttr>(constant.getValue());
          if (!value || !value.getType().isF32())
            return false;
          values[constant.getResult()].assign(chunkSize, static_cast<float>(value.getValueAsDouble()));
          return true;
        })
        .Case([&](arith::AddFOp) { return binary(op, [](float x, float y) { return x + y; }); })
        .Case([&](arith::SubFOp) { return binary(op, [](float x, float y) { return x - y; }); })
        .Case([&](arith::MulFOp) { return binary(op, [](float x, float y) { return x * y; }); })
        .Case([&](arith::DivFOp) { return binary(op, [](float x, float y) { return x / y; }); })
        .Case([&](arith::NegFOp) { return unary(op, [](float x) { return -x; }); })
        .Case([&](math::AbsFOp) { return unary(op, [](float x) { return std::fabs(x); }); })
        .Case([&](math::SqrtOp) { return unary(op, [](float x) { return std::sqrt(x); }); })
        .Default([](Operation *) { return false; });
  }

  Block &block;
  int64_t size = 0;
  DenseMap<Value, Chunk> values;
};
} // namespace

std::optional<std::vector<float>> onnx::evaluateFloats(Block &block, Value result, ArrayRef<FloatSource> sources,
                                                       ArrayRef<int64_t> shape) {
  ChunkEvaluator evaluator(block);
  for (BlockArgument arg : block.getArguments())
    evaluator.of(arg).resize(chunkSize);
  std::vector<float> out(elementCount(shape));
  SmallVector<int64_t> index(shape.size(), 0);
  for (size_t done = 0; done < out.size();) {
    auto count = std::min<int64_t>(chunkSize, static_cast<int64_t>(out.size() - done));
    for (int64_t i = 0; i < count; ++i, nextIndex(index, shape))
      for (auto [arg, source] : llvm::zip_equal(block.getArguments(), sources)) {
        int64_t offset = 0;
        for (auto [at, stride] : llvm::zip_equal(index, source.strides))
          offset += at * stride;
        evaluator.of(arg)[i] = source.data[offset];
      }
    if (!evaluator.run(count))
      return std::nullopt;
    const Chunk &chunk = evaluator.of(result);
    if (chunk.empty())
      return std::nullopt;
    std::copy_n(chunk.begin(), count, out.begin() + static_cast<int64_t>(done));
    done += count;
  }
  return out;
}
