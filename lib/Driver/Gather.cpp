//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// gsc compile and explain where the result is gather kernels of single layers.
//
//===----------------------------------------------------------------------===//
#include "Gather.h"
#include "gs/Compiler/GatherKernels.h"
#include "mlir/Bytecode/BytecodeWriter.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::driver;

static llvm::json::Value kernelList(const GatherProgram &program, StringRef model) {
  auto utf8 = [](StringRef text) { return llvm::json::isUTF8(text) ? text.str() : llvm::json::fixUTF8(text); };
  llvm::json::Array kernels, left;
  for (const GatherKernel &kernel : program.kernels)
    kernels.push_back(llvm::json::Object{{"name", kernel.name},
                                         {"node", utf8(kernel.node)},
                                         {"op", kernel.op},
                                         {"weight", kernel.shape},
                                         {"pattern", kernel.pattern},
                                         {"density", kernel.density},
                                         {"scale", llvm::json::Array(kernel.scales)},
                                         {"input", llvm::json::Array(kernel.input.shape)},
                                         {"output", llvm::json::Array(kernel.output.shape)}});
  for (const auto &[node, reason] : program.leftOut)
    left.push_back(llvm::json::Object{{"node", utf8(node)}, {"reason", utf8(reason)}});
  return llvm::json::Object{{"model", utf8(llvm::sys::path::filename(model))},
                            {"target", program.machine->name.str()},
                            {"kernels", std::move(kernels)},
                            {"left_out", std::move(left)}};
}

/// The kernels there are; a diagnostic if there is none.
static FailureOr<GatherProgram> find(Session &session, ModelOptions &options) {
  FailureOr<GatherProgram> program =
      findGatherKernels(options.model, session.context(), options.compile, *options.gather);
  if (succeeded(program) && program->kernels.empty() && program->leftOut.empty()) {
    session.error(options.model + ": there is no " +
                  (isProductModule(options.model) ? "function that is one gs.matmul or gs.conv of its argument"
                                                  : "Conv, MatMul or Gemm in it"));
    return failure();
  }
  return program;
}

int mlir::gs::driver::compileGather(Session &session, ModelOptions &options, const GatherOutput &output) {
  auto fail = [&](const Twine &message) { session.error(message); };
  EmitOptions emit;
  emit.kind = output.kind;
  emit.output = output.file;
  emit.removeOnSignal = true;
  emit.phase = options.compile.phase;
  if (!output.mlir && failed(checkGatherOutput(*options.gather, emit, fail)))
    return 1;
  FailureOr<GatherProgram> program = find(session, options);
  if (failed(program))
    return session.fail("compiling");
  session.endPhases();
  for (const auto &[node, reason] : program->leftOut)
    session.note(node + ": no kernel: " + reason);
  if (program->kernels.empty()) {
    session.error(options.model + ": no layer has a kernel for " + options.gather->name + "; the notes tell why");
    return 1;
  }
  if (output.mlir) {
    bool complete = true;
    LogicalResult written = writeText(session, output.file, [&](llvm::raw_ostream &os) {
      if (StringRef(output.file).ends_with(".mlirbc")) {
        complete = succeeded(writeBytecodeToFile((*program->module).getOperation(), os));
        return;
      }
      OpPrintingFlags flags;
      flags.enableDebugInfo();
      (*program->module)->print(os, flags);
      os << "\n";
    });
    if (!complete)
      session.error("the module has no bytecode; write it as text (-o FILE.mlir)");
    if (failed(written) || !complete)
      return 1;
  } else if (failed(lowerGatherKernels(*program, options.compile)) || failed(emitGatherKernels(*program, emit, fail))) {
    return session.fail("compiling");
  }
  session.endPhases();
  return failed(output.reportFile.empty() ? success()
                                          : writeText(session, output.reportFile, [&](llvm::raw_ostream &os) {
                                              os << llvm::formatv("{0:2}\n", kernelList(*program, options.model));
                                            }));
}

int mlir::gs::driver::explainGather(Session &session, ModelOptions &options, StringRef jsonFile) {
  FailureOr<GatherProgram> program = find(session, options);
  if (failed(program))
    return session.fail("explaining");
  session.endPhases();
  auto table = [&](llvm::raw_ostream &os) {
    os << llvm::sys::path::filename(options.model) << " for " << options.gather->name << "\n\n";
    size_t names = 6, nodes = 4, patterns = 7;
    auto patternOf = [](const GatherKernel &kernel) {
      StringRef text = kernel.pattern;
      text.consume_front("#gs.");
      return text;
    };
    for (const GatherKernel &kernel : program->kernels) {
      names = std::max(names, kernel.name.size());
      nodes = std::max(nodes, kernel.node.size());
      patterns = std::max(patterns, patternOf(kernel).size());
    }
    os << llvm::left_justify("node", nodes) << "  " << llvm::left_justify("kernel", names) << "  "
       << llvm::left_justify("weight", 16) << llvm::left_justify("pattern", patterns) << "    kept\n";
    for (const GatherKernel &kernel : program->kernels) {
      os << llvm::left_justify(kernel.node, nodes) << "  " << llvm::left_justify(kernel.name, names) << "  "
         << llvm::left_justify(kernel.shape, 16) << llvm::left_justify(patternOf(kernel), patterns)
         << llvm::format(" %5.1f %%", 100 * kernel.density);
      os << "\n";
    }
    for (const auto &[node, reason] : program->leftOut)
      os << llvm::left_justify(node, nodes) << "  none: " << reason << "\n";
    os << "\n"
       << program->kernels.size() << " of " << program->kernels.size() + program->leftOut.size()
       << " layers have a kernel.\n";
  };
  if (jsonFile != "-" && failed(writeStdout(session, table)))
    return 1;
  return failed(jsonFile.empty() ? success() : writeText(session, jsonFile, [&](llvm::raw_ostream &os) {
    os << llvm::formatv("{0:2}\n", kernelList(*program, options.model));
  }));
}
