// RUN: gs-opt %s -split-input-file -gs-prune-weights="pattern=#gs.block<2x1> density=0.5" | FileCheck %s
// RUN: gs-opt %s -split-input-file -gs-prune-weights="pattern=nm<1:2>" | FileCheck %s --check-prefix=NM
// RUN: gs-opt %s -split-input-file -gs-prune-weights="pattern=block<2x1> density=0" | FileCheck %s --check-prefix=NONE
// RUN: gs-opt %s -split-input-file -gs-prune-weights="pattern=block<2x1> density=1" | FileCheck %s --check-prefix=ALL
// RUN: gs-opt %s -split-input-file -gs-prune-weights="pattern=permuted<#gs.block<2x1>> density=0.5" | FileCheck %s --check-prefix=PERMUTED
// RUN: gs-opt %s -split-input-file -gs-prune-weights="pattern=unified<2x2> density=0" | FileCheck %s --check-prefix=UNIFIED
// RUN: gs-opt %s -split-input-file -gs-prune-weights="pattern=polarized<2>" | FileCheck %s --check-prefix=POLARIZED
// RUN: gs-opt %s -split-input-file -gs-prune-weights="pattern=polarized<2> sign=sum score=magnitude" | FileCheck %s --check-prefix=SUM
// RUN: gs-opt %s -split-input-file -gs-prune-weights="pattern=block<2x1> complete" 2>&1 | FileCheck %s --check-prefix=COMPLETE
// RUN: gs-opt %s -split-input-file -gs-prune-weights="pattern=nm<1:2> complete" 2>&1 | FileCheck %s --check-prefix=TOO-MANY
// RUN: not gs-opt %s -split-input-file -gs-prune-weights="method=best" 2>&1 | FileCheck %s --check-prefix=NO-METHOD
// RUN: not gs-opt %s -split-input-file -gs-prune-weights="pattern=blocks" 2>&1 | FileCheck %s --check-prefix=NO-PATTERN
// RUN: not gs-opt %s -split-input-file -gs-prune-weights="density=1.5" 2>&1 | FileCheck %s --check-prefix=NO-SHARE

// NO-PATTERN: gs-prune-weights: 'blocks' is not a pattern
// NO-METHOD: gs-prune-weights: method is 'greedy' or 'exact', not 'best'
// NO-SHARE: gs-prune-weights: density is the share of weights that stay; it lies in [0, 1]

// CHECK-LABEL: func @matmul
// CHECK: gs.constant dense<{{\[\[}}0.000000e+00, 4.000000e+00], [0.000000e+00, -3.000000e+00]]> : tensor<2x2xf32> as tensor<2x2xf32, #gs.block<2x1>>
// CHECK: gs.pruned = {density = 5.000000e-01 : f64, energy = 0.83{{3+}}{{[0-9]*}} : f64, pattern = #gs.block<2x1>}
// NM-LABEL: func @matmul
// NM: gs.constant dense<{{\[\[}}0.000000e+00, 4.000000e+00], [0.000000e+00, -3.000000e+00]]> : tensor<2x2xf32> as tensor<2x2xf32, #gs.nm<1 : 2>>
// NONE-LABEL: func @matmul
// NONE: gs.constant dense<0.000000e+00> : tensor<2x2xf32> as
// NONE: density = 0.000000e+00 : f64, energy = 0.000000e+00
// ALL-LABEL: func @matmul
// ALL: gs.constant dense<{{\[\[}}1.000000e+00, 4.000000e+00], [2.000000e+00, -3.000000e+00]]> : tensor<2x2xf32> as
// ALL: density = 1.000000e+00 : f64, energy = 1.000000e+00
func.func @matmul(%x: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %w = arith.constant dense<[[1.0, 4.0], [2.0, -3.0]]> : tensor<2x2xf32>
  %e = tensor.empty() : tensor<2x4xf32>
  %y = gs.matmul %w, %x outs(%e : tensor<2x4xf32>) : tensor<2x2xf32>, tensor<2x4xf32> -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}

// -----

