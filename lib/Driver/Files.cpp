//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Files, standard output and programs.
//
//===----------------------------------------------------------------------===//
#include "Session.h"
#include "gs/Compiler/OutputFile.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/Signals.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::driver;
namespace fs = llvm::sys::fs;

LogicalResult mlir::gs::driver::writeStdout(Session &session, llvm::function_ref<void(llvm::raw_ostream &)> write) {
  llvm::raw_fd_ostream &os = llvm::outs();
  write(os);
  os.flush();
  std::error_code error = os.error();
  os.clear_error(); // Otherwise the destructor of the stream ends the process.
  if (!error)
    return success();
  session.error("cannot write to standard output: " + error.message() + "; free some space, or write elsewhere");
  return failure();
}

LogicalResult mlir::gs::driver::writeText(Session &session, StringRef path,
                                          llvm::function_ref<void(llvm::raw_ostream &)> write) {
  if (path == "-")
    return writeStdout(session, write);
  auto fail = [&](const Twine &message) { session.error(message); };
  OutputFile file(/*removeOnSignal=*/true);
  auto writer = [&](llvm::raw_pwrite_stream &os) {
    write(os);
    return success();
  };
  if (failed(file.create(path, fail)) || failed(file.write(writer, fail)))
    return failure();
  return file.commit(fail);
}

LogicalResult mlir::gs::driver::checkWritable(Session &session, StringRef option, StringRef path, StringRef model) {
  if (path.empty() || path == "-")
    return success();
  if (!model.empty() && fs::equivalent(path, model)) {
    session.error(option + " " + path + ": this is the model itself, which would be overwritten; name another file");
    return failure();
  }
  OutputFile probe(/*removeOnSignal=*/true); // Removed at the end of its life.
  return probe.create(path, [&](const Twine &message) { session.error(message); });
}

TemporaryFile::~TemporaryFile() {
  if (name.empty())
    return;
  fs::remove(name);
  llvm::sys::DontRemoveFileOnSignal(name);
}

LogicalResult TemporaryFile::create(Session &session, StringRef stem, StringRef extension) {
  llvm::SmallString<128> made;
  std::error_code error = createTemporaryFile(("gsc-" + stem).str(), extension, /*removeOnSignal=*/true, made);
  if (error) {
    session.error("no temporary file: " + error.message() + "; free some space, or name another folder in TMPDIR");
    return failure();
  }
  name = made.str().str();
  return success();
}

/// Runs `program` as "gsc", the name that its diagnostics begin with.
static int execute(Session &session, StringRef program, ArrayRef<std::string> arguments,
                   ArrayRef<std::optional<StringRef>> redirects) {
  SmallVector<StringRef> all = {"gsc"};
  all.append(arguments.begin(), arguments.end());
  std::string message;
  bool failedToStart = false;
  int code = llvm::sys::ExecuteAndWait(program, all, std::nullopt, redirects, 0, 0, &message, &failedToStart);
  if (failedToStart || code < 0) {
    session.error("the compiled program " + Twine(failedToStart ? "does not start: " : "ended early: ") +
                  (message.empty() ? "no reason given" : message) +
                  (failedToStart ? "; name a folder for temporary programs in TMPDIR" : ""));
    return 1;
  }
  return code;
}

int mlir::gs::driver::runProgram(Session &session, StringRef program, ArrayRef<std::string> arguments) {
  return execute(session, program, arguments, {}) ? 1 : 0;
}

FailureOr<llvm::json::Object> mlir::gs::driver::runForJSON(Session &session, StringRef program,
                                                           ArrayRef<std::string> arguments) {
  TemporaryFile captured;
  if (failed(captured.create(session, "output", "json")))
    return failure();
  if (execute(session, program, arguments, {std::nullopt, captured.path(), std::nullopt}))
    return failure(); // The program has said why.
  auto text = llvm::MemoryBuffer::getFile(captured.path(), /*IsText=*/true);
  if (text) {
    if (auto value = llvm::json::parse((*text)->getBuffer())) {
      if (llvm::json::Object *object = value->getAsObject())
        return std::move(*object);
    } else {
      llvm::consumeError(value.takeError());
    }
  }
  session.error("the compiled program printed no JSON; is the disk full?");
  return failure();
}
