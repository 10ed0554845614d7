//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Measured times of kernels in a file.
//
//===----------------------------------------------------------------------===//
#include "gs/Compiler/OutputFile.h"
#include "gs/Compiler/Tune.h"
#include "gs/Target/TargetRegistry.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Support/xxhash.h"
#include "llvm/TargetParser/Host.h"
#include <cmath>

using namespace mlir;
using namespace mlir::gs;
namespace fs = llvm::sys::fs;

/// Of the file's layout.
static constexpr int64_t kFormat = 1;

/// Above this, a file keeps only what is new: it has collected times of many machines, programs and models.
static constexpr size_t kMaxEntries = 20000;

std::string TuneCache::defaultPath() {
  llvm::SmallString<128> path;
  if (std::optional<std::string> folder = llvm::sys::Process::GetEnv("XDG_CACHE_HOME");
      folder && llvm::sys::path::is_absolute(*folder))
    path = *folder;
  else if (std::optional<std::string> home = llvm::sys::Process::GetEnv("HOME"); home && !home->empty())
    llvm::sys::path::append(path, *home, ".cache");
  else
    return "";
  llvm::sys::path::append(path, "gsc", "tune.json");
  return path.str().str();
}

LogicalResult TuneCache::makeFolder(StringRef path, EmitErrorFn emitError) {
  StringRef folder = llvm::sys::path::parent_path(path);
  if (std::error_code error = folder.empty() ? std::error_code() : fs::create_directories(folder)) {
    emitError(path + ": cannot make its folder: " + error.message() + "; name another file with --tune-cache");
    return failure();
  }
  return success();
}

TuneCache::Entries TuneCache::read(StringRef path, llvm::function_ref<void(const Twine &)> warn) {
  Entries entries;
  auto damaged = [&](const Twine &why) {
    warn(path + ": " + why + "; its times are not used, and the file will be written anew");
    return Entries();
  };
  auto text = llvm::MemoryBuffer::getFile(path, /*IsText=*/true);
  if (!text) {
    if (text.getError() != std::errc::no_such_file_or_directory)
      return damaged("cannot be read: " + text.getError().message());
    return entries;
  }
  auto value = llvm::json::parse((*text)->getBuffer());
  if (!value)
    return damaged("is no cache of tuning times (" + llvm::toString(value.takeError()) + ")");
  const llvm::json::Object *root = value->getAsObject();
  const llvm::json::Object *times = root ? root->getObject("times") : nullptr;
  if (!times || root->getInteger("format") != kFormat)
    return damaged("is no cache of tuning times of this version");
  for (const auto &[key, list] : *times) {
    std::vector<Time> &entry = entries[key.str()];
    const llvm::json::Array *array = list.getAsArray();
    for (const llvm::json::Value &item : array ? *array : llvm::json::Array()) {
      const llvm::json::Object *time = item.getAsObject();
      std::optional<StringRef> strategy = time ? time->getString("strategy") : std::nullopt;
      std::optional<double> us = time ? time->getNumber("us") : std::nullopt;
      if (!strategy || !us || !std::isfinite(*us) || !(*us > 0))
        return damaged("holds an entry without a strategy or a time");
      entry.push_back({strategy->str(), *us});
    }
  }
  return entries;
}

TuneCache::TuneCache(std::string path, llvm::function_ref<void(const Twine &)> warn)
    : path(std::move(path)), entries(read(this->path, warn)) {}

const std::vector<TuneCache::Time> *TuneCache::lookup(StringRef key) const {
  auto found = entries.find(key);
  return found == entries.end() ? nullptr : &found->second;
}

void TuneCache::add(StringRef key, std::vector<Time> times) {
  added[key.str()] = times;
  entries[key.str()] = std::move(times);
}

LogicalResult TuneCache::save(EmitErrorFn emitError) {
  if (added.empty())
    return success();
  if (failed(makeFolder(path, emitError)))
    return failure();
  Entries merged = read(path, [](const Twine &) {}); // What was wrong with it has been said.
  if (merged.size() + added.size() > kMaxEntries)
    merged.clear();
  for (auto &[key, times] : added)
    merged[key] = times;
  llvm::json::Object list;
  for (auto &[key, times] : merged) {
    llvm::json::Array array;
    for (const Time &time : times)
      array.push_back(llvm::json::Object{{"strategy", time.strategy}, {"us", time.us}});
    list[key] = std::move(array);
  }
  llvm::json::Object root{{"format", kFormat}, {"times", std::move(list)}};
  OutputFile file;
  auto write = [&](llvm::raw_pwrite_stream &os) {
    os << llvm::formatv("{0:1}\n", llvm::json::Value(std::move(root)));
    return success();
  };
  if (failed(file.create(path, emitError)) || failed(file.write(write, emitError)) || failed(file.commit(emitError)))
    return failure();
  added.clear();
  return success();
}

//===----------------------------------------------------------------------===//
// Machines
//===----------------------------------------------------------------------===//

std::string mlir::gs::describeMachine(const TargetSpec &target) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << llvm::sys::getHostCPUName() << ' ' << llvm::sys::getProcessTriple() << '\n';
  // The model name and the sizes of caches tell machines of one family apart.
  if (auto info = llvm::MemoryBuffer::getFileAsStream("/proc/cpuinfo"))
    for (StringRef line : llvm::split((*info)->getBuffer(), '\n')) {
      if (line.trim().empty())
        break; // one processor is enough
      if (line.starts_with("vendor_id") || line.starts_with("model") || line.starts_with("stepping") ||
          line.starts_with("cache size"))
        os << line << '\n';
    }
  printTarget(target, os);
  // Another program may generate other kernels, whatever version it calls itself.
  std::string program = fs::getMainExecutable(nullptr, reinterpret_cast<void *>(&describeMachine));
  if (auto file = llvm::MemoryBuffer::getFile(program, /*IsText=*/false, /*RequiresNullTerminator=*/false))
    os << llvm::utohexstr(llvm::xxh3_64bits((*file)->getBuffer()));
  return text;
}

LogicalResult mlir::gs::checkTunable(const TargetSpec &target, EmitErrorFn emitError) {
  std::string missing;
  if (!hostSupports(target, &missing)) {
    emitError("--tune times kernels on this machine, which cannot run those for target '" + target.name +
              "' (it lacks " + missing + "); tune on such a machine, or leave --tune out");
    return failure();
  }
  // A record of one processor is about that one; a general or calibrated record may well be about this machine.
  const TargetSpec *builtin = findBuiltinTarget(target.name);
  FailureOr<TargetSpec> host = detectHostTarget(emitError);
  if (failed(host))
    return failure();
  bool general = StringRef(target.name).starts_with("x86-64-");
  if (builtin && !general && host->name != target.name) {
    emitError("--tune times kernels on this machine (" + host->name + "), which says nothing about target '" +
              target.name + "'; use --target=native, or leave --tune out");
    return failure();
  }
  return success();
}
