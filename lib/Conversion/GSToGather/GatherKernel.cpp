//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One loop over bundles, within it one over vectors of lanes, within it one over the
// groups of the bundle: load weights and positions, gather, multiply, add. The sums
// of the lanes go through memory once per bundle, where those of one row are added.
//
//===----------------------------------------------------------------------===//
#include "GatherKernel.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::gs;

/// Alignment of globals that hold vectors of the machine, in bytes.
static int64_t alignmentOf(const GatherMachine &machine) { return machine.scalable ? 64 : machine.vectorBits / 8; }

int64_t GatherProduct::tableBytes() const {
  return int64_t(llvm::alignTo(weight.cols * bits() / 8, alignmentOf(*machine)));
}

FailureOr<GatherProduct> GatherProduct::get(MatmulOp op, const GatherMachine &machine, std::string &reason) {
  GatherProduct p;
  p.op = op;
  p.machine = &machine;
  auto fail = [&](const Twine &text) -> FailureOr<GatherProduct> {
    reason = text.str();
    return failure();
  };
  auto weightType = dyn_cast<RankedTensorType>(op->getOperand(0).getType());
  auto inputType = dyn_cast<RankedTensorType>(op->getOperand(1).getType());
  if (!weightType || !inputType || !inputType.hasStaticShape() || inputType.getRank() != 2)
    return fail("it is not on tensors of fixed shape without batch");
  if (inputType.getDimSize(1) != 1)
    return fail("it has " + Twine(inputType.getDimSize(1)) + " columns; only products with one vector gather");
  if (!op->getRegion(0).empty())
    return fail("it has an epilogue; convert before gs-fuse-epilogue");
  Type element = weightType.getElementType();
  if (inputType.getElementType() != element || getElementTypeOrSelf(op->getResult(0).getType()) != element)
    return fail("its weight, input and result have different elements");
  unsigned bits = element.getIntOrFloatBitWidth();
  if (!machine.takes(bits, isa<FloatType>(element)) || element.isBF16()) {
    std::string text;
    llvm::raw_string_ostream(text) << element;
    return fail("the machine does not gather elements of type " + text);
  }
  p.pattern = dyn_cast_or_null<PatternAttrInterface>(weightType.getEncoding());
  auto constant = op->getOperand(0).getDefiningOp<ConstantOp>();
  if (!p.pattern || !constant)
    return fail("its weight is not a gs.constant with a pattern");
  FailureOr<Weight> weight =
      Weight::fromElements(constant.getValues(), constant.getMask().value_or(ElementsAttr()), nullptr);
  if (failed(weight))
    return fail("its weight cannot be read as a matrix");
  p.weight = std::move(*weight);
  p.form = p.pattern.getGroupForm({p.weight.rows, p.weight.cols});
  if (p.form.support != Support::PerLane || p.form.laneRule != LaneRule::ResiduesMod || p.form.unitRows != 1 ||
      p.form.unitCols != 1 || p.form.rowOrder)
    return fail("its weight is not of pattern #gs.gather_scatter with rows in their order");
  if (!machine.scalable && p.form.lanes * bits != machine.vectorBits)
    return fail("the pattern has " + Twine(p.form.lanes) + " banks, a vector of the machine " +
                Twine(machine.vectorBits / bits) + " lanes of this type");
  if (machine.tableBytes) {
    int64_t bytes = p.tableBytes() + (machine.gatherToMemory ? machine.vectorBits / 8 : 0);
    if (bytes > machine.tableBytes)
      return fail("its activations need " + Twine(bytes) + " bytes of tightly coupled memory, which has " +
                  Twine(machine.tableBytes));
    if (bits == 16 && p.tableBytes() > machine.reach16)
      return fail("its activations take " + Twine(p.tableBytes()) + " bytes, of which offsets of 16 bits reach " +
                  Twine(machine.reach16));
  }
  return p;
}

namespace {

/// Writes one function.
class Emitter {
public:
  Emitter(const GatherProduct &p, StringRef name, Operation *before)
      : p(p), name(name), before(before), b(before), loc(p.op->getLoc()), element(p.element()) {}

  FailureOr<func::FuncOp> run();

private:
  Value index(int64_t value) { return arith::ConstantIndexOp::create(b, loc, value); }
  Value add(Value a, Value c) { return arith::AddIOp::create(b, loc, a, c); }
  Value mul(Value a, int64_t by) { return arith::MulIOp::create(b, loc, a, index(by)); }
  Value zero(Type type) { return arith::ConstantOp::create(b, loc, type, b.getZeroAttr(type)); }

  /// w * x + sum; integers wrap around.
  Value multiplyAdd(Value w, Value x, Value sum) {
    if (isa<FloatType>(element))
      return vector::FMAOp::create(b, loc, w, x, sum);
    return arith::AddIOp::create(b, loc, arith::MulIOp::create(b, loc, w, x), sum);
  }
  Value plus(Value a, Value c) {
    if (isa<FloatType>(element))
      return arith::AddFOp::create(b, loc, a, c);
    return arith::AddIOp::create(b, loc, a, c);
  }

