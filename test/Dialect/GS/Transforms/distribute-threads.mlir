// RUN: gs-opt %s --gs-distribute-threads --split-input-file --verify-diagnostics | FileCheck %s
// RUN: gs-opt %s --gs-distribute-threads=single --split-input-file 2>/dev/null | FileCheck %s --check-prefix=SINGLE
// RUN: echo '{"name": "quick", "base": "zen4", "barrier_us": 0.1}' > %t.json
// RUN: gs-opt %s --gs-distribute-threads=target=%t.json --split-input-file --verify-diagnostics | FileCheck %s --check-prefix=QUICK
// RUN: not gs-opt %s --gs-distribute-threads=target=nowhere --split-input-file 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// UNKNOWN: error: unknown target 'nowhere'; use one of

// The outermost loop is cut into equal shares, and everybody waits for all of it.
// CHECK-LABEL: func.func @loop
// CHECK: %[[T:.*]] = gs.thread_id
// CHECK: %[[N:.*]] = gs.num_threads
// CHECK: %[[LO:.*]] = arith.addi
// CHECK: %[[HI:.*]] = arith.minui
// CHECK: scf.for %[[I:.*]] = %[[LO]] to %[[HI]]
// CHECK: scf.for %[[J:.*]] = %c0 to %c8
// CHECK: memref.store %{{.*}}, %{{.*}}[%[[I]], %[[J]]]
// CHECK: gs.barrier
// CHECK-NEXT: return
// SINGLE-LABEL: func.func @loop
// SINGLE: scf.parallel
// SINGLE-NOT: gs.barrier
func.func @loop(%y: memref<64x8xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %c64 = arith.constant 64 : index
  %z = arith.constant 0.0 : f32
  scf.parallel (%i, %j) = (%c0, %c0) to (%c64, %c8) step (%c1, %c1) {
    memref.store %z, %y[%i, %j] : memref<64x8xf32>
    scf.reduce
  }
  return
}

// -----

// An outer loop of one iteration has nothing to share: the longest one is cut.
// CHECK-LABEL: func.func @inner
// CHECK: scf.for %{{.*}} = %c0 to %c1
// CHECK-NEXT: scf.for %{{.*}} = %{{[0-9]+}} to %{{[0-9]+}}
func.func @inner(%y: memref<1x64xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %z = arith.constant 0.0 : f32
  scf.parallel (%i, %j) = (%c0, %c0) to (%c1, %c64) step (%c1, %c1) {
    memref.store %z, %y[%i, %j] : memref<1x64xf32>
    scf.reduce
  }
  return
}

// -----

// A few outer iterations are shared if they are a multiple of the threads, else the inner ones.
// CHECK-LABEL: func.func @heads
// CHECK: %[[REST:.*]] = arith.remui %c12
// CHECK: %[[OUTER:.*]] = arith.cmpi eq, %[[REST]], %c0
// CHECK: %[[LO:.*]] = arith.select %[[OUTER]], %{{.*}}, %c0
// CHECK: %[[HI:.*]] = arith.select %[[OUTER]], %{{.*}}, %c12
// CHECK: %[[INNER:.*]] = arith.cmpi ne, %[[REST]], %c0
// CHECK: %[[LO2:.*]] = arith.select %[[INNER]], %{{.*}}, %c0
// CHECK: %[[HI2:.*]] = arith.select %[[INNER]], %{{.*}}, %c64
// CHECK: scf.for %{{.*}} = %[[LO]] to %[[HI]]
// CHECK-NEXT: scf.for %{{.*}} = %[[LO2]] to %[[HI2]]
func.func @heads(%y: memref<12x64xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c12 = arith.constant 12 : index
  %c64 = arith.constant 64 : index
  %z = arith.constant 0.0 : f32
  scf.parallel (%i, %j) = (%c0, %c0) to (%c12, %c64) step (%c1, %c1) {
    memref.store %z, %y[%i, %j] : memref<12x64xf32>
    scf.reduce
  }
  return
}

// -----

