//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// convert-onnx-to-linalg: the walk over the nodes. What an operator means stands
// in Ops/<Op>.cpp.
//
//===----------------------------------------------------------------------===//
#include "ConstantUtils.h"
#include "gs/Conversion/ONNXToLinalg/OpConversion.h"
#include "gs/Conversion/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace mlir::gs {
#define GEN_PASS_DEF_CONVERTONNXTOLINALG
#include "gs/Conversion/Passes.h.inc"
} // namespace mlir::gs

using namespace mlir;
using namespace mlir::onnx;

/// Larger tensors (8 TB of floats) are mistakes in the model; the bound keeps sizes in bytes within 64 bits.
constexpr int64_t maxElements = int64_t(1) << 41;

/// Whether a tensor of this shape can exist (zero-sized ones can).
static bool isPossible(ArrayRef<int64_t> shape) {
  int64_t size = 1;
  return llvm::none_of(shape, [&](int64_t d) {
    return d < 0 || llvm::MulOverflow(size, std::max<int64_t>(d, 1), size) || size > maxElements;
  });
}

/// The node's name: the importer puts it into the location.
static StringRef nodeName(Location loc) {
  if (auto name = dyn_cast<NameLoc>(loc))
    return name.getName();
  if (auto fused = dyn_cast<FusedLoc>(loc))
    for (Location l : fused.getLocations())
      if (StringRef name = nodeName(l); !name.empty())
        return name;
  return "";
}

static bool isStaticTensor(Type type) {
  auto ranked = dyn_cast<RankedTensorType>(type);
  return ranked && ranked.hasStaticShape() && !isa<UnknownType>(ranked.getElementType());
}

/// Whether what the file declares about a value contradicts `actual`. Unknown ranks, dimensions and element types of
/// the declaration agree with everything.
static bool contradicts(Type declared, RankedTensorType actual) {
  auto tensor = dyn_cast<TensorType>(declared);
  if (!tensor)
    return true;
  if (!isa<UnknownType>(tensor.getElementType()) && tensor.getElementType() != actual.getElementType())
    return true;
  if (!tensor.hasRank())
    return false;
  if (tensor.getRank() != actual.getRank())
    return true;
  return llvm::any_of(llvm::zip_equal(tensor.getShape(), actual.getShape()), [](auto pair) {
    auto [d, a] = pair;
    return !ShapedType::isDynamic(d) && d != a;
  });
}

static std::string printed(Type type) {
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return text;
}

/// Newest conversion for another opset of the same operator, to tell "unknown" from "unknown in this version".
static const OpConversion *anyVersion(StringRef domain, StringRef name) {
  const OpConversion *found = nullptr;
  for (const OpConversion *c : allOpConversions())
    if (domain == c->domain && name == c->name && (!found || c->since < found->since))
      found = c;
  return found;
}

namespace {

/// Converts the nodes of one function in order. A node that cannot be converted is reported, and its results become
/// placeholders of the best known type, so that all other unusable nodes are found in the same run.
class FunctionConverter {
public:
  explicit FunctionConverter(func::FuncOp func) : func(func), b(func.getContext()) {}

  LogicalResult run();
  unsigned numConverted = 0, numFolded = 0;

private:
  void eraseDeadNodes();
  void checkArguments();
  void convertNode(NodeOp node);
  LogicalResult tryConvert(NodeContext &ctx, const OpConversion &conversion, SmallVectorImpl<RankedTensorType> &types,
                           SmallVectorImpl<Value> &results);
  LogicalResult tryFold(NodeContext &ctx, const OpConversion &conversion, ArrayRef<RankedTensorType> types,
                        SmallVectorImpl<Value> &results);
  LogicalResult checkTypes(NodeContext &ctx, ArrayRef<RankedTensorType> types);
  void replaceByPlaceholders(NodeOp node, ArrayRef<RankedTensorType> types);
  void reportNode(NodeOp node, const Twine &reason);
  LogicalResult finish();
  StringRef valueName(unsigned index, bool isResult);

  func::FuncOp func;
  OpBuilder b;
  /// Values that stand for results of unusable nodes or arguments: without a type, or with a type but no contents.
  DenseSet<Value> untyped, placeholders;
  SmallVector<Operation *> converted;
  unsigned numNodes = 0, numReported = 0, numProblems = 0;
};

} // namespace

void FunctionConverter::eraseDeadNodes() {
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(func.front())))
    if (isa<NodeOp>(op) && op.use_empty())
      op.erase();
}

