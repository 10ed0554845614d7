// RUN: gs-opt %s --gs-emit-entry --split-input-file --verify-diagnostics | FileCheck %s

// The entry loads one pointer per input and per output; everything else becomes internal.
module attributes {gs.entry = @main_graph, gs.num_inputs = 1 : i64} {
  // CHECK: llvm.func internal @kernel
  llvm.func @kernel(%x: !llvm.ptr) {
    llvm.return
  }
  // CHECK: llvm.func @gsrt_barrier(!llvm.ptr)
  llvm.func @gsrt_barrier(!llvm.ptr)
  // CHECK: llvm.func internal @main_graph
  llvm.func @main_graph(%x: !llvm.ptr, %y: !llvm.ptr, %z: !llvm.ptr, %arena: !llvm.ptr, %tid: i64, %n: i64, %barrier: !llvm.ptr) {
    llvm.return
  }
  // CHECK: llvm.func @gs_main_graph(%[[IN:.*]]: !llvm.ptr, %[[OUT:.*]]: !llvm.ptr, %[[ARENA:.*]]: !llvm.ptr, %[[TID:.*]]: i64, %[[N:.*]]: i64, %[[B:.*]]: !llvm.ptr)
  // CHECK: %[[PX:.*]] = llvm.getelementptr %[[IN]][0] : (!llvm.ptr) -> !llvm.ptr, !llvm.ptr
  // CHECK: %[[X:.*]] = llvm.load %[[PX]]
  // CHECK: %[[PY:.*]] = llvm.getelementptr %[[OUT]][0]
  // CHECK: %[[Y:.*]] = llvm.load %[[PY]]
  // CHECK: %[[PZ:.*]] = llvm.getelementptr %[[OUT]][1]
  // CHECK: %[[Z:.*]] = llvm.load %[[PZ]]
  // CHECK: llvm.call @main_graph(%[[X]], %[[Y]], %[[Z]], %[[ARENA]], %[[TID]], %[[N]], %[[B]])
}

// -----

// expected-error @+1 {{has no network function in the LLVM dialect (attributes gs.entry and gs.num_inputs)}}
module {
}

// -----

// Too few arguments for the inputs that are claimed.
// expected-error @+1 {{has no network function in the LLVM dialect (attributes gs.entry and gs.num_inputs)}}
module attributes {gs.entry = @main_graph, gs.num_inputs = 3 : i64} {
  llvm.func @main_graph(%x: !llvm.ptr, %arena: !llvm.ptr, %tid: i64, %n: i64, %barrier: !llvm.ptr) {
    llvm.return
  }
}
