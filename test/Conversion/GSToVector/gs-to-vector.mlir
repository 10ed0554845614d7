// RUN: gs-opt %s --gs-to-vector=target=x86-64-v3 --split-input-file | FileCheck %s

// Every buffer of a packed weight is a constant global, aligned to a cache line; two users share it. Kernels take flat
// buffers, and the share of the running thread.
// CHECK-DAG: memref.global "private" constant @weight_values : memref<4xf32> = dense<[1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00]> {alignment = 64 : i64}
// CHECK-DAG: memref.global "private" constant @weight_indices : memref<2xi32> = dense<[0, 5]>
// CHECK-NOT: memref.global
// CHECK-LABEL: func.func @shared
// CHECK-SAME: (%[[X:[a-z0-9]+]]: memref<2x5xf32>, %[[Y:[a-z0-9]+]]: memref<2x5xf32>
// CHECK: %[[T:.*]] = gs.thread_id
// CHECK: %[[N:.*]] = gs.num_threads
// CHECK: %[[FX:.*]] = memref.collapse_shape %[[X]] {{\[\[}}0, 1]]
// CHECK: %[[FY:.*]] = memref.collapse_shape %[[Y]]
// CHECK: %[[I:.*]] = memref.get_global @weight_indices
// CHECK: %[[V:.*]] = memref.get_global @weight_values
// CHECK: call @matmul(%[[FX]], %[[I]], %[[V]], %[[FY]], %[[T]], %[[N]])
// CHECK: memref.get_global @weight_indices
// CHECK: call @matmul_0(
// CHECK-NOT: gs.compressed_constant
// CHECK: func.func private @matmul({{.*}}) attributes {gs.kernel}
func.func @shared(%x: memref<2x5xf32>, %y: memref<2x5xf32>, %z: memref<2x5xf32>) {
  %w = gs.compressed_constant {indices = dense<[0, 5]> : tensor<2xi32>, values = dense<[[[1.0, 2.0], [3.0, 4.0]]]> : tensor<1x2x2xf32>}
         : !gs.compressed<tensor<2x2xf32>, layout = panels, index_space = activation, panel_rows = 2>
  gs.matmul %w, %x outs(%y : memref<2x5xf32>) strategy = <"dense-tile", {mr = 2}>
    : !gs.compressed<tensor<2x2xf32>, layout = panels, index_space = activation, panel_rows = 2>, memref<2x5xf32>
  gs.matmul %w, %x outs(%z : memref<2x5xf32>) strategy = <"dense-tile", {mr = 2}>
    : !gs.compressed<tensor<2x2xf32>, layout = panels, index_space = activation, panel_rows = 2>, memref<2x5xf32>
  return
}

// -----

// An empty buffer stays addressable.
// CHECK: memref.global "private" constant @weight_values : memref<1xf32> = dense<0.000000e+00>
// CHECK: memref.global "private" constant @weight_offsets : memref<3xi32> = dense<0>
// CHECK: memref.global "private" constant @weight_indices : memref<1xi32> = dense<0>
func.func @empty(%x: memref<2x5xf32>, %y: memref<2x5xf32>) {
  %w = gs.compressed_constant {indices = dense<> : tensor<0xi32>, offsets = dense<0> : tensor<3xi32>, values = dense<> : tensor<0xf32>}
         : !gs.compressed<tensor<2x2xf32, #gs.unstructured>, index_space = activation>
  gs.matmul %w, %x outs(%y : memref<2x5xf32>) strategy = <"single-row-broadcast">
    : !gs.compressed<tensor<2x2xf32, #gs.unstructured>, index_space = activation>, memref<2x5xf32>
  return
}

// -----

// Epilogues: operands by shape (row, element, scalar), constants of the region and those hoisted in front of the op.
// CHECK-LABEL: func.func @epilogue
// CHECK: memref.expand_shape %{{.*}} [] output_shape [1] : memref<f32> into memref<1xf32>
// CHECK-LABEL: func.func private @matmul(
// CHECK-SAME: %{{[a-z0-9]+}}: memref<10xf32>, %{{[a-z0-9]+}}: memref<2xi32>, %{{.*}}: memref<4xf32>, %[[B:[a-z0-9]+]]: memref<2xf32>, %[[R:[a-z0-9]+]]: memref<10xf32>, %[[S:[a-z0-9]+]]: memref<1xf32>, %[[Y:[a-z0-9]+]]: memref<10xf32>, %{{.*}}: index, %{{.*}}: index)
// CHECK: %[[SUM:.*]] = vector.fma
// CHECK: %[[BIAS:.*]] = memref.load %[[B]]
// CHECK: %[[VB:.*]] = vector.broadcast %[[BIAS]] : f32 to vector<8xf32>
// CHECK: %[[VR:.*]] = vector.maskedload %[[R]]
// CHECK: %[[SCALE:.*]] = memref.load %[[S]]
// CHECK: vector.broadcast %[[SCALE]]
// CHECK: arith.mulf %{{.*}} : vector<8xf32>
// CHECK: arith.constant dense<2.000000e+00> : vector<8xf32>
// CHECK: math.exp %{{.*}} : vector<8xf32>
// CHECK: vector.maskedstore %[[Y]]
func.func @epilogue(%x: memref<2x5xf32>, %y: memref<2x5xf32>, %b: memref<2xf32>, %r: memref<2x5xf32>, %s: memref<f32>) {
  %two = arith.constant 2.0 : f32
  %w = gs.compressed_constant {indices = dense<[0, 5]> : tensor<2xi32>, values = dense<1.0> : tensor<2x2x1xf32>}
         : !gs.compressed<tensor<2x2xf32>, layout = panels, index_space = activation, panel_rows = 1>
  gs.matmul %w, %x epilogue(%b, %r, %s : memref<2xf32>, memref<2x5xf32>, memref<f32>) outs(%y : memref<2x5xf32>) strategy = <"dense-tile", {mr = 1}>
    : !gs.compressed<tensor<2x2xf32>, layout = panels, index_space = activation, panel_rows = 1>, memref<2x5xf32> {
  ^bb0(%sum: f32, %bias: f32, %residual: f32, %scale: f32):
    %one = arith.constant 1.0 : f32
    %0 = arith.mulf %sum, %scale : f32
    %1 = arith.addf %0, %bias : f32
    %2 = arith.addf %1, %residual : f32
    %3 = arith.addf %2, %one : f32
    %4 = arith.mulf %3, %two : f32
    %5 = math.exp %4 : f32
    gs.yield %5 : f32
  }
  return
}
