//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Diagnostics and progress.
//
//===----------------------------------------------------------------------===//
#include "Session.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Location.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::driver;

/// Diagnostics are for people: what is longer than this is cut.
static constexpr size_t kMaxMessage = 1200;

Session::Session() = default;

Session::~Session() { endPhases(); }

/// Node name, or file and position, of a location; "" if it has none.
static std::string describe(Location location) {
  if (auto name = dyn_cast<NameLoc>(location))
    return name.getName().str();
  if (auto file = dyn_cast<FileLineColLoc>(location)) {
    std::string text = file.getFilename().str();
    if (file.getLine())
      text += (":" + Twine(file.getLine()) + ":" + Twine(file.getColumn())).str();
    return text;
  }
  if (auto fused = dyn_cast<FusedLoc>(location)) {
    for (Location inner : fused.getLocations())
      if (std::string text = describe(inner); !text.empty())
        return text;
  }
  if (auto call = dyn_cast<CallSiteLoc>(location))
    return describe(call.getCallee());
  return "";
}

/// One line: without line breaks, and of a length that a terminal can show.
static std::string oneLine(StringRef text) {
  std::string line;
  for (char c : text)
    line += c == '\n' || c == '\r' || c == '\t' ? ' ' : c;
  if (line.size() > kMaxMessage)
    line = line.substr(0, kMaxMessage) + " ...";
  return line;
}

void Session::print(StringRef kind, const Twine &message) {
  std::string line = ("gsc: " + kind + ": " + oneLine(message.str()) + "\n").str();
  std::lock_guard<std::mutex> lock(mutex);
  llvm::errs() << line;
}

void Session::error(const Twine &message) {
  ++errors;
  print("error", message);
}

void Session::note(const Twine &message) { print("note", message); }

void Session::print(Diagnostic &diagnostic) {
  auto text = [](Diagnostic &d) {
    std::string where = describe(d.getLocation());
    return where.empty() ? d.str() : where + ": " + d.str();
  };
  StringRef kind = "note";
  if (diagnostic.getSeverity() == DiagnosticSeverity::Error) {
    kind = "error";
    ++errors;
  } else if (diagnostic.getSeverity() == DiagnosticSeverity::Warning) {
    kind = "warning";
  }
  print(kind, text(diagnostic));
  for (Diagnostic &note : diagnostic.getNotes())
    print("note", text(note));
}

MLIRContext *Session::context() {
  if (!owned) {
    DialectRegistry registry;
    registerCompilerDialects(registry);
    owned = std::make_unique<MLIRContext>(registry, jobs == 0 ? MLIRContext::Threading::ENABLED
                                                              : MLIRContext::Threading::DISABLED);
    if (jobs > 1) {
      pool = std::make_unique<llvm::DefaultThreadPool>(llvm::hardware_concurrency(unsigned(jobs)));
      owned->setThreadPool(*pool);
    }
    // The user knows the model, not the IR: nodes are named by their location.
    owned->printOpOnDiagnostic(false);
    owned->printStackTraceOnDiagnostic(false);
    owned->getDiagEngine().registerHandler([this](Diagnostic &diagnostic) {
      print(diagnostic);
      return success();
    });
  }
  return owned.get();
}

void Session::watch() {
  std::unique_lock<std::mutex> lock(mutex);
  wake.wait_for(lock, std::chrono::seconds(1), [this] { return !running; });
  if (!running)
    return;
  visible = true;
  llvm::errs() << "gsc: " << currentPhase << "\n";
}

void Session::phase(const Twine &name) {
  std::lock_guard<std::mutex> lock(mutex);
  currentPhase = name.str();
  if (!running) {
    running = true;
    visible = false;
    start = std::chrono::steady_clock::now();
    watcher = std::thread([this] { watch(); });
    return;
  }
  if (!visible)
    return;
  double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::string line;
  llvm::raw_string_ostream(line) << "gsc: " << currentPhase << " (" << llvm::format("%.1f", seconds) << " s)\n";
  llvm::errs() << line;
}

void Session::endPhases() {
  {
    std::lock_guard<std::mutex> lock(mutex);
    running = visible = false;
  }
  wake.notify_all();
  if (watcher.joinable())
    watcher.join();
}

int Session::fail(StringRef what) {
  endPhases();
  if (!hadError())
    error(what + " failed without a reason; this is a mistake of gsc: please report it with the model");
  return 1;
}
