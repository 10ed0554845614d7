//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Code of LSTM, GRU and RNN around what one step does.
//
// The sums over the input do not depend on the states: one product of matrices for all gates, directions and time steps
// stands in front of the loop. In the loop remain the products with the states and one elementwise nest.
//
//===----------------------------------------------------------------------===//
#include "MatMulUtils.h"
#include "RecurrentUtils.h"
#include "ShapeUtils.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace mlir::onnx;

/// The name of the loop's part of a node in reports: the products in front of it count as the node itself.
static Location recurrentLocation(NodeContext &ctx, bool second) {
  std::string name;
  ctx.loc()->walk([&](Location inner) {
    auto named = dyn_cast<NameLoc>(inner);
    if (!named)
      return WalkResult::advance();
    name = named.getName().str();
    return WalkResult::interrupt();
  });
  return NameLoc::get(StringAttr::get(ctx.loc().getContext(), name + (second ? "/recurrent reverse" : "/recurrent")),
                      ctx.loc());
}

RecurrentEmitter::RecurrentEmitter(const Recurrent &node)
    : node(node), b(node.ctx.b), loc(node.ctx.loc()), recurrentLoc(recurrentLocation(node.ctx, false)),
      element(node.ctx.elementType(0)) {
  if (element.isF16() || element.isBF16())
    element = b.getF32Type();
}

Value RecurrentEmitter::operand(unsigned slot) {
  Value value = node.ctx.input(slot);
  return value ? widened(b, loc, value) : value;
}

Value RecurrentEmitter::slice(Value value, int64_t axis, int64_t offset, int64_t size) {
  auto type = cast<RankedTensorType>(value.getType());
  if (type.getDimSize(axis) == size)
    return value;
  SmallVector<int64_t> shape(type.getShape());
  shape[axis] = size;
  SmallVector<int64_t> strides = rowMajorStrides(type.getShape());
  // A weight stays a constant, with its mask.
  if (Value constant = shuffleConstant(b, loc, value, [&](ElementsAttr elements) {
        return stridedElements(elements, RankedTensorType::get(shape, elements.getElementType()),
                               offset * strides[axis], strides);
      }))
    return constant;
  return sliceAxis(b, loc, value, axis, offset, size);
}

Value RecurrentEmitter::directionOf(Value value, int64_t axis, int64_t direction) {
  SmallVector<int64_t> shape(cast<RankedTensorType>(value.getType()).getShape());
  shape.erase(shape.begin() + axis);
  return reshapeTensor(b, loc, slice(value, axis, direction, 1), shape);
}

Value RecurrentEmitter::recurrentWeight(int64_t direction, int64_t gate, int64_t count) {
  return slice(directionOf(operand(2), 0, direction), 0, gate * node.hidden, count * node.hidden);
}

Value RecurrentEmitter::recurrentProduct(int64_t direction, int64_t gate, int64_t count, Value state) {
  Value matrix = reshapeTensor(b, recurrentLoc, state, {node.hidden, node.batch});
  Value sums = matrixProduct(b, recurrentLoc, recurrentWeight(direction, gate, count), matrix);
  return reshapeTensor(b, recurrentLoc, sums, {count * node.width()});
}

/// A vector over units (dim 0) or batch entries (dim 1) as one over both.
Value RecurrentEmitter::perBatch(Value vector, unsigned dim) {
  auto type = cast<RankedTensorType>(vector.getType());
  int64_t other = dim == 0 ? node.batch : node.hidden;
  if (other != 1)
    vector = copyThrough(b, loc, vector, {node.hidden, node.batch},
                         AffineMap::get(2, 0, {b.getAffineDimExpr(dim)}, type.getContext()));
  return reshapeTensor(b, loc, vector, {node.width()});
}

Value RecurrentEmitter::unitVector(unsigned slot, int64_t direction, int64_t offset) {
  Value value = operand(slot);
  if (!value)
    return {};
  return perBatch(slice(directionOf(value, 0, direction), 0, offset, node.hidden), 0);
}

