//===- OutputFile.cpp - Files that are complete or absent -----------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "EmitInternal.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Signals.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir::gs;
namespace fs = llvm::sys::fs;

static std::error_code createNewFile(const llvm::Twine &model, bool removeOnSignal, unsigned mode,
                                     llvm::SmallVectorImpl<char> &path) {
  std::error_code error;
  for (int attempt = 0; attempt < 128; ++attempt) {
    fs::createUniquePath(model, path, /*MakeAbsolute=*/false);
    llvm::StringRef name(path.data(), path.size());
    if (fs::exists(name)) {
      error = std::make_error_code(std::errc::file_exists);
      continue;
    }
    if (removeOnSignal)
      llvm::sys::RemoveFileOnSignal(name);
    int descriptor = -1;
    error = fs::openFileForWrite(name, descriptor, fs::CD_CreateNew, fs::OF_None, mode);
    if (!error) {
      fs::file_t file = fs::convertFDToNativeFile(descriptor);
      return fs::closeFile(file);
    }
    if (removeOnSignal)
      llvm::sys::DontRemoveFileOnSignal(name);
    if (error != std::errc::file_exists)
      break;
  }
  return error;
}

std::error_code mlir::gs::createNewFile(const llvm::Twine &model, bool removeOnSignal,
                                        llvm::SmallVectorImpl<char> &path) {
  return ::createNewFile(model, removeOnSignal, fs::all_read | fs::all_write, path);
}

std::error_code mlir::gs::createTemporaryFile(llvm::StringRef stem, llvm::StringRef extension, bool removeOnSignal,
                                              llvm::SmallVectorImpl<char> &path) {
  llvm::SmallString<128> model;
  llvm::sys::path::system_temp_directory(/*ErasedOnReboot=*/true, model);
  llvm::sys::path::append(model, stem + "-%%%%%%%%." + extension);
  return ::createNewFile(model, removeOnSignal, fs::owner_read | fs::owner_write, path);
}

/// True if `path` exists and must not be replaced by a file: a device, a pipe, a socket.
static bool isSpecial(llvm::StringRef path) {
  fs::file_status status;
  if (fs::status(path, status) || !fs::exists(status))
    return false;
  return !fs::is_regular_file(status) && !fs::is_directory(status);
}

OutputFile::~OutputFile() {
  if (temporary.empty())
    return;
  fs::remove(temporary);
  if (removeOnSignal)
    llvm::sys::DontRemoveFileOnSignal(temporary);
}

llvm::LogicalResult OutputFile::create(llvm::StringRef path, EmitErrorFn emitError) {
  finalPath = path.str();
  if (path.empty() || fs::is_directory(path)) {
    emitError(path.empty() ? llvm::Twine("the name of the output is empty; name a file with -o")
                           : "cannot write '" + path + "': it is a folder; name a file with -o");
    return llvm::failure();
  }
  llvm::SmallString<128> made;
  std::error_code error;
  if (isSpecial(path)) {
    error = createTemporaryFile("gsc", "tmp", removeOnSignal, made);
  } else {
    // The extension stays last, since linkers read it.
    llvm::SmallString<128> model(path);
    llvm::sys::path::replace_extension(model, "");
    model += "-%%%%%%%%";
    model += llvm::sys::path::extension(path);
    error = createNewFile(model, removeOnSignal, made);
  }
  if (error) {
    emitError("cannot write '" + path + "': " + error.message() + "; choose another place with -o");
    return llvm::failure();
  }
  temporary = made.str().str();
  return llvm::success();
}

llvm::LogicalResult OutputFile::write(llvm::function_ref<llvm::LogicalResult(llvm::raw_pwrite_stream &)> write,
                                      EmitErrorFn emitError) {
  std::error_code error;
  llvm::raw_fd_ostream os(temporary, error);
  if (!error) {
    if (failed(write(os)))
      return llvm::failure();
    os.close();
    error = os.error();
    os.clear_error();
  }
  if (error) {
    emitError("cannot write '" + finalPath + "': " + error.message() +
              "; free some space or choose another place with -o");
    return llvm::failure();
  }
  return llvm::success();
}

llvm::LogicalResult OutputFile::commit(EmitErrorFn emitError) {
  std::error_code error;
  if (isSpecial(finalPath)) {
    auto contents = llvm::MemoryBuffer::getFile(temporary, /*IsText=*/false, /*RequiresNullTerminator=*/false);
    if (contents) {
      llvm::raw_fd_ostream os(finalPath, error, fs::CD_OpenExisting, fs::FA_Write, fs::OF_None);
      if (!error) {
        os << (*contents)->getBuffer();
        os.close();
        error = os.error();
        os.clear_error();
      }
    } else {
      error = contents.getError();
    }
  } else {
    error = fs::rename(temporary, finalPath);
    if (!error) {
      if (removeOnSignal)
        llvm::sys::DontRemoveFileOnSignal(temporary);
      temporary.clear();
    }
  }
  if (error) {
    emitError("cannot write '" + finalPath + "': " + error.message() + "; choose another place with -o");
    return llvm::failure();
  }
  return llvm::success();
}
