//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Conversions between dialects.
//
//===----------------------------------------------------------------------===//
#ifndef GS_CONVERSION_PASSES
#define GS_CONVERSION_PASSES

include "mlir/Pass/PassBase.td"

def ConvertONNXToLinalg : Pass<"convert-onnx-to-linalg", "::mlir::ModuleOp"> {
  let summary = "Lowers every onnx.node to linalg, tensor and arith on static tensors";
  let description = [{
    Walks each function in order, infers result types per operator, folds integer shape arithmetic, and converts each
    node by the entry for (domain, name, newest since-version <= opset). All nodes that cannot be converted are
    reported at once with name, operator, opset and reason.

    ```mlir
    %0 = onnx.node "Relu"(%x) {opset = 17 : i64} : (tensor<1x8xf32>) -> tensor<1x8xf32>
    ```
    becomes a `linalg.generic` with `arith.maximumf`.
  }];
  let statistics = [Statistic<"numConverted", "num-converted", "Nodes converted">,
                    Statistic<"numFolded", "num-folded", "Nodes folded to constants">];
  let dependentDialects = ["::mlir::linalg::LinalgDialect", "::mlir::tensor::TensorDialect", "::mlir::arith::ArithDialect",
                           "::mlir::math::MathDialect", "::mlir::func::FuncDialect", "::mlir::scf::SCFDialect",
                           "::mlir::bufferization::BufferizationDialect"];
}

def ConvertCheckToFunc : Pass<"convert-check-to-func", "::mlir::ModuleOp"> {
  let summary = "Lowers check assertions to calls of the test runtime";
  let description = [{
    ```mlir
    check.expect_eq %a, %b : tensor<4xf32>
    ```
    becomes a call of a private function, made once per operation and type, which passes addresses, sizes and strides
    of both buffers to `gs_check_expect_eq_f32` of the library `gs_check_runtime`. Tensors become read-only buffers, so
    that the pass belongs before one-shot-bufferize. Element types are f64, f32, f16, bf16, index and integers of 1, 8,
    16, 32 and 64 bits; anything else is an error.
  }];
  let dependentDialects = ["::mlir::func::FuncDialect", "::mlir::memref::MemRefDialect", "::mlir::bufferization::BufferizationDialect",
                           "::mlir::arith::ArithDialect"];
}

def ConvertLinalgToGS : Pass<"linalg-to-gs"> {
  let summary = "Turns linalg contractions with a constant weight into gs.matmul and gs.conv";
  let description = [{
    A matmul, vecmat, matvec or batch_matmul with one common weight, or a linalg.generic of that meaning, becomes
    `gs.matmul` with the weight as M x K; a channel-first convolution (one to three spatial dimensions, grouped and
    depthwise too) becomes `gs.conv` with the weight as O x I x taps. Weights are brought into that layout at compile
    time, large ones as resource blobs. Zero padding in front of a convolution becomes its `pads`. Sums and maxima over
    windows become `gs.pool`. A weight on the
    right, X[T, K] * W[K, M], is computed as transpose(gs.matmul(transpose(W), transpose(X)));
    `gs-propagate-transposes` then cancels the transposes between layers. An init that is not zero is added
    afterwards. Contractions of two runtime tensors stay as they are.

    ```mlir
    %0 = linalg.matmul ins(%x, %w : tensor<128x768xf32>, tensor<768x3072xf32>) outs(%zero : tensor<128x3072xf32>)
           -> tensor<128x3072xf32>
    ```
    becomes
    ```mlir
    %t = linalg.transpose ins(%x : tensor<128x768xf32>) outs(%e : tensor<768x128xf32>) permutation = [1, 0]
    %y = gs.matmul %wt, %t outs(%f : tensor<3072x128xf32>) : tensor<3072x768xf32>, tensor<768x128xf32>
           -> tensor<3072x128xf32>
    %0 = linalg.transpose ins(%y : tensor<3072x128xf32>) outs(%g : tensor<128x3072xf32>) permutation = [1, 0]
    ```

    A weight whose type names a sparsity pattern must end in a gs op; the pass fails, with the reason, where it cannot.
  }];
  let statistics = [Statistic<"numMatmuls", "num-matmuls", "Contractions converted to gs.matmul">,
                    Statistic<"numConvolutions", "num-convolutions", "Convolutions converted to gs.conv">,
                    Statistic<"numPools", "num-pools", "Pools converted to gs.pool">];
  let dependentDialects = ["::mlir::gs::GSDialect", "::mlir::linalg::LinalgDialect", "::mlir::tensor::TensorDialect",
                           "::mlir::arith::ArithDialect"];
}

