//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Moves the row orders of permuted weights into the columns of the weights that
// read their results.
//
//===----------------------------------------------------------------------===//
#include "ChannelGraph.h"
#include "gs/Dialect/GS/IR/Patterns.h"
#include "gs/Dialect/GS/Transforms/Passes.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include <numeric>

namespace mlir::gs {
#define GEN_PASS_DEF_ABSORBPERMUTATIONS
#include "gs/Dialect/GS/Transforms/Passes.h.inc"
} // namespace mlir::gs

using namespace mlir;
using namespace mlir::gs;

using Order = SmallVector<int64_t>;

static bool isIdentity(ArrayRef<int64_t> order) {
  return llvm::all_of(llvm::enumerate(order), [](auto at) { return at.value() == static_cast<int64_t>(at.index()); });
}

/// `order` for elements of which `run` in a row move together.
static Order expand(ArrayRef<int64_t> order, int64_t run) {
  Order result;
  for (int64_t index : order)
    for (int64_t i = 0; i < run; ++i)
      result.push_back(index * run + i);
  return result;
}

namespace {

/// A weight that is about to change: rows and channels stand in new orders (empty: as they are).
struct Moved {
  Order rows, channels;
};

/// Activations whose channels stand in one order, because ops tie them to each other.
struct Component {
  SmallVector<Value> values;
  std::string fixed; ///< why the order cannot change; else empty
  int64_t units = 0; ///< channels of the activations that have fewest; of others, runs of channels move together
};

class Absorber {
public:
  using Contraction = ChannelGraph::Contraction;

  explicit Absorber(FunctionOpInterface function) : graph(function, /*encoded=*/true) {}

  int64_t numAbsorbed = 0, numKept = 0;

  void run() {
    findComponents();
    for (const Component &component : components)
      absorb(component);
    for (Operation *op : graph.ops())
      if (Contraction *c = graph.contraction(op))
        report(*c);
    rewrite();
  }

private:
  //===------------------------------------------------------------------===//
  // Components
  //===------------------------------------------------------------------===//

  void findComponents() {
    llvm::MapVector<Value, unsigned> number;
    for (Value value : graph.activations())
      number.insert({value, number.size()});
    llvm::IntEqClasses sets(number.size());
    llvm::MapVector<Value, std::string> fixed;
    for (auto [value, at] : number)
      if (graph.isPinned(value))
        fixed[value] = reasonOf(value);
      else if (movesConstant(value))
        fixed[value] = "a constant joins its channels";
    for (Operation *op : graph.ops()) {
      llvm::MapVector<std::pair<Value, Value>, SmallVector<std::pair<int64_t, int64_t>>> links;
      graph.forEachPair(op, [&](Value a, int64_t i, Value b, int64_t j) { links[{a, b}].push_back({i, j}); });
      for (auto &[ends, pairs] : links) {
        auto [a, b] = ends;
        llvm::sort(pairs); // An op may read an activation twice.
        pairs.erase(llvm::unique(pairs), pairs.end());
        if (isWhole(a, b, pairs)) {
          sets.join(number[a], number[b]);
          continue;
        }
        for (Value end : {a, b})
          fixed[end] = "its channels become a part of others' (slice or concatenation)";
      }
    }
    sets.compress();
    components.resize(sets.getNumClasses());
    for (auto [value, at] : number) {
      Component &component = components[sets[at]];
      component.values.push_back(value);
      int64_t channels = graph.channels(value);
      component.units = component.units ? std::min(component.units, channels) : channels;
      if (auto it = fixed.find(value); it != fixed.end() && component.fixed.empty())
        component.fixed = it->second;
    }
    for (Component &component : components)
      for (Value value : component.values)
        if (graph.channels(value) % component.units)
          component.fixed = "a reshape mixes its channels";
  }

  /// True for reshapes, transposes and the like of what has no channels that could move: its data would stay.
  bool movesConstant(Value value) {
    Operation *def = value.getDefiningOp();
    return def && def->getNumOperands() && !graph.contraction(def) && !isa<linalg::GenericOp, linalg::FillOp>(def) &&
           !graph.isNode(def->getOperand(0));
  }

  /// True if each channel of one activation is a run of as many of the other, in order.
  bool isWhole(Value a, Value b, ArrayRef<std::pair<int64_t, int64_t>> pairs) const {
    int64_t many = graph.channels(a), few = graph.channels(b);
    if (static_cast<int64_t>(pairs.size()) != std::max(many, few) || std::max(many, few) % std::min(many, few))
      return false;
    int64_t run = std::max(many, few) / std::min(many, few);
    return llvm::all_of(pairs, [&](auto pair) {
      return many >= few ? pair.second == pair.first / run : pair.first == pair.second / run;
    });
  }

