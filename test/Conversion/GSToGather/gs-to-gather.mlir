// RUN: gs-opt %s --convert-gs-to-gather=machine=aarch64-sve | FileCheck %s --check-prefixes=CHECK,SCALABLE
// RUN: gs-opt %s --convert-gs-to-gather=machine=riscv64-v | FileCheck %s --check-prefixes=CHECK,SCALABLE
// RUN: gs-opt %S/Inputs/words.mlir --convert-gs-to-gather=machine=hexagon-hvx | FileCheck %s --check-prefix=HEX
// RUN: gs-opt %S/Inputs/words.mlir --convert-gs-to-gather=machine=hexagon-hvx | gs-opt --gs-verify-gather-placement

// One bundle of two rows; a vector of any length takes a part of the four lanes.
// CHECK-LABEL: func.func @two(
// CHECK-SAME: %[[X:.*]]: memref<8xi32>, %{{.*}}: memref<2xi32>)
// SCALABLE: vector.vscale
// SCALABLE: %[[MASK:.*]] = vector.create_mask %{{.*}} : vector<[4]xi1>
// SCALABLE: scf.for
// SCALABLE: %[[I:.*]] = vector.maskedload
// SCALABLE: vector.gather %[[X]]{{.*}}[%[[I]]], %[[MASK]]
// SCALABLE-SAME: into vector<[4]xi32>
// SCALABLE: vector.maskedstore
// CHECK: memref.global "private" constant @two_values : memref<4xi32> = dense<[1, 2, 3, 4]>
// CHECK: memref.global "private" constant @two_indices : memref<4xi32> = dense<[0, 1, 2, 3]>
// CHECK: memref.global "private" constant @two_offsets : memref<2xi32> = dense<[0, 1]>

// Activations and gathered values lie in VTCM; positions are bytes; nothing moves across the copy.
// HEX: llvm.mlir.global internal @words_table() {addr_space = 0 : i32, alignment = 128 : i64, section = ".vtcm"} : !llvm.array<128 x i8>
// HEX: llvm.mlir.global internal @words_gathered() {addr_space = 0 : i32, alignment = 128 : i64, section = ".vtcm"} : !llvm.array<128 x i8>
// HEX-LABEL: func.func @words
// HEX: llvm.inline_asm has_side_effects "", "~{memory}"
// HEX: scf.for
// HEX: llvm.store
// HEX: llvm.inline_asm has_side_effects "", "~{memory}"
// HEX: %[[LAST:.*]] = arith.constant 127 : i32
// HEX: llvm.call_intrinsic "llvm.hexagon.V6.vgathermw.128B"(%[[TO:.*]], %{{.*}}, %[[LAST]], %{{.*}}) : (!llvm.ptr, i32, i32, vector<32xi32>)
// HEX: llvm.load %[[TO]] {alignment = 128 : i64}
// HEX: memref.global "private" constant @words_indices : memref<32xi32> = dense<[0, 4, 8, 12,
func.func @two(%x: tensor<8x1xi32>) -> tensor<2x1xi32> {
  %w = gs.constant dense<[[1, 2, 0, 0, 0, 0, 0, 0], [0, 0, 3, 4, 0, 0, 0, 0]]> : tensor<2x8xi32> as tensor<2x8xi32, #gs.gather_scatter<banks = 4, width = 2>>
  %e = tensor.empty() : tensor<2x1xi32>
  %y = gs.matmul %w, %x outs(%e : tensor<2x1xi32>)
         : tensor<2x8xi32, #gs.gather_scatter<banks = 4, width = 2>>, tensor<8x1xi32> -> tensor<2x1xi32>
  return %y : tensor<2x1xi32>
}
