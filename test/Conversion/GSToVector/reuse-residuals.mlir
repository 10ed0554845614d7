// A residual's buffer becomes that of the sum.
//
// RUN: gs-opt %s --gs-reuse-residuals | FileCheck %s

// The sums of a chain stay in one buffer.
// CHECK-LABEL: func.func @chain
// CHECK: %[[R:.*]] = memref.alloc() : memref<2x5xf32>
// CHECK-NOT: memref.alloc
// CHECK: gs.matmul %{{.*}}, %{{.*}} outs(%[[R]] : memref<2x5xf32>)
// CHECK: gs.matmul %{{.*}}, %{{.*}} epilogue(%[[R]] : memref<2x5xf32>) outs(%[[R]] : memref<2x5xf32>)
// CHECK: gs.matmul %{{.*}}, %{{.*}} epilogue(%[[R]] : memref<2x5xf32>) outs(%[[R]] : memref<2x5xf32>)
// CHECK: memref.copy %[[R]], %{{.*}}
func.func @chain(%x: memref<2x5xf32>, %out: memref<2x5xf32>) {
  %w = gs.compressed_constant {indices = dense<[0, 5]> : tensor<2xi32>, values = dense<1.0> : tensor<2x2x1xf32>}
         : !gs.compressed<tensor<2x2xf32>, layout = panels, index_space = activation, panel_rows = 1>
  %r = memref.alloc() : memref<2x5xf32>
  %y = memref.alloc() : memref<2x5xf32>
  %z = memref.alloc() : memref<2x5xf32>
  gs.matmul %w, %x outs(%r : memref<2x5xf32>) strategy = <"dense-tile", {mr = 1}>
    : !gs.compressed<tensor<2x2xf32>, layout = panels, index_space = activation, panel_rows = 1>, memref<2x5xf32>
  gs.matmul %w, %x epilogue(%r : memref<2x5xf32>) outs(%y : memref<2x5xf32>) strategy = <"dense-tile", {mr = 1}>
    : !gs.compressed<tensor<2x2xf32>, layout = panels, index_space = activation, panel_rows = 1>, memref<2x5xf32> {
  ^bb0(%s: f32, %t: f32):
    %0 = arith.addf %s, %t : f32
    gs.yield %0 : f32
  }
  gs.matmul %w, %x epilogue(%y : memref<2x5xf32>) outs(%z : memref<2x5xf32>) strategy = <"dense-tile", {mr = 1}>
    : !gs.compressed<tensor<2x2xf32>, layout = panels, index_space = activation, panel_rows = 1>, memref<2x5xf32> {
  ^bb0(%s: f32, %t: f32):
    %0 = arith.addf %s, %t : f32
    gs.yield %0 : f32
  }
  memref.copy %z, %out : memref<2x5xf32> to memref<2x5xf32>
  return
}

// Somebody reads the residual afterwards, here through a view.
// CHECK-LABEL: func.func @read_later
// CHECK: %[[R:.*]] = memref.alloc() : memref<2x5xf32>
// CHECK: %[[Y:.*]] = memref.alloc() : memref<2x5xf32>
// CHECK: gs.matmul %{{.*}}, %{{.*}} epilogue(%[[R]] : memref<2x5xf32>) outs(%[[Y]] : memref<2x5xf32>)
func.func @read_later(%x: memref<2x5xf32>, %a: memref<10xf32>, %b: memref<2x5xf32>) {
  %w = gs.compressed_constant {indices = dense<[0, 5]> : tensor<2xi32>, values = dense<1.0> : tensor<2x2x1xf32>}
         : !gs.compressed<tensor<2x2xf32>, layout = panels, index_space = activation, panel_rows = 1>
  %r = memref.alloc() : memref<2x5xf32>
  %flat = memref.collapse_shape %r [[0, 1]] : memref<2x5xf32> into memref<10xf32>
  %y = memref.alloc() : memref<2x5xf32>
  gs.matmul %w, %x epilogue(%r : memref<2x5xf32>) outs(%y : memref<2x5xf32>) strategy = <"dense-tile", {mr = 1}>
    : !gs.compressed<tensor<2x2xf32>, layout = panels, index_space = activation, panel_rows = 1>, memref<2x5xf32> {
  ^bb0(%s: f32, %t: f32):
    %0 = arith.addf %s, %t : f32
    gs.yield %0 : f32
  }
  memref.copy %flat, %a : memref<10xf32> to memref<10xf32>
  memref.copy %y, %b : memref<2x5xf32> to memref<2x5xf32>
  return
}