  /// for (i = lo; i < hi; i += step) { carried = body(i, carried) }
  ValueRange loop(Value lo, Value hi, Value step, ValueRange carried,
                  function_ref<SmallVector<Value>(Value, ValueRange)> body) {
    auto loop = scf::ForOp::create(b, loc, lo, hi, step, carried);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    SmallVector<Value> yielded = body(loop.getInductionVar(), loop.getRegionIterArgs());
    if (!carried.empty())
      scf::YieldOp::create(b, loc, yielded);
    return loop.getResults();
  }

  /// The contents of a buffer as a global of one dimension.
  Value constant(Buffer &buffer);
  /// Lanes `at`, ... of a global; those beyond the group are not read.
  Value load(Value buffer, Value at, Value mask, Type elementType);
  VectorType vectorOf(Type type) const { return VectorType::get({lanes}, type, ArrayRef<bool>{p.machine->scalable}); }

  // Hexagon.
  LLVM::GlobalOp coupled(StringRef suffix, int64_t bytes);
  void fence();
  void copyTable(Value x);
  Value gatherThroughMemory(Value offsets);

  const GatherProduct &p;
  std::string name;
  Operation *before;
  OpBuilder b;
  Location loc;
  Type element;
  int64_t lanes = 0; ///< of a vector; times the length of the machine if it is scalable
  LLVM::GlobalOp table, gathered;
};

} // namespace

Value Emitter::constant(Buffer &buffer) {
  auto type = MemRefType::get({ShapedType::getNumElements(buffer.shape)}, buffer.elementType);
  std::string symbol = name + "_" + buffer.name;
  auto tensor = RankedTensorType::get(type.getShape(), buffer.elementType);
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPoint(before);
    memref::GlobalOp::create(b, loc, symbol, b.getStringAttr("private"), type,
                             makeElements(tensor, std::move(buffer.data)), /*constant=*/true,
                             b.getI64IntegerAttr(alignmentOf(*p.machine)));
  }
  return memref::GetGlobalOp::create(b, loc, type, symbol);
}

Value Emitter::load(Value buffer, Value at, Value mask, Type elementType) {
  VectorType type = vectorOf(elementType);
  if (!mask)
    return vector::LoadOp::create(b, loc, type, buffer, ValueRange{at});
  return vector::MaskedLoadOp::create(b, loc, type, buffer, ValueRange{at}, mask, zero(type));
}

LLVM::GlobalOp Emitter::coupled(StringRef suffix, int64_t bytes) {
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPoint(before);
  auto type = LLVM::LLVMArrayType::get(b.getI8Type(), bytes);
  auto global = LLVM::GlobalOp::create(b, loc, type, /*isConstant=*/false, LLVM::Linkage::Internal,
                                       (Twine(name) + "_" + suffix).str(), Attribute(), alignmentOf(*p.machine));
  global.setSection(kVTCMSection);
  OpBuilder::InsertionGuard inner(b);
  b.createBlock(&global.getInitializerRegion());
  LLVM::ReturnOp::create(b, loc, LLVM::ZeroOp::create(b, loc, type));
  return global;
}

void Emitter::fence() {
  // The table is an integer to the intrinsics, so LLVM does not know that they read it: nothing may move across.
  LLVM::InlineAsmOp::create(b, loc, TypeRange(), ValueRange(), "", "~{memory}", /*has_side_effects=*/true,
                            /*is_align_stack=*/false, LLVM::TailCallKind::None, LLVM::AsmDialectAttr(), ArrayAttr());
}

void Emitter::copyTable(Value x) {
  Value base = LLVM::AddressOfOp::create(b, loc, table);
  loop(index(0), index(p.weight.cols), index(1), {}, [&](Value i, ValueRange) {
    Value at = arith::IndexCastOp::create(b, loc, b.getI32Type(), i);
    Value to = LLVM::GEPOp::create(b, loc, base.getType(), element, base, ValueRange{at});
    LLVM::StoreOp::create(b, loc, memref::LoadOp::create(b, loc, x, ValueRange{i}), to);
    return SmallVector<Value>();
  });
}

Value Emitter::gatherThroughMemory(Value offsets) {
  Value base = LLVM::AddressOfOp::create(b, loc, table), to = LLVM::AddressOfOp::create(b, loc, gathered);
  Value region = LLVM::PtrToIntOp::create(b, loc, b.getI32Type(), base);
  Value last = arith::ConstantOp::create(b, loc, b.getI32IntegerAttr(int32_t(p.tableBytes() - 1)));
  // Vectors of any lanes are words to the intrinsics.
  auto words = VectorType::get({int64_t(p.machine->vectorBits / 32)}, b.getI32Type());
  if (offsets.getType() != words)
    offsets = vector::BitCastOp::create(b, loc, words, offsets);
  StringRef intrinsic = p.bits() == 16 ? "llvm.hexagon.V6.vgathermh.128B" : "llvm.hexagon.V6.vgathermw.128B";
  LLVM::CallIntrinsicOp::create(b, loc, b.getStringAttr(intrinsic), ValueRange{to, region, last, offsets});
  return LLVM::LoadOp::create(b, loc, vectorOf(element), to, unsigned(alignmentOf(*p.machine)));
}

