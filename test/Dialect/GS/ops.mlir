// RUN: gs-opt %s | FileCheck %s
// Text and bytecode hold everything: printed again, parsed generically, and read back from bytecode.
// RUN: gs-opt %s > %t.once && gs-opt %t.once | diff %t.once -
// RUN: gs-opt %s --mlir-print-op-generic | gs-opt | diff %t.once -
// RUN: gs-opt %s --emit-bytecode | gs-opt | diff %t.once -

// CHECK-LABEL: func.func @constants
func.func @constants() {
  // CHECK: gs.constant dense<{{\[\[}}1.000000e+00, 0.000000e+00], [0.000000e+00, 2.000000e+00]]> : tensor<2x2xf32> as tensor<2x2xf32, #gs.unstructured>
  %0 = gs.constant dense<[[1.0, 0.0], [0.0, 2.0]]> : tensor<2x2xf32> as tensor<2x2xf32, #gs.unstructured>
  // A kept weight may be zero.
  // CHECK: gs.constant dense<0.000000e+00> : tensor<2x2xf32> mask dense<true> : tensor<2x2xi1> as tensor<2x2xf32, #gs.unstructured>
  %1 = gs.constant dense<0.0> : tensor<2x2xf32> mask dense<true> : tensor<2x2xi1> as tensor<2x2xf32, #gs.unstructured>
  // CHECK: gs.constant dense_resource<weight> : tensor<4x2xf32> as tensor<4x2xf32, #gs.block<4x1>>
  %2 = gs.constant dense_resource<weight> : tensor<4x2xf32> as tensor<4x2xf32, #gs.block<4x1>>
  // CHECK: %[[C:.*]] = gs.compressed_constant {indices = dense<[0, 1]> : tensor<2xi32>, offsets = dense<[0, 1, 2]> : tensor<3xi32>,
  // CHECK-SAME: values = dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf32>}
  // CHECK-SAME: : !gs.compressed<tensor<2x2xf32, #gs.unstructured>, layout = split, index_space = column, index = i32>
  %c = gs.compressed_constant {indices = dense<[0, 1]> : tensor<2xi32>, offsets = dense<[0, 1, 2]> : tensor<3xi32>,
                               values = dense<[1.0, 2.0]> : tensor<2xf32>}
         : !gs.compressed<tensor<2x2xf32, #gs.unstructured>>
  // CHECK: gs.decompress %[[C]] : !gs.compressed<tensor<2x2xf32, #gs.unstructured>, layout = split, index_space = column, index = i32> to tensor<2x2xf32>
  %d = gs.decompress %c : !gs.compressed<tensor<2x2xf32, #gs.unstructured>> to tensor<2x2xf32>
  // CHECK: gs.compressed_constant {{.*}}layout = panels, index_space = activation, index = i32, panel_rows = 2>
  %p = gs.compressed_constant {indices = dense<[0, 5]> : tensor<2xi32>, values = dense<1.0> : tensor<1x2x2xf32>}
         : !gs.compressed<tensor<2x2xf32>, layout = panels, index_space = activation, index = i32, panel_rows = 2>
  return
}

// CHECK-LABEL: func.func @matmul
func.func @matmul(%w: tensor<4x3xf32>, %s: tensor<4x3xf32, #gs.block<4x1>>, %x: tensor<3x5xf32>, %e: tensor<4x5xf32>,
                  %xb: tensor<2x6x3x5xf32>, %eb: tensor<2x6x4x5xf32>) -> tensor<4x5xf32> {
  // CHECK: gs.matmul %{{.*}}, %{{.*}} outs(%{{.*}} : tensor<4x5xf32>) : tensor<4x3xf32>, tensor<3x5xf32> -> tensor<4x5xf32>
  %0 = gs.matmul %w, %x outs(%e : tensor<4x5xf32>) : tensor<4x3xf32>, tensor<3x5xf32> -> tensor<4x5xf32>
  // CHECK: gs.matmul {{.*}} strategy = <"row-group-broadcast", {mr = 4 : i64, nr = 2 : i64}> : tensor<4x3xf32, #gs.block<4x1>>
  %1 = gs.matmul %s, %x outs(%e : tensor<4x5xf32>) strategy = <"row-group-broadcast", {mr = 4, nr = 2}>
         : tensor<4x3xf32, #gs.block<4x1>>, tensor<3x5xf32> -> tensor<4x5xf32>
  // CHECK: gs.matmul {{.*}} strategy = <"my-own"> {note = "kept"} : tensor<4x3xf32>, tensor<2x6x3x5xf32> -> tensor<2x6x4x5xf32>
  %2 = gs.matmul %w, %xb outs(%eb : tensor<2x6x4x5xf32>) strategy = <"my-own"> {note = "kept"}
         : tensor<4x3xf32>, tensor<2x6x3x5xf32> -> tensor<2x6x4x5xf32>
  return %0 : tensor<4x5xf32>
}

