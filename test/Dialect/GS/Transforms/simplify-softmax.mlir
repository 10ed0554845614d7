// RUN: gs-opt %s --split-input-file --gs-simplify-softmax --mlir-print-local-scope | FileCheck %s

// The product reads powers, and its result is multiplied by the inverse of their sum. The maximum is taken over the same
// numbers, though its loops have another order.
// Along the last dimension the maximum stays as it is.
// CHECK-LABEL: func.func @attention
// CHECK: arith.maximumf
// CHECK: %[[POWERS:.*]] = linalg.generic {{.*}} ins(%arg0, %{{.*}} : tensor<2x16x32xf32>, tensor<2x16xf32>)
// CHECK: math.exp
// CHECK: %[[INVERSE:.*]] = linalg.generic {{.*}} ins(%{{[0-9a-z]+}} : tensor<2x16xf32>) outs(%{{.*}} : tensor<2x16xf32>) {
// CHECK-NEXT: ^bb0
// CHECK: arith.divf
// CHECK: %[[PRODUCT:.*]] = linalg.batch_matmul ins(%[[POWERS]], %arg1 :
// CHECK: %[[RESULT:.*]] = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>],
// CHECK-SAME: ins(%[[INVERSE]] : tensor<2x16xf32>) outs(%[[PRODUCT]] : tensor<2x16x8xf32>)
// CHECK: arith.mulf
// CHECK: return %[[RESULT]]
func.func @attention(%x: tensor<2x16x32xf32>, %v: tensor<2x32x8xf32>) -> tensor<2x16x8xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %half = arith.constant 0.5 : f32
  %least = arith.constant 0xFF800000 : f32
  %row = tensor.empty() : tensor<2x16xf32>
  %m0 = linalg.fill ins(%least : f32) outs(%row : tensor<2x16xf32>) -> tensor<2x16xf32>
  %max = linalg.generic {indexing_maps = [affine_map<(t, b, q) -> (b, q, t)>, affine_map<(t, b, q) -> (b, q)>], iterator_types = ["reduction", "parallel", "parallel"]}
      ins(%x : tensor<2x16x32xf32>) outs(%m0 : tensor<2x16xf32>) {
  ^bb0(%a: f32, %c: f32):
    %0 = arith.mulf %a, %half : f32
    %1 = arith.maximumf %c, %0 : f32
    linalg.yield %1 : f32
  } -> tensor<2x16xf32>
  %matrix = tensor.empty() : tensor<2x16x32xf32>
  %e = linalg.generic {indexing_maps = [affine_map<(b, q, t) -> (b, q, t)>, affine_map<(b, q, t) -> (b, q)>, affine_map<(b, q, t) -> (b, q, t)>], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x, %max : tensor<2x16x32xf32>, tensor<2x16xf32>) outs(%matrix : tensor<2x16x32xf32>) {
  ^bb0(%a: f32, %m: f32, %c: f32):
    %0 = arith.mulf %a, %half : f32
    %1 = arith.subf %0, %m : f32
    %2 = math.exp %1 : f32
    linalg.yield %2 : f32
  } -> tensor<2x16x32xf32>
  %s0 = linalg.fill ins(%zero : f32) outs(%row : tensor<2x16xf32>) -> tensor<2x16xf32>
  %sum = linalg.generic {indexing_maps = [affine_map<(b, q, t) -> (b, q, t)>, affine_map<(b, q, t) -> (b, q)>], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%e : tensor<2x16x32xf32>) outs(%s0 : tensor<2x16xf32>) {
  ^bb0(%a: f32, %c: f32):
    %0 = arith.addf %c, %a : f32
    linalg.yield %0 : f32
  } -> tensor<2x16xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(b, q) -> (b, q)>, affine_map<(b, q) -> (b, q)>], iterator_types = ["parallel", "parallel"]}
      ins(%sum : tensor<2x16xf32>) outs(%row : tensor<2x16xf32>) {
  ^bb0(%a: f32, %c: f32):
    %0 = arith.divf %one, %a : f32
    linalg.yield %0 : f32
  } -> tensor<2x16xf32>
  %p = linalg.generic {indexing_maps = [affine_map<(b, q, t) -> (b, q, t)>, affine_map<(b, q, t) -> (b, q)>, affine_map<(b, q, t) -> (b, q, t)>], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%e, %r : tensor<2x16x32xf32>, tensor<2x16xf32>) outs(%matrix : tensor<2x16x32xf32>) {
  ^bb0(%a: f32, %m: f32, %c: f32):
    %0 = arith.mulf %a, %m : f32
    linalg.yield %0 : f32
  } -> tensor<2x16x32xf32>
  %out = tensor.empty() : tensor<2x16x8xf32>
  %o0 = linalg.fill ins(%zero : f32) outs(%out : tensor<2x16x8xf32>) -> tensor<2x16x8xf32>
  %y = linalg.batch_matmul ins(%p, %v : tensor<2x16x32xf32>, tensor<2x32x8xf32>) outs(%o0 : tensor<2x16x8xf32>) -> tensor<2x16x8xf32>
  return %y : tensor<2x16x8xf32>
}

