//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The weights of a module, and what there is to say about them.
//
//===----------------------------------------------------------------------===//
#include "Layers.h"
#include "gs/Dialect/GS/IR/NodeName.h"
#include "gs/Dialect/GS/IR/Patterns.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/JSON.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

/// A name for files: that of the op's location or, else, of its function; with a number if it is taken.
static std::string nameOf(Operation *op, llvm::StringSet<> &taken) {
  StringRef found = nodeName(op->getLoc());
  if (auto function = op->getParentOfType<FunctionOpInterface>(); found.empty() && function)
    found = function.getName();
  std::string name;
  for (char c : found.empty() ? StringRef("weight") : found)
    name += llvm::isAlnum(c) || c == '-' || c == '.' ? c : '_';
  if (name.front() == '.')
    name.front() = '_';
  std::string unique = name;
  for (int number = 2; !taken.insert(unique).second; ++number)
    unique = name + "_" + std::to_string(number);
  return unique;
}

LogicalResult gs::detail::forEachLayer(ModuleOp module,
                                       function_ref<LogicalResult(Operation *, ExchangeLayer &&)> use) {
  llvm::StringSet<> taken;
  bool any = false;
  WalkResult result = module.walk([&](Operation *op) -> WalkResult {
    auto emitError = [&] { return op->emitOpError(); };
    ExchangeLayer layer;
    FailureOr<Weight> weight;
    if (auto constant = dyn_cast<ConstantOp>(op)) {
      layer.type = cast<RankedTensorType>(constant.getType());
      weight = constant.getWeight(emitError);
    } else if (auto packed = dyn_cast<CompressedConstantOp>(op)) {
      CompressedType type = packed.getType();
      layer.type = type.getLogical();
      if (type.hasRowLayout() || !type.getPattern() || type.getIndexSpace() != "column")
        return emitError()
               << "is packed for a kernel, not by its pattern; export the module before gs-compress-weights";
      FailureOr<std::vector<Buffer>> buffers = fromAttr(packed.getBuffers(), emitError);
      if (succeeded(buffers))
        weight = type.getPattern().unpack(layer.type.getShape(), layer.type.getElementType(), *buffers,
                                          type.getSchema(), emitError);
    } else {
      return WalkResult::advance();
    }
    if (failed(weight))
      return WalkResult::interrupt();
    any = true;
    layer.weight = std::move(*weight);
    layer.name = nameOf(op, taken);
    return use(op, std::move(layer));
  });
  if (result.wasInterrupted())
    return failure();
  if (!any)
    return module.emitError("has no gs.constant and no gs.compressed_constant to export; run gs-detect-pattern first");
  return success();
}

/// A line per row, '#' for a kept weight.
static llvm::json::Array maskLines(const Weight &weight) {
  llvm::json::Array lines;
  for (int64_t row = 0; row < weight.rows; ++row) {
    std::string line;
    for (int64_t col = 0; col < weight.cols; ++col)
      line += weight.kept(row, col) ? '#' : '.';
    lines.push_back(line);
  }
  return lines;
}

/// What each term of a union holds, read back from its buffers.
static FailureOr<llvm::json::Array> describeTerms(UnionAttr sum, const ExchangeLayer &layer, const Schema &schema,
                                                  ArrayRef<Buffer> buffers, EmitError emitError) {
  llvm::json::Array result;
  for (auto [number, term] : llvm::enumerate(sum.getTerms())) {
    std::string prefix = std::to_string(number) + "_", name;
    std::vector<Buffer> own;
    for (const Buffer &buffer : buffers)
      if (StringRef(buffer.name).starts_with(prefix)) {
        own.push_back(buffer);
        own.back().name.erase(0, prefix.size());
      }
    FailureOr<Weight> part = term.unpack(layer.type.getShape(), layer.type.getElementType(), own, schema, emitError);
    if (failed(part))
      return failure();
    llvm::raw_string_ostream(name) << term;
    result.push_back(llvm::json::Object{{"pattern", name}, {"kept", part->numKept()}, {"mask", maskLines(*part)}});
  }
  return result;
}

LogicalResult gs::detail::describeWeights(ModuleOp module, raw_ostream &os) {
  llvm::json::Array layers;
  if (failed(forEachLayer(module, [&](Operation *op, ExchangeLayer &&layer) -> LogicalResult {
        auto pattern = cast<PatternAttrInterface>(layer.type.getEncoding());
        const Weight &weight = layer.weight;
        Schema schema; // the narrowest index that holds every column
        schema.indexBits = weight.cols <= 256 ? 8 : weight.cols <= 65536 ? 16 : 32;
        FailureOr<std::vector<Buffer>> buffers = pattern.pack(weight, schema, [&] { return op->emitOpError(); });
        if (failed(buffers))
          return failure();
        auto print = [](auto &&value) {
          std::string text;
          llvm::raw_string_ostream(text) << value;
          return text;
        };
        std::string form;
        llvm::raw_string_ostream formOS(form);
        pattern.getGroupForm(layer.type.getShape()).print(formOS);
        llvm::json::Array fields;
        int64_t bytes = 0;
        for (const Buffer &buffer : *buffers) {
          bytes += static_cast<int64_t>(buffer.data.size());
          fields.push_back(llvm::json::Object{{"name", buffer.name},
                                              {"shape", llvm::json::Array(buffer.shape)},
                                              {"element", print(buffer.elementType)},
                                              {"bytes", static_cast<int64_t>(buffer.data.size())}});
        }
        layers.push_back(llvm::json::Object{{"name", layer.name},
                                            {"type", print(layer.type)},
                                            {"pattern", print(pattern)},
                                            {"kept", weight.numKept()},
                                            {"density", weight.density()},
                                            {"form", form},
                                            {"bytes", bytes},
                                            {"buffers", std::move(fields)},
                                            {"mask", maskLines(weight)}});
        if (auto sum = dyn_cast<UnionAttr>(Attribute(pattern))) {
          FailureOr<llvm::json::Array> terms =
              describeTerms(sum, layer, schema, *buffers, [&] { return op->emitOpError(); });
          if (failed(terms))
            return failure();
          layers.back().getAsObject()->insert({"terms", std::move(*terms)});
        }
        return success();
      })))
    return failure();
  llvm::json::OStream json(os, 1);
  json.value(std::move(layers));
  os << '\n';
  return success();
}
