//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Lowers check assertions to calls of the test runtime (lib/CheckRuntime).
//
// An assertion becomes a call of a private function, one per operation and operand type, which takes the buffers apart
// into integers and calls the runtime. The function in between keeps both buffers alive until the runtime has read
// them, whatever a later pass does with lifetimes; the integers make the call independent of the calling convention
// for memrefs (descriptor or bare pointer).
//
//===----------------------------------------------------------------------===//
#include "gs/Conversion/Passes.h"
#include "gs/Dialect/Check/IR/CheckDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "llvm/ADT/TypeSwitch.h"

namespace mlir::gs {
#define GEN_PASS_DEF_CONVERTCHECKTOFUNC
#include "gs/Conversion/Passes.h.inc"
} // namespace mlir::gs

using namespace mlir;

namespace {

/// The element type as it appears in the names of the runtime's functions; empty if the runtime cannot compare it.
std::string getRuntimeTypeName(Type type) {
  if (type.isIndex())
    return "i64";
  if (auto integer = dyn_cast<IntegerType>(type)) {
    unsigned width = integer.getWidth();
    if (width == 1 || width == 8 || width == 16 || width == 32 || width == 64)
      return "i" + std::to_string(width);
    return "";
  }
  return TypeSwitch<Type, std::string>(type)
      .Case<Float64Type>([](auto) { return "f64"; })
      .Case<Float32Type>([](auto) { return "f32"; })
      .Case<Float16Type>([](auto) { return "f16"; })
      .Case<BFloat16Type>([](auto) { return "bf16"; })
      .Default(std::string());
}

/// The type that the assertion's operands are compared as: a memref for tensors and memrefs, the type itself for
/// scalars. Reports what cannot be compared.
FailureOr<Type> getComparedType(Operation *op, Type type) {
  if (getRuntimeTypeName(getElementTypeOrSelf(type)).empty())
    return op->emitOpError("cannot compare elements of type ")
           << getElementTypeOrSelf(type) << "; use f64, f32, f16, bf16, index or an integer of 1, 8, 16, 32 or 64 bits";
  if (auto tensor = dyn_cast<RankedTensorType>(type)) {
    if (tensor.getEncoding())
      return op->emitOpError("cannot compare a tensor with an encoding; compare the result of an operation on it");
    return Type(MemRefType::get(tensor.getShape(), tensor.getElementType()));
  }
  if (auto memref = dyn_cast<MemRefType>(type)) {
    if (!memref.isStrided())
      return op->emitOpError("cannot compare ")
             << type << "; its layout has no strides, copy it to a plain memref first";
    return type;
  }
  if (type.isIntOrIndexOrFloat())
    return type;
  return op->emitOpError("cannot compare values of type ") << type << "; use a ranked tensor, a memref or a scalar";
}

/// Builds the functions that assertions call, one per module, operation name and compared type.
class WrapperCache {
public:
  func::FuncOp get(Operation *op, Type compared) {
    auto module = op->getParentOfType<ModuleOp>();
    func::FuncOp &wrapper = wrappers[{module, op->getName(), compared}];
    if (!wrapper)
      wrapper = build(module, op, compared);
    return wrapper;
  }

private:
  /// The declaration of the runtime's function in `module`.
  static func::FuncOp declare(OpBuilder &builder, ModuleOp module, StringRef name) {
    if (auto declared = module.lookupSymbol<func::FuncOp>(name))
      return declared;
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(module.getBody());
    SmallVector<Type> types(7, builder.getIndexType());
    types.push_back(builder.getF64Type());
    auto declared = func::FuncOp::create(builder, module.getLoc(), name, builder.getFunctionType(types, {}));
    declared.setPrivate();
    return declared;
  }

