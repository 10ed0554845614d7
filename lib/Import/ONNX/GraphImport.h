//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The walk over a model's graph. It knows no operator by name.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_IMPORT_ONNX_GRAPHIMPORT_H
#define GS_LIB_IMPORT_ONNX_GRAPHIMPORT_H

#include "TensorImport.h"
#include "TypeImport.h"
#include "gs/Dialect/ONNX/IR/ONNXDialect.h"
#include "mlir/IR/Builders.h"
#include "onnx-ml.pb.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringMap.h"

namespace mlir::onnx {

/// Versions of the operator sets by domain; "ai.onnx" is "".
using Opsets = llvm::StringMap<int64_t>;
StringRef normalizeDomain(StringRef domain);
/// Reads an opset_import list; one error at `loc` if a version is missing or not supported.
FailureOr<Opsets> importOpsets(const google::protobuf::RepeatedPtrField<::onnx::OperatorSetIdProto> &list,
                               Location loc);

/// Imports the graph of a model into a function. Every failure is one error that names the node, value or tensor.
class GraphImporter {
public:
  GraphImporter(::onnx::ModelProto &model, TypeImporter &types, TensorImporter &tensors, MLIRContext *context);

  /// Appends @main_graph to the module.
  LogicalResult importMainGraph(ModuleOp module, const Opsets &opsets);

private:
  using NodeList = google::protobuf::RepeatedPtrField<::onnx::NodeProto>;
  using ValueInfoList = google::protobuf::RepeatedPtrField<::onnx::ValueInfoProto>;

  /// One expansion of a function that the model defines.
  struct Call {
    const ::onnx::FunctionProto *function;
    const Call *caller;
    llvm::StringMap<Attribute> attributes; ///< parameters, which attributes of the body refer to
  };

  /// The names of one graph or function body.
  struct Scope {
    Scope *parent = nullptr; ///< enclosing graph, whose values are visible too
    const NodeList *nodes = nullptr;
    const Opsets *opsets = nullptr;
    const Call *call = nullptr;        ///< the function call whose body this is part of
    std::string prefix;                ///< of node names in locations
    llvm::StringMap<Value> values;     ///< null: an optional parameter of the function that the call leaves out
    llvm::StringMap<TensorType> types; ///< what the file says of values
  };

  // GraphImport.cpp: graphs and nodes.
  LogicalResult importInitializers(::onnx::GraphProto &graph, Scope &scope, OpBuilder &builder);
  LogicalResult defineInitializer(StringRef name, ElementsAttr value, DenseElementsAttr mask, Scope &scope,
                                  OpBuilder &builder);
  LogicalResult declareTypes(const ValueInfoList &list, bool mustBeTensors, Scope &scope);
  LogicalResult importSubgraph(::onnx::GraphProto &graph, Region &region, Scope &outer, Location loc);
  LogicalResult importNodes(NodeList &nodes, Scope &scope, OpBuilder &builder);
  LogicalResult importNode(::onnx::NodeProto &node, Location loc, Scope &scope, OpBuilder &builder);
  FailureOr<SmallVector<Value>> importOutputs(const ::onnx::GraphProto &graph, Scope &scope, Location loc);
  LogicalResult define(StringRef name, Value value, Scope &scope, Location loc);
  /// Operands of a node by position, null where absent.
  FailureOr<SmallVector<Value>> lookUpInputs(const ::onnx::NodeProto &node, Scope &scope, Location loc);
  LogicalResult reportMissing(StringRef name, const Twine &what, const ::onnx::NodeProto *user, const Scope &scope,
                              Location loc);

  // AttributeImport.cpp
  using Subgraphs = SmallVector<std::pair<std::string, ::onnx::GraphProto *>>;
  FailureOr<DictionaryAttr> importAttributes(::onnx::NodeProto &node, Subgraphs &subgraphs, const Scope &scope,
                                             Location loc);
  FailureOr<Attribute> importAttribute(::onnx::AttributeProto &attribute, Location loc);
  /// Imports a tensor of the protobuf, also several times (bodies of functions are expanded at every call).
  FailureOr<ElementsAttr> importTensor(::onnx::TensorProto &tensor, StringRef what, Location loc);
  FailureOr<SparseConstant> importSparse(::onnx::SparseTensorProto &tensor, StringRef what, Location loc);

  // FunctionInline.cpp
  void indexFunctions();
  /// The function of the model that `node` calls, or null.
  ::onnx::FunctionProto *findFunction(const ::onnx::NodeProto &node);
  LogicalResult inlineFunction(::onnx::FunctionProto &function, ::onnx::NodeProto &node, Scope &scope,
                               OpBuilder &builder, Location loc);

  ::onnx::ModelProto &model;
  TypeImporter &types;
  TensorImporter &tensors;
  MLIRContext *context;
  llvm::StringMap<::onnx::FunctionProto *> functions; ///< by domain, name and overload
  DenseMap<const void *, ElementsAttr> importedTensors;
  DenseMap<const void *, SparseConstant> importedSparse;
  int64_t numNodes = 0;
};

} // namespace mlir::onnx

#endif // GS_LIB_IMPORT_ONNX_GRAPHIMPORT_H
