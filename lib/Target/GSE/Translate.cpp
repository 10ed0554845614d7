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

void mlir::gse::registerSimulateTranslation() {
  static llvm::cl::opt<std::string> timing(
      "simulate-timing",
      llvm::cl::desc("With --simulate: none (only the result counts) or law (cycles by the law of each loop)"),
      llvm::cl::init("law"));
  static llvm::cl::opt<std::string> stats("simulate-stats",
                                          llvm::cl::desc("With --simulate: write statistics of all regions as JSON"));
  static TranslateFromMLIRRegistration simulate(
      "simulate", "run func.func @main of a gse program on the simulated engine",
      [](ModuleOp module, llvm::raw_ostream &output) -> LogicalResult {
        if (timing != "law" && timing != "none")
          return module.emitError() << "--simulate-timing=" << timing << " is not known; use none or law";
        LawTiming observer;
        if (failed(runMain(module, timing == "law" ? &observer : nullptr)))
          return failure();
        if (timing == "none")
          return success();
        observer.printTable(output);
        if (stats.empty())
          return success();
        std::error_code error;
        llvm::ToolOutputFile file(stats, error, llvm::sys::fs::OF_Text);
        if (error)
          return module.emitError() << "cannot write " << stats << ": " << error.message();
        observer.printJson(file.os());
        file.keep();
        return success();
      },
      [](DialectRegistry &registry) {
        registry
            .insert<GSEDialect, check::CheckDialect, arith::ArithDialect, func::FuncDialect, linalg::LinalgDialect, tensor::TensorDialect>();
      });
}
