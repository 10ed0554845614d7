// Options of the pipelines: target, width of vectors, a strategy for all, no patterns.
//
// RUN: gs-opt %s --gs-sparsify=target=zen4 --gs-lower-to-vector=target=zen4 | FileCheck %s --check-prefix=WIDE
// RUN: gs-opt %s --gs-compile-cpu="target=zen4 vector-bits=256" | FileCheck %s --check-prefix=NARROW
// RUN: gs-opt %s --gs-sparsify="target=zen4 strategy=single-row-broadcast" | FileCheck %s --check-prefix=FORCED
// RUN: gs-opt %s --gs-sparsify="target=zen4 dense" | FileCheck %s --check-prefix=DENSE
// RUN: not gs-opt %s --gs-compile-cpu="target=zen4 strategy=fast" 2>&1 | FileCheck %s --check-prefix=STRATEGY
// RUN: not gs-opt %s --gs-compile-cpu="target=z80" 2>&1 | FileCheck %s --check-prefix=TARGET
// RUN: not gs-opt %s --gs-compile-cpu="target=x86-64-v3 vector-bits=1024" 2>&1 | FileCheck %s --check-prefix=BITS
// RUN: not gs-opt %s --gs-compile-cpu="target=%t.missing.json" 2>&1 | FileCheck %s --check-prefix=FILE

// WIDE: vector<16xf32>
// NARROW-NOT: vector<16xf32>
// NARROW: vector<8xf32>
// NARROW-NOT: vector<16xf32>
// FORCED: gs.matmul {{.*}} strategy = <"single-row-broadcast"
// DENSE-NOT: #gs.unstructured
// DENSE: gs.matmul {{.*}} strategy = <"dense-tile"
// STRATEGY: error: unknown strategy 'fast'; known are 'row-group-broadcast'
// TARGET: error: {{.*}}z80
// BITS: error: {{.*}}1024
// FILE: error: {{.*}}missing.json
func.func @main(%x: tensor<8x64xf32>, %e: tensor<4x64xf32>) -> tensor<4x64xf32> {
  %w = arith.constant dense<[[0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0], [0.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
                             [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 3.0, 0.0], [4.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]]> : tensor<4x8xf32>
  %y = gs.matmul %w, %x outs(%e : tensor<4x64xf32>) : tensor<4x8xf32>, tensor<8x64xf32> -> tensor<4x64xf32>
  return %y : tensor<4x64xf32>
}
