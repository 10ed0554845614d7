//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The conversion from gs to programs of the gather/scatter engine.
//
//===----------------------------------------------------------------------===//
#ifndef GS_CONVERSION_GSTOGSE_PASSES
#define GS_CONVERSION_GSTOGSE_PASSES

include "mlir/Pass/PassBase.td"

def ConvertGSToGSE : Pass<"convert-gs-to-gse", "::mlir::ModuleOp"> {
  let summary = "Turns matrix-vector products with GS weights into kernels of a gather/scatter engine";
  let description = [{
    A `gs.matmul` with one column and a constant weight of pattern `#gs.gather_scatter<B, k>`, where B is the number of
    sub-banks of the machine for the element type, becomes a `gse.kernel` and a `gse.launch` of it. The vector is copied
    into the TCM once; the weight is one joined stream (values and indices of a group side by side). A last bundle that
    is not full writes zeros past the end of the result, which are cut off again.

    Inner loops (kernel `EngineGather`): load values, load indices, gather, FMA; `fused` reads the indices within the
    gather. `accumulators` sums take turns, so that a chain of FMAs does not bind.

    Every product that is not converted is an error with the reason, unless `partial` is given.

    ```mlir
    %y = gs.matmul %w, %x outs(%e : tensor<16x1xf16>)
           : tensor<16x64xf16, #gs.gather_scatter<banks = 8, width = 1>>, tensor<64x1xf16> -> tensor<16x1xf16>
    ```
    becomes
    ```mlir
    %y = gse.launch @product_0(%x) : (tensor<64x1xf16>) -> tensor<16x1xf16>
    ```
  }];
  let options = [
    Option<"machine", "machine", "std::string", "\"gse-inorder2\"", "Record of the engine, with fields replaced if wanted">,
    Option<"fused", "fused", "bool", "false", "Read the indices within the gather">,
    Option<"accumulators", "accumulators", "int64_t", "1", "Sums that take turns: 1, 2 or 4">,
    Option<"partial", "partial", "bool", "false", "Leave products that cannot be converted">];
  let statistics = [Statistic<"numKernels", "num-kernels", "Kernels made">,
                    Statistic<"numGroups", "num-groups", "Groups of all weights">];
  let dependentDialects = ["::mlir::gse::GSEDialect", "::mlir::arith::ArithDialect", "::mlir::tensor::TensorDialect"];
}

#endif // GS_CONVERSION_GSTOGSE_PASSES
