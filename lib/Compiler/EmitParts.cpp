//===- EmitParts.cpp - Machine code of the kernels on several threads -----===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How the network is cut depends on nothing but the module, so that the bytes of the result do not depend on the number
// of threads.
//
//===----------------------------------------------------------------------===//

#include "EmitInternal.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/IR/Threading.h"
#include "llvm/ADT/SmallSet.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetMachine.h"
#include <mutex>

using namespace mlir;
using namespace mlir::gs;

/// Operations of a part: enough that setting up LLVM for it does not count, few enough that there are parts for all
/// threads.
static constexpr size_t kPartOperations = 3000;

/// In front of the names of what parts share, so that no name of a kernel is one of the C library.
static constexpr llvm::StringLiteral kPartPrefix = "gs.";

EmitParts::EmitParts(ModuleOp module) {
  SymbolTable symbols(module);
  SmallVector<Operation *> order; // all symbols
  DenseMap<Operation *, SmallVector<Operation *>> users;
  DenseMap<Operation *, size_t> part; // 0 is the network
  auto isDefinition = [](Operation *op) {
    auto function = dyn_cast<LLVM::LLVMFuncOp>(op);
    return !function || !function.isExternal();
  };
  for (Operation &op : *module.getBody()) {
    if (!isa<SymbolOpInterface>(op))
      continue;
    order.push_back(&op);
    if (std::optional<SymbolTable::UseRange> uses = SymbolTable::getSymbolUses(&op))
      for (SymbolTable::SymbolUse use : *uses)
        if (Operation *used = symbols.lookup(use.getSymbolRef().getRootReference()))
          users[used].push_back(&op);
  }

  // Kernels in their order fill one part after the other.
  size_t parts = 0, filled = kPartOperations;
  for (Operation *op : order) {
    if (!isa<LLVM::LLVMFuncOp>(op) || !op->hasAttr("gs.kernel") || !isDefinition(op))
      continue;
    size_t size = 0;
    op->walk([&](Operation *) { ++size; });
    if (filled >= kPartOperations) {
      ++parts;
      filled = 0;
    }
    part[op] = parts;
    filled += size;
  }
  // What a single part uses moves into it.
  for (bool changed = true; changed;) {
    changed = false;
    for (Operation *op : order) {
      if (part.contains(op) || !isDefinition(op) || users[op].empty())
        continue;
      auto found = part.find(users[op].front());
      if (found == part.end())
        continue;
      size_t owner = found->second;
      if (llvm::all_of(users[op], [&](Operation *user) { return part.lookup(user) == owner; })) {
        part[op] = owner;
        changed = true;
      }
    }
  }

  llvm::StringSet<> names; // of what more than one part knows
  for (Operation *op : order)
    if (isDefinition(op) &&
        llvm::any_of(users[op], [&](Operation *user) { return part.lookup(user) != part.lookup(op); }))
      names.insert(SymbolTable::getSymbolName(op).getValue());
  shared.assign(names.keys().begin(), names.keys().end());
  llvm::sort(shared);

  for (size_t i = 0; i <= parts; ++i) {
    modules.push_back(ModuleOp::create(module.getLoc()));
    if (i == 0)
      modules[0]->getOperation()->setAttrs(module->getAttrDictionary());
  }
  // Definitions where they belong, declarations where they are used.
  for (Operation *op : order) {
    size_t owner = part.lookup(op);
    llvm::SmallSet<size_t, 4> wanted;
    for (Operation *user : users[op])
      wanted.insert(part.lookup(user));
    if (isDefinition(op))
      wanted.insert(owner);
    for (size_t i = 0; i <= parts; ++i) {
      if (!wanted.contains(i))
        continue;
      OpBuilder b = OpBuilder::atBlockEnd(modules[i]->getBody());
      if (i == owner || !isDefinition(op)) {
        b.clone(*op);
        continue;
      }
      Operation *declaration = b.cloneWithoutRegions(*op);
      if (auto function = dyn_cast<LLVM::LLVMFuncOp>(declaration)) {
        function.setLinkage(LLVM::Linkage::External);
        continue;
      }
      auto global = cast<LLVM::GlobalOp>(declaration);
      global.removeValueAttr();
      global.setLinkage(LLVM::Linkage::External);
    }
  }
}

void EmitParts::shareNames(llvm::Module &module) const {
  for (const std::string &name : shared)
    if (llvm::GlobalValue *value = module.getNamedValue(name)) {
      value->setLinkage(llvm::GlobalValue::ExternalLinkage);
      value->setVisibility(llvm::GlobalValue::HiddenVisibility);
      value->setDSOLocal(true);
      value->setName(kPartPrefix + name);
    }
}

llvm::LogicalResult EmitParts::emitKernels(const ModelInfo &model, const TargetSpec &target, unsigned optLevel,
                                           EmitErrorFn emitError, EmitTimes &spent,
                                           std::vector<std::string> &objects) const {
  objects.resize(modules.size() - 1);
  std::mutex mutex; // of the diagnostics and the times
  auto emit = [&](size_t i) -> llvm::LogicalResult {
    auto fail = [&](const llvm::Twine &message) {
      std::lock_guard<std::mutex> lock(mutex);
      emitError(message);
    };
    EmitTimes own;
    llvm::LLVMContext context;
    std::unique_ptr<llvm::TargetMachine> machine = makeTargetMachine(target, model, optLevel, fail);
    if (!machine)
      return llvm::failure();
    std::unique_ptr<llvm::Module> ir;
    {
      StepTimer timer(own.translate);
      ir = translateModule(*modules[i + 1], model, target, *machine, context, fail);
      if (!ir)
        return llvm::failure();
      for (llvm::GlobalValue &value : ir->global_values())
        if (!value.isDeclaration())
          value.setLinkage(llvm::GlobalValue::InternalLinkage);
      shareNames(*ir);
    }
    {
      StepTimer timer(own.optimize);
      optimizeModule(*ir, *machine, optLevel);
    }
    {
      StepTimer timer(own.codegen);
      llvm::SmallVector<char, 0> bytes;
      llvm::raw_svector_ostream os(bytes);
      if (failed(writeObject(*ir, *machine, os, fail)))
        return llvm::failure();
      objects[i].assign(bytes.begin(), bytes.end());
    }
    std::lock_guard<std::mutex> lock(mutex);
    spent.translate += own.translate;
    spent.optimize += own.optimize;
    spent.codegen += own.codegen;
    return llvm::success();
  };
  MLIRContext *context = modules.front()->getContext();
  return mlir::failableParallelForEachN(context, 0, objects.size(), emit);
}
