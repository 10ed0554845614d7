// Producers write the insides of the padded planes of their readers.
//
// RUN: gs-opt %s --gs-write-planes | FileCheck %s
// RUN: gs-opt %s --gs-write-planes --gs-to-vector=target=x86-64-v3 --canonicalize | FileCheck %s --check-prefix=CODE

// Zeros first, then the inside, line by line. The plane is allocated before its first writer.
// CHECK-LABEL: func.func @pool
// CHECK-DAG: %[[P:.*]] = memref.alloc() : memref<2x3x80xf32>
// CHECK: %[[INSIDE:.*]] = memref.reinterpret_cast %[[P]] to offset: [8], sizes: [2, 3, 5, 6], strides: [240, 80, 7, 1]
// CHECK: gs.pack_plane %[[INSIDE]] outs(%[[P]] :
// CHECK-NOT: gs.kept
// CHECK: gs.pool max %{{.*}} outs(%[[INSIDE]] :
// CODE-LABEL: func.func @pool
// CODE-NOT: memref.copy
// CODE: call @plane_borders(%[[P:[a-z0-9_]*]], %[[P]],
// CODE: call @pool_{{[0-9]+}}(
// CODE-NOT: memref.copy
// CODE-LABEL: func.func @reused
// Between lines and behind the last one, with masks.
// CODE-LABEL: func.func private @plane_borders(
// CODE-NOT: vector.load
// CODE: vector.maskedstore
func.func @pool(%x: memref<2x3x10x12xf32>) {
  %y = memref.alloc() : memref<2x3x5x6xf32>
  %p = memref.alloc() : memref<2x3x80xf32>
  gs.pool max %x outs(%y : memref<2x3x5x6xf32>) {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0>}
    : memref<2x3x10x12xf32>
  gs.pack_plane %y outs(%p : memref<2x3x80xf32>) <input = [5, 6], strides = [1, 1], phases = [1, 1], extents = [7, 7], pads = [1, 1], size = 80>
    : memref<2x3x5x6xf32>
  return
}

// The buffer is written again after the pack: each producer has a plane of its own.
// CHECK-LABEL: func.func @reused
// CHECK: gs.pack_plane %{{.*}} outs({{.*}}size = 16> : memref<1x1x7xf32, strided<[16, 16, 1], offset: 1>>
// CHECK: gs.pool max %{{.*}} outs(%{{.*}} : memref<1x1x7xf32, strided
// CHECK: gs.pack_plane %{{.*}} outs({{.*}}size = 48> : memref<1x1x7xf32, strided<[48, 48, 1], offset: 2>>
// CHECK: gs.pool sum %{{.*}} outs(%{{.*}} : memref<1x1x7xf32, strided
func.func @reused(%x: memref<1x1x7xf32>) {
  %y = memref.alloc() : memref<1x1x7xf32>
  %p = memref.alloc() : memref<1x1x16xf32>
  %q = memref.alloc() : memref<1x1x48xf32>
  gs.pool max %x outs(%y : memref<1x1x7xf32>) {kernel = array<i64: 1>, strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0>} : memref<1x1x7xf32>
  gs.pack_plane %y outs(%p : memref<1x1x16xf32>) <input = [7], strides = [1], phases = [1], extents = [9], pads = [1], size = 16> : memref<1x1x7xf32>
  gs.pool sum %x outs(%y : memref<1x1x7xf32>) {kernel = array<i64: 1>, strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0>} : memref<1x1x7xf32>
  gs.pack_plane %y outs(%q : memref<1x1x48xf32>) <input = [7], strides = [1], phases = [1], extents = [11], pads = [2], size = 48> : memref<1x1x7xf32>
  return
}

// CHECK-LABEL: func.func @phases
// CHECK: gs.pool
// CHECK: gs.pack_plane {{.*}} {gs.kept = "strides split the plane in phases"}
func.func @phases(%x: memref<1x1x8xf32>) {
  %y = memref.alloc() : memref<1x1x8xf32>
  %p = memref.alloc() : memref<1x1x16xf32>
  gs.pool max %x outs(%y : memref<1x1x8xf32>) {kernel = array<i64: 1>, strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0>} : memref<1x1x8xf32>
  gs.pack_plane %y outs(%p : memref<1x1x16xf32>) <input = [8], strides = [2], phases = [2], extents = [5], pads = [1], size = 16> : memref<1x1x8xf32>
  return
}

// CHECK-LABEL: func.func @second_reader
// CHECK: gs.pack_plane {{.*}} {gs.kept = "others read the input, too"}
func.func @second_reader(%x: memref<1x1x7xf32>, %z: memref<1x1x7xf32>) {
  %y = memref.alloc() : memref<1x1x7xf32>
  %p = memref.alloc() : memref<1x1x16xf32>
  gs.pool max %x outs(%y : memref<1x1x7xf32>) {kernel = array<i64: 1>, strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0>} : memref<1x1x7xf32>
  gs.pack_plane %y outs(%p : memref<1x1x16xf32>) <input = [7], strides = [1], phases = [1], extents = [9], pads = [1], size = 16> : memref<1x1x7xf32>
  memref.copy %y, %z : memref<1x1x7xf32> to memref<1x1x7xf32>
  return
}

// CHECK-LABEL: func.func @argument
// CHECK: gs.pack_plane {{.*}} {gs.kept = "the input is no buffer of this network's own"}
func.func @argument(%x: memref<1x1x7xf32>) {
  %p = memref.alloc() : memref<1x1x16xf32>
  gs.pack_plane %x outs(%p : memref<1x1x16xf32>) <input = [7], strides = [1], phases = [1], extents = [9], pads = [1], size = 16> : memref<1x1x7xf32>
  return
}

// A view of the buffer may be read by anyone.
// CHECK-LABEL: func.func @view
// CHECK: gs.pack_plane {{.*}} {gs.kept = "others read the input, too"}
func.func @view(%x: memref<1x1x7xf32>) -> f32 {
  %c0 = arith.constant 0 : index
  %y = memref.alloc() : memref<1x1x7xf32>
  %flat = memref.collapse_shape %y [[0, 1, 2]] : memref<1x1x7xf32> into memref<7xf32>
  %p = memref.alloc() : memref<1x1x16xf32>
  gs.pool max %x outs(%y : memref<1x1x7xf32>) {kernel = array<i64: 1>, strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0>} : memref<1x1x7xf32>
  gs.pack_plane %y outs(%p : memref<1x1x16xf32>) <input = [7], strides = [1], phases = [1], extents = [9], pads = [1], size = 16> : memref<1x1x7xf32>
  %r = memref.load %flat[%c0] : memref<7xf32>
  return %r : f32
}
