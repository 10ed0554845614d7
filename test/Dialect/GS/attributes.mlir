// RUN: gs-opt %s | FileCheck %s
// RUN: gs-opt %s | gs-opt | FileCheck %s
// RUN: gs-opt %s --emit-bytecode | gs-opt | FileCheck %s

// CHECK: module attributes {test.strategies = [
// CHECK-SAME: #gs.strategy<"lane-gather">, #gs.strategy<"row-group-broadcast", {nr = 2 : i64}>]}
module attributes {test.strategies = [#gs.strategy<"lane-gather">, #gs.strategy<"row-group-broadcast", {nr = 2}>]} {
  // CHECK: test.patterns = [#gs.unstructured, #gs.block<4x1>, #gs.block<16x16>, #gs.gather_scatter<banks = 16, width = 4>]
  func.func private @patterns() attributes {test.patterns = [#gs.unstructured, #gs.block<4x1>, #gs.block<16x16>,
                                                             #gs.gather_scatter<banks = 16, width = 4>]}
}
