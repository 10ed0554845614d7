// RUN: gs-opt %s --convert-onnx-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// Padding is a tensor.pad of zeros, the accumulator a fill of zeros, the bias an elementwise op behind.
// CHECK-LABEL: @conv_2d
// CHECK-SAME:    (%[[X:.*]]: tensor<1x3x29x43xf32> {onnx.name = "x"}, %[[W:.*]]: tensor<8x3x3x5xf32>, %[[B:.*]]: tensor<8xf32>) -> (tensor<1x8x26x15xf32> {onnx.name = "y"})
// CHECK:         %[[ZERO:.*]] = arith.constant 0.000000e+00 : f32
// CHECK:         %[[P:.*]] = tensor.pad %[[X]] low[0, 0, 1, 2] high[0, 0, 0, 3] {
// CHECK:           tensor.yield %[[ZERO]] : f32
// CHECK:         %[[F:.*]] = linalg.fill
// CHECK:         %[[C:.*]] = linalg.conv_2d_nchw_fchw {dilations = dense<[2, 1]> : tensor<2xi64>, strides = dense<[1, 3]> : tensor<2xi64>}
// CHECK-SAME:      ins(%[[P]], %[[W]] : tensor<1x3x30x48xf32>, tensor<8x3x3x5xf32>) outs(%[[F]] : tensor<1x8x26x15xf32>)
// CHECK:         %[[R:.*]] = linalg.generic {{.*}} ins(%[[C]], %[[B]]
// CHECK:           arith.addf
// CHECK:         return %[[R]]
func.func @conv_2d(%x: tensor<1x3x29x43xf32> {onnx.name = "x"}, %w: tensor<8x3x3x5xf32>, %b: tensor<8xf32>)
    -> (tensor<*x!onnx.unknown> {onnx.name = "y"}) {
  %0 = onnx.node "Conv"(%x, %w, %b) {opset = 17 : i64, node_attributes = {pads = array<i64: 1, 2, 0, 3>,
    dilations = array<i64: 2, 1>, strides = array<i64: 1, 3>}}
    : (tensor<1x3x29x43xf32>, tensor<8x3x3x5xf32>, tensor<8xf32>) -> tensor<*x!onnx.unknown>
  return %0 : tensor<*x!onnx.unknown>
}

// -----

// CHECK-LABEL: @conv_1d
// CHECK-NOT: tensor.pad
// CHECK: linalg.conv_1d_ncw_fcw
func.func @conv_1d(%x: tensor<2x3x9xf32>, %w: tensor<4x3x3xf32>) -> tensor<2x4x7xf32> {
  %0 = onnx.node "Conv"(%x, %w) {opset = 1 : i64} : (tensor<2x3x9xf32>, tensor<4x3x3xf32>) -> tensor<2x4x7xf32>
  return %0 : tensor<2x4x7xf32>
}

// -----

// CHECK-LABEL: @conv_3d
// CHECK: linalg.conv_3d_ncdhw_fcdhw
func.func @conv_3d(%x: tensor<2x3x4x5x6xf32>, %w: tensor<4x3x1x2x3xf32>) -> tensor<2x4x4x4x4xf32> {
  %0 = onnx.node "Conv"(%x, %w) {opset = 17 : i64} : (tensor<2x3x4x5x6xf32>, tensor<4x3x1x2x3xf32>) -> tensor<2x4x4x4x4xf32>
  return %0 : tensor<2x4x4x4x4xf32>
}

// -----

// A constant weight is split into groups at compile time.
// CHECK-LABEL: @groups
// CHECK-DAG: %[[W:.*]] = arith.constant dense<1.000000e+00> : tensor<2x3x2x3x3xf32>
// CHECK-DAG: %[[X:.*]] = tensor.expand_shape %{{.*}} {{\[\[}}0], [1, 2], [3], [4]] {{.*}} into tensor<1x2x2x7x7xf32>
// CHECK: linalg.conv_2d_ngchw_gfchw {{.*}} ins(%[[X]], %[[W]]
// CHECK: tensor.collapse_shape %{{.*}} {{\[\[}}0], [1, 2], [3], [4]] : tensor<1x2x3x5x5xf32> into tensor<1x6x5x5xf32>
func.func @groups(%x: tensor<1x4x7x7xf32>) -> tensor<1x6x5x5xf32> {
  %w = arith.constant dense<1.0> : tensor<6x2x3x3xf32>
  %0 = onnx.node "Conv"(%x, %w) {opset = 17 : i64, node_attributes = {group = 2 : i64}}
    : (tensor<1x4x7x7xf32>, tensor<6x2x3x3xf32>) -> tensor<1x6x5x5xf32>
  return %0 : tensor<1x6x5x5xf32>
}

