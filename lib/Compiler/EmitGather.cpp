//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Objects, headers and programs of gather kernels. There is no runtime: a kernel is a
// function of two pointers.
//
//===----------------------------------------------------------------------===//
#include "EmitInternal.h"
#include "gs/Compiler/GatherKernels.h"
#include "gs/Runtime/gsrt.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/DataLayout.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Triple.h"

using namespace mlir::gs;

TargetSpec mlir::gs::recordOf(const GatherMachine &machine) {
  TargetSpec record;
  record.name = machine.name.str();
  record.basis = machine.basis.str();
  record.triple = machine.triple.str();
  record.cpu = machine.cpu.str();
  record.features = machine.features.str();
  record.vectorBits = machine.vectorBits;
  return record;
}

llvm::LogicalResult mlir::gs::checkGatherOutput(const GatherMachine &machine, const EmitOptions &options,
                                                EmitErrorFn emitError) {
  if (options.kind == EmitKind::SharedLibrary) {
    emitError("target '" + machine.name +
              "' makes kernels that need no library of their own; link the object (--emit=object) into yours");
    return llvm::failure();
  }
  if (options.kind == EmitKind::LLVMIR && options.output == "-")
    return llvm::success();
  {
    OutputFile probe(options.removeOnSignal); // Removed at the end of its life.
    if (failed(probe.create(options.output, emitError)))
      return llvm::failure();
  }
  std::string archive;
  return options.kind == EmitKind::Executable ? findGatherMain(recordOf(machine), options, archive, emitError)
                                              : llvm::success();
}

//===----------------------------------------------------------------------===//
// Header
//===----------------------------------------------------------------------===//

static const char *typeName(int32_t dtype) {
  switch (dtype) {
  case GSRT_I16:
    return "int16_t";
  case GSRT_I32:
    return "int32_t";
  case GSRT_F64:
    return "double";
  case GSRT_F16:
    return "uint16_t"; // The bits: not every compiler of C has a type of them.
  default:
    return "float";
  }
}

static int64_t bytesOf(const TensorInfo &tensor) {
  int64_t bytes = tensor.dtype == GSRT_F64 ? 8 : tensor.dtype == GSRT_I16 || tensor.dtype == GSRT_F16 ? 2 : 4;
  for (int64_t extent : tensor.shape)
    bytes *= extent;
  return bytes;
}

static std::string describe(const TensorInfo &tensor) {
  std::string text = tensor.dtype == GSRT_F16 ? "float16" : typeName(tensor.dtype);
  for (int64_t extent : tensor.shape)
    text += "[" + std::to_string(extent) + "]";
  return text;
}

static std::string printable(llvm::StringRef text) {
  std::string safe;
  for (char c : text)
    safe += llvm::isPrint(c) && c != '*' ? c : '?';
  return safe;
}

static void printHeader(const GatherProgram &program, llvm::StringRef prefix, llvm::raw_ostream &os) {
  const GatherMachine &machine = *program.machine;
  std::string upper = prefix.upper();
  os << "/* Gather kernels for " << machine.name << ", made by GSC.\n *\n"
     << " * Tensors are row-major, without gaps, in the order of ONNX (batch, channels, extents).";
  if (machine.tableBytes)
    os << "\n * Activations, gathered values and sums lie in section .vtcm, which your linker script places in "
          "tightly\n"
       << " * coupled memory. All kernels share it: one runs at a time. Vectors are used in 128-byte mode.";
  if (!program.kernels.empty() && !program.kernels.front().scales.empty())
    os << "\n *\n * Weights are fixed-point numbers. Give activations as x = round(activation / step), within -32767 "
          "... 32767;"
       << "\n * no sum overflows then. y * step * X_SCALE[row] is the layer without its bias, with the factors of a "
          "batch"
       << "\n * normalisation behind it.";
  os << " */\n#ifndef " << upper << "_H\n#define " << upper << "_H\n\n#include <stdint.h>\n\n"
     << "#ifdef __cplusplus\nextern \"C\" {\n#endif\n";
  for (const GatherKernel &kernel : program.kernels) {
    os << "\n/* " << printable(kernel.node.empty() ? kernel.name : kernel.node) << ": " << kernel.op << ", weight "
       << kernel.shape << ", " << printable(kernel.pattern) << ", " << llvm::format("%.1f", 100 * kernel.density)
       << " % kept.\n * x: " << describe(kernel.input) << ", y: " << describe(kernel.output) << " */\n";
    std::string name = (prefix + "_" + kernel.name).str();
    if (!kernel.scales.empty()) {
      os << "static const float " << llvm::StringRef(name).upper() << "_SCALE[" << kernel.scales.size() << "] = {";
      for (auto [row, scale] : llvm::enumerate(kernel.scales))
        os << (row % 8 == 0 ? "\n    " : " ") << llvm::format("%.9ef", scale) << ",";
      os << "\n};\n";
    }
    os << "void " << name << "(const " << typeName(kernel.input.dtype) << " *x, " << typeName(kernel.output.dtype)
       << " *y);\n";
  }
  os << "\n#ifdef __cplusplus\n}\n#endif\n\n#endif /* " << upper << "_H */\n";
}

//===----------------------------------------------------------------------===//
// Program
//===----------------------------------------------------------------------===//