  static func::FuncOp build(ModuleOp module, Operation *op, Type compared) {
    OpBuilder builder(module.getContext());
    Location loc = module.getLoc();
    std::string opName = op->getName().stripDialect().str();
    std::string runtimeName = "gs_check_" + opName + "_" + getRuntimeTypeName(getElementTypeOrSelf(compared));
    func::FuncOp runtime = declare(builder, module, runtimeName);

    builder.setInsertionPointToEnd(module.getBody());
    auto type = builder.getFunctionType({compared, compared, builder.getIndexType(), builder.getF64Type()}, {});
    auto wrapper = func::FuncOp::create(builder, loc, "check_" + opName, type);
    wrapper.setPrivate();
    wrapper.setNoInline(true);
    // Renames the function if its name is taken.
    SymbolTable(module).insert(wrapper);

    Block *body = wrapper.addEntryBlock();
    builder.setInsertionPointToStart(body);
    auto constant = [&](int64_t value) -> Value { return arith::ConstantIndexOp::create(builder, loc, value); };
    auto address = [&](Value buffer) -> Value {
      return memref::ExtractAlignedPointerAsIndexOp::create(builder, loc, buffer);
    };

    SmallVector<Value> sizes, strides, arguments;
    for (Value value : {body->getArgument(0), body->getArgument(1)}) {
      if (!isa<MemRefType>(compared)) {
        auto buffer = memref::AllocaOp::create(builder, loc, MemRefType::get({}, compared));
        memref::StoreOp::create(builder, loc, value, buffer, ValueRange());
        value = buffer;
      }
      auto metadata = memref::ExtractStridedMetadataOp::create(builder, loc, value);
      arguments.append({address(value), metadata.getOffset()});
      llvm::append_range(sizes, metadata.getSizes());
      llvm::append_range(strides, metadata.getStrides());
    }

    int64_t rank = sizes.size() / 2;
    // At least one element: a rank 0 shape is never read, but a buffer of no bytes has no address to speak of.
    auto shapeType = MemRefType::get({std::max<int64_t>(4 * rank, 1)}, builder.getIndexType());
    Value shape = memref::AllocaOp::create(builder, loc, shapeType);
    for (auto [i, value] : llvm::enumerate(llvm::concat<Value>(sizes, strides)))
      memref::StoreOp::create(builder, loc, value, shape, constant(i));
    arguments.append({address(shape), constant(rank), body->getArgument(2), body->getArgument(3)});
    func::CallOp::create(builder, loc, runtime, arguments);
    func::ReturnOp::create(builder, loc);
    return wrapper;
  }

  llvm::DenseMap<std::tuple<Operation *, OperationName, Type>, func::FuncOp> wrappers;
};

struct ConvertCheckToFunc : gs::impl::ConvertCheckToFuncBase<ConvertCheckToFunc> {
  void runOnOperation() override {
    WrapperCache wrappers;
    bool failed = false;
    getOperation()->walk([&](Operation *op) {
      double tolerance = 0;
      if (auto close = dyn_cast<check::ExpectCloseOp>(op))
        tolerance = close.getTolerance().convertToDouble();
      else if (!isa<check::ExpectEqOp>(op))
        return;
      FailureOr<Type> compared = getComparedType(op, op->getOperand(0).getType());
      if (llvm::failed(compared)) {
        failed = true;
        return;
      }
      convert(op, *compared, tolerance, wrappers);
    });
    if (failed)
      signalPassFailure();
  }

private:
  static void convert(Operation *op, Type compared, double tolerance, WrapperCache &wrappers) {
    OpBuilder builder(op);
    Location loc = op->getLoc();
    SmallVector<Value> arguments;
    for (Value operand : op->getOperands()) {
      if (isa<TensorType>(operand.getType()))
        operand = bufferization::ToBufferOp::create(builder, loc, compared, operand, /*read_only=*/true);
      arguments.push_back(operand);
    }
    auto fileLoc = loc->findInstanceOf<FileLineColLoc>();
    arguments.push_back(arith::ConstantIndexOp::create(builder, loc, fileLoc ? fileLoc.getLine() : 0));
    arguments.push_back(arith::ConstantOp::create(builder, loc, builder.getF64FloatAttr(tolerance)));
    func::CallOp::create(builder, loc, wrappers.get(op, compared), arguments);
    op->erase();
  }
};

} // namespace