FailureOr<func::FuncOp> Emitter::run() {
  const GatherMachine &machine = *p.machine;
  const unsigned bits = p.bits();
  const int64_t banks = p.form.lanes, rows = p.form.bundleRows, width = p.form.width;
  lanes = machine.vectorBits / bits;

  Schema schema;
  schema.indexBits = machine.gatherToMemory ? bits : 32;
  if (machine.gatherToMemory) // byte offsets
    for (int64_t column = 0; column < p.weight.cols; ++column)
      schema.columnIndex.push_back(column * bits / 8);
  FailureOr<std::vector<Buffer>> buffers = p.pattern.pack(p.weight, schema, [&] { return p.op->emitOpError(); });
  if (failed(buffers))
    return failure();
  if (machine.gatherToMemory) {
    table = coupled("table", p.tableBytes());
    gathered = coupled("gathered", machine.vectorBits / 8);
  }

  auto inputType = MemRefType::get({p.weight.cols}, element), resultType = MemRefType::get({p.weight.rows}, element);
  auto function = func::FuncOp::create(b, loc, name, b.getFunctionType({inputType, resultType}, {}));
  Block *entry = function.addEntryBlock();
  b.setInsertionPointToStart(entry);
  Value x = entry->getArgument(0), y = entry->getArgument(1);
  Value values, indices, offsets;
  for (Buffer &buffer : *buffers) {
    Value loaded = constant(buffer);
    (buffer.name == "values" ? values : buffer.name == "indices" ? indices : offsets) = loaded;
  }
  Value sums = memref::AllocaOp::create(b, loc, MemRefType::get({banks}, element));
  if (table) {
    fence(); // The last call may have gathered from the table.
    copyTable(x);
    fence();
  }
  Value step = index(lanes);
  if (machine.scalable)
    step = arith::MulIOp::create(b, loc, step, vector::VectorScaleOp::create(b, loc));
  Type indexType = cast<MemRefType>(indices.getType()).getElementType();

  auto offsetAt = [&](Value at) -> Value {
    Value loaded = memref::LoadOp::create(b, loc, offsets, ValueRange{at});
    return arith::IndexCastUIOp::create(b, loc, b.getIndexType(), loaded);
  };
  loop(index(0), index(p.form.numBundles(p.weight.rows)), index(1), {}, [&](Value bundle, ValueRange) {
    Value lo = offsetAt(bundle), hi = offsetAt(add(bundle, index(1)));
    loop(index(0), index(banks), step, {}, [&](Value lane, ValueRange) {
      Value mask;
      if (machine.scalable)
        mask = vector::CreateMaskOp::create(b, loc, vectorOf(b.getI1Type()),
                                            ValueRange{arith::SubIOp::create(b, loc, index(banks), lane)});
      Value sum = loop(lo, hi, index(1), {zero(vectorOf(element))}, [&](Value group, ValueRange carried) {
        Value at = add(mul(group, banks), lane);
        Value position = load(indices, at, mask, indexType);
        Value gatheredLanes = table ? gatherThroughMemory(position)
                                    : vector::GatherOp::create(b, loc, vectorOf(element), x, ValueRange{index(0)},
                                                               position, mask, zero(vectorOf(element)))
                                          .getResult();
        return SmallVector<Value>{multiplyAdd(load(values, at, mask, element), gatheredLanes, carried[0])};
      })[0];
      if (mask)
        vector::MaskedStoreOp::create(b, loc, sums, ValueRange{lane}, mask, sum);
      else
        vector::StoreOp::create(b, loc, sum, sums, ValueRange{lane});
      return SmallVector<Value>();
    });
    Value first = mul(bundle, rows);
    Value here =
        arith::MinUIOp::create(b, loc, index(rows), arith::SubIOp::create(b, loc, index(p.weight.rows), first));
    loop(index(0), here, index(1), {}, [&](Value row, ValueRange) {
      Value total = loop(index(0), index(width), index(1), {zero(element)}, [&](Value j, ValueRange carried) {
        return SmallVector<Value>{
            plus(carried[0], memref::LoadOp::create(b, loc, sums, ValueRange{add(mul(row, width), j)}))};
      })[0];
      memref::StoreOp::create(b, loc, total, y, ValueRange{add(first, row)});
      return SmallVector<Value>();
    });
    return SmallVector<Value>();
  });
  func::ReturnOp::create(b, loc);
  return function;
}

FailureOr<func::FuncOp> mlir::gs::emitGatherKernel(const GatherProduct &product, StringRef name, Operation *before) {
  return Emitter(product, name, before).run();
}