def WritePlanes : Pass<"gs-write-planes", "::mlir::ModuleOp"> {
  let summary = "Lets producers write the insides of padded planes, so that nothing is copied";
  let description = [{
    Runs after bufferization. Where nobody but a `gs.pack_plane` without strides reads what a `gs.conv` or `gs.pool` writes,
    and its kernel stores line by line (Strategy::storesStrided), the result goes into the plane itself. What is left of
    the pack is in place: it fills the zeros around. Other packs remain, each with the reason as attribute
    `gs.kept`.

    ```mlir
    gs.pool max %x outs(%y : memref<1x8x6x6xf32>) ...
    gs.pack_plane %y outs(%p : memref<1x8x80xf32>) <..., extents = [8, 7], pads = [1, 1], size = 80> : ...
    ```
    becomes
    ```mlir
    %inside = memref.reinterpret_cast %p to offset: [8], sizes: [1, 8, 6, 6], strides: [640, 80, 7, 1] : ...
    gs.pack_plane %inside outs(%p : memref<1x8x80xf32>) <...> : ...
    gs.pool max %x outs(%inside : ...) ...
    ```
  }];
  let statistics = [Statistic<"numWritten", "num-written", "Planes that their producers write">,
                    Statistic<"numKept", "num-kept", "Planes that are copied">];
  let dependentDialects = ["::mlir::memref::MemRefDialect"];
}

def AlignChannels : Pass<"gs-align-channels", "::mlir::ModuleOp"> {
  let summary = "Lets channels begin at cache lines where they are written, so that nothing is copied";
  let description = [{
    Runs after bufferization, behind `gs-reuse-residuals`. A `gs.pack_plane` without borders, strides or gaps only moves
    channels apart, so that vectors begin at cache lines. Where nobody but convolutions, pools and other packs uses its
    input, and their kernels store with any distance between channels (Strategy::storesStrided), the input has that
    layout from the start and the pack is gone; so have residuals that are added to it or that it is added to, since
    they are read where results are stored. Other packs remain copies, each with the reason as attribute `gs.kept`.

    ```mlir
    %y = memref.alloc() : memref<1x8x5x7xf32>
    gs.conv %w, %x outs(%y : memref<1x8x5x7xf32>) ...
    gs.pack_plane %y outs(%p : memref<1x8x48xf32>) <..., extents = [5, 7], pads = [0, 0], size = 48> : ...
    gs.conv %v, %p outs(%z : memref<1x4x5x7xf32>) plane = ...
    ```
    becomes
    ```mlir
    %p = memref.alloc() : memref<1x8x48xf32>
    %y = memref.reinterpret_cast %p to offset: [0], sizes: [1, 8, 5, 7], strides: [384, 48, 7, 1] : ...
    gs.conv %w, %x outs(%y : memref<1x8x5x7xf32, strided<[384, 48, 7, 1]>>) ...
    gs.conv %v, %p outs(%z : memref<1x4x5x7xf32>) plane = ...
    ```
  }];
  let statistics = [Statistic<"numAligned", "num-aligned", "Buffers whose channels begin at cache lines">,
                    Statistic<"numKept", "num-kept", "Packs without borders that remain copies">];
  let dependentDialects = ["::mlir::memref::MemRefDialect"];
}

