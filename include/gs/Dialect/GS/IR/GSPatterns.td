//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The sparsity patterns, one file each. They are apart from the other attributes
// because passes know them by their interface only: a new pattern rebuilds the
// patterns, not the compiler.
//
//===----------------------------------------------------------------------===//
#ifndef GS_PATTERNS
#define GS_PATTERNS

include "gs/Dialect/GS/IR/Patterns/Unstructured.td"
include "gs/Dialect/GS/IR/Patterns/Block.td"
include "gs/Dialect/GS/IR/Patterns/GatherScatter.td"
include "gs/Dialect/GS/IR/Patterns/Filter.td"
include "gs/Dialect/GS/IR/Patterns/Channel.td"
include "gs/Dialect/GS/IR/Patterns/Column.td"
include "gs/Dialect/GS/IR/Patterns/KernelGroup.td"
include "gs/Dialect/GS/IR/Patterns/KGS.td"
include "gs/Dialect/GS/IR/Patterns/BlockColumn.td"
include "gs/Dialect/GS/IR/Patterns/BCR.td"
include "gs/Dialect/GS/IR/Patterns/NM.td"
include "gs/Dialect/GS/IR/Patterns/Tile42.td"
include "gs/Dialect/GS/IR/Patterns/KernelPattern.td"
include "gs/Dialect/GS/IR/Patterns/SameBlock.td"
include "gs/Dialect/GS/IR/Patterns/Window.td"
include "gs/Dialect/GS/IR/Patterns/Unified.td"
include "gs/Dialect/GS/IR/Patterns/Polarized.td"
include "gs/Dialect/GS/IR/Patterns/Union.td"
include "gs/Dialect/GS/IR/Patterns/Intersection.td"
include "gs/Dialect/GS/IR/Patterns/Permuted.td"

#endif // GS_PATTERNS