// -----

// Powers of what is not shifted by its maximum may be too large for a sum: they are divided first.
// CHECK-LABEL: func.func @unbounded
// CHECK: %[[P:.*]] = linalg.generic {{.*}} ins(%{{.*}}, %{{.*}} : tensor<16x32xf32>, tensor<16xf32>)
// CHECK: linalg.matmul ins(%[[P]], %arg1 :
func.func @unbounded(%x: tensor<16x32xf32>, %v: tensor<32x8xf32>) -> tensor<16x8xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %row = tensor.empty() : tensor<16xf32>
  %matrix = tensor.empty() : tensor<16x32xf32>
  %e = linalg.generic {indexing_maps = [affine_map<(q, t) -> (q, t)>, affine_map<(q, t) -> (q, t)>], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<16x32xf32>) outs(%matrix : tensor<16x32xf32>) {
  ^bb0(%a: f32, %c: f32):
    %0 = math.exp %a : f32
    linalg.yield %0 : f32
  } -> tensor<16x32xf32>
  %s0 = linalg.fill ins(%zero : f32) outs(%row : tensor<16xf32>) -> tensor<16xf32>
  %sum = linalg.generic {indexing_maps = [affine_map<(q, t) -> (q, t)>, affine_map<(q, t) -> (q)>], iterator_types = ["parallel", "reduction"]}
      ins(%e : tensor<16x32xf32>) outs(%s0 : tensor<16xf32>) {
  ^bb0(%a: f32, %c: f32):
    %0 = arith.addf %c, %a : f32
    linalg.yield %0 : f32
  } -> tensor<16xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(q) -> (q)>, affine_map<(q) -> (q)>], iterator_types = ["parallel"]}
      ins(%sum : tensor<16xf32>) outs(%row : tensor<16xf32>) {
  ^bb0(%a: f32, %c: f32):
    %0 = arith.divf %one, %a : f32
    linalg.yield %0 : f32
  } -> tensor<16xf32>
  %p = linalg.generic {indexing_maps = [affine_map<(q, t) -> (q, t)>, affine_map<(q, t) -> (q)>, affine_map<(q, t) -> (q, t)>], iterator_types = ["parallel", "parallel"]}
      ins(%e, %r : tensor<16x32xf32>, tensor<16xf32>) outs(%matrix : tensor<16x32xf32>) {
  ^bb0(%a: f32, %m: f32, %c: f32):
    %0 = arith.mulf %a, %m : f32
    linalg.yield %0 : f32
  } -> tensor<16x32xf32>
  %out = tensor.empty() : tensor<16x8xf32>
  %o0 = linalg.fill ins(%zero : f32) outs(%out : tensor<16x8xf32>) -> tensor<16x8xf32>
  %y = linalg.matmul ins(%p, %v : tensor<16x32xf32>, tensor<32x8xf32>) outs(%o0 : tensor<16x8xf32>) -> tensor<16x8xf32>
  return %y : tensor<16x8xf32>
}

