// RUN: gs-opt %s --split-input-file --verify-diagnostics

func.func @spatial(%w: tensor<4x3xf32>, %x: tensor<1x3xf32>, %e: tensor<1x4xf32>) {
  // expected-error @+1 {{must have one to three spatial dimensions, got 0}}
  %y = gs.conv %w, %x outs(%e : tensor<1x4xf32>) {strides = array<i64>, dilations = array<i64>, pads = array<i64>}
         : tensor<4x3xf32>, tensor<1x3xf32> -> tensor<1x4xf32>
  return
}

// -----

func.func @weight_rank(%w: tensor<4x3xf32>, %x: tensor<1x3x9xf32>, %e: tensor<1x4x9xf32>) {
  // expected-error @+1 {{weight must have rank 3, got 2}}
  %y = gs.conv %w, %x outs(%e : tensor<1x4x9xf32>) {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 0>}
         : tensor<4x3xf32>, tensor<1x3x9xf32> -> tensor<1x4x9xf32>
  return
}

// -----

func.func @pads(%w: tensor<4x3x1xf32>, %x: tensor<1x3x9xf32>, %e: tensor<1x4x9xf32>) {
  // expected-error @+1 {{needs 1 dilations and 2 pads, got 2 and 1}}
  %y = gs.conv %w, %x outs(%e : tensor<1x4x9xf32>) {strides = array<i64: 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0>}
         : tensor<4x3x1xf32>, tensor<1x3x9xf32> -> tensor<1x4x9xf32>
  return
}

// -----

func.func @stride(%w: tensor<4x3x1xf32>, %x: tensor<1x3x9xf32>, %e: tensor<1x4x9xf32>) {
  // expected-error @+1 {{strides must be from 1 to 2^31 - 1, got 0}}
  %y = gs.conv %w, %x outs(%e : tensor<1x4x9xf32>) {strides = array<i64: 0>, dilations = array<i64: 1>, pads = array<i64: 0, 0>}
         : tensor<4x3x1xf32>, tensor<1x3x9xf32> -> tensor<1x4x9xf32>
  return
}

// -----

func.func @dilation(%w: tensor<4x3x3xf32>, %x: tensor<1x3x9xf32>, %e: tensor<1x4x9xf32>) {
  // expected-error @+1 {{dilations must be from 1 to 2^31 - 1, got 4611686018427387904}}
  %y = gs.conv %w, %x outs(%e : tensor<1x4x9xf32>) {strides = array<i64: 1>, dilations = array<i64: 4611686018427387904>, pads = array<i64: 0, 0>}
         : tensor<4x3x3xf32>, tensor<1x3x9xf32> -> tensor<1x4x9xf32>
  return
}

// -----

func.func @negative_pad(%w: tensor<4x3x1xf32>, %x: tensor<1x3x9xf32>, %e: tensor<1x4x8xf32>) {
  // expected-error @+1 {{pads must be from 0 to 2^31 - 1, got -1}}
  %y = gs.conv %w, %x outs(%e : tensor<1x4x8xf32>) {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: -1, 0>}
         : tensor<4x3x1xf32>, tensor<1x3x9xf32> -> tensor<1x4x8xf32>
  return
}

// -----

func.func @zero_kernel(%w: tensor<4x3x0xf32>, %x: tensor<1x3x9xf32>, %e: tensor<1x4x10xf32>) {
  // expected-error @+1 {{extents of the weight must be from 1 to 2^31 - 1, got 0}}
  %y = gs.conv %w, %x outs(%e : tensor<1x4x10xf32>) {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 0>}
         : tensor<4x3x0xf32>, tensor<1x3x9xf32> -> tensor<1x4x10xf32>
  return
}

// -----

func.func @zero_channels(%w: tensor<0x3x1xf32>, %x: tensor<1x3x9xf32>, %e: tensor<1x0x9xf32>) {
  // expected-error @+1 {{extents of the weight must be from 1 to 2^31 - 1, got 0}}
  %y = gs.conv %w, %x outs(%e : tensor<1x0x9xf32>) {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 0>}
         : tensor<0x3x1xf32>, tensor<1x3x9xf32> -> tensor<1x0x9xf32>
  return
}

// -----

func.func @zero_batch(%w: tensor<4x3x1xf32>, %x: tensor<0x3x9xf32>, %e: tensor<0x4x9xf32>) {
  // expected-error @+1 {{extents of the input must be from 1 to 2^31 - 1, got 0}}
  %y = gs.conv %w, %x outs(%e : tensor<0x4x9xf32>) {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 0>}
         : tensor<4x3x1xf32>, tensor<0x3x9xf32> -> tensor<0x4x9xf32>
  return
}

