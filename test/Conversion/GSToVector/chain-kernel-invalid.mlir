// RUN: gs-opt %s --gs-compress-weights=target=zen4 --one-shot-bufferize="bufferize-function-boundaries" --gs-to-vector=target=zen4 --split-input-file --verify-diagnostics

func.func @fields(%x: tensor<1x8x9x9xf32>, %e: tensor<1x8x9x9xf32>) -> tensor<1x8x9x9xf32> {
  %w = arith.constant dense<1.0> : tensor<8x8x1x1xf32>
  // expected-error @below {{'gs.chain' must be a dictionary with the integers 'chain', 'lines', 'input_pitch' and 'output_pitch', none of them negative}}
  // expected-error @below {{cannot pack its weight: its attribute 'gs.chain' is wrong}}
  %a = gs.conv %w, %x outs(%e : tensor<1x8x9x9xf32>) strategy = <"dense-tile", {mr = 4, nr = 2}> {strides = array<i64: 1, 1>,
       dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, gs.chain = {chain = 0 : i64, lines = -1 : i64}}
       : tensor<8x8x1x1xf32>, tensor<1x8x9x9xf32> -> tensor<1x8x9x9xf32>
  return %a : tensor<1x8x9x9xf32>
}

// -----

func.func @lines(%x: tensor<1x8x9x9xf32>, %e: tensor<1x8x9x9xf32>) -> tensor<1x8x9x9xf32> {
  %w = arith.constant dense<1.0> : tensor<8x8x1x1xf32>
  // expected-error @below {{cannot pack its weight: a strip must have at least one line, and not more than the result}}
  %a = gs.conv %w, %x outs(%e : tensor<1x8x9x9xf32>) strategy = <"dense-tile", {mr = 4, nr = 2}> {strides = array<i64: 1, 1>,
       dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
       gs.chain = {chain = 0 : i64, lines = 10 : i64, input_pitch = 0 : i64, output_pitch = 0 : i64}}
       : tensor<8x8x1x1xf32>, tensor<1x8x9x9xf32> -> tensor<1x8x9x9xf32>
  return %a : tensor<1x8x9x9xf32>
}

// -----

func.func @plane(%x: tensor<1x8x176xf32>, %e: tensor<1x8x9x9xf32>) -> tensor<1x8x9x9xf32> {
  %w = arith.constant dense<1.0> : tensor<8x8x3x3xf32>
  // expected-error @below {{cannot pack its weight: it reads packed planes, which are whole}}
  %a = gs.conv %w, %x outs(%e : tensor<1x8x9x9xf32>) strategy = <"dense-tile", {mr = 4, nr = 2}> {strides = array<i64: 1, 1>,
       dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>,
       plane = #gs.plane<input = [9, 9], strides = [1, 1], phases = [1, 1], extents = [11, 10], pads = [1, 1], size = 176>,
       gs.chain = {chain = 0 : i64, lines = 3 : i64, input_pitch = 176 : i64, output_pitch = 0 : i64}}
       : tensor<8x8x3x3xf32>, tensor<1x8x176xf32> -> tensor<1x8x9x9xf32>
  return %a : tensor<1x8x9x9xf32>
}

// -----

func.func @merged(%x: tensor<1x8x176xf32>, %e: tensor<1x8x9x9xf32>) -> tensor<1x8x9x9xf32> {
  %w = arith.constant dense<1.0> : tensor<8x8x3x1xf32>
  // expected-error @below {{cannot pack its weight: the lines of its planes are one}}
  %a = gs.conv %w, %x outs(%e : tensor<1x8x9x9xf32>) strategy = <"dense-tile", {mr = 4, nr = 2}> {strides = array<i64: 1, 1>,
       dilations = array<i64: 1, 1>, pads = array<i64: 1, 0, 1, 0>,
       plane = #gs.plane<input = [9, 9], strides = [1, 1], phases = [1, 1], extents = [11, 9], pads = [1, 0], size = 176>,
       gs.chain = {chain = 0 : i64, lines = 3 : i64, input_pitch = 0 : i64, output_pitch = 0 : i64}}
       : tensor<8x8x3x1xf32>, tensor<1x8x176xf32> -> tensor<1x8x9x9xf32>
  return %a : tensor<1x8x9x9xf32>
}

// -----

