// RUN: gs-opt %s --gs-detect-pattern="target=x86-64-v3" --split-input-file --mlir-print-local-scope | FileCheck %s
// RUN: gs-opt %s --gs-detect-pattern="min-sparsity=0.8 target=x86-64-v3" --split-input-file --mlir-print-local-scope | FileCheck %s --check-prefix=HIGH
// RUN: gs-opt %s --gs-detect-pattern="remarks=true explain=true target=x86-64-v3" --split-input-file 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: not gs-opt %s --gs-detect-pattern="max-fill=0.5" --split-input-file 2>&1 | FileCheck %s --check-prefix=BAD
// BAD: error: gs-detect-pattern: min-sparsity must lie in [0, 1] and max-fill must be at least 1

// CHECK-LABEL: func @block4
// CHECK: %[[W:.*]] = gs.constant dense<{{.*}}> : tensor<8x4xf32> as tensor<8x4xf32, #gs.block<4x1>>
// CHECK: gs.matmul %[[W]], %arg0
// CHECK-SAME: gs.detected = {density = 2.500000e-01 : f64, pattern = #gs.block<4x1>, refused =
// CHECK-SAME: {candidate = "#gs.unstructured", reason = "holds, but is predicted to take {{.*}} us, #gs.block<4x1> {{.*}} us"}
// CHECK-SAME: {candidate = "#gs.filter", reason = "FL-C1: filter 0 keeps 1 weights, expected 0 or 4 {{[^"]*}}; 32 weights would be stored for 8 non-zeros (limit: 1.15 times as many)"}
// CHECK-SAME: tensor<8x4xf32, #gs.block<4x1>>, tensor<4x2xf32>
// HIGH-LABEL: func @block4
// HIGH: %[[W:.*]] = arith.constant
// HIGH: gs.detected = {density = 2.500000e-01 : f64, pattern = "dense", refused = [{candidate = "any pattern", reason = "75.0% of the weights are zero, less than the threshold of 80.0%"}]}
// REMARK: remark: weight is #gs.block<4x1>, density 25.0%
// REMARK: note: #gs.block<8x1> refused: BK-C2
func.func @block4(%x: tensor<4x2xf32>) -> tensor<8x2xf32> {
  %w = arith.constant dense<[[0.0, 1.0, 0.0, 0.0], [0.0, 2.0, 0.0, 0.0], [0.0, 3.0, 0.0, 0.0], [0.0, 4.0, 0.0, 0.0],
                             [0.0, 0.0, 0.0, 1.0], [0.0, 0.0, 0.0, 2.0], [0.0, 0.0, 0.0, 3.0], [0.0, 0.0, 0.0, 4.0]]> : tensor<8x4xf32>
  %e = tensor.empty() : tensor<8x2xf32>
  %y = gs.matmul %w, %x outs(%e : tensor<8x2xf32>) : tensor<8x4xf32>, tensor<4x2xf32> -> tensor<8x2xf32>
  return %y : tensor<8x2xf32>
}

// -----

// A NaN is a non-zero, and one accidental zero does not break a block: it becomes a kept weight.
// CHECK-LABEL: func @accidental_zero
// CHECK: gs.constant dense<{{.*}}> : tensor<8x2xf32> mask dense<{{\[\[}}true, false], [true, false], [true, false], [true, false], [true, false], [true, false], [true, false], [true, false]]> : tensor<8x2xi1> as tensor<8x2xf32, #gs.column>
// CHECK: gs.detected = {completed = 1 : i64, density = 5.000000e-01 : f64
func.func @accidental_zero(%x: tensor<2x2xf32>) -> tensor<8x2xf32> {
  %w = arith.constant dense<[[1.0, 0.0], [2.0, 0.0], [0x7FC00000, 0.0], [0.0, 0.0], [5.0, 0.0], [6.0, 0.0], [7.0, 0.0], [8.0, 0.0]]> : tensor<8x2xf32>
  %e = tensor.empty() : tensor<8x2xf32>
  %y = gs.matmul %w, %x outs(%e : tensor<8x2xf32>) : tensor<8x2xf32>, tensor<2x2xf32> -> tensor<8x2xf32>
  return %y : tensor<8x2xf32>
}

// -----