/// What gather_main.c reads: names, functions, and buffers that all kernels share.
static void addTable(llvm::Module &module, const GatherProgram &program, llvm::StringRef prefix) {
  llvm::LLVMContext &context = module.getContext();
  auto *ptr = llvm::PointerType::get(context, 0);
  auto *size = llvm::cast<llvm::IntegerType>(module.getDataLayout().getIntPtrType(context));
  auto buffer = [&](llvm::StringRef name, int64_t bytes) {
    auto *type = llvm::ArrayType::get(llvm::Type::getInt8Ty(context), uint64_t(bytes));
    auto *global = new llvm::GlobalVariable(module, type, /*isConstant=*/false, llvm::GlobalValue::InternalLinkage,
                                            llvm::Constant::getNullValue(type), name);
    global->setAlignment(llvm::Align(128));
    return global;
  };
  int64_t inputBytes = 1, outputBytes = 1;
  for (const GatherKernel &kernel : program.kernels) {
    inputBytes = std::max(inputBytes, bytesOf(kernel.input));
    outputBytes = std::max(outputBytes, bytesOf(kernel.output));
  }
  llvm::GlobalVariable *x = buffer("gsrt.x", inputBytes), *y = buffer("gsrt.y", outputBytes);
  auto *entry = llvm::StructType::get(context, {ptr, ptr, ptr, ptr, size, size});
  llvm::SmallVector<llvm::Constant *> entries;
  for (const GatherKernel &kernel : program.kernels) {
    llvm::Constant *text = llvm::ConstantDataArray::getString(context, kernel.name);
    auto *name = new llvm::GlobalVariable(module, text->getType(), /*isConstant=*/true,
                                          llvm::GlobalValue::InternalLinkage, text, "gsrt.name");
    entries.push_back(
        llvm::ConstantStruct::get(entry, {name, module.getFunction((prefix + "_" + kernel.name).str()), x, y,
                                          llvm::ConstantInt::get(size, uint64_t(bytesOf(kernel.input))),
                                          llvm::ConstantInt::get(size, uint64_t(bytesOf(kernel.output)))}));
  }
  entries.push_back(llvm::ConstantStruct::getNullValue(entry));
  auto *type = llvm::ArrayType::get(entry, entries.size());
  auto *table = new llvm::GlobalVariable(module, type, /*isConstant=*/true, llvm::GlobalValue::ExternalLinkage,
                                         llvm::ConstantArray::get(type, entries), "gsrt_gather_kernels");
  table->setVisibility(llvm::GlobalValue::HiddenVisibility);
}

llvm::LogicalResult mlir::gs::emitGatherKernels(const GatherProgram &program, const EmitOptions &options,
                                                EmitErrorFn emitError) {
  const TargetSpec target = recordOf(*program.machine);
  // The kernels of a program are named on its command line, those of an object in C.
  const std::string prefix = exportPrefix(options.kind, options.output);
  OutputFile result(options.removeOnSignal), object(options.removeOnSignal), header(options.removeOnSignal);
  auto begin = [&](llvm::StringRef phase) {
    if (options.phase)
      options.phase(phase);
  };
  const bool toStdout = options.kind == EmitKind::LLVMIR && options.output == "-";
  llvm::SmallString<128> headerPath(llvm::sys::path::parent_path(options.output));
  llvm::sys::path::append(headerPath, prefix + ".h");
  if ((!toStdout && failed(result.create(options.output, emitError))) ||
      (options.kind == EmitKind::Object && failed(header.create(headerPath, emitError))))
    return llvm::failure();

  begin("generating machine code");
  ModelInfo info;
  info.name = prefix;
  std::unique_ptr<llvm::TargetMachine> machine = makeTargetMachine(target, info, options.optLevel, emitError);
  if (!machine)
    return llvm::failure();
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> ir = translateModule(*program.module, info, target, *machine, context, emitError);
  if (!ir)
    return llvm::failure();
  for (const GatherKernel &kernel : program.kernels)
    if (llvm::Function *function = ir->getFunction(kernel.name))
      function->setName(prefix + "_" + kernel.name);
  if (options.kind == EmitKind::Executable)
    addTable(*ir, program, prefix);
  optimizeModule(*ir, *machine, options.optLevel);

  if (options.kind == EmitKind::LLVMIR) {
    auto print = [&](llvm::raw_pwrite_stream &os) {
      ir->print(os, nullptr);
      return llvm::success();
    };
    if (!toStdout)
      return failed(result.write(print, emitError)) ? llvm::failure() : result.commit(emitError);
    ir->print(llvm::outs(), nullptr);
    return llvm::success();
  }
  auto write = [&](llvm::raw_pwrite_stream &os) { return writeObject(*ir, *machine, os, emitError); };
  if (options.kind == EmitKind::Object) {
    auto text = [&](llvm::raw_pwrite_stream &os) {
      printHeader(program, prefix, os);
      return llvm::success();
    };
    return llvm::success(succeeded(result.write(write, emitError)) && succeeded(header.write(text, emitError)) &&
                         succeeded(header.commit(emitError)) && succeeded(result.commit(emitError)));
  }
  begin("linking");
  llvm::SmallString<128> objectPath(result.path());
  objectPath += ".o";
  if (failed(object.create(objectPath, emitError)) || failed(object.write(write, emitError)) ||
      failed(linkGatherProgram(object.path(), target, options, result.path(), emitError)))
    return llvm::failure();
  return result.commit(emitError);
}
