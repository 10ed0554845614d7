// RUN: gs-opt %s --gs-fuse-chains=target=emerald-rapids --split-input-file | FileCheck %s
// RUN: gs-opt %s --gs-fuse-chains="target=emerald-rapids mode=always lines=5" --split-input-file | FileCheck %s --check-prefix=FIVE
// RUN: gs-opt %s --gs-fuse-chains="target=emerald-rapids mode=never" --split-input-file | FileCheck %s --check-prefix=NEVER
// RUN: gs-opt %s --gs-fuse-chains="target=emerald-rapids threads=2" --split-input-file | FileCheck %s --check-prefix=TWO
// RUN: not gs-opt %s --gs-fuse-chains=mode=often --split-input-file 2>&1 | FileCheck %s --check-prefix=MODE
// MODE: error: gs-fuse-chains: mode must be 'auto', 'always' or 'never', got 'often'
// NEVER-NOT: gs.chain

// 3.2 MB between a pointwise and a depthwise convolution: they run in strips. The pitch of the strip has room for the lines
// of zeros above and below; each member has a buffer of its own.
// CHECK-LABEL: func.func @large
// CHECK: gs.conv {{.*}} gs.chain = {chain = 0 : i64, input_pitch = 0 : i64, lines = [[LINES:[0-9]+]] : i64, output_pitch = [[PITCH:[0-9]+]] : i64}
// CHECK-SAME: gs.chain_note = "2 layers in strips of {{[0-9]+}} lines: 3.2 MB between them stay in the cache, {{.*}} us less; {{.*}} us more for lines computed twice and short strips"
// CHECK: gs.conv {{.*}} gs.chain = {chain = 0 : i64, input_pitch = [[PITCH]] : i64, lines = {{[0-9]+}} : i64, output_pitch = 0 : i64}
// Of two threads it is known that they wait at no barrier between the members.
// TWO-LABEL: func.func @large
// TWO: gs.chain_note = "2 layers in strips of {{[0-9]+}} lines: 3.2 MB between them stay in the cache and barriers are left out, {{.*}} us less;
// With five lines of the last layer, eleven of the first: (5 - 1) * 2 + 3.
// FIVE-LABEL: func.func @large
// FIVE: gs.conv {{.*}} lines = 11 : i64, output_pitch = 1456 : i64}
// FIVE: gs.conv {{.*}} input_pitch = 1456 : i64, lines = 5 : i64, output_pitch = 0 : i64}
func.func @large(%x: tensor<1x32x112x112xf32>) -> tensor<1x64x56x56xf32> {
  %w = arith.constant dense<1.0> : tensor<64x32x1x1xf32>
  %d = arith.constant dense<1.0> : tensor<64x1x3x3xf32>
  %e = tensor.empty() : tensor<1x64x112x112xf32>
  %a = gs.conv %w, %x outs(%e : tensor<1x64x112x112xf32>) strategy = <"dense-tile", {mr = 4, nr = 6}> {strides = array<i64: 1, 1>,
       dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : tensor<64x32x1x1xf32>, tensor<1x32x112x112xf32> -> tensor<1x64x112x112xf32>
  %f = tensor.empty() : tensor<1x64x56x56xf32>
  %y = gs.conv %d, %a outs(%f : tensor<1x64x56x56xf32>) strategy = <"depthwise", {rows = 4, vectors = 2}> {strides = array<i64: 2, 2>,
       dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, groups = 64 : i64} : tensor<64x1x3x3xf32>, tensor<1x64x112x112xf32> -> tensor<1x64x56x56xf32>
  return %y : tensor<1x64x56x56xf32>
}

// -----

// A convolution that reads a plane may be the first member: its lines begin where those of the plane do. In front of a
// pointwise one it is only where all chains are wanted.
// CHECK-LABEL: func.func @stem
// CHECK: gs.conv {{.*}} gs.chain = {chain = 0 : i64, input_pitch = 0 : i64, lines = [[LINES:[0-9]+]] : i64, output_pitch = [[PITCH:[0-9]+]] : i64}{{.*}} plane =
// CHECK: gs.conv {{.*}} gs.chain = {chain = 0 : i64, input_pitch = [[PITCH]] : i64, lines = {{[0-9]+}} : i64, output_pitch = 0 : i64}
// CHECK-NOT: gs.chain =
// FIVE-LABEL: func.func @stem
// FIVE: gs.conv {{.*}} input_pitch = 0 : i64, lines = 7 : i64, output_pitch = 1008 : i64}{{.*}} plane =
// FIVE: gs.conv {{.*}} input_pitch = 1008 : i64, lines = 5 : i64, output_pitch = 0 : i64}
// FIVE: gs.conv {{.*}} input_pitch = 0 : i64, lines = 5 : i64, output_pitch = {{[0-9]+}} : i64}{{.*}} plane =
func.func @stem(%x: tensor<1x3x51088xf32>) -> (tensor<1x64x112x112xf32>, tensor<1x64x112x112xf32>) {
  %w = arith.constant dense<1.0> : tensor<64x3x3x3xf32>
  %d = arith.constant dense<1.0> : tensor<64x1x3x3xf32>
  %v = arith.constant dense<1.0> : tensor<64x64x1x1xf32>
  %e = tensor.empty() : tensor<1x64x112x112xf32>
  %a = gs.conv %w, %x outs(%e : tensor<1x64x112x112xf32>) strategy = <"dense-tile", {mr = 4, nr = 6}> {strides = array<i64: 2, 2>,
       dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>,
       plane = #gs.plane<input = [224, 224], strides = [2, 2], phases = [2, 2], extents = [113, 113], pads = [1, 1], size = 51088>}
       : tensor<64x3x3x3xf32>, tensor<1x3x51088xf32> -> tensor<1x64x112x112xf32>
  %y = gs.conv %d, %a outs(%e : tensor<1x64x112x112xf32>) strategy = <"depthwise", {rows = 4, vectors = 2}> {strides = array<i64: 1, 1>,
       dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, groups = 64 : i64} : tensor<64x1x3x3xf32>, tensor<1x64x112x112xf32> -> tensor<1x64x112x112xf32>
  %b = gs.conv %w, %x outs(%e : tensor<1x64x112x112xf32>) strategy = <"dense-tile", {mr = 4, nr = 6}> {strides = array<i64: 2, 2>,
       dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>,
       plane = #gs.plane<input = [224, 224], strides = [2, 2], phases = [2, 2], extents = [113, 113], pads = [1, 1], size = 51088>}
       : tensor<64x3x3x3xf32>, tensor<1x3x51088xf32> -> tensor<1x64x112x112xf32>
  %z = gs.conv %v, %b outs(%e : tensor<1x64x112x112xf32>) strategy = <"dense-tile", {mr = 4, nr = 6}> {strides = array<i64: 1, 1>,
       dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : tensor<64x64x1x1xf32>, tensor<1x64x112x112xf32> -> tensor<1x64x112x112xf32>
  return %y, %z : tensor<1x64x112x112xf32>, tensor<1x64x112x112xf32>
}

// -----

// What two layers read stays whole, and so does what lies behind a depthwise convolution that no pointwise one feeds.
// CHECK-LABEL: func.func @shared
// CHECK-NOT: gs.chain =
// FIVE-LABEL: func.func @shared
// FIVE-NOT: gs.chain =
func.func @shared(%x: tensor<1x32x112x112xf32>) -> (tensor<1x64x56x56xf32>, tensor<1x64x112x112xf32>) {
  %w = arith.constant dense<1.0> : tensor<64x32x1x1xf32>
  %d = arith.constant dense<1.0> : tensor<64x1x3x3xf32>
  %e = tensor.empty() : tensor<1x64x112x112xf32>
  %a = gs.conv %w, %x outs(%e : tensor<1x64x112x112xf32>) strategy = <"dense-tile", {mr = 4, nr = 6}> {strides = array<i64: 1, 1>,
       dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : tensor<64x32x1x1xf32>, tensor<1x32x112x112xf32> -> tensor<1x64x112x112xf32>
  %f = tensor.empty() : tensor<1x64x56x56xf32>
  %y = gs.conv %d, %a outs(%f : tensor<1x64x56x56xf32>) strategy = <"depthwise", {rows = 4, vectors = 2}> {strides = array<i64: 2, 2>,
       dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, groups = 64 : i64} : tensor<64x1x3x3xf32>, tensor<1x64x112x112xf32> -> tensor<1x64x56x56xf32>
  return %y, %a : tensor<1x64x56x56xf32>, tensor<1x64x112x112xf32>
}

// -----

// A block of a residual network: the sum of two convolutions, which a third one reads, and a fourth one later. It is written
// for that one, and read by the third while its lines are in the cache.
// CHECK-LABEL: func.func @block
// CHECK: gs.conv {{.*}} gs.chain = {chain = 0 : i64, input_pitch = 0 : i64, lines = [[LINES:[0-9]+]] : i64, output_pitch = 0 : i64}
// CHECK-SAME: gs.chain_note = "3 layers in strips of {{[0-9]+}} lines: 6.4 MB between them stay in the cache
// CHECK: gs.conv {{.*}} gs.chain = {chain = 0 : i64, input_pitch = 0 : i64, lines = [[LINES]] : i64, output_pitch = 0 : i64}
// CHECK: gs.conv {{.*}} gs.chain = {chain = 0 : i64, input_pitch = 0 : i64, lines = [[LINES]] : i64, output_pitch = 0 : i64}
// CHECK-NOT: gs.chain =
// FIVE-LABEL: func.func @block
// FIVE-COUNT-3: lines = 5 : i64
func.func @block(%x: tensor<1x64x56x56xf32>, %t: tensor<1x64x56x56xf32>) -> (tensor<1x64x56x56xf32>, tensor<1x256x28x28xf32>) {
  %w = arith.constant dense<1.0> : tensor<256x64x1x1xf32>
  %v = arith.constant dense<1.0> : tensor<64x256x1x1xf32>
  %s = arith.constant dense<1.0> : tensor<256x1x3x3xf32>
  %e = tensor.empty() : tensor<1x256x56x56xf32>
  %d = gs.conv %w, %x outs(%e : tensor<1x256x56x56xf32>) strategy = <"dense-tile", {mr = 4, nr = 6}> {strides = array<i64: 1, 1>,
       dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : tensor<256x64x1x1xf32>, tensor<1x64x56x56xf32> -> tensor<1x256x56x56xf32>
  %r = gs.conv %w, %t epilogue(%d : tensor<1x256x56x56xf32>) outs(%e : tensor<1x256x56x56xf32>) strategy = <"dense-tile", {mr = 4, nr = 6}>
       {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>}
       : tensor<256x64x1x1xf32>, tensor<1x64x56x56xf32> -> tensor<1x256x56x56xf32> {
  ^bb0(%sum: f32, %more: f32):
    %0 = arith.addf %sum, %more : f32
    gs.yield %0 : f32
  }
  %f = tensor.empty() : tensor<1x64x56x56xf32>
  %y = gs.conv %v, %r outs(%f : tensor<1x64x56x56xf32>) strategy = <"dense-tile", {mr = 4, nr = 6}> {strides = array<i64: 1, 1>,
       dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : tensor<64x256x1x1xf32>, tensor<1x256x56x56xf32> -> tensor<1x64x56x56xf32>
  %g = tensor.empty() : tensor<1x256x28x28xf32>
  %z = gs.conv %s, %r outs(%g : tensor<1x256x28x28xf32>) strategy = <"depthwise", {rows = 4, vectors = 1}> {strides = array<i64: 2, 2>,
       dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, groups = 256 : i64} : tensor<256x1x3x3xf32>, tensor<1x256x56x56xf32> -> tensor<1x256x28x28xf32>
  return %y, %z : tensor<1x64x56x56xf32>, tensor<1x256x28x28xf32>
}

// -----

// Of two readers of one value, the first one reads lines beside those that it writes: they would be computed twice.
// CHECK-LABEL: func.func @twice
// CHECK: gs.conv {{.*}} gs.chain_note = "not in strips with the next layer: others read what lies between them before its end, or lines of it would be computed twice"
func.func @twice(%x: tensor<1x64x56x56xf32>) -> (tensor<1x256x56x56xf32>, tensor<1x256x56x56xf32>) {
  %w = arith.constant dense<1.0> : tensor<256x64x1x1xf32>
  %s = arith.constant dense<1.0> : tensor<256x1x3x3xf32>
  %e = tensor.empty() : tensor<1x256x56x56xf32>
  %d = gs.conv %w, %x outs(%e : tensor<1x256x56x56xf32>) strategy = <"dense-tile", {mr = 4, nr = 6}> {strides = array<i64: 1, 1>,
       dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : tensor<256x64x1x1xf32>, tensor<1x64x56x56xf32> -> tensor<1x256x56x56xf32>
  %y = gs.conv %s, %d outs(%e : tensor<1x256x56x56xf32>) strategy = <"depthwise", {rows = 4, vectors = 1}> {strides = array<i64: 1, 1>,
       dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, groups = 256 : i64} : tensor<256x1x3x3xf32>, tensor<1x256x56x56xf32> -> tensor<1x256x56x56xf32>
  %z = gs.conv %s, %d outs(%e : tensor<1x256x56x56xf32>) strategy = <"depthwise", {rows = 4, vectors = 1}> {strides = array<i64: 1, 1>,
       dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, groups = 256 : i64} : tensor<256x1x3x3xf32>, tensor<1x256x56x56xf32> -> tensor<1x256x56x56xf32>
  return %y, %z : tensor<1x256x56x56xf32>, tensor<1x256x56x56xf32>
}

// -----

// Small layers: lines computed twice would cost more than a barrier and what lies between them.
// FIVE-LABEL: func.func @small
// CHECK-LABEL: func.func @small
// CHECK: gs.conv {{.*}} gs.chain_note = "not in strips with the next layer: {{[0-9.]+}} us more for lines computed twice and short strips, {{[0-9.]+}} us saved"
// CHECK-NOT: gs.chain =
func.func @small(%x: tensor<1x128x14x14xf32>) -> tensor<1x128x14x14xf32> {
  %w = arith.constant dense<1.0> : tensor<128x128x1x1xf32>
  %d = arith.constant dense<1.0> : tensor<128x1x3x3xf32>
  %e = tensor.empty() : tensor<1x128x14x14xf32>
  %a = gs.conv %w, %x outs(%e : tensor<1x128x14x14xf32>) strategy = <"dense-tile", {mr = 8, nr = 2}> {strides = array<i64: 1, 1>,
       dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : tensor<128x128x1x1xf32>, tensor<1x128x14x14xf32> -> tensor<1x128x14x14xf32>
  %y = gs.conv %d, %a outs(%e : tensor<1x128x14x14xf32>) strategy = <"depthwise", {rows = 7, vectors = 1}> {strides = array<i64: 1, 1>,
       dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, groups = 128 : i64} : tensor<128x1x3x3xf32>, tensor<1x128x14x14xf32> -> tensor<1x128x14x14xf32>
  return %y : tensor<1x128x14x14xf32>
}

// -----

// Kernels that compute whole tensors only.
// CHECK-LABEL: func.func @whole
// CHECK: gs.conv {{.*}} gs.chain_note = "not in strips with the next layer: strategy 'row-list-broadcast' of this one does not run so"
// CHECK-NOT: gs.chain =
func.func @whole(%x: tensor<1x32x112x112xf32>) -> tensor<1x64x56x56xf32> {
  %w = gs.constant dense<1.0> : tensor<64x32x1x1xf32> as tensor<64x32x1x1xf32, #gs.bcr<4x2>>
  %d = arith.constant dense<1.0> : tensor<64x1x3x3xf32>
  %e = tensor.empty() : tensor<1x64x112x112xf32>
  %a = gs.conv %w, %x outs(%e : tensor<1x64x112x112xf32>) strategy = <"row-list-broadcast", {columns = 2, mr = 4, nr = 4}> {strides = array<i64: 1, 1>,
       dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : tensor<64x32x1x1xf32, #gs.bcr<4x2>>, tensor<1x32x112x112xf32> -> tensor<1x64x112x112xf32>
  %f = tensor.empty() : tensor<1x64x56x56xf32>
  %y = gs.conv %d, %a outs(%f : tensor<1x64x56x56xf32>) strategy = <"depthwise", {rows = 4, vectors = 2}> {strides = array<i64: 2, 2>,
       dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, groups = 64 : i64} : tensor<64x1x3x3xf32>, tensor<1x64x112x112xf32> -> tensor<1x64x56x56xf32>
  return %y : tensor<1x64x56x56xf32>
}

// -----

// Lines of 56 begin between two vectors where strips do, since the reader takes a line above its own: a dense kernel loses
// more by that than the cache saves.
// CHECK-LABEL: func.func @misaligned
// CHECK-NOT: gs.chain =
// CHECK: gs.chain_note = "not in strips with the next layer:
func.func @misaligned(%x: tensor<1x128x56x56xf32>) -> tensor<1x128x28x28xf32> {
  %w = arith.constant dense<1.0> : tensor<128x128x1x1xf32>
  %d = arith.constant dense<1.0> : tensor<128x1x3x3xf32>
  %e = tensor.empty() : tensor<1x128x56x56xf32>
  %a = gs.conv %w, %x outs(%e : tensor<1x128x56x56xf32>) strategy = <"dense-tile", {mr = 8, nr = 3}> {strides = array<i64: 1, 1>,
       dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : tensor<128x128x1x1xf32>, tensor<1x128x56x56xf32> -> tensor<1x128x56x56xf32>
  %f = tensor.empty() : tensor<1x128x28x28xf32>
  %y = gs.conv %d, %a outs(%f : tensor<1x128x28x28xf32>) strategy = <"depthwise", {rows = 4, vectors = 2}> {strides = array<i64: 2, 2>,
       dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, groups = 128 : i64} : tensor<128x1x3x3xf32>, tensor<1x128x56x56xf32> -> tensor<1x128x28x28xf32>
  return %y : tensor<1x128x28x28xf32>
}
