// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: @max
// CHECK: arith.constant 0xFF800000 : f32
// CHECK: linalg.generic {{.*}} iterator_types = ["parallel", "parallel", "reduction", "parallel"]
// CHECK: arith.maximumf
func.func @max(%x: tensor<2x3x5xf32>) -> tensor<2x3x1xf32> {
  %0 = onnx.node "GlobalMaxPool"(%x) {opset = 17 : i64} : (tensor<2x3x5xf32>) -> tensor<2x3x1xf32>
  return %0 : tensor<2x3x1xf32>
}

// -----

func.func @integers(%x: tensor<2x3x5xi8>) -> tensor<2x3x1xi8> {
  // expected-error@+1 {{input 0 (X) has elements of type i8, but 32- or 64-bit floats are expected}}
  %0 = onnx.node "GlobalMaxPool"(%x) {opset = 17 : i64} : (tensor<2x3x5xi8>) -> tensor<2x3x1xi8>
  return %0 : tensor<2x3x1xi8>
}
