//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ONNX models as MLIR: checks of the model as a whole, and the entry points.
//
//===----------------------------------------------------------------------===//
#include "gs/Import/ONNX/ONNXImporter.h"
#include "GraphImport.h"
#include "ModelFile.h"
#include "SchemaVersion.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace mlir::onnx;

/// Oldest standard operator set: before it, broadcasting and optional inputs were different.
constexpr int64_t oldestOpset = 7;

StringRef mlir::onnx::normalizeDomain(StringRef domain) { return domain == "ai.onnx" ? "" : domain; }

FailureOr<Opsets> mlir::onnx::importOpsets(const google::protobuf::RepeatedPtrField<::onnx::OperatorSetIdProto> &list,
                                           Location loc) {
  Opsets opsets;
  for (const ::onnx::OperatorSetIdProto &entry : list) {
    StringRef domain = normalizeDomain(entry.domain());
    if (entry.version() < 1)
      return emitError(loc) << "operator set '" << domain << "' has version " << entry.version()
                            << "; the file is damaged: export the model again";
    if (domain.empty() && (entry.version() < oldestOpset || entry.version() > newestOpset))
      return emitError(loc) << "the model uses ONNX operator set " << entry.version() << ", but " << oldestOpset
                            << " to " << newestOpset << " are supported; convert it with onnx.version_converter";
    int64_t &version = opsets[domain];
    version = std::max(version, entry.version()); // of several, nodes mean the newest
  }
  return opsets;
}

static LogicalResult checkModel(const ::onnx::ModelProto &model, Location loc) {
  if (!model.has_ir_version() && !model.has_graph())
    return emitError(loc)
           << "not an ONNX model: neither an IR version nor a graph in the file; export the model to ONNX";
  if (!model.has_graph())
    return emitError(loc) << "the model has no graph; the file is damaged: export the model again";
  if (model.ir_version() < 3 || model.ir_version() > ::onnx::IR_VERSION)
    return emitError(loc) << "the model has IR version " << model.ir_version() << ", but 3 to "
                          << static_cast<int64_t>(::onnx::IR_VERSION) << " are supported; "
                          << (model.ir_version() < 3 ? "convert it with onnx.version_converter"
                                                     : "export it with an older onnx package");
  if (model.opset_import().empty())
    return emitError(loc) << "the model imports no operator set; the file is damaged: export the model again";
  return success();
}

static OwningOpRef<ModuleOp> importModel(::onnx::ModelProto &model, Location loc, StringRef directory,
                                         MLIRContext *context, const ImportOptions &options) {
  if (failed(checkModel(model, loc)))
    return {};
  FailureOr<Opsets> opsets = importOpsets(model.opset_import(), loc);
  if (failed(opsets))
    return {};
  OwningOpRef<ModuleOp> module(ModuleOp::create(loc));
  Builder b(context);
  Operation *op = *module;
  op->setAttr("onnx.model_name", b.getStringAttr(model.graph().name()));
  op->setAttr("onnx.ir_version", b.getI64IntegerAttr(model.ir_version()));
  if (auto standard = opsets->find(""); standard != opsets->end())
    op->setAttr("onnx.opset", b.getI64IntegerAttr(standard->second));
  std::string producer = StringRef(model.producer_name() + " " + model.producer_version()).trim().str();
  if (!producer.empty())
    op->setAttr("onnx.producer", b.getStringAttr(producer));

  ExternalData external(directory);
  TypeImporter types(context, options);
  TensorImporter tensors(context, external);
  GraphImporter importer(model, types, tensors, context);
  if (failed(importer.importMainGraph(*module, *opsets)))
    return {};
  return module;
}

static void loadDialects(MLIRContext *context) {
  context->loadDialect<arith::ArithDialect, func::FuncDialect, ONNXDialect>();
}

OwningOpRef<ModuleOp> mlir::onnx::importONNXFile(StringRef path, MLIRContext *context, const ImportOptions &options) {
  loadDialects(context);
  ::onnx::ModelProto model;
  if (failed(readModelFile(path, model, context)))
    return {};
  StringRef directory = llvm::sys::path::parent_path(path);
  return importModel(model, fileLoc(path, context), directory.empty() ? "." : directory, context, options);
}

OwningOpRef<ModuleOp> mlir::onnx::importONNXBuffer(llvm::MemoryBufferRef buffer, StringRef directory,
                                                   MLIRContext *context, const ImportOptions &options) {
  loadDialects(context);
  ::onnx::ModelProto model;
  if (failed(readModelBuffer(buffer, model, context)))
    return {};
  return importModel(model, fileLoc(buffer.getBufferIdentifier(), context), directory, context, options);
}
