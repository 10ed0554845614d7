//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Passes that decide how contractions are executed, and what runs together.
//
//===----------------------------------------------------------------------===//
#ifndef GS_TRANSFORMS_PLANPASSES
#define GS_TRANSFORMS_PLANPASSES

include "mlir/Pass/PassBase.td"

def AssignLayout : Pass<"gs-assign-layout"> {
  let summary = "Gives convolutions the padded planes that they read";
  let description = [{
    A convolution with padding, strides or more than one kernel tap reads zero-padded planes in which every tap is a
    constant displacement (no im2col). The pass inserts `gs.pack_plane` in front of it and records the geometry on it.
    Convolutions of the same input that agree on the geometry share the plane. The pitch depends on the vector width of
    the target. Depthwise convolutions stay as they are, because their kernels know of borders, unless another strategy
    is written on them or forced.

    A pointwise convolution can read its input as it is. Where channels are no whole number of vectors, so that many vectors
    would touch two cache lines, it gets a plane without borders, whose channels begin at cache lines, if a convolution of this
    network writes the input and only kernels read it: `gs-align-channels` lets it be written so.

    ```mlir
    %y = gs.conv %w, %x outs(%e : ...) {pads = array<i64: 1, 1, 1, 1>, ...} : tensor<64x64x3x3xf32>, tensor<1x64x56x56xf32> -> ...
    ```
    becomes
    ```mlir
    %p = gs.pack_plane %x outs(%empty : ...) <input = [56, 56], ...> : tensor<1x64x56x56xf32> -> tensor<1x64x3376xf32>
    %y = gs.conv %w, %p outs(%e : ...) {plane = #gs.plane<...>, ...} : tensor<64x64x3x3xf32>, tensor<1x64x3376xf32> -> ...
    ```
  }];
  let options = [Option<"target", "target", "std::string", "\"native\"", "Name of a target record or path of a JSON record">,
                 Option<"force", "force", "std::string", "\"\"", "Strategy that will be taken wherever it applies">];
  let statistics = [Statistic<"numPlanes", "num-planes", "Planes inserted">,
                    Statistic<"numShared", "num-shared", "Convolutions that share a plane with another one">];
  let dependentDialects = ["::mlir::tensor::TensorDialect", "::mlir::gs::GSDialect"];
}

def SelectStrategy : Pass<"gs-select-strategy"> {
  let summary = "Records how each contraction will be executed";
  let description = [{
    Evaluates the cost model of every strategy that accepts the contraction, the dense one included, on the facts of the
    target and records the cheapest as `strategy`. If dense execution is predicted to be faster, the weight becomes
    dense. A strategy that is already there is kept, after a check that it accepts the op. What was considered is
    recorded as `gs.candidates`, which reports print.

    Straight-line code is faster than loops but larger. The contractions that gain most time per byte get it first, until
    `code-budget` is spent; the others take their best loop. The default lets every contraction gain. So do weights that are
    transformed at compile time (Winograd) with `transform-budget`, which bounds the growth of dense networks. Pruned weights
    are transformed only as long as the program exceeds non-zeros with 16-bit indices (code counts as it is) by at most that share.

    Where candidates were timed on the machine, the op carries `gs.measured`, a list of
    `{strategy = #gs.strategy<...>, us = 12.5}`. These times overrule predictions: only what was measured is chosen from.

    ```mlir
    %y = gs.matmul %w, %x outs(%e : ...) : tensor<64x64xf32, #gs.block<4x1>>, ...
    ```
    becomes
    ```mlir
    %y = gs.matmul %w, %x outs(%e : ...) strategy = <"row-group-broadcast", {mr = 4, nr = 4}> {gs.candidates = [...]} : ...
    ```
  }];
  let options = [Option<"target", "target", "std::string", "\"native\"", "Name of a target record or path of a JSON record">,
                 Option<"force", "force", "std::string", "\"\"", "Use this strategy wherever it accepts the op">,
                 Option<"codeBudget", "code-budget", "double", "10",
                        "Bytes that code made of weights may add, as a share of all packed weights">,
                 Option<"transformBudget", "transform-budget", "double", "0.28",
                        "Bytes that transformed dense weights may add, as a share of all packed weights">];
  let statistics = [Statistic<"numSparse", "num-sparse", "Contractions with a sparse strategy">,
                    Statistic<"numDense", "num-dense", "Contractions with a dense strategy">];
  let dependentDialects = ["::mlir::gs::GSDialect"];
}

