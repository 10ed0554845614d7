// RUN: gs-translate --describe-weights %s | FileCheck %s

// What each term of a union holds: the full column goes to the first one.
// CHECK: "mask": [
// CHECK-NEXT: ".##",
// CHECK-NEXT: "##."
// CHECK: "terms": [
// CHECK: "kept": 2,
// CHECK-NEXT: "mask": [
// CHECK-NEXT: ".#.",
// CHECK-NEXT: ".#."
// CHECK: "pattern": "#gs.block<2x1>"
// CHECK: "kept": 2,
// CHECK-NEXT: "mask": [
// CHECK-NEXT: "..#",
// CHECK-NEXT: "#.."
// CHECK: "pattern": "#gs.unstructured"
func.func @constant() -> tensor<2x3xi8, #gs.union<[#gs.block<2x1>, #gs.unstructured]>> {
  %w = gs.constant dense<[[0, 1, 5], [3, 2, 0]]> : tensor<2x3xi8>
         as tensor<2x3xi8, #gs.union<[#gs.block<2x1>, #gs.unstructured]>>
  return %w : tensor<2x3xi8, #gs.union<[#gs.block<2x1>, #gs.unstructured]>>
}
