// RUN: gs-opt %s | FileCheck %s
// RUN: gs-opt %s | gs-opt | FileCheck %s
// RUN: gs-opt %s --emit-bytecode | gs-opt | FileCheck %s

// CHECK-LABEL: func.func @plain
func.func @plain(%x: tensor<1x8xf32>) -> tensor<1x8xf32> {
  // CHECK: onnx.node "Relu"(%{{.*}}) {opset = 17 : i64} : (tensor<1x8xf32>) -> tensor<1x8xf32>
  %0 = onnx.node "Relu"(%x) {opset = 17 : i64} : (tensor<1x8xf32>) -> tensor<1x8xf32>
  return %0 : tensor<1x8xf32>
}

// Absent optional inputs and outputs leave gaps in the slots.
// CHECK-LABEL: func.func @slots
func.func @slots(%x: tensor<1x8xf32>, %max: tensor<f32>) -> tensor<1x8xf32> {
  // CHECK: onnx.node "Clip"(%{{.*}}, %{{.*}}) {operand_slots = array<i32: 0, 2>, opset = 13 : i64, result_slots = array<i32: 0>}
  %0 = onnx.node "Clip"(%x, %max) {operand_slots = array<i32: 0, 2>, opset = 13 : i64, result_slots = array<i32: 0>}
    : (tensor<1x8xf32>, tensor<f32>) -> tensor<1x8xf32>
  return %0 : tensor<1x8xf32>
}

// CHECK-LABEL: func.func @attributes
func.func @attributes(%x: tensor<1x8xf32>) -> tensor<*x!onnx.unknown> {
  // CHECK: onnx.node "Custom"(%{{.*}}) {domain = "com.example", node_attributes = {alpha = 5.000000e-01 : f32, mode = "fast", pads = array<i64: 0, 1>}, opset = 1 : i64}
  // CHECK-SAME: -> tensor<*x!onnx.unknown>
  %0 = onnx.node "Custom"(%x) {node_attributes = {alpha = 0.5 : f32, mode = "fast", pads = array<i64: 0, 1>},
                               domain = "com.example", opset = 1 : i64} : (tensor<1x8xf32>) -> tensor<*x!onnx.unknown>
  return %0 : tensor<*x!onnx.unknown>
}

// CHECK-LABEL: func.func @subgraphs
func.func @subgraphs(%c: tensor<i1>, %x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: onnx.node "If"(%{{.*}}) {opset = 16 : i64, region_names = ["then_branch", "else_branch"]} : (tensor<i1>) -> tensor<4xf32> {
  // CHECK:   onnx.yield %{{.*}} : tensor<4xf32>
  // CHECK: }, {
  // CHECK:   onnx.yield %{{.*}} : tensor<4xf32>
  %0 = onnx.node "If"(%c) {opset = 16 : i64, region_names = ["then_branch", "else_branch"]}
      : (tensor<i1>) -> tensor<4xf32> {
    %1 = onnx.node "Neg"(%x) {opset = 16 : i64} : (tensor<4xf32>) -> tensor<4xf32>
    onnx.yield %1 : tensor<4xf32>
  }, {
    onnx.yield %x : tensor<4xf32>
  }
  return %0 : tensor<4xf32>
}

// CHECK-LABEL: func.func @body_arguments
func.func @body_arguments(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: ^bb0(%[[V:.*]]: tensor<f32>):
  // CHECK-NEXT: onnx.yield %[[V]] : tensor<f32>
  %0 = onnx.node "Scan"(%x) {node_attributes = {num_scan_inputs = 1 : i64}, opset = 16 : i64, region_names = ["body"]}
      : (tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%v: tensor<f32>):
    onnx.yield %v : tensor<f32>
  }
  return %0 : tensor<4xf32>
}
