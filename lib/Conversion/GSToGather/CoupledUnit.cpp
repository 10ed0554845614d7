//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Hexagon: a tile of activations is copied into tightly coupled memory (VTCM), gathers
// go from there to there, and so do sums. Scatters that add put the lanes of one row
// together, and send rows to their places. All kernels of a module share the memory,
// because nothing in it outlives a call.
//
//===----------------------------------------------------------------------===//
#include "GatherKernel.h"
#include "GatherUnit.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::gs;

namespace {

class CoupledUnit : public GatherUnit {
public:
  using GatherUnit::GatherUnit;

  void begin(Value x, Value y) override {
    this->x = x;
    this->y = y;
    sumsAt = p.tableBytes() + p.gatheredBytes();
    reserve(sumsAt + p.sumsBytes());
    memory = LLVM::AddressOfOp::create(e.b, e.loc, global);
    if (p.scatters || accumulates())
      rows = e.constant("rows", sumOffsets(), laneOffsets(p.scatters ? p.bundles() : 1, p.sumBytes(), sumBits()));
  }

  void enterTile(Value image, ArrayRef<Value> start) override {
    fence(); // The last tile, or call, may have gathered from the table.
    fillTable(x, image, start, [&](Value at, Value value) { LLVM::StoreOp::create(e.b, e.loc, value, place(0, at)); });
    if (accumulates()) {
      Type i8 = e.b.getI8Type();
      Value bytes = arith::ConstantOp::create(e.b, e.loc, e.b.getI32IntegerAttr(int32_t(p.sumsBytes())));
      LLVM::MemsetOp::create(e.b, e.loc, bytesBehind(sumsAt, Value()), e.zero(i8), bytes, /*isVolatile=*/false);
    }
    fence();
  }

  SmallVector<Value> gather(ArrayRef<Value> base, Value positions, Value) override {
    Value last = arith::ConstantOp::create(e.b, e.loc, e.b.getI32IntegerAttr(int32_t(p.windowBytes() - 1)));
    StringRef intrinsic = p.bits() == 16 ? "llvm.hexagon.V6.vgathermh.128B" : "llvm.hexagon.V6.vgathermw.128B";
    positions = words(positions);
    SmallVector<Value> places, gathered;
    for (auto [at, origin] : llvm::enumerate(base)) {
      places.push_back(bytesBehind(p.tableBytes() + int64_t(at) * vectorBytes(), Value()));
      LLVM::CallIntrinsicOp::create(e.b, e.loc, e.b.getStringAttr(intrinsic),
                                    ValueRange{places.back(), region(0, e.mul(origin, p.bits() / 8)), last, positions});
    }
    for (Value from : places)
      gathered.push_back(LLVM::LoadOp::create(e.b, e.loc, e.vectorOf(p.element()), from, unsigned(vectorBytes())));
    return gathered;
  }

  void takeSums(const PixelBlock &block, Value bundle, Value first, ValueRange sums, Value) override {
    const int64_t lanes = vectorBytes() / p.sumBytes(); // of one vector of sums
    for (auto [pixel, sum] : llvm::zip(block.pixel, sums))
      for (int64_t at = 0; at < e.lanes; at += lanes) {
        Value part = sum;
        if (lanes < e.lanes)
          part = vector::ExtractStridedSliceOp::create(e.b, e.loc, sum, ArrayRef<int64_t>{at}, ArrayRef<int64_t>{lanes},
                                                       ArrayRef<int64_t>{1});
        Value lane = at ? e.add(first, e.index(at)) : first;
        Value row = e.mul(pixel, p.paddedRows());
        if (!p.scatters)
          row = e.add(row, e.mul(bundle, p.form.bundleRows));
        if (rows)
          scatter(row, bundle, lane, part);
        else
          LLVM::StoreOp::create(e.b, e.loc, part, place(sumsAt, e.add(row, lane), p.sum()), unsigned(vectorBytes()));
      }
  }

  void finish(const PixelBlock &, Value, Value) override {}

  void leaveTile(Value image, ArrayRef<Value> start, ArrayRef<Value> extent) override {
    if (rows) // Reading waits until all scatters are done.
      assembly("vmem($0+#0):scatter_release\nv0 = vmem($0+#0)", {bytesBehind(sumsAt, Value())}, "r,~{v0},~{memory}");
    fence();
    forEachPixel(extent, [&](ArrayRef<Value> at, Value pixel) {
      Value to = image;
      to = e.mul(to, p.weight.rows);
      for (int d = 0; d < 3; ++d)
        to = e.add(e.mul(to, p.dims[d].out), e.add(start[d], at[d]));
      e.loop(p.weight.rows, [&](Value row) {
        Value from = place(sumsAt, e.add(e.mul(pixel, p.paddedRows()), row), p.sum());
        Value sum = LLVM::LoadOp::create(e.b, e.loc, p.sum(), from);
        memref::StoreOp::create(e.b, e.loc, e.toResult(sum), y, ValueRange{e.add(to, e.mul(row, p.pixels()))});
      });
    });
  }

private:
  int64_t vectorBytes() const { return p.machine->vectorBits / 8; }
  unsigned sumBits() const { return unsigned(p.sumBytes()) * 8; }
  Type sumOffsets() { return e.b.getIntegerType(sumBits()); }
  /// Whether sums are added to what lies in memory.
  bool accumulates() const { return p.form.width * p.groupsPerVector() > 1; }

