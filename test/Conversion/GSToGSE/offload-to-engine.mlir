// RUN: gs-opt %s --gs-offload-to-engine | FileCheck %s
// RUN: gs-opt %s --gs-offload-to-engine="fp32 accumulators=4" | FileCheck %s --check-prefix=WIDE
// RUN: not gs-opt %s --gs-offload-to-engine=accumulators=3 2>&1 | FileCheck %s --check-prefix=THREE
// THREE: error: accumulators = 3 is not possible; use 1, 2 or 4

// Weights are rounded to halves: 70000 is infinite, 1e-9 vanishes but stays a weight of the mask. The input is rounded, the
// result float32 again.
// CHECK-LABEL: func.func @main
// CHECK: %[[W:.*]] = gs.constant dense<{{\[\[}}1.000000e+00, 0.000000e+00, {{.*}}, 0x7C00, 9.997550e-02, {{.*}} : tensor<4x8xf16> mask dense<{{\[\[}}true, true, false,
// CHECK: %[[X:.*]] = linalg.generic {{.*}} ins(%{{.*}} : tensor<8x1xf32>)
// CHECK: arith.truncf
// CHECK: %[[Y:.*]] = gs.matmul %[[W]], %[[X]] {{.*}}strategy = <"engine-gather", {accumulators = 2 : i64
// CHECK-SAME: -> tensor<4x1xf16>
// CHECK: %[[R:.*]] = linalg.generic {{.*}} ins(%[[Y]] : tensor<4x1xf16>)
// CHECK: arith.extf
// WIDE: strategy = <"engine-gather", {accumulators = 4 : i64, {{.*}}fp32 = 1 : i64

// What the engine cannot run stays as it was, with the reason; nothing made for it is left.
// CHECK: %[[A:.*]] = gs.matmul {{.*}} {gs.on_host = "it has an epilogue"} : tensor<4x8xf32
// CHECK: %[[B:.*]] = gs.matmul {{.*}} {gs.on_host = "its weight is no constant"} : tensor<4x8xf32>
// CHECK-NOT: linalg.generic

// Dense weights have a kernel, too.
// CHECK: %[[D:.*]] = arith.constant dense<9.997550e-02> : tensor<4x8xf16>
// CHECK: gs.matmul %[[D]], {{.*}}strategy = <"engine-dense"
// CHECK: %[[C:.*]] = linalg.generic
// CHECK: %[[H:.*]] = gs.matmul {{.*}} {gs.on_host = "its elements are not float32"}
// CHECK: return %[[R]], %[[A]], %[[B]], %[[C]], %[[H]]
func.func @main(%x: tensor<8x1xf32>, %m: tensor<4x8xf32>) -> (tensor<4x1xf32>, tensor<4x1xf32>, tensor<4x1xf32>, tensor<4x1xf32>, tensor<4x1xf64>) {
  %w = gs.constant dense<[[1.0, 1.0e-9, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 3.0, 4.0, 0.0, 0.0, 0.0, 0.0],
                          [0.0, 0.0, 0.0, 0.0, 70000.0, 0.1, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 7.0, 8.0]]> : tensor<4x8xf32>
         as tensor<4x8xf32, #gs.gather_scatter<banks = 8, width = 2>>
  %e = tensor.empty() : tensor<4x1xf32>
  %y = gs.matmul %w, %x outs(%e : tensor<4x1xf32>) : tensor<4x8xf32, #gs.gather_scatter<banks = 8, width = 2>>, tensor<8x1xf32> -> tensor<4x1xf32>
  %a = gs.matmul %w, %x outs(%e : tensor<4x1xf32>) : tensor<4x8xf32, #gs.gather_scatter<banks = 8, width = 2>>, tensor<8x1xf32> -> tensor<4x1xf32> {
  ^bb0(%s: f32):
    %n = arith.negf %s : f32
    gs.yield %n : f32
  }
  %b = gs.matmul %m, %x outs(%e : tensor<4x1xf32>) : tensor<4x8xf32>, tensor<8x1xf32> -> tensor<4x1xf32>
  %d = arith.constant dense<0.1> : tensor<4x8xf32>
  %c = gs.matmul %d, %x outs(%e : tensor<4x1xf32>) : tensor<4x8xf32>, tensor<8x1xf32> -> tensor<4x1xf32>
  %u = arith.constant dense<1.0> : tensor<4x8xf64>
  %v = arith.constant dense<1.0> : tensor<8x1xf64>
  %g = tensor.empty() : tensor<4x1xf64>
  %h = gs.matmul %u, %v outs(%g : tensor<4x1xf64>) : tensor<4x8xf64>, tensor<8x1xf64> -> tensor<4x1xf64>
  return %y, %a, %b, %c, %h : tensor<4x1xf32>, tensor<4x1xf32>, tensor<4x1xf32>, tensor<4x1xf32>, tensor<4x1xf64>
}
