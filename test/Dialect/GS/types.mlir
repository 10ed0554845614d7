// RUN: gs-opt %s | FileCheck %s
// RUN: gs-opt %s | gs-opt | FileCheck %s
// RUN: gs-opt %s --emit-bytecode | gs-opt | FileCheck %s

// CHECK: func.func private @split(!gs.compressed<tensor<8x16xf32, #gs.unstructured>, layout = split, index_space = column, index = i32>)
func.func private @split(!gs.compressed<tensor<8x16xf32, #gs.unstructured>, layout = split, index_space = column, index = i32>)

// Keys may be left out or come in any order.
// CHECK: func.func private @defaults(!gs.compressed<tensor<8x16xf32, #gs.unstructured>, layout = split, index_space = column, index = i32>)
func.func private @defaults(!gs.compressed<tensor<8x16xf32, #gs.unstructured>>)

// CHECK: func.func private @order(!gs.compressed<tensor<8x16xf32, #gs.block<4x1>>, layout = split, index_space = activation, index = i16, column_block = 128>)
func.func private @order(!gs.compressed<tensor<8x16xf32, #gs.block<4x1>>, column_block = 128, index = i16, index_space = activation>)

// CHECK: func.func private @joined(!gs.compressed<tensor<8x16xf16, #gs.gather_scatter<banks = 16, width = 4>>, layout = joined, index_space = column, index = i16>)
func.func private @joined(!gs.compressed<tensor<8x16xf16, #gs.gather_scatter<banks = 16, width = 4>>, layout = joined, index_space = column, index = i16>)

// CHECK: func.func private @quotient(!gs.compressed<tensor<8x16xf32, #gs.gather_scatter<banks = 16, width = 16>>, layout = split, index_space = column, index = i8, index_form = quotient>)
func.func private @quotient(!gs.compressed<tensor<8x16xf32, #gs.gather_scatter<banks = 16, width = 16>>, layout = split, index_space = column, index = i8, index_form = quotient>)

// CHECK: func.func private @panels(!gs.compressed<tensor<8x16xf32>, layout = panels, index_space = activation, index = i32, panel_rows = 6>)
func.func private @panels(!gs.compressed<tensor<8x16xf32>, layout = panels, index_space = activation, index = i32, panel_rows = 6>)
