// RUN: gs-opt %s --split-input-file --verify-diagnostics

func.func @no_op_type(%x: tensor<4xf32>) {
  // expected-error @below {{'onnx.node' op needs a non-empty op_type}}
  %0 = onnx.node ""(%x) {opset = 16 : i64} : (tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @no_opset(%x: tensor<4xf32>) {
  // expected-error @below {{'onnx.node' op opset must be at least 1, got 0}}
  %0 = onnx.node "Relu"(%x) {opset = 0 : i64} : (tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @operand_slot_count(%x: tensor<4xf32>) {
  // expected-error @below {{'onnx.node' op operand_slots has 2 entries for 1 operands}}
  %0 = onnx.node "Clip"(%x) {opset = 16 : i64, operand_slots = array<i32: 0, 2>} : (tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @result_slot_count(%x: tensor<4xf32>) {
  // expected-error @below {{'onnx.node' op result_slots has 2 entries for 1 results}}
  %0 = onnx.node "Dropout"(%x) {opset = 16 : i64, result_slots = array<i32: 0, 1>} : (tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @slot_order(%x: tensor<4xf32>) {
  // expected-error @below {{'onnx.node' op operand_slots must be non-negative and ascend, but entry 1 is 1}}
  %0 = onnx.node "Clip"(%x, %x) {opset = 16 : i64, operand_slots = array<i32: 1, 1>}
    : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @negative_slot(%x: tensor<4xf32>) {
  // expected-error @below {{'onnx.node' op result_slots must be non-negative and ascend, but entry 0 is -1}}
  %0 = onnx.node "Relu"(%x) {opset = 16 : i64, result_slots = array<i32: -1>} : (tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @unnamed_region(%x: tensor<4xf32>) {
  // expected-error @below {{'onnx.node' op region_names must name every subgraph}}
  %0 = onnx.node "Loop"(%x) {opset = 16 : i64} : (tensor<4xf32>) -> tensor<4xf32> {
    onnx.yield %x : tensor<4xf32>
  }
  return
}

// -----

func.func @yield_outside(%x: tensor<4xf32>) {
  // expected-error @below {{'onnx.yield' op expects parent op 'onnx.node'}}
  onnx.yield %x : tensor<4xf32>
}
