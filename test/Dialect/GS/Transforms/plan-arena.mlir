// RUN: gs-opt %s --gs-plan-arena --split-input-file --verify-diagnostics | FileCheck %s
// RUN: gs-opt %s --gs-plan-arena=alignment=16 --split-input-file --verify-diagnostics | FileCheck %s --check-prefix=SMALL

// Of three buffers in a chain the first and the last never live together.
// CHECK-LABEL: func.func @chain
// CHECK-SAME: (%[[X:.*]]: memref<100xf32>, %[[Y:.*]]: memref<100xf32>, %[[A:.*]]: memref<896xi8> {gs.arena}) attributes {gs.arena_bytes = 896 : i64}
// CHECK: %[[C0:.*]] = arith.constant 0 : index
// CHECK: memref.view %[[A]][%[[C0]]][] : memref<896xi8> to memref<100xf32>
// CHECK: %[[C448:.*]] = arith.constant 448 : index
// CHECK: memref.view %[[A]][%[[C448]]][] : memref<896xi8> to memref<100xf32>
// CHECK: %[[C0_0:.*]] = arith.constant 0 : index
// CHECK: memref.view %[[A]][%[[C0_0]]][] : memref<896xi8> to memref<100xf32>
// CHECK-NOT: memref.alloc
// CHECK-NOT: memref.dealloc
// SMALL-LABEL: func.func @chain
// SMALL-SAME: gs.arena_bytes = 800 : i64
func.func @chain(%x: memref<100xf32>, %y: memref<100xf32>) {
  %a = memref.alloc() : memref<100xf32>
  linalg.copy ins(%x : memref<100xf32>) outs(%a : memref<100xf32>)
  %b = memref.alloc() : memref<100xf32>
  linalg.copy ins(%a : memref<100xf32>) outs(%b : memref<100xf32>)
  memref.dealloc %a : memref<100xf32>
  %c = memref.alloc() : memref<100xf32>
  linalg.copy ins(%b : memref<100xf32>) outs(%c : memref<100xf32>)
  linalg.copy ins(%c : memref<100xf32>) outs(%y : memref<100xf32>)
  return
}

// -----

// A view extends the life of its buffer, and so do uses inside of a loop: three places.
// CHECK-LABEL: func.func @views
// CHECK-SAME: gs.arena_bytes = 192 : i64
func.func @views(%x: memref<16xf32>, %y: memref<4x4xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %a = memref.alloc() : memref<16xf32>
  linalg.copy ins(%x : memref<16xf32>) outs(%a : memref<16xf32>)
  %v = memref.expand_shape %a [[0, 1]] output_shape [4, 4] : memref<16xf32> into memref<4x4xf32>
  %b = memref.alloc() : memref<16xf32>
  linalg.copy ins(%x : memref<16xf32>) outs(%b : memref<16xf32>)
  %c = memref.alloc() : memref<16xf32>
  linalg.copy ins(%b : memref<16xf32>) outs(%c : memref<16xf32>)
  scf.for %i = %c0 to %c4 step %c1 {
    %s = memref.load %v[%i, %c0] : memref<4x4xf32>
    %t = memref.load %c[%i] : memref<16xf32>
    %u = arith.addf %s, %t : f32
    memref.store %u, %y[%i, %c0] : memref<4x4xf32>
  }
  return
}

// -----

// Nothing to place, and a buffer that nobody uses.
// CHECK-LABEL: func.func @nothing(%{{.*}}: memref<1xi8> {gs.arena}) attributes {gs.arena_bytes = 0 : i64}
func.func @nothing() {
  return
}

// CHECK-LABEL: func.func @unused
// CHECK-SAME: gs.arena_bytes = 64 : i64
func.func @unused() {
  %a = memref.alloc() : memref<1xi1>
  return
}

// Kernels and declarations have no arena.
// CHECK-LABEL: func.func private @kernel
// CHECK-NOT: gs.arena
func.func private @kernel(%x: memref<4xf32>) attributes {gs.kernel} {
  return
}
func.func private @declaration(memref<4xf32>)

// -----

func.func @dynamic(%n: index, %y: memref<?xf32>) {
  // expected-error @+1 {{buffer of type 'memref<?xf32>' cannot be planned: the arena needs static shapes}}
  %a = memref.alloc(%n) : memref<?xf32>
  linalg.copy ins(%a : memref<?xf32>) outs(%y : memref<?xf32>)
  return
}

// -----

func.func @escapes() -> memref<4xf32> {
  %a = memref.alloc() : memref<4xf32>
  // expected-error @+1 {{returns a temporary buffer; results must be written to output arguments}}
  return %a : memref<4xf32>
}

// -----

// expected-error @+1 {{gs-plan-arena needs a function of one block}}
func.func @blocks(%c: i1) {
  cf.cond_br %c, ^bb1, ^bb2
^bb1:
  return
^bb2:
  return
}

// -----

// Between two barriers one thread may still load what another one, further on, would write over: a scalar that a loop needs keeps its
// memory until the barrier behind the loop.
// CHECK-LABEL: func.func @shared
// CHECK-SAME: gs.arena_bytes = 128 : i64
func.func @shared(%y: memref<16xf32>) {
  %c0 = arith.constant 0 : index
  %one = arith.constant 1.0 : f32
  %a = memref.alloc() : memref<16xf32>
  linalg.fill ins(%one : f32) outs(%a : memref<16xf32>)
  gs.barrier
  %s = memref.load %a[%c0] : memref<16xf32>
  %b = memref.alloc() : memref<16xf32>
  linalg.fill ins(%s : f32) outs(%b : memref<16xf32>)
  gs.barrier
  linalg.copy ins(%b : memref<16xf32>) outs(%y : memref<16xf32>)
  gs.barrier
  return
}

// -----

// Behind a barrier, or a loop of steps, memory is free: one place.
// CHECK-LABEL: func.func @steps
// CHECK-SAME: gs.arena_bytes = 64 : i64
func.func @steps(%y: memref<16xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %one = arith.constant 1.0 : f32
  %a = memref.alloc() : memref<16xf32>
  linalg.fill ins(%one : f32) outs(%a : memref<16xf32>)
  gs.barrier
  linalg.copy ins(%a : memref<16xf32>) outs(%y : memref<16xf32>)
  gs.barrier
  %b = memref.alloc() : memref<16xf32>
  scf.for %i = %c0 to %c4 step %c1 {
    memref.store %one, %b[%i] : memref<16xf32>
    gs.barrier
  }
  %c = memref.alloc() : memref<16xf32>
  linalg.fill ins(%one : f32) outs(%c : memref<16xf32>)
  gs.barrier
  linalg.copy ins(%c : memref<16xf32>) outs(%y : memref<16xf32>)
  gs.barrier
  return
}