// The residual is the input, too, whose other elements are read again; or the memory belongs to the caller.
// CHECK-LABEL: func.func @input
// CHECK: %[[R:.*]] = memref.alloc() : memref<2x5xf32>
// CHECK: %[[Y:.*]] = memref.alloc() : memref<2x5xf32>
// CHECK: gs.matmul %{{.*}}, %[[R]] epilogue(%[[R]] : memref<2x5xf32>) outs(%[[Y]] : memref<2x5xf32>)
// CHECK: gs.matmul %{{.*}}, %{{.*}} epilogue(%[[Y]] : memref<2x5xf32>) outs(%{{[a-z0-9]*}} : memref<2x5xf32>)
func.func @input(%x: memref<2x5xf32>, %out: memref<2x5xf32>) {
  %w = gs.compressed_constant {indices = dense<[0, 5]> : tensor<2xi32>, values = dense<1.0> : tensor<2x2x1xf32>}
         : !gs.compressed<tensor<2x2xf32>, layout = panels, index_space = activation, panel_rows = 1>
  %r = memref.alloc() : memref<2x5xf32>
  %y = memref.alloc() : memref<2x5xf32>
  gs.matmul %w, %r epilogue(%r : memref<2x5xf32>) outs(%y : memref<2x5xf32>) strategy = <"dense-tile", {mr = 1}>
    : !gs.compressed<tensor<2x2xf32>, layout = panels, index_space = activation, panel_rows = 1>, memref<2x5xf32> {
  ^bb0(%s: f32, %t: f32):
    %0 = arith.addf %s, %t : f32
    gs.yield %0 : f32
  }
  gs.matmul %w, %x epilogue(%y : memref<2x5xf32>) outs(%out : memref<2x5xf32>) strategy = <"dense-tile", {mr = 1}>
    : !gs.compressed<tensor<2x2xf32>, layout = panels, index_space = activation, panel_rows = 1>, memref<2x5xf32> {
  ^bb0(%s: f32, %t: f32):
    %0 = arith.addf %s, %t : f32
    gs.yield %0 : f32
  }
  return
}

// Partial sums wait in the result while the residual is still needed.
// CHECK-LABEL: func.func @column_blocks
// CHECK: %[[R:.*]] = memref.alloc() : memref<2x5xf32>
// CHECK: %[[Y:.*]] = memref.alloc() : memref<2x5xf32>
// CHECK: gs.matmul %{{.*}}, %{{.*}} epilogue(%[[R]] : memref<2x5xf32>) outs(%[[Y]] : memref<2x5xf32>)
func.func @column_blocks(%x: memref<2x5xf32>, %out: memref<2x5xf32>) {
  %w = gs.compressed_constant {indices = dense<[0, 5]> : tensor<2xi32>, offsets = dense<[0, 1, 2, 2, 2]> : tensor<5xi32>, values = dense<[1.0, 2.0]> : tensor<2xf32>}
         : !gs.compressed<tensor<2x2xf32, #gs.unstructured>, index_space = activation, column_block = 1>
  %r = memref.alloc() : memref<2x5xf32>
  %y = memref.alloc() : memref<2x5xf32>
  gs.matmul %w, %x epilogue(%r : memref<2x5xf32>) outs(%y : memref<2x5xf32>) strategy = <"single-row-broadcast", {column_block = 1}>
    : !gs.compressed<tensor<2x2xf32, #gs.unstructured>, index_space = activation, column_block = 1>, memref<2x5xf32> {
  ^bb0(%s: f32, %t: f32):
    %0 = arith.addf %s, %t : f32
    gs.yield %0 : f32
  }
  memref.copy %y, %out : memref<2x5xf32> to memref<2x5xf32>
  return
}

