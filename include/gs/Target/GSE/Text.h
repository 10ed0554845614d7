//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Programs as text and a side file of constants.
//
//===----------------------------------------------------------------------===//
#ifndef GS_TARGET_GSE_TEXT_H
#define GS_TARGET_GSE_TEXT_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"
#include <string>

namespace mlir::gse {

/// Prints kernels, constants and the host function @main of a module, one op per line, and collects the bytes of all
/// constants in `side`, which the text calls `sideName`. Fails with a diagnostic at an op or attribute that the text
/// form does not hold; nothing is printed then. Without the host, functions are left out: a network's may hold any op.
LogicalResult printProgram(ModuleOp module, llvm::raw_ostream &text, std::string &side, llvm::StringRef sideName,
                           bool withHost = true);

/// Opens the side file that a program names; nothing and a reason if that is not possible.
using OpenSideFn = llvm::function_ref<std::unique_ptr<llvm::MemoryBuffer>(llvm::StringRef name, std::string &reason)>;

/// Reads what `printProgram` wrote. Every malformed program or side file gives one diagnostic with the file's name,
/// line and column, and no module. The ops carry their lines as locations. The module is verified.
OwningOpRef<ModuleOp> parseProgram(llvm::StringRef text, llvm::StringRef fileName, OpenSideFn openSide,
                                   MLIRContext *context);

} // namespace mlir::gse

#endif // GS_TARGET_GSE_TEXT_H
