//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// gs-extract-gather-kernels: each layer of a float network that a machine of integers
// can gather for, as a function of its own, on fixed-point numbers.
//
//===----------------------------------------------------------------------===//
#include "GatherProduct.h"
#include "gs/Conversion/GSToGather/Passes.h"
#include "gs/Dialect/GS/IR/NodeName.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/SymbolTable.h"
#include "llvm/ADT/StringExtras.h"
#include <cmath>
#include <cstring>

namespace mlir::gs {
#define GEN_PASS_DEF_EXTRACTGATHERKERNELS
#include "gs/Conversion/GSToGather/Passes.h.inc"
} // namespace mlir::gs

using namespace mlir;
using namespace mlir::gs;

/// Magnitude of activations, and of sums, that a kernel takes without an overflow.
static constexpr double kMaxActivation = 32767, kMaxSum = 2147483647;

namespace {

class ExtractGatherKernels : public mlir::gs::impl::ExtractGatherKernelsBase<ExtractGatherKernels> {
public:
  using Base::Base;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    found = resolveGatherMachine(machine, [&](const Twine &text) { module.emitError() << text; });
    if (!found)
      return signalPassFailure();
    if (!found->takes(16, /*isFloat=*/false) || found->scalable) {
      module.emitError() << "machine '" << machine
                         << "' has vectors of any length, for which layers need no extraction";
      return signalPassFailure();
    }
    SmallVector<Operation *> ops;
    module.walk([&](Operation *op) {
      if (isa<MatmulOp, ConvOp>(op))
        ops.push_back(op);
    });
    SmallVector<func::FuncOp> old(module.getOps<func::FuncOp>());
    OpBuilder b = OpBuilder::atBlockEnd(module.getBody());
    SmallVector<Attribute> left;
    for (Operation *op : ops) {
      std::string reason;
      if (failed(extract(b, op, reason)))
        left.push_back(b.getStrArrayAttr({nodeName(op->getLoc()), reason}));
    }
    for (func::FuncOp function : old)
      function.erase();
    module->setAttr("gs.left_out", b.getArrayAttr(left));
  }

private:
  /// A C identifier.
  std::string symbolOf(StringRef node) {
    std::string name;
    for (char c : node)
      name += llvm::isAlnum(c) ? c : '_';
    if (name.empty() || llvm::isDigit(name.front()))
      name = "layer_" + name;
    std::string unique = name;
    for (int number = 1; SymbolTable::lookupSymbolIn(getOperation(), unique); ++number)
      unique = name + "_" + std::to_string(number);
    return unique;
  }

  /// The pattern that the weight has, or one that its zeros obey: the widest one of the fewest lanes of a row.
  PatternAttrInterface patternOf(Operation *op, const Weight &weight) {
    const int64_t lanes = found->vectorBits / 16;
    PatternAttrInterface known = getPattern(op->getOperand(0).getType());
    if (known) {
      auto permuted = dyn_cast<PermutedAttr>(known);
      GroupForm form = (permuted ? permuted.getPattern() : known)
                           .getGroupForm(cast<ShapedType>(op->getOperand(0).getType()).getShape());
      if (form.hasResidueLanes() && !form.isTiled() && (lanes % form.lanes == 0 || form.lanes % lanes == 0))
        return known;
    }
    if (!weight.rowOrder.empty())
      return {};
    for (int64_t banks = lanes; banks >= 8; banks /= 2)
      for (int64_t width = 1; width <= banks; width *= 2) {
        auto pattern = GatherScatterAttr::get(&getContext(), banks, width);
        auto shape = cast<ShapedType>(op->getOperand(0).getType()).getShape();
        if (succeeded(pattern.verifyPattern(shape, weight.elementType, nullptr)) &&
            succeeded(pattern.verifyMask(weight, nullptr)))
          return pattern;
      }
    return {};
  }

  /// What a step of the weights of a row is worth, so that its sum cannot overflow; 0 if there is no such number.
  static double scaleOf(const Weight &weight, int64_t row, ArrayRef<float> values) {
    double sum = 0, most = 0;
    int64_t kept = 0;
    for (int64_t column = 0; column < weight.cols; ++column) {
      double magnitude = std::abs(double(values[row * weight.cols + column]));
      kept += weight.kept(row, column);
      sum += magnitude;
      most = std::max(most, magnitude);
    }
    // Rounding adds half a step to each weight at most.
    double steps = kMaxSum / kMaxActivation - double(kept) / 2;
    if (steps < 1 || !std::isfinite(sum))
      return 0;
    double scale = std::max(most / kMaxActivation, sum / steps);
    return scale > 0 ? scale : 1;
  }

