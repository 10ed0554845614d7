//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Cached memory and TCM of a simulated engine.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_TARGET_GSE_MEMORY_H
#define GS_LIB_TARGET_GSE_MEMORY_H

#include "gs/Dialect/GSE/IR/GSEDialect.h"
#include "gs/Target/GSE/EngineSpec.h"
#include <string>
#include <vector>

namespace mlir::gse::detail {

/// Byte-addressed memory. An access that is not possible gives no pointer, and says why in `error`.
class Memory {
public:
  explicit Memory(const EngineSpec &spec);

  /// Places a buffer in cached memory; negative if it is full.
  int64_t allocate(int64_t bytes, int64_t align);

  const char *read(int64_t address, int64_t bytes);
  char *write(int64_t address, int64_t bytes);

  /// Marks bytes of the TCM as target of a copy that was begun; a read before `endCopy` is an error.
  int64_t beginCopy(int64_t address, int64_t bytes);
  void addToCopy(int64_t token, int64_t address, int64_t bytes);
  bool endCopy(int64_t token);

  bool inTcm(int64_t address) const { return address >= spec.tcmBase && address < spec.tcmBase + spec.tcmBytes; }

  std::string error;

private:
  struct Range {
    int64_t begin, end;
  };
  char *find(int64_t address, int64_t bytes);

  const EngineSpec &spec;
  std::vector<char> cached, tcm;
  std::vector<uint8_t> written; ///< of the TCM, by byte: 0 never, 1 once
  std::vector<Range> allocations;
  size_t lastAllocation = 0;
  std::vector<std::vector<Range>> copies; ///< by token; empty once waited for
  std::vector<int64_t> pending;           ///< tokens of copies that were not waited for
};

} // namespace mlir::gse::detail

#endif // GS_LIB_TARGET_GSE_MEMORY_H