func.func @alone(%x: tensor<1x8x9x9xf32>, %e: tensor<1x8x9x9xf32>) -> tensor<1x8x9x9xf32> {
  %w = arith.constant dense<1.0> : tensor<8x8x1x1xf32>
  // expected-error @below {{is the only member of its chain}}
  %a = gs.conv %w, %x outs(%e : tensor<1x8x9x9xf32>) strategy = <"dense-tile", {mr = 4, nr = 2}> {strides = array<i64: 1, 1>,
       dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
       gs.chain = {chain = 0 : i64, lines = 3 : i64, input_pitch = 0 : i64, output_pitch = 0 : i64}}
       : tensor<8x8x1x1xf32>, tensor<1x8x9x9xf32> -> tensor<1x8x9x9xf32>
  return %a : tensor<1x8x9x9xf32>
}

// -----

func.func @pitch(%x: tensor<1x8x9x9xf32>, %e: tensor<1x8x9x9xf32>) -> tensor<1x8x9x9xf32> {
  %w = arith.constant dense<1.0> : tensor<8x8x1x1xf32>
  %0 = tensor.empty() : tensor<1x8x9x9xf32>
  %a = gs.conv %w, %x outs(%0 : tensor<1x8x9x9xf32>) strategy = <"dense-tile", {mr = 4, nr = 2}> {strides = array<i64: 1, 1>,
       dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
       gs.chain = {chain = 0 : i64, lines = 3 : i64, input_pitch = 0 : i64, output_pitch = 48 : i64}}
       : tensor<8x8x1x1xf32>, tensor<1x8x9x9xf32> -> tensor<1x8x9x9xf32>
  // expected-error @below {{reads a strip of pitch 80, but the chain member before it writes one of pitch 48}}
  %y = gs.conv %w, %a outs(%e : tensor<1x8x9x9xf32>) strategy = <"dense-tile", {mr = 4, nr = 2}> {strides = array<i64: 1, 1>,
       dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
       gs.chain = {chain = 0 : i64, lines = 3 : i64, input_pitch = 80 : i64, output_pitch = 0 : i64}}
       : tensor<8x8x1x1xf32>, tensor<1x8x9x9xf32> -> tensor<1x8x9x9xf32>
  return %y : tensor<1x8x9x9xf32>
}

// -----

// The second member reads something else.
func.func @broken(%x: tensor<1x8x9x9xf32>, %e: tensor<1x8x9x9xf32>) -> (tensor<1x8x9x9xf32>, tensor<1x8x9x9xf32>) {
  %w = arith.constant dense<1.0> : tensor<8x8x1x1xf32>
  %0 = tensor.empty() : tensor<1x8x9x9xf32>
  %a = gs.conv %w, %x outs(%0 : tensor<1x8x9x9xf32>) strategy = <"dense-tile", {mr = 4, nr = 2}> {strides = array<i64: 1, 1>,
       dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
       gs.chain = {chain = 0 : i64, lines = 3 : i64, input_pitch = 0 : i64, output_pitch = 48 : i64}}
       : tensor<8x8x1x1xf32>, tensor<1x8x9x9xf32> -> tensor<1x8x9x9xf32>
  %1 = tensor.empty() : tensor<1x8x9x9xf32>
  // expected-error @below {{does not read the buffer that the chain member before it writes}}
  %y = gs.conv %w, %e outs(%1 : tensor<1x8x9x9xf32>) strategy = <"dense-tile", {mr = 4, nr = 2}> {strides = array<i64: 1, 1>,
       dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
       gs.chain = {chain = 0 : i64, lines = 3 : i64, input_pitch = 48 : i64, output_pitch = 0 : i64}}
       : tensor<8x8x1x1xf32>, tensor<1x8x9x9xf32> -> tensor<1x8x9x9xf32>
  return %y, %a : tensor<1x8x9x9xf32>, tensor<1x8x9x9xf32>
}

// -----

