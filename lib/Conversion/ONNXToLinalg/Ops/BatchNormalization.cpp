//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ONNX BatchNormalization (inference): folded into the convolution or matrix
// product before it, otherwise scale and shift per channel.
//
//===----------------------------------------------------------------------===//
#include "MatMulUtils.h"
#include <cmath>

using namespace mlir;
using namespace mlir::onnx;

static LogicalResult inferBatchNormalization(NodeContext &ctx, SmallVectorImpl<RankedTensorType> &results) {
  if (failed(requireFloats(ctx, 0, "X")))
    return failure();
  if (ctx.intAttr("training_mode", 0) != 0)
    return ctx.fail("it is in training mode; export the model for inference (model.eval() before torch.onnx.export)");
  if (ctx.intAttr("spatial", 1) == 0)
    return ctx.fail("statistics per element (spatial = 0) are not supported; export with opset 9 or later");
  ArrayRef<int64_t> x = ctx.shape(0);
  if (x.size() < 2)
    return ctx.fail("its input has rank " + Twine(x.size()) +
                    ", expected a batch and a channel dimension; check the "
                    "model with onnx.checker");
  for (auto [slot, name] : {std::pair(1u, "scale"), {2u, "B"}, {3u, "mean"}, {4u, "var"}}) {
    if (failed(requireFloats(ctx, slot, name)))
      return failure();
    if (ctx.shape(slot) != x.slice(1, 1))
      return ctx.fail("input " + Twine(slot) + " (" + name + ") must be a vector of " + Twine(x[1]) +
                      " elements, one per channel; check the model with onnx.checker");
  }
  results.push_back(ctx.type(0));
  for (unsigned slot = 1; slot < ctx.numOutputs(); ++slot) {
    if (ctx.outputIsUsed(slot))
      return ctx.fail("output " + Twine(slot) +
                      " (statistics of the batch) exists in training only; export the model "
                      "for inference");
    results.push_back(ctx.type(3));
  }
  return success();
}

namespace {
/// A convolution or matrix product with a constant weight whose only reader is the normalisation.
struct Producer {
  linalg::LinalgOp contraction;
  tensor::CollapseShapeOp ungroup; ///< of a grouped convolution, or null
  int64_t inner;                   ///< elements of the weight between two of successive channels
  SmallVector<double> bias;        ///< per channel
};
} // namespace

static bool isZeroFill(Value value) {
  auto fill = value.getDefiningOp<linalg::FillOp>();
  FloatAttr zero;
  return fill && matchPattern(fill.getInputs()[0], m_Constant(&zero)) && zero.getValue().isZero();
}

/// The addend of a linalg.generic that adds a constant vector along dimension 1, and nothing else.
static std::optional<SmallVector<double>> matchBias(linalg::GenericOp generic) {
  if (!generic || generic.getInputs().size() != 2 || generic.getNumResults() != 1)
    return std::nullopt;
  SmallVector<AffineMap> maps = generic.getIndexingMapsArray();
  MLIRContext *context = generic.getContext();
  if (!maps[0].isIdentity() || !maps[2].isIdentity() || maps[1] != projection(context, maps[0].getNumDims(), {1}))
    return std::nullopt;
  Block &body = generic.getRegion().front();
  auto add = dyn_cast<arith::AddFOp>(body.front());
  if (!add || !llvm::hasNItems(body, 2) || add.getLhs() != body.getArgument(0) || add.getRhs() != body.getArgument(1))
    return std::nullopt;
  ElementsAttr constant = constantValue(generic.getInputs()[1]);
  return constant ? readDoubles(constant) : std::nullopt;
}

