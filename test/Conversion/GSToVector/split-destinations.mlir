// Every op that fills an empty tensor has one of its own.
//
// RUN: gs-opt %s --gs-split-destinations | FileCheck %s

// CHECK-LABEL: func.func @main
// CHECK: %[[E:.*]] = tensor.empty() : tensor<4xf32>
// CHECK: %[[F:.*]] = tensor.empty() : tensor<4xf32>
// CHECK: linalg.exp {{.*}} outs(%[[F]] :
// CHECK: %[[G:.*]] = tensor.empty() : tensor<4xf32>
// CHECK: linalg.exp {{.*}} outs(%[[G]] :
// A step of a loop takes what is there for all steps.
// CHECK: scf.for
// CHECK-NOT: tensor.empty
// CHECK: linalg.exp {{.*}} outs(%[[E]] :
func.func @main(%x: tensor<4xf32>, %n: index) -> (tensor<4xf32>, tensor<4xf32>) {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %e = tensor.empty() : tensor<4xf32>
  %a = linalg.exp ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  %b = linalg.exp ins(%a : tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  %c = scf.for %i = %zero to %n step %one iter_args(%s = %a) -> tensor<4xf32> {
    %d = linalg.exp ins(%s : tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
    scf.yield %d : tensor<4xf32>
  }
  return %b, %c : tensor<4xf32>, tensor<4xf32>
}
