//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Tensor data outside the model file.
//
//===----------------------------------------------------------------------===//
#include "ExternalData.h"
#include "mlir/IR/Diagnostics.h"
#include "onnx-ml.pb.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace mlir::onnx;
namespace fs = llvm::sys::fs;
namespace path = llvm::sys::path;

FailureOr<std::shared_ptr<fs::mapped_file_region>> ExternalData::map(StringRef location, StringRef what, Location loc) {
  if (auto it = files.find(location); it != files.end())
    return it->second;
  auto refuse = [&](const Twine &cause) {
    return emitError(loc) << what << ": external data '" << location << "' " << cause.str();
  };
  constexpr StringRef remedy = "; keep the data beside the model, or export the model with its data inside";
  if (directory.empty())
    return refuse("cannot be found, because the model does not come from a file; give the model's path");
  if (location.contains('\0'))
    return refuse("is not a file name" + remedy);
  if (path::is_absolute(location))
    return refuse("is an absolute path, but must lie in the model's folder" + remedy);
  if (llvm::is_contained(llvm::make_range(path::begin(location), path::end(location)), ".."))
    return refuse("leaves the model's folder by '..'" + remedy);

  SmallString<256> folder, name(directory), file;
  path::append(name, location);
  if (std::error_code error = fs::real_path(directory, folder))
    return refuse("cannot be found: folder '" + directory + "': " + error.message());
  if (std::error_code error = fs::real_path(name, file))
    return refuse("cannot be found as '" + name + "': " + error.message() + remedy);
  // Symbolic links are resolved now; the file that is opened below is the one that has been checked.
  SmallString<256> prefix = folder;
  if (!prefix.ends_with("/"))
    prefix += '/';
  if (!file.starts_with(prefix))
    return refuse("is a symbolic link to '" + file + "', which is outside the model's folder" + remedy);
  fs::file_status status;
  if (std::error_code error = fs::status(file, status))
    return refuse("cannot be read: " + error.message());
  if (status.type() != fs::file_type::regular_file)
    return refuse("is not a regular file" + remedy);

  std::shared_ptr<Region> region;
  if (status.getSize() != 0) {
    llvm::Expected<fs::file_t> handle = fs::openNativeFileForRead(file);
    if (!handle)
      return refuse("cannot be opened: " + llvm::toString(handle.takeError()));
    llvm::scope_exit close([&] { (void)fs::closeFile(*handle); });
    std::error_code error;
    region = std::make_shared<Region>(*handle, Region::readonly, status.getSize(), /*offset=*/0, error);
    if (error)
      return refuse("cannot be mapped: " + error.message());
  }
  files[location] = region;
  return region;
}

FailureOr<OwnedBytes> ExternalData::read(const ::onnx::TensorProto &tensor, int64_t size, StringRef what,
                                         Location loc) {
  StringRef location;
  uint64_t offset = 0, length = size;
  for (const ::onnx::StringStringEntryProto &entry : tensor.external_data()) {
    StringRef key = entry.key(), value = entry.value();
    if (key == "location")
      location = value;
    uint64_t *number = key == "offset" ? &offset : key == "length" ? &length : nullptr;
    if (number && value.getAsInteger(10, *number))
      return emitError(loc) << what << ": external data has the " << key << " '" << value
                            << "', which is not a byte count; export the model again";
  }
  if (location.empty())
    return emitError(loc) << what << ": external data has no location; export the model again";
  if (length != static_cast<uint64_t>(size))
    return emitError(loc) << what << ": external data is " << length << " bytes long, but its type and shape need "
                          << size << " bytes; export the model again";
  FailureOr<std::shared_ptr<Region>> region = map(location, what, loc);
  if (failed(region))
    return failure();
  uint64_t available = *region ? (*region)->size() : 0;
  if (offset > available || length > available - offset)
    return emitError(loc) << what << ": external data '" << location << "' has " << available
                          << " bytes, but the tensor needs " << length << " bytes from byte " << offset
                          << "; the file is cut off or belongs to another model: copy it again";
  if (!*region)
    return OwnedBytes{};
  return OwnedBytes{ArrayRef<char>((*region)->const_data() + offset, length), *region};
}
