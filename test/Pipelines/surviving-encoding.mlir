// An encoded weight that no gs op takes stops the pipeline; it never becomes dense in silence.
// RUN: not gs-opt %s --gs-compile-cpu=target=x86-64-v3 2>&1 | FileCheck %s
// CHECK: error:
// CHECK-SAME: {{pattern|encod}}
func.func @main(%i: index) -> f32 {
  %w = gs.constant dense<[[1.0, 0.0], [0.0, 2.0]]> : tensor<2x2xf32> as tensor<2x2xf32, #gs.unstructured>
  %0 = tensor.extract %w[%i, %i] : tensor<2x2xf32, #gs.unstructured>
  return %0 : f32
}
