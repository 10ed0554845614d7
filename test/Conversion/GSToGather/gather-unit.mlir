// RUN: gs-opt %s --convert-gs-to-gather=machine=aarch64-sve | FileCheck %s

// What both kinds of machines share. A padded line of 5 becomes a table of 7 frames of each channel: as unsigned numbers
// positions in front of the input are large, and what lies outside is zero, for all channels at once.
// CHECK-LABEL: func.func @padded
// CHECK-SAME: (%[[X:.*]]: memref<20xf16>, %[[Y:.*]]: memref<20xf16>)
// CHECK: %[[TABLE:.*]] = memref.alloc() {{.*}} : memref<28xf16>
// CHECK: %[[FRAMES:.*]] = arith.constant 7 : index
// CHECK: scf.for %[[FRAME:.*]] = %{{.*}} to %[[FRAMES]]
// CHECK: %[[AT:.*]] = arith.subi
// CHECK: %[[EXTENT:.*]] = arith.constant 5 : index
// CHECK: %[[INSIDE:.*]] = arith.cmpi ult, %[[AT]], %[[EXTENT]]
// CHECK: scf.if %[[INSIDE]]
// CHECK: %[[CHANNELS:.*]] = arith.constant 4 : index
// CHECK: scf.for {{.*}} to %[[CHANNELS]]
// CHECK: %[[READ:.*]] = memref.load %[[X]]
// CHECK: memref.store %[[READ]], %[[TABLE]]
// CHECK: else
// CHECK: %[[ZERO:.*]] = arith.constant 0.000000e+00 : f16
// CHECK: memref.store %[[ZERO]], %[[TABLE]]

// Lanes are wider than halves: weights, activations and sums have 32 bits, results 16 again.
// CHECK: %[[W:.*]] = arith.extf %{{.*}} : vector<[4]xf16> to vector<[4]xf32>
// CHECK: %[[A:.*]] = arith.extf %{{.*}} : vector<[4]xf16> to vector<[4]xf32>
// CHECK: vector.fma %[[W]], %[[A]], %{{.*}} : vector<[4]xf32>
// CHECK: %[[R:.*]] = arith.truncf %{{.*}} : f32 to f16
// CHECK: memref.store %[[R]], %[[Y]]
func.func @padded(%x: tensor<1x4x5xf16>) -> tensor<1x4x5xf16> {
  %w = gs.constant dense<[[[1.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]], [[0.0, 0.0, 0.0], [0.0, 0.0, 2.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]],
                          [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 3.0, 0.0], [0.0, 0.0, 0.0]], [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [4.0, 0.0, 0.0]]]> : tensor<4x4x3xf16>
         as tensor<4x4x3xf16, #gs.gather_scatter<banks = 4, width = 1>>
  %e = tensor.empty() : tensor<1x4x5xf16>
  %y = gs.conv %w, %x outs(%e : tensor<1x4x5xf16>) {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 1, 1>}
         : tensor<4x4x3xf16, #gs.gather_scatter<banks = 4, width = 1>>, tensor<1x4x5xf16> -> tensor<1x4x5xf16>
  return %y : tensor<1x4x5xf16>
}
