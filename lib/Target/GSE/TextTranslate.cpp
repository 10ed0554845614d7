//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// gs-translate --emit-gse and --import-gse.
//
//===----------------------------------------------------------------------===//
#include "gs/Dialect/Check/IR/CheckDialect.h"
#include "gs/Dialect/GSE/IR/GSEDialect.h"
#include "gs/Target/GSE/Text.h"
#include "gs/Target/GSE/Translate.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Tools/mlir-translate/Translation.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/ToolOutputFile.h"

using namespace mlir;
using namespace mlir::gse;

static LogicalResult emit(ModuleOp module, llvm::raw_ostream &output, llvm::StringRef sidePath, bool withHost) {
  std::string side, text;
  llvm::raw_string_ostream stream(text);
  if (failed(printProgram(module, stream, side, llvm::sys::path::filename(sidePath), withHost)))
    return failure();
  if (!side.empty()) {
    if (sidePath.empty())
      return module.emitError("the program has constants; name a file for them with --gse-side=FILE");
    std::error_code error;
    llvm::ToolOutputFile file(sidePath, error, llvm::sys::fs::OF_None);
    if (error)
      return module.emitError() << "cannot write " << sidePath << ": " << error.message();
    file.os() << side;
    file.os().flush();
    if (file.os().has_error())
      return module.emitError() << "cannot write " << sidePath << ": " << file.os().error().message();
    file.keep();
  }
  output << text;
  return success();
}

static OwningOpRef<Operation *> import(llvm::SourceMgr &sources, MLIRContext *context, llvm::StringRef sidePath) {
  const llvm::MemoryBuffer *buffer = sources.getMemoryBuffer(sources.getMainFileID());
  // The side file lies beside the text, unless the option says otherwise.
  auto open = [&](llvm::StringRef name, std::string &reason) -> std::unique_ptr<llvm::MemoryBuffer> {
    llvm::SmallString<128> path(sidePath);
    if (path.empty()) {
      if (name != llvm::sys::path::filename(name)) {
        reason = "it must lie beside the program; else name it with --gse-side=FILE";
        return nullptr;
      }
      path = llvm::sys::path::parent_path(buffer->getBufferIdentifier());
      llvm::sys::path::append(path, name);
    }
    auto file = llvm::MemoryBuffer::getFile(path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
    if (file)
      return std::move(*file);
    reason = file.getError().message();
    return nullptr;
  };
  return parseProgram(buffer->getBuffer(), buffer->getBufferIdentifier(), open, context).release().getOperation();
}

void mlir::gse::registerTextTranslations() {
  static llvm::cl::opt<std::string> side(
      "gse-side", llvm::cl::desc("With --emit-gse and --import-gse: the file of the program's constants"));
  static llvm::cl::opt<bool> kernelsOnly("gse-kernels-only",
                                         llvm::cl::desc("With --emit-gse: leave the functions of the host out"));
  auto registerDialects = [](DialectRegistry &registry) {
    registry.insert<GSEDialect, check::CheckDialect, arith::ArithDialect, func::FuncDialect, linalg::LinalgDialect,
                    tensor::TensorDialect>();
  };
  static TranslateFromMLIRRegistration emitRegistration(
      "emit-gse", "print a gse program as text, with its constants in a side file",
      [](ModuleOp module, llvm::raw_ostream &output) { return emit(module, output, side, !kernelsOnly); },
      registerDialects);
  static TranslateToMLIRRegistration importRegistration(
      "import-gse", "read the text of a gse program and its side file",
      [](llvm::SourceMgr &sources, MLIRContext *context) { return import(sources, context, side); }, registerDialects);
}
