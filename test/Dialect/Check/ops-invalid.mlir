// RUN: gs-opt %s --split-input-file --verify-diagnostics

func.func @types(%a: tensor<4xf32>, %b: tensor<5xf32>) {
  // expected-error @+1 {{'check.expect_eq' op failed to verify that all of {actual, expected} have same type}}
  "check.expect_eq"(%a, %b) : (tensor<4xf32>, tensor<5xf32>) -> ()
  return
}

// -----

func.func @tolerance(%a: tensor<4xf32>) {
  // expected-error @+1 {{'check.expect_close' op attribute 'tolerance' failed to satisfy constraint: 64-bit float attribute}}
  "check.expect_close"(%a, %a) {tolerance = 1 : i64} : (tensor<4xf32>, tensor<4xf32>) -> ()
  return
}
