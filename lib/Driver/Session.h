//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What every subcommand shares: the context, diagnostics of one line, progress, output that is written whole or not
// at all, and programs that run for a moment.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_DRIVER_SESSION_H
#define GS_LIB_DRIVER_SESSION_H

#include "gs/Compiler/Compile.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/ThreadPool.h"
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

namespace mlir::gs::driver {

/// One run of a subcommand.
class Session {
public:
  Session();
  ~Session();
  Session(const Session &) = delete;
  Session &operator=(const Session &) = delete;

  /// Prints `gsc: error: message` on standard error.
  void error(const Twine &message);
  /// Prints `gsc: warning: message`.
  void warning(const Twine &message) { print("warning", message); }
  /// Prints `gsc: note: message`.
  void note(const Twine &message);
  bool hadError() const { return errors != 0; }

  /// Threads of the context; 0: one per core. Before the context is made.
  void setJobs(int64_t count) { jobs = count; }
  /// The context, made when first asked for. Its diagnostics are printed as one line each, without IR.
  MLIRContext *context();

  /// Names the phase that begins. Phases are printed on standard error from a second after the first on.
  void phase(const Twine &name);
  /// Ends the phases; nothing is printed until the next one.
  void endPhases();

  /// Passes on what failed without a diagnostic. Returns 1, the exit code.
  int fail(StringRef what);

private:
  void print(StringRef kind, const Twine &message);
  void print(Diagnostic &diagnostic);
  void watch();

  std::mutex mutex; ///< of standard error and the phases
  std::condition_variable wake;
  std::thread watcher;
  std::string currentPhase;
  std::chrono::steady_clock::time_point start;
  bool running = false, visible = false;
  std::atomic<unsigned> errors = 0;
  int64_t jobs = 0;
  std::unique_ptr<llvm::ThreadPoolInterface> pool; ///< outlives the context
  std::unique_ptr<MLIRContext> owned;
};

/// Writes to standard output. `write` must not fail; a full disk or a closed pipe is a diagnostic.
LogicalResult writeStdout(Session &session, llvm::function_ref<void(llvm::raw_ostream &)> write);

/// Writes `path` ("-": standard output) whole or not at all.
LogicalResult writeText(Session &session, StringRef path, llvm::function_ref<void(llvm::raw_ostream &)> write);

/// Fails, with a diagnostic, if `path` cannot be written, or is the file `model`. Nothing stays behind.
LogicalResult checkWritable(Session &session, StringRef option, StringRef path, StringRef model);

/// A file in the system's folder for temporary ones, removed at the end, also by a signal.
class TemporaryFile {
public:
  ~TemporaryFile();
  LogicalResult create(Session &session, StringRef stem, StringRef extension);
  StringRef path() const { return name; }

private:
  std::string name;
};

/// Runs `program` with our standard streams. Returns its exit code; a crash or a program that does not start is a
/// diagnostic and 1.
int runProgram(Session &session, StringRef program, ArrayRef<std::string> arguments);

/// Runs `program` and reads what it prints as one JSON object; its diagnostics go to standard error.
FailureOr<llvm::json::Object> runForJSON(Session &session, StringRef program, ArrayRef<std::string> arguments);

} // namespace mlir::gs::driver

#endif // GS_LIB_DRIVER_SESSION_H
