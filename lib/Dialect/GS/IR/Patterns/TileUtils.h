//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What patterns of aligned tiles share: a tile of one view of the weight lives
// or dies as a whole. Blocks, filters, channels, columns, kernel groups and
// KGS differ in the size of the tile, the view and a rule of counting only.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_DIALECT_GS_IR_PATTERNS_TILEUTILS_H
#define GS_LIB_DIALECT_GS_IR_PATTERNS_TILEUTILS_H

#include "PackUtils.h"

namespace mlir::gs::detail {

/// Tiles of `rows` x `cols` weights of a view, aligned at zero; the last ones of a row or column may stick out of the
/// weight. The words of messages: `shapeLabel` is the constraint on sizes, `keepLabel` the one on the mask.
struct Tiles {
  int64_t rows = 1;
  int64_t cols = 1;
  View view = View::ChannelInner;
  StringRef shapeLabel = {}, keepLabel = {};
  StringRef noun = {};  ///< what a tile is called: "block", "filter"
  bool allRows = false; ///< a tile is as high as the weight by definition: messages need no row
  bool allCols = false; ///< a tile is as wide as the weight by definition: messages need no column
  /// Kept tiles that every row of tiles must have, where the pattern says so; -1: any number.
  int64_t fixedCount = -1;
  StringRef countLabel = {}; ///< the constraint behind fixedCount
};

/// The geometry of such a pattern.
GroupForm tileForm(const Tiles &tiles);

/// `values[G][cols][rows]`, `block_cols[G]`, `offsets[column blocks * rows of tiles + 1]`.
SmallVector<StorageField> tileStorage(MLIRContext *context, const Tiles &tiles, ArrayRef<int64_t> shape,
                                      Type elementType, int64_t numGroups, const Schema &schema);

LogicalResult verifyTileMask(const Tiles &tiles, const Weight &weight, EmitError emitError);

/// Tiles row of tiles by row of tiles, ascending in the view; the parts of a tile outside of the weight are zero.
FailureOr<std::vector<Buffer>> packTiles(const Tiles &tiles, const Weight &weight, const Schema &schema,
                                         EmitError emitError);

/// `pattern` is the attribute that the tiles belong to; the buffers are checked against it first.
FailureOr<Weight> unpackTiles(const Tiles &tiles, PatternAttrInterface pattern, ArrayRef<int64_t> shape,
                              Type elementType, ArrayRef<Buffer> buffers, const Schema &schema, EmitError emitError);

} // namespace mlir::gs::detail

#endif // GS_LIB_DIALECT_GS_IR_PATTERNS_TILEUTILS_H