  static std::string reasonOf(Value value) {
    if (isa<BlockArgument>(value))
      return "the order of its channels is that of an input";
    for (Operation *user : value.getUsers())
      if (user->hasTrait<OpTrait::IsTerminator>())
        return "the order of its channels is that of an output";
    return "an op that is not known to treat channels alike reads or makes them";
  }

  //===------------------------------------------------------------------===//
  // Absorption
  //===------------------------------------------------------------------===//

  static gs::ConstantOp constantOf(const Contraction &c) { return c.op->getOperand(0).getDefiningOp<gs::ConstantOp>(); }

  /// The row order that a weight has; empty if it has none. Orders of columns of tiles are no order of rows.
  static ArrayRef<int64_t> orderOf(const Contraction &c) {
    gs::ConstantOp constant = constantOf(c);
    if (!constant || !constant.getRowOrder() || isIdentity(*constant.getRowOrder()))
      return {};
    return static_cast<int64_t>(constant.getRowOrder()->size()) == c.rows ? *constant.getRowOrder()
                                                                          : ArrayRef<int64_t>();
  }

  void absorb(const Component &component) {
    SmallVector<Contraction *> makers, readers;
    for (Operation *op : graph.ops())
      if (Contraction *c = graph.contraction(op)) {
        if (llvm::is_contained(component.values, c->result()))
          makers.push_back(c);
        if (!c->depthwise && llvm::is_contained(component.values, c->input()))
          readers.push_back(c);
      }
    // Each order of a maker is tried; where two makers meet, the other one keeps what is left of its own.
    std::string reason = component.fixed;
    for (Contraction *maker : makers) {
      ArrayRef<int64_t> order = orderOf(*maker);
      if (order.empty() || absorbed.contains(maker->op))
        continue;
      if (reason.empty() && maker->rows != component.units)
        reason = "a reshape cuts its channels";
      if (reason.empty()) {
        reason = tryOrder(component, order, makers, readers);
        if (reason.empty()) {
          // The component has its order now.
          for (Contraction *other : makers)
            if (ArrayRef<int64_t> own = orderOf(*other); !own.empty()) {
              if (own == order)
                absorbed.insert(other->op);
              else
                kept[other->op] = "results of several weights meet, whose orders differ";
            }
          return;
        }
      }
      kept[maker->op] = reason;
      if (component.fixed.empty())
        reason.clear();
    }
  }

  /// Puts the channels of a component in this order if all weights obey their patterns then; else says which does not.
  std::string tryOrder(const Component &component, ArrayRef<int64_t> order, ArrayRef<Contraction *> makers,
                       ArrayRef<Contraction *> readers) {
    llvm::MapVector<Contraction *, Moved> changed;
    auto stateOf = [&](Contraction *c) -> Moved & {
      auto [it, isNew] = changed.insert({c, Moved()});
      if (isNew)
        it->second = moved.lookup(c->op);
      return it->second;
    };
    for (Contraction *c : makers)
      stateOf(c).rows = expand(order, c->rows / component.units);
    for (Contraction *c : readers)
      stateOf(c).channels = expand(order, c->channels / component.units);
    for (auto &[c, state] : changed)
      if (gs::ConstantOp constant = constantOf(*c)) {
        FailureOr<std::pair<Weight, PatternAttrInterface>> weight = move(constant, state);
        if (failed(weight) || failed(weight->second.verifyMask(weight->first, nullptr))) {
          std::string text;
          llvm::raw_string_ostream os(text);
          bool reads = llvm::is_contained(readers, c);
          os << "a weight that " << (reads ? "reads" : "makes")
             << " the channels in another order would break its pattern " << gs::getPattern(constant.getType());
          return text;
        }
      }
    for (auto &[c, state] : changed)
      moved[c->op] = state;
    for (Value value : component.values)
      orders[value] = expand(order, graph.channels(value) / component.units);
    return "";
  }

  /// The weight with rows and channels moved, and its pattern: without a permutation if the rows stand in its order.
  static FailureOr<std::pair<Weight, PatternAttrInterface>> move(gs::ConstantOp constant, const Moved &state) {
    FailureOr<Weight> old = constant.getWeight();
    if (failed(old))
      return failure();
    Weight weight = *old;
    for (int64_t row = 0; row < weight.rows; ++row)
      for (int64_t location = 0; location < weight.locations; ++location)
        for (int64_t channel = 0; channel < weight.channels; ++channel) {
          int64_t from = state.rows.empty() ? row : state.rows[row];
          int64_t base = location * weight.channels;
          int64_t col = base + (state.channels.empty() ? channel : state.channels[channel]);
          weight.mask[row * weight.cols + base + channel] = old->kept(from, col);
          std::memcpy(weight.valueAt(row, base + channel), old->valueAt(from, col), weight.elementBytes);
        }
    PatternAttrInterface pattern = gs::getPattern(constant.getType());
    if (!state.rows.empty() && !weight.rowOrder.empty()) {
      Order place(weight.rows);
      for (auto [at, row] : llvm::enumerate(state.rows))
        place[row] = static_cast<int64_t>(at);
      for (int64_t &row : weight.rowOrder)
        row = place[row];
    }
    if (auto permuted = dyn_cast<PermutedAttr>(Attribute(pattern)); permuted && isIdentity(weight.rowOrder)) {
      weight.rowOrder.clear();
      pattern = permuted.getPattern();
    }
    return std::pair(std::move(weight), pattern);
  }

