//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Attributes of nodes.
//
//===----------------------------------------------------------------------===//
#include "GraphImport.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace mlir::onnx;
using Proto = ::onnx::AttributeProto;

FailureOr<ElementsAttr> GraphImporter::importTensor(::onnx::TensorProto &tensor, StringRef what, Location loc) {
  if (ElementsAttr done = importedTensors.lookup(&tensor))
    return done;
  FailureOr<ElementsAttr> value = tensors.importTensor(tensor, what, loc);
  if (succeeded(value))
    importedTensors[&tensor] = *value;
  return value;
}

FailureOr<SparseConstant> GraphImporter::importSparse(::onnx::SparseTensorProto &tensor, StringRef what, Location loc) {
  if (auto it = importedSparse.find(&tensor); it != importedSparse.end())
    return it->second;
  FailureOr<SparseConstant> value = tensors.importSparse(tensor, what, loc);
  if (succeeded(value))
    importedSparse[&tensor] = *value;
  return value;
}

FailureOr<Attribute> GraphImporter::importAttribute(Proto &attribute, Location loc) {
  Builder b(context);
  std::string what = "attribute '" + attribute.name() + "'";
  switch (attribute.type()) {
  case Proto::FLOAT:
    return Attribute(b.getF32FloatAttr(attribute.f()));
  case Proto::INT:
    return Attribute(b.getI64IntegerAttr(attribute.i()));
  case Proto::STRING:
    return Attribute(b.getStringAttr(attribute.s()));
  case Proto::FLOATS:
    return Attribute(b.getDenseF32ArrayAttr(
        ArrayRef<float>(attribute.floats().data(), static_cast<size_t>(attribute.floats_size()))));
  case Proto::INTS:
    return Attribute(
        b.getDenseI64ArrayAttr(ArrayRef<int64_t>(attribute.ints().data(), static_cast<size_t>(attribute.ints_size()))));
  case Proto::STRINGS:
    return Attribute(b.getArrayAttr(
        llvm::map_to_vector(attribute.strings(), [&](const std::string &s) { return Attribute(b.getStringAttr(s)); })));
  case Proto::TENSOR: {
    FailureOr<ElementsAttr> value = importTensor(*attribute.mutable_t(), what, loc);
    return failed(value) ? FailureOr<Attribute>() : Attribute(*value);
  }
  case Proto::TENSORS: {
    SmallVector<Attribute> values;
    for (::onnx::TensorProto &tensor : *attribute.mutable_tensors()) {
      FailureOr<ElementsAttr> value = importTensor(tensor, what, loc);
      if (failed(value))
        return failure();
      values.push_back(*value);
    }
    return Attribute(b.getArrayAttr(values));
  }
  case Proto::SPARSE_TENSOR: {
    FailureOr<SparseConstant> value = importSparse(*attribute.mutable_sparse_tensor(), what, loc);
    return failed(value) ? FailureOr<Attribute>() : Attribute(value->value);
  }
  case Proto::TYPE_PROTO: {
    FailureOr<TensorType> type = types.importType(attribute.tp(), /*mustBeTensor=*/true, what, loc);
    return failed(type) ? FailureOr<Attribute>() : Attribute(TypeAttr::get(*type));
  }
  case Proto::UNDEFINED:
    return emitError(loc) << what << " has no type; the file is damaged or older than IR version 2: export the model "
                          << "again";
  default:
    return emitError(loc) << what << " is of kind " << ::onnx::AttributeProto_AttributeType_Name(attribute.type())
                          << ", which is not supported";
  }
}

FailureOr<DictionaryAttr> GraphImporter::importAttributes(::onnx::NodeProto &node, Subgraphs &subgraphs,
                                                          const Scope &scope, Location loc) {
  SmallVector<NamedAttribute> attributes;
  llvm::StringSet<> names;
  for (Proto &attribute : *node.mutable_attribute()) {
    if (attribute.name().empty())
      return emitError(loc) << "an attribute has no name; the file is damaged: export the model again";
    if (!names.insert(attribute.name()).second)
      return emitError(loc) << "attribute '" << attribute.name() << "' is given twice; export the model again";
    if (!attribute.ref_attr_name().empty()) {
      if (!scope.call)
        return emitError(loc) << "attribute '" << attribute.name() << "' refers to '" << attribute.ref_attr_name()
                              << "' of a function, but the node is not in one; export the model again";
      // Without a value for the parameter, the attribute is left out as well.
      if (Attribute value = scope.call->attributes.lookup(attribute.ref_attr_name()))
        attributes.emplace_back(StringAttr::get(context, attribute.name()), value);
      continue;
    }
    if (attribute.type() == Proto::GRAPH) {
      subgraphs.emplace_back(attribute.name(), attribute.mutable_g());
      continue;
    }
    if (attribute.type() == Proto::GRAPHS) {
      for (int i = 0; i < attribute.graphs_size(); ++i)
        subgraphs.emplace_back(attribute.name() + "[" + std::to_string(i) + "]", attribute.mutable_graphs(i));
      continue;
    }
    FailureOr<Attribute> value = importAttribute(attribute, loc);
    if (failed(value))
      return failure();
    attributes.emplace_back(StringAttr::get(context, attribute.name()), *value);
  }
  return DictionaryAttr::get(context, attributes);
}
