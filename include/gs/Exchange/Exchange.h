//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Weights in the files of other tools: the GS text export of the public pruning
// code, and SciPy's sparse matrices. docs/Exchange.md describes both.
//
//===----------------------------------------------------------------------===//
#ifndef GS_EXCHANGE_EXCHANGE_H
#define GS_EXCHANGE_EXCHANGE_H

#include "gs/Dialect/GS/IR/GSDialect.h"
#include <string>
#include <vector>

namespace mlir::gs {

/// A weight with its pattern, as one file or one set of files holds it.
struct ExchangeLayer {
  std::string name;      ///< letters, digits, '_', '-' and '.': part of the names of files
  RankedTensorType type; ///< of shape (M, K) or (O, I, k...); the encoding is the pattern
  Weight weight;
};

/// A file in memory; `name` has no folder.
struct ExchangeFile {
  std::string name;
  std::string contents;
};

/// What a file does not say.
struct ExchangeOptions {
  SmallVector<int64_t> shape; ///< of the tensor, (M, K) or (O, I, k...); empty: what the file says, else (M, K)
  Type elementType;           ///< of values in text; null: f32
};

/// V_<name>.txt, PTR_<name>_cmf.txt and PTR_<name>.txt of a weight under #gs.gather_scatter without units and tiles,
/// plus ROW_<name>.txt if it is permuted. Fails with a diagnostic on any other pattern.
FailureOr<std::vector<ExchangeFile>> writeGSText(const ExchangeLayer &layer, EmitError emitError);

/// Inverse of writeGSText; reads the exports of the public code, too. `path` is that of a V_<name>.txt with the
/// contents `values`; the other files lie beside it. Diagnostics have line and column.
FailureOr<ExchangeLayer> readGSText(StringRef path, StringRef values, const ExchangeOptions &options,
                                    MLIRContext *context);

/// <name>.npz as scipy.sparse.save_npz writes it: BSR for whole blocks of the channel-inner view, else CSR. Members
/// that SciPy ignores hold pattern, shape and row order.
FailureOr<ExchangeFile> writeNpz(const ExchangeLayer &layer, EmitError emitError);

/// Inverse of writeNpz. A file without a pattern is `#gs.unstructured` (CSR) or `#gs.block<r x c>` (BSR); entries that
/// are zero stay kept.
FailureOr<ExchangeLayer> readNpz(StringRef path, StringRef contents, const ExchangeOptions &options,
                                 MLIRContext *context);

/// gs-translate --export-gs-text, --import-gs-text, --export-npz, --import-npz and --describe-weights. What is exported
/// may lie in a module of any dialects that `registerAll` knows.
void registerExchangeTranslations(void (*registerAll)(DialectRegistry &));

} // namespace mlir::gs

#endif // GS_EXCHANGE_EXCHANGE_H
