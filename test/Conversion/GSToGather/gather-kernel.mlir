// RUN: gs-opt %s --convert-gs-to-gather=machine=riscv64-v | FileCheck %s
// RUN: gs-opt %s --convert-gs-to-gather=machine=hexagon-hvx | FileCheck %s --check-prefix=FIXED

// Nine outputs: two blocks of four, whose gathers share the weights and positions that were loaded, and one that is left.
// CHECK-LABEL: func.func @nine
// CHECK: %[[VALUES:.*]] = memref.get_global @nine_values
// CHECK: %[[INDICES:.*]] = memref.get_global @nine_indices
// CHECK: %[[OUTPUTS:.*]] = arith.constant 9 : index
// CHECK: %[[FOUR:.*]] = arith.constant 4 : index
// CHECK: %[[BLOCKS:.*]] = arith.divui %[[OUTPUTS]], %[[FOUR]]
// CHECK: %[[SHARED:.*]] = arith.muli %[[BLOCKS]]
// CHECK: scf.for %{{.*}} to %[[BLOCKS]]
// CHECK: vector.create_mask
// CHECK: scf.for {{.*}} -> (vector<[4]xi32>, vector<[4]xi32>, vector<[4]xi32>, vector<[4]xi32>)
// CHECK: vector.maskedload %[[VALUES]]
// CHECK: vector.maskedload %[[INDICES]]
// CHECK-COUNT-4: llvm.intr.masked.gather
// CHECK-NOT: llvm.intr.masked.gather
// CHECK: scf.for %{{.*}} = %[[SHARED]] to %[[OUTPUTS]]
// CHECK: llvm.intr.masked.gather
// CHECK-NOT: llvm.intr.masked.gather
// CHECK: @nine_values : memref<4xi32> = dense<[1, 2, 3, 4]>

// A vector of 32 lanes takes two groups of 16. A bundle with one gets a group of zeros, whose positions exist; its weights
// are counted in vectors.
// FIXED-LABEL: func.func @halves
// FIXED: vector.load {{.*}} vector<32xi32>
// FIXED: @halves_values : memref<32xi32> = dense<[1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]>
// FIXED: @halves_offsets : memref<2xi32> = dense<[0, 1]>
func.func @nine(%x: tensor<8x9xi32>) -> tensor<4x9xi32> {
  %w = gs.constant dense<[[1, 0, 0, 0, 0, 0, 0, 0], [0, 2, 0, 0, 0, 0, 0, 0], [0, 0, 3, 0, 0, 0, 0, 0], [0, 0, 0, 4, 0, 0, 0, 0]]> : tensor<4x8xi32> as tensor<4x8xi32, #gs.gather_scatter<banks = 4, width = 1>>
  %e = tensor.empty() : tensor<4x9xi32>
  %y = gs.matmul %w, %x outs(%e : tensor<4x9xi32>) : tensor<4x8xi32, #gs.gather_scatter<banks = 4, width = 1>>, tensor<8x9xi32> -> tensor<4x9xi32>
  return %y : tensor<4x9xi32>
}

func.func @halves(%x: tensor<16x1xi32>) -> tensor<8x1xi32> {
  %w = gs.constant dense<[[1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 2, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 4, 4, 0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0, 5, 5, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 6, 6, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 7, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 8]]> : tensor<8x16xi32> as tensor<8x16xi32, #gs.gather_scatter<banks = 16, width = 2>>
  %e = tensor.empty() : tensor<8x1xi32>
  %y = gs.matmul %w, %x outs(%e : tensor<8x1xi32>) : tensor<8x16xi32, #gs.gather_scatter<banks = 16, width = 2>>, tensor<16x1xi32> -> tensor<8x1xi32>
  return %y : tensor<8x1xi32>
}
