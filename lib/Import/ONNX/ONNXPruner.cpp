//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Projects weights of an ONNX file in place.
//
//===----------------------------------------------------------------------===//
#include "gs/Import/ONNX/ONNXPruner.h"
#include "ModelFile.h"
#include "TensorImport.h"
#include "gs/Dialect/GS/IR/Projection.h"
#include "mlir/IR/Diagnostics.h"
#include "onnx-ml.pb.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Path.h"
#include <climits>

using namespace mlir;
using namespace mlir::onnx;

/// Slices of a recurrent weight that are pruned together.
static constexpr int bothDirections = -2;

namespace {

/// How a tensor of the file is a weight matrix.
struct Slot {
  const ::onnx::NodeProto *node = nullptr;
  int input = 1;           ///< of the node
  bool transposed = false; ///< the file holds K x M
  int direction = -1;      ///< slice of a recurrent weight; -1: the whole tensor
  int64_t groups = 1;      ///< of a convolution: matrices of their own, one below the other
};

class Pruner {
public:
  Pruner(StringRef path, MLIRContext *context)
      : path(path), loc(fileLoc(path, context)), context(context),
        external(llvm::sys::path::parent_path(path).empty() ? "." : llvm::sys::path::parent_path(path)),
        tensors(context, external) {}

  LogicalResult read() {
    if (failed(readModelFile(path, model, context)))
      return failure();
    if (!model.has_graph())
      return emitError(loc) << "the model has no graph; the file is damaged: export the model again";
    for (::onnx::TensorProto &tensor : *model.mutable_graph()->mutable_initializer())
      constants[tensor.name()] = &tensor;
    int64_t number = 0;
    for (::onnx::NodeProto &node : *model.mutable_graph()->mutable_node()) {
      if (node.op_type() == "Constant" && node.output_size() == 1)
        for (::onnx::AttributeProto &attribute : *node.mutable_attribute())
          if (attribute.name() == "value" && attribute.has_t())
            constants[node.output(0)] = attribute.mutable_t();
      for (const std::string &input : node.input())
        ++users[input];
      addSlots(node, node.name().empty() ? node.op_type() + "_" + std::to_string(number) : node.name());
      ++number;
    }
    return success();
  }

  std::vector<std::string> nodes() const { return order; }

