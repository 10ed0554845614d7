//===- Link.cpp - Programs and libraries from objects ---------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The C compiler driver of the system links: it alone knows where this system
// keeps its start-up files and its C library.
//
//===----------------------------------------------------------------------===//

#include "EmitInternal.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ObjCopy/ConfigManager.h"
#include "llvm/ObjCopy/ObjCopy.h"
#include "llvm/Object/ObjectFile.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/Signals.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"

using namespace mlir::gs;
namespace fs = llvm::sys::fs;
namespace path = llvm::sys::path;

//===----------------------------------------------------------------------===//
// Tools
//===----------------------------------------------------------------------===//

namespace {
struct CrossTools {
  std::string triple; ///< of clang, and the folder of the runtime
  std::string remedy; ///< what installs the C library
};
} // namespace

static std::string join(llvm::StringRef folder, llvm::StringRef name) {
  llvm::SmallString<256> joined(folder);
  path::append(joined, name);
  return joined.str().str();
}

/// How programs for an architecture are linked on another one. None: `target` is that of this machine.
static std::optional<CrossTools> crossTools(const TargetSpec &target) {
  llvm::Triple triple(target.triple);
  if (triple.getArch() == llvm::Triple(llvm::sys::getProcessTriple()).getArch())
    return std::nullopt;
  if (triple.getArch() == llvm::Triple::hexagon)
    return CrossTools{triple.str(), "apt-get install clang-22 lld-22"};
  std::string name = (triple.getArchName() + "-linux-gnu").str();
  std::string debian = triple.isAArch64() ? "arm64" : triple.getArchName().str();
  return CrossTools{name, "apt-get install clang-22 lld-22 libc6-dev-" + debian + "-cross libgcc-12-dev-" + debian +
                              "-cross"};
}

/// Folder of the archives for `target`.
static std::string runtimeFolder(const TargetSpec &target, const EmitOptions &options) {
  std::string folder = options.runtimeDir;
  if (folder.empty())
    folder = llvm::sys::Process::GetEnv("GSC_RUNTIME_DIR").value_or("");
  if (folder.empty()) {
    // The address of any function of this program leads to its file.
    std::string program = fs::getMainExecutable(nullptr, reinterpret_cast<void *>(&findRuntime));
    folder = join(path::parent_path(path::parent_path(program)), "lib");
  }
  std::optional<CrossTools> cross = crossTools(target);
  return cross ? join(folder, cross->triple) : folder;
}

llvm::LogicalResult mlir::gs::findRuntime(const TargetSpec &target, const EmitOptions &options, std::string &runtime,
                                          std::string &runtimeMain, EmitErrorFn emitError) {
  std::string folder = runtimeFolder(target, options);
  std::optional<CrossTools> cross = crossTools(target);
  runtime = join(folder, "libGSRuntime.a");
  runtimeMain = join(folder, "libGSRuntimeMain.a");
  for (const std::string &archive : {runtime, runtimeMain})
    if (!fs::exists(archive) && cross) {
      emitError("cannot link for target '" + target.name + "': the runtime library '" + archive +
                "' is missing, because no C library of that architecture was there when gsc was built; " +
                cross->remedy + " (scripts/setup does), then scripts/build; --emit=llvm-ir needs none");
      return llvm::failure();
    } else if (!fs::exists(archive)) {
      emitError("the runtime library '" + archive +
                "' is missing; build the target GSRuntime, or name its folder in GSC_RUNTIME_DIR");
      return llvm::failure();
    }
  return llvm::success();
}

static llvm::FailureOr<std::string> findDriver(const TargetSpec &target, EmitErrorFn emitError) {
  if (std::optional<CrossTools> cross = crossTools(target)) {
    // One that generates code for every architecture; GSC_CC is about this one.
    for (const char *name : {"clang-22", "clang"})
      if (auto found = llvm::sys::findProgramByName(name))
        return *found;
    emitError("cannot link for target '" + target.name + "': no clang-22 or clang in PATH; " + cross->remedy +
              "; --emit=llvm-ir needs none");
    return llvm::failure();
  }
  if (std::optional<std::string> named = llvm::sys::Process::GetEnv("GSC_CC"); named && !named->empty()) {
    if (auto found = llvm::sys::findProgramByName(*named); found && fs::can_execute(*found))
      return *found;
    emitError("cannot link: GSC_CC names '" + *named + "', which is no program; set it to a C compiler, or unset it");
    return llvm::failure();
  }
  for (const char *name : {"cc", "gcc", "clang-22", "clang"})
    if (auto found = llvm::sys::findProgramByName(name))
      return *found;
  emitError("cannot link: no C compiler (cc, gcc or clang) in PATH; install one (apt-get install gcc), or name one in "
            "GSC_CC; --emit=llvm-ir needs none");
  return llvm::failure();
}

