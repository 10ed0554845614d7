// RUN: gs-opt %s --convert-check-to-func --split-input-file --verify-diagnostics

func.func @element_type(%a: tensor<4xcomplex<f32>>) {
  // expected-error @+1 {{'check.expect_eq' op cannot compare elements of type 'complex<f32>'; use f64, f32, f16, bf16, index or an integer of 1, 8, 16, 32 or 64 bits}}
  check.expect_eq %a, %a : tensor<4xcomplex<f32>>
  return
}

// -----

func.func @width(%a: memref<4xi4>) {
  // expected-error @+1 {{cannot compare elements of type 'i4'}}
  check.expect_close %a, %a : memref<4xi4>
  return
}

// -----

func.func @unranked(%a: tensor<*xf32>) {
  // expected-error @+1 {{cannot compare values of type 'tensor<*xf32>'; use a ranked tensor, a memref or a scalar}}
  check.expect_eq %a, %a : tensor<*xf32>
  return
}

// -----

func.func @no_strides(%a: memref<4x4xf32, affine_map<(i, j) -> (i mod 2, j)>>) {
  // expected-error @+1 {{its layout has no strides, copy it to a plain memref first}}
  check.expect_eq %a, %a : memref<4x4xf32, affine_map<(i, j) -> (i mod 2, j)>>
  return
}

// -----

// Every assertion that cannot be converted is reported, not only the first.
func.func @all(%a: tensor<4xi4>, %b: tensor<4xi2>) {
  // expected-error @+1 {{'i4'}}
  check.expect_eq %a, %a : tensor<4xi4>
  // expected-error @+1 {{'i2'}}
  check.expect_eq %b, %b : tensor<4xi2>
  return
}
