// RUN: gs-opt %s --convert-gs-to-gather=machine=aarch64-sve | FileCheck %s --check-prefixes=CHECK,SCALABLE
// RUN: gs-opt %s --convert-gs-to-gather=machine=riscv64-v | FileCheck %s --check-prefixes=CHECK,SCALABLE
// RUN: gs-opt %S/Inputs/words.mlir --convert-gs-to-gather=machine=hexagon-hvx | FileCheck %s --check-prefix=HEX
// RUN: gs-opt %S/Inputs/words.mlir --convert-gs-to-gather=machine=hexagon-hvx | gs-opt --gs-verify-gather-placement

// One bundle of two rows; a vector of any length takes a part of the four lanes. Positions are bytes, of 16 bits because all
// are small; their extension is known to be unsigned.
// CHECK-LABEL: func.func @two(
// CHECK-SAME: %[[X:.*]]: memref<8xi32>, %[[Y:.*]]: memref<2xi32>)
// SCALABLE: vector.vscale
// SCALABLE: %[[MASK:.*]] = vector.create_mask %{{.*}} : vector<[4]xi1>
// SCALABLE: scf.for
// SCALABLE: %[[I:.*]] = vector.maskedload {{.*}} into vector<[4]xi16>
// SCALABLE: %[[WIDE:.*]] = arith.extui %[[I]] : vector<[4]xi16> to vector<[4]xi64>
// SCALABLE: %[[P:.*]] = llvm.getelementptr %{{.*}}[%[[WIDE]]] : (!llvm.ptr, vector<[4]xi64>) -> vector<[4]x!llvm.ptr>, i8
// SCALABLE: llvm.intr.masked.gather %[[P]], %[[MASK]]
// SCALABLE: vector.maskedstore
// SCALABLE: memref.store %{{.*}}, %[[Y]]
// CHECK: memref.global "private" constant @two_values : memref<4xi32> = dense<[1, 2, 3, 4]>
// CHECK: memref.global "private" constant @two_indices : memref<4xi16> = dense<[0, 4, 8, 12]>
// CHECK: memref.global "private" constant @two_offsets : memref<2xi32> = dense<[0, 1]>

// Permuted rows: the second position is row 2, whose result lies 8 bytes behind that of row 0.
// CHECK-LABEL: func.func @permuted(
// SCALABLE: llvm.intr.masked.scatter
// CHECK: memref.global "private" constant @permuted_rows : memref<4xi16> = dense<[0, 8, 4, 12]>

// Activations, gathered values and sums lie in VTCM, one after the other; nothing moves across the copy.
// HEX: llvm.mlir.global internal @gather_memory() {addr_space = 0 : i32, alignment = 128 : i64, section = ".vtcm"} : !llvm.array<384 x i8>
// HEX-LABEL: func.func @words
// HEX: %[[MEMORY:.*]] = llvm.mlir.addressof @gather_memory
// HEX: llvm.inline_asm has_side_effects "", "~{memory}"
// HEX: scf.for
// HEX: llvm.store
// HEX: llvm.inline_asm has_side_effects "", "~{memory}"
// HEX: %[[LAST:.*]] = arith.constant 127 : i32
// HEX: %[[TO:.*]] = llvm.getelementptr %[[MEMORY]][128] : (!llvm.ptr) -> !llvm.ptr, i8
// HEX: llvm.call_intrinsic "llvm.hexagon.V6.vgathermw.128B"(%[[TO]], %{{.*}}, %[[LAST]], %{{.*}}) : (!llvm.ptr, i32, i32, vector<32xi32>)
// HEX: llvm.load %[[TO]] {alignment = 128 : i64}
// HEX: llvm.getelementptr %[[MEMORY]][256]
// HEX: memref.global "private" constant @words_indices : memref<32xi32> = dense<[0, 4, 8, 12,
func.func @two(%x: tensor<8x1xi32>) -> tensor<2x1xi32> {
  %w = gs.constant dense<[[1, 2, 0, 0, 0, 0, 0, 0], [0, 0, 3, 4, 0, 0, 0, 0]]> : tensor<2x8xi32> as tensor<2x8xi32, #gs.gather_scatter<banks = 4, width = 2>>
  %e = tensor.empty() : tensor<2x1xi32>
  %y = gs.matmul %w, %x outs(%e : tensor<2x1xi32>)
         : tensor<2x8xi32, #gs.gather_scatter<banks = 4, width = 2>>, tensor<8x1xi32> -> tensor<2x1xi32>
  return %y : tensor<2x1xi32>
}

func.func @permuted(%x: tensor<4x1xi32>) -> tensor<4x1xi32> {
  %w = gs.constant dense<[[1, 0, 0, 0], [0, 0, 2, 0], [0, 3, 0, 0], [0, 0, 0, 4]]> : tensor<4x4xi32> row_order [0, 2, 1, 3] as tensor<4x4xi32, #gs.permuted<#gs.gather_scatter<banks = 4, width = 1>>>
  %e = tensor.empty() : tensor<4x1xi32>
  %y = gs.matmul %w, %x outs(%e : tensor<4x1xi32>)
         : tensor<4x4xi32, #gs.permuted<#gs.gather_scatter<banks = 4, width = 1>>>, tensor<4x1xi32> -> tensor<4x1xi32>
  return %y : tensor<4x1xi32>
}
