//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A chain of layers in strips of lines:
//
//   for each strip of this thread:
//     first member:  its lines of the input     -> strip in the cache
//     ...            strip in the cache         -> strip in the cache
//     last member:   strip in the cache         -> its lines of the output
//
// A member that reads neighbouring lines (depthwise) makes the ones before it compute some lines twice. Threads share
// nothing: each has strips of its own. Where padding is read, a strip has lines of zeros above and below.
//
// Where others read what a member computes, too, it writes its lines of the whole tensor, and the next one reads them
// there while they are in the cache. Then no line may be computed twice: the memory may be that of a residual.
//
//===----------------------------------------------------------------------===//
#include "ChainKernel.h"
#include "gs/Dialect/GS/IR/NodeName.h"
#include "gs/Dialect/GS/IR/Views.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;
using namespace mlir::gs;

static ArrayRef<int64_t> outputExtents(ConvOp conv) {
  return cast<ShapedType>(conv.getInit().getType()).getShape().drop_front(2);
}

int64_t mlir::gs::countStrips(ArrayRef<ChainMember> members) {
  return outputExtents(members.back().conv())[0] / members.back().strip.lines;
}

//===----------------------------------------------------------------------===//
// Verification
//===----------------------------------------------------------------------===//

/// Whether `value` is a whole buffer; a part of one is copied to be read (GSToVector), before anything else happens.
static bool isWhole(Value value) { return cast<MemRefType>(value.getType()).getLayout().isIdentity(); }

LogicalResult mlir::gs::verifyNothingBetween(Operation *first, Operation *last, ArrayRef<Value> read) {
  if (first->getBlock() != last->getBlock() || !first->isBeforeInBlock(last))
    return last->emitOpError("does not follow the layer that runs in one kernel with it in the same block; decide that "
                             "on tensors");
  SmallVector<Value> roots;
  for (Value value : read)
    roots.push_back(rootOf(value));
  for (Operation *op = first->getNextNode(); op != last; op = op->getNextNode()) {
    if (isMemoryEffectFree(op) || isa<memref::AllocOp, ThreadIdOp, NumThreadsOp>(op))
      continue;
    auto copy = dyn_cast<memref::CopyOp>(op);
    if (!copy || (copy.getSource() != copy.getTarget() && llvm::is_contained(roots, rootOf(copy.getTarget()))))
      return op->emitOpError("stands between two layers that run as one kernel");
  }
  return success();
}

/// `member` reads the strip that `before` writes.
static LogicalResult verifyStripLink(const ChainMember &before, const ChainMember &member) {
  auto buffer = before.conv().getInit().getDefiningOp<memref::AllocOp>();
  if (!buffer || member.conv().getInput() != buffer.getResult())
    return member.op->emitOpError("does not read the buffer that the chain member before it writes");
  for (Operation *user : buffer->getUsers())
    if (user != before.op && user != member.op && !isa<memref::DeallocOp>(user))
      return user->emitOpError("reads what lies between two members of a chain");
  for (Value operand : before.contraction.epilogueOperands())
    if (cast<ShapedType>(operand.getType()).getRank() > 1)
      return before.op->emitOpError("has an epilogue operand of the whole output, but only strips of it exist");
  return success();
}

/// The member before member `i` writes a whole tensor, and that one reads lines of a whole tensor, too: the same one,
/// or one from elsewhere.
static LogicalResult verifyWholeLink(ArrayRef<ChainMember> members, size_t i) {
  const ChainMember &before = members[i - 1];
  if (!keepsLines(members[i].conv()))
    return members[i].op->emitOpError("reads other lines of a whole tensor than it writes");
  for (const ChainMember &after : members.drop_front(i))
    if (!keepsLines(after.conv()))
      return after.op->emitOpError("makes earlier members of its chain compute lines of a whole tensor twice");
  Value written = before.conv().getInit();
  if (!isWhole(written))
    return before.op->emitOpError("writes a part of a buffer that a later member of its chain may read");
  // The kernel stands where the last member is.
  Value root = rootOf(written);
  Operation *last = members.back().op;
  for (Operation *op = before.op->getNextNode(); op != last; op = op->getNextNode())
    if (!Strip::sameChain(op, last) && !isa<ViewLikeOpInterface>(op) &&
        llvm::any_of(op->getOperands(), [&](Value operand) { return rootOf(operand) == root; }))
      return op->emitOpError("reads what a member of a chain writes before that chain's last member");
  return success();
}