// -----

func.func @input_rank(%w: tensor<4x3x1xf32>, %x: tensor<3x9xf32>, %e: tensor<1x4x9xf32>) {
  // expected-error @+1 {{input must have rank 3 and the result rank 3, got 'tensor<3x9xf32>' and 'tensor<1x4x9xf32>'}}
  %y = gs.conv %w, %x outs(%e : tensor<1x4x9xf32>) {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 0>}
         : tensor<4x3x1xf32>, tensor<3x9xf32> -> tensor<1x4x9xf32>
  return
}

// -----

func.func @channels(%w: tensor<4x3x1xf32>, %x: tensor<1x5x9xf32>, %e: tensor<1x4x9xf32>) {
  // expected-error @+1 {{input has 5 channels; weight 4 x 3 with 2 groups needs 6}}
  %y = gs.conv %w, %x outs(%e : tensor<1x4x9xf32>) {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 0>, groups = 2}
         : tensor<4x3x1xf32>, tensor<1x5x9xf32> -> tensor<1x4x9xf32>
  return
}

// -----

func.func @groups_rows(%w: tensor<4x3x1xf32>, %x: tensor<1x9x9xf32>, %e: tensor<1x4x9xf32>) {
  // expected-error @+1 {{input has 9 channels; weight 4 x 3 with 3 groups needs 9}}
  %y = gs.conv %w, %x outs(%e : tensor<1x4x9xf32>) {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 0>, groups = 3}
         : tensor<4x3x1xf32>, tensor<1x9x9xf32> -> tensor<1x4x9xf32>
  return
}

// -----

func.func @no_groups(%w: tensor<4x3x1xf32>, %x: tensor<1x3x9xf32>, %e: tensor<1x4x9xf32>) {
  // expected-error @+1 {{with 0 groups}}
  %y = gs.conv %w, %x outs(%e : tensor<1x4x9xf32>) {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 0>, groups = 0}
         : tensor<4x3x1xf32>, tensor<1x3x9xf32> -> tensor<1x4x9xf32>
  return
}

// -----

func.func @window(%w: tensor<4x3x3xf32>, %x: tensor<1x3x3xf32>, %e: tensor<1x4x1xf32>) {
  // expected-error @+1 {{kernel of extent 5 (with dilation) is larger than the padded input of extent 4 in spatial dimension 0}}
  %y = gs.conv %w, %x outs(%e : tensor<1x4x1xf32>) {strides = array<i64: 1>, dilations = array<i64: 2>, pads = array<i64: 1, 0>}
         : tensor<4x3x3xf32>, tensor<1x3x3xf32> -> tensor<1x4x1xf32>
  return
}

// -----

func.func @result(%w: tensor<4x3x3xf32>, %x: tensor<1x3x9xf32>, %e: tensor<1x4x9xf32>) {
  // expected-error @+1 {{result must have shape (1, 4, 7), got 'tensor<1x4x9xf32>'}}
  %y = gs.conv %w, %x outs(%e : tensor<1x4x9xf32>) {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 0>}
         : tensor<4x3x3xf32>, tensor<1x3x9xf32> -> tensor<1x4x9xf32>
  return
}

// -----

func.func @memory(%w: tensor<4x3x1x1xf32>, %x: tensor<1x3x2000000000x2000000000xf32>, %e: tensor<1x4x2000000000x2000000000xf32>) {
  // expected-error @+1 {{works on 'tensor<1x3x2000000000x2000000000xf32>', which is larger than any memory}}
  %y = gs.conv %w, %x outs(%e : tensor<1x4x2000000000x2000000000xf32>) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>}
         : tensor<4x3x1x1xf32>, tensor<1x3x2000000000x2000000000xf32> -> tensor<1x4x2000000000x2000000000xf32>
  return
}

// -----

//===----------------------------------------------------------------------===//
// Planes
//===----------------------------------------------------------------------===//