SmallVector<Value>
RecurrentEmitter::pointwise(ArrayRef<Operand> operands, ArrayRef<Value> inits,
                            function_ref<SmallVector<Value>(ImplicitLocOpBuilder &, ValueRange)> body) {
  SmallVector<Value> inputs;
  SmallVector<AffineMap> maps;
  for (const Operand &operand : operands) {
    int64_t parts = cast<RankedTensorType>(operand.vector.getType()).getDimSize(0) / node.width();
    AffineExpr gate = b.getAffineConstantExpr(operand.gate), position = b.getAffineDimExpr(0);
    if (parts == 1) {
      inputs.push_back(operand.vector);
      maps.push_back(AffineMap::get(1, 0, position));
    } else {
      inputs.push_back(reshapeTensor(b, recurrentLoc, operand.vector, {parts, node.width()}));
      maps.push_back(AffineMap::get(1, 0, {gate, position}, b.getContext()));
    }
  }
  for (Value init : inits) {
    bool isRow = cast<RankedTensorType>(init.getType()).getRank() == 2;
    maps.push_back(isRow ? AffineMap::get(1, 0, {b.getAffineConstantExpr(0), b.getAffineDimExpr(0)}, b.getContext())
                         : b.getMultiDimIdentityMap(1));
  }
  auto nest = linalg::GenericOp::create(b, recurrentLoc, ValueRange(inits).getTypes(), inputs, inits, maps,
                                        ArrayRef(utils::IteratorType::parallel),
                                        [&](OpBuilder &nested, Location l, ValueRange args) {
                                          ImplicitLocOpBuilder inner(l, nested);
                                          linalg::YieldOp::create(inner, body(inner, args));
                                        });
  return llvm::to_vector_of<Value>(nest.getResults());
}

void RecurrentEmitter::updateStates(
    const Step &step, ArrayRef<Operand> operands,
    function_ref<SmallVector<Value>(ImplicitLocOpBuilder &, ValueRange, ValueRange)> update,
    SmallVectorImpl<Value> &states, Value &output) {
  SmallVector<Operand> inputs(operands);
  if (step.time)
    inputs.push_back({lengths});
  SmallVector<Value> inits(step.states);
  if (step.output)
    inits.push_back(step.output);
  size_t count = step.states.size();
  SmallVector<Value> results = pointwise(inputs, inits, [&](ImplicitLocOpBuilder &inner, ValueRange args) {
    ValueRange old = args.slice(inputs.size(), count);
    SmallVector<Value> fresh = update(inner, args.take_front(operands.size()), old);
    Value seen = fresh[0];
    if (step.time) {
      Value runs = arith::CmpIOp::create(inner, arith::CmpIPredicate::slt, step.time, args[operands.size()]);
      seen = arith::SelectOp::create(inner, runs, seen, floatConstant(inner, inner.getLoc(), element, 0));
      for (auto [value, before] : llvm::zip(fresh, old))
        value = arith::SelectOp::create(inner, runs, value, before);
    }
    if (step.output)
      fresh.push_back(seen);
    return fresh;
  });
  if (step.output)
    output = results.pop_back_val();
  states.assign(results.begin(), results.end());
}