def SplitDestinations : Pass<"gs-split-destinations", "::mlir::ModuleOp"> {
  let summary = "Gives every op that fills an empty tensor one of its own";
  let description = [{
    Equal empty tensors are one value after CSE, and bufferization makes one buffer of it for all ops that fill it in turn.
    Such a buffer is in use from the first to the last of them, and the arena cannot lend its memory to others in between.
    With a tensor for each op, the lifetime of a buffer is that of one value.

    ```mlir
    %e = tensor.empty() : tensor<4x16xf32>
    %a = linalg.exp ins(%x : ...) outs(%e : ...)
    %b = linalg.exp ins(%y : ...) outs(%e : ...)
    ```
    becomes
    ```mlir
    %e = tensor.empty() : tensor<4x16xf32>
    %a = linalg.exp ins(%x : ...) outs(%e : ...)
    %f = tensor.empty() : tensor<4x16xf32>
    %b = linalg.exp ins(%y : ...) outs(%f : ...)
    ```
  }];
  let statistics = [Statistic<"numSplit", "num-split", "Empty tensors made">];
  let dependentDialects = ["::mlir::tensor::TensorDialect"];
}

def ReuseResiduals : Pass<"gs-reuse-residuals", "::mlir::ModuleOp"> {
  let summary = "Lets contractions write over the residual that they add";
  let description = [{
    Runs after bufferization. Where an operand of the epilogue has the result's type, nobody uses its buffer afterwards, and
    the kernel stores each result once, behind its epilogue (Strategy::storesOnce), both share one buffer. A network of
    residual blocks then needs one large buffer instead of two or three, and the lines that the epilogue has just read are
    those that are stored.

    ```mlir
    gs.conv %w, %x ... outs(%y : memref<1x8x6x6xf32>) ... epilogue(%r : memref<1x8x6x6xf32>) ...
    use(%y)
    ```
    becomes
    ```mlir
    gs.conv %w, %x ... outs(%r : memref<1x8x6x6xf32>) ... epilogue(%r : memref<1x8x6x6xf32>) ...
    use(%r)
    ```
  }];
  let statistics = [Statistic<"numReused", "num-reused", "Results that are written over a residual">];
  let dependentDialects = ["::mlir::memref::MemRefDialect"];
}

def ConvertGSToVector : Pass<"gs-to-vector", "::mlir::ModuleOp"> {
  let summary = "Turns every bufferized gs op into a kernel of vector, scf and memref ops";
  let description = [{
    Runs after bufferization. Each gs.matmul, gs.conv, gs.pool and gs.pack_plane becomes a call of a private function whose body
    its strategy emits (one file per strategy); packed weights become constant globals. Kernels take flat memrefs and
    the share of the running thread; equal kernels may later be merged by `duplicate-function-elimination`. Every
    gs.matmul and gs.conv must carry a strategy and a packed weight.

    ```mlir
    gs.matmul %c, %x outs(%y : memref<64x16xf32>) strategy = <"row-group-broadcast", {mr = 4, nr = 1}> : ...
    ```
    becomes
    ```mlir
    call @matmul_0(%x_flat, %values, %block_cols, %offsets, %y_flat, %tid, %n) : ...
    ```
  }];
  let options = [Option<"target", "target", "std::string", "\"native\"", "Name of a target record or path of a JSON record">,
                 Option<"markLayers", "mark-layers", "bool", "false",
                        "Mark what each node computes in kernels of several nodes, for measuring">];
  let statistics = [Statistic<"numKernels", "num-kernels", "Kernel functions emitted">];
  let dependentDialects = ["::mlir::vector::VectorDialect", "::mlir::scf::SCFDialect", "::mlir::memref::MemRefDialect",
                           "::mlir::arith::ArithDialect", "::mlir::math::MathDialect", "::mlir::func::FuncDialect",
                           "::mlir::LLVM::LLVMDialect"];
}

