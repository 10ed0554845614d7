//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Passes over a network on tensors: what its ops are, in which orientation and order.
//
//===----------------------------------------------------------------------===//
#ifndef GS_TRANSFORMS_NETWORKPASSES
#define GS_TRANSFORMS_NETWORKPASSES

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

#endif // GS_TRANSFORMS_NETWORKPASSES