// -----

// CHECK-LABEL: @groups_1d
// CHECK: linalg.generic {indexing_maps = [#{{.*}}, #{{.*}}, #{{.*}}], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction"]}
func.func @groups_1d(%x: tensor<1x4x7xf32>, %w: tensor<6x2x3xf32>) -> tensor<1x6x5xf32> {
  %0 = onnx.node "Conv"(%x, %w) {opset = 17 : i64, node_attributes = {group = 2 : i64}}
    : (tensor<1x4x7xf32>, tensor<6x2x3xf32>) -> tensor<1x6x5xf32>
  return %0 : tensor<1x6x5xf32>
}

// -----

// The mask of a sparse initialiser is reshaped with its values.
// CHECK-LABEL: @mask
// CHECK: arith.constant {onnx.mask = dense<{{.*}}> : tensor<2x1x1x1xi1>} dense<{{.*}}> : tensor<2x1x1x1xf32>
func.func @mask(%x: tensor<1x2x7xf32>) -> tensor<1x2x7xf32> {
  %w = arith.constant {onnx.mask = dense<[[[true]], [[false]]]> : tensor<2x1x1xi1>} dense<[[[1.0]], [[0.0]]]> : tensor<2x1x1xf32>
  %0 = onnx.node "Conv"(%x, %w) {opset = 17 : i64, node_attributes = {group = 2 : i64}}
    : (tensor<1x2x7xf32>, tensor<2x1x1xf32>) -> tensor<1x2x7xf32>
  return %0 : tensor<1x2x7xf32>
}

// -----

// CHECK-LABEL: @same_upper
// CHECK: tensor.pad %{{.*}} low[0, 0, 0, 1] high[0, 0, 1, 1]
func.func @same_upper(%x: tensor<1x1x6x6xf32>, %w: tensor<1x1x2x3xf32>) -> tensor<1x1x6x6xf32> {
  %0 = onnx.node "Conv"(%x, %w) {opset = 17 : i64, node_attributes = {auto_pad = "SAME_UPPER"}}
    : (tensor<1x1x6x6xf32>, tensor<1x1x2x3xf32>) -> tensor<1x1x6x6xf32>
  return %0 : tensor<1x1x6x6xf32>
}

// -----

// CHECK-LABEL: @same_lower
// CHECK: tensor.pad %{{.*}} low[0, 0, 1, 1] high[0, 0, 0, 1]
func.func @same_lower(%x: tensor<1x1x6x6xf32>, %w: tensor<1x1x2x3xf32>) -> tensor<1x1x6x6xf32> {
  %0 = onnx.node "Conv"(%x, %w) {opset = 17 : i64, node_attributes = {auto_pad = "SAME_LOWER"}}
    : (tensor<1x1x6x6xf32>, tensor<1x1x2x3xf32>) -> tensor<1x1x6x6xf32>
  return %0 : tensor<1x1x6x6xf32>
}

// -----

func.func @channels(%x: tensor<1x3x7x7xf32>, %w: tensor<6x2x3x3xf32>) -> tensor<1x6x5x5xf32> {
  // expected-error@+1 {{Conv node (domain 'ai.onnx', opset 17) cannot be converted: an input of 3 channels does not fit a weight of 6 output and 2 input channels in 1 groups}}
  %0 = onnx.node "Conv"(%x, %w) {opset = 17 : i64} : (tensor<1x3x7x7xf32>, tensor<6x2x3x3xf32>) -> tensor<1x6x5x5xf32>
  return %0 : tensor<1x6x5x5xf32>
}

// -----

