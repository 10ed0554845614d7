//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Facts of a gather/scatter engine.
//
//===----------------------------------------------------------------------===//
#ifndef GS_TARGET_GSE_ENGINESPEC_H
#define GS_TARGET_GSE_ENGINESPEC_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/LogicalResult.h"
#include <cstdint>
#include <string>

namespace mlir::gse {

/// What a modelled machine with a gather/scatter engine has: a core, a tightly coupled memory (TCM) of `banks`
/// sub-banks that is never a cache, an engine that gathers or scatters one element per lane, a cache with a stream
/// prefetcher, and DMA between memory and TCM. Times are cycles. All built-in records are design choices: none is
/// calibrated on hardware. The fields that a module may override are listed in EngineFields.def, with their limits.
struct EngineSpec {
  std::string name;  ///< "gse-inorder2"; built-in records are listed in EngineSpec.cpp
  std::string basis; ///< where the numbers come from

  int64_t issueWidth = 2;    ///< instructions per cycle
  bool outOfOrder = false;   ///< latencies of a loop hide behind those of the next
  int64_t window = 64;       ///< instructions in flight, of the schedule that the scoreboard assumes
  int64_t lsuPorts = 1;      ///< accesses per cycle, cache and TCM together
  int64_t fpPipes = 1;       ///< vector arithmetic instructions per cycle
  int64_t vectorBits = 128;  ///< lanes = banks = vectorBits / element bits
  int64_t aluLatency = 1;    ///< also of a store
  int64_t loadLatency = 3;   ///< from the first-level cache
  int64_t tcmLatency = 2;    ///< contiguous load from TCM
  int64_t gatherLatency = 4; ///< of a gather without conflicts; occupancy - 1 more with
  int64_t fmaLatency = 4;    ///< chain of accumulations
  int64_t addLatency = 3;
  int64_t permuteLatency = 3; ///< also of a conversion
  int64_t reduceLatency = 8;  ///< sum of a full vector
  int64_t reduceBusy = 2;     ///< cycles that a full sum keeps its unit
  int64_t tcmBytes = 64 << 10;
  int64_t tcmBase = 0x20000000;
  int64_t streamBytesPerCycle = 16; ///< of the stream prefetcher
  int64_t streamStartup = 100;
  int64_t dmaBytesPerCycle = 16;
  int64_t dmaStartup = 100;
  int64_t lineBytes = 64;
  int64_t dramLatency = 100;
  int64_t l1Bytes = 32 << 10;
  int64_t l2Bytes = 512 << 10;
  int64_t clockMHz = 1000;   ///< where a time is needed
  bool decoupled = false;    ///< a gather keeps the port for one cycle only, the engine for its occupancy
  bool mergeWords = true;    ///< lanes on the same word of a bank count once
  bool cachedGather = false; ///< there is no TCM: gathers go to the cache
  bool gatherLines = false;  ///< a gather from cached memory costs one access per distinct line, not per lane

  /// Lanes of a vector of elements of this many bits; also the number of sub-banks.
  int64_t banks(unsigned elementBits = 16) const { return vectorBits / elementBits; }

  bool operator==(const EngineSpec &) const = default;
};

/// Receives one message, without location or newline.
using EngineErrorFn = llvm::function_ref<void(const llvm::Twine &)>;

/// All records that come with the project.
llvm::ArrayRef<EngineSpec> getBuiltinEngines();

/// A record by name, with fields replaced: "gse-inorder2", "gse-inorder2{tcm_bytes=32768,decoupled=1}". Fails on an
/// unknown name or field and on a value outside of its limits; the message says what there is.
llvm::FailureOr<EngineSpec> resolveEngine(llvm::StringRef text, EngineErrorFn emitError);

/// Replaces fields of a record: "tcm_bytes=32768,decoupled=1". Fails as `resolveEngine` does.
llvm::LogicalResult replaceFields(EngineSpec &spec, llvm::StringRef fields, EngineErrorFn emitError);

} // namespace mlir::gse

#endif // GS_TARGET_GSE_ENGINESPEC_H
