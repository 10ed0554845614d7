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
#include "Memory.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"
#include <algorithm>
#include <cstring>

using namespace mlir::gse;
using namespace mlir::gse::detail;

/// Where cached memory begins; far from zero and from the TCM.
static constexpr int64_t cachedBase = 0x1000;
/// Bytes between buffers, so that a read past the end of one does not find the next.
static constexpr int64_t guardBytes = 256;

Memory::Memory(const EngineSpec &spec) : spec(spec), tcm(spec.tcmBytes), written(spec.tcmBytes) {}

int64_t Memory::allocate(int64_t bytes, int64_t align) {
  int64_t begin = static_cast<int64_t>(llvm::alignTo(cachedBase + cached.size() + guardBytes, align));
  if (begin > spec.tcmBase || bytes > spec.tcmBase - begin) { // the TCM lies above all cached memory
    error = std::to_string(bytes) + " bytes more do not fit the cached memory of " + std::to_string(spec.tcmBase);
    return -1;
  }
  allocations.push_back({begin, begin + bytes});
  cached.resize(begin + bytes - cachedBase);
  return begin;
}

static std::string hex(int64_t address) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format_hex(address, 10);
  return text;
}

char *Memory::find(int64_t address, int64_t bytes) {
  // Any address and any length may be asked for: no sum of them is taken.
  if (inTcm(address)) {
    if (bytes <= spec.tcmBase + spec.tcmBytes - address)
      return tcm.data() + (address - spec.tcmBase);
  } else {
    auto holds = [&](const Range &range) { return address >= range.begin && bytes <= range.end - address; };
    if (lastAllocation < allocations.size() && holds(allocations[lastAllocation]))
      return cached.data() + (address - cachedBase);
    auto it = std::upper_bound(allocations.begin(), allocations.end(), address,
                               [](int64_t value, const Range &range) { return value < range.begin; });
    if (it != allocations.begin() && holds(*--it)) {
      lastAllocation = it - allocations.begin();
      return cached.data() + (address - cachedBase);
    }
  }
  error = std::to_string(bytes) + " bytes at address " + hex(address) + " are out of range";
  return nullptr;
}

const char *Memory::read(int64_t address, int64_t bytes) {
  char *found = find(address, bytes);
  if (!found || !inTcm(address))
    return found;
  const uint8_t *begin = written.data() + (address - spec.tcmBase);
  if (const void *never = std::memchr(begin, 0, bytes)) {
    error = "address " + hex(address + (static_cast<const uint8_t *>(never) - begin)) + " of the TCM was never written";
    return nullptr;
  }
  for (int64_t token : pending)
    for (const Range &range : copies[token])
      if (address < range.end && address + bytes > range.begin) {
        error = "address " + hex(address) + " is target of a copy that was not waited for";
        return nullptr;
      }
  return found;
}

char *Memory::write(int64_t address, int64_t bytes) {
  char *found = find(address, bytes);
  if (found && inTcm(address))
    std::memset(written.data() + (address - spec.tcmBase), 1, bytes);
  return found;
}

int64_t Memory::beginCopy(int64_t address, int64_t bytes) {
  copies.push_back({{address, address + bytes}});
  pending.push_back(static_cast<int64_t>(copies.size()) - 1);
  return pending.back();
}

void Memory::addToCopy(int64_t token, int64_t address, int64_t bytes) {
  copies[token].push_back({address, address + bytes});
}

bool Memory::endCopy(int64_t token) {
  if (copies[token].empty())
    return false;
  copies[token].clear();
  llvm::erase(pending, token);
  return true;
}