llvm::LogicalResult mlir::gs::checkLinker(const TargetSpec &target, const EmitOptions &options, EmitErrorFn emitError) {
  std::string runtime, runtimeMain;
  if (failed(findDriver(target, emitError)))
    return llvm::failure();
  return findRuntime(target, options, runtime, runtimeMain, emitError);
}

/// The line of a linker's output that says what is wrong.
static std::string pickLine(llvm::StringRef output) {
  llvm::SmallVector<llvm::StringRef> lines;
  output.split(lines, '\n', -1, /*KeepEmpty=*/false);
  for (llvm::StringRef line : lines)
    if (line.contains("error:") || line.contains("undefined") || line.contains("No space") || line.contains("cannot"))
      return line.trim().str();
  return lines.empty() ? "" : lines.front().trim().str();
}

/// Runs `arguments`; on failure one diagnostic with the decisive line of its output.
static llvm::LogicalResult runTool(llvm::ArrayRef<std::string> arguments, const llvm::Twine &remedy,
                                   bool removeOnSignal, EmitErrorFn emitError) {
  llvm::SmallString<128> log;
  if (std::error_code error = createTemporaryFile("gsc-link", "log", removeOnSignal, log)) {
    emitError("cannot link: no temporary file: " + error.message());
    return llvm::failure();
  }
  llvm::SmallVector<llvm::StringRef> references(arguments.begin(), arguments.end());
  std::optional<llvm::StringRef> redirects[] = {llvm::StringRef(""), log.str(), log.str()};
  std::string message;
  int status = llvm::sys::ExecuteAndWait(arguments.front(), references, std::nullopt, redirects, 0, 0, &message);
  std::string line = message;
  if (status != 0)
    if (auto output = llvm::MemoryBuffer::getFile(log, /*IsText=*/true); output && line.empty())
      line = pickLine((*output)->getBuffer());
  fs::remove(log);
  if (removeOnSignal)
    llvm::sys::DontRemoveFileOnSignal(log);
  if (status == 0)
    return llvm::success();
  emitError("linking with " + arguments.front() + " failed: " + (line.empty() ? "no message" : line) + "; " + remedy);
  return llvm::failure();
}

//===----------------------------------------------------------------------===//
// Objects
//===----------------------------------------------------------------------===//

/// Makes every symbol that `object` defines local, except PREFIX_*, so that several models fit in one program.
static llvm::LogicalResult hideSymbols(llvm::StringRef object, llvm::StringRef prefix, EmitErrorFn emitError) {
  auto fail = [&](llvm::Error error) {
    emitError("cannot hide the symbols of the runtime: " + llvm::toString(std::move(error)));
    return llvm::failure();
  };
  llvm::objcopy::ConfigManager config;
  llvm::objcopy::CommonConfig &common = config.Common;
  common.InputFilename = common.OutputFilename = object;
  std::string pattern = (prefix + "_*").str();
  if (llvm::Error error = common.SymbolsToKeepGlobal.addMatcher(llvm::objcopy::NameOrPattern::create(
          pattern, llvm::objcopy::MatchStyle::Wildcard, [](llvm::Error error) { return error; })))
    return fail(std::move(error));

  std::string result;
  {
    auto binary = llvm::object::ObjectFile::createObjectFile(object);
    if (!binary)
      return fail(binary.takeError());
    llvm::raw_string_ostream os(result);
    if (llvm::Error error = llvm::objcopy::executeObjcopyOnBinary(config, *binary->getBinary(), os))
      return fail(std::move(error));
  }
  std::error_code error;
  llvm::raw_fd_ostream os(object, error);
  if (!error) {
    os << result;
    os.close();
    error = os.error();
    os.clear_error();
  }
  if (error)
    return fail(llvm::errorCodeToError(error));
  return llvm::success();
}

