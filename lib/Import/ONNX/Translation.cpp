//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// gs-translate --import-onnx.
//
//===----------------------------------------------------------------------===//
#include "mlir/Tools/mlir-translate/Translation.h"
#include "gs/Import/ONNX/ONNXImporter.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/SourceMgr.h"

using namespace mlir;
using namespace mlir::onnx;

namespace {
/// Made when the translation is registered, so that tools without it may use the names otherwise.
struct ImportFlags {
  llvm::cl::list<std::string> shapes{"shape", llvm::cl::value_desc("NAME=1x3x224x224"),
                                     llvm::cl::desc("shape of a graph input of an imported ONNX model")};
  llvm::cl::list<std::string> dims{"dim", llvm::cl::value_desc("NAME=SIZE"),
                                   llvm::cl::desc("size of a symbolic dimension of an imported ONNX model")};
};
} // namespace

static OwningOpRef<Operation *> translate(llvm::SourceMgr &sources, MLIRContext *context, const ImportFlags &flags) {
  ImportOptions options;
  std::string error;
  for (const std::string &text : flags.shapes)
    if (failed(options.addShape(text, error)))
      return emitError(UnknownLoc::get(context)) << "--shape: " << error, nullptr;
  for (const std::string &text : flags.dims)
    if (failed(options.addDim(text, error)))
      return emitError(UnknownLoc::get(context)) << "--dim: " << error, nullptr;
  const llvm::MemoryBuffer *buffer = sources.getMemoryBuffer(sources.getMainFileID());
  // The path says where external data lies; only a model from standard input has none.
  StringRef path = buffer->getBufferIdentifier();
  if (llvm::sys::fs::exists(path))
    return importONNXFile(path, context, options).release().getOperation();
  return importONNXBuffer(buffer->getMemBufferRef(), /*directory=*/"", context, options).release().getOperation();
}

void mlir::onnx::registerImportONNXTranslation() {
  static ImportFlags flags;
  static TranslateToMLIRRegistration registration(
      "import-onnx", "import an ONNX model (.onnx, or protobuf text .pbtxt) as onnx.node ops",
      [](llvm::SourceMgr &sources, MLIRContext *context) { return translate(sources, context, flags); });
}
