//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Turns every bufferized gs op into a call of a kernel function.
//
//===----------------------------------------------------------------------===//
#include "ChainKernel.h"
#include "FlatBuffers.h"
#include "PackPlane.h"
#include "PackingChecks.h"
#include "Pool.h"
#include "gs/Conversion/GSToVector/KernelBuilder.h"
#include "gs/Conversion/Passes.h"
#include "gs/Target/TargetRegistry.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/SymbolTable.h"
#include "llvm/ADT/MapVector.h"

namespace mlir::gs {
#define GEN_PASS_DEF_CONVERTGSTOVECTOR
#include "gs/Conversion/Passes.h.inc"
} // namespace mlir::gs

using namespace mlir;
using namespace mlir::gs;

namespace {

class ConvertGSToVector : public gs::impl::ConvertGSToVectorBase<ConvertGSToVector> {
public:
  using ConvertGSToVectorBase::ConvertGSToVectorBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    FailureOr<TargetSpec> spec = resolveTarget(target, [&](const Twine &message) { module.emitError() << message; });
    if (failed(spec))
      return signalPassFailure();
    SymbolTable symbols(module);
    SmallVector<Operation *> work;
    SmallVector<std::pair<ConvOp, PoolOp>> pooled;
    DenseSet<Operation *> stored; // pools of `pooled`
    // Of each function, by number.
    llvm::MapVector<std::pair<Operation *, int64_t>, std::vector<ChainMember>> chains;
    WalkResult found = module.walk([&](Operation *op) {
      if (isa<MatmulOp, ConvOp>(op) && Strip::isOn(op)) {
        FailureOr<Strip> strip = Strip::get(op);
        if (failed(strip))
          return WalkResult::interrupt();
        ChainMember member;
        member.op = op;
        member.strip = *strip;
        chains[{op->getParentOfType<func::FuncOp>(), strip->chain}].push_back(std::move(member));
      } else if (auto conv = dyn_cast<ConvOp>(op); conv && op->hasAttr(StoredPool::name())) {
        FailureOr<PoolOp> pool = StoredPool::behind(conv);
        if (failed(pool))
          return WalkResult::interrupt();
        pooled.push_back({conv, *pool});
        stored.insert(*pool);
      } else if (isa<MatmulOp, ConvOp, PackPlaneOp, PoolOp>(op) && !stored.contains(op)) {
        work.push_back(op);
      }
      return WalkResult::advance();
    });
    if (found.wasInterrupted())
      return signalPassFailure();
    for (auto &[number, members] : chains)
      if (failed(lowerChain(members, *spec, symbols)))
        return signalPassFailure();
    for (auto [conv, pool] : pooled)
      if (failed(lower(conv, pool, *spec, symbols)))
        return signalPassFailure();
    for (Operation *op : work)
      if (failed(lower(op, {}, *spec, symbols)))
        return signalPassFailure();
    // Packed weights have become globals; their constants have no uses left.
    module.walk([](CompressedConstantOp op) {
      if (op->use_empty())
        op.erase();
    });
  }

private:
  /// Whether what `pack` reads is the inside of its own plane: then only the zeros around it are missing.
  static bool packsInPlace(PackPlaneOp pack) {
    auto inside = pack.getInput().getDefiningOp<memref::ReinterpretCastOp>();
    if (!inside || inside.getSource() != pack.getInit())
      return false;
    std::optional<Destination> is = Destination::get(inside.getType());
    return is && is == Destination::insideOf(pack.getPlane(), inside.getType().getDimSize(1));
  }

