//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// mlir-translate with the translations of GSC: --import-onnx.
//
//===----------------------------------------------------------------------===//
#include "gs/InitAll.h"
#include "mlir/Support/LogicalResult.h"
#include "mlir/Tools/mlir-translate/MlirTranslateMain.h"

int main(int argc, char **argv) {
  mlir::gs::registerAllTranslations();
  return mlir::failed(mlir::mlirTranslateMain(argc, argv, "GSC translation driver\n"));
}
