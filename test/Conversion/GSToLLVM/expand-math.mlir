// RUN: gs-opt %s --gs-expand-math | FileCheck %s

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
