// RUN: gs-opt %s --convert-linalg-to-vector=target=zen4 | FileCheck %s
// RUN: gs-opt %s --convert-linalg-to-vector="target=zen4 remarks" -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

// A softmax of columns is one kernel, and writes over the scores, which nobody reads any more.
// CHECK-LABEL: func.func @softmax
// CHECK: %[[S:.*]] = memref.alloc() : memref<2x40x48xf32>
// CHECK-NOT: linalg.
// CHECK: call @column_passes
// CHECK-NOT: linalg.
// CHECK: return %[[S]]
func.func @softmax(%x: memref<2x40x48xf32>) -> memref<2x40x48xf32> {
  %low = arith.constant 0xFF800000 : f32
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %s = memref.alloc() : memref<2x40x48xf32>
  memref.copy %x, %s : memref<2x40x48xf32> to memref<2x40x48xf32>
  %m = memref.alloc() : memref<2x48xf32>
  linalg.fill ins(%low : f32) outs(%m : memref<2x48xf32>)
  linalg.generic {indexing_maps = [affine_map<(b, t, q) -> (b, t, q)>, affine_map<(b, t, q) -> (b, q)>],
                  iterator_types = ["parallel", "reduction", "parallel"]}
      ins(%s : memref<2x40x48xf32>) outs(%m : memref<2x48xf32>) {
  ^bb0(%a: f32, %c: f32):
    %0 = arith.maximumf %c, %a fastmath<reassoc> : f32
    linalg.yield %0 : f32
  }
  %e = memref.alloc() : memref<2x40x48xf32>
  linalg.generic {indexing_maps = [affine_map<(b, t, q) -> (b, t, q)>, affine_map<(b, t, q) -> (b, q)>, affine_map<(b, t, q) -> (b, t, q)>],
                  iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%s, %m : memref<2x40x48xf32>, memref<2x48xf32>) outs(%e : memref<2x40x48xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %0 = arith.subf %a, %b : f32
    %1 = math.exp %0 : f32
    linalg.yield %1 : f32
  }
  %sum = memref.alloc() : memref<2x48xf32>
  linalg.fill ins(%zero : f32) outs(%sum : memref<2x48xf32>)
  linalg.generic {indexing_maps = [affine_map<(b, t, q) -> (b, t, q)>, affine_map<(b, t, q) -> (b, q)>],
                  iterator_types = ["parallel", "reduction", "parallel"]}
      ins(%e : memref<2x40x48xf32>) outs(%sum : memref<2x48xf32>) {
  ^bb0(%a: f32, %c: f32):
    %0 = arith.addf %c, %a : f32
    linalg.yield %0 : f32
  }
  %inverse = memref.alloc() : memref<2x48xf32>
  linalg.generic {indexing_maps = [affine_map<(b, q) -> (b, q)>, affine_map<(b, q) -> (b, q)>], iterator_types = ["parallel", "parallel"]}
      ins(%sum : memref<2x48xf32>) outs(%inverse : memref<2x48xf32>) {
  ^bb0(%a: f32, %c: f32):
    %0 = arith.divf %one, %a : f32
    linalg.yield %0 : f32
  }
  %p = memref.alloc() : memref<2x40x48xf32>
  linalg.generic {indexing_maps = [affine_map<(b, t, q) -> (b, t, q)>, affine_map<(b, t, q) -> (b, q)>, affine_map<(b, t, q) -> (b, t, q)>],
                  iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%e, %inverse : memref<2x40x48xf32>, memref<2x48xf32>) outs(%p : memref<2x40x48xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %0 = arith.mulf %a, %b : f32
    linalg.yield %0 : f32
  }
  return %p : memref<2x40x48xf32>
}

// A matrix that is read later keeps what it has; a value per column that others read is stored.
// CHECK-LABEL: func.func @centre
// CHECK: %[[Y:.*]] = memref.alloc() : memref<40x48xf32>
// CHECK: %[[F:.*]] = memref.collapse_shape %[[Y]]
// CHECK: call @column_passes_0
// CHECK: return %[[Y]]
func.func @centre(%x: memref<40x48xf32>, %m: memref<48xf32>) -> memref<40x48xf32> {
  %y = memref.alloc() : memref<40x48xf32>
  linalg.generic {indexing_maps = [affine_map<(t, q) -> (t, q)>, affine_map<(t, q) -> (q)>], iterator_types = ["reduction", "parallel"]}
      ins(%x : memref<40x48xf32>) outs(%m : memref<48xf32>) {
  ^bb0(%a: f32, %c: f32):
    %0 = arith.addf %c, %a : f32
    linalg.yield %0 : f32
  }
  linalg.generic {indexing_maps = [affine_map<(t, q) -> (t, q)>, affine_map<(t, q) -> (q)>, affine_map<(t, q) -> (t, q)>],
                  iterator_types = ["parallel", "parallel"]}
      ins(%x, %m : memref<40x48xf32>, memref<48xf32>) outs(%y : memref<40x48xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %0 = arith.subf %a, %b : f32
    linalg.yield %0 : f32
  }
  return %y : memref<40x48xf32>
}

