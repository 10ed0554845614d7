//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// gsc: choice of the subcommand.
//
//===----------------------------------------------------------------------===//
#include "gs/Driver/Driver.h"
#include "Commands.h"
#include "llvm/Config/llvm-config.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/Signals.h"
#include "llvm/Support/raw_ostream.h"
#include <csignal>
#include <new>
#include <unistd.h>

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::driver;

static const Command commands[] = {
    {"compile", "an ONNX model to a program, library, object file or IR", runCompile},
    {"run", "compile a model and run it once", runRun},
    {"bench", "compile a model and time it", runBench},
    {"explain", "what is done with each layer, and why", runExplain},
    {"whatif", "what pruning would bring, layer by layer, before training", runWhatIf},
    {"prune", "zeros into an ONNX file, by a recipe or one pattern", runPrune},
    {"targets", "the machines that can be compiled for", runTargets},
    {"calibrate", "measure this machine for a target record of its own", runCalibrate},
};

static void printHelp(llvm::raw_ostream &os) {
  os << "GSC compiles pruned neural networks from ONNX to native code that leaves the zeros out.\n\n"
        "Usage: gsc COMMAND [options]\n\nCommands:\n";
  for (const Command &command : commands)
    os << "  " << llvm::left_justify(command.name, 12) << command.summary << "\n";
  os << "\nOptions:\n"
        "  --help      Print this text; `gsc COMMAND --help` tells all about a command.\n"
        "  --version   Print the version.\n"
        "\nExamples:\n"
        "  gsc compile model.onnx -o model              a program: ./model --help\n"
        "  gsc compile model.onnx --emit=shared         libmodel.so and model.h\n"
        "  gsc explain model.onnx                       what the zeros of each layer gain\n"
        "  gsc bench model.onnx --threads=1,2 --layers  how long each layer takes\n";
}

/// LLVM ends the process on errors of its own and when memory runs out; the user still gets one line.
static void fatal(void *, const char *reason, bool) {
  StringRef line(reason);
  std::string message = ("gsc: error: " + line.take_until([](char c) { return c == '\n'; }) + "\n").str();
  (void)!::write(STDERR_FILENO, message.data(), message.size());
  llvm::sys::RunInterruptHandlers(); // Removes temporary files.
  _exit(1);
}

static void outOfMemory(void *, const char *, bool) {
  static const char message[] = "gsc: error: out of memory; close other programs, or compile on a larger machine\n";
  (void)!::write(STDERR_FILENO, message, sizeof message - 1);
  llvm::sys::RunInterruptHandlers();
  _exit(1);
}

int mlir::gs::runDriver(int argc, const char *const *argv) {
  std::signal(SIGXFSZ, SIG_IGN); // A file that may not grow is a failed write, with a diagnostic.
  // A reader that went away (`gsc ... | head`) ends the program like an interrupt: temporary files are removed, then
  // the signal does what it does by itself. LLVM's own function calls exit(), which other threads would go on beside.
  llvm::sys::SetOneShotPipeSignalFunction([] { std::raise(SIGPIPE); });
  llvm::install_fatal_error_handler(fatal);
  llvm::install_bad_alloc_error_handler(outOfMemory);
  std::set_new_handler([] { outOfMemory(nullptr, nullptr, false); });
  Session session;
  if (argc < 2) {
    session.error("no command; see `gsc --help`");
    return 1;
  }
  SmallVector<StringRef> arguments(argv + 2, argv + argc);
  StringRef name = argv[1];
  if (name == "--help" || name == "-h" || (name == "help" && arguments.empty()))
    return failed(writeStdout(session, printHelp));
  if (name == "--version")
    return failed(writeStdout(
        session, [](llvm::raw_ostream &os) { os << "gsc " GS_VERSION " (MLIR " LLVM_VERSION_STRING ")\n"; }));
  if (name == "help") { // gsc help COMMAND
    name = arguments.front();
    arguments = {"--help"};
  }
  SmallVector<StringRef> names;
  for (const Command &command : commands) {
    if (command.name == name)
      return command.run(session, arguments);
    names.push_back(command.name);
  }
  session.error("unknown " + Twine(name.starts_with("-") ? "option" : "command") + " '" + name + "'" +
                suggestion(name, names) + "; see `gsc --help`");
  return 1;
}
