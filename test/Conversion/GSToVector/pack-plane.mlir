// Zero-padded planes, split in the phases of the strides.
//
// RUN: gs-opt %s --gs-to-vector=target=x86-64-v3 --canonicalize | FileCheck %s

// Every element of the plane, zeros and slack included, in one to three dimensions:
// RUN: %python %S/Inputs/kernels.py pack-plane > %t.cases.mlir
// RUN: gs-opt %t.cases.mlir --gs-compile-cpu=target=x86-64-v3 -o %t.v3.mlir
// RUN: %if avx2 %{ mlir-runner %t.v3.mlir -e main -entry-point-result=void --shared-libs=%gs_check_runtime %}
// RUN: gs-opt %t.cases.mlir --gs-compile-cpu=target=x86-64-v4 -o %t.v4.mlir
// RUN: %if avx512 %{ mlir-runner %t.v4.mlir -e main -entry-point-result=void --shared-libs=%gs_check_runtime %}

// CHECK-LABEL: func.func @unit_stride
// CHECK: call @pack_plane(
// CHECK-LABEL: func.func @stride_two
// CHECK: call @pack_plane_{{[0-9]+}}(
// CHECK-LABEL: func.func @stride_three
// CHECK: call @pack_plane_{{[0-9]+}}(
// Unit strides: whole vectors, then one masked one; the border is zeros that are stored, not a branch.
// CHECK-LABEL: func.func private @pack_plane(
// CHECK-SAME: attributes {gs.kernel}
// CHECK-NOT: scf.if
// CHECK: vector.load {{.*}} : memref<60xf32>, vector<8xf32>
// CHECK: vector.store
// CHECK: vector.maskedload {{.*}} : memref<60xf32>
// CHECK: vector.maskedstore
// Stride two: vectors of twice the length, whose odd elements go nowhere; the last odd one is not even read.
// CHECK-LABEL: func.func private @pack_plane_{{[0-9]+}}(
// CHECK: vector.maskedload {{.*}} : memref<60xf32>, vector<16xi1>, vector<16xf32>
// CHECK: vector.deinterleave {{.*}} : vector<16xf32> -> vector<8xf32>
// Other strides: element by element.
// CHECK-LABEL: func.func private @pack_plane_{{[0-9]+}}(
// CHECK: memref.load {{.*}} : memref<60xf32>
// CHECK: memref.store
func.func @unit_stride(%x: memref<1x3x20xf32>, %p: memref<1x3x48xf32>) {
  gs.pack_plane %x outs(%p : memref<1x3x48xf32>) <input = [20], strides = [1], phases = [1], extents = [22], pads = [1], size = 48>
    : memref<1x3x20xf32>
  return
}

func.func @stride_two(%x: memref<1x3x20xf32>, %p: memref<1x3x48xf32>) {
  gs.pack_plane %x outs(%p : memref<1x3x48xf32>) <input = [20], strides = [2], phases = [2], extents = [11], pads = [1], size = 48>
    : memref<1x3x20xf32>
  return
}

func.func @stride_three(%x: memref<1x3x20xf32>, %p: memref<1x3x48xf32>) {
  gs.pack_plane %x outs(%p : memref<1x3x48xf32>) <input = [20], strides = [3], phases = [2], extents = [8], pads = [1], size = 48>
    : memref<1x3x20xf32>
  return
}