// One pass alone stays a loop.
// CHECK-LABEL: func.func @one_pass
// CHECK: linalg.generic
func.func @one_pass(%x: memref<40x48xf32>, %m: memref<48xf32>) {
  linalg.generic {indexing_maps = [affine_map<(t, q) -> (t, q)>, affine_map<(t, q) -> (q)>], iterator_types = ["reduction", "parallel"]}
      ins(%x : memref<40x48xf32>) outs(%m : memref<48xf32>) {
  ^bb0(%a: f32, %c: f32):
    %0 = arith.addf %c, %a : f32
    linalg.yield %0 : f32
  }
  return
}

// So does work on columns that fill no vector, and a remark says so on request.
// REMARK: remark: not joined with ops over the same columns: columns are not contiguous, or fewer than a vector has
// REMARK: remark: stays a loop: no product ({{.+}}), nothing transposed ({{.+}})
// CHECK-LABEL: func.func @narrow
// CHECK: linalg.generic
// CHECK: linalg.generic
func.func @narrow(%x: memref<40x9xf32>, %m: memref<9xf32>, %y: memref<40x9xf32>) {
  linalg.generic {indexing_maps = [affine_map<(t, q) -> (t, q)>, affine_map<(t, q) -> (q)>], iterator_types = ["reduction", "parallel"]}
      ins(%x : memref<40x9xf32>) outs(%m : memref<9xf32>) {
  ^bb0(%a: f32, %c: f32):
    %0 = arith.addf %c, %a : f32
    linalg.yield %0 : f32
  }
  linalg.generic {indexing_maps = [affine_map<(t, q) -> (t, q)>, affine_map<(t, q) -> (q)>, affine_map<(t, q) -> (t, q)>],
                  iterator_types = ["parallel", "parallel"]}
      ins(%x, %m : memref<40x9xf32>, memref<9xf32>) outs(%y : memref<40x9xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %0 = arith.subf %a, %b : f32
    linalg.yield %0 : f32
  }
  return
}

// Threads share three matrices of two strips each, and the strips of one matrix follow each other, as tiles of products do: what a
// thread reads, it wrote itself.
// CHECK-LABEL: func.func @batches
func.func @batches(%x: memref<3x40x128xf32>, %m: memref<3x128xf32>, %y: memref<3x40x128xf32>) {
  linalg.generic {indexing_maps = [affine_map<(b, t, q) -> (b, t, q)>, affine_map<(b, t, q) -> (b, q)>],
                  iterator_types = ["parallel", "reduction", "parallel"]}
      ins(%x : memref<3x40x128xf32>) outs(%m : memref<3x128xf32>) {
  ^bb0(%a: f32, %c: f32):
    %0 = arith.addf %c, %a : f32
    linalg.yield %0 : f32
  }
  linalg.generic {indexing_maps = [affine_map<(b, t, q) -> (b, t, q)>, affine_map<(b, t, q) -> (b, q)>, affine_map<(b, t, q) -> (b, t, q)>],
                  iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x, %m : memref<3x40x128xf32>, memref<3x128xf32>) outs(%y : memref<3x40x128xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %0 = arith.subf %a, %b : f32
    linalg.yield %0 : f32
  }
  return
}

// The first pass finds the maxima, the second one keeps the powers of a strip on the stack, the third one stores.
// CHECK-LABEL: func.func private @column_passes(
// CHECK: memref.alloca() {{.*}} : memref<640xf32>
// CHECK: scf.for
// CHECK: scf.for {{.*}} iter_args
// CHECK: arith.maximumf %{{.*}}, %{{.*}} fastmath<{{.*}}nsz
// CHECK: scf.for {{.*}} iter_args
// CHECK: math.exp
// CHECK: arith.addf
// CHECK: arith.divf
// CHECK: scf.for
// CHECK: arith.mulf

// CHECK-LABEL: func.func private @column_passes_1(
// CHECK-SAME: %[[T:[a-z0-9]+]]: index, %[[N:[a-z0-9]+]]: index)
// CHECK: scf.for %[[UNIT:.*]] =
// CHECK: %[[TWO:.*]] = arith.constant 2 : index
// CHECK: arith.remui %[[UNIT]], %[[TWO]]
// CHECK: %[[MATRIX:.*]] = arith.divui %[[UNIT]], %{{.*}} : index
// CHECK: arith.remui %[[MATRIX]], %{{.*}} : index