// Another op reads what is between them, which would never be written.
func.func @read(%x: tensor<1x8x9x9xf32>, %e: tensor<1x8x9x9xf32>) -> (tensor<1x8x9x9xf32>, tensor<1x8x9x9xf32>) {
  %w = arith.constant dense<1.0> : tensor<8x8x1x1xf32>
  %0 = tensor.empty() : tensor<1x8x9x9xf32>
  %a = gs.conv %w, %x outs(%0 : tensor<1x8x9x9xf32>) strategy = <"dense-tile", {mr = 4, nr = 2}> {strides = array<i64: 1, 1>,
       dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
       gs.chain = {chain = 0 : i64, lines = 3 : i64, input_pitch = 0 : i64, output_pitch = 48 : i64}}
       : tensor<8x8x1x1xf32>, tensor<1x8x9x9xf32> -> tensor<1x8x9x9xf32>
  %y = gs.conv %w, %a outs(%e : tensor<1x8x9x9xf32>) strategy = <"dense-tile", {mr = 4, nr = 2}> {strides = array<i64: 1, 1>,
       dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
       gs.chain = {chain = 0 : i64, lines = 3 : i64, input_pitch = 48 : i64, output_pitch = 0 : i64}}
       : tensor<8x8x1x1xf32>, tensor<1x8x9x9xf32> -> tensor<1x8x9x9xf32>
  // expected-error @below {{reads what lies between two members of a chain}}
  return %y, %a : tensor<1x8x9x9xf32>, tensor<1x8x9x9xf32>
}

// -----

// Lines of a whole tensor are those that were just written, and no others.
func.func @neighbours(%x: tensor<1x8x9x9xf32>, %e: tensor<1x8x9x9xf32>) -> (tensor<1x8x9x9xf32>, tensor<1x8x9x9xf32>) {
  %w = arith.constant dense<1.0> : tensor<8x8x1x1xf32>
  %d = arith.constant dense<1.0> : tensor<8x1x3x3xf32>
  %0 = tensor.empty() : tensor<1x8x9x9xf32>
  %a = gs.conv %w, %x outs(%0 : tensor<1x8x9x9xf32>) strategy = <"dense-tile", {mr = 4, nr = 2}> {strides = array<i64: 1, 1>,
       dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
       gs.chain = {chain = 0 : i64, lines = 3 : i64, input_pitch = 0 : i64, output_pitch = 0 : i64}}
       : tensor<8x8x1x1xf32>, tensor<1x8x9x9xf32> -> tensor<1x8x9x9xf32>
  // expected-error @below {{cannot pack its weight: the borders of a depthwise convolution need a strip with zeros around it}}
  %b = gs.conv %d, %a outs(%e : tensor<1x8x9x9xf32>) strategy = <"depthwise", {rows = 4, vectors = 1}> {strides = array<i64: 1, 1>,
       dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, groups = 8 : i64,
       gs.chain = {chain = 0 : i64, lines = 3 : i64, input_pitch = 0 : i64, output_pitch = 0 : i64}}
       : tensor<8x1x3x3xf32>, tensor<1x8x9x9xf32> -> tensor<1x8x9x9xf32>
  return %a, %b : tensor<1x8x9x9xf32>, tensor<1x8x9x9xf32>
}

// -----

// The tensor is whole only behind the chain.
func.func @early(%x: tensor<1x8x9x9xf32>, %e: tensor<1x8x9x9xf32>, %g: tensor<1x8x9x9xf32>) -> (tensor<1x8x9x9xf32>, tensor<1x8x9x9xf32>) {
  %w = arith.constant dense<1.0> : tensor<8x8x1x1xf32>
  %0 = tensor.empty() : tensor<1x8x9x9xf32>
  %a = gs.conv %w, %x outs(%0 : tensor<1x8x9x9xf32>) strategy = <"dense-tile", {mr = 4, nr = 2}> {strides = array<i64: 1, 1>,
       dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
       gs.chain = {chain = 0 : i64, lines = 3 : i64, input_pitch = 0 : i64, output_pitch = 0 : i64}}
       : tensor<8x8x1x1xf32>, tensor<1x8x9x9xf32> -> tensor<1x8x9x9xf32>
  // expected-error @below {{reads what a member of a chain writes before that chain's last member}}
  %c = gs.conv %w, %a outs(%g : tensor<1x8x9x9xf32>) strategy = <"dense-tile", {mr = 4, nr = 2}> {strides = array<i64: 1, 1>,
       dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>}
       : tensor<8x8x1x1xf32>, tensor<1x8x9x9xf32> -> tensor<1x8x9x9xf32>
  %b = gs.conv %w, %a outs(%e : tensor<1x8x9x9xf32>) strategy = <"dense-tile", {mr = 4, nr = 2}> {strides = array<i64: 1, 1>,
       dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
       gs.chain = {chain = 0 : i64, lines = 3 : i64, input_pitch = 0 : i64, output_pitch = 0 : i64}}
       : tensor<8x8x1x1xf32>, tensor<1x8x9x9xf32> -> tensor<1x8x9x9xf32>
  return %c, %b : tensor<1x8x9x9xf32>, tensor<1x8x9x9xf32>
}
