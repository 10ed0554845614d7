// RUN: gs-opt %s --gs-extract-gather-kernels | FileCheck %s
// RUN: gs-opt %s --gs-extract-gather-kernels --convert-gs-to-gather=wide-sums | FileCheck %s --check-prefix=KERNEL
// RUN: not gs-opt %s --gs-extract-gather-kernels=machine=riscv64-v 2>&1 | FileCheck %s --check-prefix=FLOATS
// FLOATS: error: machine 'riscv64-v' has vectors of any length, for which layers need no extraction

// A row has a step of its own, here that which 16 bits need. The weight of the fifth is kept though it is zero.
// CHECK: module attributes {gs.left_out = {{\[\[}}"dense", "its weight has no zeros; a dense kernel needs no gathers"],
// CHECK-SAME: ["other", "its zeros form no gather_scatter<banks = B, width = k> with B = 64, 32, 16 or 8; `gsc prune` makes such zeros"]]}
// CHECK-NOT: @main_graph
// CHECK-LABEL: func.func @fc_1(%{{.*}}: tensor<8x3xi16>) -> tensor<8x3xi16>
// CHECK-SAME: gs.density = 1.250000e-01
// CHECK-SAME: gs.node = "fc.1"
// CHECK-SAME: gs.scale = array<f64: 3.05{{[0-9]*}}E-5, 6.10{{[0-9]*}}E-5,
// CHECK: gs.constant dense<{{\[\[}}32767, 0, 0, 0, 0, 0, 0, 0], [0, -32767,
// CHECK-SAME: mask
// CHECK-SAME: as tensor<8x8xi16, #gs.gather_scatter<banks = 8, width = 1>>
// CHECK: gs.matmul
// KERNEL: func.func @fc_1(%{{.*}}: memref<24xi16>, %{{.*}}: memref<24xi32>)
#fc = loc("fc.1")
#dense = loc("dense")
#other = loc("other")
func.func @main_graph(%x: tensor<8x3xf32>) -> (tensor<8x3xf32>, tensor<8x3xf32>, tensor<8x3xf32>) {
  %w = gs.constant dense<[[1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], [0.0, -2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
                          [0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0],
                          [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0],
                          [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0]]> : tensor<8x8xf32>
       mask dense<[[true, false, false, false, false, false, false, false], [false, true, false, false, false, false, false, false],
                   [false, false, true, false, false, false, false, false], [false, false, false, true, false, false, false, false],
                   [false, false, false, false, true, false, false, false], [false, false, false, false, false, true, false, false],
                   [false, false, false, false, false, false, true, false], [false, false, false, false, false, false, false, true]]> : tensor<8x8xi1>
       as tensor<8x8xf32, #gs.gather_scatter<banks = 8, width = 1>>
  %d = arith.constant dense<1.0> : tensor<8x8xf32>
  %o = arith.constant dense<[[1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
                             [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
                             [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
                             [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]]> : tensor<8x8xf32>
  %e = tensor.empty() : tensor<8x3xf32>
  %y = gs.matmul %w, %x outs(%e : tensor<8x3xf32>) : tensor<8x8xf32, #gs.gather_scatter<banks = 8, width = 1>>, tensor<8x3xf32> -> tensor<8x3xf32> loc(#fc)
  %z = gs.matmul %d, %x outs(%e : tensor<8x3xf32>) : tensor<8x8xf32>, tensor<8x3xf32> -> tensor<8x3xf32> loc(#dense)
  %v = gs.matmul %o, %x outs(%e : tensor<8x3xf32>) : tensor<8x8xf32>, tensor<8x3xf32> -> tensor<8x3xf32> loc(#other)
  return %y, %z, %v : tensor<8x3xf32>, tensor<8x3xf32>, tensor<8x3xf32>
}