def FuseChains : Pass<"gs-fuse-chains"> {
  let summary = "Lets neighbouring layers run together in strips of lines";
  let description = [{
    A pointwise convolution, or one that reads a plane, and the depthwise and pointwise ones that read its result one
    after the other, may run as one kernel: for some lines of the last output at a time, all of them. What lies between
    two members is never whole: each thread has a strip of it, which stays in its second-level cache. Only where others
    read it as well, or the next member adds it, lines of the whole result are written and read again while they are in
    that cache. A depthwise member reads neighbouring lines, so that those at the ends of strips are computed twice.

    The pass compares, with the facts of the target, the cycles that the tensors between the members take beyond the
    second-level cache, and, for a known number of threads, the barriers between the members, with those that strips add, for all numbers of lines whose strips fit that cache, and cuts a
    path of layers where that gains most. Members follow each other in the program and carry `gs.chain`: the
    number of the chain, the lines that a strip of theirs has, and elements from channel to channel of the strips that
    they read and write (0: the whole tensor). A `gs.chain` that is already there is kept. `gs.chain_note` says why or
    why not.

    ```mlir
    %a = gs.conv %w, %x outs(%0 : tensor<1x64x112x112xf32>) strategy = <"row-group-broadcast", {mr = 4, nr = 6}>
           {gs.chain = {chain = 0, lines = 15, input_pitch = 0, output_pitch = 1936}, ...} : ...
    %b = gs.conv %d, %a outs(%1 : tensor<1x64x56x56xf32>) strategy = <"depthwise", {rows = 4, vectors = 1}>
           {gs.chain = {chain = 0, lines = 7, input_pitch = 1936, output_pitch = 0}, ...} : ...
    ```
  }];
  let options = [Option<"target", "target", "std::string", "\"native\"", "Name of a target record or path of a JSON record">,
                 Option<"mode", "mode", "std::string", "\"auto\"",
                        "auto: where it is predicted to be faster; always: wherever it is possible; never">,
                 Option<"threads", "threads", "int64_t", "0",
                        "Threads that the network will run on; 0: unknown, so one thread must not lose by a chain">,
                 Option<"stripLines", "lines", "int64_t", "0",
                        "Lines of the last member in a strip; 0: what is predicted to be fastest">];
  let statistics = [Statistic<"numChains", "num-chains", "Chains">,
                    Statistic<"numMembers", "num-members", "Layers that run in strips">];
  let dependentDialects = ["::mlir::gs::GSDialect"];
}

def FusePools : Pass<"gs-fuse-pools"> {
  let summary = "Computes pools in the store of the convolution in front of them";
  let description = [{
    A convolution whose kernel holds whole windows of the pool behind it in registers stores their maxima or sums: its own
    result, which only that pool reads, gets no memory. Such a convolution carries `gs.pooled` and stands in front of the
    pool. The windows lie side by side within the result and in one slice, the strategy can reduce them
    (`Strategy::storesPool`), and no operand of the epilogue has the whole result's shape. `gs.pool_note` says why or why
    not.

    ```mlir
    %a = gs.conv %w, %x outs(%0 : tensor<1x64x56x56xf32>) strategy = <"winograd", {mr = 8, nr = 2, tile = 4}>
           {gs.pooled, gs.pool_note = "max pool of 2x2 in the store: ...", ...} : ...
    %b = gs.pool max %a outs(%1 : tensor<1x64x28x28xf32>) {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, ...} : ...
    ```
  }];
  let statistics = [Statistic<"numPools", "num-pools", "Pools in the store of a convolution">];
  let dependentDialects = ["::mlir::gs::GSDialect"];
}

def DistributeThreads : Pass<"gs-distribute-threads", "::mlir::func::FuncOp"> {
  let summary = "Makes a network function run on several threads at once";
  let description = [{
    Single program, multiple data: each top-level `scf.parallel` is cut into equal shares of its outermost loop, other
    top-level code with side effects runs on thread 0, and a `gs.barrier` follows every step that another thread may
    read. With `single` the function runs on one thread: `gs.thread_id` becomes 0, `gs.num_threads` 1 and barriers
    vanish. Kernels made by gs-to-vector share their work themselves. A serial loop around kernels (the time steps of a
    recurrent layer) runs on every thread, its steps shared; if a step is predicted to take no longer than its barriers
    are worth, thread 0 runs the loop alone.

    ```mlir
    scf.parallel (%i) = (%c0) to (%c64) step (%c1) { ... }
    ```
    becomes
    ```mlir
    scf.for %i = %lo to %hi step %c1 { ... }   // lo, hi from gs.thread_id and gs.num_threads
    gs.barrier
    ```
  }];
  let options = [Option<"single", "single", "bool", "false", "One thread only">,
                 Option<"target", "target", "std::string", "\"\"",
                        "Name of a target record or path of a JSON record, for its barrier_us; without it 1 us">];
  let statistics = [Statistic<"numLoops", "num-loops", "Loops shared between threads">,
                    Statistic<"numBarriers", "num-barriers", "Barriers inserted">];
  let dependentDialects = ["::mlir::scf::SCFDialect", "::mlir::arith::ArithDialect", "::mlir::gs::GSDialect"];
}

#endif // GS_TRANSFORMS_PLANPASSES