  /// The memory that all kernels share, at least `bytes` large.
  void reserve(int64_t bytes) {
    auto module = e.before->getParentOfType<ModuleOp>();
    OpBuilder b(module.getContext());
    auto type = LLVM::LLVMArrayType::get(b.getI8Type(), llvm::alignTo(bytes, vectorBytes()));
    global = module.lookupSymbol<LLVM::GlobalOp>(kCoupledMemory);
    if (global) {
      if (cast<LLVM::LLVMArrayType>(global.getGlobalType()).getNumElements() >= type.getNumElements())
        return;
      global.setGlobalType(type);
      global.getInitializerRegion().front().clear();
      b.setInsertionPointToStart(&global.getInitializerRegion().front());
    } else {
      b.setInsertionPointToStart(module.getBody());
      global = LLVM::GlobalOp::create(b, e.loc, type, /*isConstant=*/false, LLVM::Linkage::Internal, kCoupledMemory,
                                      Attribute(), vectorBytes());
      global.setSection(kVTCMSection);
      b.createBlock(&global.getInitializerRegion());
    }
    LLVM::ReturnOp::create(b, e.loc, LLVM::ZeroOp::create(b, e.loc, type));
  }

  /// The address `constant` + `bytes` behind the start of the memory.
  Value bytesBehind(int64_t constant, Value bytes) {
    Value address = memory;
    if (constant)
      address = LLVM::GEPOp::create(e.b, e.loc, memory.getType(), e.b.getI8Type(), address,
                                    ArrayRef<LLVM::GEPArg>{int32_t(constant)});
    if (bytes)
      address = LLVM::GEPOp::create(e.b, e.loc, memory.getType(), e.b.getI8Type(), address, ValueRange{toI32(bytes)});
    return address;
  }
  Value toI32(Value value) { return arith::IndexCastOp::create(e.b, e.loc, e.b.getI32Type(), value); }
  Value place(int64_t constant, Value element, Type type = Type()) {
    type = type ? type : p.element();
    return bytesBehind(constant, e.mul(element, type.getIntOrFloatBitWidth() / 8));
  }
  /// The same as an integer, as gathers and scatters take it.
  Value region(int64_t constant, Value bytes) {
    Value start = LLVM::PtrToIntOp::create(e.b, e.loc, e.b.getI32Type(), memory);
    return e.add(start, toI32(e.add(bytes, e.index(constant))));
  }
  /// Vectors of any lanes are words to the intrinsics.
  Value words(Value vector) {
    auto type = VectorType::get({int64_t(p.machine->vectorBits / 32)}, e.b.getI32Type());
    return vector.getType() == type ? vector : vector::BitCastOp::create(e.b, e.loc, type, vector).getResult();
  }

  void scatter(Value row, Value bundle, Value lane, Value part) {
    // All rows, or those of the bundle.
    int64_t reach = (p.scatters ? p.paddedRows() : p.form.bundleRows) * p.sumBytes();
    Value at = p.scatters ? e.add(lane, e.mul(bundle, p.sumLanes())) : lane;
    Type type = VectorType::get(cast<VectorType>(part.getType()).getShape(), sumOffsets());
    Value offsets = vector::LoadOp::create(e.b, e.loc, cast<VectorType>(type), rows, ValueRange{at});
    std::string intrinsic = sumBits() == 16 ? "llvm.hexagon.V6.vscattermh" : "llvm.hexagon.V6.vscattermw";
    intrinsic += accumulates() ? ".add.128B" : ".128B";
    Value last = arith::ConstantOp::create(e.b, e.loc, e.b.getI32IntegerAttr(int32_t(reach - 1)));
    LLVM::CallIntrinsicOp::create(
        e.b, e.loc, e.b.getStringAttr(intrinsic),
        ValueRange{region(sumsAt, e.mul(row, p.sumBytes())), last, words(offsets), words(part)});
  }

  /// Calls `body` with the coordinates of each output of the tile and its position there.
  void forEachPixel(ArrayRef<Value> extent, function_ref<void(ArrayRef<Value>, Value)> body) {
    e.loop(extent[0], [&](Value d) {
      e.loop(extent[1], [&](Value h) {
        e.loop(extent[2], [&](Value w) { body({d, h, w}, e.add(e.mul(e.add(e.mul(d, p.tile[1]), h), p.tile[2]), w)); });
      });
    });
  }

  void assembly(StringRef text, ValueRange operands, StringRef constraints) {
    LLVM::InlineAsmOp::create(e.b, e.loc, TypeRange(), operands, text, constraints, /*has_side_effects=*/true,
                              /*is_align_stack=*/false, LLVM::TailCallKind::None, LLVM::AsmDialectAttr(), ArrayAttr());
  }
  /// The memory is an integer to the intrinsics, so LLVM does not know that they use it: nothing may move across.
  void fence() { assembly("", ValueRange(), "~{memory}"); }

  Value x, y, memory, rows;
  LLVM::GlobalOp global;
  int64_t sumsAt = 0; ///< bytes of the memory in front of sums
};

} // namespace

std::unique_ptr<GatherUnit> mlir::gs::makeCoupledUnit(KernelBuilder &e) { return std::make_unique<CoupledUnit>(e); }
