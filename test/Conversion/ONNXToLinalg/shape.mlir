// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: @part
// CHECK: arith.constant dense<[3, 4]> : tensor<2xi64>
func.func @part(%x0: tensor<2x3x4x5xf32>) -> tensor<2xi64> {
  %0 = onnx.node "Shape"(%x0) {opset = 17 : i64, node_attributes = {start = 1 : i64, end = -1 : i64}} : (tensor<2x3x4x5xf32>) -> tensor<2xi64>
  return %0 : tensor<2xi64>
}