/// Whether `op` is a convolution as `convolution` (ConvUtils.h) makes it.
static bool isConvolution(linalg::LinalgOp op) {
  if (isa<linalg::Conv1DNcwFcwOp, linalg::Conv2DNchwFchwOp, linalg::Conv3DNcdhwFcdhwOp, linalg::Conv2DNgchwGfchwOp>(
          op.getOperation()))
    return true;
  if (!isa<linalg::GenericOp>(op.getOperation()) || op.getNumDpsInputs() != 2 || op.getNumLoops() < 6 ||
      !linalg::isaConvolutionOpInterface(op))
    return false;
  AffineMap weight = op.getMatchingIndexingMap(op.getDpsInputOperand(1));
  return weight.getResult(0) == getAffineDimExpr(1, op.getContext()) &&
         weight.getResult(1) == getAffineDimExpr(2, op.getContext());
}

static std::optional<Producer> matchProducer(Value x, int64_t channels) {
  Producer p;
  p.bias.assign(channels, 0.0);
  if (!x.hasOneUse())
    return std::nullopt;
  if (auto bias = matchBias(x.getDefiningOp<linalg::GenericOp>())) {
    p.bias = *bias;
    x = x.getDefiningOp<linalg::GenericOp>().getInputs()[0];
  }
  if (auto collapse = x.getDefiningOp<tensor::CollapseShapeOp>(); collapse && x.hasOneUse()) {
    p.ungroup = collapse;
    x = collapse.getSrc();
  }
  p.contraction = x.getDefiningOp<linalg::LinalgOp>();
  if (!p.contraction || !x.hasOneUse() || p.contraction.getNumDpsInputs() != 2 ||
      !isZeroFill(p.contraction.getDpsInitOperand(0)->get()))
    return std::nullopt;
  ElementsAttr weight = constantValue(p.contraction.getDpsInputOperand(1)->get());
  if (!weight || static_cast<int64_t>(p.bias.size()) != channels)
    return std::nullopt;
  // The weight of a matrix product is K x channels, that of a convolution (groups x) channels x ... .
  if (auto matmul = dyn_cast<linalg::MatmulOp>(p.contraction.getOperation())) {
    p.inner = 1;
    return p.ungroup || matmul.hasUserDefinedMaps() ? std::nullopt : std::optional(p);
  }
  p.inner = weight.getNumElements() / channels;
  return isConvolution(p.contraction) ? std::optional(p) : std::nullopt;
}

static Value vectorConstant(OpBuilder &b, Location loc, Type element, ArrayRef<double> values) {
  auto type = RankedTensorType::get({static_cast<int64_t>(values.size())}, element);
  return createConstant(b, loc, makeFloats(type, values));
}

/// The producer with scaled weight and the bias that results; null if the weight cannot be scaled.
static Value foldInto(NodeContext &ctx, Producer &p, ArrayRef<double> scale, ArrayRef<double> shift) {
  OpBuilder &b = ctx.b;
  Location loc = ctx.loc();
  Value weight = p.contraction.getDpsInputOperand(1)->get();
  Value scaledWeight = shuffleConstant(b, loc, weight, [&](ElementsAttr e) {
    return isa<FloatType>(e.getElementType()) ? scaleElements(e, scale, p.inner) : e; // the mask stays
  });
  if (!scaledWeight)
    return {};
  IRMapping mapping;
  mapping.map(weight, scaledWeight);
  Value result = b.clone(*p.contraction.getOperation(), mapping)->getResult(0);
  if (p.ungroup)
    result = tensor::CollapseShapeOp::create(b, p.ungroup.getLoc(), p.ungroup.getResultType(), result,
                                             p.ungroup.getReassociationIndices());
  SmallVector<double> bias;
  for (auto [old, a, s] : llvm::zip_equal(p.bias, scale, shift))
    bias.push_back(old * a + s);
  return addAlong(b, loc, result, vectorConstant(b, loc, ctx.elementType(0), bias), 1);
}

