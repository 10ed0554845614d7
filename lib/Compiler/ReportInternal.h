//===- ReportInternal.h - What the parts of the report share --*- C++ -*-===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_COMPILER_REPORTINTERNAL_H
#define GS_LIB_COMPILER_REPORTINTERNAL_H

#include "gs/Compiler/Report.h"
#include "gs/Dialect/GS/IR/GSDialect.h"
#include "gs/Dialect/GS/IR/NodeName.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

namespace mlir::gs {

/// How often an inference runs `op`: the product of the steps of the loops around it.
double runsPerInference(Operation *op);

/// "row-group-broadcast mr=4 nr=6".
std::string strategyText(StrategyAttr strategy);

/// "64x64x3x3", with "?" for what is not known.
std::string shapeText(Type type);

/// What all pages look like: colours for light and dark, cards, tables, buttons.
extern const char *const kPageStyle;
/// Writes JSON into a script element of a page.
void embedJSON(llvm::json::Value value, llvm::raw_ostream &os);

/// printf into a string.
template <typename... Args> std::string formatted(const char *format, Args... args) {
  std::string result;
  llvm::raw_string_ostream(result) << llvm::format(format, args...);
  return result;
}

/// "#gs.block<4x1>" as "block<4x1>", "#gs.gather_scatter<banks = 16, width = 1>" as "GS<16,1>".
std::string shortPattern(StringRef pattern);

/// "row-group-broadcast mr=4 nr=6" as "row-group-broadcast 4x6"; other parameters by name, unless they are zero.
std::string shortStrategy(StringRef strategy);

} // namespace mlir::gs

#endif // GS_LIB_COMPILER_REPORTINTERNAL_H
