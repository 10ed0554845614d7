//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Passes over the weights of contractions: their patterns, what is left out, how they are stored.
//
//===----------------------------------------------------------------------===//
#ifndef GS_TRANSFORMS_WEIGHTPASSES
#define GS_TRANSFORMS_WEIGHTPASSES

include "mlir/Pass/PassBase.td"

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

#endif // GS_TRANSFORMS_WEIGHTPASSES
