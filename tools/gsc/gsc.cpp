//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// gsc: ONNX models to native programs.
//
//===----------------------------------------------------------------------===//
#include "gs/Driver/Driver.h"

int main(int argc, char **argv) { return mlir::gs::runDriver(argc, argv); }