// GS(8,8), every row holds each residue mod 8 equally often; and GS(8,4), which needs fewer offsets.
// CHECK-LABEL: func @gs8
// CHECK: gs.constant {{.*}} as tensor<2x24xf32, #gs.gather_scatter<banks = 8, width = 4>>
// CHECK: {candidate = "#gs.gather_scatter<banks = 8, width = 8>", reason = "holds and is predicted to be as fast, but {{[^"]*}} takes {{[0-9]+}} bytes, this {{[0-9]+}}"}
func.func @gs8(%x: tensor<24x2xf32>) -> tensor<2x2xf32> {
  %w = arith.constant dense<[[1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
                             [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0]]> : tensor<2x24xf32>
  %e = tensor.empty() : tensor<2x2xf32>
  %y = gs.matmul %w, %x outs(%e : tensor<2x2xf32>) : tensor<2x24xf32>, tensor<24x2xf32> -> tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}

// -----

// Without structure; the mask of a sparse initialiser is authoritative (one kept zero).
// CHECK-LABEL: func @unstructured
// CHECK: gs.constant dense<{{.*}}> : tensor<3x5xf32> mask dense<{{\[\[}}true, true, true, false, false], [false, false, false, false, false], [false, false, false, false, true]]> : tensor<3x5xi1> as tensor<3x5xf32, #gs.unstructured>
func.func @unstructured(%x: tensor<5x2xf32>) -> tensor<3x2xf32> {
  %w = arith.constant {onnx.mask = dense<[[true, true, true, false, false], [false, false, false, false, false], [false, false, false, false, true]]> : tensor<3x5xi1>}
         dense<[[1.0, 0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 1.0]]> : tensor<3x5xf32>
  %e = tensor.empty() : tensor<3x2xf32>
  %y = gs.matmul %w, %x outs(%e : tensor<3x2xf32>) : tensor<3x5xf32>, tensor<5x2xf32> -> tensor<3x2xf32>
  return %y : tensor<3x2xf32>
}

// -----

// Too few zeros: dense, with the reason. One constant for two layers is searched once.
// CHECK-LABEL: func @dense
// CHECK: %[[W:.*]] = arith.constant dense
// CHECK: gs.matmul %[[W]], %arg0
// CHECK-SAME: pattern = "dense", refused = [{candidate = "any pattern", reason = "6.2% of the weights are zero, less than the threshold of 10.0%"}]
// CHECK: gs.matmul %[[W]]
// CHECK-SAME: pattern = "dense"
func.func @dense(%x: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %w = arith.constant dense<[[1.0, 0.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0]]> : tensor<4x4xf32>
  %e = tensor.empty() : tensor<4x4xf32>
  %y = gs.matmul %w, %x outs(%e : tensor<4x4xf32>) : tensor<4x4xf32>, tensor<4x4xf32> -> tensor<4x4xf32>
  %z = gs.matmul %w, %y outs(%e : tensor<4x4xf32>) : tensor<4x4xf32>, tensor<4x4xf32> -> tensor<4x4xf32>
  return %z : tensor<4x4xf32>
}

// -----

// Blocks must not straddle convolution groups (6 rows each); depthwise convolutions stay dense.
// CHECK-LABEL: func @groups
// CHECK: gs.constant {{.*}} as tensor<12x2x1xf32, #gs.block<2x1>>
// CHECK: gs.conv
// CHECK-SAME: {candidate = "#gs.block<4x1>", reason = "a convolution group has 6 rows, which bundles of 4 rows straddle"}
// CHECK: gs.conv
// CHECK-SAME: pattern = "dense", refused = [{candidate = "any pattern", reason = "depthwise convolutions stay dense"}]
func.func @groups(%x: tensor<1x4x5xf32>) -> tensor<1x12x5xf32> {
  %w = arith.constant dense<[[[1.0], [0.0]], [[1.0], [0.0]], [[1.0], [0.0]], [[1.0], [0.0]], [[0.0], [1.0]], [[0.0], [1.0]],
                             [[0.0], [1.0]], [[0.0], [1.0]], [[1.0], [0.0]], [[1.0], [0.0]], [[1.0], [0.0]], [[1.0], [0.0]]]> : tensor<12x2x1xf32>
  %d = arith.constant dense<[[[0.0]], [[0.0]], [[0.0]], [[1.0]], [[1.0]], [[1.0]], [[1.0]], [[1.0]], [[1.0]], [[1.0]], [[0.0]], [[0.0]]]> : tensor<12x1x1xf32>
  %e = tensor.empty() : tensor<1x12x5xf32>
  %y = gs.conv %w, %x outs(%e : tensor<1x12x5xf32>) {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 0>, groups = 2 : i64}
         : tensor<12x2x1xf32>, tensor<1x4x5xf32> -> tensor<1x12x5xf32>
  %z = gs.conv %d, %y outs(%e : tensor<1x12x5xf32>) {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 0>, groups = 12 : i64}
         : tensor<12x1x1xf32>, tensor<1x12x5xf32> -> tensor<1x12x5xf32>
  return %z : tensor<1x12x5xf32>
}

// -----

// A pattern written by hand is kept, although a wider block fits.
// CHECK-LABEL: func @written
// CHECK: gs.constant {{.*}} as tensor<8x2xf32, #gs.block<4x1>>
// CHECK: gs.detected = {density = 5.000000e-01 : f64, pattern = #gs.block<4x1>, refused = []}
func.func @written(%x: tensor<2x2xf32>) -> tensor<8x2xf32> {
  %w = gs.constant dense<[[1.0, 0.0], [1.0, 0.0], [1.0, 0.0], [1.0, 0.0], [1.0, 0.0], [1.0, 0.0], [1.0, 0.0], [1.0, 0.0]]> : tensor<8x2xf32>
         as tensor<8x2xf32, #gs.block<4x1>>
  %e = tensor.empty() : tensor<8x2xf32>
  %y = gs.matmul %w, %x outs(%e : tensor<8x2xf32>) : tensor<8x2xf32, #gs.block<4x1>>, tensor<2x2xf32> -> tensor<8x2xf32>
  return %y : tensor<8x2xf32>
}

// -----

// 2:4 without anything else; no weight is kept of the last.
// CHECK-LABEL: func @nm
// CHECK: gs.constant {{.*}} as tensor<2x8xf32, #gs.nm<2 : 4>>
// CHECK: gs.constant {{.*}} as tensor<2x2xf32, #gs.unstructured>
func.func @nm(%x: tensor<8x2xf32>) -> tensor<2x2xf32> {
  %w = arith.constant dense<[[1.0, 1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0], [1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 1.0]]> : tensor<2x8xf32>
  %z = arith.constant dense<0.0> : tensor<2x2xf32>
  %e = tensor.empty() : tensor<2x2xf32>
  %y = gs.matmul %w, %x outs(%e : tensor<2x2xf32>) : tensor<2x8xf32>, tensor<8x2xf32> -> tensor<2x2xf32>
  %r = gs.matmul %z, %y outs(%e : tensor<2x2xf32>) : tensor<2x2xf32>, tensor<2x2xf32> -> tensor<2x2xf32>
  return %r : tensor<2x2xf32>
}
