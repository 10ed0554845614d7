//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where tables of Hexagon's gathers lie. QEMU accepts any address, so a test that
// runs says nothing about placement.
//
//===----------------------------------------------------------------------===//
#include "GatherKernel.h"
#include "gs/Conversion/GSToGather/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/SymbolTable.h"

namespace mlir::gs {
#define GEN_PASS_DEF_VERIFYGATHERPLACEMENT
#include "gs/Conversion/GSToGather/Passes.h.inc"
} // namespace mlir::gs

using namespace mlir;
using namespace mlir::gs;

static constexpr int64_t kVectorBytes = 128;
static constexpr StringLiteral kPrefix = "llvm.hexagon.V6.v";

/// Bytes of a global of bytes; 0 for another type.
static int64_t bytesOf(LLVM::GlobalOp global) {
  auto array = dyn_cast<LLVM::LLVMArrayType>(global.getGlobalType());
  return array && array.getElementType().isInteger(8) ? int64_t(array.getNumElements()) : 0;
}

/// The global whose address `value` is, as a pointer or an integer; null if it may be another.
static LLVM::GlobalOp globalOf(Value value, SymbolTableCollection &symbols) {
  if (auto cast = value.getDefiningOp<LLVM::PtrToIntOp>())
    value = cast.getArg();
  auto address = value.getDefiningOp<LLVM::AddressOfOp>();
  return address ? symbols.lookupNearestSymbolFrom<LLVM::GlobalOp>(address, address.getGlobalNameAttr())
                 : LLVM::GlobalOp();
}

static LogicalResult verifyCall(LLVM::CallIntrinsicOp call, SymbolTableCollection &symbols) {
  const bool gathers = call.getIntrin().contains("vgather");
  ValueRange args = call.getArgs();
  // A gather names its result first; a predicated one has the predicate behind it.
  const bool predicated = call.getIntrin().drop_front(kPrefix.size()).contains('q');
  const size_t table = size_t(gathers) + size_t(predicated);
  if (args.size() < table + 2)
    return call.emitOpError("has too few arguments for a gather or scatter");
  auto check = [&](Value value, StringRef what, int64_t &bytes) -> LogicalResult {
    LLVM::GlobalOp global = globalOf(value, symbols);
    if (!global || global.getSection().value_or("") != kVTCMSection)
      return call.emitOpError() << "its " << what
                                << " is not known to lie in tightly coupled memory; use the address of "
                                << "a global of section \"" << kVTCMSection << "\"";
    bytes = bytesOf(global);
    if (global.getAlignment().value_or(1) % kVectorBytes || bytes < kVectorBytes)
      return call.emitOpError() << "its " << what << " is no whole vector aligned to " << kVectorBytes << " bytes";
    return success();
  };
  int64_t bytes = 0;
  if ((gathers && failed(check(args[0], "result", bytes))) || failed(check(args[table], "table", bytes)))
    return failure();
  IntegerAttr last;
  if (!matchPattern(args[table + 1], m_Constant(&last)))
    return call.emitOpError("the length of its table is no constant, so that nothing bounds its offsets");
  if (last.getInt() < 0 || last.getInt() >= bytes)
    return call.emitOpError() << "its table ends at byte " << last.getInt() << " of a buffer of " << bytes << " bytes";
  return success();
}

LogicalResult mlir::gs::verifyGatherPlacement(ModuleOp module) {
  SymbolTableCollection symbols;
  bool wrong = false;
  module.walk([&](LLVM::CallIntrinsicOp call) {
    StringRef name = call.getIntrin();
    if (name.consume_front(kPrefix) && (name.starts_with("gather") || name.starts_with("scatter")))
      wrong |= failed(verifyCall(call, symbols));
  });
  const GatherMachine *hexagon = resolveGatherMachine("hexagon-hvx", [](const Twine &) {});
  int64_t bytes = 0;
  for (LLVM::GlobalOp global : module.getOps<LLVM::GlobalOp>())
    if (global.getSection().value_or("") == kVTCMSection)
      bytes += int64_t(llvm::alignTo(bytesOf(global), kVectorBytes));
  if (bytes > hexagon->tableBytes)
    return module.emitError() << "all tables of gathers take " << bytes
                              << " bytes of tightly coupled memory, which has " << hexagon->tableBytes
                              << "; convert the products in several modules";
  return failure(wrong);
}

namespace {
class VerifyGatherPlacement : public mlir::gs::impl::VerifyGatherPlacementBase<VerifyGatherPlacement> {
public:
  using Base::Base;

  void runOnOperation() override {
    if (failed(verifyGatherPlacement(getOperation())))
      signalPassFailure();
  }
};
} // namespace
