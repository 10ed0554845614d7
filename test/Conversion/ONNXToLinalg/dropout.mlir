// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: @inference
// CHECK: %[[MASK:.*]] = arith.constant dense<true> : tensor<2x3xi1>
// CHECK: return %{{.*}}, %[[MASK]]
func.func @inference(%x0: tensor<2x3xf32>) -> (tensor<2x3xf32>, tensor<2x3xi1>) {
  %0:2 = onnx.node "Dropout"(%x0) {opset = 17 : i64} : (tensor<2x3xf32>) -> (tensor<2x3xf32>, tensor<2x3xi1>)
  return %0#0, %0#1 : tensor<2x3xf32>, tensor<2x3xi1>
}

// -----

func.func @training(%x0: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %c1 = arith.constant dense<true> : tensor<i1>
  // expected-error@+1 {{training_mode is true, but models are compiled for inference; export the model in eval mode}}
  %0 = onnx.node "Dropout"(%x0, %c1) {opset = 17 : i64, operand_slots = array<i32: 0, 2>} : (tensor<2x3xf32>, tensor<i1>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}