// Kernels share their work themselves; other effects happen once; views and arithmetic are everybody's own.
// CHECK-LABEL: func.func @mixed
// CHECK: call @kernel
// CHECK-NEXT: gs.barrier
// CHECK: %[[T:.*]] = gs.thread_id
// CHECK: %[[FIRST:.*]] = arith.cmpi eq, %[[T]]
// CHECK: scf.if %[[FIRST]] {
// CHECK-NEXT: call @print
// CHECK-NEXT: }
// CHECK-NEXT: gs.barrier
// CHECK-NEXT: %[[V:.*]] = memref.collapse_shape
// CHECK-NEXT: %[[L:.*]] = memref.load %[[V]]
// CHECK: scf.if
// CHECK-NEXT: memref.store %[[L]]
// CHECK: gs.barrier
// CHECK-NEXT: return
// SINGLE-LABEL: func.func @mixed
// SINGLE: %[[C1:.*]] = arith.constant 1 : index
// SINGLE: call @kernel(%{{.*}}, %{{.*}}, %{{.*}})
// SINGLE-NEXT: call @print
// SINGLE-NOT: gs.thread_id
// SINGLE-NOT: gs.barrier
func.func private @kernel(%x: memref<2x2xf32>, %tid: index, %n: index) attributes {gs.kernel} {
  return
}
func.func private @print(memref<2x2xf32>)
func.func @mixed(%x: memref<2x2xf32>) {
  %c0 = arith.constant 0 : index
  %c3 = arith.constant 3 : index
  %t = gs.thread_id
  %n = gs.num_threads
  func.call @kernel(%x, %t, %n) : (memref<2x2xf32>, index, index) -> ()
  func.call @print(%x) : (memref<2x2xf32>) -> ()
  %v = memref.collapse_shape %x [[0, 1]] : memref<2x2xf32> into memref<4xf32>
  %l = memref.load %v[%c3] : memref<4xf32>
  memref.store %l, %v[%c0] : memref<4xf32>
  return
}

// -----

// expected-error @+1 {{gs-distribute-threads needs structured control flow, but the function has several blocks}}
func.func @blocks(%c: i1) {
  cf.cond_br %c, ^bb1, ^bb2
^bb1:
  return
^bb2:
  return
}

// -----

// A loop that only reads is everybody's own; what it computes is stored once.
// CHECK-LABEL: func.func @sum
// CHECK-NOT: scf.if
// CHECK: %[[SUM:.*]] = scf.for
// CHECK: scf.if
// CHECK-NEXT: memref.store %[[SUM]]
// CHECK: gs.barrier
func.func @sum(%x: memref<8xf32>, %y: memref<f32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %z = arith.constant 0.0 : f32
  %s = scf.for %i = %c0 to %c8 step %c1 iter_args(%a = %z) -> f32 {
    %v = memref.load %x[%i] : memref<8xf32>
    %n = arith.addf %a, %v : f32
    scf.yield %n : f32
  }
  memref.store %s, %y[] : memref<f32>
  return
}

// -----

func.func private @random(memref<8xf32>) -> f32
func.func @results(%x: memref<8xf32>, %y: memref<f32>) {
  // expected-error @+1 {{has side effects and results; gs-distribute-threads cannot run it on one thread only}}
  %s = func.call @random(%x) : (memref<8xf32>) -> f32
  memref.store %s, %y[] : memref<f32>
  return
}

// -----

// Threads share every step of a loop over time.
// CHECK-LABEL: func.func @steps
// CHECK: scf.for %{{.*}} = %c0 to %c8
// CHECK-NEXT: call @kernel
// CHECK-NEXT: gs.barrier
// CHECK: gs.thread_id
// CHECK: scf.for
// CHECK: gs.barrier
// SINGLE-LABEL: func.func @steps
// SINGLE-NOT: gs.barrier
func.func private @kernel(memref<64xf32>, index, index) attributes {gs.kernel}
func.func @steps(%y: memref<64xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %c64 = arith.constant 64 : index
  %z = arith.constant 0.0 : f32
  %t = gs.thread_id
  %n = gs.num_threads
  scf.for %s = %c0 to %c8 step %c1 {
    func.call @kernel(%y, %t, %n) {gs.predicted_us = 9.0 : f64} : (memref<64xf32>, index, index) -> ()
    scf.parallel (%i) = (%c0) to (%c64) step (%c1) {
      memref.store %z, %y[%i] : memref<64xf32>
      scf.reduce
    }
  }
  return
}

// -----

// Steps that are shorter than their barriers: thread 0 does all of the loop, and all of every kernel. Where barriers take
// less, threads share them.
// QUICK-LABEL: func.func @small_steps
// QUICK-NOT: scf.if
// QUICK: call @kernel
// QUICK-NEXT: gs.barrier
// CHECK-LABEL: func.func @small_steps
// CHECK: scf.if
// CHECK-NEXT: scf.for
// CHECK-NOT: gs.barrier
// CHECK: call @kernel(%{{.*}}, %c0{{.*}}, %c1{{.*}})
// CHECK-NOT: gs.barrier
// CHECK: scf.parallel
// CHECK-NOT: gs.barrier
// CHECK: gs.barrier
// CHECK-NEXT: return
func.func private @kernel(memref<64xf32>, index, index) attributes {gs.kernel}
func.func @small_steps(%y: memref<64xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %c64 = arith.constant 64 : index
  %z = arith.constant 0.0 : f32
  scf.for %s = %c0 to %c8 step %c1 {
    %t = gs.thread_id
    %n = gs.num_threads
    func.call @kernel(%y, %t, %n) {gs.predicted_us = 0.9 : f64} : (memref<64xf32>, index, index) -> ()
    scf.parallel (%i) = (%c0) to (%c64) step (%c1) {
      memref.store %z, %y[%i] : memref<64xf32>
      scf.reduce
    }
  }
  return
}
