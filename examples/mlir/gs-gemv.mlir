// A matrix times a vector in the pattern GS(16,1): 16 rows form a bundle, and a group takes one weight of each, from 16
// columns with pairwise different residues mod 16. With one output column each lane is a row and gathers its own
// activation; the sums need no reduction.
//
// The groups as they are packed: values and columns of all 16 lanes, no padding.
// RUN: gs-opt %s --gs-sparsify=target=zen4 | FileCheck %s --check-prefix=GS
// The kernel:
// RUN: gs-opt %s --gs-sparsify=target=zen4 --gs-lower-to-vector=target=zen4 | FileCheck %s --check-prefix=VECTOR
// RUN: gs-opt %s --gs-compile-cpu=target=zen4 | gs-translate --mlir-to-llvmir | FileCheck %s --check-prefix=LLVM
// Run it:
// RUN: gs-opt %s --gs-compile-cpu -o %t.mlir
// RUN: mlir-runner %t.mlir -e main -entry-point-result=void --shared-libs=%gs_check_runtime

// GS: gs.compressed_constant {indices = dense<[{{\[}}0, 17, 2, 19, 4, 21, 6, 23, 8, 25, 10, 27, 12, 29, 14, 31]]> : tensor<1x16xi32>,
// GS-SAME: offsets = dense<[0, 1]> : tensor<2xi32>, values = dense<[{{\[}}1.000000e+00, 2.000000e+00,
// VECTOR: %[[I:.*]] = vector.load {{.*}} : memref<16xi32>, vector<16xi32>
// VECTOR: %[[X:.*]] = vector.gather {{.*}}[%[[I]]]
// VECTOR: %[[W:.*]] = vector.load {{.*}} : memref<16xf32>, vector<16xf32>
// VECTOR: vector.fma %[[W]], %[[X]]
// VECTOR-NOT: vector.reduction
// LLVM: call <16 x float> @llvm.masked.gather.v16f32
// LLVM: call <16 x float> @llvm.fmuladd.v16f32
func.func private @layer(%x: tensor<32x1xf32>) -> tensor<16x1xf32> {
  // Row r keeps one weight, r + 1, in column r if r is even and r + 16 if it is odd.
  %w = gs.constant dense<[
      [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
      [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
      [0.0, 0.0, 3.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
      [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 4.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
      [0.0, 0.0, 0.0, 0.0, 5.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
      [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 6.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
      [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 7.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
      [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 8.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
      [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 9.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
      [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 10.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
      [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 11.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
      [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 12.0, 0.0, 0.0, 0.0, 0.0],
      [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 13.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
      [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 14.0, 0.0, 0.0],
      [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 15.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
      [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 16.0]
    ]> : tensor<16x32xf32> as tensor<16x32xf32, #gs.gather_scatter<banks = 16, width = 1>>
  %empty = tensor.empty() : tensor<16x1xf32>
  %y = gs.matmul %w, %x outs(%empty : tensor<16x1xf32>) strategy = <"lane-gather">
         : tensor<16x32xf32, #gs.gather_scatter<banks = 16, width = 1>>, tensor<32x1xf32> -> tensor<16x1xf32>
  return %y : tensor<16x1xf32>
}

func.func @main() {
  // X[k] = k.
  %x = tensor.generate {
  ^bb0(%k: index, %n: index):
    %i = arith.index_cast %k : index to i32
    %f = arith.sitofp %i : i32 to f32
    tensor.yield %f : f32
  } : tensor<32x1xf32>
  %y = call @layer(%x) : (tensor<32x1xf32>) -> tensor<16x1xf32>
  // Row r: (r + 1) * (r, or r + 16 if r is odd).
  %expected = arith.constant dense<[[0.0], [34.0], [6.0], [76.0], [20.0], [126.0], [42.0], [184.0], [72.0], [250.0], [110.0], [324.0], [156.0], [406.0], [210.0], [496.0]]> : tensor<16x1xf32>
  check.expect_close %y, %expected : tensor<16x1xf32>
  return
}
