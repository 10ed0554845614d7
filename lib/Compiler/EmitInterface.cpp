//===- EmitInterface.cpp - What a compiled model exports ------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "EmitInternal.h"
#include "gs/Runtime/gsrt.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/DerivedTypes.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir::gs;

std::string mlir::gs::cIdentifier(llvm::StringRef name) {
  std::string identifier;
  for (char c : name)
    identifier += llvm::isAlnum(c) ? c : '_';
  if (identifier.empty() || llvm::isDigit(identifier.front()))
    identifier.insert(0, "model_");
  return identifier;
}

/// Bytes of one element of a gsrt_dtype; 0 for an unknown one.
static int64_t dtypeBytes(int32_t dtype) {
  switch (dtype) {
  case GSRT_BOOL:
  case GSRT_I8:
  case GSRT_U8:
    return 1;
  case GSRT_F16:
  case GSRT_BF16:
  case GSRT_I16:
  case GSRT_U16:
    return 2;
  case GSRT_F32:
  case GSRT_I32:
  case GSRT_U32:
    return 4;
  case GSRT_F64:
  case GSRT_I64:
  case GSRT_U64:
    return 8;
  default:
    return 0;
  }
}

namespace {
/// Builds the descriptor and the functions. The layouts are those of gs/Runtime/gsrt.h, the signatures those of
/// gs/Runtime/gsrt_api.h.
class InterfaceBuilder {
public:
  InterfaceBuilder(llvm::Module &module, llvm::StringRef prefix)
      : module(module), context(module.getContext()), builder(context), prefix(prefix), ptr(builder.getPtrTy()),
        i32(builder.getInt32Ty()), i64(builder.getInt64Ty()) {}

  llvm::FailureOr<llvm::GlobalVariable *> addDescriptor(const ModelInfo &model, const TargetSpec &target,
                                                        llvm::Function *entry, EmitErrorFn emitError);
  void addFunctions(llvm::GlobalVariable *descriptor, const ModelInfo &model);
  void addMainModel(llvm::GlobalVariable *descriptor);

private:
  llvm::GlobalVariable *constant(llvm::Constant *value, const llvm::Twine &name) {
    auto *global = new llvm::GlobalVariable(module, value->getType(), /*isConstant=*/true,
                                            llvm::GlobalValue::InternalLinkage, value, "gsrt." + name);
    return global;
  }

  llvm::Constant *string(llvm::StringRef text) {
    return constant(llvm::ConstantDataArray::getString(context, text), "string");
  }

  llvm::FailureOr<llvm::Constant *> tensors(llvm::ArrayRef<TensorInfo> infos, const char *kind, EmitErrorFn emitError);
  llvm::Constant *layerNames(llvm::ArrayRef<std::string> layers);

  /// Function PREFIX_`suffix`, exported.
  llvm::Function *exported(const char *suffix, llvm::Type *result, llvm::ArrayRef<llvm::Type *> parameters) {
    auto *type = llvm::FunctionType::get(result, parameters, false);
    auto *function = llvm::Function::Create(type, llvm::GlobalValue::ExternalLinkage, prefix + "_" + suffix, module);
    function->setVisibility(llvm::GlobalValue::DefaultVisibility);
    function->addFnAttr(llvm::Attribute::NoUnwind);
    builder.SetInsertPoint(llvm::BasicBlock::Create(context, "", function));
    return function;
  }

  /// Function PREFIX_`suffix` that passes its parameters, after `model` if there is one, to `callee`.
  void forward(const char *suffix, const char *callee, llvm::Type *result, llvm::ArrayRef<llvm::Type *> parameters,
               llvm::GlobalVariable *model = nullptr) {
    llvm::Function *function = exported(suffix, result, parameters);
    llvm::SmallVector<llvm::Type *> types;
    llvm::SmallVector<llvm::Value *> arguments;
    if (model) {
      types.push_back(ptr);
      arguments.push_back(model);
    }
    for (llvm::Argument &argument : function->args()) {
      types.push_back(argument.getType());
      arguments.push_back(&argument);
    }
    llvm::FunctionCallee target = module.getOrInsertFunction(callee, llvm::FunctionType::get(result, types, false));
    llvm::CallInst *call = builder.CreateCall(target, arguments);
    if (result->isVoidTy())
      builder.CreateRetVoid();
    else
      builder.CreateRet(call);
  }

  void returnConstant(const char *suffix, int64_t value) {
    exported(suffix, i32, {});
    builder.CreateRet(llvm::ConstantInt::get(i32, value));
  }

  llvm::Module &module;
  llvm::LLVMContext &context;
  llvm::IRBuilder<> builder;
  std::string prefix;
  llvm::PointerType *ptr;
  llvm::IntegerType *i32;
  llvm::IntegerType *i64;
};
} // namespace

llvm::FailureOr<llvm::Constant *> InterfaceBuilder::tensors(llvm::ArrayRef<TensorInfo> infos, const char *kind,
                                                            EmitErrorFn emitError) {
  auto *type = llvm::StructType::get(context, {ptr, i32, i32, ptr, i64}); // gsrt_tensor_desc
  llvm::SmallVector<llvm::Constant *> descs;
  for (const TensorInfo &info : infos) {
    int64_t bytes = dtypeBytes(info.dtype);
    if (bytes == 0) {
      emitError(llvm::Twine(kind) + " '" + info.name + "': element type " + llvm::Twine(info.dtype) +
                " cannot be passed to a compiled model; cast it to a numeric type of at most 64 bits");
      return llvm::failure();
    }
    for (int64_t extent : info.shape)
      if (extent < 0 || llvm::MulOverflow(bytes, extent, bytes)) {
        emitError(llvm::Twine(kind) + " '" + info.name + "': its size is unknown or too large; fix its shape");
        return llvm::failure();
      }
    llvm::Constant *shape = llvm::ConstantPointerNull::get(ptr);
    if (!info.shape.empty()) {
      llvm::SmallVector<uint64_t> extents(info.shape.begin(), info.shape.end());
      shape = constant(llvm::ConstantDataArray::get(context, extents), "shape");
    }
    descs.push_back(llvm::ConstantStruct::get(type, {string(info.name), llvm::ConstantInt::get(i32, info.dtype),
                                                     llvm::ConstantInt::get(i32, info.shape.size()), shape,
                                                     llvm::ConstantInt::get(i64, bytes)}));
  }
  if (descs.empty())
    return llvm::ConstantPointerNull::get(ptr);
  return constant(llvm::ConstantArray::get(llvm::ArrayType::get(type, descs.size()), descs), kind);
}

