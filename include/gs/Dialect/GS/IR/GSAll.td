//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The whole dialect: what is generated once for all of it comes from here.
//
//===----------------------------------------------------------------------===//
include "gs/Dialect/GS/IR/GSOps.td"
include "gs/Dialect/GS/IR/GSPatterns.td"
