//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The gs dialect: attributes, types and operations.
//
//===----------------------------------------------------------------------===//
#ifndef GS_DIALECT_GS_IR_GSDIALECT_H
#define GS_DIALECT_GS_IR_GSDIALECT_H

#include "gs/Dialect/GS/IR/GroupForm.h"
#include "gs/Dialect/GS/IR/Projection.h"
#include "gs/Dialect/GS/IR/Storage.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/TensorEncoding.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "gs/Dialect/GS/IR/GSAttrInterfaces.h.inc"
#include "gs/Dialect/GS/IR/GSDialect.h.inc"
#include "gs/Dialect/GS/IR/GSEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "gs/Dialect/GS/IR/GSAttrs.h.inc"
#define GET_TYPEDEF_CLASSES
#include "gs/Dialect/GS/IR/GSTypes.h.inc"
#define GET_OP_CLASSES
#include "gs/Dialect/GS/IR/GSOps.h.inc"

namespace mlir::gs {

/// Pattern of a tensor type or of the logical type of a packed weight; null for a dense weight.
PatternAttrInterface getPattern(Type type);

/// True if the weight's mask obeys the pattern: `verifyMask` without a diagnostic. Linear in the size of the mask.
bool obeys(PatternAttrInterface pattern, const Weight &weight);

/// Checks buffers against the pattern's storage: every field is there with its shape and element type, none besides,
/// and `offsets` runs from 0 to the number of groups without falling.
LogicalResult verifyBuffers(PatternAttrInterface pattern, ArrayRef<int64_t> shape, Type elementType,
                            const Schema &schema, ArrayRef<Buffer> buffers, EmitError emitError);
/// The same for the dictionary of a `gs.compressed_constant`, without copying. Dense panels need a `values` buffer.
LogicalResult verifyBuffers(CompressedType type, DictionaryAttr buffers, EmitError emitError);

} // namespace mlir::gs

#endif // GS_DIALECT_GS_IR_GSDIALECT_H
