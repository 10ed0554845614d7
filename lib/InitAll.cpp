//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Registration of all dialects, passes and translations.
//
//===----------------------------------------------------------------------===//
#include "gs/InitAll.h"
#include "gs/Conversion/GSToGSE/Launches.h"
#include "gs/Conversion/GSToGSE/Passes.h"
#include "gs/Conversion/GSToGather/Passes.h"
#include "gs/Conversion/Passes.h"
#include "gs/Dialect/Check/IR/CheckDialect.h"
#include "gs/Dialect/GS/IR/GSDialect.h"
#include "gs/Dialect/GS/Transforms/Passes.h"
#include "gs/Dialect/GSE/IR/GSEDialect.h"
#include "gs/Dialect/ONNX/IR/ONNXDialect.h"
#include "gs/Exchange/Exchange.h"
#include "gs/Import/ONNX/ONNXImporter.h"
#include "gs/Pipelines/Pipelines.h"
#include "gs/Target/GSE/Translate.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/InitAllTranslations.h"
#include "mlir/Target/LLVMIR/Dialect/All.h"

void mlir::gs::registerAllDialects(DialectRegistry &registry) {
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  mlir::registerAllToLLVMIRTranslations(registry);
  registry.insert<GSDialect, gse::GSEDialect, onnx::ONNXDialect, check::CheckDialect>();
  registerLaunchBufferization(registry);
}

void mlir::gs::registerAllPasses() {
  mlir::registerAllPasses();
  registerGSConversionPasses();
  registerGSToGSEPasses();
  registerGSToGatherPasses();
  registerGSTransformsPasses();
  registerPipelines();
}

void mlir::gs::registerAllTranslations() {
  mlir::registerAllTranslations();
  onnx::registerImportONNXTranslation();
  gse::registerSimulateTranslation();
  gse::registerTextTranslations();
  registerExchangeTranslations(registerAllDialects);
}
