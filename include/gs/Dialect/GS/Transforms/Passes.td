//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Passes over the gs dialect.
//
//===----------------------------------------------------------------------===//
#ifndef GS_TRANSFORMS_PASSES
#define GS_TRANSFORMS_PASSES

include "mlir/Pass/PassBase.td"

def PropagateTransposes : Pass<"gs-propagate-transposes"> {
  let summary = "Chooses the orientation of matrices between layers, so that few transposes remain";
  let description = [{
    Networks are written with one activation per row (N x K), `gs.matmul` reads one per column (K x N). Elementwise ops
    and reductions between layers work on either, and so do reshapes that split and merge attention heads. This pass
    chooses an orientation for each such that the least number of elements is transposed in all (a minimum cut), and
    rewrites them. Ops on matrices lose unit dimensions ([1, 128, 768] becomes [128, 768]); a transposition that only
    moves unit dimensions becomes a reshape. Among equal choices the orientation of `gs.matmul` wins, so that epilogues
    can be fused afterwards.

    ```mlir
    %0 = linalg.transpose ins(%y : tensor<64x16xf32>) outs(%e : tensor<16x64xf32>) permutation = [1, 0]
    %1 = linalg.generic ... ins(%0 : tensor<16x64xf32>) outs(%f : tensor<16x64xf32>) { arith.maximumf ... }
    %2 = linalg.transpose ins(%1 : tensor<16x64xf32>) outs(%g : tensor<64x16xf32>) permutation = [1, 0]
    ```
    becomes
    ```mlir
    %2 = linalg.generic ... ins(%y : tensor<64x16xf32>) outs(%h : tensor<64x16xf32>) { arith.maximumf ... }
    ```
  }];
  let statistics = [Statistic<"numRemoved", "num-removed", "Transposes removed">];
  let dependentDialects = ["::mlir::linalg::LinalgDialect", "::mlir::tensor::TensorDialect",
                           "::mlir::arith::ArithDialect"];
}

def FuseEpilogue : Pass<"gs-fuse-epilogue"> {
  let summary = "Moves elementwise consumers of gs.matmul and gs.conv into their epilogue regions";
  let description = [{
    A linalg op whose loops are all parallel, whose body is element-wise arithmetic, and which is the only reader of a
    contraction's result (possibly behind reshapes of unit dimensions) is applied to the sum while it is in a register.
    Its other operands may have the result's shape (residual add), one value per row (bias, scale), or rank 0; scalars
    and splat constants move into the region. Repeated until nothing changes. Of two contractions that one op reads,
    the later one takes it. The contraction moves to the place of its consumer.

    ```mlir
    %y = gs.matmul %w, %x outs(%e : tensor<64x16xf32>) : tensor<64x32xf32>, tensor<32x16xf32> -> tensor<64x16xf32>
    %z = linalg.generic {indexing_maps = [(d0, d1) -> (d0, d1), (d0, d1) -> (d0), (d0, d1) -> (d0, d1)], ...}
           ins(%y, %bias : tensor<64x16xf32>, tensor<64xf32>) outs(%f : tensor<64x16xf32>) { arith.addf ... }
    ```
    becomes
    ```mlir
    %z = gs.matmul %w, %x epilogue(%bias : tensor<64xf32>) outs(%e : tensor<64x16xf32>)
           : tensor<64x32xf32>, tensor<32x16xf32> -> tensor<64x16xf32> {
    ^bb0(%sum: f32, %b: f32):
      %0 = arith.addf %sum, %b : f32
      gs.yield %0 : f32
    }
    ```
  }];
  let statistics = [Statistic<"numFused", "num-fused", "Elementwise ops fused into a contraction">];
  let dependentDialects = ["::mlir::gs::GSDialect", "::mlir::linalg::LinalgDialect", "::mlir::tensor::TensorDialect"];
}

