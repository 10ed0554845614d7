// RUN: gs-opt %s --convert-linalg-to-vector=target=zen4 | FileCheck %s
// RUN: gs-opt %s --convert-linalg-to-vector=target=x86-64-v3 | FileCheck %s --check-prefix=NARROW

// The zeros are not written: the kernel stores its sums.
// CHECK-LABEL: func.func @scores
// CHECK-NOT: linalg.
// CHECK: call @product(%{{.*}}, %{{.*}}, %{{.*}}) : (memref<24576xf32>, memref<24576xf32>, memref<49152xf32>, index, index) -> ()
// CHECK-NOT: linalg.
func.func @scores(%q: memref<12x32x64xf32>, %k: memref<12x64x32xf32>) -> memref<12x64x64xf32> {
  %zero = arith.constant 0.0 : f32
  %s = memref.alloc() : memref<12x64x64xf32>
  linalg.fill ins(%zero : f32) outs(%s : memref<12x64x64xf32>)
  linalg.generic {indexing_maps = [affine_map<(b, m, n, k) -> (b, k, m)>, affine_map<(b, m, n, k) -> (b, n, k)>, affine_map<(b, m, n, k) -> (b, n, m)>],
                  iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%q, %k : memref<12x32x64xf32>, memref<12x64x32xf32>) outs(%s : memref<12x64x64xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %0 = arith.mulf %a, %b : f32
    %1 = arith.addf %c, %0 : f32
    linalg.yield %1 : f32
  }
  return %s : memref<12x64x64xf32>
}

// A product that adds to a buffer reads it; no operand is contiguous in the last dimension of the result, so columns of
// one are copied to a panel.
// CHECK-LABEL: func.func @adds
// CHECK: call @product_0
func.func @adds(%a: memref<40x30xf32>, %b: memref<50x30xf32>, %c: memref<40x50xf32>) {
  linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
      ins(%a, %b : memref<40x30xf32>, memref<50x30xf32>) outs(%c : memref<40x50xf32>)
  return
}

// What is done to each element of the result happens in the store, if nobody writes what it reads in between.
// CHECK-LABEL: func.func @scaled
// CHECK: call @product_{{[0-9]+}}(%{{.*}}, %{{.*}}, %{{.*}}, %arg2, %{{.*}}, %{{.*}}) : (memref<1200xf32>, memref<1500xf32>, memref<2000xf32>, memref<50xf32>, index, index) -> ()
// CHECK-NEXT: return
func.func @scaled(%a: memref<40x30xf32>, %b: memref<30x50xf32>, %s: memref<50xf32>, %c: memref<40x50xf32>) {
  linalg.matmul ins(%a, %b : memref<40x30xf32>, memref<30x50xf32>) outs(%c : memref<40x50xf32>)
  linalg.generic {indexing_maps = [affine_map<(m, n) -> (n)>, affine_map<(m, n) -> (m, n)>], iterator_types = ["parallel", "parallel"]}
      ins(%s : memref<50xf32>) outs(%c : memref<40x50xf32>) {
  ^bb0(%x: f32, %y: f32):
    %0 = arith.mulf %y, %x : f32
    linalg.yield %0 : f32
  }
  return
}

// CHECK-LABEL: func.func @scaled_later
// CHECK: call @product_{{[0-9]+}}(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}) : (memref<1200xf32>, memref<1500xf32>, memref<2000xf32>, index, index) -> ()
// CHECK: linalg.fill
// CHECK: linalg.generic
func.func @scaled_later(%a: memref<40x30xf32>, %b: memref<30x50xf32>, %s: memref<50xf32>, %c: memref<40x50xf32>) {
  %one = arith.constant 1.0 : f32
  linalg.matmul ins(%a, %b : memref<40x30xf32>, memref<30x50xf32>) outs(%c : memref<40x50xf32>)
  linalg.fill ins(%one : f32) outs(%s : memref<50xf32>)
  linalg.generic {indexing_maps = [affine_map<(m, n) -> (n)>, affine_map<(m, n) -> (m, n)>], iterator_types = ["parallel", "parallel"]}
      ins(%s : memref<50xf32>) outs(%c : memref<40x50xf32>) {
  ^bb0(%x: f32, %y: f32):
    %0 = arith.mulf %y, %x : f32
    linalg.yield %0 : f32
  }
  return
}

// Integers and strided buffers stay loops.
// CHECK-LABEL: func.func @integers
// CHECK: linalg.matmul
func.func @integers(%a: memref<4x3xi32>, %b: memref<3x5xi32>, %c: memref<4x5xi32>) {
  linalg.matmul ins(%a, %b : memref<4x3xi32>, memref<3x5xi32>) outs(%c : memref<4x5xi32>)
  return
}

// CHECK-LABEL: func.func @strided
// CHECK: linalg.matmul
func.func @strided(%a: memref<4x3xf32, strided<[6, 1]>>, %b: memref<3x5xf32>, %c: memref<4x5xf32>) {
  linalg.matmul ins(%a, %b : memref<4x3xf32, strided<[6, 1]>>, memref<3x5xf32>) outs(%c : memref<4x5xf32>)
  return
}

// A transpose with what was fused to it goes through squares of registers; what is contiguous nowhere stays a loop.
// CHECK-LABEL: func.func @transposes
// CHECK: call @crossing(%{{.*}}, %arg1, %{{.*}}, %{{.*}}, %{{.*}}) : (memref<1536xf32>, memref<48xf32>, memref<1536xf32>, index, index) -> ()
// CHECK: linalg.transpose
func.func @transposes(%x: memref<48x32xf32>, %bias: memref<48xf32>, %y: memref<32x48xf32>, %small: memref<3x900xf32>, %z: memref<900x3xf32>) {
  linalg.generic {indexing_maps = [affine_map<(t, c) -> (c, t)>, affine_map<(t, c) -> (c)>, affine_map<(t, c) -> (t, c)>],
                  iterator_types = ["parallel", "parallel"]}
      ins(%x, %bias : memref<48x32xf32>, memref<48xf32>) outs(%y : memref<32x48xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %0 = arith.addf %a, %b : f32
    linalg.yield %0 : f32
  }
  linalg.transpose ins(%small : memref<3x900xf32>) outs(%z : memref<900x3xf32>) permutation = [1, 0]
  return
}

// CHECK-LABEL: func.func private @product(
// CHECK-SAME: gs.kernel
// CHECK-NOT: memref.alloca
// CHECK: vector.load %{{.*}} : memref<24576xf32>, vector<16xf32>
// CHECK: vector.fma {{.*}} : vector<16xf32>

// CHECK-LABEL: func.func private @product_0(
// CHECK: memref.alloca() {alignment = 64 : i64}
// CHECK: vector.load %arg2
// CHECK: vector.fma
// CHECK: vector.maskedstore

// CHECK-LABEL: func.func private @crossing(
// CHECK: vector.load %arg0[%{{.*}}] : memref<1536xf32>, vector<16xf32>
// CHECK: vector.shuffle %{{.*}}, %{{.*}} [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23]
// CHECK: vector.load %arg1
// CHECK: arith.addf {{.*}} : vector<16xf32>
// CHECK: vector.store

// NARROW: vector.fma {{.*}} : vector<8xf32>