// CHECK-LABEL: func.func @epilogue
func.func @epilogue(%w: tensor<4x3xf32>, %x: tensor<3x5xf32>, %e: tensor<4x5xf32>, %bias: tensor<4xf32>, %r: tensor<4x5xf32>,
                    %scale: tensor<f32>, %cond: tensor<4xi1>) -> tensor<4x5xf32> {
  // CHECK: gs.matmul %{{.*}}, %{{.*}} epilogue(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} : tensor<4xf32>, tensor<4x5xf32>, tensor<f32>, tensor<4xi1>)
  // CHECK-NEXT: ^bb0(%[[S:.*]]: f32, %[[B:.*]]: f32, %[[R:.*]]: f32, %[[SC:.*]]: f32, %[[C:.*]]: i1):
  // CHECK: arith.select %[[C]]
  // CHECK: gs.yield
  %0 = gs.matmul %w, %x epilogue(%bias, %r, %scale, %cond : tensor<4xf32>, tensor<4x5xf32>, tensor<f32>, tensor<4xi1>)
         outs(%e : tensor<4x5xf32>) : tensor<4x3xf32>, tensor<3x5xf32> -> tensor<4x5xf32> {
  ^bb0(%s: f32, %b: f32, %q: f32, %c: f32, %z: i1):
    %zero = arith.constant 0.0 : f32
    %1 = arith.mulf %s, %c : f32
    %2 = arith.addf %1, %b : f32
    %3 = arith.addf %2, %q : f32
    %4 = arith.select %z, %3, %zero : f32
    gs.yield %4 : f32
  }
  return %0 : tensor<4x5xf32>
}

// CHECK-LABEL: func.func @conv
func.func @conv(%w1: tensor<4x3x3xf32>, %x1: tensor<1x3x9xf32>, %e1: tensor<1x4x5xf32>,
                %w2: tensor<4x1x3x2xf32>, %x2: tensor<2x2x7x8xf32>, %e2: tensor<2x4x3x7xf32>,
                %w3: tensor<4x3x1x1x1xf32>, %x3: tensor<1x3x2x3x4xf32>, %e3: tensor<1x4x2x3x4xf32>) {
  // CHECK: gs.conv %{{.*}}, %{{.*}} outs(%{{.*}} : tensor<1x4x5xf32>) {dilations = array<i64: 1>, pads = array<i64: 1, 1>, strides = array<i64: 2>}
  // CHECK-SAME: : tensor<4x3x3xf32>, tensor<1x3x9xf32> -> tensor<1x4x5xf32>
  %0 = gs.conv %w1, %x1 outs(%e1 : tensor<1x4x5xf32>) {strides = array<i64: 2>, dilations = array<i64: 1>, pads = array<i64: 1, 1>}
         : tensor<4x3x3xf32>, tensor<1x3x9xf32> -> tensor<1x4x5xf32>
  // CHECK: gs.conv {{.*}}groups = 2 : i64
  %1 = gs.conv %w2, %x2 outs(%e2 : tensor<2x4x3x7xf32>) {strides = array<i64: 2, 1>, dilations = array<i64: 1, 1>,
           pads = array<i64: 0, 0, 0, 0>, groups = 2}
         : tensor<4x1x3x2xf32>, tensor<2x2x7x8xf32> -> tensor<2x4x3x7xf32>
  // CHECK: gs.conv {{.*}} -> tensor<1x4x2x3x4xf32>
  %2 = gs.conv %w3, %x3 outs(%e3 : tensor<1x4x2x3x4xf32>) {strides = array<i64: 1, 1, 1>, dilations = array<i64: 1, 1, 1>,
           pads = array<i64: 0, 0, 0, 0, 0, 0>}
         : tensor<4x3x1x1x1xf32>, tensor<1x3x2x3x4xf32> -> tensor<1x4x2x3x4xf32>
  return
}