  /// A constant global for each buffer of a packed weight; shared by all users of the constant.
  FailureOr<SmallVector<std::pair<StringRef, Value>>> weightBuffers(ImplicitLocOpBuilder &b, CompressedConstantOp op,
                                                                    const Strategy &strategy, SymbolTable &symbols) {
    SmallVector<std::pair<StringRef, Value>> result;
    for (NamedAttribute attr : op.getBuffers()) {
      if (!strategy.readsBuffer(attr.getName()))
        continue;
      auto elements = cast<ElementsAttr>(attr.getValue());
      auto &global = globals[{op.getOperation(), attr.getName()}];
      if (!global) {
        int64_t count = std::max<int64_t>(1, elements.getNumElements());
        Type element = elements.getElementType();
        auto flat = RankedTensorType::get({count}, element);
        ElementsAttr initial;
        if (elements.getNumElements() == 0)
          initial = DenseElementsAttr::get(flat, b.getZeroAttr(element)); // keeps an empty buffer addressable
        else if (auto resource = dyn_cast<DenseResourceElementsAttr>(elements))
          initial = DenseResourceElementsAttr::get(flat, resource.getRawHandle());
        else if (auto dense = dyn_cast<DenseElementsAttr>(elements))
          initial = dense.reshape(flat);
        else
          return op.emitOpError("buffer '") << attr.getName().getValue() << "' is neither dense nor a resource";
        OpBuilder::InsertionGuard guard(b);
        b.setInsertionPointToStart(cast<ModuleOp>(symbols.getOp()).getBody());
        global = memref::GlobalOp::create(b, ("weight_" + attr.getName().getValue()).str(), b.getStringAttr("private"),
                                          MemRefType::get({count}, element), initial, /*constant=*/true,
                                          b.getI64IntegerAttr(64));
        symbols.insert(global);
      }
      result.push_back({attr.getName().getValue(),
                        memref::GetGlobalOp::create(b, global.getType(), global.getSymName()).getResult()});
    }
    return result;
  }

  /// Creates the private function `name` with the types of `args` and calls it in front of the op.
  func::FuncOp createKernel(ImplicitLocOpBuilder &b, StringRef name, ArrayRef<Value> args, SymbolTable &symbols) {
    auto type = b.getFunctionType(TypeRange(ValueRange(args)), {});
    auto function = func::FuncOp::create(b.getLoc(), name, type);
    function.setPrivate();
    function->setAttr("gs.kernel", b.getUnitAttr());
    symbols.insert(function);
    func::CallOp::create(b, function, args);
    ++numKernels;
    return function;
  }

  /// Ops with one input and one destination and no weight. `emit` gets the kernel's arguments (input, output, thread,
  /// threads), batch times channels, the elements from channel to channel of the input, and those of a vector.
  template <typename OpTy>
  LogicalResult lowerMoving(OpTy op, ImplicitLocOpBuilder &b, StringRef name, std::pair<Value, Value> thread,
                            SymbolTable &symbols,
                            function_ref<void(ImplicitLocOpBuilder &, ValueRange, int64_t, int64_t, int64_t)> emit,
                            const TargetSpec &spec, Value memory = {}) {
    if (isa<RankedTensorType>(op.getInit().getType()))
      return op->emitOpError("gs-to-vector runs after bufferization, but the op still works on ")
             << op.getInit().getType();
    FailureOr<Value> out = memory ? FailureOr<Value>(memory) : flatten(b, op, op.getInit(), true);
    if (failed(out))
      return failure();
    // The inside of the destination itself is not copied to be read.
    FailureOr<ChannelsInMemory> in =
        memory && isa<PackPlaneOp>(op) ? ChannelsInMemory{*out} : channelsOf(b, op, op.getInput());
    if (failed(in))
      return failure();
    func::FuncOp kernel = createKernel(b, name, {in->memory, *out, thread.first, thread.second}, symbols);
    Block *body = kernel.addEntryBlock();
    ImplicitLocOpBuilder kb = ImplicitLocOpBuilder::atBlockEnd(op->getLoc(), body);
    auto shape = cast<ShapedType>(op.getInput().getType());
    emit(kb, body->getArguments(), shape.getDimSize(0) * shape.getDimSize(1), in->pitch,
         spec.lanes(shape.getElementTypeBitWidth()));
    func::ReturnOp::create(kb);
    op->erase();
    return success();
  }

