// A gs.conv written by hand, with the pattern in the weight's type and the strategy on the op: eight filters of 3 x 3 share
// the columns they keep, padding and stride are attributes, bias and ReLU stand in the epilogue region.
//
// The padded plane in which every tap is a constant displacement (no im2col), and the strategy, which is kept:
// RUN: gs-opt %s --gs-sparsify=target=zen4 | FileCheck %s --check-prefix=GS
// The kernel: tiles of 4 rows x 2 vectors over the kept blocks:
// RUN: gs-opt %s --gs-sparsify=target=zen4 --gs-lower-to-vector=target=zen4 | FileCheck %s --check-prefix=VECTOR
// Run it:
// RUN: gs-opt %s --gs-compile-cpu -o %t.mlir
// RUN: mlir-runner %t.mlir -e main -entry-point-result=void --shared-libs=%gs_check_runtime
// Nonsense is refused with a reason:
// RUN: sed 's/mr = 4/mr = 9/' %s | not gs-opt --gs-compile-cpu 2>&1 | FileCheck %s --check-prefix=MR
// RUN: sed 's/"row-group-broadcast", {mr = 4, nr = 2}/"column-block"/' %s | not gs-opt --gs-compile-cpu 2>&1 | FileCheck %s --check-prefix=REFUSED

// GS: gs.compressed_constant {block_cols = {{.*}} !gs.compressed<tensor<8x2x3x3xf32, #gs.block<4x1>>, layout = split, index_space = activation
// GS: %[[P:.*]] = gs.pack_plane %{{.*}} <input = [6, 40], strides = [1, 1], phases = [1, 1], extents = [8, 41], pads = [1, 1], size = {{[0-9]+}}>
// GS: gs.conv %{{.*}}, %[[P]] epilogue({{.*}}) {{.*}} strategy = <"row-group-broadcast", {mr = 4 : i64, nr = 2 : i64}>
// VECTOR: iter_args({{.*}}) -> (vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>)
// VECTOR-COUNT-8: vector.fma
// VECTOR-NEXT: scf.yield
// MR: error: 'gs.conv' op strategy 'row-group-broadcast': 'mr' must be from 2 to 8 here, got 9
// REFUSED: error: 'gs.conv' op asks for strategy 'column-block', which refuses it: more than one output column
func.func private @layer(%x: tensor<1x2x6x40xf32>) -> tensor<1x8x6x40xf32> {
  // Filter o keeps channel 0 at the centre, with weight o + 1, and channel 1 at the left neighbour, with weight -1.
  %w = gs.constant dense<[
      [[[0.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 0.0]], [[0.0, 0.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]],
      [[[0.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.0, 0.0, 0.0]], [[0.0, 0.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]],
      [[[0.0, 0.0, 0.0], [0.0, 3.0, 0.0], [0.0, 0.0, 0.0]], [[0.0, 0.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]],
      [[[0.0, 0.0, 0.0], [0.0, 4.0, 0.0], [0.0, 0.0, 0.0]], [[0.0, 0.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]],
      [[[0.0, 0.0, 0.0], [0.0, 5.0, 0.0], [0.0, 0.0, 0.0]], [[0.0, 0.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]],
      [[[0.0, 0.0, 0.0], [0.0, 6.0, 0.0], [0.0, 0.0, 0.0]], [[0.0, 0.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]],
      [[[0.0, 0.0, 0.0], [0.0, 7.0, 0.0], [0.0, 0.0, 0.0]], [[0.0, 0.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]],
      [[[0.0, 0.0, 0.0], [0.0, 8.0, 0.0], [0.0, 0.0, 0.0]], [[0.0, 0.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]]
    ]> : tensor<8x2x3x3xf32> as tensor<8x2x3x3xf32, #gs.block<8x1>>
  %bias = arith.constant dense<[0.0, 1.0, 0.0, -1.0, 0.0, 1.0, 0.0, -1.0]> : tensor<8xf32>
  %empty = tensor.empty() : tensor<1x8x6x40xf32>
  %y = gs.conv %w, %x epilogue(%bias : tensor<8xf32>) outs(%empty : tensor<1x8x6x40xf32>)
         strategy = <"row-group-broadcast", {mr = 4, nr = 2}>
         {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>}
         : tensor<8x2x3x3xf32, #gs.block<8x1>>, tensor<1x2x6x40xf32> -> tensor<1x8x6x40xf32> {
  ^bb0(%sum: f32, %b: f32):
    %zero = arith.constant 0.0 : f32
    %0 = arith.addf %sum, %b : f32
    %1 = arith.maximumf %0, %zero : f32
    gs.yield %1 : f32
  }
  return %y : tensor<1x8x6x40xf32>
}

func.func @main() {
  // X[0, c, h, w] = 10 c + w.
  %x = tensor.generate {
  ^bb0(%n: index, %c: index, %h: index, %v: index):
    %c10 = arith.constant 10 : index
    %0 = arith.muli %c, %c10 : index
    %1 = arith.addi %0, %v : index
    %2 = arith.index_cast %1 : index to i32
    %3 = arith.sitofp %2 : i32 to f32
    tensor.yield %3 : f32
  } : tensor<1x2x6x40xf32>
  %y = call @layer(%x) : (tensor<1x2x6x40xf32>) -> tensor<1x8x6x40xf32>
  // Y[0, o, h, w] = max(0, (o + 1) w - (10 + w - 1 if w > 0 else 0) + bias[o]), bias[o] = 1, -1 for o = 1, 3 mod 4.
  %expected = tensor.generate {
  ^bb0(%n: index, %o: index, %h: index, %v: index):
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %c4 = arith.constant 4 : index
    %zero = arith.constant 0 : i32
    %nine = arith.constant 9 : i32
    %o1 = arith.addi %o, %c1 : index
    %centre = arith.muli %o1, %v : index
    %centre32 = arith.index_cast %centre : index to i32
    %v32 = arith.index_cast %v : index to i32
    %left = arith.addi %v32, %nine : i32
    %inside = arith.cmpi ugt, %v, %c0 : index
    %neighbour = arith.select %inside, %left, %zero : i32
    // o mod 4: 0, 1, 2, 3 -> bias 0, 1, 0, -1 = (o mod 2) (2 - o mod 4)
    %odd = arith.remui %o, %c2 : index
    %m = arith.remui %o, %c4 : index
    %sign = arith.subi %c2, %m : index
    %bias = arith.muli %odd, %sign : index
    %bias32 = arith.index_cast %bias : index to i32
    %0 = arith.subi %centre32, %neighbour : i32
    %1 = arith.addi %0, %bias32 : i32
    %2 = arith.maxsi %1, %zero : i32
    %3 = arith.sitofp %2 : i32 to f32
    tensor.yield %3 : f32
  } : tensor<1x8x6x40xf32>
  check.expect_close %y, %expected : tensor<1x8x6x40xf32>
  return
}