llvm::LogicalResult mlir::gs::linkModel(EmitKind kind, llvm::ArrayRef<std::string> objects, llvm::StringRef soName,
                                        llvm::StringRef prefix, const TargetSpec &target, const EmitOptions &options,
                                        llvm::StringRef result, EmitErrorFn emitError) {
  std::string runtime, runtimeMain;
  llvm::FailureOr<std::string> driver = findDriver(target, emitError);
  if (failed(driver) || failed(findRuntime(target, options, runtime, runtimeMain, emitError)))
    return llvm::failure();

  llvm::SmallVector<std::string> command = {*driver, "-o", result.str()};
  std::string remedy = "check the C compiler, or name another one in GSC_CC";
  std::optional<CrossTools> cross = crossTools(target);
  if (cross) {
    llvm::append_range(command, llvm::ArrayRef<std::string>{"--target=" + cross->triple, "-fuse-ld=lld"});
    remedy = "check that the tools of the architecture are there: " + cross->remedy;
  }
  llvm::append_range(command, objects);
  switch (kind) {
  case EmitKind::Executable:
    llvm::append_range(command,
                       llvm::ArrayRef<std::string>{cross ? "-static" : "-pie", runtimeMain, runtime,
                                                   "-Wl,--gc-sections", "-Wl,-z,relro,-z,now", "-lm", "-pthread"});
    break;
  case EmitKind::SharedLibrary:
    llvm::append_range(command, llvm::ArrayRef<std::string>{"-shared", runtime, ("-Wl,-soname," + soName).str(),
                                                            "-Wl,--gc-sections", "-Wl,-z,defs", "-Wl,-z,relro,-z,now",
                                                            "-lm", "-pthread"});
    break;
  case EmitKind::Object:
    llvm::append_range(command, llvm::ArrayRef<std::string>{"-r", "-nostdlib", runtime});
    break;
  case EmitKind::LLVMIR:
    emitError("LLVM IR is not linked");
    return llvm::failure();
  }
  if (failed(runTool(command, remedy, options.removeOnSignal, emitError)))
    return llvm::failure();
  return kind == EmitKind::Object ? hideSymbols(result, prefix, emitError) : llvm::success();
}

//===----------------------------------------------------------------------===//
// Gather kernels
//===----------------------------------------------------------------------===//

llvm::LogicalResult mlir::gs::findGatherMain(const TargetSpec &target, const EmitOptions &options, std::string &archive,
                                             EmitErrorFn emitError) {
  if (failed(findDriver(target, emitError)))
    return llvm::failure();
  archive = join(runtimeFolder(target, options), "libGSGatherMain.a");
  if (fs::exists(archive))
    return llvm::success();
  std::optional<CrossTools> cross = crossTools(target);
  emitError("cannot link for target '" + target.name + "': '" + archive + "' is missing; " +
            (cross ? cross->remedy + " (scripts/setup does), then scripts/build"
                   : std::string("kernels for this machine have no program of their own")) +
            "; --emit=object needs none");
  return llvm::failure();
}

llvm::LogicalResult mlir::gs::linkGatherProgram(llvm::StringRef object, const TargetSpec &target,
                                                const EmitOptions &options, llvm::StringRef result,
                                                EmitErrorFn emitError) {
  std::string archive;
  llvm::FailureOr<std::string> driver = findDriver(target, emitError);
  if (failed(driver) || failed(findGatherMain(target, options, archive, emitError)))
    return llvm::failure();
  std::optional<CrossTools> cross = crossTools(target);
  llvm::SmallVector<std::string> command = {*driver,        "-o",
                                            result.str(),   "-static",
                                            "-fuse-ld=lld", "--target=" + (cross ? cross->triple : target.triple),
                                            object.str(),   archive};
  if (llvm::Triple(target.triple).getArch() == llvm::Triple::hexagon)
    command.push_back("-nostdlib");
  return runTool(command, "check that the tools of the architecture are there" + (cross ? ": " + cross->remedy : ""),
                 options.removeOnSignal, emitError);
}