def RemoveDeadChannels : Pass<"gs-remove-dead-channels"> {
  let summary = "Shrinks tensors by the channels that filter and channel pruning left without use";
  let description = [{
    A channel of an activation is dead if no weight that is not zero, no output and no unknown op reads it: the filter
    that makes it and the columns that would read it go, and with them what only that filter reads, up to the inputs.
    A filter of zeros makes a channel that is one constant, f(bias). Where that is the same at every output
    position (products, convolutions without padding; with padding only zero), its reader adds it to its own bias and zeroes
    the weights, so that the channel is dead, too. Constants go with the data and need goes against it, one sweep each:
    the fixed point.

    Channels are followed through elementwise ops, residual additions (dead on both sides, or not at all), pooling,
    depthwise convolutions, transposes, reshapes such as that of a flattened image, concatenation and slices. A tensor
    keeps one channel at least; inputs and outputs of the function keep all.

    Zeros of weights are structural, as everywhere: what is removed does not become NaN where an activation is infinite.

    ```mlir
    // Filter 1 is zero, its bias 2; the ReLU of that is 2 everywhere.
    %b = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
    %0 = gs.conv %w0, %x epilogue(%b : tensor<2xf32>) ... : tensor<2x8x3x3xf32>, ... -> tensor<1x2x8x8xf32> {add, max 0}
    %w1 = arith.constant dense<[[[[3.0]], [[4.0]]]]> : tensor<1x2x1x1xf32>
    %1 = gs.conv %w1, %0 ... : tensor<1x2x1x1xf32>, tensor<1x2x8x8xf32> -> tensor<1x1x8x8xf32>
    ```
    becomes
    ```mlir
    %b = arith.constant dense<1.0> : tensor<1xf32>
    %0 = gs.conv %w0, %x epilogue(%b : tensor<1xf32>) {gs.removed = {rows = 1, channels = 0}} ... -> tensor<1x1x8x8xf32> {add, max 0}
    %w1 = arith.constant dense<3.0> : tensor<1x1x1x1xf32>
    %c = arith.constant dense<8.0> : tensor<1xf32>  // 4 * 2
    %1 = gs.conv %w1, %0 epilogue(%c : tensor<1xf32>) {gs.removed = {rows = 0, channels = 1}} ... -> tensor<1x1x8x8xf32> {add}
    ```
  }];
  let options = [
    Option<"absorbConstants", "absorb-constants", "bool", "true",
           "Move channels that are one constant into the biases of their readers">
  ];
  let statistics = [
    Statistic<"numRows", "num-rows", "Filters removed">,
    Statistic<"numColumns", "num-columns", "Columns of weights removed">,
    Statistic<"numWeights", "num-weights", "Weights removed, zeros included">
  ];
  let dependentDialects = ["::mlir::gs::GSDialect", "::mlir::arith::ArithDialect", "::mlir::tensor::TensorDialect"];
}

