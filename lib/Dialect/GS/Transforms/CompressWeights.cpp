//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Packs weights in the schema that their strategy asks for.
//
//===----------------------------------------------------------------------===//
#include "gs/Conversion/GSToVector/Strategy.h"
#include "gs/Dialect/GS/IR/RowLayouts.h"
#include "gs/Dialect/GS/IR/RowLists.h"
#include "gs/Dialect/GS/IR/SortedRows.h"
#include "gs/Dialect/GS/Transforms/Passes.h"
#include "gs/Target/TargetRegistry.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Matchers.h"

namespace mlir::gs {
#define GEN_PASS_DEF_COMPRESSWEIGHTS
#include "gs/Dialect/GS/Transforms/Passes.h.inc"
} // namespace mlir::gs

using namespace mlir;
using namespace mlir::gs;

namespace {

class CompressWeights : public gs::impl::CompressWeightsBase<CompressWeights> {
public:
  using CompressWeightsBase::CompressWeightsBase;

  void runOnOperation() override {
    Operation *root = getOperation();
    FailureOr<TargetSpec> spec = resolveTarget(target, [&](const Twine &message) { root->emitError() << message; });
    if (failed(spec))
      return signalPassFailure();
    WalkResult result = root->walk([&](Operation *op) {
      if (!isa<MatmulOp, ConvOp>(op) || isa<CompressedType>(op->getOperand(0).getType()))
        return WalkResult::advance();
      return failed(compress(op, *spec)) ? WalkResult::interrupt() : WalkResult::advance();
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }

private:
  LogicalResult compress(Operation *op, const TargetSpec &spec) {
    std::string reason;
    FailureOr<Contraction> c = Contraction::executed(op, &reason);
    if (failed(c))
      return op->emitOpError("cannot pack its weight: ") << reason;
    FailureOr<const Strategy *> strategy = strategyOf(*c, spec);
    if (failed(strategy))
      return failure();

    Operation *definition = c->weight().getDefiningOp();
    auto emitError = [&] { return op->emitOpError(); };
    ElementsAttr values;
    auto constant = dyn_cast_or_null<ConstantOp>(definition);
    if (!constant && (!definition || !matchPattern(definition, m_Constant(&values))))
      return op->emitOpError("weight is not a constant");
    FailureOr<Weight> weight =
        constant ? constant.getWeight(emitError) : Weight::fromElements(values, nullptr, emitError);
    if (failed(weight))
      return failure();

    StorageRequest request = (*strategy)->storage(*c, c->strategy(), spec);
    FailureOr<std::vector<Buffer>> buffers;
    auto logical = cast<RankedTensorType>(c->weight().getType());
    StringRef layout = request.layout();
    Schema schema;
    if (request.activation) {
      schema.columnIndex = c->columnOffset;
      if (c->groups > 1) {
        schema.rowsPerConvGroup = c->rowsPerGroup();
        schema.convGroupStride = c->groupStride;
      }
    }
    schema.columnBlock = request.columnBlock;
    if (request.kind == StorageRequest::Kind::Panels) {
      logical = RankedTensorType::get(logical.getShape(), logical.getElementType());
      buffers = packPanels(*weight, request.panelRows, c->columnOffset, emitError);
    } else if (request.kind == StorageRequest::Kind::Winograd) {
      logical = RankedTensorType::get(logical.getShape(), logical.getElementType());
      buffers = packWinograd(*weight, request.winogradTile, request.panelRows, emitError);
    } else if (request.kind == StorageRequest::Kind::LaneWindows) {
      schema.indexBits = request.laneWindows.indexBits();
      buffers = packLaneWindows(*weight, request.laneWindows, c->columnOffset, emitError);
    } else if (request.kind == StorageRequest::Kind::SortedRows) {
      SortedRows form{request.panelRows, request.columnBlock};
      schema.indexBits = form.indexBits(c->columnOffset);
      buffers = packSortedRows(*weight, form, c->columnOffset, emitError);
    } else if (request.kind == StorageRequest::Kind::RowLists) {
      GroupForm form = c->pattern().getGroupForm(c->weightShape());
      if (!form.rowOrder)
        weight->rowOrder.clear();
      else if (weight->rowOrder.empty())
        llvm::append_range(weight->rowOrder, llvm::seq<int64_t>(0, weight->rows));
      buffers = packRowLists(*weight, {stripRowsOf(form), request.panelRows, request.fewestColumns}, schema, emitError);
    } else if (request.kind == StorageRequest::Kind::MaskedColumns) {
      SmallVector<int64_t> columns = llvm::to_vector(llvm::seq<int64_t>(0, c->cols));
      buffers = packMaskedColumns(*weight, request.panelRows, request.columnBlock,
                                  request.activation ? ArrayRef<int64_t>(c->columnOffset) : columns, emitError);
    } else {
      PatternAttrInterface pattern = request.packedPattern(op->getContext(), c->pattern());
      logical = RankedTensorType::get(logical.getShape(), logical.getElementType(), pattern);
      if (!pattern.getGroupForm(logical.getShape()).rowOrder)
        weight->rowOrder.clear();
      buffers = pattern.pack(*weight, schema, emitError);
    }
    if (failed(buffers))
      return failure();

    ++numPacked;
    bytesDense += weight->values.size();
    for (const Buffer &buffer : *buffers)
      bytesPacked += buffer.data.size();
    OpBuilder b(definition);
    auto type = CompressedType::get(op->getContext(), logical, layout, request.activation ? "activation" : "column",
                                    b.getIntegerType(schema.indexBits), request.columnBlock, "absolute",
                                    request.typePanelRows());
    DictionaryAttr contents = toAttr(op->getContext(), std::move(*buffers));
    op->setOperand(0, CompressedConstantOp::create(b, definition->getLoc(), type, contents));
    if (definition->use_empty())
      definition->erase();
    return success();
  }
};

} // namespace
