// A chain is one kernel, which may write the plane of what reads it.
//
// RUN: gs-opt %s --gs-compress-weights=target=x86-64-v3 --one-shot-bufferize="bufferize-function-boundaries function-boundary-type-conversion=identity-layout-map" --canonicalize --gs-write-planes > %t.mlir
// RUN: FileCheck %s < %t.mlir
// RUN: gs-opt %t.mlir --gs-to-vector=target=x86-64-v3 --canonicalize | FileCheck %s --check-prefix=CODE
// RUN: gs-opt %s --gs-compress-weights=target=x86-64-v3 --one-shot-bufferize="bufferize-function-boundaries function-boundary-type-conversion=identity-layout-map" --canonicalize --gs-write-planes --gs-to-vector="target=x86-64-v3 mark-layers" | FileCheck %s --check-prefix=MARK

// The zeros of the plane are written before the first member: nothing stands between the members.
// CHECK-LABEL: func.func @plane
// CHECK: %[[P:.*]] = memref.alloc() {{.*}} : memref<1x8x144xf32>
// CHECK: %[[INSIDE:.*]] = memref.reinterpret_cast %[[P]] to offset: [11], sizes: [1, 8, 9, 9], strides: [1152, 144, 10, 1]
// CHECK: gs.pack_plane %[[INSIDE]] outs(%[[P]]
// CHECK: gs.conv {{.*}} strategy = <"dense-tile"
// CHECK: gs.conv {{.*}} outs(%[[INSIDE]] : {{.*}} strategy = <"depthwise"
// CHECK: gs.conv %{{.*}}, %[[P]] 

// Strips of four lines: two, and one line that is left for the last thread. Strips are as many as buffers: 2 x 8 x 112.
// CODE-LABEL: func.func @plane
// CODE: memref.alloc() {{.*}}: memref<1792xf32>
// CODE-NOT: memref.copy
// CODE: call @chain{{[_0-9]*}}(
// CODE-NOT: memref.copy
// CODE: call @conv{{[_0-9]*}}(
// CODE-NOT: gs.mark_layer
// CODE-LABEL: func.func private @chain
// CODE-NOT: gs.mark_layer

// For measuring, each member says where it begins, in the loop over strips and in the shorter strip behind it.
// MARK-LABEL: func.func private @chain
// MARK: scf.for
// MARK: gs.mark_layer "first"
// MARK: gs.mark_layer "second"
// MARK: gs.mark_layer "first"
// MARK: gs.mark_layer "second"
// MARK-NOT: gs.mark_layer
func.func @plane(%x: tensor<1x8x9x9xf32>) -> tensor<1x4x9x9xf32> {
  %w = arith.constant dense<1.0> : tensor<8x8x1x1xf32>
  %d = arith.constant dense<1.0> : tensor<8x1x3x3xf32>
  %c = arith.constant dense<1.0> : tensor<4x8x3x3xf32>
  %0 = tensor.empty() : tensor<1x8x9x9xf32>
  %a = gs.conv %w, %x outs(%0 : tensor<1x8x9x9xf32>) strategy = <"dense-tile", {mr = 4, nr = 2}> {strides = array<i64: 1, 1>,
       dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
       gs.chain = {chain = 0 : i64, lines = 6 : i64, input_pitch = 0 : i64, output_pitch = 112 : i64}}
       : tensor<8x8x1x1xf32>, tensor<1x8x9x9xf32> -> tensor<1x8x9x9xf32> loc("first")
  %1 = tensor.empty() : tensor<1x8x9x9xf32>
  %b = gs.conv %d, %a outs(%1 : tensor<1x8x9x9xf32>) strategy = <"depthwise", {rows = 4, vectors = 1}> {strides = array<i64: 1, 1>,
       dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, groups = 8 : i64,
       gs.chain = {chain = 0 : i64, lines = 4 : i64, input_pitch = 112 : i64, output_pitch = 0 : i64}}
       : tensor<8x1x3x3xf32>, tensor<1x8x9x9xf32> -> tensor<1x8x9x9xf32> loc("second")
  %2 = tensor.empty() : tensor<1x8x144xf32>
  %p = gs.pack_plane %b outs(%2 : tensor<1x8x144xf32>) <input = [9, 9], strides = [1, 1], phases = [1, 1], extents = [11, 10], pads = [1, 1], size = 144>
       : tensor<1x8x9x9xf32> -> tensor<1x8x144xf32>
  %3 = tensor.empty() : tensor<1x4x9x9xf32>
  %y = gs.conv %c, %p outs(%3 : tensor<1x4x9x9xf32>) strategy = <"dense-tile", {mr = 4, nr = 2}> {strides = array<i64: 1, 1>,
       dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>,
       plane = #gs.plane<input = [9, 9], strides = [1, 1], phases = [1, 1], extents = [11, 10], pads = [1, 1], size = 144>}
       : tensor<4x8x3x3xf32>, tensor<1x8x144xf32> -> tensor<1x4x9x9xf32>
  return %y : tensor<1x4x9x9xf32>
}
