// What was timed on the machine (gs.measured) overrules predictions: the fastest measured candidate is taken, in the
// parameters that were measured, and kernels that were not measured are left.
// RUN: gs-opt %s --gs-select-strategy="target=zen4" | FileCheck %s

// CHECK-LABEL: @measured
// CHECK: strategy = <"row-group-broadcast", {mr = 4 : i64, nr = 2 : i64}>
// CHECK-SAME: {measured_us = 1.500000e+00 : f64, predicted_us = 0.6{{[0-9]+}} : f64, strategy = "row-group-broadcast"}
// CHECK-SAME: {refused = "others were measured, this one is predicted to be slower", strategy = "single-row-broadcast"}
// CHECK-SAME: {measured_us = 3.000000e+00 : f64, predicted_us = 0.6{{[0-9]+}} : f64, strategy = "dense-tile"}
// CHECK-SAME: gs.predicted_us = 0.6
func.func @measured(%x: tensor<16x256xf32>) -> tensor<8x256xf32> {
  %w = gs.constant dense<1.0> : tensor<8x16xf32> as tensor<8x16xf32, #gs.block<4x1>>
  %e = tensor.empty() : tensor<8x256xf32>
  %y = gs.matmul %w, %x outs(%e : tensor<8x256xf32>) {gs.measured = [
    {strategy = #gs.strategy<"row-group-broadcast", {mr = 4 : i64, nr = 4 : i64}>, us = 2.0 : f64},
    {strategy = #gs.strategy<"row-group-broadcast", {mr = 4 : i64, nr = 2 : i64}>, us = 1.5 : f64},
    {strategy = #gs.strategy<"dense-tile", {mr = 8 : i64, nr = 3 : i64}>, us = 3.0 : f64}]}
    : tensor<8x16xf32, #gs.block<4x1>>, tensor<16x256xf32> -> tensor<8x256xf32>
  return %y : tensor<8x256xf32>
}
