// RUN: gs-opt %s --gs-assign-layout=target=x86-64-v3 --split-input-file | FileCheck %s --check-prefixes=CHECK,V3
// RUN: gs-opt %s --gs-assign-layout=target=x86-64-v4 --split-input-file | FileCheck %s --check-prefixes=CHECK,V4
// RUN: not gs-opt %s --gs-assign-layout=target=z80 --split-input-file 2>&1 | FileCheck %s --check-prefix=TARGET
// TARGET: error: {{.*}}z80

// Rows share zeros: the pitch is 10 + 1, not 10 + 2. The size is an odd number of lines of 16 elements.
// Convolutions that read the same input in the same geometry share a plane; another stride needs another one.
// CHECK-LABEL: func.func @shared
// CHECK-SAME: (%[[X:.*]]: tensor<1x3x9x10xf32>
// CHECK: %[[E:.*]] = tensor.empty() : tensor<1x3x144xf32>
// CHECK: %[[P:.*]] = gs.pack_plane %[[X]] outs(%[[E]] : tensor<1x3x144xf32>)
// CHECK-SAME: <input = [9, 10], strides = [1, 1], phases = [1, 1], extents = [11, 11], pads = [1, 1], size = 144>
// CHECK: gs.conv %{{.*}}, %[[P]] {{.*}}plane = #gs.plane<input = [9, 10], strides = [1, 1], phases = [1, 1], extents = [11, 11], pads = [1, 1], size = 144>
// CHECK-NOT: gs.pack_plane
// CHECK: gs.conv %{{.*}}, %[[P]]
// CHECK: %[[Q:.*]] = gs.pack_plane %[[X]]
// CHECK-SAME: strides = [2, 2], phases = [2, 2], extents = [6, {{6|8}}], pads = [1, 1]
// CHECK: gs.conv %{{.*}}, %[[Q]]
func.func @shared(%x: tensor<1x3x9x10xf32>, %w: tensor<4x3x3x3xf32>, %f: tensor<1x4x9x10xf32>, %e: tensor<1x4x5x5xf32>)
    -> (tensor<1x4x9x10xf32>, tensor<1x4x9x10xf32>, tensor<1x4x5x5xf32>) {
  %y = gs.conv %w, %x outs(%f : tensor<1x4x9x10xf32>) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>}
         : tensor<4x3x3x3xf32>, tensor<1x3x9x10xf32> -> tensor<1x4x9x10xf32>
  %z = gs.conv %w, %x outs(%f : tensor<1x4x9x10xf32>) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>}
         : tensor<4x3x3x3xf32>, tensor<1x3x9x10xf32> -> tensor<1x4x9x10xf32>
  %v = gs.conv %w, %x outs(%e : tensor<1x4x5x5xf32>) {strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 0>}
         : tensor<4x3x3x3xf32>, tensor<1x3x9x10xf32> -> tensor<1x4x5x5xf32>
  return %y, %z, %v : tensor<1x4x9x10xf32>, tensor<1x4x9x10xf32>, tensor<1x4x5x5xf32>
}

// -----

// A 1 x 1 convolution reads its input as it is, unless it has strides; then only the phase that it reads is stored.
// CHECK-LABEL: func.func @pointwise
// CHECK-NOT: gs.pack_plane
// CHECK: gs.conv %{{.*}}, %arg0
// CHECK: gs.pack_plane %arg0
// CHECK-SAME: strides = [2, 2], phases = [1, 1], extents = [5, {{[0-9]+}}], pads = [0, 0]
func.func @pointwise(%x: tensor<1x3x9x10xf32>, %w: tensor<4x3x1x1xf32>, %f: tensor<1x4x9x10xf32>, %e: tensor<1x4x5x5xf32>)
    -> (tensor<1x4x9x10xf32>, tensor<1x4x5x5xf32>) {
  %y = gs.conv %w, %x outs(%f : tensor<1x4x9x10xf32>) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>}
         : tensor<4x3x1x1xf32>, tensor<1x3x9x10xf32> -> tensor<1x4x9x10xf32>
  %z = gs.conv %w, %x outs(%e : tensor<1x4x5x5xf32>) {strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>}
         : tensor<4x3x1x1xf32>, tensor<1x3x9x10xf32> -> tensor<1x4x5x5xf32>
  return %y, %z : tensor<1x4x9x10xf32>, tensor<1x4x5x5xf32>
}

// -----