// What stays is a decision, not a value: of equal scores the first column stays, though it is zero.
// CHECK-LABEL: func @zeros
// CHECK: gs.constant dense<0.000000e+00> : tensor<2x2xf32> mask dense<{{\[\[}}true, false], [true, false]]> : tensor<2x2xi1> as tensor<2x2xf32, #gs.block<2x1>>
// CHECK: energy = 1.000000e+00
func.func @zeros(%x: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %w = arith.constant dense<0.0> : tensor<2x2xf32>
  %e = tensor.empty() : tensor<2x4xf32>
  %y = gs.matmul %w, %x outs(%e : tensor<2x4xf32>) : tensor<2x2xf32>, tensor<2x4xf32> -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}

// -----

// NaN counts as the largest.
// CHECK-LABEL: func @nan
// CHECK: gs.constant dense<{{\[\[}}0x7FC00000, 0.000000e+00], [1.000000e+00, 0.000000e+00]]> : tensor<2x2xf32> as tensor<2x2xf32, #gs.block<2x1>>
func.func @nan(%x: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %w = arith.constant dense<[[0x7FC00000, 90.0], [1.0, 90.0]]> : tensor<2x2xf32>
  %e = tensor.empty() : tensor<2x4xf32>
  %y = gs.matmul %w, %x outs(%e : tensor<2x4xf32>) : tensor<2x2xf32>, tensor<2x4xf32> -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}

// -----

// Rows 0, 2 and 1, 3 keep alike.
// PERMUTED-LABEL: func @rows
// PERMUTED: gs.constant dense<{{\[\[}}3.000000e+00, 0.000000e+00], [0.000000e+00, 3.000000e+00], [4.000000e+00, 0.000000e+00], [0.000000e+00, 5.000000e+00]]> : tensor<4x2xf32> row_order [0, 2, 1, 3] as tensor<4x2xf32, #gs.permuted<#gs.block<2x1>>>
// UNIFIED-LABEL: func @rows
// UNIFIED: gs.constant dense<{{\[\[}}1.750000e+00, 1.750000e+00], [1.750000e+00, 1.750000e+00], [2.750000e+00, 2.750000e+00], [2.750000e+00, 2.750000e+00]]> : tensor<4x2xf32> as tensor<4x2xf32, #gs.unified<2x2>>
func.func @rows(%x: tensor<2x4xf32>) -> tensor<4x4xf32> {
  %w = arith.constant dense<[[3.0, 0.5], [0.5, 3.0], [4.0, 1.0], [1.0, 5.0]]> : tensor<4x2xf32>
  %e = tensor.empty() : tensor<4x4xf32>
  %y = gs.matmul %w, %x outs(%e : tensor<4x4xf32>) : tensor<4x2xf32>, tensor<2x4xf32> -> tensor<4x4xf32>
  return %y : tensor<4x4xf32>
}

// -----

// More energy is positive, the sum is negative.
// POLARIZED-LABEL: func @signs
// POLARIZED: dense<{{\[\[}}0.000000e+00, 3.000000e+00], [0.000000e+00, 1.000000e+00]]> : tensor<2x2xf32> mask
// SUM-LABEL: func @signs
// SUM: dense<{{\[\[}}0.000000e+00, 3.000000e+00], [0.000000e+00, 1.000000e+00]]> : tensor<2x2xf32> mask
// COMPLETE-LABEL: func @signs
// COMPLETE: gs.constant dense<{{\[\[}}-2.000000e+00, 3.000000e+00], [0.000000e+00, 1.000000e+00]]> : tensor<2x2xf32> mask dense<true> : tensor<2x2xi1> as tensor<2x2xf32, #gs.block<2x1>>
// COMPLETE: gs.pruned = {completed = 1 : i64, density = 1.000000e+00 : f64, pattern = #gs.block<2x1>}
// TOO-MANY-LABEL: func @signs
// TOO-MANY: gs.pruned = {pattern = "dense", reason = "NM-C3: the window at row 0, column 0 keeps 2 weights, more than 1"}
func.func @signs(%x: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %w = arith.constant dense<[[-2.0, 3.0], [0.0, 1.0]]> : tensor<2x2xf32>
  %e = tensor.empty() : tensor<2x4xf32>
  %y = gs.matmul %w, %x outs(%e : tensor<2x4xf32>) : tensor<2x2xf32>, tensor<2x4xf32> -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}
