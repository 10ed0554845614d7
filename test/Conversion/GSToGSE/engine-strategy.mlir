// RUN: gs-opt %s --convert-gs-to-gse | FileCheck %s
// RUN: not gs-opt %s --convert-gs-to-gse=strategy=engine-nothing 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// RUN: not gs-opt %s --convert-gs-to-gse=strategy=engine-sell 2>&1 | FileCheck %s --check-prefix=COLUMNS

// UNKNOWN: there is no strategy 'engine-nothing' of the engine; there are engine-gather, engine-gather-scatter, engine-block-row, engine-block-column, engine-csr-gather, engine-csr-reordered, engine-csr-scalar, engine-sell, engine-dense{{$}}
// COLUMNS: it has 2 columns or pixels; this kernel is for one vector

// Bundles of eight rows: lanes of the last one without a row have zeros. One place serves all lanes of a group. For a vector
// groups are counted one by one, for several columns in chunks. The result has whole bundles, of which ten rows are taken.
// CHECK: gse.data @product_1_stream align 32 = dense<{{.*}}3.000000e+00, 3.000000e+00, 0.000000e+00, 0.000000e+00, 0.000000e+00, 0.000000e+00, 0.000000e+00, 0.000000e+00]]> : tensor<3x8xf16>
// CHECK: gse.data @product_1_indices align 32 = dense<{{\[\[}}0], [2], [1]]> : tensor<3x1xi16>
// CHECK: gse.data @product_1_chunks align 4 = dense<[0, 0, 1, 0, 0, 0, 0, 1]>
// CHECK: gse.data @product_0_indices align 32 = dense<{{\[\[}}0], [2], [1]]> : tensor<3x1xi16>
// CHECK: gse.data @product_0_offsets align 4 = dense<[0, 2, 3]>
// CHECK-LABEL: func.func @vector
// CHECK: %[[Y:.*]] = gse.launch @product_0(%{{.*}}) : (tensor<3x1xf16>) -> tensor<16x1xf16>
// CHECK: tensor.extract_slice %[[Y]][0, 0] [10, 1] [1, 1]
// CHECK-LABEL: func.func @columns
// CHECK: gse.launch @product_1(%{{.*}}) : ({{.*}}) -> tensor<2x16xf16>
func.func @vector(%x: tensor<3x1xf16>) -> tensor<10x1xf16> {
  %w = gs.constant dense<[[1.0, 0.0, 2.0], [1.0, 0.0, 2.0], [1.0, 0.0, 2.0], [1.0, 0.0, 2.0], [1.0, 0.0, 2.0], [1.0, 0.0, 2.0], [1.0, 0.0, 2.0], [1.0, 0.0, 2.0], [0.0, 3.0, 0.0], [0.0, 3.0, 0.0]]> : tensor<10x3xf16> as tensor<10x3xf16, #gs.block<8x1>>
  %e = tensor.empty() : tensor<10x1xf16>
  %y = gs.matmul %w, %x outs(%e : tensor<10x1xf16>) : tensor<10x3xf16, #gs.block<8x1>>, tensor<3x1xf16> -> tensor<10x1xf16>
  return %y : tensor<10x1xf16>
}
func.func @columns(%x: tensor<3x2xf16>) -> tensor<10x2xf16> {
  %w = gs.constant dense<[[1.0, 0.0, 2.0], [1.0, 0.0, 2.0], [1.0, 0.0, 2.0], [1.0, 0.0, 2.0], [1.0, 0.0, 2.0], [1.0, 0.0, 2.0], [1.0, 0.0, 2.0], [1.0, 0.0, 2.0], [0.0, 3.0, 0.0], [0.0, 3.0, 0.0]]> : tensor<10x3xf16> as tensor<10x3xf16, #gs.block<8x1>>
  %e = tensor.empty() : tensor<10x2xf16>
  %y = gs.matmul %w, %x outs(%e : tensor<10x2xf16>) : tensor<10x3xf16, #gs.block<8x1>>, tensor<3x2xf16> -> tensor<10x2xf16>
  return %y : tensor<10x2xf16>
}
