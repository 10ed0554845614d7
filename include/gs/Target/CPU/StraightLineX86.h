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

/// Encodes chunks of straight-line code for AVX-512. A chunk is called with
///
///     rdi    activations: each column is a vector of 16 at a constant displacement; columns that do not lie at one
///            from rdi are found from r8, r9, r10 or r11
///     rcx    what to prefetch meanwhile: code of a later chunk
///     zmm r  sum of row r, to which the chunk adds
///
/// and returns with `ret`. It changes no other register than the sums, rsi, rdx, the vector registers above those of
/// its rows, and the flags. Up to 28 rows have a register; each activation vector is loaded once for all of them. The
/// weights lie behind the code, in the order of use, so that code and weights are one stream of memory.
class StraightLineX86 {
public:
  static constexpr unsigned maxRows = 28;
  static constexpr unsigned maxInputs = 5;
  static constexpr const char *inputRegisters[maxInputs] = {"rdi", "r8", "r9", "r10", "r11"};

  /// Fails if this LLVM has no X86 back end.
  static llvm::Expected<std::unique_ptr<StraightLineX86>> create();
  ~StraightLineX86();

  /// Appends one chunk of code and its weights to `code`, at a multiple of 64 bytes. Column i reads the activations at
  /// displacement `indices[i]` (elements of f32) from register `inputs[i]` of `inputRegisters` for the rows in bit mask
  /// `rows[i]`; `weights` are those bits in this order. The code prefetches every `prefetchBytes` bytes of itself and
  /// its weights one line of 64 bytes behind rcx; 0: none. Three or more columns one after the other that begin within
  /// one vector, as the taps of a kernel do, come from two vectors in registers, as long as these end within the first
  /// `readable` elements behind their register; 0: no columns do. While a column's activations are loaded, those of the
  /// column `columnsAhead` places later are asked for; 0: none are. Returns the position of the chunk in `code`.
  uint64_t emitChunk(llvm::ArrayRef<uint32_t> indices, llvm::ArrayRef<uint8_t> inputs, llvm::ArrayRef<uint32_t> rows,
                     llvm::ArrayRef<char> weights, unsigned numRows, uint64_t prefetchBytes, uint64_t readable,
                     uint64_t columnsAhead, llvm::SmallVectorImpl<char> &code);

private:
  struct Encoder;
  explicit StraightLineX86(std::unique_ptr<Encoder> encoder);
  std::unique_ptr<Encoder> encoder;
};

} // namespace mlir::gs

#endif // GS_TARGET_CPU_STRAIGHTLINEX86_H