Value RecurrentEmitter::projectInputs(bool separateBias) {
  int64_t rows = node.directions * node.kind.gates * node.hidden, columns = node.steps * node.batch;
  Value weight = reshapeTensor(b, loc, operand(1), {rows, node.inputs});
  Value input = transposeTensor(b, loc, reshapeTensor(b, loc, operand(0), {columns, node.inputs}), {1, 0});
  Value sums = matrixProduct(b, loc, weight, input);
  if (Value biases = operand(3)) {
    int64_t half = node.kind.gates * node.hidden;
    Value own = slice(biases, 1, 0, half), recurrent = slice(biases, 1, half, half);
    // Of what is added in the loop, nothing is added here.
    int64_t added = separateBias ? half - node.hidden : half;
    auto type = cast<RankedTensorType>(own.getType());
    std::optional<SmallVector<double>> left, right;
    if (constantValue(own) && constantValue(recurrent)) {
      left = readDoubles(constantValue(own));
      right = readDoubles(constantValue(recurrent));
    }
    Value bias;
    if (left && right) {
      for (auto [i, value] : llvm::enumerate(*left))
        if (static_cast<int64_t>(i) % half < added)
          value += (*right)[i];
      bias = createConstant(b, loc, makeFloats(type, *left));
    } else {
      AffineMap identity = b.getMultiDimIdentityMap(2);
      bias = elementwise(b, loc, type, {own, recurrent}, {identity, identity},
                         [&](OpBuilder &nested, Location l, ValueRange args) -> Value {
                           Value sum = arith::AddFOp::create(nested, l, args[0], args[1]);
                           if (added == half)
                             return sum;
                           Value row = linalg::IndexOp::create(nested, l, 1);
                           Value last = indexConstant(nested, l, added);
                           Value counts = arith::CmpIOp::create(nested, l, arith::CmpIPredicate::ult, row, last);
                           return arith::SelectOp::create(nested, l, counts, sum, args[0]);
                         });
    }
    sums = addAlong(b, loc, sums, reshapeTensor(b, loc, bias, {rows}), 0);
  }
  // One row per time step.
  if (node.batchFirst)
    sums = transposeTensor(b, loc, reshapeTensor(b, loc, sums, {rows, node.batch, node.steps}), {2, 0, 1});
  else
    sums = transposeTensor(b, loc, reshapeTensor(b, loc, sums, {rows, node.steps, node.batch}), {1, 0, 2});
  return reshapeTensor(b, loc, sums, {node.steps, rows * node.batch});
}

Value RecurrentEmitter::sequenceLengths() {
  Value given = node.ctx.input(4);
  if (!given)
    return {};
  if (ElementsAttr constant = constantValue(given))
    if (std::optional<SmallVector<int64_t>> values = readInts(constant))
      if (llvm::all_of(*values, [&](int64_t length) { return length == node.steps; }))
        return {};
  return perBatch(given, 1);
}

Value RecurrentEmitter::initialState(unsigned slot, int64_t direction) {
  auto type = RankedTensorType::get({node.width()}, element);
  Value given = operand(slot);
  if (!given)
    return filledTensor(b, loc, type, 0.0);
  // States are updated in place, the caller's tensors are not.
  if (auto function = node.ctx.node->getParentOfType<func::FuncOp>())
    for (unsigned i = 0; i < function.getNumArguments(); ++i)
      function.setArgAttr(i, bufferization::BufferizationDialect::kWritableAttrName, b.getBoolAttr(false));
  Value state = directionOf(given, node.batchFirst ? 1 : 0, direction);
  state = reshapeTensor(b, loc, transposeTensor(b, loc, state, {1, 0}), {node.width()});
  if (!lengths)
    return state;
  // A sequence without steps ends in states of zeros, as in ONNX Runtime.
  return pointwise({{state}, {lengths}}, {emptyTensor(b, loc, type)},
                   [&](ImplicitLocOpBuilder &inner, ValueRange args) {
                     Value none = arith::ConstantIntOp::create(inner, 0, 32);
                     Value runs = arith::CmpIOp::create(inner, arith::CmpIPredicate::sgt, args[1], none);
                     Value zero = floatConstant(inner, inner.getLoc(), element, 0);
                     return SmallVector<Value>{arith::SelectOp::create(inner, runs, args[0], zero)};
                   })[0];
}

/// The last states of all directions as Y_h or Y_c.
Value RecurrentEmitter::stacked(ArrayRef<Value> states) {
  SmallVector<Value> parts = llvm::map_to_vector(
      states, [&](Value state) { return reshapeTensor(b, loc, state, {1, node.hidden, node.batch}); });
  Value all = concatTensors(b, loc, parts, 0);
  all = node.batchFirst ? transposeTensor(b, loc, all, {2, 0, 1}) : transposeTensor(b, loc, all, {0, 2, 1});
  return narrowed(b, loc, all, node.ctx.elementType(0));
}

