//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The GSC driver.
//
//===----------------------------------------------------------------------===//
#include "gs/Compiler/Compile.h"
#include "gs/Target/TargetRegistry.h"
#include "llvm/Support/CommandLine.h"

using namespace mlir;
using namespace mlir::gs;

int main(int argc, char **argv) {
  if (argc < 5 || StringRef(argv[1]) != "compile")
    return 2;
  DialectRegistry registry;
  registerCompilerDialects(registry);
  MLIRContext context(registry);
  CompileOptions options;
  EmitOptions emit;
  for (int i = 5; i < argc; ++i) {
    StringRef arg = argv[i];
    if (arg.consume_front("--target="))
      options.target = arg.str();
    if (arg == "--dense")
      options.dense = true;
    if (arg == "--emit=llvm-ir")
      emit.kind = EmitKind::LLVMIR;
    if (arg.consume_front("--strategy="))
      options.strategy = arg.str();
  }
  emit.output = argv[4];
  auto error = [](const llvm::Twine &message) { llvm::errs() << "gsc: error: " << message << "\n"; };
  FailureOr<TargetSpec> target = resolveTarget(options.target, error);
  if (failed(target))
    return 1;
  FailureOr<CompiledModel> model = compileONNX(argv[2], &context, options);
  if (failed(model))
    return 1;
  EmitTimes times;
  if (failed(emitModel(*model->module, model->info, *target, emit, error, &times)))
    return 1;
  llvm::errs() << "import " << model->importSeconds << " lower " << model->lowerSeconds << " translate "
               << times.translate << " optimize " << times.optimize << " codegen " << times.codegen << " link "
               << times.link << "\n";
  for (const LayerReport &l : model->layers)
    llvm::errs() << l.node << " " << l.op << " " << l.shape << " " << l.pattern << " " << l.density << " " << l.strategy
                 << " " << l.predictedUs << "\n";
  return 0;
}
