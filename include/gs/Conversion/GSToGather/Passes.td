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
  let summary = "Turns products and convolutions with gather/scatter weights into functions of gather instructions";
  let description = [{
    Each function that is one `gs.matmul` or `gs.conv` of its argument by a constant weight of pattern
    `#gs.gather_scatter<B, k>`, or of `#gs.permuted` with such a pattern in it, becomes a function
    `void f(const T *x, T *y)` of `vector`, `scf`, `memref` and `llvm`, to be lowered with bare pointers. Tensors keep
    their order in memory. Integer sums wrap around; floats of 16 bits are summed in 32.

    | machine | elements | gathers |
    |---|---|---|
    | `hexagon-hvx` | i16, i32; B fills a vector of 128 bytes | `vgather` by byte offsets. A tile of activations, channels last, is copied into tightly coupled memory (VTCM: a global of section `.vtcm` that all kernels of a module share), which also takes what was gathered, and the sums. `vscatter` adds the lanes of one row (k > 1) and sends permuted rows to their places |
    | `aarch64-sve` | i16, i32, f16, f32, f64 | masked gathers of scalable vectors by byte offsets, any B and any length; permuted rows are scattered. Elements of 16 bits take lanes of 32 |
    | `riscv64-v` | i16, i32, f32, f64 | the same |

    Options: with `wide-sums` results of 16-bit integers are sums of 32 bits (`void f(const int16_t *x, int32_t *y)`).

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
  let options = [Option<"machine", "machine", "std::string", "\"hexagon-hvx\"", "Name of the machine">,
                 Option<"wideSums", "wide-sums", "bool", "false", "Results of 16-bit integers have 32 bits">];
  let statistics = [Statistic<"numKernels", "num-kernels", "Functions made">];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::func::FuncDialect", "::mlir::LLVM::LLVMDialect",
                           "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect"];
}

def ExtractGatherKernels : Pass<"gs-extract-gather-kernels", "::mlir::ModuleOp"> {
  let summary = "Puts each layer of a float32 network that a machine of integers can gather for into a function of its own";
  let description = [{
    For machines without floats (`hexagon-hvx`). A contraction whose weight has a pattern `#gs.gather_scatter<B, k>`, or
    whose zeros form one, becomes a function of its input in fixed-point numbers; the network itself is dropped.

    The weights of a row become 16-bit integers of a step s of its own: w = s * integer. s is the least number with which
    no sum of 32 bits can overflow while activations stay within -32767 ... 32767: max |w| <= 32767 s, and the magnitudes of
    the row sum to at most 65538 s less half a step for each of them. So `convert-gs-to-gather=wide-sums` makes
    `void f(const int16_t *x, int32_t *y)`, and a row of the layer is s times the step of the activations times y. Weights are
    those after folding (batch normalisation); biases are not in them. A function has `gs.node`, `gs.scale` (s of each row)
    and `gs.density`; the module lists in `gs.left_out` nodes that have no kernel, with the reason.
  }];
  let options = [Option<"machine", "machine", "std::string", "\"hexagon-hvx\"", "Name of the machine">];
  let statistics = [Statistic<"numExtracted", "num-extracted", "Functions made">];
  let dependentDialects = ["::mlir::func::FuncDialect", "::mlir::tensor::TensorDialect"];
}

def VerifyGatherPlacement : Pass<"gs-verify-gather-placement", "::mlir::ModuleOp"> {
  let summary = "Rejects gathers and scatters of Hexagon outside of tightly coupled memory";
  let description = [{
    An emulator takes any address; the machine does not. Of every call of `llvm.hexagon.V6.vgather*` and `vscatter*` the
    table, and the result of a gather, must lie in a global of section `.vtcm` that is aligned to a vector: at its address
    and a displacement whose range is known. The length must be a constant within that global; and all such globals
    together must fit the memory.
  }];
}

#endif // GS_CONVERSION_GSTOGATHER_PASSES