  //===------------------------------------------------------------------===//
  // Rewriting
  //===------------------------------------------------------------------===//

  void report(const Contraction &c) {
    auto note = [&](const Twine &text) { c.op->setAttr("gs.row_order", StringAttr::get(c.op->getContext(), text)); };
    if (orderOf(c).empty())
      return;
    if (absorbed.contains(c.op)) {
      ++numAbsorbed;
      note("absorbed by the columns of its readers");
      return;
    }
    ++numKept;
    note("not absorbed: " + kept.lookup(c.op));
  }

  void rewrite() {
    for (auto &[op, state] : moved)
      rewriteWeight(*graph.contraction(op), state);
    for (Operation *op : graph.ops()) {
      Value result = op->getNumResults() == 1 ? op->getResult(0) : Value();
      auto order = orders.find(result);
      if (!result || order == orders.end())
        continue;
      if (Contraction *c = graph.contraction(op)) {
        for (OpOperand &operand : op->getOpOperands().drop_front(2).drop_back(1)) {
          int64_t rank = cast<RankedTensorType>(operand.get().getType()).getRank();
          if (rank > 0 && !graph.isNode(operand.get()))
            reorder(operand, rank == 1 ? 0 : c->rowAxis, order->second);
        }
      } else if (auto generic = dyn_cast<linalg::GenericOp>(op)) {
        for (OpOperand &operand : generic->getOpOperands())
          if (std::optional<int64_t> at = graph.axisIn(generic, operand); at && !graph.isNode(operand.get()))
            reorder(operand, *at, order->second);
      }
    }
    for (Operation *op : graph.ops())
      if (isa<gs::ConstantOp>(op) && op->use_empty())
        op->erase(); // The last time that ops are listed.
  }

  static void reorder(OpOperand &operand, int64_t axis, ArrayRef<int64_t> order) {
    auto type = cast<RankedTensorType>(operand.get().getType());
    if (matchPattern(operand.get(), m_Constant()) && type.getDimSize(axis) == static_cast<int64_t>(order.size()))
      ChannelGraph::takeOfOperand(operand, axis, order);
  }

  void rewriteWeight(Contraction &c, const Moved &state) {
    gs::ConstantOp constant = constantOf(c);
    if (!constant) {
      if (!state.rows.empty())
        reorder(c.op->getOpOperand(0), 0, state.rows);
      if (!state.channels.empty())
        reorder(c.op->getOpOperand(0), 1, state.channels);
      return;
    }
    FailureOr<std::pair<Weight, PatternAttrInterface>> changed = move(constant, state);
    if (failed(changed))
      return; // It was moved once to be checked.
    auto &[weight, pattern] = *changed;
    OpBuilder b(c.op);
    auto type = cast<RankedTensorType>(constant.getType());
    auto plain = RankedTensorType::get(type.getShape(), type.getElementType());
    ElementsAttr mask = weight.maskIsImplied() ? ElementsAttr() : weight.maskToElements(type.getShape());
    auto order = weight.rowOrder.empty() ? DenseI64ArrayAttr() : b.getDenseI64ArrayAttr(weight.rowOrder);
    c.op->setOperand(0, gs::ConstantOp::create(b, constant.getLoc(),
                                               RankedTensorType::get(type.getShape(), type.getElementType(), pattern),
                                               makeElements(plain, weight.toTensorOrder()), mask, order));
  }

  ChannelGraph graph;
  std::vector<Component> components;
  llvm::MapVector<Operation *, Moved> moved;
  DenseMap<Value, Order> orders;
  DenseSet<Operation *> absorbed;
  DenseMap<Operation *, std::string> kept;
};

class AbsorbPermutations : public gs::impl::AbsorbPermutationsBase<AbsorbPermutations> {
public:
  using AbsorbPermutationsBase::AbsorbPermutationsBase;

  void runOnOperation() override {
    getOperation()->walk([&](FunctionOpInterface function) {
      bool any = false;
      function->walk([&](gs::ConstantOp constant) { any |= constant.getRowOrder().has_value(); });
      if (!any || function.isExternal())
        return;
      Absorber absorber(function);
      absorber.run();
      numAbsorbed += absorber.numAbsorbed;
      numKept += absorber.numKept;
    });
  }
};

} // namespace