// -----

// Tokens are rows: the maximum of a column ignores NaN, and the factor is applied to the maximum. It has no product to be scaled.
// CHECK-LABEL: func.func @columns
// CHECK: %[[MAX:.*]] = linalg.generic {{.*}} ins(%arg0 : tensor<32x16xf32>)
// CHECK-NEXT: ^bb0(%[[X:.*]]: f32, %[[RUNNING:.*]]: f32):
// CHECK-NEXT: %[[LARGER:.*]] = arith.cmpf ogt, %[[X]], %[[RUNNING]] : f32
// CHECK-NEXT: arith.select %[[LARGER]], %[[X]], %[[RUNNING]] : f32
// CHECK: %[[SCALED:.*]] = linalg.generic {{.*}} ins(%[[MAX]] : tensor<16xf32>)
// CHECK: arith.divf
// CHECK: linalg.generic {{.*}} ins(%arg0, %[[SCALED]] :
// CHECK: math.exp
func.func @columns(%x: tensor<32x16xf32>) -> tensor<32x16xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %eight = arith.constant 8.0 : f32
  %least = arith.constant 0xFF800000 : f32
  %row = tensor.empty() : tensor<16xf32>
  %m0 = linalg.fill ins(%least : f32) outs(%row : tensor<16xf32>) -> tensor<16xf32>
  %max = linalg.generic {indexing_maps = [affine_map<(q, t) -> (t, q)>, affine_map<(q, t) -> (q)>], iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<32x16xf32>) outs(%m0 : tensor<16xf32>) {
  ^bb0(%a: f32, %c: f32):
    %0 = arith.divf %a, %eight : f32
    %1 = arith.maximumf %c, %0 : f32
    linalg.yield %1 : f32
  } -> tensor<16xf32>
  %matrix = tensor.empty() : tensor<32x16xf32>
  %e = linalg.generic {indexing_maps = [affine_map<(t, q) -> (t, q)>, affine_map<(t, q) -> (q)>, affine_map<(t, q) -> (t, q)>], iterator_types = ["parallel", "parallel"]}
      ins(%x, %max : tensor<32x16xf32>, tensor<16xf32>) outs(%matrix : tensor<32x16xf32>) {
  ^bb0(%a: f32, %m: f32, %c: f32):
    %0 = arith.divf %a, %eight : f32
    %1 = arith.subf %0, %m : f32
    %2 = math.exp %1 : f32
    linalg.yield %2 : f32
  } -> tensor<32x16xf32>
  %s0 = linalg.fill ins(%zero : f32) outs(%row : tensor<16xf32>) -> tensor<16xf32>
  %sum = linalg.generic {indexing_maps = [affine_map<(t, q) -> (t, q)>, affine_map<(t, q) -> (q)>], iterator_types = ["reduction", "parallel"]}
      ins(%e : tensor<32x16xf32>) outs(%s0 : tensor<16xf32>) {
  ^bb0(%a: f32, %c: f32):
    %0 = arith.addf %c, %a : f32
    linalg.yield %0 : f32
  } -> tensor<16xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(q) -> (q)>, affine_map<(q) -> (q)>], iterator_types = ["parallel"]}
      ins(%sum : tensor<16xf32>) outs(%row : tensor<16xf32>) {
  ^bb0(%a: f32, %c: f32):
    %0 = arith.divf %one, %a : f32
    linalg.yield %0 : f32
  } -> tensor<16xf32>
  %p = linalg.generic {indexing_maps = [affine_map<(t, q) -> (t, q)>, affine_map<(t, q) -> (q)>, affine_map<(t, q) -> (t, q)>], iterator_types = ["parallel", "parallel"]}
      ins(%e, %r : tensor<32x16xf32>, tensor<16xf32>) outs(%matrix : tensor<32x16xf32>) {
  ^bb0(%a: f32, %m: f32, %c: f32):
    %0 = arith.mulf %a, %m : f32
    linalg.yield %0 : f32
  } -> tensor<32x16xf32>
  return %p : tensor<32x16xf32>
}