  LogicalResult extract(OpBuilder &b, Operation *op, std::string &reason) {
    auto fail = [&](const Twine &text) {
      reason = text.str();
      return failure();
    };
    auto weightType = dyn_cast<RankedTensorType>(op->getOperand(0).getType());
    if (!weightType || !weightType.getElementType().isF32())
      return fail("its weight is no tensor of float32");
    if (!op->getRegion(0).empty())
      return fail("it has an epilogue; extract before gs-fuse-epilogue");
    FailureOr<Weight> weight = failure();
    if (auto constant = op->getOperand(0).getDefiningOp<ConstantOp>())
      weight = constant.getWeight();
    else if (auto constant = op->getOperand(0).getDefiningOp<arith::ConstantOp>())
      if (auto elements = dyn_cast<ElementsAttr>(constant.getValue()))
        weight = Weight::fromElements(elements, nullptr, nullptr);
    if (failed(weight))
      return fail("its weight is no constant");
    if (weight->numKept() == weight->rows * weight->cols)
      return fail("its weight has no zeros; a dense kernel needs no gathers");
    PatternAttrInterface pattern = patternOf(op, *weight);
    if (!pattern)
      return fail("its zeros form no gather_scatter<banks = B, width = k> with B = 64, 32, 16 or 8; "
                  "`gsc prune` makes such zeros");

    ArrayRef<float> values(reinterpret_cast<const float *>(weight->values.data()), weight->rows * weight->cols);
    Weight fixed = *weight;
    fixed.elementType = b.getI16Type();
    fixed.elementBytes = 2;
    fixed.values.resize(values.size() * 2);
    std::vector<double> scales;
    for (int64_t row = 0; row < weight->rows; ++row) {
      scales.push_back(scaleOf(*weight, row, values));
      if (scales.back() == 0)
        return fail("weights of row " + Twine(row) + " are not finite, or too many for sums of 32 bits");
      for (int64_t at = row * weight->cols; at < (row + 1) * weight->cols; ++at) {
        auto steps = int16_t(std::lround(double(values[at]) / scales.back()));
        std::memcpy(fixed.values.data() + 2 * at, &steps, 2);
      }
    }

    Location loc = op->getLoc();
    auto i16 = [&](Type type) { return RankedTensorType::get(cast<ShapedType>(type).getShape(), b.getI16Type()); };
    RankedTensorType input = i16(op->getOperand(1).getType()), result = i16(op->getResult(0).getType());
    std::string node = nodeName(loc).str();
    auto function = func::FuncOp::create(loc, symbolOf(node), b.getFunctionType({input}, {result}));
    b.insert(function);
    OpBuilder inner = OpBuilder::atBlockBegin(function.addEntryBlock());
    auto encoded = RankedTensorType::get(weightType.getShape(), b.getI16Type(), pattern);
    // The mask is explicit: a weight that is kept may round to zero.
    auto constant = ConstantOp::create(inner, loc, encoded, makeElements(i16(weightType), fixed.toTensorOrder()),
                                       weight->maskToElements(weightType.getShape()), DenseI64ArrayAttr());
    if (!weight->rowOrder.empty())
      constant.setRowOrderAttr(b.getDenseI64ArrayAttr(weight->rowOrder));
    Value init = tensor::EmptyOp::create(inner, loc, result.getShape(), b.getI16Type());
    Operation *product = inner.clone(*op);
    product->setOperands({constant.getResult(), function.getArgument(0), init});
    product->getResult(0).setType(result);
    func::ReturnOp::create(inner, loc, product->getResult(0));
    if (failed(GatherProduct::get(product, *found, /*wideSums=*/true, reason))) {
      function.erase();
      return failure();
    }
    function->setAttr("gs.node", b.getStringAttr(node));
    function->setAttr("gs.scale", b.getDenseF64ArrayAttr(scales));
    function->setAttr("gs.density", b.getF64FloatAttr(weight->density()));
    ++numExtracted;
    return success();
  }

  const GatherMachine *found = nullptr;
};

} // namespace
