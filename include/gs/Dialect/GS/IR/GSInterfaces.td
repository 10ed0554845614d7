//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What every sparsity pattern must be able to do.
//
//===----------------------------------------------------------------------===//
#ifndef GS_INTERFACES
#define GS_INTERFACES

include "mlir/IR/OpBase.td"

def GS_PatternAttrInterface : AttrInterface<"PatternAttrInterface"> {
  let cppNamespace = "::mlir::gs";
  let description = [{
    A sparsity pattern as a tensor encoding. No method has a default, so a pattern that forgets one does not compile.
    Shapes are those of the weight tensor: (M, K) or (O, I, k...).
  }];
  let methods = [
    InterfaceMethod<"Checks that parameters, shape and element type agree; the label of the broken constraint is in the message.",
      "::mlir::LogicalResult", "verifyPattern",
      (ins "::llvm::ArrayRef<int64_t>":$shape, "::mlir::Type":$elementType,
           "::llvm::function_ref<::mlir::InFlightDiagnostic()>":$emitError)>,
    InterfaceMethod<"Canonical geometry on a weight of this shape.",
      "::mlir::gs::GroupForm", "getGroupForm", (ins "::llvm::ArrayRef<int64_t>":$shape)>,
    InterfaceMethod<"Names, shapes and element types of the buffers of a packed weight with `numGroups` stored groups.",
      "::llvm::SmallVector<::mlir::gs::StorageField>", "getStorage",
      (ins "::llvm::ArrayRef<int64_t>":$shape, "::mlir::Type":$elementType, "int64_t":$numGroups,
           "const ::mlir::gs::Schema &":$schema)>,
    InterfaceMethod<"Checks that the mask obeys the pattern; a diagnostic gives label, bundle or group number, coordinates, expected and found count.",
      "::mlir::LogicalResult", "verifyMask",
      (ins "const ::mlir::gs::Weight &":$weight, "::llvm::function_ref<::mlir::InFlightDiagnostic()>":$emitError)>,
    InterfaceMethod<"Packs a weight. Deterministic; fails exactly when verifyMask fails or the schema does not fit the pattern.",
      "::mlir::FailureOr<::std::vector<::mlir::gs::Buffer>>", "pack",
      (ins "const ::mlir::gs::Weight &":$weight, "const ::mlir::gs::Schema &":$schema,
           "::llvm::function_ref<::mlir::InFlightDiagnostic()>":$emitError)>,
    InterfaceMethod<"Inverse of pack: values and mask. The oracle of tests.",
      "::mlir::FailureOr<::mlir::gs::Weight>", "unpack",
      (ins "::llvm::ArrayRef<int64_t>":$shape, "::mlir::Type":$elementType,
           "::llvm::ArrayRef<::mlir::gs::Buffer>":$buffers, "const ::mlir::gs::Schema &":$schema,
           "::llvm::function_ref<::mlir::InFlightDiagnostic()>":$emitError)>
  ];
}

def GS_ProjectionAttrInterface : AttrInterface<"ProjectionAttrInterface"> {
  let cppNamespace = "::mlir::gs";
  let description = [{
    A pattern that a dense weight can be projected onto: the choice of weights that keeps most energy (sum of squares),
    where docs/Rationale/Projection.md says exact, else a good one; and that a mask can be completed to.
  }];
  let methods = [
    InterfaceMethod<"The weights that stay, at the density asked for within one group. Deterministic. The mask obeys the pattern; the shape has passed verifyPattern.",
      "::mlir::FailureOr<::mlir::gs::Projection>", "project",
      (ins "const ::mlir::gs::Weight &":$dense, "const ::mlir::gs::ProjectOptions &":$options,
           "::llvm::function_ref<::mlir::InFlightDiagnostic()>":$emitError)>,
    InterfaceMethod<"Adds kept zeros to a mask until it obeys the pattern: the smallest legal mask that contains it, and of equal ones that with the lowest columns. Fails, with the mask in any state, if there is none.",
      "::llvm::LogicalResult", "complete",
      (ins "::mlir::gs::Weight &":$weight, "::llvm::function_ref<::mlir::InFlightDiagnostic()>":$emitError)>
  ];
}

#endif // GS_INTERFACES
