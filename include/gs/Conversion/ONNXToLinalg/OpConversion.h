//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What one ONNX operator has to say: result types and its lowering to linalg.
// One file per operator under lib/Conversion/ONNXToLinalg/Ops, one line in
// Ops.def.
//
//===----------------------------------------------------------------------===//
#ifndef GS_CONVERSION_ONNXTOLINALG_OPCONVERSION_H
#define GS_CONVERSION_ONNXTOLINALG_OPCONVERSION_H

#include "gs/Dialect/ONNX/IR/ONNXDialect.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"
#include <string>

namespace mlir::onnx {

/// One node under conversion: its converted operands by ONNX position, attributes, and the place of the new code.
/// Every function that finds the node unusable records one reason with `fail` and returns failure.
class NodeContext {
public:
  NodeContext(NodeOp node, ArrayRef<Value> inputs, OpBuilder &builder) : node(node), inputs(inputs), b(builder) {}

  NodeOp node;
  /// Converted operands by ONNX input position; null where an optional input is absent. All have static ranked types.
  ArrayRef<Value> inputs;
  OpBuilder &b;
  std::string reason;

  Location loc() const;
  int64_t opset() const;
  unsigned numInputs() const { return inputs.size(); }
  unsigned numOutputs() const; ///< highest ONNX output position + 1
  /// Whether the node names an output at `slot`.
  bool hasOutput(unsigned slot) const;
  /// Whether something reads the output at `slot`.
  bool outputIsUsed(unsigned slot) const;
  /// Input at `slot`, null if absent.
  Value input(unsigned slot) const { return slot < inputs.size() ? inputs[slot] : Value(); }
  RankedTensorType type(unsigned slot) const;
  ArrayRef<int64_t> shape(unsigned slot) const;
  Type elementType(unsigned slot) const;
  /// The constant that `slot` is, or null. Large constants are dense_resource attributes, so use the helpers below.
  ElementsAttr constant(unsigned slot) const;
  /// Integers (i64 or i32) of a small constant input; failure with a reason if it is absent or not constant.
  FailureOr<SmallVector<int64_t>> constantInts(unsigned slot, StringRef what);
  FailureOr<float> constantScalar(unsigned slot, StringRef what);

  /// ONNX attributes. One of another kind than asked for is a reason (kept in `attributeError`), and reads as fallback.
  Attribute attr(StringRef name) const;
  int64_t intAttr(StringRef name, int64_t fallback) const;
  float floatAttr(StringRef name, float fallback) const;
  SmallVector<int64_t> intsAttr(StringRef name, ArrayRef<int64_t> fallback = {}) const;
  std::string stringAttr(StringRef name, StringRef fallback) const;
  bool hasAttr(StringRef name) const { return static_cast<bool>(attr(name)); }

  /// Records why the node cannot be converted (the first reason stays) and what the user can do about it.
  LogicalResult fail(const Twine &why);
  mutable std::string attributeError;

private:
  void badAttribute(StringRef name, StringRef expected) const;
};

/// The conversion of one operator. Plain functions, so that an operator is one file without a class hierarchy.
struct OpConversion {
  const char *domain; ///< "" is the standard domain
  const char *name;   ///< ONNX operator
  int64_t since;      ///< first opset of this meaning
  int64_t until;      ///< last opset of this meaning, 0 = latest
  /// Static result types by output position, checked against the operands (rank and type mismatches are reasons).
  LogicalResult (*inferTypes)(NodeContext &ctx, SmallVectorImpl<RankedTensorType> &results);
  /// Code for the node; one value per output position (null for an output that is not asked for).
  LogicalResult (*convert)(NodeContext &ctx, ArrayRef<RankedTensorType> types, SmallVectorImpl<Value> &results);
  /// Optional: constant results when all inputs (or shapes alone) are known, for integer shape arithmetic and small
  /// tensors. Returns failure without a reason if it does not fold.
  LogicalResult (*fold)(NodeContext &ctx, ArrayRef<RankedTensorType> types, SmallVectorImpl<ElementsAttr> &results);
};

/// Entry for an operator, or null.
const OpConversion *lookupOpConversion(StringRef domain, StringRef name, int64_t opset);
/// All registered (domain, name, since) for reports and docs.
ArrayRef<const OpConversion *> allOpConversions();

} // namespace mlir::onnx

#endif // GS_CONVERSION_ONNXTOLINALG_OPCONVERSION_H
