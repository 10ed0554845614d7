//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The weights of a module; private to the library.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_EXCHANGE_LAYERS_H
#define GS_LIB_EXCHANGE_LAYERS_H

#include "gs/Exchange/Exchange.h"
#include "mlir/IR/BuiltinOps.h"

namespace mlir::gs::detail {

/// Calls `use` for every weight of a module, in the order of their constants. A module without any is an error.
LogicalResult forEachLayer(ModuleOp module, function_ref<LogicalResult(Operation *, ExchangeLayer &&)> use);

/// gs-translate --describe-weights.
LogicalResult describeWeights(ModuleOp module, raw_ostream &os);

} // namespace mlir::gs::detail

#endif // GS_LIB_EXCHANGE_LAYERS_H
