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

class GSEOptions {
  list<Option> all = [
    Option<"machine", "machine", "std::string", "\"gse-inorder2\"", "Record of the engine, with fields replaced if wanted">,
    Option<"strategy", "strategy", "std::string", "\"\"", "Strategy of ops that name none; empty: by their pattern">,
    Option<"fused", "fused", "bool", "false", "Read the indices within the gather">,
    Option<"fp32", "fp32", "bool", "false", "Sum products of f16 in f32">,
    Option<"accumulators", "accumulators", "int64_t", "2", "Sums that take turns: 1, 2 or 4">,
    Option<"partial", "partial", "bool", "false", "Leave ops that the engine cannot run">];
}
def GSEPassOptions : GSEOptions;

def SelectEngineStrategy : Pass<"gs-select-engine-strategy", "::mlir::ModuleOp"> {
  let summary = "Chooses how a gather/scatter engine runs each contraction, and writes it on the op";
  let description = [{
    Writes `#gs.strategy<name, {...}>` on each `gs.matmul` and `gs.conv`: the strategy, its variant, and the tile of
    activations that the TCM holds. A strategy or tile that stands there already is kept.

    | strategy | weight | products with one vector | with several, and convolutions |
    |---|---|---|---|
    | `engine-gather` | `#gs.gather_scatter<B, k>` | joined stream, one gather per group; `fused`, `fp32` | chunks of groups in registers, swept over the pixels; `fp32` |
    | `engine-gather-scatter` | the same, with units, or rows in another order (`#gs.permuted`) | results scattered through the TCM | the same |
    | `engine-block-row` | `#gs.block<1xB>` | contiguous load | blocks in registers |
    | `engine-block-column` | `#gs.block<Bx1>`, or B rows that share columns | one activation in all lanes | blocks in registers |
    | `engine-csr-gather` | any mask | B weights of one row per gather | - |
    | `engine-csr-reordered` | any mask, on request | the same in an order of few conflicts inside of each row | - |
    | `engine-csr-scalar` | any mask, on request | one weight at a time | - |
    | `engine-sell` | any mask, on request | B rows side by side | - |
    | `engine-dense` | without pattern, or on request | tile of 8 rows; `fp32` | 12 vectors in registers; `channels` = 4 output channels per pass, `fp32` |

    B is the number of sub-banks of the machine for the element type. Activations are channels last; channels are padded
    to a multiple of B, but for convolutions of dense weights and of groups whose locations lie side by side.

    Tiles (`tile_depth`, `tile_height`, `tile_width` outputs, `buffers` input regions): the largest that fits the TCM with
    two regions, so that the next copy runs beside the computation; a plane that does not fit even as single outputs is
    split by the phases of its dilation (`phases_width`, ...); at last one region has to do. Then the columns
    are cut (`part_columns`), groups of residues at multiples of the pattern's tile. What does not fit is refused with the
    bytes needed and available, and a mask without a tile with the first group that a cut would part.

    ```mlir
    %y = gs.conv %w, %x outs(%e : tensor<1x8x6x6xf16>) {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
           : tensor<8x8x3x3xf16, #gs.gather_scatter<banks = 8, width = 1>>, tensor<1x8x8x8xf16> -> tensor<1x8x6x6xf16>
    ```
    gets
    ```mlir
    strategy = #gs.strategy<"engine-gather", {accumulators = 2, buffers = 1, tile_depth = 1, tile_height = 6, tile_width = 6}>
    ```
  }];
  let options = GSEPassOptions.all;
}

def ConvertGSToGSE : Pass<"convert-gs-to-gse", "::mlir::ModuleOp"> {
  let summary = "Turns contractions into kernels of a gather/scatter engine";
  let description = [{
    Each `gs.matmul` and `gs.conv` with a constant weight becomes a `gse.kernel`, a `gse.launch` of it, and, on the host,
    the arrangement of its tensors (zeros around the input, channels last, and back). How it is executed says the
    `strategy` of the op; where there is none, the choice of `gs-select-engine-strategy` is taken.

    Every op that is not converted is an error with the reason, unless `partial` is given.

    ```mlir
    %y = gs.matmul %w, %x outs(%e : tensor<16x1xf16>)
           : tensor<16x64xf16, #gs.gather_scatter<banks = 8, width = 1>>, tensor<64x1xf16> -> tensor<16x1xf16>
    ```
    becomes
    ```mlir
    %y = gse.launch @product_0(%x) : (tensor<64x1xf16>) -> tensor<16x1xf16>
    ```
  }];
  let options = GSEPassOptions.all;
  let statistics = [Statistic<"numKernels", "num-kernels", "Kernels made">];
  let dependentDialects = ["::mlir::gse::GSEDialect", "::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
}

def OffloadToEngine : Pass<"gs-offload-to-engine", "::mlir::ModuleOp"> {
  let summary = "Gives the contractions that a gather/scatter engine can run to it, in halves";
  let description = [{
    A `gs.matmul` or `gs.conv` on float32 that the engine can run once its weight and its input are rounded to f16 (to
    nearest, ties to even; beyond 65504 to infinity) gets the engine's strategy; its result becomes float32 again. The mask
    of the weight stays as it was. Others stay on the host, with the reason in `gs.on_host`.

    Epilogues stay on the host: the pass comes before `gs-fuse-epilogue`.

    ```mlir
    %y = gs.matmul %w, %x outs(%e : tensor<16x1xf32>)
           : tensor<16x64xf32, #gs.gather_scatter<banks = 8, width = 1>>, tensor<64x1xf32> -> tensor<16x1xf32>
    ```
    becomes
    ```mlir
    %0 = linalg.generic ... ins(%x) { arith.truncf } -> tensor<64x1xf16>
    %1 = gs.matmul %h, %0 outs(%f : tensor<16x1xf16>) strategy = <"engine-gather", {accumulators = 2 : i64}>
           : tensor<16x64xf16, #gs.gather_scatter<banks = 8, width = 1>>, tensor<64x1xf16> -> tensor<16x1xf16>
    %y = linalg.generic ... ins(%1) { arith.extf } -> tensor<16x1xf32>
    ```
  }];
  let options = GSEPassOptions.all;
  let statistics = [Statistic<"numOffloaded", "num-offloaded", "Contractions that the engine runs">,
                    Statistic<"numOnHost", "num-on-host", "Contractions that stay on the host">];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect", "::mlir::tensor::TensorDialect"];
}

def OutlineLaunches : Pass<"gse-outline-launches", "::mlir::ModuleOp"> {
  let summary = "Gives each launch of a kernel a function that the driver of the engine provides";
  let description = [{
    Each `gse.launch` gets a private function without body of its own, whose attribute `gse.kernel` names the kernel.
    Bufferization makes the launch a call of it: the inputs, then the results, all contiguous buffers. The host's part of
    the module then lowers like any other code.

    ```mlir
    %y = gse.launch @fc(%x) : (tensor<1024xf16>) -> tensor<1024xf16>
    ```
    becomes
    ```mlir
    func.func private @launch_0(memref<1024xf16>, memref<1024xf16>) attributes {gse.kernel = @fc}
    %y = gse.launch @fc(%x) {gse.function = @launch_0} : (tensor<1024xf16>) -> tensor<1024xf16>
    ```
  }];
  let dependentDialects = ["::mlir::func::FuncDialect", "::mlir::memref::MemRefDialect"];
}

#endif // GS_CONVERSION_GSTOGSE_PASSES
