//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Instruction sets with a gather in hardware, as far as kernels of gather/scatter
// weights need to know them.
//
//===----------------------------------------------------------------------===//
#ifndef GS_TARGET_GATHERMACHINE_H
#define GS_TARGET_GATHERMACHINE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/LogicalResult.h"
#include <cstdint>

namespace mlir::gs {

/// What a gather of the machine can do. All are facts of the published instruction set, none of a processor.
struct GatherMachine {
  llvm::StringLiteral name;
  llvm::StringLiteral basis;                 ///< where the facts come from
  llvm::StringLiteral triple, cpu, features; ///< of LLVM; such functions run on every machine that has the features
  unsigned vectorBits;                       ///< of a vector; the unit of its length if `scalable`
  bool scalable;             ///< vectors have a multiple of `vectorBits` that only the program knows, when it runs
  bool gatherToMemory;       ///< a gather writes to memory next to its table, not to a register
  int64_t tableBytes;        ///< memory that tables (and such results) must lie in; 0: any memory will do
  int64_t reach16;           ///< bytes that offsets of 16 bits reach; 0: there are none
  unsigned laneBits;         ///< least width of a lane; narrower elements are widened
  unsigned integers, floats; ///< element widths in bits that can be gathered, as a sum of powers of two
  bool takes(unsigned bits, bool isFloat) const { return (isFloat ? floats : integers) & bits; }
};

/// All records.
llvm::ArrayRef<GatherMachine> getGatherMachines();

/// The record called `name`; else one diagnostic that names those there are.
const GatherMachine *resolveGatherMachine(llvm::StringRef name,
                                          llvm::function_ref<void(const llvm::Twine &)> emitError);

} // namespace mlir::gs

#endif // GS_TARGET_GATHERMACHINE_H
