// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: @steps
// CHECK: tensor.extract_slice %{{.*}}[1, 0] [2, 5] [1, 2]
func.func @steps(%x0: tensor<4x9xf32>) -> tensor<2x5xf32> {
  %c1 = arith.constant dense<[1, 0]> : tensor<2xi64>
  %c2 = arith.constant dense<[3, 9223372036854775807]> : tensor<2xi64>
  %c3 = arith.constant dense<[0, 1]> : tensor<2xi64>
  %c4 = arith.constant dense<[1, 2]> : tensor<2xi64>
  %0 = onnx.node "Slice"(%x0, %c1, %c2, %c3, %c4) {opset = 17 : i64} : (tensor<4x9xf32>, tensor<2xi64>, tensor<2xi64>, tensor<2xi64>, tensor<2xi64>) -> tensor<2x5xf32>
  return %0 : tensor<2x5xf32>
}

// -----

// CHECK-LABEL: @reversed
// CHECK: linalg.generic {indexing_maps = [#[[M:.*]], #{{.*}}]
// CHECK-NOT: tensor.extract_slice
func.func @reversed(%x0: tensor<9xf32>) -> tensor<5xf32> {
  %c1 = arith.constant dense<-1> : tensor<1xi64>
  %c2 = arith.constant dense<-9223372036854775808> : tensor<1xi64>
  %c3 = arith.constant dense<0> : tensor<1xi64>
  %c4 = arith.constant dense<-2> : tensor<1xi64>
  %0 = onnx.node "Slice"(%x0, %c1, %c2, %c3, %c4) {opset = 17 : i64} : (tensor<9xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<5xf32>
  return %0 : tensor<5xf32>
}

// -----

// CHECK-LABEL: @attributes
// CHECK: tensor.extract_slice %{{.*}}[0, 6] [4, 3] [1, 1]
func.func @attributes(%x0: tensor<4x9xf32>) -> tensor<4x3xf32> {
  %0 = onnx.node "Slice"(%x0) {opset = 9 : i64, node_attributes = {starts = array<i64: -3>, ends = array<i64: 9>, axes = array<i64: 1>}} : (tensor<4x9xf32>) -> tensor<4x3xf32>
  return %0 : tensor<4x3xf32>
}

// -----

// CHECK-LABEL: @folds
// CHECK: arith.constant dense<[6, 7]> : tensor<2xi64>
func.func @folds() -> tensor<2xi64> {
  %c0 = arith.constant dense<[5, 6, 7, 8]> : tensor<4xi64>
  %c1 = arith.constant dense<1> : tensor<1xi64>
  %c2 = arith.constant dense<3> : tensor<1xi64>
  %0 = onnx.node "Slice"(%c0, %c1, %c2) {opset = 17 : i64} : (tensor<4xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<2xi64>
  return %0 : tensor<2xi64>
}

// -----

func.func @zero_step(%x0: tensor<9xf32>) -> tensor<5xf32> {
  %c1 = arith.constant dense<0> : tensor<1xi64>
  %c2 = arith.constant dense<9> : tensor<1xi64>
  %c3 = arith.constant dense<0> : tensor<1xi64>
  %c4 = arith.constant dense<0> : tensor<1xi64>
  // expected-error@+1 {{a step is 0}}
  %0 = onnx.node "Slice"(%x0, %c1, %c2, %c3, %c4) {opset = 17 : i64} : (tensor<9xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<5xf32>
  return %0 : tensor<5xf32>
}

// -----

func.func @nothing_left(%x0: tensor<9xf32>) -> tensor<0xf32> {
  %c1 = arith.constant dense<5> : tensor<1xi64>
  %c2 = arith.constant dense<5> : tensor<1xi64>
  // expected-error@+1 {{with a zero-sized dimension; check the input shapes, or remove the node}}
  %0 = onnx.node "Slice"(%x0, %c1, %c2) {opset = 17 : i64} : (tensor<9xf32>, tensor<1xi64>, tensor<1xi64>) -> tensor<0xf32>
  return %0 : tensor<0xf32>
}