def DetectPattern : Pass<"gs-detect-pattern"> {
  let summary = "Finds the sparsity pattern of constant weights";
  let description = [{
    The mask of every `gs.matmul` and `gs.conv` whose weight is an ordinary `arith.constant` is searched for all patterns
    with the sizes that make sense:

    | detector | finds |
    |---|---|
    | tiles | filters, channels, columns, blocks of both views, kernel groups (balanced ones, too), KGS (with equally many locations, too) |
    | gather-scatter | GS(B,k) for B from 4 to 64, and of units |
    | products | block columns, BCR, one mask repeated |
    | kernel patterns | libraries mined from 3x3 kernels, with groups and connectivity |
    | windows | N:M windows and tiles, windows of 16 or 32 columns (`#gs.window`), 4:2 tiles |
    | row orders | `#gs.permuted`: rows with nearly equal columns become neighbours (blocks, kernel groups, kernel patterns of groups); rows whose residues balance share a bundle (GS) |
    | unions | whole blocks and an unstructured remainder, with a quarter of the weights or more in blocks |
    | intersections | blocks that are kept or removed as a whole, with n of m weights inside |
    | values | `#gs.polarized` and `#gs.unified`, where so many signs or magnitudes agree that chance does not explain it |

    The mask is the set of non-zeros (NaN is one), or the attribute `onnx.mask` of a sparse initialiser. Fine-tuned
    weights hold accidental zeros: a pattern may store at most `max-fill` times the non-zeros, and the zeros among them
    become kept weights (`completed` of them) and stay zero. Bundles of rows must not straddle convolution groups. A row
    order of GS is exact where the rows of few bundles keep equally many weights, else a good one.

    Among the patterns that hold, the one with the least predicted time on `target` is chosen, then the one with the fewest
    bytes, then the first in the order above; #gs.unstructured always holds. Of each family the nearest miss is listed with the reason, all
    candidates with `explain`. What misses by far may be counted on a sample of its rows ("about"). A weight with fewer
    zeros than `min-sparsity`, or of a depthwise convolution, stays dense. Values never change. Weights are searched in
    several threads.

    The constant becomes a `gs.constant` whose type names the pattern, and the outcome is recorded on the op:

    ```mlir
    %w = arith.constant dense<[[1.0, 0.0], [0.0, 2.0]]> : tensor<2x2xf32>
    %y = gs.matmul %w, %x outs(%e : tensor<2x4xf32>) : tensor<2x2xf32>, tensor<2x4xf32> -> tensor<2x4xf32>
    ```
    becomes
    ```mlir
    %w = gs.constant dense<[[1.0, 0.0], [0.0, 2.0]]> : tensor<2x2xf32> as tensor<2x2xf32, #gs.unstructured>
    %y = gs.matmul %w, %x outs(%e : tensor<2x4xf32>)
           {gs.detected = {pattern = #gs.unstructured, density = 0.5 : f64,
                           refused = [{candidate = "#gs.block<2x1>", reason = "..."}, ...]}} : ...
    ```

    A weight that has a pattern already keeps it. `pattern` is the string "dense" where none was chosen.
  }];
  let options = [
    Option<"minSparsity", "min-sparsity", "double", "0.1", "Share of zeros below which a weight stays dense">,
    Option<"maxFill", "max-fill", "double", "1.15", "Stored weights of a pattern per non-zero, at most">,
    Option<"explain", "explain", "bool", "false", "Record every refused candidate, not the nearest miss of each family">,
    Option<"target", "target", "std::string", "\"native\"", "Name of a target record or path of a JSON record">,
    Option<"remarks", "remarks", "bool", "false", "Emit a remark per layer, with the refused candidates as notes">
  ];
  let statistics = [Statistic<"numDetected", "num-detected", "Weights with a pattern found">];
  let dependentDialects = ["::mlir::gs::GSDialect", "::mlir::arith::ArithDialect"];
}

