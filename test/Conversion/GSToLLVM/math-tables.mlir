// RUN: gs-opt %s --gs-expand-math=target=zen4 | FileCheck %s
// RUN: gsc targets zen4 | sed 's/"permutes_per_cycle": [0-9.]*/"permutes_per_cycle": 0.3/' > %t.json
// RUN: gs-opt %s --gs-expand-math=target=%t.json | FileCheck %s --check-prefix=SLOW

// Pieces are 1/4 long: 1.5 * 2^23 / 4 rounds to their number, and the fifth power comes first. Numbers beyond the last piece are
// in it, where the sum is 1.
// CHECK-LABEL: @erf
// CHECK-DAG: %[[MOST:.*]] = arith.constant dense<3.874000e+00>
// CHECK-DAG: %[[MAGIC:.*]] = arith.constant dense<0x4A400000>
// CHECK-DAG: %[[FIFTH:.*]] = arith.constant dense<[0.141426623, 0.0811254{{[0-9]+}},
// CHECK-DAG: %[[CONSTANT:.*]] = arith.constant dense<[0.000000e+00, 0.276326388,
// CHECK: %[[SHIFTED:.*]] = arith.addf %{{.*}}, %[[MAGIC]]
// CHECK: %[[PLACES:.*]] = arith.bitcast %[[SHIFTED]]
// CHECK: llvm.call_intrinsic "llvm.x86.avx512.permvar.sf.512"(%[[FIFTH]], %[[PLACES]])
// CHECK: %[[LAST:.*]] = llvm.call_intrinsic "llvm.x86.avx512.permvar.sf.512"(%[[CONSTANT]],
// CHECK: %[[SUM:.*]] = math.fma %{{.*}}, %{{.*}}, %[[LAST]]
// CHECK: math.copysign %[[SUM]], %arg0
// Where a permute takes three cycles, the polynomial is faster; two of them for exp are still worth it.
// SLOW-LABEL: @erf
// SLOW-NOT: permvar
// SLOW: return
func.func @erf(%x: vector<16xf32>) -> vector<16xf32> {
  %y = math.erf %x : vector<16xf32>
  return %y : vector<16xf32>
}

// 2^(n / 16), and what its rounding left out; n / 16 without its fraction becomes the exponent.
// CHECK-LABEL: @exp
// CHECK-DAG: arith.constant dense<[1.000000e+00, 1.04427{{[0-9]+}},
// CHECK-DAG: arith.constant dense<[0.000000e+00, 4.6285{{[0-9]+}}E-8,
// CHECK-COUNT-2: llvm.call_intrinsic "llvm.x86.avx512.permvar.sf.512"
// CHECK: llvm.call_intrinsic "llvm.x86.avx512.mask.scalef.ps.512"
func.func @exp(%x: vector<16xf32>) -> vector<16xf32> {
  %y = math.exp %x : vector<16xf32>
  return %y : vector<16xf32>
}

// In any order of the factors, and with a product for the quotient, it is x / 2 + |x| h(|x|).
// CHECK-LABEL: @gelu
// CHECK-NOT: math.copysign
// CHECK: %[[Z:.*]] = math.absf %arg0
// CHECK-COUNT-6: llvm.call_intrinsic "llvm.x86.avx512.permvar.sf.512"
// CHECK: math.fma %[[Z]],
// CHECK: return
func.func @gelu(%x: vector<16xf32>) -> vector<16xf32> {
  %one = arith.constant dense<1.0> : vector<16xf32>
  %half = arith.constant dense<0.5> : vector<16xf32>
  %inverse = arith.constant dense<0.707106769> : vector<16xf32>
  %0 = arith.mulf %inverse, %x : vector<16xf32>
  %1 = math.erf %0 : vector<16xf32>
  %2 = arith.addf %one, %1 : vector<16xf32>
  %3 = arith.mulf %half, %2 : vector<16xf32>
  %4 = arith.mulf %x, %3 : vector<16xf32>
  return %4 : vector<16xf32>
}

// Another divisor makes another function.
// CHECK-LABEL: @steeper
// CHECK: math.copysign
func.func @steeper(%x: vector<16xf32>) -> vector<16xf32> {
  %one = arith.constant dense<1.0> : vector<16xf32>
  %half = arith.constant dense<0.5> : vector<16xf32>
  %0 = arith.divf %x, %half : vector<16xf32>
  %1 = math.erf %0 : vector<16xf32>
  %2 = arith.addf %1, %one : vector<16xf32>
  %3 = arith.mulf %x, %2 : vector<16xf32>
  %4 = arith.mulf %3, %half : vector<16xf32>
  return %4 : vector<16xf32>
}
