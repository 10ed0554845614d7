// RUN: gs-opt %s --convert-gs-threads-to-runtime --split-input-file --verify-diagnostics | FileCheck %s
// RUN: gs-opt %s --convert-gs-threads-to-runtime=mark-layers --split-input-file --verify-diagnostics | FileCheck %s --check-prefix=MARK

// Inputs, results, arena, then what the runtime passes.
// CHECK: module attributes {gs.arena_bytes = 64 : i64, gs.entry = @net, gs.num_inputs = 1 : i64}
// CHECK: func.func @net(%{{.*}}: memref<4xf32>, %{{.*}}: memref<4xf32> {bufferize.result}, %{{.*}}: memref<64xi8> {gs.arena},
// CHECK-SAME: %[[T:.*]]: index, %[[N:.*]]: index, %[[B:.*]]: !llvm.ptr)
// CHECK: call @kernel(%{{.*}}, %{{.*}}, %[[T]], %[[N]])
// CHECK-NEXT: call @gsrt_barrier(%[[B]]) : (!llvm.ptr) -> ()
// CHECK-NEXT: call @kernel
// CHECK-NEXT: call @gsrt_barrier(%[[B]])
// CHECK-NEXT: return
// CHECK: func.func private @gsrt_barrier(!llvm.ptr)

// A layer begins where the one before ended; its name is that of the node.
// MARK: module attributes {{{.*}}gs.layers = ["first", "other"]
// MARK: func.func @net({{.*}}, %[[T:.*]]: index, %{{.*}}: index, %[[B:.*]]: !llvm.ptr)
// MARK: %[[L0:.*]] = arith.constant 0 : i64
// MARK-NEXT: call @gsrt_layer(%[[B]], %[[T]], %[[L0]]) : (!llvm.ptr, index, i64) -> ()
// MARK: call @kernel
// MARK-NEXT: call @gsrt_barrier
// MARK: %[[L1:.*]] = arith.constant 1 : i64
// MARK-NEXT: call @gsrt_layer(%[[B]], %[[T]], %[[L1]])
// MARK: call @gsrt_barrier
// The end of the last layer is a mark of its own.
// MARK: %[[L2:.*]] = arith.constant 2 : i64
// MARK-NEXT: call @gsrt_layer(%[[B]], %[[T]], %[[L2]])
// MARK-NEXT: return
func.func private @kernel(%x: memref<4xf32>, %y: memref<4xf32>, %tid: index, %n: index) attributes {gs.kernel} {
  return
}
func.func @net(%x: memref<4xf32>, %y: memref<4xf32> {bufferize.result}, %arena: memref<64xi8> {gs.arena}) attributes {gs.arena_bytes = 64 : i64} {
  %t = gs.thread_id
  %n = gs.num_threads
  call @kernel(%x, %y, %t, %n) : (memref<4xf32>, memref<4xf32>, index, index) -> () loc("first")
  gs.barrier
  call @kernel(%x, %y, %t, %n) : (memref<4xf32>, memref<4xf32>, index, index) -> () loc(unknown)
  gs.barrier
  return
}

// -----

// A kernel of two nodes says itself when it comes to which; it is called once per strip. Nothing is left of that in
// code that nobody measures.
// CHECK-LABEL: func.func private @chain
// CHECK: scf.for
// CHECK-NEXT: memref.store
// CHECK-NEXT: memref.store
// CHECK-NEXT: }
// MARK: module attributes {{{.*}}gs.layers = ["up", "down", "after"]
// MARK-LABEL: func.func private @chain
// MARK: scf.for
// MARK-NEXT: %[[UP:.*]] = arith.constant 0 : i64
// MARK-NEXT: call @gsrt_layer_part(%[[UP]]) : (i64) -> ()
// MARK-NEXT: memref.store
// MARK-NEXT: %[[DOWN:.*]] = arith.constant 1 : i64
// MARK-NEXT: call @gsrt_layer_part(%[[DOWN]]) : (i64) -> ()
// MARK-NEXT: memref.store
// MARK-LABEL: func.func @strips
// MARK: %[[STEP:.*]] = arith.constant 1 : i64
// MARK-NEXT: call @gsrt_layer({{.*}}, %[[STEP]])
// MARK: call @chain
// MARK: %[[AFTER:.*]] = arith.constant 2 : i64
// MARK-NEXT: call @gsrt_layer({{.*}}, %[[AFTER]])
// MARK: func.func private @gsrt_layer_part(i64)
func.func private @chain(%y: memref<4xf32>, %lo: index, %hi: index) attributes {gs.kernel} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %one = arith.constant 1.0 : f32
  scf.for %strip = %lo to %hi step %c1 {
    gs.mark_layer "up"
    memref.store %one, %y[%c0] : memref<4xf32>
    gs.mark_layer "down"
    memref.store %one, %y[%c1] : memref<4xf32>
  }
  return
}
func.func @strips(%y: memref<4xf32> {bufferize.result}, %arena: memref<64xi8> {gs.arena}) attributes {gs.arena_bytes = 64 : i64} {
  %t = gs.thread_id
  %n = gs.num_threads
  call @chain(%y, %t, %n) : (memref<4xf32>, index, index) -> () loc("down")
  gs.barrier
  call @chain(%y, %t, %n) : (memref<4xf32>, index, index) -> () loc("after")
  gs.barrier
  return
}

// -----

// expected-error @+1 {{has no network function with an arena; run gs-plan-arena first}}
module {
  func.func @net(%x: memref<4xf32>) {
    return
  }
}

// -----

func.func @one(%arena: memref<64xi8> {gs.arena}) attributes {gs.arena_bytes = 64 : i64} {
  return
}
// expected-error @+1 {{is a second network function; a model has one}}
func.func @two(%arena: memref<64xi8> {gs.arena}) attributes {gs.arena_bytes = 64 : i64} {
  return
}
