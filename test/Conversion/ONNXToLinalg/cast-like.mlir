// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: @floats
// CHECK: arith.extf %{{.*}} : f32 to f64
func.func @floats(%x0: tensor<2x3xf32>, %x1: tensor<1xf64>) -> tensor<2x3xf64> {
  %0 = onnx.node "CastLike"(%x0, %x1) {opset = 17 : i64} : (tensor<2x3xf32>, tensor<1xf64>) -> tensor<2x3xf64>
  return %0 : tensor<2x3xf64>
}
