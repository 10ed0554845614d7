//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Translations of gse programs.
//
//===----------------------------------------------------------------------===//
#ifndef GS_TARGET_GSE_TRANSLATE_H
#define GS_TARGET_GSE_TRANSLATE_H

namespace mlir::gse {

/// gs-translate --simulate: runs @main of a module on the simulated engine; prints cycles of each region.
void registerSimulateTranslation();

/// gs-translate --emit-gse and --import-gse: programs as text with a side file, and back.
void registerTextTranslations();

} // namespace mlir::gse

#endif // GS_TARGET_GSE_TRANSLATE_H