func.func @plane_rank(%w: tensor<4x3x3xf32>, %x: tensor<1x3x48xf32>, %e: tensor<1x4x7xf32>) {
  // expected-error @+1 {{plane needs one input extent, stride, phase count, extent and pad for each of one to three spatial dimensions}}
  %y = gs.conv %w, %x outs(%e : tensor<1x4x7xf32>) {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 0>,
         plane = #gs.plane<input = [9], strides = [1], phases = [1, 1], extents = [9], pads = [0], size = 48>}
         : tensor<4x3x3xf32>, tensor<1x3x48xf32> -> tensor<1x4x7xf32>
  return
}

// -----

func.func @plane_extent_zero(%w: tensor<4x3x3xf32>, %x: tensor<1x3x48xf32>, %e: tensor<1x4x7xf32>) {
  // expected-error @+1 {{extents of a plane must be from 1 to 2^31 - 1, got 0}}
  %y = gs.conv %w, %x outs(%e : tensor<1x4x7xf32>) {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 0>,
         plane = #gs.plane<input = [9], strides = [1], phases = [1], extents = [0], pads = [0], size = 48>}
         : tensor<4x3x3xf32>, tensor<1x3x48xf32> -> tensor<1x4x7xf32>
  return
}

// -----

func.func @plane_phases(%w: tensor<4x3x3xf32>, %x: tensor<1x3x48xf32>, %e: tensor<1x4x7xf32>) {
  // expected-error @+1 {{plane has 2 phases in spatial dimension 0, more than its stride 1}}
  %y = gs.conv %w, %x outs(%e : tensor<1x4x7xf32>) {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 0>,
         plane = #gs.plane<input = [9], strides = [1], phases = [2], extents = [9], pads = [0], size = 48>}
         : tensor<4x3x3xf32>, tensor<1x3x48xf32> -> tensor<1x4x7xf32>
  return
}

// -----

func.func @plane_size(%w: tensor<4x3x3xf32>, %x: tensor<1x3x8xf32>, %e: tensor<1x4x7xf32>) {
  // expected-error @+1 {{plane size 8 is smaller than its phase planes}}
  %y = gs.conv %w, %x outs(%e : tensor<1x4x7xf32>) {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 0>,
         plane = #gs.plane<input = [9], strides = [1], phases = [1], extents = [9], pads = [0], size = 8>}
         : tensor<4x3x3xf32>, tensor<1x3x8xf32> -> tensor<1x4x7xf32>
  return
}

// -----

func.func @plane_strides(%w: tensor<4x3x3xf32>, %x: tensor<1x3x48xf32>, %e: tensor<1x4x7xf32>) {
  // expected-error @+1 {{plane does not fit the convolution}}
  %y = gs.conv %w, %x outs(%e : tensor<1x4x7xf32>) {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 0>,
         plane = #gs.plane<input = [9], strides = [2], phases = [2], extents = [5], pads = [0], size = 48>}
         : tensor<4x3x3xf32>, tensor<1x3x48xf32> -> tensor<1x4x7xf32>
  return
}

// -----

func.func @plane_pads(%w: tensor<4x3x3xf32>, %x: tensor<1x3x48xf32>, %e: tensor<1x4x7xf32>) {
  // expected-error @+1 {{plane does not fit the convolution}}
  %y = gs.conv %w, %x outs(%e : tensor<1x4x7xf32>) {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 0>,
         plane = #gs.plane<input = [9], strides = [1], phases = [1], extents = [10], pads = [1], size = 48>}
         : tensor<4x3x3xf32>, tensor<1x3x48xf32> -> tensor<1x4x7xf32>
  return
}

// -----

func.func @plane_pitch(%w: tensor<1x1x3x3xf32>, %x: tensor<1x1x96xf32>, %e: tensor<1x1x3x7xf32>) {
  // expected-error @+1 {{plane has 1 phases of extent 8 in spatial dimension 1, but the convolution reads 1 of extent 9}}
  %y = gs.conv %w, %x outs(%e : tensor<1x1x3x7xf32>) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
         plane = #gs.plane<input = [5, 9], strides = [1, 1], phases = [1, 1], extents = [5, 8], pads = [0, 0], size = 96>}
         : tensor<1x1x3x3xf32>, tensor<1x1x96xf32> -> tensor<1x1x3x7xf32>
  return
}

// -----

func.func @plane_phase_missing(%w: tensor<1x1x3xf32>, %x: tensor<1x1x96xf32>, %e: tensor<1x1x4xf32>) {
  // expected-error @+1 {{plane has 1 phases of extent 5 in spatial dimension 0, but the convolution reads 2 of extent 5}}
  %y = gs.conv %w, %x outs(%e : tensor<1x1x4xf32>) {strides = array<i64: 2>, dilations = array<i64: 1>, pads = array<i64: 0, 0>,
         plane = #gs.plane<input = [9], strides = [2], phases = [1], extents = [5], pads = [0], size = 96>}
         : tensor<1x1x3xf32>, tensor<1x1x96xf32> -> tensor<1x1x4xf32>
  return
}

// -----

func.func @plane_end(%w: tensor<1x1x1x3xf32>, %x: tensor<1x1x28xf32>, %e: tensor<1x1x4x7xf32>) {
  // expected-error @+1 {{plane has 28 elements, but the convolution reads 30}}
  %y = gs.conv %w, %x outs(%e : tensor<1x1x4x7xf32>) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 2, 0, 2>,
         plane = #gs.plane<input = [4, 5], strides = [1, 1], phases = [1, 1], extents = [4, 7], pads = [0, 2], size = 28>}
         : tensor<1x1x1x3xf32>, tensor<1x1x28xf32> -> tensor<1x1x4x7xf32>
  return
}

// -----

//===----------------------------------------------------------------------===//
// gs.pack_plane
//===----------------------------------------------------------------------===//

func.func @pack_plane_attr(%x: tensor<1x3x9xf32>, %e: tensor<1x3x16xf32>) {
  // expected-error @+1 {{plane needs one input extent, stride, phase count, extent and pad}}
  %p = gs.pack_plane %x outs(%e : tensor<1x3x16xf32>) <input = [9], strides = [1], phases = [1], extents = [9], pads = [0, 0], size = 16>
         : tensor<1x3x9xf32> -> tensor<1x3x16xf32>
  return
}

// -----

func.func @pack_plane_input(%x: tensor<1x3x8xf32>, %e: tensor<1x3x16xf32>) {
  // expected-error @+1 {{input 'tensor<1x3x8xf32>' does not have the plane's spatial extents}}
  %p = gs.pack_plane %x outs(%e : tensor<1x3x16xf32>) <input = [9], strides = [1], phases = [1], extents = [9], pads = [0], size = 16>
         : tensor<1x3x8xf32> -> tensor<1x3x16xf32>
  return
}

// -----

func.func @pack_plane_result(%x: tensor<1x3x9xf32>, %e: tensor<1x3x32xf32>) {
  // expected-error @+1 {{result must be batch x channels x 16, got 'tensor<1x3x32xf32>'}}
  %p = gs.pack_plane %x outs(%e : tensor<1x3x32xf32>) <input = [9], strides = [1], phases = [1], extents = [9], pads = [0], size = 16>
         : tensor<1x3x9xf32> -> tensor<1x3x32xf32>
  return
}

// -----

func.func @pack_plane_types(%x: tensor<1x3x9xf64>, %e: tensor<1x3x16xf32>) {
  // expected-error @+1 {{input and result must be static and have one element type}}
  %p = gs.pack_plane %x outs(%e : tensor<1x3x16xf32>) <input = [9], strides = [1], phases = [1], extents = [9], pads = [0], size = 16>
         : tensor<1x3x9xf64> -> tensor<1x3x16xf32>
  return
}

// -----

func.func @pack_plane_mixed(%x: memref<1x3x9xf32>, %e: tensor<1x3x16xf32>) {
  // expected-error @+1 {{has a result of the type of outs exactly if its operands are tensors}}
  %p = gs.pack_plane %x outs(%e : tensor<1x3x16xf32>) <input = [9], strides = [1], phases = [1], extents = [9], pads = [0], size = 16>
         : memref<1x3x9xf32> -> tensor<1x3x16xf32>
  return
}

// -----

func.func @pack_plane_no_result(%x: tensor<1x3x9xf32>, %e: tensor<1x3x16xf32>) {
  // expected-error @+1 {{has a result of the type of outs exactly if its operands are tensors}}
  gs.pack_plane %x outs(%e : tensor<1x3x16xf32>) <input = [9], strides = [1], phases = [1], extents = [9], pads = [0], size = 16>
         : tensor<1x3x9xf32>
  return
}

// -----

func.func @pack_plane_zero_batch(%x: tensor<0x3x9xf32>, %e: tensor<0x3x16xf32>) {
  // expected-error @+1 {{extents of the input must be from 1 to 2^31 - 1, got 0}}
  %p = gs.pack_plane %x outs(%e : tensor<0x3x16xf32>) <input = [9], strides = [1], phases = [1], extents = [9], pads = [0], size = 16>
         : tensor<0x3x9xf32> -> tensor<0x3x16xf32>
  return
}
