//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Passes over the gs dialect.
//
//===----------------------------------------------------------------------===//
#ifndef GS_TRANSFORMS_PASSES
#define GS_TRANSFORMS_PASSES

include "gs/Dialect/GS/Transforms/NetworkPasses.td"
include "gs/Dialect/GS/Transforms/WeightPasses.td"
include "gs/Dialect/GS/Transforms/PlanPasses.td"
include "gs/Dialect/GS/Transforms/BufferPasses.td"

#endif // GS_TRANSFORMS_PASSES
