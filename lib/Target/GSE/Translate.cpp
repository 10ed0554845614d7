//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// gs-translate --simulate.
//
//===----------------------------------------------------------------------===//
#include "gs/Target/GSE/Translate.h"
#include "gs/Dialect/Check/IR/CheckDialect.h"
#include "gs/Dialect/GSE/IR/GSEDialect.h"
#include "gs/Target/GSE/Timing.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Tools/mlir-translate/Translation.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/ToolOutputFile.h"

using namespace mlir;
using namespace mlir::gse;

namespace {
/// Made when the translation is registered, so that tools without it may use the names otherwise.
struct SimulateFlags {
  llvm::cl::opt<std::string> timing{
      "simulate-timing",
      llvm::cl::desc("With --simulate: none (only the result counts), law (closed forms), program (with counts of the "
                     "emitted loops) or scoreboard (instruction by instruction)"),
      llvm::cl::init("law")};
  llvm::cl::opt<std::string> engine{"simulate-engine",
                                    llvm::cl::desc("With --simulate: blocking or decoupled, whatever the record says")};
  llvm::cl::opt<std::string> fields{
      "simulate-set", llvm::cl::desc("With --simulate: fields of the record to replace, as KEY=VALUE,...")};
  llvm::cl::opt<std::string> stats{"simulate-stats", llvm::cl::desc("With --simulate: write statistics as JSON")};
  llvm::cl::opt<std::string> trace{"simulate-trace",
                                   llvm::cl::desc("With --simulate: write a timeline as Chrome trace events")};
  llvm::cl::opt<std::string> html{"simulate-html", llvm::cl::desc("With --simulate: write a page with all of it")};
  llvm::cl::opt<int64_t> limit{"simulate-limit",
                               llvm::cl::desc("With --simulate: most instructions that a kernel may run in loops"),
                               llvm::cl::init(0)};
};
} // namespace

static LogicalResult write(ModuleOp module, const std::string &path,
                           llvm::function_ref<void(llvm::raw_ostream &)> print) {
  if (path.empty())
    return success();
  std::error_code error;
  llvm::ToolOutputFile file(path, error, llvm::sys::fs::OF_Text);
  if (error)
    return module.emitError() << "cannot write " << path << ": " << error.message();
  print(file.os());
  file.os().flush();
  if (file.os().has_error())
    return module.emitError() << "cannot write " << path << ": " << file.os().error().message();
  file.keep();
  return success();
}

static LogicalResult simulate(ModuleOp module, llvm::raw_ostream &output, const SimulateFlags &flags) {
  std::optional<TimingLevel> level = timingLevelNamed(flags.timing);
  if (!level)
    return module.emitError() << "--simulate-timing=" << flags.timing
                              << " is not known; use none, law, program or scoreboard";
  RunOptions options;
  options.fields = flags.fields;
  options.maxInstructions = flags.limit;
  if (flags.engine == "blocking" || flags.engine == "decoupled")
    options.fields += flags.engine == "blocking" ? ",decoupled=0" : ",decoupled=1";
  else if (!flags.engine.empty())
    return module.emitError() << "--simulate-engine=" << flags.engine << " is not known; use blocking or decoupled";
  if (*level == TimingLevel::None) {
    if (!flags.stats.empty() || !flags.trace.empty() || !flags.html.empty())
      return module.emitError("without timing there are no statistics; leave out --simulate-timing=none");
    return runMain(module, nullptr, options);
  }
  Timing observer(*level);
  if (failed(runMain(module, &observer, options)))
    return failure();
  printTable(observer.kernels(), output);
  return success(succeeded(write(module, flags.stats, [&](auto &os) { printJson(observer.kernels(), *level, os); })) &&
                 succeeded(write(module, flags.trace, [&](auto &os) { printTrace(observer.kernels(), *level, os); })) &&
                 succeeded(write(module, flags.html, [&](auto &os) { printPage(observer.kernels(), *level, os); })));
}

void mlir::gse::registerSimulateTranslation() {
  static SimulateFlags flags;
  static TranslateFromMLIRRegistration registration(
      "simulate", "run func.func @main of a gse program on the simulated engine",
      [](ModuleOp module, llvm::raw_ostream &output) { return simulate(module, output, flags); },
      [](DialectRegistry &registry) {
        registry.insert<GSEDialect, check::CheckDialect, arith::ArithDialect, func::FuncDialect, linalg::LinalgDialect,
                        tensor::TensorDialect>();
      });
}
