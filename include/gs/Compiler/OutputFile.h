//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Files that are complete or absent.
//
//===----------------------------------------------------------------------===//
#ifndef GS_COMPILER_OUTPUTFILE_H
#define GS_COMPILER_OUTPUTFILE_H

#include "gs/Compiler/Emit.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/Twine.h"
#include <system_error>

namespace llvm {
class raw_pwrite_stream;
} // namespace llvm

namespace mlir::gs {

/// Makes an empty file of a new name: `model` with random digits for each '%'. With `removeOnSignal`, a signal that
/// ends the process removes the file; the handler knows its name before the file exists, so none is left at any moment.
/// Who removes or renames it calls llvm::sys::DontRemoveFileOnSignal(path).
std::error_code createNewFile(const llvm::Twine &model, bool removeOnSignal, llvm::SmallVectorImpl<char> &path);

/// The same in the system's folder for temporary files: STEM-DIGITS.EXTENSION, which others may not read.
std::error_code createTemporaryFile(llvm::StringRef stem, llvm::StringRef extension, bool removeOnSignal,
                                    llvm::SmallVectorImpl<char> &path);

/// A file under construction: a temporary beside its final name, removed unless committed.
class OutputFile {
public:
  /// With `removeOnSignal`, a signal that ends the process removes the temporary.
  explicit OutputFile(bool removeOnSignal = false) : removeOnSignal(removeOnSignal) {}
  OutputFile(OutputFile &&other)
      : finalPath(std::move(other.finalPath)), temporary(std::move(other.temporary)),
        removeOnSignal(other.removeOnSignal) {
    other.temporary.clear();
  }
  ~OutputFile();

  /// Makes the (empty) temporary for `path`. What exists under `path` and is no regular file (a device, a pipe) is
  /// written to at the end instead of being replaced; its temporary lies in the system's folder for them.
  llvm::LogicalResult create(llvm::StringRef path, EmitErrorFn emitError);
  /// Fills the temporary by `write`.
  llvm::LogicalResult write(llvm::function_ref<llvm::LogicalResult(llvm::raw_pwrite_stream &)> write,
                            EmitErrorFn emitError);
  /// Gives the temporary its final name.
  llvm::LogicalResult commit(EmitErrorFn emitError);
  /// Path of the temporary.
  llvm::StringRef path() const { return temporary; }
  /// Path of the result.
  llvm::StringRef target() const { return finalPath; }

private:
  std::string finalPath;
  std::string temporary;
  bool removeOnSignal;
};

} // namespace mlir::gs

#endif // GS_COMPILER_OUTPUTFILE_H
