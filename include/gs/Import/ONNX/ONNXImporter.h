//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ONNX models as MLIR: one `func.func @main_graph` of `onnx.node` ops.
//
//===----------------------------------------------------------------------===//
#ifndef GS_IMPORT_ONNX_ONNXIMPORTER_H
#define GS_IMPORT_ONNX_ONNXIMPORTER_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/MemoryBufferRef.h"

namespace mlir::onnx {

/// What the user says about the shapes of a model's inputs.
struct ImportOptions {
  /// Whole shapes of graph inputs by name; every size is >= 1. They replace what the file says of the input.
  llvm::StringMap<SmallVector<int64_t>> shapes;
  /// Sizes (>= 1) of symbolic dimensions (`dim_param`) by name, for all values of the model.
  llvm::StringMap<int64_t> dims;

  /// Adds one `NAME=1x3x224x224` (`NAME=` is a scalar). On a malformed text, returns failure and says why in `error`.
  LogicalResult addShape(StringRef text, std::string &error);
  /// Adds one `NAME=SIZE`. On a malformed text, returns failure and says why in `error`.
  LogicalResult addDim(StringRef text, std::string &error);
};

/// Imports an ONNX model: binary protobuf, or protobuf text if the name ends in .pbtxt, .textproto, .prototxt or
/// .onnxtxt. The result is a module with the attributes `onnx.model_name`, `onnx.opset`, `onnx.ir_version`,
/// `onnx.producer` and one function
/// `func.func @main_graph(%arg0: tensor<..> {onnx.name = "input"}) -> (tensor<..> {onnx.name = "output"})`:
///  - every node is an `onnx.node`; its location is its name (`OpType_<index>` if it has none). Calls of functions that
///    the model defines are replaced by the nodes of the function, named `<call>/<node>`;
///  - initialisers are `arith.constant` at the top, also if they are listed as graph inputs: `dense` up to 64 elements
///    or if all elements are equal, `dense_resource` otherwise (external data stays mapped, so its file must not shrink
///    while the module lives). Those from `sparse_initializer` carry their mask as `onnx.mask` (dense i1);
///  - graph inputs have static shapes. A symbolic dimension takes its size from `options`; the leading one of an input,
///    and those named as a batch, are 1 without it (a remark says so); any other is an error;
///  - the type of an inner value or a result is what the file says of it, `tensor<*x!onnx.unknown>` if it says nothing.
///    Nothing here has been checked against the meaning of the operators.
/// ONNX integers are signless when signed, `uiN` when unsigned; booleans are i1.
///
/// On failure returns null after exactly one error diagnostic in `context`, which names the node, tensor or file,
/// the cause and a remedy.
OwningOpRef<ModuleOp> importONNXFile(StringRef path, MLIRContext *context, const ImportOptions &options = {});

/// The same for a model in memory. `buffer`'s identifier names it in diagnostics and chooses between text and binary;
/// external data is looked for in `directory` (refused if that is empty).
OwningOpRef<ModuleOp> importONNXBuffer(llvm::MemoryBufferRef buffer, StringRef directory, MLIRContext *context,
                                       const ImportOptions &options = {});

/// Registers `gs-translate --import-onnx` with its options `--shape` and `--dim`.
void registerImportONNXTranslation();

} // namespace mlir::onnx

#endif // GS_IMPORT_ONNX_ONNXIMPORTER_H