// Lines of 7 pixels at a pitch of 8: two of them fill a vector of 16, one a vector of 8.
// CHECK-LABEL: func.func @short_lines
// V3: extents = [9, 8], pads = [1, 1]
// V4: extents = [9, 8], pads = [1, 1]
// Lines of 5: a pitch of 8 is worth it on vectors of 16 only.
// V3: extents = [7, 6], pads = [1, 1]
// V4: extents = [7, 8], pads = [1, 1]
func.func @short_lines(%x: tensor<1x3x7x7xf32>, %u: tensor<1x3x5x5xf32>, %w: tensor<4x3x3x3xf32>, %e: tensor<1x4x7x7xf32>, %f: tensor<1x4x5x5xf32>)
    -> (tensor<1x4x7x7xf32>, tensor<1x4x5x5xf32>) {
  %y = gs.conv %w, %x outs(%e : tensor<1x4x7x7xf32>) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>}
         : tensor<4x3x3x3xf32>, tensor<1x3x7x7xf32> -> tensor<1x4x7x7xf32>
  %z = gs.conv %w, %u outs(%f : tensor<1x4x5x5xf32>) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>}
         : tensor<4x3x3x3xf32>, tensor<1x3x5x5xf32> -> tensor<1x4x5x5xf32>
  return %y, %z : tensor<1x4x7x7xf32>, tensor<1x4x5x5xf32>
}

// -----

// Causal, dilated, one dimension.
// CHECK-LABEL: func.func @one_dimension
// CHECK: gs.pack_plane {{.*}} <input = [40], strides = [1], phases = [1], extents = [52], pads = [12]
func.func @one_dimension(%x: tensor<1x3x40xf32>, %w: tensor<4x3x5xf32>, %e: tensor<1x4x40xf32>) -> tensor<1x4x40xf32> {
  %y = gs.conv %w, %x outs(%e : tensor<1x4x40xf32>) {strides = array<i64: 1>, dilations = array<i64: 3>, pads = array<i64: 12, 0>}
         : tensor<4x3x5xf32>, tensor<1x3x40xf32> -> tensor<1x4x40xf32>
  return %y : tensor<1x4x40xf32>
}

// -----

// A plane made in another block cannot be shared.
// CHECK-LABEL: func.func @blocks
// CHECK: scf.if
// CHECK: gs.pack_plane
// CHECK: else
// CHECK: gs.pack_plane
func.func @blocks(%c: i1, %x: tensor<1x1x8xf32>, %w: tensor<1x1x3xf32>, %e: tensor<1x1x8xf32>) -> tensor<1x1x8xf32> {
  %r = scf.if %c -> tensor<1x1x8xf32> {
    %y = gs.conv %w, %x outs(%e : tensor<1x1x8xf32>) {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 1, 1>}
           : tensor<1x1x3xf32>, tensor<1x1x8xf32> -> tensor<1x1x8xf32>
    scf.yield %y : tensor<1x1x8xf32>
  } else {
    %y = gs.conv %w, %x outs(%e : tensor<1x1x8xf32>) {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 1, 1>}
           : tensor<1x1x3xf32>, tensor<1x1x8xf32> -> tensor<1x1x8xf32>
    scf.yield %y : tensor<1x1x8xf32>
  }
  return %r : tensor<1x1x8xf32>
}

// -----

// Channels of 35 elements end within cache lines. What a convolution writes and only kernels read gets a plane without
// borders for its pointwise readers, which share it; the input of the network stays as it is, and so does what is
// returned.
// CHECK-LABEL: func.func @aligned
// CHECK-SAME: (%[[X:[a-z0-9]+]]: tensor<1x4x5x7xf32>
// CHECK: %[[A:[a-z0-9]+]] = gs.conv %{{.*}}, %[[X]]
// CHECK: %[[P:[a-z0-9]+]] = gs.pack_plane %[[A]] outs(%{{.*}} : tensor<1x4x48xf32>) <input = [5, 7], strides = [1, 1], phases = [1, 1], extents = [5, 7], pads = [0, 0], size = 48>
// CHECK: %[[B:[a-z0-9]+]] = gs.conv %{{.*}}, %[[P]]
// CHECK-NOT: gs.pack_plane
// CHECK: %[[C:[a-z0-9]+]] = gs.conv %{{.*}}, %[[P]]
// CHECK: gs.conv %{{.*}}, %[[B]]
func.func @aligned(%x: tensor<1x4x5x7xf32>, %w: tensor<4x4x1x1xf32>, %e: tensor<1x4x5x7xf32>)
    -> (tensor<1x4x5x7xf32>, tensor<1x4x5x7xf32>, tensor<1x4x5x7xf32>) {
  %a = gs.conv %w, %x outs(%e : tensor<1x4x5x7xf32>) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>}
         : tensor<4x4x1x1xf32>, tensor<1x4x5x7xf32> -> tensor<1x4x5x7xf32>
  %b = gs.conv %w, %a outs(%e : tensor<1x4x5x7xf32>) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>}
         : tensor<4x4x1x1xf32>, tensor<1x4x5x7xf32> -> tensor<1x4x5x7xf32>
  %c = gs.conv %w, %a outs(%e : tensor<1x4x5x7xf32>) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>}
         : tensor<4x4x1x1xf32>, tensor<1x4x5x7xf32> -> tensor<1x4x5x7xf32>
  %d = gs.conv %w, %b outs(%e : tensor<1x4x5x7xf32>) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>}
         : tensor<4x4x1x1xf32>, tensor<1x4x5x7xf32> -> tensor<1x4x5x7xf32>
  return %b, %c, %d : tensor<1x4x5x7xf32>, tensor<1x4x5x7xf32>, tensor<1x4x5x7xf32>
}

