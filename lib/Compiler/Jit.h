//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A lowered network in the memory of this process; private to the library.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_COMPILER_JIT_H
#define GS_LIB_COMPILER_JIT_H

#include "gs/Compiler/Emit.h"
#include "gs/Runtime/gsrt.h"
#include "mlir/IR/BuiltinOps.h"
#include <memory>

namespace llvm::orc {
class LLJIT;
} // namespace llvm::orc

namespace mlir::gs {

class JitModel {
public:
  /// Called for function number `index` of the launches; `buffers` are its arguments.
  using LaunchFn = void (*)(void *context, int64_t index, void *const *buffers);

  /// Compiles `module` (LLVM dialect, with kEntrySymbol). The functions without body in `launches` get one that calls
  /// `launch` with `context`.
  static FailureOr<JitModel> create(ModuleOp module, const ModelInfo &info, const TargetSpec &target,
                                    ArrayRef<std::string> launches, LaunchFn launch, void *context,
                                    EmitErrorFn emitError);
  JitModel(JitModel &&);
  ~JitModel();

  const gsrt_model *model() const { return descriptor; }

private:
  JitModel();
  std::unique_ptr<llvm::orc::LLJIT> jit;
  const gsrt_model *descriptor = nullptr;
};

} // namespace mlir::gs

#endif // GS_LIB_COMPILER_JIT_H
