//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Programs from arbitrary bytes: the reader either gives a module that prints
// as it was read, or one diagnostic with a place; a run of the module ends.
//
// An input is the text of a program, a line "//// side", and the side file.
//
//===----------------------------------------------------------------------===//
#include "gs/Dialect/Check/IR/CheckDialect.h"
#include "gs/Dialect/GSE/IR/GSEDialect.h"
#include "gs/Target/GSE/Simulator.h"
#include "gs/Target/GSE/Text.h"
#include "gs/Target/GSE/Timing.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include <cstdio>
#include <cstdlib>

using namespace mlir;

namespace {

std::unique_ptr<MLIRContext> newContext() {
  DialectRegistry registry;
  registry.insert<gse::GSEDialect, check::CheckDialect, arith::ArithDialect, func::FuncDialect, linalg::LinalgDialect,
                  tensor::TensorDialect>();
  auto context = std::make_unique<MLIRContext>(registry, MLIRContext::Threading::DISABLED);
  context->loadAllAvailableDialects();
  return context;
}

void expect(bool holds, const char *what, llvm::StringRef more = "") {
  if (holds)
    return;
  std::fprintf(stderr, "broken: %s %s\n", what, more.str().c_str());
  std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  // Attributes live as long as their context.
  static std::unique_ptr<MLIRContext> context;
  static int inputs = 0;
  constexpr int inputsPerContext = 2000;
  if (inputs++ % inputsPerContext == 0)
    context = newContext();
  auto [text, side] = llvm::StringRef(reinterpret_cast<const char *>(data), size).split("\n//// side\n");
  int errors = 0;
  bool placed = true;
  std::string last;
  ScopedDiagnosticHandler handler(context.get(), [&](Diagnostic &diagnostic) {
    if (diagnostic.getSeverity() == DiagnosticSeverity::Error) {
      ++errors;
      last = diagnostic.str();
      placed &= static_cast<bool>(diagnostic.getLocation()->findInstanceOf<FileLineColLoc>());
    }
    return success();
  });
  auto open = [&](llvm::StringRef, std::string &) {
    return llvm::MemoryBuffer::getMemBuffer(side, "side", /*RequiresNullTerminator=*/false);
  };
  OwningOpRef<ModuleOp> module = gse::parseProgram(text, "input", open, context.get());
  if (!module) {
    expect(errors == 1, "one diagnostic for a malformed program", last);
    expect(placed, "a diagnostic with line and column", last);
    return 0;
  }
  expect(errors == 0, "no diagnostic for a module", last);
  std::string first, second, sideOut, sideAgain;
  llvm::raw_string_ostream firstStream(first), secondStream(second);
  expect(succeeded(gse::printProgram(*module, firstStream, sideOut, "side")), "what was read can be printed", last);
  auto openOut = [&](llvm::StringRef, std::string &) {
    return llvm::MemoryBuffer::getMemBuffer(sideOut, "side", /*RequiresNullTerminator=*/false);
  };
  OwningOpRef<ModuleOp> again = gse::parseProgram(first, "printed", openOut, context.get());
  expect(bool(again), "what was printed can be read", last);
  expect(succeeded(gse::printProgram(*again, secondStream, sideAgain, "side")) && first == second &&
             sideOut == sideAgain,
         "round trip");
  gse::RunOptions options;
  options.maxInstructions = 20000;
  options.maxBytes = 1 << 16;
  gse::Timing timing(inputs % 2 ? gse::TimingLevel::Scoreboard : gse::TimingLevel::Program);
  (void)gse::runMain(*module, &timing, options); // faults are diagnostics
  return 0;
}