  /// A convolution that carries `gs.pooled` takes the place of `pool`, the one behind it.
  LogicalResult lower(Operation *op, PoolOp stored, const TargetSpec &spec, SymbolTable &symbols) {
    Operation *at = stored ? stored.getOperation() : op;
    ImplicitLocOpBuilder b(op->getLoc(), at);
    Value tid = ThreadIdOp::create(b, b.getIndexType()), threads = NumThreadsOp::create(b, b.getIndexType());
    if (auto pack = dyn_cast<PackPlaneOp>(op); pack && packsInPlace(pack))
      return lowerMoving(
          pack, b, "plane_borders", {tid, threads}, symbols,
          [&](ImplicitLocOpBuilder &kb, ValueRange args, int64_t slices, int64_t, int64_t lanes) {
            emitPlaneBorders(kb, pack.getPlane(), slices, args[1], args[2], args[3], lanes);
          },
          spec, memoryBehind(b, pack.getInput()));
    if (auto pack = dyn_cast<PackPlaneOp>(op))
      return lowerMoving(
          pack, b, "pack_plane", {tid, threads}, symbols,
          [&](ImplicitLocOpBuilder &kb, ValueRange args, int64_t slices, int64_t pitch, int64_t lanes) {
            emitPackPlane(kb, pack.getPlane(), slices, pitch, args[0], args[1], args[2], args[3], lanes);
          },
          spec);
    if (auto pool = dyn_cast<PoolOp>(op)) {
      auto [to, memory] = destinationIn(b, pool);
      std::optional<Destination> destination = to;
      return lowerMoving(
          pool, b, "pool", {tid, threads}, symbols,
          [&](ImplicitLocOpBuilder &kb, ValueRange args, int64_t, int64_t pitch, int64_t lanes) {
            emitPool(kb, pool, destination, pitch, args[0], args[1], args[2], args[3], lanes);
          },
          spec, memory);
    }

    std::string reason;
    FailureOr<Contraction> c = Contraction::get(op, &reason);
    if (failed(c))
      return op->emitOpError("cannot be lowered: ") << reason;
    FailureOr<const Strategy *> strategy = strategyOf(*c, spec);
    if (failed(strategy))
      return failure();
    auto weight = c->weight().getDefiningOp<CompressedConstantOp>();
    if (!weight)
      return op->emitOpError("weight is not packed; run gs-compress-weights");
    if (!c->elementType().isF32())
      return op->emitOpError("strategies handle f32 elements, not ") << c->elementType();
    if (failed(verifyPlaneSlack(*c, spec)) ||
        failed(verifyPacking(*c, weight, (*strategy)->storage(*c, c->strategy(), spec))))
      return failure();
    if (auto tensor = dyn_cast<RankedTensorType>(c->init().getType()))
      return op->emitOpError("gs-to-vector runs after bufferization, but the op still works on ") << tensor;
    Value memory;
    std::optional<StoredPool> pool;
    if (stored) {
      pool = StoredPool::get(stored, reason);
      if (!pool || !(*strategy)->storesPool(c->strategy(), *pool))
        return op->emitOpError("cannot compute the pool behind it: ")
               << (pool ? "its strategy holds no whole windows of it" : reason);
      if (llvm::any_of(c->epilogueOperands(), [](Value v) { return cast<ShapedType>(v.getType()).getRank() > 1; }))
        return op->emitOpError("cannot compute the pool behind it: a residual is added before it");
      auto [destination, strided] = destinationIn(b, stored);
      c->destination = destinationOf(stored, destination);
      memory = strided;
    } else {
      if (c->destination && canStoreStrided(**strategy, *c))
        memory = memoryBehind(b, c->init());
      if (!memory) // a copy of the result, which is dense
        c->destination.reset();
    }
    Value result = stored ? stored.getInit() : c->init();
    FailureOr<Value> in = flatten(b, op, c->input()),
                     out = memory ? FailureOr<Value>(memory) : flatten(b, at, result, true);
    FailureOr<SmallVector<std::pair<StringRef, Value>>> buffers = weightBuffers(b, weight, **strategy, symbols);
    if (failed(in) || failed(out) || failed(buffers))
      return failure();
    SmallVector<Value> args{*in};
    for (auto &[name, value] : *buffers)
      args.push_back(value);
    for (Value v : c->epilogueOperands()) {
      // What lies as the result does is read where results are stored.
      Value place = memory && v.getType() == c->init().getType() ? memoryBehind(b, v) : Value();
      FailureOr<Value> flat = place ? FailureOr<Value>(place) : flatten(b, op, v);
      if (failed(flat))
        return failure();
      args.push_back(*flat);
    }
    KernelPlan plan = (*strategy)->plan(*c, c->strategy(), spec);
    if (plan.scratchElements)
      args.push_back(memref::AllocOp::create(b, MemRefType::get({plan.scratchElements}, c->elementType())));
    size_t round = args.size();
    if (plan.rounds > 1)
      args.push_back(arith::ConstantIndexOp::create(b, 0));
    args.append({*out, tid, threads});
    SmallVector<func::FuncOp> kernels;
    for (int64_t step = 0; step < plan.kernels; ++step) {
      FailureOr<func::FuncOp> kernel = emitKernel(b, *c, pool, spec, **strategy, args, *buffers, plan, step, symbols);
      if (failed(kernel))
        return failure();
      kernels.push_back(*kernel);
    }
    // What the model expects of all calls together, for those who weigh them against barriers.
    if (Attribute predicted = op->getAttr("gs.predicted_us"); predicted && plan.kernels * plan.rounds == 1)
      at->getPrevNode()->setAttr("gs.predicted_us", predicted);
    for (int64_t number = 1; number < plan.rounds; ++number) {
      args[round] = arith::ConstantIndexOp::create(b, number);
      for (func::FuncOp kernel : kernels)
        func::CallOp::create(b, kernel, args);
    }
    auto between = stored ? c->init().getDefiningOp<memref::AllocOp>() : nullptr;
    if (stored)
      stored->erase();
    op->erase();
    eraseBuffer(between);
    return success();
  }