  LogicalResult prune(const PruneStep &step, PrunedWeight &result) {
    auto at = [&] { return emitError(NameLoc::get(StringAttr::get(context, step.node))); };
    auto found = slots.find(step.node);
    if (found == slots.end())
      return at()
             << "is no Conv, MatMul, Gemm or recurrent node of the model with a constant weight; `gsc explain` lists "
                "its nodes";
    if (!done.insert(step.node).second)
      return at() << "is named twice; a layer is pruned once";
    const Slot &slot = found->second;
    const std::string &name = slot.node->input(slot.input);
    ::onnx::TensorProto &tensor = *constants.lookup(name);
    if (users.lookup(name) > 1)
      return at() << "shares its weight '" << name
                  << "' with another node, so that it cannot be pruned for itself; give each "
                     "its own copy";
    FailureOr<ElementsAttr> elements = load(name, tensor);
    if (failed(elements))
      return failure();
    auto type = cast<RankedTensorType>(elements->getType());
    if (!isa<FloatType>(type.getElementType()) || !gs::getElementBytes(type.getElementType()))
      return at() << "has a weight of type " << type.getElementType() << "; only floating-point weights are pruned";
    std::vector<char> storage;
    FailureOr<ArrayRef<char>> raw = gs::getRawData(*elements, storage, at);
    if (failed(raw))
      return failure();
    std::vector<char> data(raw->begin(), raw->end());
    store(tensor, data); // importing took it out of the file

    // The slice of the step, as the matrix or kernel that patterns are defined on.
    SmallVector<int64_t> shape(type.getShape());
    size_t begin = 0, size = data.size();
    if (slot.direction == bothDirections) {
      shape = {shape[0] * shape[1], shape[2]}; // one product for both
    } else if (slot.direction >= 0) {
      size /= size_t(std::max<int64_t>(1, shape[0]));
      begin = size * size_t(slot.direction);
      shape.erase(shape.begin());
    }
    unsigned bytes = gs::getElementBytes(type.getElementType());
    std::vector<char> part(data.begin() + begin, data.begin() + begin + size);
    if (slot.transposed) {
      part = transposed(part, shape[0], shape[1], bytes);
      std::swap(shape[0], shape[1]);
    }
    auto partType = RankedTensorType::get(shape, type.getElementType());
    FailureOr<gs::Weight> dense = gs::Weight::fromElements(gs::makeElements(partType, std::move(part)), nullptr, at);
    if (failed(dense) || failed(step.pattern.verifyPattern(shape, type.getElementType(), at)))
      return failure();
    if (slot.groups > 1 && failed(checkGroups(step.pattern, *dense, shape, slot.groups, at)))
      return failure();
    auto projectable = dyn_cast<gs::ProjectionAttrInterface>(step.pattern);
    if (!projectable)
      return at() << "cannot be pruned to " << step.pattern << ", which has no projection";
    gs::ProjectOptions options;
    options.density = 1 - step.sparsity;
    if (step.exact)
      options.method = gs::ProjectOptions::Method::Exact;
    FailureOr<gs::Projection> projection = projectable.project(*dense, options, at);
    if (failed(projection))
      return failure();
    part = projection->weight.toTensorOrder();
    if (slot.transposed)
      part = transposed(part, shape[0], shape[1], bytes);
    std::copy(part.begin(), part.end(), data.begin() + begin);
    store(tensor, data);
    pending[name] = gs::makeElements(type, std::move(data));
    result.node = step.node;
    llvm::raw_string_ostream os(result.shape);
    llvm::interleave(shape, os, "x");
    result.density = projection->density;
    result.energy = projection->keptEnergy;
    return success();
  }

  FailureOr<std::string> write() {
    std::string bytes;
    if (model.ByteSizeLong() > INT_MAX || !model.SerializeToString(&bytes))
      return emitError(loc)
             << "the pruned model has more than 2 GB, which an ONNX file cannot hold; keep its weights as "
                "external data and prune fewer layers at a time";
    return bytes;
  }

  bool hasExternalData() const {
    return llvm::any_of(
        constants, [](const auto &entry) { return entry.second->data_location() == ::onnx::TensorProto::EXTERNAL; });
  }

private:
  /// That the groups of a convolution can be pruned as the matrices that they are.
  static LogicalResult checkGroups(gs::PatternAttrInterface pattern, const gs::Weight &dense, ArrayRef<int64_t> shape,
                                   int64_t groups, gs::EmitError at) {
    if (dense.channels == 1)
      return at() << "is a depthwise convolution; those stay dense";
    gs::GroupForm form = pattern.getGroupForm(shape);
    if (form.rowOrder)
      return at() << "is a convolution of " << groups << " groups, whose rows cannot change places for " << pattern;
    if (dense.rows % groups || dense.rows / groups % form.bundleRows)
      return at() << "is a convolution of " << groups << " groups of " << dense.rows / groups
                  << " rows, which bundles of " << form.bundleRows << " rows straddle";
    return success();
  }

  void addSlot(const std::string &name, Slot slot) {
    if (slot.input < slot.node->input_size() && constants.contains(slot.node->input(slot.input)) &&
        slots.try_emplace(name, slot).second)
      order.push_back(name);
  }

