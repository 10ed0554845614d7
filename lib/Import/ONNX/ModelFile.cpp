//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A model file as a ModelProto.
//
//===----------------------------------------------------------------------===//
#include "ModelFile.h"
#include "mlir/IR/Diagnostics.h"
#include "onnx-ml.pb.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl.h>
#include <google/protobuf/text_format.h>
#include <limits>

using namespace mlir;
using namespace mlir::onnx;
namespace fs = llvm::sys::fs;
namespace pb = google::protobuf;

/// Nesting of messages that the parsers accept; also bounds the recursion of the importer over subgraphs.
constexpr int maxNesting = 100;

bool mlir::onnx::isTextModel(StringRef path) {
  return llvm::is_contained({".pbtxt", ".textproto", ".prototxt", ".onnxtxt"}, llvm::sys::path::extension(path));
}

Location mlir::onnx::fileLoc(StringRef path, MLIRContext *context) { return FileLineColLoc::get(context, path, 0, 0); }

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

namespace {
/// Keeps the first error.
class FirstError : public pb::io::ErrorCollector {
public:
  void AddError(int line, int column, const std::string &message) override {
    if (!text.empty())
      return;
    std::tie(this->line, this->column, text) = std::tuple(line, column, message);
  }
  int line = -1, column = -1; // from 0; -1 if unknown
  std::string text;
};
} // namespace

static LogicalResult parseText(llvm::MemoryBufferRef buffer, ::onnx::ModelProto &model, MLIRContext *context) {
  StringRef name = buffer.getBufferIdentifier(), text = buffer.getBuffer();
  if (text.size() > static_cast<size_t>(std::numeric_limits<int>::max()))
    return emitError(fileLoc(name, context)) << "the file is larger than 2 GB, which protobuf cannot read; export the "
                                             << "model with external data";
  if (text.trim().empty())
    return emitError(fileLoc(name, context)) << "the file is empty; export the model again";
  if (text.ltrim().starts_with("<"))
    return emitError(fileLoc(name, context))
           << "the file is in ONNX's own text syntax, which is not read here; convert it with onnx.load and onnx.save "
           << "to .onnx or .pbtxt";
  pb::io::ArrayInputStream stream(text.data(), static_cast<int>(text.size()));
  FirstError error;
  pb::TextFormat::Parser parser;
  parser.RecordErrorsTo(&error);
  parser.SetRecursionLimit(maxNesting);
  pb::LogSilencer silence;
  if (parser.Parse(&stream, &model))
    return success();
  Location loc = FileLineColLoc::get(context, name, error.line + 1, error.column + 1);
  return emitError(loc) << "not a protobuf text of an ONNX model: " << error.text
                        << "; correct the line, or export the model again";
}

//===----------------------------------------------------------------------===//
// Binary
//===----------------------------------------------------------------------===//

/// What a file begins with that is surely not an ONNX model, or null.
static const char *recognizeOtherFormat(StringRef start) {
  if (start.starts_with("PK\x03\x04"))
    return "a zip archive (PyTorch saves models so)";
  if (start.starts_with("\x1f\x8b"))
    return "a gzip archive";
  if (start.starts_with("\x89HDF"))
    return "an HDF5 file (Keras saves models so)";
  if (start.starts_with("\x93NUMPY"))
    return "a NumPy array";
  if (start.starts_with("ML\xefR"))
    return "MLIR bytecode";
  if (start.starts_with("version https://git-lfs"))
    return "a Git LFS pointer, not the file it stands for";
  if (start.size() >= 8 && (start.substr(4, 4) == "TFL3" || start.substr(4, 4) == "ORTM"))
    return start[4] == 'T' ? "a TensorFlow Lite model" : "an ONNX Runtime format model";
  return nullptr;
}

static LogicalResult parseBinary(pb::io::ZeroCopyInputStream &stream, StringRef start, uint64_t size,
                                 ::onnx::ModelProto &model, Location loc) {
  if (size == 0)
    return emitError(loc) << "the file is empty; export the model again";
  if (size > static_cast<uint64_t>(std::numeric_limits<int>::max()))
    return emitError(loc) << "the file is larger than 2 GB, which protobuf cannot read; export the model with external "
                          << "data";
  if (const char *format = recognizeOtherFormat(start))
    return emitError(loc) << "not an ONNX model but " << format << "; export the model to ONNX";
  pb::LogSilencer silence;
  pb::io::CodedInputStream input(&stream);
  input.SetRecursionLimit(maxNesting);
  if (model.ParsePartialFromCodedStream(&input) && input.ConsumedEntireMessage())
    return success();
  if (model.has_ir_version())
    return emitError(loc) << "the file begins like an ONNX model, but is cut off or damaged; copy it or export the "
                          << "model again";
  return emitError(loc) << "not an ONNX model: the file is not a protobuf of one; export the model to ONNX, or name a "
                        << "text model .pbtxt";
}

LogicalResult mlir::onnx::readModelBuffer(llvm::MemoryBufferRef buffer, ::onnx::ModelProto &model,
                                          MLIRContext *context) {
  if (isTextModel(buffer.getBufferIdentifier()))
    return parseText(buffer, model, context);
  StringRef data = buffer.getBuffer();
  pb::io::ArrayInputStream stream(data.data(),
                                  static_cast<int>(std::min<size_t>(data.size(), std::numeric_limits<int>::max())));
  return parseBinary(stream, data.take_front(64), data.size(), model, fileLoc(buffer.getBufferIdentifier(), context));
}

LogicalResult mlir::onnx::readModelFile(StringRef path, ::onnx::ModelProto &model, MLIRContext *context) {
  Location loc = fileLoc(path, context);
  if (isTextModel(path)) {
    llvm::ErrorOr<std::unique_ptr<llvm::MemoryBuffer>> buffer = llvm::MemoryBuffer::getFile(path);
    if (!buffer)
      return emitError(loc) << "cannot be read: " << buffer.getError().message();
    return parseText(**buffer, model, context);
  }
  llvm::Expected<fs::file_t> file = fs::openNativeFileForRead(path);
  if (!file)
    return emitError(loc) << "cannot be opened: " << llvm::toString(file.takeError());
  llvm::scope_exit close([&] { (void)fs::closeFile(*file); });
  fs::file_status status;
  if (std::error_code error = fs::status(*file, status))
    return emitError(loc) << "cannot be read: " << error.message();
  if (status.type() != fs::file_type::regular_file)
    return emitError(loc) << "is not a regular file; give the path of an .onnx file";
  char start[64];
  llvm::Expected<size_t> got = fs::readNativeFileSlice(*file, llvm::MutableArrayRef<char>(start), /*Offset=*/0);
  if (!got)
    return emitError(loc) << "cannot be read: " << llvm::toString(got.takeError());
  pb::io::FileInputStream stream(*file);
  return parseBinary(stream, StringRef(start, *got), status.getSize(), model, loc);
}