/// value * scale + shift with vectors along the channels.
static Value scaleAndShift(OpBuilder &b, Location loc, RankedTensorType type, Value value, Value scale, Value shift) {
  AffineMap channel = projection(b.getContext(), type.getRank(), {1});
  return elementwise(b, loc, type, {value, scale, shift}, {b.getMultiDimIdentityMap(type.getRank()), channel, channel},
                     [](OpBuilder &b, Location loc, ValueRange args) -> Value {
                       Value product = arith::MulFOp::create(b, loc, args[0], args[1]);
                       return arith::AddFOp::create(b, loc, product, args[2]);
                     });
}

/// Scale and shift from parameters that are computed at run time.
static LogicalResult convertDynamic(NodeContext &ctx, double epsilon, SmallVectorImpl<Value> &results) {
  OpBuilder &b = ctx.b;
  Location loc = ctx.loc();
  Type element = ctx.elementType(0);
  for (unsigned slot = 1; slot <= 4; ++slot)
    if (ctx.elementType(slot) != element)
      return ctx.fail("parameters of another element type than X must be constants; cast them to X's type");
  RankedTensorType vector = ctx.type(1);
  AffineMap id = b.getMultiDimIdentityMap(1);
  Value scale = elementwise(b, loc, vector, {ctx.input(1), ctx.input(4)}, {id, id},
                            [&](OpBuilder &b, Location loc, ValueRange args) -> Value {
                              Value eps = floatConstant(b, loc, element, epsilon);
                              Value sum = arith::AddFOp::create(b, loc, args[1], eps);
                              Value root = math::SqrtOp::create(b, loc, sum);
                              return arith::DivFOp::create(b, loc, args[0], root);
                            });
  Value shift = elementwise(b, loc, vector, {ctx.input(2), ctx.input(3), scale}, {id, id, id},
                            [](OpBuilder &b, Location loc, ValueRange args) -> Value {
                              Value product = arith::MulFOp::create(b, loc, args[1], args[2]);
                              return arith::SubFOp::create(b, loc, args[0], product);
                            });
  results.push_back(scaleAndShift(b, loc, ctx.type(0), ctx.input(0), scale, shift));
  return success();
}

static LogicalResult convertBatchNormalization(NodeContext &ctx, ArrayRef<RankedTensorType>,
                                               SmallVectorImpl<Value> &results) {
  double epsilon = ctx.floatAttr("epsilon", 1e-5f);
  std::optional<SmallVector<double>> parameters[4];
  for (unsigned slot = 1; slot <= 4; ++slot) {
    ElementsAttr constant = ctx.constant(slot);
    if (constant)
      parameters[slot - 1] = readDoubles(constant);
    if (!parameters[slot - 1])
      return convertDynamic(ctx, epsilon, results);
  }
  int64_t channels = ctx.shape(0)[1];
  SmallVector<double> scale(channels), shift(channels);
  bool finite = true;
  for (int64_t c = 0; c < channels; ++c) {
    scale[c] = (*parameters[0])[c] / std::sqrt((*parameters[3])[c] + epsilon);
    shift[c] = (*parameters[1])[c] - (*parameters[2])[c] * scale[c];
    finite &= std::isfinite(scale[c]) && std::isfinite(shift[c]);
  }
  // Pruned weights must stay zero, so an infinite scale is left to run time.
  if (std::optional<Producer> producer = finite ? matchProducer(ctx.input(0), channels) : std::nullopt)
    if (Value folded = foldInto(ctx, *producer, scale, shift)) {
      results.push_back(folded);
      return success();
    }
  Type element = ctx.elementType(0);
  results.push_back(scaleAndShift(ctx.b, ctx.loc(), ctx.type(0), ctx.input(0),
                                  vectorConstant(ctx.b, ctx.loc(), element, scale),
                                  vectorConstant(ctx.b, ctx.loc(), element, shift)));
  return success();
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfBatchNormalization() {
  static const OpConversion table[] = {
      {"", "BatchNormalization", 7, 0, inferBatchNormalization, convertBatchNormalization, nullptr}};
  return table;
}
} // namespace mlir::onnx
