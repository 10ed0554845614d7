//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Kernels for machines with a gather in hardware.
//
//===----------------------------------------------------------------------===//
#ifndef GS_CONVERSION_GSTOGATHER_PASSES
#define GS_CONVERSION_GSTOGATHER_PASSES

include "mlir/Pass/PassBase.td"

def ConvertGSToGather : Pass<"convert-gs-to-gather", "::mlir::ModuleOp"> {
  let summary = "Turns matrix-vector products with gather/scatter weights into functions of gather instructions";
  let description = [{
    Each function that is one `gs.matmul` of its argument (one column) by a constant weight of pattern
    `#gs.gather_scatter<B, k>` becomes a function `void f(const T *x, T *y)` of `vector`, `scf` and `memref`, to be lowered
    with bare pointers. Integer sums wrap around.

    | machine | elements | gather |
    |---|---|---|
    | `hexagon-hvx` | i16, i32; B fills a vector of 128 bytes | `vgather` by byte offsets. The activations are copied into tightly coupled memory (VTCM: globals of section `.vtcm`), which also takes the result of each gather |
    | `aarch64-sve` | i32, f32, f64 | `vector.gather` of scalable vectors, any B and any length |
    | `riscv64-v` | i16, i32, f32, f64 | the same |

    Everything else is an error with the reason. At the end the placement of tables is verified as by
    `gs-verify-gather-placement`.

    ```mlir
    func.func @f(%x: tensor<64x1xi32>) -> tensor<32x1xi32> {
      %w = gs.constant dense<...> : tensor<32x64xi32> as tensor<32x64xi32, #gs.gather_scatter<banks = 32, width = 1>>
      %e = tensor.empty() : tensor<32x1xi32>
      %y = gs.matmul %w, %x outs(%e : tensor<32x1xi32>) : ...
      return %y : tensor<32x1xi32>
    }
    ```
    becomes
    ```mlir
    func.func @f(%x: memref<64xi32>, %y: memref<32xi32>) {
      ... llvm.call_intrinsic "llvm.hexagon.V6.vgathermw.128B"(%result, %table, %last, %offsets)
    }
    ```
  }];
  let options = [Option<"machine", "machine", "std::string", "\"hexagon-hvx\"", "Name of the machine">];
  let statistics = [Statistic<"numKernels", "num-kernels", "Functions made">];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::func::FuncDialect", "::mlir::LLVM::LLVMDialect",
                           "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect"];
}

def VerifyGatherPlacement : Pass<"gs-verify-gather-placement", "::mlir::ModuleOp"> {
  let summary = "Rejects gathers and scatters of Hexagon outside of tightly coupled memory";
  let description = [{
    An emulator takes any address; the machine does not. Of every call of `llvm.hexagon.V6.vgather*` and `vscatter*` the
    table, and the result of a gather, must be the address of a global in section `.vtcm`, aligned to a vector; the length
    must be a constant within that global; and all such globals together must fit the memory.
  }];
}

#endif // GS_CONVERSION_GSTOGATHER_PASSES