  /// Erases a buffer, which may be null, that nobody reads or writes any more.
  static void eraseBuffer(memref::AllocOp buffer) {
    if (!buffer)
      return;
    for (Operation *user : llvm::make_early_inc_range(buffer->getUsers()))
      user->erase();
    buffer.erase();
  }

  /// The layers of a chain become one kernel, which stands where the last of them was.
  LogicalResult lowerChain(MutableArrayRef<ChainMember> members, const TargetSpec &spec, SymbolTable &symbols) {
    for (ChainMember &member : members) {
      std::string reason;
      FailureOr<Contraction> c = Contraction::executed(member.op, &reason);
      if (failed(c))
        return member.op->emitOpError("cannot run in strips: ") << reason;
      if (!c->elementType().isF32())
        return member.op->emitOpError("strategies handle f32 elements, not ") << c->elementType();
      if (auto tensor = dyn_cast<RankedTensorType>(c->init().getType()))
        return member.op->emitOpError("gs-to-vector runs after bufferization, but the op still works on ") << tensor;
      FailureOr<const Strategy *> strategy = strategyOf(*c, spec);
      if (failed(strategy))
        return failure();
      if (!(*strategy)->runsInStrips(c->strategy()))
        return member.op->emitOpError("is a member of a chain, but strategy '")
               << (*strategy)->name() << "' with these parameters does not run in strips";
      auto weight = c->weight().getDefiningOp<CompressedConstantOp>();
      if (!weight)
        return member.op->emitOpError("weight is not packed; run gs-compress-weights");
      if (failed(verifyPacking(*c, weight, (*strategy)->storage(*c, c->strategy(), spec))))
        return failure();
      member.contraction = *c;
      member.strategy = *strategy;
    }
    if (failed(verifyChain(members)))
      return failure();

    Operation *last = members.back().op;
    ImplicitLocOpBuilder b(last->getLoc(), last);
    Value tid = ThreadIdOp::create(b, b.getIndexType()), threads = NumThreadsOp::create(b, b.getIndexType());
    FailureOr<Contraction> whole = Contraction::get(last);
    Value memory;
    // Operands of the result's shape are read from dense copies, at the places where results are stored.
    bool adds = succeeded(whole) && llvm::is_contained(whole->epilogueOperands().getTypes(), whole->init().getType());
    if (succeeded(whole) && whole->destination && !adds && canStoreStrided(*members.back().strategy, *whole))
      memory = memoryBehind(b, whole->init());
    FailureOr<Value> out =
        memory ? FailureOr<Value>(memory) : flatten(b, last, members.back().contraction.init(), true);
    if (failed(out))
      return failure();
    SmallVector<Value> args;
    for (ChainMember &member : members) {
      const Contraction &c = member.contraction;
      if (member.readsWhole()) {
        ImplicitLocOpBuilder here(b.getLoc(), member.op);
        FailureOr<Value> in = flatten(here, member.op, c.input());
        if (failed(in))
          return failure();
        member.input = *in;
        args.push_back(*in);
      }
      auto weight = c.weight().getDefiningOp<CompressedConstantOp>();
      FailureOr<SmallVector<std::pair<StringRef, Value>>> buffers = weightBuffers(b, weight, *member.strategy, symbols);
      if (failed(buffers))
        return failure();
      for (auto &[name, value] : *buffers) {
        member.buffers[name] = value;
        args.push_back(value);
      }
      for (Value operand : c.epilogueOperands()) {
        FailureOr<Value> flat = flatten(b, last, operand);
        if (failed(flat))
          return failure();
        member.epilogueOperands.push_back(*flat);
        args.push_back(*flat);
      }
      member.destination = *c.destination;
      ArrayRef<int64_t> shape = cast<ShapedType>(c.init().getType()).getShape();
      if (member.op != last && member.writesWhole()) {
        FailureOr<Value> flat = flatten(b, last, c.init(), true);
        if (failed(flat))
          return failure();
        member.output = *flat;
        member.destination = Destination::ofImage(c.rows, shape[2] * shape[3], shape[2], shape[3]);
      } else if (member.op != last) {
        member.output = memref::AllocOp::create(
            b, MemRefType::get({countStrips(members) * c.rows * member.strip.outputPitch}, c.elementType()));
      } else {
        member.output = *out;
        member.destination =
            memory ? *whole->destination : Destination::ofImage(c.rows, shape[2] * shape[3], shape[2], shape[3]);
      }
      args.push_back(member.output);
    }
    args.append({tid, threads});
    func::FuncOp kernel = createKernel(b, "chain", args, symbols);
    Block *body = kernel.addEntryBlock();
    IRMapping map;
    map.map(args, body->getArguments());
    for (ChainMember &member : members) {
      for (auto &buffer : member.buffers)
        buffer.second = map.lookup(buffer.second);
      for (Value &operand : member.epilogueOperands)
        operand = map.lookup(operand);
      member.output = map.lookup(member.output);
      if (member.input)
        member.input = map.lookup(member.input);
    }
    ImplicitLocOpBuilder kb = ImplicitLocOpBuilder::atBlockEnd(last->getLoc(), body);
    if (failed(emitChain(kb, members, map.lookup(tid), map.lookup(threads), spec, markLayers)))
      return failure();
    kb.setInsertionPointToEnd(body);
    func::ReturnOp::create(kb);
    for (ChainMember &member : llvm::reverse(members)) {
      auto buffer = member.writesWhole() ? nullptr : member.conv().getInit().getDefiningOp<memref::AllocOp>();
      member.op->erase();
      eraseBuffer(buffer);
    }
    return success();
  }

