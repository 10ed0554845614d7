// A vector of which 12 of 16 lanes are results: two stores of pieces, or one with a mask, whichever takes fewer cycles by the
// record of the target; the pieces where they take as many. 8 lanes are one piece, 13 are no whole pieces.
//
// RUN: gs-opt %s --gs-sparsify=target=zen4 --gs-lower-to-vector=target=zen4 | FileCheck %s --check-prefixes=CHECK,PIECES
// RUN: gs-opt %s --gs-sparsify=target=emerald-rapids --gs-lower-to-vector=target=emerald-rapids | FileCheck %s --check-prefixes=CHECK,MASK
// RUN: echo '{"name": "equal", "base": "emerald-rapids", "narrow_stores_per_cycle": 2}' > %t.json
// RUN: gs-opt %s --gs-sparsify=target=%t.json --gs-lower-to-vector=target=%t.json | FileCheck %s --check-prefixes=CHECK,PIECES

// CHECK-LABEL: func.func private @matmul{{.*}}(%arg0: memref<36xf32>
// PIECES-NOT: vector.maskedstore
// PIECES: vector.extract_strided_slice {{.*}} {offsets = [0], sizes = [8], strides = [1]}
// PIECES-NEXT: vector.store
// PIECES: vector.extract_strided_slice {{.*}} {offsets = [8], sizes = [4], strides = [1]}
// PIECES: vector.store
// MASK-NOT: vector.extract_strided_slice
// MASK: vector.maskedstore
// CHECK-LABEL: func.func private @matmul{{.*}}(%arg0: memref<120xf32>
// CHECK-NOT: vector.maskedstore
// CHECK: vector.extract_strided_slice {{.*}} {offsets = [0], sizes = [8], strides = [1]}
// CHECK-LABEL: func.func private @matmul{{.*}}(%arg0: memref<39xf32>
// CHECK-NOT: vector.extract_strided_slice
// CHECK: vector.maskedstore
func.func @f(%x: tensor<3x12xf32>, %y: tensor<3x40xf32>, %z: tensor<3x13xf32>, %a: tensor<4x12xf32>, %b: tensor<4x40xf32>,
             %c: tensor<4x13xf32>) -> (tensor<4x12xf32>, tensor<4x40xf32>, tensor<4x13xf32>) {
  %w = gs.constant dense<[[0.0, 1.0, 0.0], [0.0, 2.0, 0.0], [0.0, 3.0, 0.0], [0.0, 4.0, 0.0]]> : tensor<4x3xf32>
         as tensor<4x3xf32, #gs.block<4x1>>
  %0 = gs.matmul %w, %x outs(%a : tensor<4x12xf32>) strategy = <"row-group-broadcast", {mr = 4, nr = 1}>
         : tensor<4x3xf32, #gs.block<4x1>>, tensor<3x12xf32> -> tensor<4x12xf32>
  %1 = gs.matmul %w, %y outs(%b : tensor<4x40xf32>) strategy = <"row-group-broadcast", {mr = 4, nr = 3}>
         : tensor<4x3xf32, #gs.block<4x1>>, tensor<3x40xf32> -> tensor<4x40xf32>
  %2 = gs.matmul %w, %z outs(%c : tensor<4x13xf32>) strategy = <"row-group-broadcast", {mr = 4, nr = 1}>
         : tensor<4x3xf32, #gs.block<4x1>>, tensor<3x13xf32> -> tensor<4x13xf32>
  return %0, %1, %2 : tensor<4x12xf32>, tensor<4x40xf32>, tensor<4x13xf32>
}
