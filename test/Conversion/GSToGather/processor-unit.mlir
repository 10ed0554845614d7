// RUN: gs-opt %s --convert-gs-to-gather=machine=aarch64-sve | FileCheck %s

// Without padding the activations are the table, also in steps of two and for each image of a batch.
// CHECK-LABEL: func.func @strided
// CHECK-SAME: (%[[X:.*]]: memref<72xf32>, %[[Y:.*]]: memref<40xf32>)
// CHECK-NOT: memref.alloc()
// CHECK: memref.extract_aligned_pointer_as_index %[[X]]
// CHECK: %[[SUMS:.*]] = memref.alloca() : memref<16xf32>
// CHECK: %[[IMAGE:.*]] = arith.constant 36 : index
// CHECK: arith.muli %{{.*}}, %[[IMAGE]]

// Addresses are unsigned displacements from one origin for each output; lanes without a group gather nothing.
// CHECK: %[[OFFSETS:.*]] = arith.extui %{{.*}} : vector<[4]xi16> to vector<[4]xi64>
// CHECK: %[[PLACES:.*]] = llvm.getelementptr %{{.*}}[%[[OFFSETS]]] : (!llvm.ptr, vector<[4]xi64>) -> vector<[4]x!llvm.ptr>, i8
// CHECK: llvm.intr.masked.gather %[[PLACES]], %[[MASK:[0-9]+]], %{{.*}} {alignment = 4 : i32}
// CHECK: vector.maskedstore %[[SUMS]][%{{.*}}], %[[MASK]]
// CHECK: memref.store %{{.*}}, %[[Y]]

// Permuted rows: the totals of a bundle are collected and scattered to their rows, two results apart. Each is the sum of two
// lanes.
// CHECK-LABEL: func.func @permuted
// CHECK-SAME: (%{{.*}}: memref<16xf32>, %[[Y:.*]]: memref<8xf32>)
// CHECK: memref.extract_aligned_pointer_as_index %[[Y]]
// CHECK: %[[TOTALS:.*]] = memref.alloca() : memref<2xf32>
// CHECK: %[[ROWS:.*]] = memref.get_global @permuted_rows
// CHECK: %[[WIDTH:.*]] = arith.constant 2 : index
// CHECK: %[[TOTAL:.*]] = scf.for {{.*}} -> (f32)
// CHECK: arith.addf
// CHECK: memref.store %[[TOTAL]], %[[TOTALS]]
// CHECK: %[[VALUES:.*]] = vector.maskedload %[[TOTALS]]
// CHECK: vector.maskedload %[[ROWS]]
// CHECK: llvm.intr.masked.scatter %[[VALUES]]
// CHECK: @permuted_rows : memref<4xi16> = dense<[24, 16, 8, 0]>
func.func @strided(%x: tensor<2x4x9xf32>) -> tensor<2x4x5xf32> {
  %w = gs.constant dense<[[[1.0], [0.0], [0.0], [0.0]], [[0.0], [2.0], [0.0], [0.0]], [[0.0], [0.0], [3.0], [0.0]], [[0.0], [0.0], [0.0], [4.0]]]> : tensor<4x4x1xf32>
         as tensor<4x4x1xf32, #gs.gather_scatter<banks = 4, width = 1>>
  %e = tensor.empty() : tensor<2x4x5xf32>
  %y = gs.conv %w, %x outs(%e : tensor<2x4x5xf32>) {strides = array<i64: 2>, dilations = array<i64: 1>, pads = array<i64: 0, 0>}
         : tensor<4x4x1xf32, #gs.gather_scatter<banks = 4, width = 1>>, tensor<2x4x9xf32> -> tensor<2x4x5xf32>
  return %y : tensor<2x4x5xf32>
}

func.func @permuted(%x: tensor<8x2xf32>) -> tensor<4x2xf32> {
  %w = gs.constant dense<[[1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 2.0, 2.0, 0.0, 0.0, 0.0, 0.0], [3.0, 3.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 4.0, 4.0, 0.0, 0.0, 0.0, 0.0]]> : tensor<4x8xf32> row_order [3, 2, 1, 0] as tensor<4x8xf32, #gs.permuted<#gs.gather_scatter<banks = 4, width = 2>>>
  %e = tensor.empty() : tensor<4x2xf32>
  %y = gs.matmul %w, %x outs(%e : tensor<4x2xf32>) : tensor<4x8xf32, #gs.permuted<#gs.gather_scatter<banks = 4, width = 2>>>, tensor<8x2xf32> -> tensor<4x2xf32>
  return %y : tensor<4x2xf32>
}