  /// Creates one kernel of a contraction and calls it in front of the op.
  FailureOr<func::FuncOp> emitKernel(ImplicitLocOpBuilder &b, const Contraction &c,
                                     const std::optional<StoredPool> &pool, const TargetSpec &spec,
                                     const Strategy &strategy, ArrayRef<Value> args,
                                     ArrayRef<std::pair<StringRef, Value>> buffers, const KernelPlan &plan,
                                     int64_t step, SymbolTable &symbols) {
    func::FuncOp kernel = createKernel(b, c.op->getName().stripDialect(), args, symbols);
    Block *body = kernel.addEntryBlock();
    ImplicitLocOpBuilder kb = ImplicitLocOpBuilder::atBlockEnd(c.op->getLoc(), body);
    KernelBuilder builder(kb, c, spec);
    builder.pool = pool;
    size_t next = 0;
    builder.input = body->getArgument(next++);
    for (auto &[name, value] : buffers)
      builder.buffers[name] = body->getArgument(next++);
    for (size_t i = 0; i < c.epilogueOperands().size(); ++i)
      builder.epilogueOperands.push_back(body->getArgument(next++));
    if (plan.scratchElements)
      builder.scratch = body->getArgument(next++);
    if (plan.rounds > 1)
      builder.round = body->getArgument(next++);
    builder.output = body->getArgument(next++);
    builder.tid = body->getArgument(next++);
    builder.numThreads = body->getArgument(next++);
    builder.step = step;
    if (failed(strategy.emit(builder)))
      return failure();
    func::ReturnOp::create(kb);
    return kernel;
  }

  DenseMap<std::pair<Operation *, StringAttr>, memref::GlobalOp> globals;
};

} // namespace