def ConvertLinalgToVector : Pass<"convert-linalg-to-vector", "::mlir::ModuleOp"> {
  let summary = "Turns products of two activations, passes over columns, and transposes into kernels of vector and scf ops";
  let description = [{
    Runs after bufferization. A contraction of two runtime operands (the scores and the context of an attention, any
    einsum of two f32 operands that reads them dimension by dimension) becomes a call of a private function with a
    register tile of rows and vectors of columns, sized for the target. Operands are read through one stride per loop, so
    that permutations cost nothing as long as the result and one operand are contiguous in the same loop; otherwise that
    operand is copied to a panel on the way. Zeros that were written for the sum alone are not written any more.

    Ops on f32 that go through the same matrices from top to bottom, each column for itself (a softmax, a layer
    normalisation of columns), become one kernel: a strip of columns takes part in all of them before the next one.

    Elementwise work on f32 whose result is contiguous along one loop and an input along another (a transpose, and what was
    fused with it) goes through registers in square tiles, where loops would gather element by element.

    ```mlir
    linalg.batch_matmul ins(%q, %k : memref<12x128x64xf32>, memref<12x64x128xf32>) outs(%s : memref<12x128x128xf32>)
    ```
    becomes
    ```mlir
    call @product(%q_flat, %k_flat, %s_flat, %tid, %n) : ...
    ```
  }];
  let options = [Option<"target", "target", "std::string", "\"native\"", "Name of a target record or path of a JSON record">,
                 Option<"remarks", "remarks", "bool", "false", "Emit a remark on each linalg op that stays, with the reasons">];
  let statistics = [Statistic<"numProducts", "num-products", "Products of two activations converted">,
                    Statistic<"numColumnPasses", "num-column-passes", "Runs of ops over the same columns converted">,
                    Statistic<"numCrossings", "num-crossings", "Transposing elementwise ops converted">];
  let dependentDialects = ["::mlir::gs::GSDialect", "::mlir::vector::VectorDialect", "::mlir::scf::SCFDialect",
                           "::mlir::memref::MemRefDialect", "::mlir::arith::ArithDialect", "::mlir::func::FuncDialect"];
}

def ExpandMath : Pass<"gs-expand-math"> {
  let summary = "Replaces math functions by vectorisable polynomials";
  let description = [{
    exp, erf and tanh of f32 scalars and vectors become polynomials (largest errors 1, 4 and 3 units in the last place;
    NaN stays, results of exp below the smallest normal number are zero), log, sin, ... upstream's approximations (a few
    units); all vectorise. Where the target picks from 16 entries for each lane fast enough, erf (2.2 units), exp (0.6)
    and x (erf(x / sqrt 2) + 1) / 2 (1.5, of negative x 5e-8 |x|) of a vector of 16 have coefficients for each lane. Other
    functions are left for the math library. Maxima and minima with a
    constant (activations) become a comparison and a selection, which are one instruction; a NaN stays, a zero may keep
    its sign.

    ```mlir
    %y = math.exp %x : vector<16xf32>
    ```
    becomes arithmetic on vector<16xf32>.
  }];
  let options = [Option<"target", "target", "std::string", "\"\"",
                        "Name of a target record or path of a JSON record; without it nothing depends on the machine">];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::math::MathDialect", "::mlir::vector::VectorDialect",
                           "::mlir::LLVM::LLVMDialect"];
}

def ConvertThreadsToRuntime : Pass<"convert-gs-threads-to-runtime", "::mlir::ModuleOp"> {
  let summary = "Passes thread number, number of threads and barrier to the network function";
  let description = [{
    The function with a `gs.arena` argument gets three more: `index`, `index`, `!llvm.ptr`; `gs.thread_id`,
    `gs.num_threads` and `gs.barrier` become these and calls of `gsrt_barrier`, `gs.mark_layer` becomes a call of
    `gsrt_layer_part`. The module attribute `gs.entry` names it.

    ```mlir
    gs.barrier
    ```
    becomes
    ```mlir
    func.call @gsrt_barrier(%barrier) : (!llvm.ptr) -> ()
    ```
  }];
  let options = [Option<"markLayers", "mark-layers", "bool", "false",
                        "Call gsrt_layer where each layer begins, for measuring; names in the module attribute gs.layers">];
  let dependentDialects = ["::mlir::func::FuncDialect", "::mlir::LLVM::LLVMDialect"];
}

def EmitEntry : Pass<"gs-emit-entry", "::mlir::ModuleOp"> {
  let summary = "Adds the C entry point of a compiled network";
  let description = [{
    Works on the LLVM dialect: `gs_main_graph(inputs, outputs, arena, tid, nthreads, barrier)` loads the pointers of
    inputs and outputs and calls the network function, which becomes internal. See include/gs/Runtime/gsrt.h.

    ```mlir
    llvm.func @main_graph(%x: !llvm.ptr, %y: !llvm.ptr, %arena: !llvm.ptr, %tid: i64, %n: i64, %barrier: !llvm.ptr)
    ```
    gets a caller `llvm.func @gs_main_graph(...)`.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

#endif // GS_CONVERSION_PASSES
