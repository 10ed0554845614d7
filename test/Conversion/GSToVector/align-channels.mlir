// Channels begin at cache lines where they are written: packs without borders are gone, and what is added lies alike.
//
// RUN: gs-opt %s --gs-align-channels | FileCheck %s
// RUN: gs-opt %s --gs-align-channels --gs-to-vector=target=x86-64-v4 --canonicalize | FileCheck %s --check-prefix=CODE

// Two writers and two readers of one buffer, a residual that is overwritten, another one that nobody packs, a pool and a
// pack with borders.
// CHECK-LABEL: func.func @block
// CHECK: %[[M:.*]] = memref.alloc() : memref<1x8x48xf32>
// CHECK: %[[Y:.*]] = memref.reinterpret_cast %[[M]] to offset: [0], sizes: [1, 8, 5, 7], strides: [384, 48, 7, 1]
// CHECK: %[[N:.*]] = memref.alloc() : memref<1x8x48xf32>
// CHECK: %[[R:.*]] = memref.reinterpret_cast %[[N]] to offset: [0], sizes: [1, 8, 5, 7], strides: [384, 48, 7, 1]
// CHECK-NOT: memref<1x8x48xf32>) <input
// CHECK: gs.conv %{{.*}} outs(%[[R]] :
// CHECK: gs.conv %{{.*}} epilogue(%[[R]] : {{.*}}) outs(%[[Y]] :
// CHECK: gs.conv %{{.*}}, %[[M]] outs(%{{.*}} : memref<1x8x5x7xf32>)
// CHECK: gs.conv %{{.*}} epilogue(%[[Y]] : {{.*}}) outs(%[[Y]] :
// CHECK: gs.pack_plane %[[Y]] outs(%{{.*}} : memref<1x8x80xf32>)
// CHECK: gs.pool sum %[[Y]]
// CHECK: gs.conv %{{.*}}, %[[M]] outs(%{{.*}} : memref<1x8x5x7xf32>)
// Nothing is copied, and vectors of 16 are stored and added 48 elements from channel to channel.
// CODE-LABEL: func.func @block
// CODE-NOT: memref.copy
// CODE: return
func.func @block(%x: memref<1x8x5x7xf32>, %z: memref<1x8x5x7xf32>, %sums: memref<1x8x1x1xf32>, %b: memref<1x8x80xf32>) {
  %w = gs.compressed_constant {indices = dense<[0, 35, 70, 105, 140, 175, 210, 245]> : tensor<8xi32>, values = dense<1.0> : tensor<2x8x4xf32>}
         : !gs.compressed<tensor<8x8x1x1xf32>, layout = panels, index_space = activation, panel_rows = 4>
  %v = gs.compressed_constant {indices = dense<[0, 48, 96, 144, 192, 240, 288, 336]> : tensor<8xi32>, values = dense<1.0> : tensor<2x8x4xf32>}
         : !gs.compressed<tensor<8x8x1x1xf32>, layout = panels, index_space = activation, panel_rows = 4>
  %y = memref.alloc() : memref<1x8x5x7xf32>
  %r = memref.alloc() : memref<1x8x5x7xf32>
  %p = memref.alloc() : memref<1x8x48xf32>
  %q = memref.alloc() : memref<1x8x48xf32>
  gs.conv %w, %x outs(%r : memref<1x8x5x7xf32>) strategy = <"dense-tile", {mr = 4, nr = 2}> {strides = array<i64: 1, 1>,
       dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>}
       : !gs.compressed<tensor<8x8x1x1xf32>, layout = panels, index_space = activation, panel_rows = 4>, memref<1x8x5x7xf32>
  gs.conv %w, %x epilogue(%r : memref<1x8x5x7xf32>) outs(%y : memref<1x8x5x7xf32>) strategy = <"dense-tile", {mr = 4, nr = 2}> {strides = array<i64: 1, 1>,
       dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>}
       : !gs.compressed<tensor<8x8x1x1xf32>, layout = panels, index_space = activation, panel_rows = 4>, memref<1x8x5x7xf32> {
  ^bb0(%s: f32, %residual: f32):
    %0 = arith.addf %s, %residual : f32
    gs.yield %0 : f32
  }
  gs.pack_plane %y outs(%p : memref<1x8x48xf32>) <input = [5, 7], strides = [1, 1], phases = [1, 1], extents = [5, 7], pads = [0, 0], size = 48> : memref<1x8x5x7xf32>
  gs.conv %v, %p outs(%z : memref<1x8x5x7xf32>) strategy = <"dense-tile", {mr = 4, nr = 2}> {strides = array<i64: 1, 1>,
       dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, plane = #gs.plane<input = [5, 7], strides = [1, 1], phases = [1, 1], extents = [5, 7], pads = [0, 0], size = 48>}
       : !gs.compressed<tensor<8x8x1x1xf32>, layout = panels, index_space = activation, panel_rows = 4>, memref<1x8x48xf32>
  gs.conv %w, %x epilogue(%y : memref<1x8x5x7xf32>) outs(%y : memref<1x8x5x7xf32>) strategy = <"dense-tile", {mr = 4, nr = 2}> {strides = array<i64: 1, 1>,
       dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>}
       : !gs.compressed<tensor<8x8x1x1xf32>, layout = panels, index_space = activation, panel_rows = 4>, memref<1x8x5x7xf32> {
  ^bb0(%s: f32, %residual: f32):
    %0 = arith.addf %s, %residual : f32
    gs.yield %0 : f32
  }
  gs.pack_plane %y outs(%q : memref<1x8x48xf32>) <input = [5, 7], strides = [1, 1], phases = [1, 1], extents = [5, 7], pads = [0, 0], size = 48> : memref<1x8x5x7xf32>
  gs.pack_plane %y outs(%b : memref<1x8x80xf32>) <input = [5, 7], strides = [1, 1], phases = [1, 1], extents = [7, 8], pads = [1, 1], size = 80> : memref<1x8x5x7xf32>
  gs.pool sum %y outs(%sums : memref<1x8x1x1xf32>) {kernel = array<i64: 5, 7>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0>}
    : memref<1x8x5x7xf32>
  gs.conv %v, %q outs(%z : memref<1x8x5x7xf32>) strategy = <"dense-tile", {mr = 4, nr = 2}> {strides = array<i64: 1, 1>,
       dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, plane = #gs.plane<input = [5, 7], strides = [1, 1], phases = [1, 1], extents = [5, 7], pads = [0, 0], size = 48>}
       : !gs.compressed<tensor<8x8x1x1xf32>, layout = panels, index_space = activation, panel_rows = 4>, memref<1x8x48xf32>
  return
}

// The plane is read when its source holds the next value.
// CHECK-LABEL: func.func @overwritten
// CHECK: gs.pack_plane {{.*}} {gs.kept = "the input is overwritten before the plane is read"}
// CODE-LABEL: func.func @overwritten
// CODE: call @pack_plane
func.func @overwritten(%x: memref<1x8x5x7xf32>, %z: memref<1x8x5x7xf32>) {
  %w = gs.compressed_constant {indices = dense<[0, 35, 70, 105, 140, 175, 210, 245]> : tensor<8xi32>, values = dense<1.0> : tensor<2x8x4xf32>}
         : !gs.compressed<tensor<8x8x1x1xf32>, layout = panels, index_space = activation, panel_rows = 4>
  %v = gs.compressed_constant {indices = dense<[0, 48, 96, 144, 192, 240, 288, 336]> : tensor<8xi32>, values = dense<1.0> : tensor<2x8x4xf32>}
         : !gs.compressed<tensor<8x8x1x1xf32>, layout = panels, index_space = activation, panel_rows = 4>
  %y = memref.alloc() : memref<1x8x5x7xf32>
  %p = memref.alloc() : memref<1x8x48xf32>
  gs.conv %w, %x outs(%y : memref<1x8x5x7xf32>) strategy = <"dense-tile", {mr = 4, nr = 2}> {strides = array<i64: 1, 1>,
       dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>}
       : !gs.compressed<tensor<8x8x1x1xf32>, layout = panels, index_space = activation, panel_rows = 4>, memref<1x8x5x7xf32>
  gs.pack_plane %y outs(%p : memref<1x8x48xf32>) <input = [5, 7], strides = [1, 1], phases = [1, 1], extents = [5, 7], pads = [0, 0], size = 48> : memref<1x8x5x7xf32>
  gs.conv %w, %x outs(%y : memref<1x8x5x7xf32>) strategy = <"dense-tile", {mr = 4, nr = 2}> {strides = array<i64: 1, 1>,
       dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>}
       : !gs.compressed<tensor<8x8x1x1xf32>, layout = panels, index_space = activation, panel_rows = 4>, memref<1x8x5x7xf32>
  gs.conv %v, %p outs(%z : memref<1x8x5x7xf32>) strategy = <"dense-tile", {mr = 4, nr = 2}> {strides = array<i64: 1, 1>,
       dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, plane = #gs.plane<input = [5, 7], strides = [1, 1], phases = [1, 1], extents = [5, 7], pads = [0, 0], size = 48>}
       : !gs.compressed<tensor<8x8x1x1xf32>, layout = panels, index_space = activation, panel_rows = 4>, memref<1x8x48xf32>
  return
}

// Its layout is the caller's.
// CHECK-LABEL: func.func @argument
// CHECK: gs.pack_plane {{.*}} {gs.kept = "the input is no buffer of this network's own"}
// CODE-LABEL: func.func @argument
// CODE: call @pack_plane
func.func @argument(%x: memref<1x8x5x7xf32>, %z: memref<1x8x5x7xf32>) {
  %w = gs.compressed_constant {indices = dense<[0, 35, 70, 105, 140, 175, 210, 245]> : tensor<8xi32>, values = dense<1.0> : tensor<2x8x4xf32>}
         : !gs.compressed<tensor<8x8x1x1xf32>, layout = panels, index_space = activation, panel_rows = 4>
  %v = gs.compressed_constant {indices = dense<[0, 48, 96, 144, 192, 240, 288, 336]> : tensor<8xi32>, values = dense<1.0> : tensor<2x8x4xf32>}
         : !gs.compressed<tensor<8x8x1x1xf32>, layout = panels, index_space = activation, panel_rows = 4>
  %p = memref.alloc() : memref<1x8x48xf32>
  gs.pack_plane %x outs(%p : memref<1x8x48xf32>) <input = [5, 7], strides = [1, 1], phases = [1, 1], extents = [5, 7], pads = [0, 0], size = 48> : memref<1x8x5x7xf32>
  gs.conv %v, %p outs(%z : memref<1x8x5x7xf32>) strategy = <"dense-tile", {mr = 4, nr = 2}> {strides = array<i64: 1, 1>,
       dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, plane = #gs.plane<input = [5, 7], strides = [1, 1], phases = [1, 1], extents = [5, 7], pads = [0, 0], size = 48>}
       : !gs.compressed<tensor<8x8x1x1xf32>, layout = panels, index_space = activation, panel_rows = 4>, memref<1x8x48xf32>
  return
}

// The layout of what is added is the caller's.
// CHECK-LABEL: func.func @added
// CHECK: gs.pack_plane {{.*}} {gs.kept = "what is added to it, or what it is added to, is no buffer of this network's own"}
// CODE-LABEL: func.func @added
// CODE: call @pack_plane
func.func @added(%x: memref<1x8x5x7xf32>, %z: memref<1x8x5x7xf32>) {
  %w = gs.compressed_constant {indices = dense<[0, 35, 70, 105, 140, 175, 210, 245]> : tensor<8xi32>, values = dense<1.0> : tensor<2x8x4xf32>}
         : !gs.compressed<tensor<8x8x1x1xf32>, layout = panels, index_space = activation, panel_rows = 4>
  %v = gs.compressed_constant {indices = dense<[0, 48, 96, 144, 192, 240, 288, 336]> : tensor<8xi32>, values = dense<1.0> : tensor<2x8x4xf32>}
         : !gs.compressed<tensor<8x8x1x1xf32>, layout = panels, index_space = activation, panel_rows = 4>
  %y = memref.alloc() : memref<1x8x5x7xf32>
  %p = memref.alloc() : memref<1x8x48xf32>
  gs.conv %w, %x epilogue(%x : memref<1x8x5x7xf32>) outs(%y : memref<1x8x5x7xf32>) strategy = <"dense-tile", {mr = 4, nr = 2}> {strides = array<i64: 1, 1>,
       dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>}
       : !gs.compressed<tensor<8x8x1x1xf32>, layout = panels, index_space = activation, panel_rows = 4>, memref<1x8x5x7xf32> {
  ^bb0(%s: f32, %residual: f32):
    %0 = arith.addf %s, %residual : f32
    gs.yield %0 : f32
  }
  gs.pack_plane %y outs(%p : memref<1x8x48xf32>) <input = [5, 7], strides = [1, 1], phases = [1, 1], extents = [5, 7], pads = [0, 0], size = 48> : memref<1x8x5x7xf32>
  gs.conv %v, %p outs(%z : memref<1x8x5x7xf32>) strategy = <"dense-tile", {mr = 4, nr = 2}> {strides = array<i64: 1, 1>,
       dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, plane = #gs.plane<input = [5, 7], strides = [1, 1], phases = [1, 1], extents = [5, 7], pads = [0, 0], size = 48>}
       : !gs.compressed<tensor<8x8x1x1xf32>, layout = panels, index_space = activation, panel_rows = 4>, memref<1x8x48xf32>
  return
}

// A kernel with packed displacements of dense channels.
// CHECK-LABEL: func.func @both
// CHECK: gs.pack_plane {{.*}} {gs.kept = "a convolution reads the input as it is, too"}
// CODE-LABEL: func.func @both
// CODE: call @pack_plane
func.func @both(%x: memref<1x8x5x7xf32>, %z: memref<1x8x5x7xf32>) {
  %w = gs.compressed_constant {indices = dense<[0, 35, 70, 105, 140, 175, 210, 245]> : tensor<8xi32>, values = dense<1.0> : tensor<2x8x4xf32>}
         : !gs.compressed<tensor<8x8x1x1xf32>, layout = panels, index_space = activation, panel_rows = 4>
  %v = gs.compressed_constant {indices = dense<[0, 48, 96, 144, 192, 240, 288, 336]> : tensor<8xi32>, values = dense<1.0> : tensor<2x8x4xf32>}
         : !gs.compressed<tensor<8x8x1x1xf32>, layout = panels, index_space = activation, panel_rows = 4>
  %y = memref.alloc() : memref<1x8x5x7xf32>
  %p = memref.alloc() : memref<1x8x48xf32>
  gs.conv %w, %x outs(%y : memref<1x8x5x7xf32>) strategy = <"dense-tile", {mr = 4, nr = 2}> {strides = array<i64: 1, 1>,
       dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>}
       : !gs.compressed<tensor<8x8x1x1xf32>, layout = panels, index_space = activation, panel_rows = 4>, memref<1x8x5x7xf32>
  gs.pack_plane %y outs(%p : memref<1x8x48xf32>) <input = [5, 7], strides = [1, 1], phases = [1, 1], extents = [5, 7], pads = [0, 0], size = 48> : memref<1x8x5x7xf32>
  gs.conv %v, %p outs(%z : memref<1x8x5x7xf32>) strategy = <"dense-tile", {mr = 4, nr = 2}> {strides = array<i64: 1, 1>,
       dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, plane = #gs.plane<input = [5, 7], strides = [1, 1], phases = [1, 1], extents = [5, 7], pads = [0, 0], size = 48>}
       : !gs.compressed<tensor<8x8x1x1xf32>, layout = panels, index_space = activation, panel_rows = 4>, memref<1x8x48xf32>
  gs.conv %w, %y outs(%z : memref<1x8x5x7xf32>) strategy = <"dense-tile", {mr = 4, nr = 2}> {strides = array<i64: 1, 1>,
       dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>}
       : !gs.compressed<tensor<8x8x1x1xf32>, layout = panels, index_space = activation, panel_rows = 4>, memref<1x8x5x7xf32>
  return
}

// Ops of other dialects.
// CHECK-LABEL: func.func @copied
// CHECK: gs.pack_plane {{.*}} {gs.kept = "others than convolutions and pools use the input, too"}
// CODE-LABEL: func.func @copied
// CODE: call @pack_plane
func.func @copied(%x: memref<1x8x5x7xf32>, %z: memref<1x8x5x7xf32>) {
  %w = gs.compressed_constant {indices = dense<[0, 35, 70, 105, 140, 175, 210, 245]> : tensor<8xi32>, values = dense<1.0> : tensor<2x8x4xf32>}
         : !gs.compressed<tensor<8x8x1x1xf32>, layout = panels, index_space = activation, panel_rows = 4>
  %v = gs.compressed_constant {indices = dense<[0, 48, 96, 144, 192, 240, 288, 336]> : tensor<8xi32>, values = dense<1.0> : tensor<2x8x4xf32>}
         : !gs.compressed<tensor<8x8x1x1xf32>, layout = panels, index_space = activation, panel_rows = 4>
  %y = memref.alloc() : memref<1x8x5x7xf32>
  %p = memref.alloc() : memref<1x8x48xf32>
  gs.conv %w, %x outs(%y : memref<1x8x5x7xf32>) strategy = <"dense-tile", {mr = 4, nr = 2}> {strides = array<i64: 1, 1>,
       dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>}
       : !gs.compressed<tensor<8x8x1x1xf32>, layout = panels, index_space = activation, panel_rows = 4>, memref<1x8x5x7xf32>
  gs.pack_plane %y outs(%p : memref<1x8x48xf32>) <input = [5, 7], strides = [1, 1], phases = [1, 1], extents = [5, 7], pads = [0, 0], size = 48> : memref<1x8x5x7xf32>
  gs.conv %v, %p outs(%z : memref<1x8x5x7xf32>) strategy = <"dense-tile", {mr = 4, nr = 2}> {strides = array<i64: 1, 1>,
       dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, plane = #gs.plane<input = [5, 7], strides = [1, 1], phases = [1, 1], extents = [5, 7], pads = [0, 0], size = 48>}
       : !gs.compressed<tensor<8x8x1x1xf32>, layout = panels, index_space = activation, panel_rows = 4>, memref<1x8x48xf32>
  memref.copy %y, %z : memref<1x8x5x7xf32> to memref<1x8x5x7xf32>
  return
}