// But what another member writes and nobody else reads is read at the lines that were just written.
// CHECK-LABEL: func.func @summed
// CHECK: %[[R:.*]] = memref.alloc() : memref<1x8x9x9xf32>
// CHECK-NOT: memref.alloc
// CHECK: gs.conv %{{.*}} outs(%[[R]] : memref<1x8x9x9xf32>)
// CHECK: gs.conv %{{.*}} epilogue(%[[R]] : memref<1x8x9x9xf32>) outs(%[[R]] : memref<1x8x9x9xf32>)
func.func @summed(%x: memref<1x8x9x9xf32>, %out: memref<1x8x9x9xf32>) {
  %w = gs.compressed_constant {indices = dense<[0, 81, 162, 243, 324, 405, 486, 567]> : tensor<8xi32>, values = dense<1.0> : tensor<2x8x4xf32>}
         : !gs.compressed<tensor<8x8x1x1xf32>, layout = panels, index_space = activation, panel_rows = 4>
  %r = memref.alloc() : memref<1x8x9x9xf32>
  %y = memref.alloc() : memref<1x8x9x9xf32>
  gs.conv %w, %x outs(%r : memref<1x8x9x9xf32>) strategy = <"dense-tile", {mr = 4, nr = 2}> {strides = array<i64: 1, 1>,
       dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
       gs.chain = {chain = 0 : i64, lines = 3 : i64, input_pitch = 0 : i64, output_pitch = 0 : i64}}
       : !gs.compressed<tensor<8x8x1x1xf32>, layout = panels, index_space = activation, panel_rows = 4>, memref<1x8x9x9xf32>
  gs.conv %w, %x epilogue(%r : memref<1x8x9x9xf32>) outs(%y : memref<1x8x9x9xf32>) strategy = <"dense-tile", {mr = 4, nr = 2}> {strides = array<i64: 1, 1>,
       dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
       gs.chain = {chain = 0 : i64, lines = 3 : i64, input_pitch = 0 : i64, output_pitch = 0 : i64}}
       : !gs.compressed<tensor<8x8x1x1xf32>, layout = panels, index_space = activation, panel_rows = 4>, memref<1x8x9x9xf32> {
  ^bb0(%s: f32, %v: f32):
    %0 = arith.addf %s, %v : f32
    gs.yield %0 : f32
  }
  memref.copy %y, %out : memref<1x8x9x9xf32> to memref<1x8x9x9xf32>
  return
}

// The members of a chain run at the same time: what the first one reads is not written by the last one.
// CHECK-LABEL: func.func @strips
// CHECK: %[[R:.*]] = memref.alloc() : memref<1x8x9x9xf32>
// CHECK: %[[Y:.*]] = memref.alloc() : memref<1x8x9x9xf32>
// CHECK: gs.conv %{{.*}}, %[[R]] outs(
// CHECK: gs.conv %{{.*}} epilogue(%[[R]] : memref<1x8x9x9xf32>) outs(%[[Y]] : memref<1x8x9x9xf32>)
func.func @strips(%x: memref<1x8x9x9xf32>, %out: memref<1x8x9x9xf32>) {
  %w = gs.compressed_constant {indices = dense<[0, 81, 162, 243, 324, 405, 486, 567]> : tensor<8xi32>, values = dense<1.0> : tensor<2x8x4xf32>}
         : !gs.compressed<tensor<8x8x1x1xf32>, layout = panels, index_space = activation, panel_rows = 4>
  %r = memref.alloc() : memref<1x8x9x9xf32>
  %y = memref.alloc() : memref<1x8x9x9xf32>
  %t = memref.alloc() : memref<1x8x9x9xf32>
  memref.copy %x, %r : memref<1x8x9x9xf32> to memref<1x8x9x9xf32>
  gs.conv %w, %r outs(%t : memref<1x8x9x9xf32>) strategy = <"dense-tile", {mr = 4, nr = 2}> {strides = array<i64: 1, 1>,
       dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
       gs.chain = {chain = 0 : i64, lines = 3 : i64, input_pitch = 0 : i64, output_pitch = 48 : i64}}
       : !gs.compressed<tensor<8x8x1x1xf32>, layout = panels, index_space = activation, panel_rows = 4>, memref<1x8x9x9xf32>
  gs.conv %w, %t epilogue(%r : memref<1x8x9x9xf32>) outs(%y : memref<1x8x9x9xf32>) strategy = <"dense-tile", {mr = 4, nr = 2}> {strides = array<i64: 1, 1>,
       dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
       gs.chain = {chain = 0 : i64, lines = 3 : i64, input_pitch = 48 : i64, output_pitch = 0 : i64}}
       : !gs.compressed<tensor<8x8x1x1xf32>, layout = panels, index_space = activation, panel_rows = 4>, memref<1x8x9x9xf32> {
  ^bb0(%s: f32, %v: f32):
    %0 = arith.addf %s, %v : f32
    gs.yield %0 : f32
  }
  memref.copy %y, %out : memref<1x8x9x9xf32> to memref<1x8x9x9xf32>
  return
}
