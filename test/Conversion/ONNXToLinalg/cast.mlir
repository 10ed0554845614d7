// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: @saturates
// CHECK: arith.cmpf oge
// CHECK: arith.cmpf olt
// CHECK: arith.cmpf uno
// CHECK: arith.select
// CHECK: arith.fptosi
// CHECK: arith.select
// CHECK: arith.select
func.func @saturates(%x0: tensor<2x3xf32>) -> tensor<2x3xi32> {
  %0 = onnx.node "Cast"(%x0) {opset = 17 : i64, node_attributes = {to = 6 : i64}} : (tensor<2x3xf32>) -> tensor<2x3xi32>
  return %0 : tensor<2x3xi32>
}

// -----

// CHECK-LABEL: @to_bool
// CHECK: arith.cmpf une
func.func @to_bool(%x0: tensor<2x3xf32>) -> tensor<2x3xi1> {
  %0 = onnx.node "Cast"(%x0) {opset = 17 : i64, node_attributes = {to = 9 : i64}} : (tensor<2x3xf32>) -> tensor<2x3xi1>
  return %0 : tensor<2x3xi1>
}

// -----

// CHECK-LABEL: @unsigned_to_float
// CHECK: builtin.unrealized_conversion_cast %{{.*}} : ui8 to i8
// CHECK: arith.uitofp %{{.*}} : i8 to f32
func.func @unsigned_to_float(%x0: tensor<4xui8>) -> tensor<4xf32> {
  %0 = onnx.node "Cast"(%x0) {opset = 17 : i64, node_attributes = {to = 1 : i64}} : (tensor<4xui8>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

// CHECK-LABEL: @nothing_to_do
// CHECK: return %
func.func @nothing_to_do(%x0: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %0 = onnx.node "Cast"(%x0) {opset = 17 : i64, node_attributes = {to = 1 : i64}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----

// CHECK-LABEL: @folds
// CHECK: arith.constant dense<[1, -2]> : tensor<2xi64>
func.func @folds() -> tensor<2xi64> {
  %c0 = arith.constant dense<[1.5, -2.5]> : tensor<2xf32>
  %0 = onnx.node "Cast"(%c0) {opset = 17 : i64, node_attributes = {to = 7 : i64}} : (tensor<2xf32>) -> tensor<2xi64>
  return %0 : tensor<2xi64>
}

// -----

func.func @strings(%x0: tensor<2x3xf32>) -> tensor<2x3xf32> {
  // expected-error@+1 {{element type with TensorProto code 8 is not supported}}
  %0 = onnx.node "Cast"(%x0) {opset = 17 : i64, node_attributes = {to = 8 : i64}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----

// CHECK-LABEL: @mask_stays
// CHECK: arith.constant {onnx.mask = dense<[true, false]> : tensor<2xi1>} dense<[1.000000e+00, 0.000000e+00]> : tensor<2xf32>
func.func @mask_stays() -> tensor<2xf32> {
  %c0 = arith.constant {onnx.mask = dense<[true, false]> : tensor<2xi1>} dense<[1.0, 0.0]> : tensor<2xf16>
  %0 = onnx.node "Cast"(%c0) {opset = 17 : i64, node_attributes = {to = 1 : i64}} : (tensor<2xf16>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}
