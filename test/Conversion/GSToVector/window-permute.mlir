// One output column, as many weights of every row in every window: lanes are rows, activations are permuted out of the window.
//
// RUN: gs-opt %s --gs-sparsify=target=x86-64-v3 --gs-lower-to-vector=target=x86-64-v3 | FileCheck %s --check-prefixes=CHECK,V3
// RUN: gs-opt %s --gs-sparsify=target=x86-64-v4 --gs-lower-to-vector=target=x86-64-v4 | FileCheck %s --check-prefixes=CHECK,V4
// RUN: gs-opt %s --gs-sparsify=target=x86-64-v4 | FileCheck %s --check-prefix=PACKED
// RUN: gs-opt %s --gs-sparsify=target=zen4 | FileCheck %s --check-prefix=PACKED
// RUN: gs-opt %s --gs-sparsify=target=emerald-rapids | FileCheck %s --check-prefix=PACKED

// Rows that fill no vector, columns that fill no window, several bundles, windows made of narrower ones; infinite and undefined
// activations and weights:
// RUN: %python %S/Inputs/kernels.py window-permute > %t.cases.mlir
// RUN: gs-opt %t.cases.mlir --gs-compile-cpu=target=x86-64-v3 -o %t.v3.mlir
// RUN: %if avx2 %{ mlir-runner %t.v3.mlir -e main -entry-point-result=void --shared-libs=%gs_check_runtime %}
// RUN: gs-opt %t.cases.mlir --gs-compile-cpu=target=x86-64-v4 -o %t.v4.mlir
// RUN: %if avx512 %{ mlir-runner %t.v4.mlir -e main -entry-point-result=void --shared-libs=%gs_check_runtime %}

// Bundles of other heights are packed anew; what cannot run so:
// RUN: sed -e 's/1 : 16, rows = 16/1 : 16, rows = 4/' %s | gs-opt --gs-sparsify=target=x86-64-v4 -o /dev/null
// RUN: not gs-opt %S/Inputs/window-permute-refused.mlir --split-input-file --gs-sparsify=target=x86-64-v4 2>&1 \
// RUN:   | FileCheck %S/Inputs/window-permute-refused.mlir

// PACKED-LABEL: func.func @window
// The lane of the second row is the second one; lanes without a row name the last place.
// PACKED: indices = dense<{{\[\[\[\[}}3, 10, 15, 15,{{.*}} : tensor<1x1x1x16xi8>
// PACKED-SAME: #gs.window<1 : 16, rows = 16>
// Four windows of four make one of sixteen.
// PACKED-LABEL: func.func @nm
// PACKED: #gs.window<4 : 16, rows = 16>

// CHECK-LABEL: func.func private @matmul(
// A register of AVX-512 is a window; two of AVX2 are, and bit 3 of a place selects.
// V4: vector.load {{.*}} vector<16xi8>
// V4: arith.extui
// V4: %[[X:.*]] = llvm.call_intrinsic "llvm.x86.avx512.permvar.sf.512"
// V4: vector.fma %{{.*}}, %[[X]]
// V3: vector.load {{.*}} vector<8xi8>
// V3: %[[B:.*]] = llvm.call_intrinsic "llvm.x86.avx2.permps"
// V3: %[[A:.*]] = llvm.call_intrinsic "llvm.x86.avx2.permps"
// V3: arith.select %{{.*}}, %[[B]], %[[A]]
func.func @window(%x: tensor<16x1xf32>, %e: tensor<2x1xf32>) -> tensor<2x1xf32> {
  %w = gs.constant dense<[[0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
                          [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0]]> : tensor<2x16xf32>
         as tensor<2x16xf32, #gs.window<1 : 16, rows = 16>>
  %y = gs.matmul %w, %x outs(%e : tensor<2x1xf32>) strategy = <"window-permute">
         : tensor<2x16xf32, #gs.window<1 : 16, rows = 16>>, tensor<16x1xf32> -> tensor<2x1xf32>
  return %y : tensor<2x1xf32>
}

func.func @nm(%x: tensor<16x1xf32>, %e: tensor<1x1xf32>) -> tensor<1x1xf32> {
  %w = gs.constant dense<[[1.0, 0.0, 0.0, 0.0, 0.0, 2.0, 0.0, 0.0, 3.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 4.0]]> : tensor<1x16xf32>
         as tensor<1x16xf32, #gs.nm<1 : 4>>
  %y = gs.matmul %w, %x outs(%e : tensor<1x1xf32>) strategy = <"window-permute">
         : tensor<1x16xf32, #gs.nm<1 : 4>>, tensor<16x1xf32> -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}