StringRef FunctionConverter::valueName(unsigned index, bool isResult) {
  auto name = isResult ? func.getResultAttrOfType<StringAttr>(index, "onnx.name")
                       : func.getArgAttrOfType<StringAttr>(index, "onnx.name");
  return name ? name.getValue() : "";
}

void FunctionConverter::checkArguments() {
  for (BlockArgument arg : func.getArguments()) {
    auto type = dyn_cast<RankedTensorType>(arg.getType());
    bool usable =
        isStaticTensor(arg.getType()) && !llvm::is_contained(type.getShape(), 0) && isPossible(type.getShape());
    if (usable)
      continue;
    untyped.insert(arg);
    if (arg.use_empty())
      continue;
    ++numProblems;
    std::string name = valueName(arg.getArgNumber(), /*isResult=*/false).str();
    if (name.empty())
      name = "#" + std::to_string(arg.getArgNumber());
    if (type && type.hasStaticShape() && !isa<UnknownType>(type.getElementType()))
      emitError(func.getLoc()) << "input '" << name << "' has type " << type
                               << (isPossible(type.getShape())
                                       ? ", whose zero-sized dimension leaves nothing to compute"
                                       : ", which is larger than any memory")
                               << "; give its real shape, as in --shape " << name << "=1x3x224x224";
    else
      emitError(func.getLoc()) << "input '" << name << "' has type " << arg.getType()
                               << ", but code is generated for static shapes only; give its shape, as in --shape "
                               << name << "=1x3x224x224";
  }
}

void FunctionConverter::reportNode(NodeOp node, const Twine &reason) {
  ++numReported;
  StringRef domain = node.getDomain().empty() ? "ai.onnx" : node.getDomain();
  StringRef name = nodeName(node.getLoc());
  emitError(node.getLoc()) << node.getOpType() << " node " << (name.empty() ? "" : "'" + name.str() + "' ")
                           << "(domain '" << domain << "', opset " << node.getOpset()
                           << ") cannot be converted: " << reason;
}

void FunctionConverter::replaceByPlaceholders(NodeOp node, ArrayRef<RankedTensorType> types) {
  SmallVector<int32_t> slots;
  if (node.getResultSlots())
    slots.assign(node.getResultSlots()->begin(), node.getResultSlots()->end());
  else
    slots.assign(llvm::seq<int32_t>(0, node.getResults().size()).begin(),
                 llvm::seq<int32_t>(0, node.getResults().size()).end());
  for (auto [result, slot] : llvm::zip_equal(node.getResults(), slots)) {
    auto type = static_cast<size_t>(slot) < types.size() ? types[slot] : RankedTensorType();
    if (!type && isStaticTensor(result.getType()))
      type = cast<RankedTensorType>(result.getType());
    if (!type) {
      untyped.insert(result);
      continue;
    }
    Value placeholder = tensor::EmptyOp::create(b, node.getLoc(), type.getShape(), type.getElementType());
    placeholders.insert(placeholder);
    result.replaceAllUsesWith(placeholder);
  }
}

LogicalResult FunctionConverter::checkTypes(NodeContext &ctx, ArrayRef<RankedTensorType> types) {
  for (auto [slot, type] : llvm::enumerate(types)) {
    Value declared = ctx.node.getOutput(slot);
    if (!declared)
      continue;
    if (!type)
      return ctx.fail("output " + Twine(slot) + " is not produced by this operator; check the model with onnx.checker");
    if (contradicts(declared.getType(), type))
      return ctx.fail("the file declares output " + Twine(slot) + " as " + printed(declared.getType()) +
                      ", but it follows from the inputs that it is " + printed(type) +
                      "; correct or remove its value_info");
    if (!isPossible(type.getShape()))
      return ctx.fail("output " + Twine(slot) + " would have the impossible type " + printed(type) +
                      "; check the shapes of the inputs and the attributes");
  }
  if (ctx.numOutputs() > types.size())
    return ctx.fail("it names " + Twine(ctx.numOutputs()) + " outputs, but the operator has " + Twine(types.size()) +
                    "; check the model with onnx.checker");
  return success();
}

