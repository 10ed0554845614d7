//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A lowered network in the memory of this process.
//
//===----------------------------------------------------------------------===//
#include "Jit.h"
#include "EmitInternal.h"
#include "llvm/ExecutionEngine/Orc/AbsoluteSymbols.h"
#include "llvm/ExecutionEngine/Orc/ExecutionUtils.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Target/TargetMachine.h"

using namespace mlir;
using namespace mlir::gs;

JitModel::JitModel() = default;
JitModel::JitModel(JitModel &&) = default;
JitModel::~JitModel() = default;

/// launch_N(buffers...) { launch(context, N, {buffers...}); }
static void giveBody(llvm::Function &function, int64_t index, JitModel::LaunchFn launch, void *context) {
  llvm::LLVMContext &llvmContext = function.getContext();
  llvm::IRBuilder<> b(llvm::BasicBlock::Create(llvmContext, "", &function));
  llvm::Type *ptr = b.getPtrTy(), *i64 = b.getInt64Ty();
  auto *arrayType = llvm::ArrayType::get(ptr, function.arg_size());
  llvm::Value *array = b.CreateAlloca(arrayType);
  for (llvm::Argument &argument : function.args())
    b.CreateStore(&argument, b.CreateConstInBoundsGEP2_64(arrayType, array, 0, argument.getArgNo()));
  auto address = [&](const void *pointer) {
    return b.CreateIntToPtr(b.getInt64(reinterpret_cast<uint64_t>(pointer)), ptr);
  };
  b.CreateCall(llvm::FunctionType::get(b.getVoidTy(), {ptr, i64, ptr}, false),
               address(reinterpret_cast<const void *>(launch)), {address(context), b.getInt64(index), array});
  b.CreateRetVoid();
}

FailureOr<JitModel> JitModel::create(ModuleOp module, const ModelInfo &info, const TargetSpec &target,
                                     ArrayRef<std::string> launches, LaunchFn launch, void *context,
                                     EmitErrorFn emitError) {
  llvm::LLVMContext llvmContext;
  std::unique_ptr<llvm::TargetMachine> machine = makeTargetMachine(target, info, 3, emitError);
  if (!machine)
    return failure();
  std::unique_ptr<llvm::Module> ir = translateModule(module, info, target, *machine, llvmContext, emitError);
  if (!ir)
    return failure();
  for (auto [index, name] : llvm::enumerate(launches))
    if (llvm::Function *function = ir->getFunction(name); function && function->isDeclaration())
      giveBody(*function, int64_t(index), launch, context);
  if (failed(addInterface(*ir, info, target, cIdentifier(info.name), /*executable=*/true, emitError)))
    return failure();
  optimizeModule(*ir, *machine, 3);
  llvm::SmallVector<char, 0> object;
  llvm::raw_svector_ostream os(object);
  if (failed(writeObject(*ir, *machine, os, emitError)))
    return failure();

  auto fail = [&](llvm::Error error) {
    emitError("cannot load the host's part of the network: " + llvm::toString(std::move(error)));
    return failure();
  };
  llvm::Expected<std::unique_ptr<llvm::orc::LLJIT>> jit =
      llvm::orc::LLJITBuilder()
          .setJITTargetMachineBuilder(llvm::orc::JITTargetMachineBuilder(llvm::Triple(target.triple)))
          .create();
  if (!jit)
    return fail(jit.takeError());
  llvm::orc::JITDylib &library = (*jit)->getMainJITDylib();
  // The runtime is part of this program; everything else is the C library's.
  llvm::orc::SymbolMap runtime;
  auto define = [&](StringRef name, void *address) {
    runtime[(*jit)->mangleAndIntern(name)] = {llvm::orc::ExecutorAddr::fromPtr(address),
                                              llvm::JITSymbolFlags::Exported | llvm::JITSymbolFlags::Callable};
  };
  define("gsrt_barrier", reinterpret_cast<void *>(&gsrt_barrier));
  define("gsrt_layer", reinterpret_cast<void *>(&gsrt_layer));
  define("gsrt_layer_part", reinterpret_cast<void *>(&gsrt_layer_part));
  if (llvm::Error error = library.define(llvm::orc::absoluteSymbols(std::move(runtime))))
    return fail(std::move(error));
  auto process =
      llvm::orc::DynamicLibrarySearchGenerator::GetForCurrentProcess((*jit)->getDataLayout().getGlobalPrefix());
  if (!process)
    return fail(process.takeError());
  library.addGenerator(std::move(*process));
  if (llvm::Error error = (*jit)->addObjectFile(
          llvm::MemoryBuffer::getMemBufferCopy(StringRef(object.data(), object.size()), "network")))
    return fail(std::move(error));
  llvm::Expected<llvm::orc::ExecutorAddr> main = (*jit)->lookup("gsrt_main_model");
  if (!main)
    return fail(main.takeError());
  JitModel result;
  result.descriptor = *main->toPtr<const gsrt_model *const *>();
  result.jit = std::move(*jit);
  return result;
}
