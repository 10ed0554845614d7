//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs programs of the gse dialect: meaning here, time in observers.
//
//===----------------------------------------------------------------------===//
#ifndef GS_TARGET_GSE_SIMULATOR_H
#define GS_TARGET_GSE_SIMULATOR_H

#include "gs/Dialect/GSE/IR/GSEDialect.h"
#include "gs/Target/GSE/EngineSpec.h"
#include "mlir/IR/BuiltinOps.h"
#include <vector>

namespace mlir::gse {

/// What happens while a program runs. An observer may account time or count; it cannot change a result.
class Observer {
public:
  virtual ~Observer() = default;
  virtual void beginKernel(KernelOp, const EngineSpec &) {}
  virtual void endKernel(KernelOp) {}
  virtual void beginRegion(RegionOp) {}
  virtual void endRegion(RegionOp) {}
  virtual void beginLoop(ForOp) {}
  virtual void endLoop(ForOp, int64_t /*trips*/) {}
  /// A load or store of so many bytes.
  virtual void access(Operation *, Space, int64_t /*address*/, int64_t /*bytes*/) {}
  /// A gather or scatter in the TCM that occupies it for so many cycles; `banks` holds the sub-bank of each lane.
  virtual void engineAccess(Operation *, int64_t /*occupancy*/, ArrayRef<int64_t> /*banks*/) {}
  virtual void copy(DmaStartOp, int64_t /*bytes*/) {}
  virtual void wait(DmaWaitOp) {}
  virtual void stream(StreamArmOp, int64_t /*address*/, int64_t /*bytes*/) {}
  /// True to be told of every instruction, in registers by number. The events above come before its own.
  virtual bool wantsInstructions() const { return false; }
  virtual void instruction(Operation *, ArrayRef<int> /*operands*/, int /*result*/) {}
  /// A value takes the place of another, from one iteration to the next; no instruction.
  virtual void moved(int /*from*/, int /*to*/) {}
};

/// How a program is run.
struct RunOptions {
  std::string fields;           ///< of the record, replaced for every kernel: "decoupled=1,gather_latency=6"
  int64_t maxInstructions = 0;  ///< a kernel that runs more of them in loops is stopped with an error; 0: no limit
  int64_t maxBytes = 512 << 20; ///< of one result of a launch
};

/// Runs one kernel: `inputs` become its first pointers, `outputs` its last ones. Fails with a diagnostic at the
/// instruction that broke a rule: an address out of range or never written, a read of a copy that was not waited for,
/// lanes in one sub-bank although they were promised to be distinct, two lanes scattered to one address, a stream that
/// is not aligned.
LogicalResult runKernel(KernelOp kernel, ArrayRef<ArrayRef<char>> inputs, MutableArrayRef<std::vector<char>> outputs,
                        Observer *observer, const RunOptions &options = {});

/// Runs the host function @main of a module: constants, `gse.launch` and the checks of the check dialect.
LogicalResult runMain(ModuleOp module, Observer *observer, const RunOptions &options = {});

} // namespace mlir::gse

#endif // GS_TARGET_GSE_SIMULATOR_H
