//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Tensor data outside the model file, confined to the model's folder.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_IMPORT_ONNX_EXTERNALDATA_H
#define GS_LIB_IMPORT_ONNX_EXTERNALDATA_H

#include "mlir/IR/Location.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/FileSystem.h"
#include <memory>

namespace onnx {
class TensorProto;
} // namespace onnx

namespace mlir::onnx {

/// Bytes and whatever keeps them alive.
struct OwnedBytes {
  ArrayRef<char> data;
  std::shared_ptr<void> owner;
};

/// The files that a model's tensors point into. Each is mapped once and read-only.
class ExternalData {
public:
  explicit ExternalData(StringRef directory) : directory(directory) {}

  /// The `size` bytes of `tensor`, whose data_location is EXTERNAL. Emits one error at `loc` if the location is not a
  /// regular file below the model's folder (absolute, `..`, a symbolic link that leads out), or if the file does not
  /// hold the bytes asked for. `what` names the tensor.
  FailureOr<OwnedBytes> read(const ::onnx::TensorProto &tensor, int64_t size, StringRef what, Location loc);

private:
  using Region = llvm::sys::fs::mapped_file_region;
  FailureOr<std::shared_ptr<Region>> map(StringRef location, StringRef what, Location loc);

  std::string directory;
  llvm::StringMap<std::shared_ptr<Region>> files; ///< by location; null for an empty file
};

} // namespace mlir::onnx

#endif // GS_LIB_IMPORT_ONNX_EXTERNALDATA_H
