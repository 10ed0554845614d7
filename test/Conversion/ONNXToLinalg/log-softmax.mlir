// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: @last
// CHECK: arith.maximumf
// CHECK: arith.subf
// CHECK: math.exp
// CHECK: arith.addf
// CHECK: math.log
// CHECK: arith.subf
// CHECK-NOT: arith.divf
// CHECK: return
func.func @last(%x: tensor<2x3x5xf32>) -> tensor<2x3x5xf32> {
  %0 = onnx.node "LogSoftmax"(%x) {opset = 13 : i64} : (tensor<2x3x5xf32>) -> tensor<2x3x5xf32>
  return %0 : tensor<2x3x5xf32>
}

// -----

func.func @axis(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  // expected-error@+1 {{axis -3 is outside a tensor of rank 2}}
  %0 = onnx.node "LogSoftmax"(%x) {opset = 11 : i64, node_attributes = {axis = -3 : i64}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}
