//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Processors whose vectors have any length: gathers and scatters by byte offsets from
// the activations, or from a copy of them with zeros around it. The sums of the lanes
// go through memory, where those of one row are added.
//
//===----------------------------------------------------------------------===//
#include "GatherUnit.h"

using namespace mlir;
using namespace mlir::gs;

namespace {

class ProcessorUnit : public GatherUnit {
public:
  using GatherUnit::GatherUnit;

  void begin(Value x, Value y) override {
    this->x = x;
    this->y = y;
    if (!p.inPlace)
      table = memref::AllocOp::create(e.b, e.loc, MemRefType::get({p.tableElements()}, p.element()),
                                      e.b.getI64IntegerAttr(alignmentOf(*p.machine)));
    tablePointer = pointer(p.inPlace ? x : table);
    sums = memref::AllocaOp::create(e.b, e.loc, MemRefType::get({kSharedPixels * p.form.lanes}, p.sum()));
    if (!p.scatters)
      return;
    resultPointer = pointer(y);
    totals = memref::AllocaOp::create(e.b, e.loc, MemRefType::get({p.form.bundleRows}, p.result()));
    const unsigned bits = p.paddedRows() * p.pixels() * resultBytes() <= int64_t(1) << 16 ? 16 : 32;
    rows = e.constant("rows", e.b.getIntegerType(bits), rowOffsets(p.pixels() * resultBytes(), bits));
  }

  void end() override {
    if (table)
      memref::DeallocOp::create(e.b, e.loc, table);
  }

  void enterTile(Value image, ArrayRef<Value> start) override {
    if (p.inPlace) {
      imageBase = e.mul(image, p.inputElements() / p.batch);
      return;
    }
    imageBase = e.index(0);
    fillTable(x, image, start,
              [&](Value at, Value value) { memref::StoreOp::create(e.b, e.loc, value, table, ValueRange{at}); });
  }

  void leaveTile(Value, ArrayRef<Value>, ArrayRef<Value>) override {}

  SmallVector<Value> gather(ArrayRef<Value> base, Value positions, Value mask) override {
    SmallVector<Value> gathered;
    VectorType type = e.vectorOf(p.element());
    for (Value at : base) {
      Value pointers = lanesBehind(tablePointer, e.add(imageBase, at), p.bits() / 8, positions);
      gathered.push_back(LLVM::masked_gather::create(e.b, e.loc, type, pointers, mask, e.zero(type),
                                                     e.b.getI32IntegerAttr(int32_t(p.bits() / 8))));
    }
    return gathered;
  }

  void takeSums(const PixelBlock &, Value, Value lane, ValueRange parts, Value mask) override {
    for (auto [at, part] : llvm::enumerate(parts))
      vector::MaskedStoreOp::create(e.b, e.loc, sums, ValueRange{e.add(lane, e.index(int64_t(at) * p.form.lanes))},
                                    mask, part);
  }

  void finish(const PixelBlock &block, Value image, Value bundle) override {
    const int64_t bundleRows = p.form.bundleRows;
    Value first = e.mul(bundle, bundleRows);
    Value here = e.rest(bundleRows, p.weight.rows, first);
    for (auto [at, pixel] : llvm::enumerate(block.pixel)) {
      // Position of row 0.
      Value to = e.add(e.mul(image, p.weight.rows * p.pixels()), pixel);
      e.loop(here, [&](Value row) {
        Value from = e.add(e.mul(row, p.form.width), e.index(int64_t(at) * p.form.lanes));
        Value total = e.toResult(addLanes(from));
        Value place = p.scatters ? row : e.add(to, e.mul(e.add(first, row), p.pixels()));
        memref::StoreOp::create(e.b, e.loc, total, p.scatters ? totals : y, ValueRange{place});
      });
      if (p.scatters)
        scatter(to, first, here);
    }
  }

private:
  int64_t resultBytes() const { return p.result().getIntOrFloatBitWidth() / 8; }

  Value pointer(Value buffer) {
    Value address = memref::ExtractAlignedPointerAsIndexOp::create(e.b, e.loc, buffer);
    address = arith::IndexCastOp::create(e.b, e.loc, e.b.getI64Type(), address);
    return LLVM::IntToPtrOp::create(e.b, e.loc, LLVM::LLVMPointerType::get(e.b.getContext()), address);
  }

  /// The addresses `offsets` bytes behind element `base`. Offsets are unsigned: where LLVM sees that, indexed accesses
  /// take them as narrow as they are.
  Value lanesBehind(Value start, Value base, int64_t bytes, Value offsets) {
    Type i8 = e.b.getI8Type(), i64 = e.b.getI64Type();
    Value origin = LLVM::GEPOp::create(e.b, e.loc, start.getType(), i8, start,
                                       ValueRange{arith::IndexCastOp::create(e.b, e.loc, i64, e.mul(base, bytes))});
    auto wide = cast<VectorType>(offsets.getType()).clone(i64);
    Value behind = arith::ExtUIOp::create(e.b, e.loc, wide, offsets);
    return LLVM::GEPOp::create(e.b, e.loc, wide.clone(start.getType()), i8, origin, ValueRange{behind});
  }

  /// The sum of the lanes of one row.
  Value addLanes(Value from) {
    auto read = [&](Value at) -> Value { return memref::LoadOp::create(e.b, e.loc, sums, ValueRange{at}); };
    if (p.form.width == 1)
      return read(from);
    return e.loop(e.index(0), e.index(p.form.width), e.index(1), {e.zero(p.sum())}, [&](Value j, ValueRange carried) {
      return SmallVector<Value>{e.plus(carried[0], read(e.add(from, j)))};
    })[0];
  }

  /// Writes the totals of a bundle to their rows.
  void scatter(Value to, Value first, Value here) {
    VectorType type = e.vectorOf(p.result());
    Value step = arith::MulIOp::create(e.b, e.loc, e.index(e.lanes), vector::VectorScaleOp::create(e.b, e.loc));
    e.loop(e.index(0), here, step, {}, [&](Value row, ValueRange) {
      Value mask = vector::CreateMaskOp::create(e.b, e.loc, e.vectorOf(e.b.getI1Type()),
                                                ValueRange{arith::SubIOp::create(e.b, e.loc, here, row)});
      Value values = vector::MaskedLoadOp::create(e.b, e.loc, type, totals, ValueRange{row}, mask, e.zero(type));
      Value pointers = lanesBehind(resultPointer, to, resultBytes(), e.load(rows, e.add(first, row), mask));
      LLVM::masked_scatter::create(e.b, e.loc, values, pointers, mask, e.b.getI32IntegerAttr(int32_t(resultBytes())));
      return SmallVector<Value>();
    });
  }

  Value x, y, table, tablePointer, resultPointer, sums, totals, rows, imageBase;
};

} // namespace

std::unique_ptr<GatherUnit> mlir::gs::makeProcessorUnit(KernelBuilder &e) { return std::make_unique<ProcessorUnit>(e); }