LogicalResult RecurrentEmitter::emit(StepEmitter emitStep, bool separateBias, SmallVectorImpl<Value> &results) {
  int64_t gates = node.kind.gates, width = node.width();
  size_t numStates = node.kind.hasCell ? 2 : 1;
  Value projected = projectInputs(separateBias);
  lengths = sequenceLengths();
  bool all = node.ctx.outputIsUsed(0);
  Value outputs;
  if (all)
    outputs = emptyTensor(b, loc, RankedTensorType::get({node.steps, node.directions * width}, element));

  SmallVector<SmallVector<Value>> last(numStates);
  Value zero = indexConstant(b, recurrentLoc, 0), one = indexConstant(b, recurrentLoc, 1);
  for (int64_t direction = 0; direction < node.directions; ++direction) {
    recurrentLoc = recurrentLocation(node.ctx, direction == 1);
    SmallVector<Value> carried;
    for (unsigned i = 0; i < numStates; ++i)
      carried.push_back(initialState(5 + i, direction));
    if (all)
      carried.push_back(outputs);
    auto loop = scf::ForOp::create(b, recurrentLoc, zero, indexConstant(b, recurrentLoc, node.steps), one, carried);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    Value time = loop.getInductionVar();
    if (node.isReverse(direction))
      time = arith::SubIOp::create(b, recurrentLoc, indexConstant(b, recurrentLoc, node.steps - 1), time);
    auto rowOf = [&](int64_t offset, int64_t size) {
      return std::make_tuple(SmallVector<OpFoldResult>{time, b.getIndexAttr(offset)},
                             SmallVector<OpFoldResult>{b.getIndexAttr(1), b.getIndexAttr(size)},
                             SmallVector<OpFoldResult>(2, b.getIndexAttr(1)));
    };
    auto slice = [&](Value rows, int64_t offset, ArrayRef<int64_t> shape) -> Value {
      auto [offsets, sizes, strides] = rowOf(offset, shape.back());
      return tensor::ExtractSliceOp::create(b, recurrentLoc, RankedTensorType::get(shape, element), rows, offsets,
                                            sizes, strides);
    };
    SmallVector<Value> states(ValueRange(loop.getRegionIterArgs()).take_front(numStates));
    Step step{direction, slice(projected, direction * gates * width, {gates * width}), states, {}, {}};
    // A row of Y is a matrix of one row: written through another map than the state, it stays a result of its own, and
    // the nest writes both.
    if (all)
      step.output = slice(loop.getRegionIterArgs().back(), direction * width, {1, width});
    if (lengths)
      step.time = arith::IndexCastOp::create(b, recurrentLoc, b.getI32Type(), time);
    SmallVector<Value> next;
    Value output;
    emitStep(step, next, output);
    // Into the buffer of the old state, wherever later passes compute the new one. A loop of one step dissolves, and
    // there the old state may be a constant.
    if (node.steps > 1)
      for (auto [state, old] : llvm::zip(next, states))
        state =
            bufferization::MaterializeInDestinationOp::create(b, recurrentLoc, state.getType(), state, old).getResult();
    if (all) {
      auto [offsets, sizes, strides] = rowOf(direction * width, width);
      next.push_back(tensor::InsertSliceOp::create(b, recurrentLoc, output, loop.getRegionIterArgs().back(), offsets,
                                                   sizes, strides));
    }
    scf::YieldOp::create(b, recurrentLoc, next);
    for (unsigned i = 0; i < numStates; ++i)
      last[i].push_back(loop.getResult(i));
    if (all)
      outputs = loop.getResults().back();
  }

  results.assign(1 + numStates, Value());
  if (all) {
    outputs = reshapeTensor(b, loc, outputs, {node.steps, node.directions, node.hidden, node.batch});
    SmallVector<int64_t> perm = node.batchFirst ? SmallVector<int64_t>{3, 0, 1, 2} : SmallVector<int64_t>{0, 1, 3, 2};
    results[0] = narrowed(b, loc, transposeTensor(b, loc, outputs, perm), node.ctx.elementType(0));
  }
  for (unsigned i = 0; i < numStates; ++i)
    if (node.ctx.outputIsUsed(1 + i))
      results[1 + i] = stacked(last[i]);
  return success();
}
