//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Calls of functions that the model defines are replaced by the function's nodes.
//
//===----------------------------------------------------------------------===//
#include "GraphImport.h"
#include "mlir/IR/Diagnostics.h"

using namespace mlir;
using namespace mlir::onnx;

/// Depth of calls; a bound for the importer's own recursion. Exporters nest a handful.
constexpr int maxCallDepth = 64;

static std::string functionKey(StringRef domain, StringRef name, StringRef overload) {
  std::string key = normalizeDomain(domain).str();
  key += '\0'; // cannot be confused with a part of the names
  key += name;
  key += '\0';
  return key += overload;
}

void GraphImporter::indexFunctions() {
  for (::onnx::FunctionProto &function : *model.mutable_functions())
    functions.try_emplace(functionKey(function.domain(), function.name(), function.overload()), &function);
}

::onnx::FunctionProto *GraphImporter::findFunction(const ::onnx::NodeProto &node) {
  return functions.empty() ? nullptr : functions.lookup(functionKey(node.domain(), node.op_type(), node.overload()));
}

LogicalResult GraphImporter::inlineFunction(::onnx::FunctionProto &function, ::onnx::NodeProto &node, Scope &scope,
                                            OpBuilder &builder, Location loc) {
  std::string what = "function '" + function.name() + "'";
  int depth = 0;
  for (const Call *call = scope.call; call; call = call->caller)
    if (call->function == &function || ++depth == maxCallDepth)
      return emitError(loc) << what << " "
                            << (call->function == &function ? "calls itself" : "lies too deep in calls of functions")
                            << "; inline the model's functions with onnx.inliner";
  if (node.input_size() > function.input_size() || node.output_size() > function.output_size())
    return emitError(loc) << what << " has " << function.input_size() << " inputs and " << function.output_size()
                          << " outputs, but is called with " << node.input_size() << " and " << node.output_size()
                          << "; export the model again";

  Call call{&function, scope.call, {}};
  Subgraphs subgraphs;
  FailureOr<DictionaryAttr> given = importAttributes(node, subgraphs, scope, loc);
  if (failed(given))
    return failure();
  if (!subgraphs.empty())
    return emitError(loc) << what << " is called with a graph as attribute '" << subgraphs.front().first
                          << "', which is not supported; inline the model's functions with onnx.inliner";
  for (NamedAttribute attribute : *given)
    call.attributes[attribute.getName()] = attribute.getValue();
  for (::onnx::AttributeProto &fallback : *function.mutable_attribute_proto()) {
    if (call.attributes.contains(fallback.name()))
      continue;
    FailureOr<Attribute> value = importAttribute(fallback, loc);
    if (failed(value))
      return failure();
    call.attributes[fallback.name()] = *value;
  }

  FailureOr<Opsets> opsets = importOpsets(function.opset_import(), loc);
  FailureOr<SmallVector<Value>> inputs = failure();
  if (succeeded(opsets))
    inputs = lookUpInputs(node, scope, loc);
  if (failed(inputs))
    return failure();
  Scope body;
  body.nodes = &function.node();
  body.opsets = &*opsets;
  body.call = &call;
  body.prefix = cast<NameLoc>(loc).getName().str() + "/";
  if (failed(declareTypes(function.value_info(), /*mustBeTensors=*/false, body)))
    return failure();
  for (int i = 0; i < function.input_size(); ++i) {
    Value value = i < static_cast<int>(inputs->size()) ? (*inputs)[i] : Value();
    if (!body.values.try_emplace(function.input(i), value).second)
      return emitError(loc) << what << " has two inputs named '" << function.input(i) << "'; export the model again";
  }
  // What the caller's graph says of the results is said of the values of this expansion.
  for (int i = 0; i < node.output_size(); ++i)
    if (TensorType type = scope.types.lookup(node.output(i)))
      body.types[function.output(i)] = type;
  if (failed(importNodes(*function.mutable_node(), body, builder)))
    return failure();
  for (int i = 0; i < node.output_size(); ++i) {
    if (node.output(i).empty())
      continue;
    Value value = body.values.lookup(function.output(i));
    if (!value)
      return reportMissing(function.output(i), "output of " + what, /*user=*/nullptr, body, loc);
    if (failed(define(node.output(i), value, scope, loc)))
      return failure();
  }
  return success();
}
