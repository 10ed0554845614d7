//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Timing candidate kernels on the machine, and remembering the times.
//
//===----------------------------------------------------------------------===//
#ifndef GS_COMPILER_TUNE_H
#define GS_COMPILER_TUNE_H

#include "gs/Compiler/Compile.h"
#include <map>

namespace mlir::gs {

/// Measured times of kernels, in a JSON file. An entry is keyed by the machine, the target record, the program that
/// generated the kernel, and what the time of the layer depends on; so an entry that no longer applies is not found.
class TuneCache {
public:
  struct Time {
    std::string strategy; ///< `#gs.strategy<...>` as text
    double us;
  };

  /// `$XDG_CACHE_HOME/gsc/tune.json`, else `~/.cache/gsc/tune.json`; "" if neither is known.
  static std::string defaultPath();

  /// Makes the folder of `path`, so that a cache that cannot be written is told of before the long work.
  static LogicalResult makeFolder(StringRef path, EmitErrorFn emitError);

  /// Reads `path`. A file that is missing is an empty cache; one that is damaged is one, too, and `warn` is told.
  TuneCache(std::string path, llvm::function_ref<void(const Twine &)> warn);

  /// Times of `key`, or null.
  const std::vector<Time> *lookup(StringRef key) const;
  void add(StringRef key, std::vector<Time> times);
  /// Writes what was added, together with what other processes have written in the meantime, under a temporary name
  /// that then replaces the file. Nothing happens if nothing was added.
  LogicalResult save(EmitErrorFn emitError);

private:
  using Entries = std::map<std::string, std::vector<Time>, std::less<>>;
  static Entries read(StringRef path, llvm::function_ref<void(const Twine &)> warn);

  std::string path;
  Entries entries, added;
};

/// Compiles nothing itself: runs the program at `path` and returns microseconds of one inference on one thread. Failure
/// with a diagnostic if it does not run.
using RunProgramFn = llvm::function_ref<FailureOr<double>(StringRef path)>;

struct TuneOptions {
  std::string scratch;        ///< a path that candidate programs are written to, one after the other
  unsigned maxCandidates = 6; ///< of a layer
};

/// Writes `gs.measured` on the contractions of `module`, which is what buildFindStructure leaves: times of the best few
/// candidates of each, taken from `cache` or measured with `run`. `machine` is text that identifies where the times
/// hold.
LogicalResult tuneModule(ModuleOp module, const CompileOptions &compile, const TargetSpec &target, StringRef machine,
                         TuneCache &cache, const TuneOptions &options, RunProgramFn run, EmitErrorFn emitError);

/// What a time depends on besides the layer: processor, target record, and this program.
std::string describeMachine(const TargetSpec &target);

/// Fails, with a diagnostic, if times measured here say nothing about `target`.
LogicalResult checkTunable(const TargetSpec &target, EmitErrorFn emitError);

} // namespace mlir::gs

#endif // GS_COMPILER_TUNE_H
