// RUN: gs-opt %s --split-input-file --convert-gs-to-gse --verify-diagnostics | FileCheck %s
// RUN: not gs-opt %s --split-input-file --convert-gs-to-gse="machine=gse-inorder2{cached_gather=1}" 2>&1 | FileCheck %s --check-prefix=CACHED
// CACHED: error: {{.*}} the machine has no tightly coupled memory

// Ten channels are padded to sixteen, a multiple of the sub-banks: lanes without a weight read behind them, ten activations
// are copied, and zeros stand where the others would. The density that was asked for is that of ten.
// CHECK: gse.data @product_0_indices align 32 = dense<{{\[\[}}1, 2, 9, 16, 19, 20, 21, 22]]>
// CHECK: %[[XT:.*]] = gse.tcm.alloc 48 at 0
// CHECK: gse.store %{{.*}}, %[[XT]], 16
// CHECK: gse.store %{{.*}}, %[[XT]], 32
// CHECK: gse.dma.start %{{.*}} to %[[XT]], 20
// CHECK: {elements = 10 : i64, {{.*}}nonzeros = 3 : i64
// CHECK-LABEL: func.func @padded
func.func @padded(%x: tensor<10x1xf16>) -> tensor<1x1xf16> {
  %w = gs.constant dense<[[0.0, 1.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 3.0]]> : tensor<1x10xf16> as tensor<1x10xf16, #gs.unstructured>
  %e = tensor.empty() : tensor<1x1xf16>
  %y = gs.matmul %w, %x outs(%e : tensor<1x1xf16>) : tensor<1x10xf16, #gs.unstructured>, tensor<10x1xf16> -> tensor<1x1xf16>
  return %y : tensor<1x1xf16>
}

// -----

func.func @double(%x: tensor<8x1xf64>, %e: tensor<1x1xf64>) -> tensor<1x1xf64> {
  %w = arith.constant dense<1.0> : tensor<1x8xf64>
  // expected-error @+1 {{cannot run on gse-inorder2: elements are not f16 or f32}}
  %y = gs.matmul %w, %x outs(%e : tensor<1x1xf64>) : tensor<1x8xf64>, tensor<8x1xf64> -> tensor<1x1xf64>
  return %y : tensor<1x1xf64>
}

// -----

func.func @argument(%w: tensor<1x8xf16>, %x: tensor<8x1xf16>, %e: tensor<1x1xf16>) -> tensor<1x1xf16> {
  // expected-error @+1 {{cannot run on gse-inorder2: its weight is no constant}}
  %y = gs.matmul %w, %x outs(%e : tensor<1x1xf16>) : tensor<1x8xf16>, tensor<8x1xf16> -> tensor<1x1xf16>
  return %y : tensor<1x1xf16>
}

// -----

func.func @plane(%x: tensor<1x8x16xf16>, %e: tensor<1x1x9xf16>) -> tensor<1x1x9xf16> {
  %w = arith.constant dense<1.0> : tensor<1x8x3xf16>
  // expected-error @+1 {{cannot run on gse-inorder2: its input is packed into planes already; convert before gs-assign-layout}}
  %y = gs.conv %w, %x outs(%e : tensor<1x1x9xf16>) {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 1, 1>, plane = #gs.plane<input = [9], strides = [1], phases = [1], extents = [11], pads = [1], size = 16>} : tensor<1x8x3xf16>, tensor<1x8x16xf16> -> tensor<1x1x9xf16>
  return %y : tensor<1x1x9xf16>
}
