//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Loops over images, tiles of outputs, bundles of rows, outputs of the tile, vectors of
// lanes and groups of the bundle: load weights and positions, gather, multiply, add. A
// few outputs in a row share the weights and positions that have been loaded, and their
// gathers do not wait for each other.
//
//===----------------------------------------------------------------------===//
#include "GatherKernel.h"
#include "GatherUnit.h"
#include "llvm/Support/MathExtras.h"
#include <cstring>

using namespace mlir;
using namespace mlir::gs;

namespace {

/// Writes one function.
class Emitter {
public:
  Emitter(const GatherProduct &p, StringRef name, Operation *before)
      : p(p), e(p, name, before), unit(p.machine->tableBytes ? makeCoupledUnit(e) : makeProcessorUnit(e)) {}

  FailureOr<func::FuncOp> run();

private:
  LogicalResult packWeight();
  /// Calls `body` for each tile with its first output in each dimension.
  void forEachTile(int dim, SmallVector<Value> start, function_ref<void(ArrayRef<Value>)> body);
  void computeTile(Value image, Value bundle, ArrayRef<Value> extent);
  /// `count` outputs from (depth, height, width) on.
  void computeBlock(Value image, Value bundle, ArrayRef<Value> at, int64_t count);
  Value offsetAt(Value at);

  const GatherProduct &p;
  KernelBuilder e;
  std::unique_ptr<GatherUnit> unit;
  Value values, indices, offsets, lo, hi;
};

} // namespace

/// Lets each bundle have a multiple of `count` groups: adds groups of zeros, whose activations only have to exist.
static void padBundles(std::vector<Buffer> &buffers, int64_t count) {
  std::vector<int32_t> offsets;
  for (Buffer &buffer : buffers)
    if (buffer.name == "offsets") {
      offsets.resize(buffer.data.size() / sizeof(int32_t));
      std::memcpy(offsets.data(), buffer.data.data(), buffer.data.size());
      int32_t vectors = 0;
      for (size_t bundle = 0; bundle + 1 < offsets.size(); ++bundle) {
        std::memcpy(buffer.data.data() + bundle * sizeof(int32_t), &vectors, sizeof(int32_t));
        vectors += int32_t(llvm::divideCeil(offsets[bundle + 1] - offsets[bundle], count));
      }
      std::memcpy(buffer.data.data() + (offsets.size() - 1) * sizeof(int32_t), &vectors, sizeof(int32_t));
    }
  const int32_t groups = offsets.back();
  for (Buffer &buffer : buffers) {
    if ((buffer.name != "values" && buffer.name != "indices") || !groups)
      continue;
    const size_t bytes = buffer.data.size() / groups;
    std::vector<char> padded;
    for (size_t bundle = 0; bundle + 1 < offsets.size(); ++bundle) {
      padded.insert(padded.end(), buffer.data.begin() + offsets[bundle] * bytes,
                    buffer.data.begin() + offsets[bundle + 1] * bytes);
      padded.resize(llvm::alignTo(padded.size(), count * bytes));
    }
    buffer.data = std::move(padded);
  }
}

LogicalResult Emitter::packWeight() {
  Schema schema;
  schema.indexBits = p.offsetBits();
  schema.columnIndex = p.columnOffsets();
  FailureOr<std::vector<Buffer>> buffers = p.pattern.pack(p.weight, schema, [&] { return p.op->emitOpError(); });
  if (failed(buffers))
    return failure();
  if (p.groupsPerVector() > 1)
    padBundles(*buffers, p.groupsPerVector());
  for (Buffer &buffer : *buffers) {
    if (buffer.name != "values" && buffer.name != "indices" && buffer.name != "offsets")
      continue;              // The order of rows becomes their displacements.
    if (buffer.data.empty()) // No weight at all; nothing is read.
      buffer.data.resize(buffer.elementType.getIntOrFloatBitWidth() / 8);
    Value loaded = e.constant(buffer.name, buffer.elementType, std::move(buffer.data));
    (buffer.name == "values" ? values : buffer.name == "indices" ? indices : offsets) = loaded;
  }
  return success();
}

void Emitter::forEachTile(int dim, SmallVector<Value> start, function_ref<void(ArrayRef<Value>)> body) {
  if (dim == 3)
    return body(start);
  if (p.tile[dim] == p.dims[dim].out) {
    start.push_back(e.index(0));
    return forEachTile(dim + 1, start, body);
  }
  e.loop(e.index(0), e.index(p.dims[dim].out), e.index(p.tile[dim]), {}, [&](Value at, ValueRange) {
    start.push_back(at);
    forEachTile(dim + 1, start, body);
    return SmallVector<Value>();
  });
}

Value Emitter::offsetAt(Value at) {
  Value loaded = memref::LoadOp::create(e.b, e.loc, offsets, ValueRange{at});
  return arith::IndexCastUIOp::create(e.b, e.loc, e.b.getIndexType(), loaded);
}

