//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Registration of everything, so that the mains of the tools stay thin.
//
//===----------------------------------------------------------------------===//
#ifndef GS_INITALL_H
#define GS_INITALL_H

namespace mlir {
class DialectRegistry;
namespace gs {

/// All dialects of GSC and of upstream MLIR, with their extensions and translations to LLVM IR.
void registerAllDialects(DialectRegistry &registry);
/// All passes and pipelines of GSC and of upstream MLIR.
void registerAllPasses();
/// All translations of gs-translate.
void registerAllTranslations();

} // namespace gs
} // namespace mlir

#endif // GS_INITALL_H
