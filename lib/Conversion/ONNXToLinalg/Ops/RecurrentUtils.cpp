//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Checks and parameters of LSTM, GRU and RNN.
//
//===----------------------------------------------------------------------===//
#include "RecurrentUtils.h"
#include "ElementwiseUtils.h"
#include "LinalgUtils.h"
#include "ShapeUtils.h"

using namespace mlir;
using namespace mlir::onnx;

namespace {
/// An activation as ONNX names it, with the defaults of its parameters.
struct Named {
  StringRef name;
  GateActivation::Kind kind;
  std::optional<double> alpha, beta;
};
} // namespace

static constexpr std::optional<double> none;
static const Named knownActivations[] = {
    {"Relu", GateActivation::Relu, none, none},
    {"Tanh", GateActivation::Tanh, none, none},
    {"Sigmoid", GateActivation::Sigmoid, none, none},
    {"Affine", GateActivation::Affine, 1.0, 0.0},
    {"LeakyRelu", GateActivation::LeakyRelu, 0.01, none},
    {"ThresholdedRelu", GateActivation::ThresholdedRelu, 1.0, none},
    {"ScaledTanh", GateActivation::ScaledTanh, 1.0, 1.0},
    {"HardSigmoid", GateActivation::HardSigmoid, 0.2, 0.5},
    {"Elu", GateActivation::Elu, 1.0, none},
    {"Softsign", GateActivation::Softsign, none, none},
    {"Softplus", GateActivation::Softplus, none, none},
};

Value GateActivation::apply(ImplicitLocOpBuilder &b, Value x) const {
  auto constant = [&](double value) { return scalar(b, x.getType(), value); };
  auto scaledBy = [&](Value v, double factor) -> Value { return arith::MulFOp::create(b, v, constant(factor)); };
  switch (kind) {
  case Relu:
    return arith::MaximumFOp::create(b, x, constant(0));
  case Tanh:
    return math::TanhOp::create(b, x);
  case Sigmoid: {
    Value decay = math::ExpOp::create(b, arith::NegFOp::create(b, x));
    return arith::DivFOp::create(b, constant(1), arith::AddFOp::create(b, constant(1), decay));
  }
  case Affine:
    return arith::AddFOp::create(b, scaledBy(x, alpha), constant(beta));
  case LeakyRelu: {
    Value keep = arith::CmpFOp::create(b, arith::CmpFPredicate::OGE, x, constant(0));
    return arith::SelectOp::create(b, keep, x, scaledBy(x, alpha));
  }
  case ThresholdedRelu: {
    Value drop = arith::CmpFOp::create(b, arith::CmpFPredicate::OLE, x, constant(alpha));
    return arith::SelectOp::create(b, drop, constant(0), x);
  }
  case ScaledTanh:
    return scaledBy(math::TanhOp::create(b, scaledBy(x, beta)), alpha);
  case HardSigmoid:
    return clampFloat(b, arith::AddFOp::create(b, scaledBy(x, alpha), constant(beta)), 0, 1);
  case Elu: {
    Value keep = arith::CmpFOp::create(b, arith::CmpFPredicate::OGE, x, constant(0));
    return arith::SelectOp::create(b, keep, x, scaledBy(math::ExpM1Op::create(b, x), alpha));
  }
  case Softsign:
    return arith::DivFOp::create(b, x, arith::AddFOp::create(b, constant(1), math::AbsFOp::create(b, x)));
  case Softplus:
    return softplusOf(b, x);
  }
  llvm_unreachable("every kind is handled");
}

/// The list of numbers of an attribute; empty if it is absent, failure if it is something else.
static FailureOr<SmallVector<double>> floatsAttr(NodeContext &ctx, StringRef name) {
  Attribute attr = ctx.attr(name);
  if (!attr)
    return SmallVector<double>();
  if (auto floats = dyn_cast<DenseF32ArrayAttr>(attr))
    return llvm::to_vector_of<double>(floats.asArrayRef());
  auto list = dyn_cast<ArrayAttr>(attr);
  if (list && llvm::all_of(list, llvm::IsaPred<FloatAttr>))
    return llvm::map_to_vector(list, [](Attribute a) { return cast<FloatAttr>(a).getValueAsDouble(); });
  return ctx.fail("attribute '" + name + "' must be a list of floats; check the model with onnx.checker");
}

LogicalResult Recurrent::readActivations() {
  SmallVector<std::string> names;
  if (Attribute attr = ctx.attr("activations")) {
    auto list = dyn_cast<ArrayAttr>(attr);
    if (!list || !llvm::all_of(list, llvm::IsaPred<StringAttr>))
      return ctx.fail("attribute 'activations' must be a list of strings; check the model with onnx.checker");
    for (auto name : list.getAsRange<StringAttr>())
      names.push_back(name.getValue().str());
  }
  size_t count = kind.activations * directions;
  if (names.empty())
    for (size_t i = 0; i < count; ++i)
      names.push_back(kind.defaults[i % kind.activations].str());
  if (names.size() != count)
    return ctx.fail("attribute 'activations' names " + Twine(names.size()) + " functions, expected " + Twine(count) +
                    " (" + Twine(kind.activations) + " per direction); correct the list");
  FailureOr<SmallVector<double>> alphas = floatsAttr(ctx, "activation_alpha"),
                                 betas = floatsAttr(ctx, "activation_beta");
  if (failed(alphas) || failed(betas))
    return failure();
  // Values are taken in order by the functions that have such a parameter.
  auto take = [](SmallVector<double> &values, size_t &next, std::optional<double> fallback) {
    if (!fallback)
      return 0.0;
    return next < values.size() ? values[next++] : *fallback;
  };
  size_t nextAlpha = 0, nextBeta = 0;
  for (const std::string &name : names) {
    const Named *known =
        llvm::find_if(knownActivations, [&](const Named &n) { return n.name.equals_insensitive(name); });
    if (known == std::end(knownActivations)) {
      std::string list;
      for (const Named &n : knownActivations)
        list += (list.empty() ? "" : ", ") + n.name.str();
      return ctx.fail("activation '" + name + "' is unknown; use one of " + list);
    }
    double alpha = take(*alphas, nextAlpha, known->alpha), beta = take(*betas, nextBeta, known->beta);
    activations.push_back({known->kind, alpha, beta});
  }
  return success();
}