LogicalResult FunctionConverter::tryFold(NodeContext &ctx, const OpConversion &conversion,
                                         ArrayRef<RankedTensorType> types, SmallVectorImpl<Value> &results) {
  if (!conversion.fold)
    return failure();
  SmallVector<ElementsAttr> constants;
  if (failed(conversion.fold(ctx, types, constants)))
    return failure();
  for (auto [slot, elements] : llvm::enumerate(constants)) {
    if (elements && (slot >= types.size() || elements.getShapedType() != types[slot]))
      return ctx.fail("internal error: its folder made " + printed(elements.getShapedType()) + "; please report this");
    results.push_back(elements ? createConstant(b, ctx.loc(), elements) : Value());
  }
  // All asked-for outputs must be there.
  for (unsigned slot = 0; slot < ctx.numOutputs(); ++slot)
    if (ctx.outputIsUsed(slot) && (slot >= results.size() || !results[slot])) {
      results.clear();
      return failure();
    }
  return success();
}

LogicalResult FunctionConverter::tryConvert(NodeContext &ctx, const OpConversion &conversion,
                                            SmallVectorImpl<RankedTensorType> &types, SmallVectorImpl<Value> &results) {
  for (auto [slot, value] : llvm::enumerate(ctx.inputs))
    if (value && !isStaticTensor(value.getType()))
      return ctx.fail("its input " + Twine(slot) + " has type " + printed(value.getType()) +
                      ", which is not a tensor of static shape");
  SmallVector<RankedTensorType> inferred;
  LogicalResult inferredTypes = conversion.inferTypes(ctx, inferred);
  if (!ctx.attributeError.empty())
    return ctx.fail(ctx.attributeError);
  if (failed(inferredTypes) || failed(checkTypes(ctx, inferred)))
    return ctx.fail("its result types cannot be inferred");
  types = inferred;

  if (succeeded(tryFold(ctx, conversion, types, results))) {
    if (!ctx.attributeError.empty())
      return ctx.fail(ctx.attributeError);
    ++numFolded;
    return success();
  }
  for (auto [slot, value] : llvm::enumerate(ctx.inputs))
    if (value && !constantValue(value) && llvm::is_contained(cast<RankedTensorType>(value.getType()).getShape(), 0))
      return ctx.fail("its input " + Twine(slot) + " has type " + printed(value.getType()) +
                      " with a zero-sized dimension; such a tensor holds nothing, so remove the node");
  for (auto [slot, type] : llvm::enumerate(types))
    if (type && ctx.hasOutput(slot) && llvm::is_contained(type.getShape(), 0))
      return ctx.fail("its output " + Twine(slot) + " has type " + printed(type) +
                      " with a zero-sized dimension; check the input shapes, or remove the node");
  LogicalResult ok = conversion.convert(ctx, types, results);
  if (!ctx.attributeError.empty())
    return ctx.fail(ctx.attributeError);
  if (failed(ok))
    return ctx.fail("internal error: no reason was given; please report this");
  for (unsigned slot = 0; slot < ctx.numOutputs(); ++slot) {
    Value value = slot < results.size() ? results[slot] : Value();
    if (ctx.outputIsUsed(slot) && (!value || value.getType() != types[slot]))
      return ctx.fail("internal error: output " + Twine(slot) + " was converted to " +
                      (value ? printed(value.getType()) : std::string("nothing")) + ", expected " +
                      printed(types[slot]) + "; please report this");
  }
  ++numConverted;
  return success();
}

void FunctionConverter::convertNode(NodeOp node) {
  ++numNodes;
  b.setInsertionPoint(node);
  StringRef domain = node.getDomain() == "ai.onnx" ? "" : node.getDomain();
  const OpConversion *conversion = lookupOpConversion(domain, node.getOpType(), node.getOpset());
  if (!conversion) {
    if (const OpConversion *other = anyVersion(domain, node.getOpType()))
      reportNode(node, "this version of the operator is not supported (the oldest supported opset is " +
                           Twine(other->since) + "); convert the model with onnx.version_converter");
    else if (!node.getSubgraphs().empty())
      reportNode(node, "control flow with subgraphs is not supported; export the model with the control flow unrolled "
                       "or resolved to constants");
    else
      reportNode(node, "there is no conversion for this operator; replace it by supported operators when exporting "
                       "the model, or add one (docs/HowTo/AddONNXOp.md)");
    return replaceByPlaceholders(node, {});
  }

  SmallVector<Value> inputs;
  for (auto [i, operand] : llvm::enumerate(node.getInputs())) {
    size_t slot = node.getOperandSlots() ? (*node.getOperandSlots())[i] : i;
    if (inputs.size() <= slot)
      inputs.resize(slot + 1);
    inputs[slot] = operand;
  }
  // After an earlier problem this node may be fine: say nothing of it that could be a consequence. Integer tensors
  // are shape arithmetic, whose contents decide whether other nodes can be converted.
  bool consequence = llvm::any_of(inputs, [&](Value v) {
    return v && (untyped.contains(v) ||
                 (placeholders.contains(v) && !isa<FloatType>(cast<RankedTensorType>(v.getType()).getElementType())));
  });
  if (llvm::any_of(inputs, [&](Value v) { return v && untyped.contains(v); }))
    return replaceByPlaceholders(node, {});

  NodeContext ctx(node, inputs, b);
  SmallVector<RankedTensorType> types;
  SmallVector<Value> results;
  if (failed(tryConvert(ctx, *conversion, types, results))) {
    if (!consequence)
      reportNode(node, ctx.reason);
    return replaceByPlaceholders(node, types);
  }
  for (unsigned slot = 0; slot < ctx.numOutputs(); ++slot)
    if (Value old = node.getOutput(slot); old && !old.use_empty())
      old.replaceAllUsesWith(results[slot]);
  converted.push_back(node);
}

