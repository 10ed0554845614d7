//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The walk over a model's graph.
//
//===----------------------------------------------------------------------===//
#include "GraphImport.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace mlir::onnx;

/// Most nodes of a model after the expansion of its functions: nested calls multiply, so a small file could ask for any
/// number.
constexpr int64_t maxNodes = 1'000'000;

static Location nameLoc(MLIRContext *context, const Twine &name) {
  return NameLoc::get(StringAttr::get(context, name));
}

GraphImporter::GraphImporter(::onnx::ModelProto &model, TypeImporter &types, TensorImporter &tensors,
                             MLIRContext *context)
    : model(model), types(types), tensors(tensors), context(context) {
  indexFunctions();
}

//===----------------------------------------------------------------------===//
// Names
//===----------------------------------------------------------------------===//

LogicalResult GraphImporter::define(StringRef name, Value value, Scope &scope, Location loc) {
  for (const Scope *s = &scope; s; s = s->parent)
    if (s->values.contains(name))
      return emitError(loc) << "defines the value '" << name << "', which "
                            << (s == &scope ? "is defined before" : "the enclosing graph defines too")
                            << "; every value needs a name of its own: export the model again";
  scope.values[name] = value;
  return success();
}

/// Index of the node that produces `name`, or -1.
static int findProducer(const google::protobuf::RepeatedPtrField<::onnx::NodeProto> &nodes, StringRef name) {
  for (int i = 0; i < nodes.size(); ++i)
    if (llvm::is_contained(nodes[i].output(), name))
      return i;
  return -1;
}

/// Whether the inputs of node `from` need an output of node `to`, over any number of nodes.
static bool dependsOn(const google::protobuf::RepeatedPtrField<::onnx::NodeProto> &nodes, int from, int to) {
  llvm::StringMap<int> producers;
  for (int i = 0; i < nodes.size(); ++i)
    for (StringRef output : nodes[i].output())
      producers.try_emplace(output, i);
  SmallVector<bool> seen(nodes.size(), false);
  SmallVector<int> work{from};
  while (!work.empty()) {
    int node = work.pop_back_val();
    if (node == to)
      return true;
    if (seen[node])
      continue;
    seen[node] = true;
    for (StringRef input : nodes[node].input())
      if (auto it = producers.find(input); !input.empty() && it != producers.end())
        work.push_back(it->second);
  }
  return false;
}

static std::string nodeLabel(const ::onnx::NodeProto &node, int index) {
  return node.name().empty() ? node.op_type() + "_" + std::to_string(index) : node.name();
}

LogicalResult GraphImporter::reportMissing(StringRef name, const Twine &what, const ::onnx::NodeProto *user,
                                           const Scope &scope, Location loc) {
  for (const Scope *s = &scope; s; s = s->parent) {
    int producer = findProducer(*s->nodes, name);
    if (producer < 0)
      continue;
    int index = 0;
    while (index < s->nodes->size() && &(*s->nodes)[index] != user)
      ++index;
    if (index < s->nodes->size() && dependsOn(*s->nodes, producer, index))
      return emitError(loc) << what.str() << " '" << name << "' depends on this node's own result by way of node '"
                            << nodeLabel((*s->nodes)[producer], producer)
                            << "'; a graph must have no cycles: export the model again";
    return emitError(loc) << what.str() << " '" << name << "' is produced only later, by node '"
                          << nodeLabel((*s->nodes)[producer], producer)
                          << "'; sort the nodes of the graph topologically, or export the model again";
  }
  return emitError(loc) << what.str() << " '" << name
                        << "' is not produced by any node, graph input or initialiser; the model is incomplete: "
                        << "export it again";
}

FailureOr<SmallVector<Value>> GraphImporter::lookUpInputs(const ::onnx::NodeProto &node, Scope &scope, Location loc) {
  SmallVector<Value> inputs(node.input_size());
  for (auto [i, name] : llvm::enumerate(node.input())) {
    if (name.empty())
      continue;
    const Scope *s = &scope;
    while (s && !s->values.contains(name))
      s = s->parent;
    if (!s)
      return reportMissing(name, "input " + Twine(i), &node, scope, loc);
    inputs[i] = s->values.lookup(name);
  }
  return inputs;
}

