// RUN: gs-opt %s --gs-choose-layouts --split-input-file | FileCheck %s

#q = affine_map<(h, q, t, d) -> (h, d, q)>
#k = affine_map<(h, q, t, d) -> (h, d, t)>
#s = affine_map<(h, q, t, d) -> (h, q, t)>
#id = affine_map<(h, q, t) -> (h, q, t)>
#row = affine_map<(h, q, t) -> (h, q)>
#mask = affine_map<(h, q, t) -> (t)>
#p = affine_map<(h, q, d, t) -> (h, q, t)>
#v = affine_map<(h, q, d, t) -> (h, d, t)>
#c = affine_map<(h, q, d, t) -> (h, d, q)>

// Scores and weights of an attention are computed with the query as last dimension, in which the context is contiguous.
// CHECK-DAG: #[[ST:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d2, d1)>
// CHECK-DAG: #[[IN:.*]] = affine_map<(d0, d1, d2) -> (d0, d2, d1)>
// CHECK-DAG: #[[ROW:.*]] = affine_map<(d0, d1, d2) -> (d0, d1)>
// CHECK-DAG: #[[PT:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d3, d1)>
// CHECK-LABEL: @attention
// CHECK: linalg.generic {indexing_maps = [#{{.*}}, #{{.*}}, #[[ST]]]
// CHECK-SAME: outs(%{{.*}} : tensor<2x9x7xf32>)
// CHECK: linalg.generic {indexing_maps = [#[[IN]], #[[ROW]]]
// CHECK: linalg.generic
// CHECK-SAME: outs(%{{.*}} : tensor<2x9x7xf32>)
// CHECK: linalg.generic {indexing_maps = [#[[PT]], #{{.*}}, #[[ST]]]
// CHECK-SAME: outs(%{{.*}} : tensor<2x16x7xf32>)
func.func @attention(%q: tensor<2x16x7xf32>, %k: tensor<2x16x9xf32>, %v: tensor<2x16x9xf32>, %mask: tensor<9xf32>) -> tensor<2x16x7xf32> {
  %zero = arith.constant 0.0 : f32
  %e0 = tensor.empty() : tensor<2x7x9xf32>
  %f0 = linalg.fill ins(%zero : f32) outs(%e0 : tensor<2x7x9xf32>) -> tensor<2x7x9xf32>
  %s = linalg.generic {indexing_maps = [#q, #k, #s], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%q, %k : tensor<2x16x7xf32>, tensor<2x16x9xf32>) outs(%f0 : tensor<2x7x9xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %0 = arith.mulf %a, %b : f32
    %1 = arith.addf %o, %0 : f32
    linalg.yield %1 : f32
  } -> tensor<2x7x9xf32>
  %e1 = tensor.empty() : tensor<2x7xf32>
  %f1 = linalg.fill ins(%zero : f32) outs(%e1 : tensor<2x7xf32>) -> tensor<2x7xf32>
  %m = linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "parallel", "reduction"]} ins(%s : tensor<2x7x9xf32>) outs(%f1 : tensor<2x7xf32>) {
  ^bb0(%a: f32, %o: f32):
    %0 = arith.maximumf %o, %a : f32
    linalg.yield %0 : f32
  } -> tensor<2x7xf32>
  %p = linalg.generic {indexing_maps = [#id, #row, #mask, #id], iterator_types = ["parallel", "parallel", "parallel"]} ins(%s, %m, %mask : tensor<2x7x9xf32>, tensor<2x7xf32>, tensor<9xf32>) outs(%e0 : tensor<2x7x9xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %o: f32):
    %0 = arith.subf %a, %b : f32
    %1 = arith.addf %0, %c : f32
    linalg.yield %1 : f32
  } -> tensor<2x7x9xf32>
  %e2 = tensor.empty() : tensor<2x16x7xf32>
  %f2 = linalg.fill ins(%zero : f32) outs(%e2 : tensor<2x16x7xf32>) -> tensor<2x16x7xf32>
  %c = linalg.generic {indexing_maps = [#p, #v, #c], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%p, %v : tensor<2x7x9xf32>, tensor<2x16x9xf32>) outs(%f2 : tensor<2x16x7xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %0 = arith.mulf %a, %b : f32
    %1 = arith.addf %o, %0 : f32
    linalg.yield %1 : f32
  } -> tensor<2x16x7xf32>
  return %c : tensor<2x16x7xf32>
}

// -----

#a = affine_map<(m, n, k) -> (m, k)>
#b = affine_map<(m, n, k) -> (n, k)>
#c = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(n, k) -> (n, k)>

// What the function returns keeps its layout.
// CHECK-LABEL: @returned
// CHECK: math.exp
// CHECK: } -> tensor<5x4xf32>
func.func @returned(%x: tensor<3x4xf32>, %y: tensor<5x4xf32>) -> (tensor<3x5xf32>, tensor<5x4xf32>) {
  %zero = arith.constant 0.0 : f32
  %e0 = tensor.empty() : tensor<5x4xf32>
  %p = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%y : tensor<5x4xf32>) outs(%e0 : tensor<5x4xf32>) {
  ^bb0(%a: f32, %o: f32):
    %0 = math.exp %a : f32
    linalg.yield %0 : f32
  } -> tensor<5x4xf32>
  %e1 = tensor.empty() : tensor<3x5xf32>
  %f1 = linalg.fill ins(%zero : f32) outs(%e1 : tensor<3x5xf32>) -> tensor<3x5xf32>
  %c = linalg.generic {indexing_maps = [#a, #b, #c], iterator_types = ["parallel", "parallel", "reduction"]} ins(%x, %p : tensor<3x4xf32>, tensor<5x4xf32>) outs(%f1 : tensor<3x5xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %0 = arith.mulf %a, %b : f32
    %1 = arith.addf %o, %0 : f32
    linalg.yield %1 : f32
  } -> tensor<3x5xf32>
  return %c, %p : tensor<3x5xf32>, tensor<5x4xf32>
}