// CHECK-LABEL: func.func @plane
func.func @plane(%w: tensor<4x3x3xf32>, %x: tensor<1x3x9xf32>, %e: tensor<1x3x48xf32>, %o: tensor<1x4x9xf32>) -> tensor<1x4x9xf32> {
  // CHECK: %[[P:.*]] = gs.pack_plane %{{.*}} outs(%{{.*}} : tensor<1x3x48xf32>)
  // CHECK-SAME: <input = [9], strides = [1], phases = [1], extents = [10], pads = [1], size = 48> : tensor<1x3x9xf32> -> tensor<1x3x48xf32>
  %p = gs.pack_plane %x outs(%e : tensor<1x3x48xf32>)
         <input = [9], strides = [1], phases = [1], extents = [10], pads = [1], size = 48> : tensor<1x3x9xf32> -> tensor<1x3x48xf32>
  // CHECK: gs.conv %{{.*}}, %[[P]] {{.*}}plane = #gs.plane<input = [9], strides = [1], phases = [1], extents = [10], pads = [1], size = 48>
  %y = gs.conv %w, %p outs(%o : tensor<1x4x9xf32>) {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 1, 1>,
         plane = #gs.plane<input = [9], strides = [1], phases = [1], extents = [10], pads = [1], size = 48>}
         : tensor<4x3x3xf32>, tensor<1x3x48xf32> -> tensor<1x4x9xf32>
  return %y : tensor<1x4x9xf32>
}

// CHECK-LABEL: func.func @buffers
func.func @buffers(%w: !gs.compressed<tensor<4x3xf32, #gs.block<4x1>>, index_space = activation>, %x: memref<3x5xf32>,
                   %b: memref<4xf32>, %y: memref<4x5xf32>, %i: memref<1x3x9xf32>, %p: memref<1x3x48xf32>) {
  // CHECK: gs.matmul %{{.*}}, %{{.*}} epilogue(%{{.*}} : memref<4xf32>) outs(%{{.*}} : memref<4x5xf32>)
  // CHECK-SAME: : !gs.compressed<tensor<4x3xf32, #gs.block<4x1>>, layout = split, index_space = activation, index = i32>, memref<3x5xf32> {
  gs.matmul %w, %x epilogue(%b : memref<4xf32>) outs(%y : memref<4x5xf32>)
    : !gs.compressed<tensor<4x3xf32, #gs.block<4x1>>, index_space = activation>, memref<3x5xf32> {
  ^bb0(%s: f32, %t: f32):
    %0 = arith.addf %s, %t : f32
    gs.yield %0 : f32
  }
  // CHECK: gs.pack_plane %{{.*}} outs(%{{.*}} : memref<1x3x48xf32>) <{{.*}}> : memref<1x3x9xf32>
  gs.pack_plane %i outs(%p : memref<1x3x48xf32>) <input = [9], strides = [1], phases = [1], extents = [10], pads = [1], size = 48>
    : memref<1x3x9xf32>
  return
}

// CHECK-LABEL: func.func @threads
func.func @threads() -> (index, index) {
  // CHECK: gs.thread_id
  %0 = gs.thread_id
  // CHECK: gs.num_threads
  %1 = gs.num_threads
  // CHECK: gs.barrier
  gs.barrier
  return %0, %1 : index, index
}

{-#
  dialect_resources: {
    builtin: {
      weight: "0x040000000000803F00000000000000400000000000004040000000000000804000000000"
    }
  }
#-}
