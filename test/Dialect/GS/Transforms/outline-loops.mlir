// Loop nests of the network become functions: bounds and buffers are arguments, constants and views are made again
// inside, and buffers that overlap no other argument say so. Functions without an arena stay as they are.
// RUN: gs-opt %s --gs-outline-loops | FileCheck %s
// RUN: gs-opt %s --gs-outline-loops --duplicate-function-elimination | FileCheck %s --check-prefix=SHARED

// CHECK: func.func private @loops(%[[X:.*]]: memref<8xf32> {llvm.noalias}, %{{.*}}: memref<8xf32> {llvm.noalias}, %{{.*}}: index) attributes {gs.kernel} {
// CHECK-DAG: arith.constant 1 : index
// CHECK-DAG: memref.expand_shape %[[X]]
// CHECK: scf.for
// CHECK: func.func private @loops_0(%{{.*}}: memref<8xf32> {llvm.noalias}, %{{.*}}: memref<8xf32> {llvm.noalias}, %{{.*}}: index) attributes {gs.kernel} {
// The two views share memory.
// CHECK: func.func private @loops_1(%{{.*}}: memref<8xf32>, %{{.*}}: memref<8xf32>) attributes {gs.kernel} {
// CHECK-LABEL: func.func @network
// CHECK-NOT: scf.for
// CHECK: call @loops(
// CHECK-NEXT: gs.barrier
// CHECK: call @loops_0(
// CHECK: call @loops_1(
// A value of unknown layout cannot be passed as a pointer.
// CHECK: scf.for
// CHECK-LABEL: func.func @other
// CHECK-NOT: call
// CHECK: scf.for

// SHARED-COUNT-2: func.func private @loops
// SHARED-NOT: func.func private
// SHARED: func.func @network

func.func @network(%x: memref<8xf32>, %strided: memref<8xf32, strided<[?], offset: ?>>, %n: index,
                   %arena: memref<256xi8> {gs.arena}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c4 = arith.constant 4 : index
  %c8 = arith.constant 8 : index
  %c16 = arith.constant 16 : index
  %c64 = arith.constant 64 : index
  %a = memref.view %arena[%c0][] : memref<256xi8> to memref<8xf32>
  %b = memref.view %arena[%c64][] : memref<256xi8> to memref<8xf32>
  %c = memref.view %arena[%c16][] : memref<256xi8> to memref<8xf32>
  %wide = memref.expand_shape %x [[0, 1]] output_shape [4, 2] : memref<8xf32> into memref<4x2xf32>
  scf.for %i = %c0 to %n step %c1 {
    %v = memref.load %wide[%i, %c1] : memref<4x2xf32>
    memref.store %v, %a[%i] : memref<8xf32>
  }
  gs.barrier
  %widea = memref.expand_shape %a [[0, 1]] output_shape [4, 2] : memref<8xf32> into memref<4x2xf32>
  scf.for %i = %c0 to %n step %c1 {
    %v = memref.load %widea[%i, %c1] : memref<4x2xf32>
    memref.store %v, %b[%i] : memref<8xf32>
  }
  gs.barrier
  scf.for %i = %c0 to %c8 step %c1 {
    %v = memref.load %a[%i] : memref<8xf32>
    memref.store %v, %c[%i] : memref<8xf32>
  }
  scf.for %i = %c0 to %c4 step %c1 {
    %v = memref.load %strided[%i] : memref<8xf32, strided<[?], offset: ?>>
    memref.store %v, %c[%i] : memref<8xf32>
  }
  return
}

func.func @other(%x: memref<8xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  scf.for %i = %c0 to %c8 step %c1 {
    %v = memref.load %x[%i] : memref<8xf32>
    memref.store %v, %x[%i] : memref<8xf32>
  }
  return
}