LogicalResult mlir::gs::verifyChain(ArrayRef<ChainMember> members) {
  if (members.size() < 2)
    return members.front().op->emitOpError("is the only member of its chain");
  // A member writes lines while an earlier one still reads others.
  for (size_t i = 0; i < members.size(); ++i)
    for (const ChainMember &member : members.drop_front(i + 1))
      if (Value input = members[i].conv().getInput(); members[i].readsWhole() && member.writesWhole() &&
                                                      isWhole(input) &&
                                                      rootOf(member.conv().getInit()) == rootOf(input))
        return member.op->emitOpError("writes the buffer that ")
               << (i ? "an earlier member" : "the first member") << " of its chain reads";
  if (!members.front().readsWhole() || !members.back().writesWhole())
    return members.front().op->emitOpError("begins a chain, which must read and write whole tensors at its ends");
  for (size_t i = 1; i < members.size(); ++i) {
    const ChainMember &before = members[i - 1], &member = members[i];
    if (before.strip.outputPitch != member.strip.inputPitch)
      return member.op->emitOpError("reads a strip of pitch ")
             << member.strip.inputPitch << ", but the chain member before it writes one of pitch "
             << before.strip.outputPitch;
    if (int64_t lines = stripReach(member.conv(), member.strip.lines); before.strip.lines != lines)
      return before.op->emitOpError("computes ")
             << before.strip.lines << " lines of a strip, of which the next chain member needs " << lines;
    if (failed(before.writesWhole() ? verifyWholeLink(members, i) : verifyStripLink(before, member)))
      return failure();
    SmallVector<Value> read;
    for (const ChainMember &earlier : members.take_front(i)) {
      if (Value input = earlier.conv().getInput(); earlier.readsWhole() && isWhole(input))
        read.push_back(input);
      llvm::append_range(read, earlier.contraction.epilogueOperands());
    }
    if (failed(verifyNothingBetween(before.op, member.op, read)))
      return failure();
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Emission
//===----------------------------------------------------------------------===//

namespace {

class ChainEmitter {
public:
  ChainEmitter(ImplicitLocOpBuilder &b, ArrayRef<ChainMember> members, const TargetSpec &target, bool markLayers)
      : b(b), members(members), target(target), markLayers(markLayers) {}

  LogicalResult emit(Value tid, Value numThreads) {
    const ChainMember &last = members.back();
    int64_t strips = countStrips(members), lines = last.strip.lines, rest = outputExtents(last.conv())[0] % lines;
    Value lo = arith::DivUIOp::create(b, mul(tid, strips), numThreads);
    Value next = add(tid, index(1)), hi = arith::DivUIOp::create(b, mul(next, strips), numThreads);
    // Shares of different threads are disjoint, so the number of its first strip names a place that is its own.
    place = lo;
    auto hasWork = scf::IfOp::create(b, arith::CmpIOp::create(b, arith::CmpIPredicate::ult, lo, hi), false);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPoint(hasWork.thenBlock()->getTerminator());
    FailureOr<std::vector<Contraction>> whole = variant(lines);
    if (failed(whole))
      return failure();
    emitZeros(*whole);
    auto loop = scf::ForOp::create(b, lo, hi, index(1));
    {
      OpBuilder::InsertionGuard inLoop(b);
      b.setInsertionPoint(loop.getBody()->getTerminator());
      if (failed(emitStrip(*whole, mul(loop.getInductionVar(), lines))))
        return failure();
    }
    if (!rest)
      return success();
    // The lines that are left: those of the last thread, which has a strip if anyone has.
    FailureOr<std::vector<Contraction>> shorter = variant(rest);
    if (failed(shorter))
      return failure();
    auto isLast = scf::IfOp::create(b, arith::CmpIOp::create(b, arith::CmpIPredicate::eq, next, numThreads),
                                    /*withElseRegion=*/false);
    b.setInsertionPoint(isLast.thenBlock()->getTerminator());
    emitZeros(*shorter);
    return emitStrip(*shorter, index(strips * lines));
  }

private:
  Value index(int64_t v) { return arith::ConstantIndexOp::create(b, v); }
  Value add(Value x, Value y) { return arith::AddIOp::create(b, x, y); }
  Value mul(Value x, int64_t y) { return y == 1 ? x : arith::MulIOp::create(b, x, index(y)).getResult(); }

  /// The members' geometry for `lines` lines of the last one.
  FailureOr<std::vector<Contraction>> variant(int64_t lines) {
    std::vector<Contraction> result(members.size());
    for (size_t i = members.size(); i-- > 0;) {
      Strip strip = members[i].strip;
      strip.lines = lines;
      std::string reason;
      FailureOr<Contraction> c = Contraction::ofStrip(members[i].op, strip, &reason);
      if (failed(c))
        return members[i].op->emitOpError("cannot run in strips: ") << reason;
      if (failed(strategyOf(*c, target)))
        return failure();
      c->destination = members[i].destination;
      result[i] = *c;
      lines = stripReach(members[i].conv(), lines);
    }
    return result;
  }

  /// Lines that a contraction of a variant computes.
  static int64_t linesOf(const Contraction &c) { return c.outputsPerRow() / outputExtents(cast<ConvOp>(c.op))[1]; }

  /// Where this thread's strip of member i begins.
  Value stripOf(size_t i) { return mul(place, members[i].contraction.rows * members[i].strip.outputPitch); }

  /// Flat `memref` from `begin` on.
  Value from(Value memref, Value begin) {
    auto type = cast<MemRefType>(memref.getType());
    auto layout = StridedLayoutAttr::get(b.getContext(), ShapedType::kDynamic, {1});
    auto view = MemRefType::get({ShapedType::kDynamic}, type.getElementType(), layout);
    Value size = arith::SubIOp::create(b, index(type.getNumElements()), begin);
    return memref::ReinterpretCastOp::create(b, view, memref, OpFoldResult(begin), ArrayRef<OpFoldResult>{size},
                                             ArrayRef<OpFoldResult>{b.getIndexAttr(1)});
  }

  /// The strip whose last member begins at line `start`.
  LogicalResult emitStrip(ArrayRef<Contraction> geometry, Value start) {
    size_t count = members.size();
    SmallVector<Value> starts(count), inputs(count);
    starts[count - 1] = start;
    for (size_t i = count; i-- > 0;) {
      ConvOp conv = members[i].conv();
      int64_t width = conv.getInputExtents()[1];
      Value window = add(mul(starts[i], conv.getStrides()[0]), index(-conv.getPads()[0]));
      if (members[i].readsWhole()) {
        // Planes have zeros around them, and phases for strides: their lines are those of the result.
        inputs[i] = conv.getPlane() ? mul(starts[i], geometry[i].lineStride) : mul(window, width);
        if (i)
          starts[i - 1] = starts[i];
        continue;
      }
      // The lines that exist of those that the window covers, and as many further ones as lie outside of the image.
      int64_t lines = linesOf(geometry[i - 1]), last = conv.getInputExtents()[0] - lines;
      Value first = arith::MaxSIOp::create(b, window, index(0));
      starts[i - 1] = arith::MinSIOp::create(b, first, index(last));
      Value line = arith::SubIOp::create(b, window, starts[i - 1]);
      inputs[i] = add(add(stripOf(i - 1), index(stripFront(conv))), mul(line, width));
    }
    for (size_t i = 0; i < count; ++i) {
      const ChainMember &member = members[i];
      if (markLayers)
        MarkLayerOp::create(b, nodeName(member.op->getLoc()));
      KernelBuilder k(b, geometry[i], target);
      k.isAlone = true;
      k.tid = index(0);
      k.numThreads = index(1);
      k.buffers = member.buffers;
      k.input = from(member.readsWhole() ? member.input : members[i - 1].output, inputs[i]);
      Value begin = member.writesWhole() ? mul(starts[i], member.destination.line)
                                         : add(stripOf(i), index(stripFront(members[i + 1].conv())));
      k.output = from(member.output, begin);
      // Operands of the whole output lie as it does: where one is read, the output is dense (canStoreStrided).
      for (auto [value, operand] : llvm::zip_equal(member.epilogueOperands, geometry[i].epilogueOperands())) {
        bool isWhole = cast<ShapedType>(operand.getType()).getRank() > 1;
        k.epilogueOperands.push_back(isWhole ? from(value, begin) : value);
      }
      if (failed(member.strategy->emit(k)))
        return failure();
    }
    return success();
  }

  /// Clears the lines above and below of this thread's strips; members write between them.
  void emitZeros(ArrayRef<Contraction> geometry) {
    for (size_t i = 0; i + 1 < members.size(); ++i) {
      ConvOp reader = members[i + 1].conv();
      int64_t width = reader.getInputExtents()[1], front = stripFront(reader);
      int64_t above = reader.getPads()[0] * width, below = reader.getPads()[2] * width;
      if (!above && !below)
        continue;
      Value strip = stripOf(i);
      auto loop = scf::ForOp::create(b, index(0), index(geometry[i].rows), index(1));
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPoint(loop.getBody()->getTerminator());
      Value channel = add(strip, mul(loop.getInductionVar(), members[i].strip.outputPitch));
      clear(members[i].output, add(channel, index(front - above)), above);
      clear(members[i].output, add(channel, index(front + linesOf(geometry[i]) * width)), below);
    }
  }

  void clear(Value memref, Value begin, int64_t count) {
    if (!count)
      return;
    Type element = cast<MemRefType>(memref.getType()).getElementType();
    auto lanes = static_cast<int64_t>(target.lanes(element.getIntOrFloatBitWidth()));
    auto store = [&](Value at, int64_t n) {
      auto type = VectorType::get({n}, element);
      vector::StoreOp::create(b, arith::ConstantOp::create(b, type, b.getZeroAttr(type)), memref, ValueRange{at});
    };
    if (int64_t whole = count / lanes * lanes) {
      auto loop = scf::ForOp::create(b, index(0), index(whole), index(lanes));
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPoint(loop.getBody()->getTerminator());
      store(add(begin, loop.getInductionVar()), lanes);
    }
    if (count % lanes)
      store(add(begin, index(count / lanes * lanes)), count % lanes);
  }

  ImplicitLocOpBuilder &b;
  ArrayRef<ChainMember> members;
  const TargetSpec &target;
  bool markLayers;
  Value place; ///< of this thread, in strips
};

} // namespace

LogicalResult mlir::gs::emitChain(ImplicitLocOpBuilder &b, ArrayRef<ChainMember> members, Value tid, Value numThreads,
                                  const TargetSpec &target, bool markLayers) {
  Block *entry = b.getInsertionBlock();
  if (failed(ChainEmitter(b, members, target, markLayers).emit(tid, numThreads)))
    return failure();
  // Memory of the stack is taken once, not once per strip.
  SmallVector<memref::AllocaOp> locals;
  entry->walk([&](memref::AllocaOp op) { locals.push_back(op); });
  for (memref::AllocaOp op : locals)
    op->moveBefore(entry, entry->begin());
  return success();
}
