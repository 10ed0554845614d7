//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Assertions inside the IR, for tests that execute.
//
//===----------------------------------------------------------------------===//
#ifndef CHECK_OPS
#define CHECK_OPS

include "mlir/IR/OpBase.td"
include "mlir/IR/DialectBase.td"

def Check_Dialect : Dialect {
  let name = "check";
  let cppNamespace = "::mlir::check";
  let summary = "Assertions inside the IR, for tests that execute";
}

class Check_Op<string mnemonic> : Op<Check_Dialect, mnemonic, [AllTypesMatch<["actual", "expected"]>]>;

def Check_ExpectEqOp : Check_Op<"expect_eq"> {
  let summary = "Every element must be equal to the expected one";
  let description = [{
    Bit-wise comparison of two tensors of equal type, except that NaN equals NaN. A mismatch prints the first position
    with both values and ends the program with exit code 1.

    ```mlir
    check.expect_eq %a, %b : tensor<4xf32>
    ```
  }];
  let arguments = (ins AnyType:$actual, AnyType:$expected);
  let assemblyFormat = "$actual `,` $expected attr-dict `:` type($actual)";
}

def Check_ExpectCloseOp : Check_Op<"expect_close"> {
  let summary = "Every element must be close to the expected one";
  let description = [{
    |actual - expected| <= tolerance * max(1, largest |expected|), and NaN or infinity only where expected has the same.

    ```mlir
    check.expect_close %a, %b {tolerance = 1.0e-5 : f64} : tensor<4xf32>
    ```
  }];
  let arguments = (ins AnyType:$actual, AnyType:$expected, DefaultValuedAttr<F64Attr, "1.0e-5">:$tolerance);
  let assemblyFormat = "$actual `,` $expected attr-dict `:` type($actual)";
}

#endif // CHECK_OPS
