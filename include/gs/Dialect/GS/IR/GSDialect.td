//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The dialect of structured-sparse weights and the contractions that use them.
//
//===----------------------------------------------------------------------===//
#ifndef GS_DIALECT
#define GS_DIALECT

include "mlir/IR/DialectBase.td"

def GS_Dialect : Dialect {
  let name = "gs";
  let cppNamespace = "::mlir::gs";
  let summary = "Gather-scatter and other structured-sparse tensors";
  let description = [{
    The `gs` dialect carries networks whose weights are pruned to a structure. Three ideas organise it:

    - *Patterns are types.* What the zeros look like is an encoding attribute on the weight's tensor type
      (`#gs.unstructured`, `#gs.block<4x1>`, `#gs.gather_scatter<banks = 16, width = 1>`).
    - *Strategies are choices.* How a contraction is executed is recorded on the op as `#gs.strategy<...>`.
    - *Targets are facts.* What the machine has is a record outside of the IR, named by passes' options.

    Weights are compile-time constants and the only sparse operand. The contractions `gs.matmul` and `gs.conv`
    follow one law, `out[m, n] = epilogue(sum_k W[m, k] * X[offset(k) + n])`.
  }];
  let useDefaultAttributePrinterParser = 1;
  let useDefaultTypePrinterParser = 1;
  let hasConstantMaterializer = 1;
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::tensor::TensorDialect"];
}

#endif // GS_DIALECT
