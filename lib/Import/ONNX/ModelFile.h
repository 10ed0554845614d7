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
#ifndef GS_LIB_IMPORT_ONNX_MODELFILE_H
#define GS_LIB_IMPORT_ONNX_MODELFILE_H

#include "mlir/IR/Location.h"
#include "llvm/Support/MemoryBufferRef.h"

namespace onnx {
class ModelProto;
} // namespace onnx

namespace mlir::onnx {

/// Whether the name says that the model is protobuf text: .pbtxt, .textproto, .prototxt, .onnxtxt.
bool isTextModel(StringRef path);

/// Location of a diagnostic about the file as a whole.
Location fileLoc(StringRef path, MLIRContext *context);

/// Parses the file; the binary form is streamed, so that the file and the message never lie in memory together.
/// Emits one error on failure; protobuf's own messages are silenced.
LogicalResult readModelFile(StringRef path, ::onnx::ModelProto &model, MLIRContext *context);
/// The same for a buffer named by its identifier.
LogicalResult readModelBuffer(llvm::MemoryBufferRef buffer, ::onnx::ModelProto &model, MLIRContext *context);

} // namespace mlir::onnx

#endif // GS_LIB_IMPORT_ONNX_MODELFILE_H