// -----

// Whether vectors touch two cache lines is a matter of bytes and of the vectors of the target: channels of 24 elements of
// 64 bits are three lines, those of 20 get a plane of three. Vectors of half a line touch one there, as in channels of 40
// elements of 32 bits.
// CHECK-LABEL: func.func @lines
// CHECK-SAME: (%[[X:[a-z0-9]+]]: tensor<1x4x4x6xf64>, %[[U:[a-z0-9]+]]: tensor<1x4x4x5xf64>, %[[V:[a-z0-9]+]]: tensor<1x4x5x8xf32>
// CHECK: %[[A:[a-z0-9]+]] = gs.conv %{{.*}}, %[[X]]
// CHECK-NEXT: gs.conv %{{.*}}, %[[A]]
// CHECK: %[[B:[a-z0-9]+]] = gs.conv %{{.*}}, %[[U]]
// V3-NEXT: gs.conv %{{.*}}, %[[B]]
// V4: gs.pack_plane %[[B]] outs(%{{.*}} : tensor<1x4x24xf64>) {{.*}}size = 24>
// CHECK: %[[C:[a-z0-9]+]] = gs.conv %{{.*}}, %[[V]]
// V3-NEXT: gs.conv %{{.*}}, %[[C]]
// V4: gs.pack_plane %[[C]] {{.*}}size = 48>
func.func @lines(%x: tensor<1x4x4x6xf64>, %u: tensor<1x4x4x5xf64>, %v: tensor<1x4x5x8xf32>, %w: tensor<4x4x1x1xf64>, %f: tensor<4x4x1x1xf32>,
                 %e: tensor<1x4x4x6xf64>, %g: tensor<1x4x4x5xf64>, %h: tensor<1x4x5x8xf32>)
    -> (tensor<1x4x4x6xf64>, tensor<1x4x4x5xf64>, tensor<1x4x5x8xf32>) {
  %a = gs.conv %w, %x outs(%e : tensor<1x4x4x6xf64>) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>}
         : tensor<4x4x1x1xf64>, tensor<1x4x4x6xf64> -> tensor<1x4x4x6xf64>
  %a1 = gs.conv %w, %a outs(%e : tensor<1x4x4x6xf64>) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>}
         : tensor<4x4x1x1xf64>, tensor<1x4x4x6xf64> -> tensor<1x4x4x6xf64>
  %b = gs.conv %w, %u outs(%g : tensor<1x4x4x5xf64>) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>}
         : tensor<4x4x1x1xf64>, tensor<1x4x4x5xf64> -> tensor<1x4x4x5xf64>
  %b1 = gs.conv %w, %b outs(%g : tensor<1x4x4x5xf64>) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>}
         : tensor<4x4x1x1xf64>, tensor<1x4x4x5xf64> -> tensor<1x4x4x5xf64>
  %c = gs.conv %f, %v outs(%h : tensor<1x4x5x8xf32>) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>}
         : tensor<4x4x1x1xf32>, tensor<1x4x5x8xf32> -> tensor<1x4x5x8xf32>
  %c1 = gs.conv %f, %c outs(%h : tensor<1x4x5x8xf32>) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>}
         : tensor<4x4x1x1xf32>, tensor<1x4x5x8xf32> -> tensor<1x4x5x8xf32>
  return %a1, %b1, %c1 : tensor<1x4x4x6xf64>, tensor<1x4x4x5xf64>, tensor<1x4x5x8xf32>
}