  void addSlots(const ::onnx::NodeProto &node, const std::string &name) {
    const std::string &op = node.op_type();
    auto dims = [&](int input) {
      const ::onnx::TensorProto *tensor = input < node.input_size() ? constants.lookup(node.input(input)) : nullptr;
      return tensor ? tensor->dims_size() : 0;
    };
    auto attribute = [&](StringRef key) -> const ::onnx::AttributeProto * {
      for (const ::onnx::AttributeProto &each : node.attribute())
        if (each.name() == key)
          return &each;
      return nullptr;
    };
    if (op == "Conv" && dims(1) >= 3)
      addSlot(name, {&node, 1, false, -1, attribute("group") ? attribute("group")->i() : 1});
    else if (op == "MatMul" && dims(1) == 2)
      addSlot(name, {&node, 1, true, -1});
    else if (op == "MatMul" && dims(0) == 2)
      addSlot(name, {&node, 0, false, -1});
    else if (op == "Gemm" && dims(1) == 2)
      addSlot(name, {&node, 1, !attribute("transB") || !attribute("transB")->i(), -1});
    else if ((op == "LSTM" || op == "GRU" || op == "RNN") && dims(1) == 3 && dims(2) == 3) {
      const ::onnx::AttributeProto *direction = attribute("direction");
      bool both = direction && direction->s() == "bidirectional";
      addSlot(name, {&node, 1, false, both ? bothDirections : 0});
      addSlot(name + "/recurrent", {&node, 2, false, 0});
      if (both)
        addSlot(name + "/recurrent reverse", {&node, 2, false, 1});
    }
  }

  /// A tensor's elements; the second time what was made of them.
  FailureOr<ElementsAttr> load(const std::string &name, ::onnx::TensorProto &tensor) {
    if (auto known = pending.find(name); known != pending.end())
      return known->second;
    return tensors.importTensor(tensor, "tensor '" + name + "'", loc);
  }

  static void store(::onnx::TensorProto &tensor, const std::vector<char> &data) {
    tensor.clear_float_data();
    tensor.clear_int32_data();
    tensor.clear_double_data();
    tensor.clear_external_data();
    tensor.clear_data_location();
    tensor.set_raw_data(data.data(), data.size());
  }

  static std::vector<char> transposed(const std::vector<char> &data, int64_t rows, int64_t cols, unsigned bytes) {
    std::vector<char> result(data.size());
    for (int64_t row = 0; row < rows; ++row)
      for (int64_t col = 0; col < cols; ++col)
        std::copy_n(data.data() + (row * cols + col) * bytes, bytes, result.data() + (col * rows + row) * bytes);
    return result;
  }

  std::string path;
  Location loc;
  MLIRContext *context;
  ExternalData external;
  TensorImporter tensors;
  ::onnx::ModelProto model;
  llvm::StringMap<::onnx::TensorProto *> constants;
  llvm::StringMap<int64_t> users;
  llvm::StringMap<Slot> slots;
  llvm::StringMap<ElementsAttr> pending;
  llvm::StringSet<> done;
  std::vector<std::string> order;
};

} // namespace

FailureOr<std::string> mlir::onnx::pruneONNXFile(StringRef path, ArrayRef<PruneStep> steps, MLIRContext *context,
                                                 std::vector<PrunedWeight> &pruned, std::vector<std::string> *refused) {
  context->loadDialect<gs::GSDialect>();
  Pruner pruner(path, context);
  if (failed(pruner.read()))
    return failure();
  for (const PruneStep &step : steps) {
    PrunedWeight weight;
    if (!refused) {
      if (failed(pruner.prune(step, weight)))
        return failure();
    } else {
      std::string reason;
      ScopedDiagnosticHandler handler(context, [&](Diagnostic &diagnostic) {
        reason = step.node + ": " + diagnostic.str();
        return success();
      });
      if (failed(pruner.prune(step, weight))) {
        refused->push_back(reason);
        continue;
      }
    }
    pruned.push_back(std::move(weight));
  }
  return pruner.write();
}

FailureOr<std::vector<std::string>> mlir::onnx::listPrunableNodes(StringRef path, MLIRContext *context) {
  Pruner pruner(path, context);
  if (failed(pruner.read()))
    return failure();
  return pruner.nodes();
}
