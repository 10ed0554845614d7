//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// mlir-opt with the dialects, passes and pipelines of GSC and of MLIR.
//
//===----------------------------------------------------------------------===//
#include "gs/InitAll.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  mlir::gs::registerAllDialects(registry);
  mlir::gs::registerAllPasses();
  return mlir::asMainReturnCode(mlir::MlirOptMain(argc, argv, "GSC optimizer driver\n", registry));
}
