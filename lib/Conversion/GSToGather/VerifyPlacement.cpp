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
#include "mlir/Analysis/DataFlow/IntegerRangeAnalysis.h"
#include "mlir/Analysis/DataFlow/Utils.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/SymbolTable.h"
#include <optional>

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

namespace {

/// A place in a global: its displacement lies in [least, most], in bytes.
struct Place {
  LLVM::GlobalOp global;
  int64_t least = 0, most = 0;
};

class Verifier {
public:
  explicit Verifier(ModuleOp module) : module(module) {
    dataflow::loadBaselineAnalyses(solver);
    solver.load<dataflow::IntegerRangeAnalysis>();
  }

  LogicalResult run() {
    SmallVector<LLVM::CallIntrinsicOp> calls;
    module.walk([&](LLVM::CallIntrinsicOp call) {
      StringRef name = call.getIntrin();
      if (name.consume_front(kPrefix) && (name.starts_with("gather") || name.starts_with("scatter")))
        calls.push_back(call);
    });
    if (!calls.empty() && failed(solver.initializeAndRun(module)))
      return module.emitError("the ranges of displacements cannot be analysed");
    bool wrong = false;
    for (LLVM::CallIntrinsicOp call : calls)
      wrong |= failed(verifyCall(call));
    return failure(wrong);
  }

private:
  /// Values that an integer may have, as signed numbers; nothing if that is not known.
  std::optional<std::pair<int64_t, int64_t>> rangeOf(Value value) {
    APInt constant;
    if (matchPattern(value, m_ConstantInt(&constant)))
      return std::pair(constant.getSExtValue(), constant.getSExtValue());
    const auto *known = solver.lookupState<dataflow::IntegerValueRangeLattice>(value);
    if (!known || known->getValue().isUninitialized())
      return std::nullopt;
    const ConstantIntRanges &range = known->getValue().getValue();
    return std::pair(range.smin().getSExtValue(), range.smax().getSExtValue());
  }

  /// `place` moved by `bytes`.
  std::optional<Place> moved(std::optional<Place> place, Value bytes) {
    auto range = rangeOf(bytes);
    if (!place || !range)
      return std::nullopt;
    return Place{place->global, place->least + range->first, place->most + range->second};
  }

  /// Where an address points to, given as a pointer or an integer; nothing if that is not known.
  std::optional<Place> locate(Value value) {
    if (auto cast = value.getDefiningOp<LLVM::PtrToIntOp>())
      return locate(cast.getArg());
    if (auto address = value.getDefiningOp<LLVM::AddressOfOp>()) {
      auto global = symbols.lookupNearestSymbolFrom<LLVM::GlobalOp>(address, address.getGlobalNameAttr());
      return global ? std::optional(Place{global}) : std::nullopt;
    }
    if (auto add = value.getDefiningOp<arith::AddIOp>()) {
      std::optional<Place> place = moved(locate(add.getLhs()), add.getRhs());
      return place ? place : moved(locate(add.getRhs()), add.getLhs());
    }
    auto element = value.getDefiningOp<LLVM::GEPOp>();
    if (!element || !element.getElemType().isInteger(8) || element.getIndices().size() != 1)
      return std::nullopt;
    std::optional<Place> place = locate(element.getBase());
    auto index = element.getIndices()[0];
    if (auto value = dyn_cast<Value>(index))
      return moved(place, value);
    int64_t constant = cast<IntegerAttr>(index).getInt();
    return place ? std::optional(Place{place->global, place->least + constant, place->most + constant}) : place;
  }

  /// A place in tightly coupled memory.
  FailureOr<Place> check(LLVM::CallIntrinsicOp call, Value value, StringRef what) {
    std::optional<Place> place = locate(value);
    if (!place || place->global.getSection().value_or("") != kVTCMSection)
      return call.emitOpError() << "its " << what
                                << " is not known to lie in tightly coupled memory; use the address of "
                                << "a global of section \"" << kVTCMSection << "\"";
    int64_t bytes = bytesOf(place->global);
    if (place->global.getAlignment().value_or(1) % kVectorBytes || bytes < kVectorBytes)
      return call.emitOpError() << "its " << what << " is no whole vector aligned to " << kVectorBytes << " bytes";
    if (place->least < 0 || place->most >= bytes)
      return call.emitOpError() << "its " << what << " lies " << place->least << " to " << place->most
                                << " bytes behind the start of a buffer of " << bytes << " bytes";
    return *place;
  }

  LogicalResult verifyCall(LLVM::CallIntrinsicOp call) {
    const bool gathers = call.getIntrin().contains("vgather");
    ValueRange args = call.getArgs();
    // A gather names its result first; a predicated one has the predicate behind it.
    const bool predicated = call.getIntrin().drop_front(kPrefix.size()).contains('q');
    const size_t table = size_t(gathers) + size_t(predicated);
    if (args.size() < table + 2)
      return call.emitOpError("has too few arguments for a gather or scatter");
    if (gathers) {
      FailureOr<Place> result = check(call, args[0], "result");
      if (failed(result))
        return failure();
      if (result->least != result->most || result->least % kVectorBytes ||
          result->least + kVectorBytes > bytesOf(result->global))
        return call.emitOpError() << "its result is no whole vector aligned to " << kVectorBytes << " bytes";
    }
    FailureOr<Place> place = check(call, args[table], "table");
    if (failed(place))
      return failure();
    IntegerAttr last;
    if (!matchPattern(args[table + 1], m_Constant(&last)))
      return call.emitOpError("the length of its table is no constant, so that nothing bounds its offsets");
    int64_t bytes = bytesOf(place->global), end = place->most + last.getInt();
    if (last.getInt() < 0 || end >= bytes)
      return call.emitOpError() << "its table ends at byte " << end << " of a buffer of " << bytes << " bytes";
    return success();
  }

  ModuleOp module;
  SymbolTableCollection symbols;
  DataFlowSolver solver;
};

} // namespace

LogicalResult mlir::gs::verifyGatherPlacement(ModuleOp module) {
  const bool wrong = failed(Verifier(module).run());
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