llvm::Constant *InterfaceBuilder::layerNames(llvm::ArrayRef<std::string> layers) {
  if (layers.empty())
    return llvm::ConstantPointerNull::get(ptr);
  llvm::SmallVector<llvm::Constant *> names;
  for (const std::string &layer : layers)
    names.push_back(string(layer));
  return constant(llvm::ConstantArray::get(llvm::ArrayType::get(ptr, names.size()), names), "layers");
}

llvm::FailureOr<llvm::GlobalVariable *> InterfaceBuilder::addDescriptor(const ModelInfo &model,
                                                                        const TargetSpec &target, llvm::Function *entry,
                                                                        EmitErrorFn emitError) {
  llvm::FailureOr<llvm::Constant *> inputs = tensors(model.inputs, "input", emitError);
  llvm::FailureOr<llvm::Constant *> outputs = tensors(model.outputs, "output", emitError);
  if (failed(inputs) || failed(outputs))
    return llvm::failure();
  auto int32 = [&](int64_t value) { return llvm::ConstantInt::get(i32, value); };
  auto int64 = [&](int64_t value) { return llvm::ConstantInt::get(i64, value); };
  auto *type = llvm::StructType::get(context, {i32, i32, i32, i32, i32, i32, ptr, ptr, ptr, ptr, ptr, i64, i64, ptr});
  return constant(llvm::ConstantStruct::get(
                      type, {int32(GSRT_ABI_VERSION), int32(model.inputs.size()), int32(model.outputs.size()),
                             int32(target.requiredCpuFeatures), int32(model.defaultThreads), int32(model.layers.size()),
                             string(model.name), string(target.name), *inputs, *outputs, entry, int64(model.arenaBytes),
                             int64(model.weightBytes), layerNames(model.layers)}),
                  "model");
}

void InterfaceBuilder::addFunctions(llvm::GlobalVariable *descriptor, const ModelInfo &model) {
  llvm::Type *nothing = builder.getVoidTy();
  forward("create", "gsrt_create", ptr, {i32}, descriptor);
  forward("destroy", "gsrt_destroy", nothing, {ptr});
  forward("run", "gsrt_run", i32, {ptr, ptr, ptr});
  forward("error", "gsrt_error", ptr, {ptr});
  forward("set_threads", "gsrt_set_threads", i32, {ptr, i32});
  forward("num_threads", "gsrt_num_threads", i32, {ptr});
  forward("input", "gsrt_input", ptr, {i32}, descriptor);
  forward("output", "gsrt_output", ptr, {i32}, descriptor);
  returnConstant("num_inputs", model.inputs.size());
  returnConstant("num_outputs", model.outputs.size());
}

void InterfaceBuilder::addMainModel(llvm::GlobalVariable *descriptor) {
  auto *pointer = new llvm::GlobalVariable(module, ptr, /*isConstant=*/true, llvm::GlobalValue::ExternalLinkage,
                                           descriptor, "gsrt_main_model");
  pointer->setVisibility(llvm::GlobalValue::HiddenVisibility);
}

llvm::LogicalResult mlir::gs::addInterface(llvm::Module &module, const ModelInfo &model, const TargetSpec &target,
                                           llvm::StringRef prefix, bool executable, EmitErrorFn emitError) {
  llvm::Function *entry = module.getFunction(kEntrySymbol);
  if (!entry || entry->isDeclaration()) {
    emitError("the lowered module does not define " + kEntrySymbol + "; lower the network before emitting it");
    return llvm::failure();
  }
  llvm::Type *ptr = llvm::PointerType::get(module.getContext(), 0), *i64 = llvm::Type::getInt64Ty(module.getContext());
  auto *expected =
      llvm::FunctionType::get(llvm::Type::getVoidTy(module.getContext()), {ptr, ptr, ptr, i64, i64, ptr}, false);
  if (entry->getFunctionType() != expected) {
    emitError(llvm::Twine(kEntrySymbol) +
              " has an unexpected signature; it takes (inputs, outputs, arena, tid, nthreads, barrier)");
    return llvm::failure();
  }

  for (llvm::Function &function : module)
    if (!function.isDeclaration()) {
      function.setLinkage(llvm::GlobalValue::InternalLinkage);
      function.setVisibility(llvm::GlobalValue::DefaultVisibility);
    }
  for (llvm::GlobalVariable &global : module.globals())
    if (!global.isDeclaration()) {
      global.setLinkage(llvm::GlobalValue::InternalLinkage);
      global.setVisibility(llvm::GlobalValue::DefaultVisibility);
    }

  InterfaceBuilder builder(module, prefix);
  llvm::FailureOr<llvm::GlobalVariable *> descriptor = builder.addDescriptor(model, target, entry, emitError);
  if (failed(descriptor))
    return llvm::failure();
  if (executable)
    builder.addMainModel(*descriptor);
  else
    builder.addFunctions(*descriptor, model);
  return llvm::success();
}
