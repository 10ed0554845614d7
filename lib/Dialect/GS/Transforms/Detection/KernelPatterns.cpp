//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Kernels of 3x3 that keep the positions of a mask of a library, which is mined.
//
//===----------------------------------------------------------------------===//
#include "Detection.h"
#include <array>

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detection;

/// A larger library says little about a layer, and each shape is code of its own.
static constexpr size_t maxLibrary = 64;

static void offerGroup(const Layer &layer, Proposals &to, int64_t group) {
  int64_t rows = layer.weight.rows, channels = layer.weight.channels;
  // Bits of position 3i + j that any filter of the group keeps: the nine places of a channel in the outer view.
  std::vector<uint16_t> kernels(rows / group * channels, 0);
  std::array<int64_t, 512> times = {};
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t i = 0; i < channels; ++i)
      kernels[r / group * channels + i] |= static_cast<uint16_t>(layer.outer.extract(r, i * 9, 9));
  int64_t entries = 0, kept = 0;
  for (uint16_t kernel : kernels) {
    ++times[kernel];
    kept += kernel != 0;
    entries = std::max<int64_t>(entries, llvm::popcount(unsigned(kernel)));
  }
  if (!entries || entries == 9)
    return;
  SmallVector<int64_t> library;
  for (int64_t mask = 1; mask < 512; ++mask)
    if (times[mask] && llvm::popcount(unsigned(mask)) == entries)
      library.push_back(mask);
  // Frequent masks first; kernels whose mask is not in the library must lie in one that is.
  SmallVector<int64_t> ranked = library;
  llvm::sort(ranked, [&](int64_t a, int64_t b) { return times[a] != times[b] ? times[a] > times[b] : a < b; });
  std::array<uint16_t, 512> chosen = {};
  bool covered = library.size() <= maxLibrary;
  for (int64_t mask = 1; mask < 512; ++mask)
    if (times[mask]) {
      const auto *it = llvm::find_if(ranked, [&](int64_t whole) { return (mask & ~whole) == 0; });
      covered &= it != ranked.end();
      chosen[mask] = it == ranked.end() ? 0 : static_cast<uint16_t>(*it);
    }
  if (!covered)
    return;
  bool connectivity = kept != static_cast<int64_t>(kernels.size());
  auto pattern = KernelPatternAttr::get(layer.weight.elementType.getContext(), entries, library, group, connectivity);
  to.offer(pattern, kept * entries * group, kept,
           [kernels = std::move(kernels), chosen, group, channels](Weight &weight) {
             for (int64_t r = 0; r < weight.rows; ++r)
               for (int64_t i = 0; i < channels; ++i)
                 for (int64_t loc = 0; loc < 9; ++loc)
                   if (chosen[kernels[r / group * channels + i]] >> loc & 1)
                     weight.mask[r * weight.cols + loc * channels + i] = 1;
             return true;
           });
}

void mlir::gs::detection::detectKernelPatterns(const Layer &layer, Proposals &to) {
  ArrayRef<int64_t> shape = layer.shape;
  if (shape.size() != 4 || shape[2] != 3 || shape[3] != 3)
    return;
  for (int64_t group : {16, 8, 4, 2, 1})
    if (layer.weight.rows % group == 0)
      offerGroup(layer, to, group);
}
