//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The search for the pattern of one weight.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_DIALECT_GS_TRANSFORMS_DETECTION_SEARCH_H
#define GS_LIB_DIALECT_GS_TRANSFORMS_DETECTION_SEARCH_H

#include "Detection.h"

namespace mlir::gs::detection {

/// What the search found for one weight.
struct Found {
  PatternAttrInterface pattern; ///< null: dense
  double density = 1.0;         ///< kept weights / all weights
  int64_t completed = 0;        ///< zeros that the pattern keeps although the file did not
  SmallVector<std::pair<std::string, std::string>> refused;

  void refuse(Attribute candidate, const Twine &reason);
};

struct SearchOptions {
  double maxFill = 1.15; ///< weights stored per non-zero, at most
  bool explain = false;  ///< whether every refused candidate is recorded
};

/// Looks for all patterns in the weight of a contraction in `groups` convolution groups: detectors propose, the cost
/// model decides. The mask and the row order of the weight become those of the pattern; values stay. May run in
/// several threads, each with a weight of its own.
Found searchPattern(Operation *op, Weight &weight, ArrayRef<int64_t> shape, int64_t groups,
                    const SearchOptions &options, const TargetSpec &target);

} // namespace mlir::gs::detection

#endif // GS_LIB_DIALECT_GS_TRANSFORMS_DETECTION_SEARCH_H