void Emitter::computeBlock(Value image, Value bundle, ArrayRef<Value> at, int64_t count) {
  const TableStrides strides = p.tableStrides();
  PixelBlock block;
  for (int64_t i = 0; i < count; ++i) {
    Value width = i ? e.add(at[2], e.index(i)) : at[2];
    SmallVector<Value> place = {at[0], at[1], width};
    Value base = e.index(0), pixel = e.index(0);
    for (int d = 0; d < 3; ++d) {
      base = e.add(base, e.mul(place[d], p.dims[d].stride * strides.dim[d]));
      pixel = e.add(e.mul(pixel, p.tile[d]), place[d]);
    }
    block.base.push_back(base);
    block.pixel.push_back(pixel);
  }
  const int64_t banks = p.sumLanes();
  SmallVector<Value> zeros(count, e.zero(e.vectorOf(p.sum())));
  auto part = [&](Value lane, Value mask) {
    ValueRange sums = e.loop(lo, hi, e.index(1), zeros, [&](Value group, ValueRange carried) {
      Value from = e.add(e.mul(group, banks), lane);
      Value weights = e.widen(e.load(values, from, mask));
      SmallVector<Value> gathered = unit->gather(block.base, e.load(indices, from, mask), mask), next;
      for (auto [activation, sum] : llvm::zip(gathered, carried))
        next.push_back(e.multiplyAdd(weights, e.widen(activation), sum));
      return next;
    });
    unit->takeSums(block, bundle, lane, sums, mask);
  };
  if (!p.machine->scalable) {
    for (int64_t lane = 0; lane < banks; lane += e.lanes)
      part(e.index(lane), Value());
  } else {
    Value step = arith::MulIOp::create(e.b, e.loc, e.index(e.lanes), vector::VectorScaleOp::create(e.b, e.loc));
    e.loop(e.index(0), e.index(banks), step, {}, [&](Value lane, ValueRange) {
      part(lane, vector::CreateMaskOp::create(e.b, e.loc, e.vectorOf(e.b.getI1Type()),
                                              ValueRange{arith::SubIOp::create(e.b, e.loc, e.index(banks), lane)}));
      return SmallVector<Value>();
    });
  }
  unit->finish(block, image, bundle);
}

void Emitter::computeTile(Value image, Value bundle, ArrayRef<Value> extent) {
  lo = offsetAt(bundle);
  hi = offsetAt(e.add(bundle, e.index(1)));
  e.loop(extent[0], [&](Value d) {
    e.loop(extent[1], [&](Value h) {
      Value shared = e.index(0);
      if (p.tile[2] >= kSharedPixels) {
        // Blocks are counted one by one: that bounds their places for gs-verify-gather-placement.
        Value blocks = arith::DivUIOp::create(e.b, e.loc, extent[2], e.index(kSharedPixels));
        shared = e.mul(blocks, kSharedPixels);
        e.loop(blocks,
               [&](Value block) { computeBlock(image, bundle, {d, h, e.mul(block, kSharedPixels)}, kSharedPixels); });
      }
      if (p.tile[2] == p.dims[2].out && p.tile[2] % kSharedPixels == 0)
        return; // None is left.
      e.loop(shared, extent[2], e.index(1), {}, [&](Value w, ValueRange) {
        computeBlock(image, bundle, {d, h, w}, 1);
        return SmallVector<Value>();
      });
    });
  });
}

FailureOr<func::FuncOp> Emitter::run() {
  auto inputType = MemRefType::get({p.inputElements()}, p.element());
  auto resultType = MemRefType::get({p.resultElements()}, p.result());
  auto function = func::FuncOp::create(e.b, e.loc, e.name, e.b.getFunctionType({inputType, resultType}, {}));
  Block *entry = function.addEntryBlock();
  e.b.setInsertionPointToStart(entry);
  if (failed(packWeight())) {
    function.erase();
    return failure();
  }
  unit->begin(entry->getArgument(0), entry->getArgument(1));
  e.loop(p.batch, [&](Value image) {
    forEachTile(0, {}, [&](ArrayRef<Value> start) {
      SmallVector<Value> extent;
      for (int d = 0; d < 3; ++d)
        extent.push_back(p.tile[d] == p.dims[d].out ? e.index(p.tile[d]) : e.rest(p.tile[d], p.dims[d].out, start[d]));
      unit->enterTile(image, start);
      e.loop(p.bundles(), [&](Value bundle) { computeTile(image, bundle, extent); });
      unit->leaveTile(image, start, extent);
    });
  });
  unit->end();
  func::ReturnOp::create(e.b, e.loc);
  return function;
}

FailureOr<func::FuncOp> mlir::gs::emitGatherKernel(const GatherProduct &product, StringRef name, Operation *before) {
  return Emitter(product, name, before).run();
}
