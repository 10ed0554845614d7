// Every phase of the compiler is a flag, and the phases one after the other are the whole.
//
// RUN: gs-opt %s --gs-import-to-linalg | FileCheck %s --check-prefix=LINALG
// RUN: gs-opt %s --gs-import-to-linalg --gs-sparsify=target=x86-64-v3 | FileCheck %s --check-prefix=GS
// RUN: gs-opt %s --gs-import-to-linalg --gs-sparsify=target=x86-64-v3 --gs-lower-to-vector="target=x86-64-v3 model" > %t.vector.mlir
// RUN: FileCheck %s --check-prefix=VECTOR < %t.vector.mlir
// RUN: gs-opt %t.vector.mlir --gs-lower-to-llvm="target=x86-64-v3 model" > %t.phases.mlir
// RUN: FileCheck %s --check-prefix=LLVM < %t.phases.mlir
// RUN: gs-opt %s --gs-compile-cpu="target=x86-64-v3 model" | diff %t.phases.mlir -
// RUN: gs-translate --mlir-to-llvmir %t.phases.mlir | FileCheck %s --check-prefix=IR

// LINALG: func.func @main_graph
// LINALG-NOT: onnx.node
// LINALG: linalg.matmul
// GS: func.func @main_graph
// GS-NOT: linalg.matmul
// GS: gs.matmul {{.*}} strategy = <
// The network function takes inputs, results and the arena; kernels take their buffers and the share of the thread.
// VECTOR: func.func @main_graph(%{{.*}}: memref<16x4xf32>{{.*}}, %{{.*}}: memref<16x8xf32> {bufferize.result{{.*}}}, %{{.*}}: memref<{{[0-9]+}}xi8> {gs.arena})
// VECTOR: gs.thread_id
// VECTOR: call @matmul
// VECTOR: gs.barrier
// VECTOR: func.func private @matmul
// VECTOR: vector.fma
// LLVM: module attributes {gs.arena_bytes = {{[0-9]+}} : i64, gs.entry = @main_graph, gs.num_inputs = 1 : i64
// LLVM: llvm.func internal @main_graph
// LLVM: llvm.call @gsrt_barrier
// LLVM: llvm.func @gs_main_graph
// LLVM-NOT: builtin.unrealized_conversion_cast
// IR: define void @gs_main_graph(ptr %{{.*}}, ptr %{{.*}}, ptr %{{.*}}, i64 %{{.*}}, i64 %{{.*}}, ptr %{{.*}})
func.func @main_graph(%x: tensor<16x4xf32>) -> tensor<16x8xf32> {
  %w = arith.constant dense<1.5> : tensor<4x8xf32>
  %y = onnx.node "MatMul"(%x, %w) {opset = 17 : i64} : (tensor<16x4xf32>, tensor<4x8xf32>) -> tensor<16x8xf32>
  %z = onnx.node "Relu"(%y) {opset = 17 : i64} : (tensor<16x8xf32>) -> tensor<16x8xf32>
  return %z : tensor<16x8xf32>
}
