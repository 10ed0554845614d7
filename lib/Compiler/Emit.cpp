//===- Emit.cpp - The steps of the emission in their order ----------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "gs/Compiler/Emit.h"
#include "EmitInternal.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetMachine.h"

using namespace mlir::gs;
namespace path = llvm::sys::path;

std::string mlir::gs::exportPrefix(EmitKind kind, llvm::StringRef output) {
  llvm::StringRef stem = path::stem(output);
  if (kind == EmitKind::SharedLibrary)
    stem.consume_front("lib");
  return cIdentifier(stem);
}

std::string mlir::gs::defaultOutput(EmitKind kind, llvm::StringRef modelName) {
  switch (kind) {
  case EmitKind::Executable:
    return modelName.empty() ? "model" : modelName.str();
  case EmitKind::SharedLibrary:
    return "lib" + cIdentifier(modelName) + ".so";
  case EmitKind::Object:
    return cIdentifier(modelName) + ".o";
  case EmitKind::LLVMIR:
    return (modelName.empty() ? "model" : modelName.str()) + ".ll";
  }
  return "model";
}

/// The header lies beside the library under the name of the functions it declares.
static std::string headerPath(llvm::StringRef output, llvm::StringRef prefix) {
  llvm::SmallString<128> header(path::parent_path(output));
  path::append(header, prefix + ".h");
  return header.str().str();
}

static bool hasHeader(EmitKind kind) { return kind == EmitKind::SharedLibrary || kind == EmitKind::Object; }

llvm::LogicalResult mlir::gs::checkOutput(const TargetSpec &target, const EmitOptions &options, EmitErrorFn emitError) {
  if (options.kind == EmitKind::LLVMIR && options.output == "-")
    return llvm::success();
  {
    OutputFile probe(options.removeOnSignal); // Removed at the end of its life.
    if (failed(probe.create(options.output, emitError)))
      return llvm::failure();
  }
  return options.kind == EmitKind::LLVMIR ? llvm::success() : checkLinker(target, options, emitError);
}

llvm::LogicalResult mlir::gs::emitModel(ModuleOp module, const ModelInfo &model, const TargetSpec &target,
                                        const EmitOptions &options, EmitErrorFn emitError, EmitTimes *times) {
  EmitTimes ignored;
  EmitTimes &spent = times ? *times : ignored;
  const std::string prefix = exportPrefix(options.kind, options.output);

  // Cheap reasons to fail come first.
  OutputFile result(options.removeOnSignal), object(options.removeOnSignal), header(options.removeOnSignal);
  std::vector<OutputFile> kernelFiles;
  auto begin = [&](llvm::StringRef phase) {
    if (options.phase)
      options.phase(phase);
  };
  const bool toStdout = options.kind == EmitKind::LLVMIR && options.output == "-";
  if (!toStdout && failed(result.create(options.output, emitError)))
    return llvm::failure();
  if (hasHeader(options.kind) && failed(header.create(headerPath(options.output, prefix), emitError)))
    return llvm::failure();
  std::unique_ptr<llvm::TargetMachine> machine = makeTargetMachine(target, model, options.optLevel, emitError);
  if (!machine)
    return llvm::failure();

  // As text the program is one module; as machine code it is made in parts.
  std::optional<EmitParts> parts;
  std::vector<std::string> kernels, objects;
  if (options.kind != EmitKind::LLVMIR) {
    begin("generating machine code of kernels");
    parts.emplace(module);
    if (failed(parts->emitKernels(model, target, options.optLevel, emitError, spent, kernels)))
      return llvm::failure();
  }
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> ir;
  {
    begin("translating to LLVM IR");
    StepTimer timer(spent.translate);
    ir = translateModule(parts ? parts->network() : module, model, target, *machine, context, emitError);
    if (!ir || failed(addInterface(*ir, model, target, prefix, options.kind == EmitKind::Executable, emitError)))
      return llvm::failure();
    if (parts)
      parts->shareNames(*ir);
  }
  {
    begin("optimising");
    StepTimer timer(spent.optimize);
    optimizeModule(*ir, *machine, options.optLevel);
  }

  if (options.kind == EmitKind::LLVMIR) {
    if (toStdout) {
      llvm::raw_fd_ostream &os = llvm::outs();
      ir->print(os, nullptr);
      os.flush();
      std::error_code error = os.error();
      os.clear_error(); // Otherwise the destructor of the stream ends the process.
      if (!error)
        return llvm::success();
      emitError("cannot write to standard output: " + error.message() + "; free some space, or name a file with -o");
      return llvm::failure();
    }
    auto print = [&](llvm::raw_pwrite_stream &os) {
      ir->print(os, nullptr);
      return llvm::success();
    };
    if (failed(result.write(print, emitError)))
      return llvm::failure();
    return result.commit(emitError);
  }

  {
    begin("generating machine code");
    StepTimer timer(spent.codegen);
    llvm::SmallString<128> objectPath(result.path());
    objectPath += ".o";
    auto write = [&](llvm::raw_pwrite_stream &os) { return writeObject(*ir, *machine, os, emitError); };
    if (failed(object.create(objectPath, emitError)) || failed(object.write(write, emitError)))
      return llvm::failure();
    ir.reset();
    objects.push_back(object.path().str());
    for (auto [i, bytes] : llvm::enumerate(kernels)) {
      auto writeBytes = [&, bytes = llvm::StringRef(bytes)](llvm::raw_pwrite_stream &os) {
        os << bytes;
        return llvm::success();
      };
      OutputFile &file = kernelFiles.emplace_back(options.removeOnSignal);
      if (failed(file.create((llvm::Twine(result.path()) + "." + llvm::Twine(i) + ".o").str(), emitError)) ||
          failed(file.write(writeBytes, emitError)))
        return llvm::failure();
      objects.push_back(file.path().str());
    }
  }
  {
    begin("linking");
    StepTimer timer(spent.link);
    if (failed(linkModel(options.kind, objects, path::filename(options.output), prefix, target, options, result.path(),
                         emitError)))
      return llvm::failure();
  }
  if (hasHeader(options.kind)) {
    auto render = [&](llvm::raw_pwrite_stream &os) {
      os << renderHeader(model, target, prefix);
      return llvm::success();
    };
    if (failed(header.write(render, emitError)) || failed(header.commit(emitError)))
      return llvm::failure();
  }
  if (failed(result.commit(emitError))) {
    if (hasHeader(options.kind))
      llvm::sys::fs::remove(header.target());
    return llvm::failure();
  }
  return llvm::success();
}
