// RUN: gs-opt %s --gs-hoist-accesses --split-input-file | FileCheck %s

// A sum over two dimensions ends in a register, loop by loop.
// CHECK-LABEL: @sum
// CHECK: %[[S:.*]] = memref.alloc
// CHECK: scf.for %[[I:.*]] =
// CHECK:   %[[INIT:.*]] = memref.load %[[S]][%[[I]]]
// CHECK:   %[[OUTER:.*]] = scf.for {{.*}} iter_args(%[[A:.*]] = %[[INIT]])
// CHECK:     %[[INNER:.*]] = scf.for {{.*}} iter_args(%[[B:.*]] = %[[A]])
// CHECK:       %[[ADD:.*]] = arith.addf %[[B]]
// CHECK:       scf.yield %[[ADD]]
// CHECK:     scf.yield %[[INNER]]
// CHECK:   memref.store %[[OUTER]], %[[S]][%[[I]]]
func.func @sum(%x: memref<4x5x6xf32>) -> memref<4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c5 = arith.constant 5 : index
  %c6 = arith.constant 6 : index
  %s = memref.alloc() : memref<4xf32>
  scf.for %i = %c0 to %c4 step %c1 {
    scf.for %j = %c0 to %c5 step %c1 {
      scf.for %k = %c0 to %c6 step %c1 {
        %0 = memref.load %x[%i, %j, %k] : memref<4x5x6xf32>
        %1 = memref.load %s[%i] : memref<4xf32>
        %2 = arith.addf %1, %0 : f32
        memref.store %2, %s[%i] : memref<4xf32>
      }
    }
  }
  return %s : memref<4xf32>
}

// -----

// The factor of a row is loaded once per row.
// CHECK-LABEL: @factor
// CHECK: scf.for %[[I:.*]] =
// CHECK-NEXT: %[[F:.*]] = memref.load %{{.*}}[%[[I]]] : memref<4xf32>
// CHECK-NEXT: scf.for
// CHECK: arith.mulf %{{.*}}, %[[F]]
func.func @factor(%x: memref<4x5xf32>, %f: memref<4xf32>) -> memref<4x5xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c5 = arith.constant 5 : index
  %y = memref.alloc() : memref<4x5xf32>
  scf.for %i = %c0 to %c4 step %c1 {
    scf.for %j = %c0 to %c5 step %c1 {
      %0 = memref.load %x[%i, %j] : memref<4x5xf32>
      %1 = memref.load %f[%i] : memref<4xf32>
      %2 = arith.mulf %0, %1 : f32
      memref.store %2, %y[%i, %j] : memref<4x5xf32>
    }
  }
  return %y : memref<4x5xf32>
}

// -----

// Another view of the buffer that is written: nothing moves.
// CHECK-LABEL: @view
// CHECK: scf.for
// CHECK-NOT: iter_args
// CHECK: memref.load
// CHECK: memref.load
// CHECK: memref.store
func.func @view(%s: memref<4xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %v = memref.subview %s[0] [4] [1] : memref<4xf32> to memref<4xf32, strided<[1]>>
  scf.for %i = %c0 to %c4 step %c1 {
    %0 = memref.load %v[%i] : memref<4xf32, strided<[1]>>
    %1 = memref.load %s[%c0] : memref<4xf32>
    %2 = arith.addf %1, %0 : f32
    memref.store %2, %s[%c0] : memref<4xf32>
  }
  return
}

// -----

// A call may touch everything.
// CHECK-LABEL: @call
// CHECK: scf.for
// CHECK-NEXT: func.call
// CHECK-NEXT: memref.load
func.func private @f(memref<4xf32>)
func.func @call(%s: memref<4xf32>, %y: memref<4xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  scf.for %i = %c0 to %c4 step %c1 {
    func.call @f(%s) : (memref<4xf32>) -> ()
    %1 = memref.load %s[%c0] : memref<4xf32>
    memref.store %1, %y[%i] : memref<4xf32>
  }
  return
}
