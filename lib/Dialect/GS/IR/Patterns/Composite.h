//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What patterns made of patterns share; private to the library.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_DIALECT_GS_IR_PATTERNS_COMPOSITE_H
#define GS_LIB_DIALECT_GS_IR_PATTERNS_COMPOSITE_H

#include "TileUtils.h"
#include "gs/Dialect/GS/IR/Patterns.h"

namespace mlir::gs::detail {

/// The storage of a pattern made of patterns: fields of each term, their names after its prefix, and own fields.
struct Composite {
  SmallVector<std::pair<std::string, PatternAttrInterface>> terms; ///< prefix and pattern
  SmallVector<StorageField> own;
};

/// Terms of a pattern whose buffers are those of other patterns; none for all others.
std::optional<Composite> compositeOf(PatternAttrInterface pattern, ArrayRef<int64_t> shape);

/// Fields of all terms, with `numGroups` groups each, and own fields.
SmallVector<StorageField> compositeStorage(const Composite &composite, ArrayRef<int64_t> shape, Type elementType,
                                           int64_t numGroups, const Schema &schema);

/// Parses a pattern; `what` opens the message if the attribute is none.
ParseResult parsePattern(AsmParser &parser, StringRef what, PatternAttrInterface &pattern);

/// Parses `<[A, B, ...]`; the caller takes the `>`.
ParseResult parsePatternList(AsmParser &parser, StringRef what, SmallVectorImpl<PatternAttrInterface> &patterns);

/// Reports patterns of patterns of patterns that are nested deeper than anybody needs: each level asks the next one
/// about up to five shapes.
LogicalResult verifyNesting(StringRef label, ArrayRef<PatternAttrInterface> terms, EmitError emitError);

/// True if every aligned tile of the pattern is kept or removed as a whole.
inline bool isTiles(const GroupForm &form) { return form.support == Support::Contiguous; }

/// Tiles of such a pattern.
inline TileGrid tileGrid(const GroupForm &form, const Weight &weight) {
  return {weight, form.bundleRows, form.width, form.view};
}

/// Geometry of a pattern that no strategy can read as it is stored: strategies repack it by rows.
GroupForm opaqueForm(ArrayRef<PatternAttrInterface> terms, ArrayRef<int64_t> shape);

/// Rows that share their columns in every mask of which each part shares them by one of these patterns.
int64_t commonSharedRows(ArrayRef<PatternAttrInterface> terms, ArrayRef<int64_t> shape);

/// The part of each term of a union: to the first terms each tile whose kept weights contain a mask of the term (all of
/// the tile; in an intersection the mask with the lowest positions), what is left to the last.
std::vector<Weight> splitUnion(UnionAttr sum, const Weight &weight);

} // namespace mlir::gs::detail

#endif // GS_LIB_DIALECT_GS_IR_PATTERNS_COMPOSITE_H
