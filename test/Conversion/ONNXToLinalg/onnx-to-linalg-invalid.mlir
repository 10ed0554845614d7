// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics

func.func @opset(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  // expected-error@+1 {{Gemm node (domain 'ai.onnx', opset 6) cannot be converted: this version of the operator is not supported (the oldest supported opset is 7); convert the model with onnx.version_converter}}
  %0 = onnx.node "Gemm"(%x, %x, %x) {opset = 6 : i64} : (tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----

func.func @subgraph(%c: tensor<i1>, %x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error@+1 {{If node (domain 'ai.onnx', opset 16) cannot be converted: control flow with subgraphs is not supported}}
  %0 = onnx.node "If"(%c) {opset = 16 : i64, region_names = ["then_branch", "else_branch"]} : (tensor<i1>) -> tensor<4xf32> {
    onnx.yield %x : tensor<4xf32>
  }, {
    onnx.yield %x : tensor<4xf32>
  }
  return %0 : tensor<4xf32>
}

// -----

func.func @value_info(%x: tensor<2x3xf32>) -> tensor<*xf32> {
  // expected-error@+1 {{the file declares output 0 as tensor<2x4xf32>, but it follows from the inputs that it is tensor<2x3xf32>; correct or remove its value_info}}
  %0 = onnx.node "Relu"(%x) {opset = 17 : i64} : (tensor<2x3xf32>) -> tensor<2x4xf32>
  %1 = onnx.node "Relu"(%0) {opset = 17 : i64} : (tensor<2x4xf32>) -> tensor<*xf32>
  return %1 : tensor<*xf32>
}

// -----

// One problem with the input, nothing about the nodes behind it.
// expected-error@+1 {{input 'x' has type 'tensor<?x3xf32>', but code is generated for static shapes only; give its shape, as in --shape x=1x3x224x224}}
func.func @dynamic_input(%x: tensor<?x3xf32> {onnx.name = "x"}) -> tensor<?x3xf32> {
  %0 = onnx.node "Relu"(%x) {opset = 17 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
  return %0 : tensor<?x3xf32>
}

// -----

// expected-error@+1 {{input '#0' has type 'tensor<0x3xf32>', whose zero-sized dimension leaves nothing to compute}}
func.func @empty_input(%x: tensor<0x3xf32>) -> tensor<0x3xf32> {
  %0 = onnx.node "Relu"(%x) {opset = 17 : i64} : (tensor<0x3xf32>) -> tensor<0x3xf32>
  return %0 : tensor<0x3xf32>
}

// -----

// expected-error@+1 {{which is larger than any memory}}
func.func @huge_input(%x: tensor<4294967296x4294967296x4xf32>) -> tensor<*xf32> {
  %0 = onnx.node "Relu"(%x) {opset = 17 : i64} : (tensor<4294967296x4294967296x4xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @too_many_outputs(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  // expected-error@+1 {{it names 2 outputs, but the operator has 1; check the model with onnx.checker}}
  %0:2 = onnx.node "Softmax"(%x) {opset = 17 : i64} : (tensor<2x3xf32>) -> (tensor<2x3xf32>, tensor<2x3xf32>)
  return %0#1 : tensor<2x3xf32>
}

// -----

func.func @missing_input(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  // expected-error@+1 {{input 1 (B) is missing; check the model with onnx.checker}}
  %0 = onnx.node "MatMul"(%x) {opset = 17 : i64} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----

// expected-error@+1 {{'blocks' has several blocks around its ONNX nodes; only straight-line graphs can be converted}}
func.func @blocks(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  cf.br ^bb1
^bb1:
  %0 = onnx.node "Relu"(%x) {opset = 17 : i64} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}