LogicalResult FunctionConverter::finish() {
  auto ret = dyn_cast<func::ReturnOp>(func.front().getTerminator());
  if (!ret)
    return success();
  SmallVector<Type> resultTypes;
  for (auto [i, value] : llvm::enumerate(ret.getOperands())) {
    Type declared = i < func.getNumResults() ? func.getResultTypes()[i] : value.getType();
    auto actual = dyn_cast<RankedTensorType>(value.getType());
    resultTypes.push_back(value.getType());
    if (untyped.contains(value) || (isStaticTensor(value.getType()) && !contradicts(declared, actual)))
      continue;
    ++numProblems;
    if (isStaticTensor(value.getType()))
      emitError(func.getLoc()) << "output '" << valueName(i, /*isResult=*/true) << "' is declared as " << declared
                               << ", but the nodes compute " << actual << "; correct the declaration in the model";
    else
      emitError(func.getLoc()) << "output '" << valueName(i, /*isResult=*/true) << "' has type " << value.getType()
                               << ", which is not a tensor of static shape; give every graph input a static shape";
  }
  if (numReported > 1)
    emitError(func.getLoc()) << numReported << " of " << numNodes << " nodes of '" << func.getName()
                             << "' cannot be converted (listed above)";
  if (numReported || numProblems)
    return failure();
  for (Operation *node : llvm::reverse(converted))
    node->erase();
  func.setFunctionType(FunctionType::get(func.getContext(), func.getArgumentTypes(), resultTypes));
  // Constants and shape computations that only nodes read are dead now.
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(func.front())))
    if (isOpTriviallyDead(&op))
      op.erase();
  return success();
}

LogicalResult FunctionConverter::run() {
  if (!func.getBody().hasOneBlock()) {
    bool hasNodes = false;
    func.walk([&](NodeOp) { hasNodes = true; });
    if (hasNodes)
      return emitError(func.getLoc()) << "'" << func.getName()
                                      << "' has several blocks around its ONNX nodes; only straight-line graphs can be "
                                         "converted";
    return success();
  }
  eraseDeadNodes();
  checkArguments();
  for (Operation &op : llvm::make_early_inc_range(func.front()))
    if (auto node = dyn_cast<NodeOp>(op))
      convertNode(node);
  return finish();
}

/// True for functions of the importer and those with nodes. Other code may have any types.
static bool comesFromONNX(func::FuncOp func) {
  for (unsigned i = 0; i < func.getNumArguments(); ++i)
    if (func.getArgAttr(i, "onnx.name"))
      return true;
  return func.walk([](NodeOp) { return WalkResult::interrupt(); }).wasInterrupted();
}

namespace {
struct ConvertONNXToLinalgPass : gs::impl::ConvertONNXToLinalgBase<ConvertONNXToLinalgPass> {
  void runOnOperation() override {
    bool ok = true;
    for (func::FuncOp func : getOperation().getOps<func::FuncOp>()) {
      if (func.isDeclaration() || !comesFromONNX(func))
        continue;
      FunctionConverter converter(func);
      ok &= succeeded(converter.run());
      numConverted += converter.numConverted;
      numFolded += converter.numFolded;
    }
    if (!ok)
      signalPassFailure();
  }
};
} // namespace
