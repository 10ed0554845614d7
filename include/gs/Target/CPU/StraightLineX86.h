//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Machine code of straight-line kernels, encoded by LLVM's MC layer.
//
//===----------------------------------------------------------------------===//
#ifndef GS_TARGET_CPU_STRAIGHTLINEX86_H
#define GS_TARGET_CPU_STRAIGHTLINEX86_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"
#include <cstdint>
#include <memory>

namespace mlir::gs {

/// Encodes chunks of straight-line code for AVX-512. A chunk is a function of the System V ABI,
///
///     void chunk(const float *x, const float *weights, float *sums)
///
/// that adds to sums[row][16] the products of its weights with vectors of 16 activations at constant displacements
/// from x. Up to 28 rows stay in registers; each activation vector is loaded once for all rows that use it.
class StraightLineX86 {
public:
  static constexpr unsigned maxRows = 28;

  /// Fails if this LLVM has no X86 back end.
  static llvm::Expected<std::unique_ptr<StraightLineX86>> create();
  ~StraightLineX86();

  /// Appends one chunk to `code`, at a multiple of 64 bytes. Column i reads the activations at displacement
  /// `indices[i]` (elements) for the rows in bit mask `rows[i]`; weights lie in this order. With `accumulate` the sums
  /// start from memory, else from zero. Returns the position of the chunk in `code`.
  uint64_t emitChunk(llvm::ArrayRef<uint32_t> indices, llvm::ArrayRef<uint32_t> rows, unsigned numRows, bool accumulate,
                     llvm::SmallVectorImpl<char> &code);

private:
  struct Encoder;
  explicit StraightLineX86(std::unique_ptr<Encoder> encoder);
  std::unique_ptr<Encoder> encoder;
};

} // namespace mlir::gs

#endif // GS_TARGET_CPU_STRAIGHTLINEX86_H