func.func @kernel_too_large(%x: tensor<1x1x7x7xf32>, %w: tensor<1x1x9x3xf32>) -> tensor<*xf32> {
  // expected-error@+1 {{the kernel spans 9 elements in spatial dimension 0, but the padded input has only 7}}
  %0 = onnx.node "Conv"(%x, %w) {opset = 17 : i64} : (tensor<1x1x7x7xf32>, tensor<1x1x9x3xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @kernel_shape(%x: tensor<1x1x7x7xf32>, %w: tensor<1x1x3x3xf32>) -> tensor<*xf32> {
  // expected-error@+1 {{attribute 'kernel_shape' contradicts the weight's shape}}
  %0 = onnx.node "Conv"(%x, %w) {opset = 17 : i64, node_attributes = {kernel_shape = array<i64: 3, 5>}}
    : (tensor<1x1x7x7xf32>, tensor<1x1x3x3xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @strides(%x: tensor<1x1x7x7xf32>, %w: tensor<1x1x3x3xf32>) -> tensor<*xf32> {
  // expected-error@+1 {{attribute 'strides' has 1 entries, expected 2}}
  %0 = onnx.node "Conv"(%x, %w) {opset = 17 : i64, node_attributes = {strides = array<i64: 3>}}
    : (tensor<1x1x7x7xf32>, tensor<1x1x3x3xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @zero_stride(%x: tensor<1x1x7x7xf32>, %w: tensor<1x1x3x3xf32>) -> tensor<*xf32> {
  // expected-error@+1 {{attribute 'strides' holds 0, which is outside 1 to 2147483648}}
  %0 = onnx.node "Conv"(%x, %w) {opset = 17 : i64, node_attributes = {strides = array<i64: 1, 0>}}
    : (tensor<1x1x7x7xf32>, tensor<1x1x3x3xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @auto_pad(%x: tensor<1x1x7x7xf32>, %w: tensor<1x1x3x3xf32>) -> tensor<*xf32> {
  // expected-error@+1 {{attribute 'auto_pad' is 'SAME', expected NOTSET, VALID, SAME_UPPER or SAME_LOWER}}
  %0 = onnx.node "Conv"(%x, %w) {opset = 17 : i64, node_attributes = {auto_pad = "SAME"}}
    : (tensor<1x1x7x7xf32>, tensor<1x1x3x3xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @attribute_kind(%x: tensor<1x1x7x7xf32>, %w: tensor<1x1x3x3xf32>) -> tensor<*xf32> {
  // expected-error@+1 {{attribute 'group' must be an integer}}
  %0 = onnx.node "Conv"(%x, %w) {opset = 17 : i64, node_attributes = {group = "one"}}
    : (tensor<1x1x7x7xf32>, tensor<1x1x3x3xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @half(%x: tensor<1x1x7x7xf16>, %w: tensor<1x1x3x3xf16>) -> tensor<*xf16> {
  // expected-error@+1 {{input 0 (X) has elements of type f16, but 32- or 64-bit floats are expected; convert the model to float32}}
  %0 = onnx.node "Conv"(%x, %w) {opset = 17 : i64} : (tensor<1x1x7x7xf16>, tensor<1x1x3x3xf16>) -> tensor<*xf16>
  return %0 : tensor<*xf16>
}

// -----

func.func @rank(%x: tensor<1x7xf32>, %w: tensor<1x3xf32>) -> tensor<*xf32> {
  // expected-error@+1 {{its input has rank 2; convolutions of one to three spatial dimensions (rank 3 to 5) are supported}}
  %0 = onnx.node "Conv"(%x, %w) {opset = 17 : i64} : (tensor<1x7xf32>, tensor<1x3xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @bias(%x: tensor<1x1x7x7xf32>, %w: tensor<2x1x3x3xf32>, %b: tensor<3xf32>) -> tensor<*xf32> {
  // expected-error@+1 {{the bias must be a vector of 2 elements of the input's type}}
  %0 = onnx.node "Conv"(%x, %w, %b) {opset = 17 : i64}
    : (tensor<1x1x7x7xf32>, tensor<2x1x3x3xf32>, tensor<3xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}