def PruneWeights : Pass<"gs-prune-weights"> {
  let summary = "Prunes dense constant weights to one pattern";
  let description = [{
    The weight of every `gs.matmul` and `gs.conv` that is an ordinary `arith.constant` is projected onto `pattern`: the
    weights that keep most energy (sum of squares) stay at `density`, as the description of the pattern says; patterns
    that themselves say how many weights stay ignore `density`. NaN counts as the largest. No retraining happens, so
    this is for measuring and tests. A weight that has a pattern already keeps it; a layer that the pattern does not
    fit stays dense, and the reason is recorded. `#gs.permuted` looks for an order of the rows in which less is lost.

    With `complete` nothing is pruned: zeros are kept until the non-zeros obey the pattern, as few as possible, and their
    number is recorded (`completed`) in place of the energy.

    ```mlir
    %w = arith.constant dense<[[1.0, 4.0], [2.0, 3.0]]> : tensor<2x2xf32>
    %y = gs.matmul %w, %x outs(%e : tensor<2x4xf32>) : ...
    ```
    becomes with `pattern=#gs.block<2x1> density=0.5`
    ```mlir
    %w = gs.constant dense<[[0.0, 4.0], [0.0, 3.0]]> : tensor<2x2xf32> as tensor<2x2xf32, #gs.block<2x1>>
    %y = gs.matmul %w, %x outs(%e : tensor<2x4xf32>)
           {gs.pruned = {pattern = #gs.block<2x1>, density = 0.5 : f64, energy = 0.8333 : f64}} : ...
    ```
  }];
  let options = [
    Option<"pattern", "pattern", "std::string", "\"#gs.unstructured\"", "Pattern as in the IR; #gs. may be left out">,
    Option<"density", "density", "double", "0.1", "Share of weights that stay, 0 to 1">,
    Option<"score", "score", "std::string", "\"energy\"", "What makes a weight worth keeping: energy (its square) or magnitude">,
    Option<"method", "method", "std::string", "\"greedy\"",
           "greedy (fast) or exact (the most energy), for patterns that have both">,
    Option<"rounding", "rounding", "std::string", "\"budget\"",
           "Groups of GS: budget (as the density says) or published (by the rule of the public code, which keeps more)">,
    Option<"sign", "sign", "std::string", "\"energy\"", "Sign that a polarised fragment keeps: that of most energy, or of the sum">,
    Option<"complete", "complete", "bool", "false", "Keep zeros until the non-zeros obey the pattern, and prune nothing">,
    Option<"remarks", "remarks", "bool", "false", "Emit a remark per layer">
  ];
  let statistics = [Statistic<"numPruned", "num-pruned", "Weights pruned">,
                    Statistic<"numRemoved", "num-removed", "Elements of weights that became zero by decision">];
  let dependentDialects = ["::mlir::gs::GSDialect", "::mlir::arith::ArithDialect"];
}

