//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One contraction as a program of its own.
//
//===----------------------------------------------------------------------===//
#include "Isolate.h"
#include "gs/Dialect/GS/IR/Contraction.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace mlir::gs;

OwningOpRef<ModuleOp> mlir::gs::isolate(Operation *op, StrategyAttr choice) {
  OwningOpRef<ModuleOp> module = ModuleOp::create(op->getLoc());
  OpBuilder b(op->getContext());
  b.setInsertionPointToEnd(module->getBody());
  Contraction c = *Contraction::get(op);
  SmallVector<Value> inputs;
  for (Value operand : op->getOperands())
    if (operand != c.weight() && operand != c.init() && !llvm::is_contained(inputs, operand))
      inputs.push_back(operand);
  auto type = b.getFunctionType(TypeRange(ValueRange(inputs)), op->getResultTypes());
  auto function = func::FuncOp::create(b, op->getLoc(), "main_graph", type);
  Block *body = function.addEntryBlock();
  b.setInsertionPointToStart(body);
  IRMapping mapping;
  mapping.map(ValueRange(inputs), body->getArguments());
  Operation *weight = b.clone(*c.weight().getDefiningOp());
  mapping.map(c.weight(), weight->getResult(0));
  auto init = cast<RankedTensorType>(c.init().getType());
  if (!mapping.contains(c.init()))
    mapping.map(c.init(), tensor::EmptyOp::create(b, op->getLoc(), init.getShape(), init.getElementType()).getResult());
  Operation *copy = b.clone(*op, mapping);
  for (StringRef name : {"gs.detected", "gs.candidates", "gs.measured", "gs.predicted_us"})
    copy->removeAttr(name);
  if (choice)
    copy->setAttr("strategy", choice);
  func::ReturnOp::create(b, op->getLoc(), copy->getResults());
  return module;
}

FailureOr<double> mlir::gs::timeAlone(OwningOpRef<ModuleOp> module, const CompileOptions &compile,
                                      const TargetSpec &target, StringRef scratch, RunProgramFn run,
                                      EmitErrorFn emitError) {
  CompileOptions quiet = compile;
  quiet.phase = nullptr;
  quiet.beforeChoice = nullptr;
  quiet.markLayers = false;
  ModelInfo info;
  info.name = "candidate";
  if (failed(compileModule(*module, quiet, info)))
    return failure();
  EmitOptions emit;
  emit.output = scratch.str();
  emit.removeOnSignal = true;
  if (failed(emitModel(*module, info, target, emit, emitError)))
    return failure();
  return run(scratch);
}