LogicalResult Recurrent::checkOperands() {
  unsigned most = kind.hasCell ? 8 : 6;
  if (failed(checkInputCount(ctx, 3, most)))
    return failure();
  static constexpr StringRef names[] = {"X", "W", "R", "B", "sequence_lens", "initial_h", "initial_c", "P"};
  for (unsigned slot = 0; slot < ctx.numInputs(); ++slot) {
    if (!ctx.input(slot) || slot == 4)
      continue;
    if (failed(requireFloats(ctx, slot, names[slot], /*allowHalf=*/true)))
      return failure();
    if (ctx.elementType(slot) != ctx.elementType(0))
      return ctx.fail("its inputs X and " + names[slot] +
                      " have different element types; check the model with onnx.checker");
  }
  ArrayRef<int64_t> x = ctx.shape(0), w = ctx.shape(1), r = ctx.shape(2);
  if (x.size() != 3 || w.size() != 3 || r.size() != 3)
    return ctx.fail("its inputs X, W and R must have three dimensions, but have " + Twine(x.size()) + ", " +
                    Twine(w.size()) + " and " + Twine(r.size()) + "; check the model with onnx.checker");
  steps = x[batchFirst ? 1 : 0];
  batch = x[batchFirst ? 0 : 1];
  inputs = x[2];
  hidden = r[2];
  if (int64_t given = ctx.intAttr("hidden_size", hidden); given != hidden)
    return ctx.fail("attribute 'hidden_size' is " + Twine(given) + ", but R has " + Twine(hidden) +
                    " columns; correct one of them");
  auto expect = [&](unsigned slot, ArrayRef<int64_t> shape) -> LogicalResult {
    if (!ctx.input(slot) || ctx.shape(slot) == shape)
      return success();
    return ctx.fail("its input " + names[slot] + " has shape " + formatShape(ctx.shape(slot)) + ", expected " +
                    formatShape(shape) + "; check the model with onnx.checker");
  };
  SmallVector<int64_t> state =
      batchFirst ? SmallVector<int64_t>{batch, directions, hidden} : SmallVector<int64_t>{directions, batch, hidden};
  if (failed(expect(1, {directions, kind.gates * hidden, inputs})) ||
      failed(expect(2, {directions, kind.gates * hidden, hidden})) ||
      failed(expect(3, {directions, 2 * kind.gates * hidden})) || failed(expect(4, {batch})) ||
      failed(expect(5, state)) || failed(expect(6, state)) || failed(expect(7, {directions, 3 * hidden})))
    return failure();
  if (ctx.input(4) && !ctx.elementType(4).isSignlessInteger(32))
    return ctx.fail("its input sequence_lens must hold 32-bit integers; check the model with onnx.checker");
  if (ElementsAttr constant = ctx.input(4) ? ctx.constant(4) : ElementsAttr())
    if (std::optional<SmallVector<int64_t>> lengths = readInts(constant))
      for (int64_t length : *lengths)
        if (length < 0 || length > steps)
          return ctx.fail("its input sequence_lens holds " + Twine(length) + ", but sequences have 0 to " +
                          Twine(steps) + " steps; correct the constant");
  return success();
}

FailureOr<Recurrent> Recurrent::get(NodeContext &ctx, const RecurrentKind &kind) {
  Recurrent node(ctx, kind);
  std::string direction = ctx.stringAttr("direction", "forward");
  if (direction != "forward" && direction != "reverse" && direction != "bidirectional")
    return ctx.fail("attribute 'direction' is '" + direction + "'; use forward, reverse or bidirectional");
  node.directions = direction == "bidirectional" ? 2 : 1;
  node.firstIsReverse = direction == "reverse";
  int64_t layout = ctx.intAttr("layout", 0);
  if (layout != 0 && layout != 1)
    return ctx.fail("attribute 'layout' is " + Twine(layout) + "; use 0 (time first) or 1 (batch first)");
  node.batchFirst = layout == 1;
  if (ctx.hasAttr("clip")) {
    node.clip = ctx.floatAttr("clip", 0);
    if (!(node.clip > 0))
      return ctx.fail("attribute 'clip' must be a number above 0; leave it out to clip nothing");
  }
  if (failed(node.checkOperands()) || failed(node.readActivations()))
    return failure();
  return node;
}

void Recurrent::inferTypes(SmallVectorImpl<RankedTensorType> &results) const {
  Type element = ctx.elementType(0);
  SmallVector<int64_t> all = batchFirst ? SmallVector<int64_t>{batch, steps, directions, hidden}
                                        : SmallVector<int64_t>{steps, directions, batch, hidden},
                       last = batchFirst ? SmallVector<int64_t>{batch, directions, hidden}
                                         : SmallVector<int64_t>{directions, batch, hidden};
  results.push_back(RankedTensorType::get(all, element));
  results.push_back(RankedTensorType::get(last, element));
  if (kind.hasCell)
    results.push_back(RankedTensorType::get(last, element));
}

Value Recurrent::activate(ImplicitLocOpBuilder &b, int64_t direction, unsigned function, Value x) const {
  if (clip > 0)
    x = clampFloat(b, x, -clip, clip);
  return activations[direction * kind.activations + function].apply(b, x);
}