def AbsorbPermutations : Pass<"gs-absorb-permutations"> {
  let summary = "Moves row orders of permuted weights into the columns of the weights that read their results";
  let description = [{
    A weight of pattern `#gs.permuted<A>` makes its rows in another order than they are read in. Where every reader of the
    result is a weight whose columns may stand in that order, rows and columns move together, and the pattern is A: the
    permutation costs nothing. Channels are followed as in `gs-remove-dead-channels`, through elementwise ops (whose
    constants per channel move, too), pooling, depthwise convolutions, transposes and reshapes such as that of a flattened
    image; at a residual addition both sides take the order, which is possible if the other side's pattern allows any order
    of rows, or has the same order. Every weight that moves is checked against its pattern (GS-C5 forbids most orders of
    the columns of #gs.gather_scatter).

    Where that fails the order stays, and kernels store row by row through `row_order`: the cost model counts it. What
    became of an order is said in the attribute `gs.row_order` of the op.

    ```mlir
    %w0 = gs.constant ... row_order [2, 0, 3, 1] as tensor<4x8xf32, #gs.permuted<#gs.block<2x1>>>
    %0 = gs.matmul %w0, %x ... -> tensor<4x16xf32>
    %w1 = arith.constant dense<[[1.0, 2.0, 3.0, 4.0]]> : tensor<1x4xf32>
    %1 = gs.matmul %w1, %0 ... -> tensor<1x16xf32>
    ```
    becomes
    ```mlir
    %w0 = gs.constant ... as tensor<4x8xf32, #gs.block<2x1>>  // rows 2, 0, 3, 1
    %0 = gs.matmul %w0, %x {gs.row_order = "absorbed by the columns of its readers"} ... -> tensor<4x16xf32>
    %w1 = arith.constant dense<[[3.0, 1.0, 4.0, 2.0]]> : tensor<1x4xf32>
    %1 = gs.matmul %w1, %0 ... -> tensor<1x16xf32>
    ```
  }];
  let statistics = [
    Statistic<"numAbsorbed", "num-absorbed", "Row orders absorbed by the columns of readers">,
    Statistic<"numKept", "num-kept", "Row orders through which kernels store">
  ];
  let dependentDialects = ["::mlir::gs::GSDialect", "::mlir::arith::ArithDialect", "::mlir::tensor::TensorDialect"];
}

def AssignLayout : Pass<"gs-assign-layout"> {
  let summary = "Gives convolutions the padded planes that they read";
  let description = [{
    A convolution with padding, strides or more than one kernel tap reads zero-padded planes in which every tap is a
    constant displacement (no im2col). The pass inserts `gs.pack_plane` in front of it and records the geometry on it.
    Convolutions of the same input that agree on the geometry share the plane. The pitch depends on the vector width of
    the target. Depthwise convolutions stay as they are, because their kernels know of borders, unless another strategy
    is written on them or forced.

    A pointwise convolution can read its input as it is. Where channels end within a cache line, so that most vectors
    would touch two, it gets a plane without borders, whose channels begin at cache lines, if a convolution of this
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
    A pointwise convolution, and the depthwise and pointwise ones that read its result one after the other, may run as
    one kernel: for some lines of the last output at a time, all of them. What lies between two members is never whole:
    each thread has a strip of it, which stays in its second-level cache. Only where others read it as well, or the next
    member adds it, lines of the whole result are written and read again while they are in that cache. A depthwise member
    reads neighbouring lines, so that those at the ends of strips are computed twice.

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

def CompressWeights : Pass<"gs-compress-weights"> {
  let summary = "Packs weights in the schema that their strategy asks for";
  let description = [{
    Each constant weight of a contraction with a strategy becomes a `gs.compressed_constant`: the buffers of its pattern,
    sparse rows, or dense row panels, with column indices or displacements in the activation.

    ```mlir
    %w = gs.constant dense<...> : tensor<64x64xf32> as tensor<64x64xf32, #gs.block<4x1>>
    %y = gs.matmul %w, ...
    ```
    becomes
    ```mlir
    %w = gs.compressed_constant {block_cols = ..., offsets = ..., values = ...} : !gs.compressed<...>
    %y = gs.matmul %w, ...
    ```
  }];
  let options = [Option<"target", "target", "std::string", "\"native\"", "Name of a target record or path of a JSON record">];
  let statistics = [Statistic<"numPacked", "num-packed", "Weights packed">,
                    Statistic<"bytesDense", "bytes-dense", "Bytes of the weights when dense">,
                    Statistic<"bytesPacked", "bytes-packed", "Bytes of the packed buffers">];
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

def FoldTransposes : Pass<"gs-fold-transposes"> {
  let summary = "Folds transposes into the products of activations around them";
  let description = [{
    A product of two runtime tensors can read its operands and write its result in any order of dimensions. Named
    products become linalg.generic, and transposes (the heads of an attention) part of its maps.

    ```mlir
    %t = linalg.transpose ins(%q : tensor<12x64x128xf32>) ... permutation = [0, 2, 1]
    linalg.batch_matmul ins(%t, %k : tensor<12x128x64xf32>, tensor<12x64x128xf32>) ...
    ```
    becomes
    ```mlir
    linalg.generic {indexing_maps = [(b, m, n, k) -> (b, k, m), (b, m, n, k) -> (b, k, n), (b, m, n, k) -> (b, m, n)]} ins(%q, %k) ...
    ```
  }];
  let statistics = [Statistic<"numFolded", "num-folded", "Transposes folded">];
  let dependentDialects = ["::mlir::linalg::LinalgDialect", "::mlir::tensor::TensorDialect"];
}

def ChooseLayouts : Pass<"gs-choose-layouts"> {
  let summary = "Chooses the order of dimensions of values between two products of activations";
  let description = [{
    A product runs over vectors of one operand along the last dimension of its result. Where an operand has that
    dimension elsewhere, and everything from the ops that compute it can be computed in the other order as well, it is.

    ```mlir
    %s = q * k           // [head, query, key]
    %p = softmax(%s)     // along the last dimension
    %c = v * %p          // [head, d, query] = sum over key: vectors run along the query
    ```
    has `%s` and `%p` as [head, key, query] afterwards, so that nothing is moved.
  }];
  let statistics = [Statistic<"numChanged", "num-changed", "Groups of values whose layout was changed">];
  let dependentDialects = ["::mlir::linalg::LinalgDialect", "::mlir::tensor::TensorDialect"];
}

def FuseElementwise : Pass<"gs-fuse-elementwise"> {
  let summary = "Fuses elementwise linalg ops where that does not repeat work";
  let description = [{
    Like linalg-fuse-elementwise-ops, but a producer that computes something stays by itself if its reader would
    compute it again along a loop over which the operand is constant.

    ```mlir
    %p = linalg.generic ... // exp(x) * r
    linalg.batch_matmul ins(%p, %v : ...) // reads each element of %p once per column: %p stays
    ```

    A division by a square root that serves a whole row or column becomes a product with its inverse.
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect", "::mlir::tensor::TensorDialect"];
}

def SimplifySoftmax : Pass<"gs-simplify-softmax"> {
  let summary = "Divides by the sum of a softmax behind the product that reads it, and takes its maximum without NaN";
  let description = [{
    A product of a softmax multiplies the powers, and its result by the inverse of their sum, if it has not more elements
    than the softmax: one pass over the powers less, and the product's kernel scales in its store.

    ```mlir
    %p = linalg.generic ... // e[t, q] * r[q], where e = exp(x - max x), r = 1 / sum e
    linalg.generic ins(%v, %p : ...) // sum over t of v[d, t] * p[t, q]
    ```
    becomes
    ```mlir
    %c = linalg.generic ins(%v, %e : ...)
    linalg.generic ins(%r : ...) outs(%c : ...) // c[d, q] * r[q]
    ```

    Only for a softmax that is computed with its maximum subtracted: no power is greater than 1, so the sum of n terms
    overflows only if a value exceeds the largest number divided by n. Infinities and NaN come out as before.

    The maximum is taken before a factor, max(x c) = max(x) c, and ignores NaN, where nothing but the softmax reads the powers:
    x - max x is NaN then, and so are the sum and everything that is divided by it. A maximum along the last dimension stays.
  }];
  let statistics = [Statistic<"numScaled", "num-scaled", "Products whose result is scaled instead of an operand">,
                    Statistic<"numMaxima", "num-maxima", "Maxima that ignore NaN">];
  let dependentDialects = ["::mlir::linalg::LinalgDialect", "::mlir::arith::ArithDialect", "::mlir::tensor::TensorDialect"];
}

def OrderLoops : Pass<"gs-order-loops"> {
  let summary = "Brings what is left of linalg into a form whose loops vectorise";
  let description = [{
    Contractions and reductions that are not gs ops become linalg.generic with the innermost dimension of the output as
    the innermost loop, so that stores are contiguous; concatenations and paddings become copies into slices.

    ```mlir
    linalg.batch_matmul ins(%a, %b : ...) outs(%c : ...)      // loops b, m, n, k
    ```
    becomes a linalg.generic with loops b, m, k, n.
  }];
  let statistics = [Statistic<"numInterchanged", "num-interchanged", "Ops whose loops were reordered">];
  let dependentDialects = ["::mlir::linalg::LinalgDialect", "::mlir::tensor::TensorDialect"];
}

def HoistAccesses : Pass<"gs-hoist-accesses"> {
  let summary = "Takes accesses to one and the same element out of loops";
  let description = [{
    A load of an element that no step of the loop writes moves in front of it. An element that a loop reads and writes
    in every step, and nothing else in the loop can touch, is carried from step to step as a value. The loops vectorise
    then, however little LLVM knows about their buffers.

    ```mlir
    scf.for %j = ... { %a = memref.load %s[%i]  %b = arith.addf %a, %x  memref.store %b, %s[%i] }
    ```
    becomes
    ```mlir
    %0 = memref.load %s[%i]
    %1 = scf.for %j = ... iter_args(%a = %0) { %b = arith.addf %a, %x  scf.yield %b }
    memref.store %1, %s[%i]
    ```
  }];
  let statistics = [Statistic<"numHoisted", "num-hoisted", "Loads moved in front of a loop">,
                    Statistic<"numPromoted", "num-promoted", "Elements carried from step to step">];
  let dependentDialects = ["::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect"];
}

def CopiesToLinalg : Pass<"gs-copies-to-linalg"> {
  let summary = "Turns memref.copy into linalg, so that copies are shared between threads";
  let description = [{
    A copy of a buffer onto itself disappears.

    ```mlir
    memref.copy %a, %b : memref<64x16xf32> to memref<64x16xf32>
    ```
    becomes a `linalg.generic` that yields its input.
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect"];
}

def PlanArena : Pass<"gs-plan-arena", "::mlir::func::FuncOp"> {
  let summary = "Places all temporary buffers in one static arena";
  let description = [{
    Every static memref.alloc at the top level of the function gets an offset in a single buffer, which becomes an
    argument of the function (`memref<Nxi8>`, attribute `gs.arena`). Lifetimes are from the first to the last use,
    through views; two buffers overlap only if their lifetimes do not (greedy by size, first fit). The peak is recorded
    as `gs.arena_bytes`.

    ```mlir
    %a = memref.alloc() : memref<64x16xf32>
    ```
    becomes
    ```mlir
    %a = memref.view %arena[%c4096][] : memref<8192xi8> to memref<64x16xf32>
    ```
  }];
  let options = [Option<"alignment", "alignment", "int64_t", "64", "Alignment of each buffer in bytes">];
  let statistics = [Statistic<"numBuffers", "num-buffers", "Buffers placed">,
                    Statistic<"arenaBytes", "arena-bytes", "Size of the arena">];
  let dependentDialects = ["::mlir::memref::MemRefDialect", "::mlir::arith::ArithDialect"];
}

def OutlineLoops : Pass<"gs-outline-loops", "::mlir::ModuleOp"> {
  let summary = "Makes a function of every loop nest of the network";
  let description = [{
    Every `scf.for` and `scf.if` at the top level of a function with an arena becomes a private function (`gs.kernel`) that
    takes the buffers and bounds it uses as arguments. Constants and views other than those into the arena are made again
    inside. Buffers that overlap no other argument are marked `llvm.noalias`. Equal layers thus have equal functions,
    which are compiled once, and different ones can be compiled at the same time. Nests that use what cannot be passed as
    a plain pointer or a number stay where they are.

    ```mlir
    scf.for %i = %begin to %end step %c1 { ... %view ... }
    ```
    becomes
    ```mlir
    call @loops(%view, %begin, %end) : (memref<64x16xf32>, index, index) -> ()
    ```
  }];
  let statistics = [Statistic<"numOutlined", "num-outlined", "Loop nests that became functions">];
  let dependentDialects = ["::mlir::func::FuncDialect", "::mlir::LLVM::LLVMDialect"];
}

def VerifyLowered : Pass<"gs-verify-lowered"> {
  let summary = "Fails where a sparsity pattern survives outside of gs ops";
  let description = [{
    Generic passes drop an encoding that they do not know (one-shot bufferization does), which would silently make a
    weight dense or read packed buffers as something else. This pass stands in front of them: a tensor whose encoding
    is a pattern, or a packed weight, may be an operand or result of gs ops only.

    ```mlir
    %y = linalg.matmul ins(%w, %x : tensor<4x8xf32, #gs.block<4x1>>, tensor<8x2xf32>) ... // error, names the operand
    ```

    With `bufferized`, gs ops must not have tensors either.
  }];
  let options = [Option<"bufferized", "bufferized", "bool", "false", "Reject gs ops on tensors too">];
  let dependentDialects = ["::mlir::gs::GSDialect"];
}

#endif // GS_TRANSFORMS_PASSES
