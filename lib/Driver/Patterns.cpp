//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Patterns on the command line.
//
//===----------------------------------------------------------------------===//
#include "Patterns.h"
#include "mlir/AsmParser/AsmParser.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::driver;

PatternAttrInterface mlir::gs::driver::parsePattern(Session &session, const Twine &option, StringRef text) {
  MLIRContext *context = session.context();
  context->loadDialect<GSDialect>();
  std::string full = (text.starts_with("#gs.") ? "" : "#gs.") + text.str(), cause;
  ScopedDiagnosticHandler handler(context, [&](Diagnostic &diagnostic) {
    if (cause.empty())
      cause = diagnostic.str();
    return success();
  });
  auto pattern = dyn_cast_or_null<PatternAttrInterface>(parseAttribute(full, context));
  if (!pattern) {
    session.error(option + ": '" + text + "' is not a pattern" + (cause.empty() ? "" : ": " + cause) +
                  "; write one as in block<4x1> or gather_scatter<banks = 16, width = 1>");
    return {};
  }
  if (!isa<ProjectionAttrInterface>(pattern)) {
    session.error(option + ": dense weights cannot be pruned to '" + text + "': it has no projection");
    return {};
  }
  return pattern;
}
