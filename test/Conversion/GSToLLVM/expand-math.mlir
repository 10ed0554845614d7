// RUN: gs-opt %s --gs-expand-math | FileCheck %s --check-prefixes=CHECK,POLYNOMIAL
// RUN: gs-opt %s --gs-expand-math=target=zen4 | FileCheck %s --check-prefixes=CHECK,TABLE
// RUN: gs-opt %s --gs-expand-math=target=x86-64-v3 | FileCheck %s --check-prefixes=CHECK,POLYNOMIAL
// RUN: gs-opt %s --gs-expand-math=target=zen4@256 | FileCheck %s --check-prefixes=CHECK,POLYNOMIAL
// RUN: not gs-opt %s --gs-expand-math=target=zen400 2>&1 | FileCheck %s --check-prefix=UNKNOWN

// UNKNOWN: error: {{.*}}zen400

// CHECK-LABEL: @relu
// CHECK-SAME: (%[[X:.*]]: vector<16xf32>)
// CHECK: %[[ZERO:.*]] = arith.constant dense<0.000000e+00> : vector<16xf32>
// CHECK: %[[BELOW:.*]] = arith.cmpf ogt, %[[ZERO]], %[[X]]
// CHECK: arith.select %[[BELOW]], %[[ZERO]], %[[X]]
func.func @relu(%x: vector<16xf32>) -> vector<16xf32> {
  %zero = arith.constant dense<0.0> : vector<16xf32>
  %y = arith.maximumf %x, %zero : vector<16xf32>
  return %y : vector<16xf32>
}

// CHECK-LABEL: @upper_bound
// CHECK: arith.cmpf olt
// CHECK-NOT: arith.minimumf
func.func @upper_bound(%x: f32) -> f32 {
  %six = arith.constant 6.0 : f32
  %y = arith.minimumf %six, %x : f32
  return %y : f32
}

// CHECK-LABEL: @two_values
// CHECK: arith.maximumf
func.func @two_values(%x: f32, %y: f32) -> f32 {
  %z = arith.maximumf %x, %y : f32
  return %z : f32
}

// CHECK-LABEL: @polynomials
// CHECK-NOT: math.exp
// CHECK-NOT: math.tanh
func.func @polynomials(%x: vector<16xf32>) -> vector<16xf32> {
  %y = math.exp %x : vector<16xf32>
  %z = math.tanh %y : vector<16xf32>
  return %z : vector<16xf32>
}

// A permute picks the coefficients of each lane, if the target has one for the whole vector.
// CHECK-LABEL: @erf
// CHECK-NOT: math.erf
// TABLE-COUNT-6: llvm.call_intrinsic "llvm.x86.avx512.permvar.sf.512"
// TABLE: math.copysign
// POLYNOMIAL-NOT: llvm.call_intrinsic
// CHECK: return
func.func @erf(%x: vector<16xf32>) -> vector<16xf32> {
  %y = math.erf %x : vector<16xf32>
  return %y : vector<16xf32>
}

// CHECK-LABEL: @exp
// TABLE-COUNT-2: llvm.call_intrinsic "llvm.x86.avx512.permvar.sf.512"
// POLYNOMIAL-NOT: llvm.call_intrinsic
// CHECK: return
func.func @exp(%x: vector<16xf32>) -> vector<16xf32> {
  %y = math.exp %x : vector<16xf32>
  return %y : vector<16xf32>
}

// A GELU is one function, without the sign of erf and the products around it.
// CHECK-LABEL: @gelu
// TABLE-NOT: math.copysign
// TABLE-COUNT-6: llvm.call_intrinsic "llvm.x86.avx512.permvar.sf.512"
// TABLE-NOT: math.copysign
// POLYNOMIAL-NOT: llvm.call_intrinsic
// CHECK: return
func.func @gelu(%x: vector<16xf32>) -> vector<16xf32> {
  %one = arith.constant dense<1.0> : vector<16xf32>
  %half = arith.constant dense<0.5> : vector<16xf32>
  %root = arith.constant dense<1.41421354> : vector<16xf32>
  %0 = arith.divf %x, %root : vector<16xf32>
  %1 = math.erf %0 : vector<16xf32>
  %2 = arith.addf %1, %one : vector<16xf32>
  %3 = arith.mulf %x, %2 : vector<16xf32>
  %4 = arith.mulf %3, %half : vector<16xf32>
  return %4 : vector<16xf32>
}

// Another factor than x: no GELU.
// CHECK-LABEL: @gate_of_another
// TABLE: math.copysign
func.func @gate_of_another(%x: vector<16xf32>, %y: vector<16xf32>) -> vector<16xf32> {
  %one = arith.constant dense<1.0> : vector<16xf32>
  %half = arith.constant dense<0.5> : vector<16xf32>
  %root = arith.constant dense<1.41421354> : vector<16xf32>
  %0 = arith.divf %x, %root : vector<16xf32>
  %1 = math.erf %0 : vector<16xf32>
  %2 = arith.addf %1, %one : vector<16xf32>
  %3 = arith.mulf %y, %2 : vector<16xf32>
  %4 = arith.mulf %3, %half : vector<16xf32>
  return %4 : vector<16xf32>
}

// Tables have one entry for each lane of a whole vector.
// CHECK-LABEL: @erf_of_few
// CHECK-NOT: math.erf
// CHECK-NOT: llvm.call_intrinsic
// CHECK: return
func.func @erf_of_few(%x: vector<4xf32>, %y: f32) -> (vector<4xf32>, f32) {
  %z = math.erf %x : vector<4xf32>
  %w = math.erf %y : f32
  return %z, %w : vector<4xf32>, f32
}