LogicalResult GraphImporter::declareTypes(const ValueInfoList &list, bool mustBeTensors, Scope &scope) {
  for (const ::onnx::ValueInfoProto &info : list) {
    Location loc = nameLoc(context, info.name());
    FailureOr<TensorType> type = types.importType(info.type(), mustBeTensors, "value '" + info.name() + "'", loc);
    if (failed(type))
      return failure();
    TensorType &declared = scope.types[info.name()];
    TensorType merged = declared ? mergeTypes(declared, *type) : *type;
    if (!merged)
      return emitError(loc) << "value '" << info.name() << "' is declared as " << declared << " and as " << *type
                            << "; export the model again";
    declared = merged;
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Initialisers
//===----------------------------------------------------------------------===//

LogicalResult GraphImporter::defineInitializer(StringRef name, ElementsAttr value, DenseElementsAttr mask, Scope &scope,
                                               OpBuilder &builder) {
  Location loc = nameLoc(context, name);
  auto type = cast<TensorType>(value.getShapedType());
  if (TensorType declared = scope.types.lookup(name); declared && !mergeTypes(declared, type))
    return emitError(loc) << "initialiser '" << name << "' is declared as " << declared << ", but has type " << type
                          << "; export the model again";
  auto constant = arith::ConstantOp::create(builder, loc, cast<TypedAttr>(value));
  if (mask)
    constant->setDiscardableAttr("onnx.mask", mask);
  return define(name, constant, scope, loc);
}

LogicalResult GraphImporter::importInitializers(::onnx::GraphProto &graph, Scope &scope, OpBuilder &builder) {
  auto nameless = [&] {
    return emitError(nameLoc(context, graph.name()))
           << "an initialiser has no name; the file is damaged: export the model again";
  };
  for (::onnx::TensorProto &tensor : *graph.mutable_initializer()) {
    if (tensor.name().empty())
      return nameless();
    FailureOr<ElementsAttr> value =
        importTensor(tensor, "initialiser '" + tensor.name() + "'", nameLoc(context, tensor.name()));
    if (failed(value) || failed(defineInitializer(tensor.name(), *value, /*mask=*/{}, scope, builder)))
      return failure();
  }
  for (::onnx::SparseTensorProto &tensor : *graph.mutable_sparse_initializer()) {
    std::string name = tensor.values().name();
    if (name.empty())
      return nameless();
    FailureOr<SparseConstant> value = importSparse(tensor, "initialiser '" + name + "'", nameLoc(context, name));
    if (failed(value) || failed(defineInitializer(name, value->value, value->mask, scope, builder)))
      return failure();
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Nodes
//===----------------------------------------------------------------------===//

LogicalResult GraphImporter::importNodes(NodeList &nodes, Scope &scope, OpBuilder &builder) {
  for (auto [index, node] : llvm::enumerate(nodes)) {
    Location loc = nameLoc(context, scope.prefix + nodeLabel(node, index));
    if (++numNodes > maxNodes)
      return emitError(loc) << "the model has more than " << maxNodes << " nodes, which is not supported";
    if (failed(importNode(node, loc, scope, builder)))
      return failure();
  }
  return success();
}

/// The present ones of `all`; their positions in `slots` unless those are 0, 1, 2, ...
template <typename T, typename IsPresent>
static DenseI32ArrayAttr takePresent(MLIRContext *context, T &&all, IsPresent isPresent) {
  SmallVector<int32_t> slots;
  for (auto [i, element] : llvm::enumerate(all))
    if (isPresent(element))
      slots.push_back(i);
  bool isPlain = slots.empty() || slots.back() + 1 == static_cast<int32_t>(slots.size());
  return isPlain ? DenseI32ArrayAttr() : DenseI32ArrayAttr::get(context, slots);
}

LogicalResult GraphImporter::importNode(::onnx::NodeProto &node, Location loc, Scope &scope, OpBuilder &builder) {
  if (node.op_type().empty())
    return emitError(loc) << "a node has no operator; the file is damaged: export the model again";
  if (::onnx::FunctionProto *function = findFunction(node))
    return inlineFunction(*function, node, scope, builder, loc);
  StringRef domain = normalizeDomain(node.domain());
  auto opset = scope.opsets->find(domain);
  if (opset == scope.opsets->end())
    return emitError(loc) << "operator '" << node.op_type() << "' is of the domain '" << domain
                          << "', of which the model imports no operator set; add it to opset_import, or export the "
                          << "model again";

  Subgraphs subgraphs;
  FailureOr<DictionaryAttr> attributes = importAttributes(node, subgraphs, scope, loc);
  FailureOr<SmallVector<Value>> inputs = failure();
  if (succeeded(attributes))
    inputs = lookUpInputs(node, scope, loc);
  if (failed(inputs))
    return failure();
  DenseI32ArrayAttr operandSlots = takePresent(context, *inputs, [](Value v) { return v != nullptr; });
  DenseI32ArrayAttr resultSlots =
      takePresent(context, node.output(), [](const std::string &name) { return !name.empty(); });
  llvm::erase(*inputs, Value());
  SmallVector<Type> resultTypes;
  for (StringRef name : node.output())
    if (!name.empty()) {
      TensorType declared = scope.types.lookup(name);
      resultTypes.push_back(declared ? declared : types.unknownType());
    }
  ArrayAttr regionNames;
  if (!subgraphs.empty())
    regionNames = builder.getStrArrayAttr(
        llvm::map_to_vector(subgraphs, [](const auto &graph) { return StringRef(graph.first); }));
  auto op = NodeOp::create(builder, loc, resultTypes, *inputs, builder.getStringAttr(node.op_type()),
                           builder.getStringAttr(domain), builder.getI64IntegerAttr(opset->second),
                           attributes->empty() ? DictionaryAttr() : *attributes, operandSlots, resultSlots, regionNames,
                           static_cast<unsigned>(subgraphs.size()));
  for (auto [graph, region] : llvm::zip_equal(subgraphs, op.getSubgraphs()))
    if (failed(importSubgraph(*graph.second, region, scope, loc)))
      return failure();
  // Only now: a subgraph must not see the results of its own node.
  unsigned next = 0;
  for (StringRef name : node.output())
    if (!name.empty() && failed(define(name, op.getResult(next++), scope, loc)))
      return failure();
  return success();
}

//===----------------------------------------------------------------------===//
// Graphs
//===----------------------------------------------------------------------===//

FailureOr<SmallVector<Value>> GraphImporter::importOutputs(const ::onnx::GraphProto &graph, Scope &scope,
                                                           Location loc) {
  SmallVector<Value> values;
  for (const ::onnx::ValueInfoProto &output : graph.output()) {
    const Scope *s = &scope;
    while (s && !s->values.contains(output.name()))
      s = s->parent;
    if (output.name().empty() || !s)
      return emitError(loc) << "graph output '" << output.name()
                            << "' is not produced by any node, graph input or initialiser; the model is incomplete: "
                            << "export it again";
    Value value = s->values.lookup(output.name());
    if (!value)
      return emitError(loc) << "graph output '" << output.name()
                            << "' is an input of the function that the call leaves out; export the model again";
    TensorType declared = scope.types.lookup(output.name());
    if (!mergeTypes(declared, cast<TensorType>(value.getType())))
      return emitError(loc) << "graph output '" << output.name() << "' is declared as " << declared << ", but has type "
                            << value.getType() << "; export the model again";
    values.push_back(value);
  }
  return values;
}

LogicalResult GraphImporter::importSubgraph(::onnx::GraphProto &graph, Region &region, Scope &outer, Location loc) {
  Scope scope;
  scope.parent = &outer;
  scope.nodes = &graph.node();
  scope.opsets = outer.opsets;
  scope.call = outer.call;
  scope.prefix = cast<NameLoc>(loc).getName().str() + "/";
  if (failed(declareTypes(graph.input(), /*mustBeTensors=*/false, scope)) ||
      failed(declareTypes(graph.output(), /*mustBeTensors=*/false, scope)) ||
      failed(declareTypes(graph.value_info(), /*mustBeTensors=*/false, scope)))
    return failure();
  Block &block = region.emplaceBlock();
  for (const ::onnx::ValueInfoProto &input : graph.input()) {
    Location inputLoc = nameLoc(context, input.name());
    if (failed(define(input.name(), block.addArgument(scope.types.lookup(input.name()), inputLoc), scope, loc)))
      return failure();
  }
  OpBuilder builder = OpBuilder::atBlockEnd(&block);
  if (failed(importInitializers(graph, scope, builder)) || failed(importNodes(*graph.mutable_node(), scope, builder)))
    return failure();
  FailureOr<SmallVector<Value>> outputs = importOutputs(graph, scope, loc);
  if (failed(outputs))
    return failure();
  YieldOp::create(builder, loc, *outputs);
  return success();
}

LogicalResult GraphImporter::importMainGraph(ModuleOp module, const Opsets &opsets) {
  ::onnx::GraphProto &graph = *model.mutable_graph();
  Location loc = module.getLoc();
  if (graph.output_size() == 0)
    return emitError(loc) << "the graph has no outputs; export the model again";
  llvm::StringSet<> initializers, outputs;
  for (const ::onnx::TensorProto &tensor : graph.initializer())
    initializers.insert(tensor.name());
  for (const ::onnx::SparseTensorProto &tensor : graph.sparse_initializer())
    initializers.insert(tensor.values().name());
  for (const ::onnx::ValueInfoProto &output : graph.output())
    if (!outputs.insert(output.name()).second)
      return emitError(nameLoc(context, output.name()))
             << "graph output '" << output.name() << "' is listed twice; export the model again";

  Scope scope;
  scope.nodes = &graph.node();
  scope.opsets = &opsets;
  SmallVector<const ::onnx::ValueInfoProto *> inputs;
  for (auto [i, input] : llvm::enumerate(graph.input())) {
    if (input.name().empty())
      return emitError(loc) << "graph input " << i << " has no name; export the model again";
    if (!initializers.contains(input.name()))
      inputs.push_back(&input);
  }
  FailureOr<SmallVector<RankedTensorType>> inputTypes = types.importInputs(inputs);
  if (failed(inputTypes) || failed(declareTypes(graph.input(), /*mustBeTensors=*/true, scope)) ||
      failed(declareTypes(graph.output(), /*mustBeTensors=*/true, scope)) ||
      failed(declareTypes(graph.value_info(), /*mustBeTensors=*/false, scope)))
    return failure();

  OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
  auto func = func::FuncOp::create(builder, loc, "main_graph", builder.getFunctionType({}, {}));
  Block *block = func.addEntryBlock();
  for (auto [input, type] : llvm::zip_equal(inputs, *inputTypes)) {
    Location inputLoc = nameLoc(context, input->name());
    if (failed(define(input->name(), block->addArgument(type, inputLoc), scope, inputLoc)))
      return failure();
  }
  builder.setInsertionPointToEnd(block);
  if (failed(importInitializers(graph, scope, builder)) || failed(importNodes(*graph.mutable_node(), scope, builder)))
    return failure();
  FailureOr<SmallVector<Value>> results = importOutputs(graph, scope, loc);
  if (failed(results))
    return failure();
  func::ReturnOp::create(builder, loc, *results);

  func.setFunctionType(builder.getFunctionType(block->getArgumentTypes(), ValueRange(*results).getTypes()));
  for (auto [i, input] : llvm::enumerate(inputs))
    func.setArgAttr(i, "onnx.name", builder.getStringAttr(input->name()));
  for (auto [i, output] : llvm::enumerate(graph.output()))
    func.setResultAttr(i, "onnx.name", builder.getStringAttr(output.name()));
  return success();
}
