// RUN: gs-opt %s --split-input-file --verify-diagnostics

// expected-error @+1 {{layout must be split, joined, panels, masked_columns, winograd_2x2, winograd_4x4, lane_windows, sorted_rows or row_lists, not 'tiled'}}
func.func private @layout(!gs.compressed<tensor<8x16xf32, #gs.unstructured>, layout = tiled>)

// -----

// expected-error @+1 {{index_space must be column or activation, not 'row'}}
func.func private @index_space(!gs.compressed<tensor<8x16xf32, #gs.unstructured>, index_space = row>)

// -----

// expected-error @+1 {{index_form must be absolute or quotient, not 'delta'}}
func.func private @index_form(!gs.compressed<tensor<8x16xf32, #gs.unstructured>, index_form = delta>)

// -----

// expected-error @+1 {{index must be i8, i16 or i32, not 'i64'}}
func.func private @index(!gs.compressed<tensor<8x16xf32, #gs.unstructured>, index = i64>)

// -----

// expected-error @+1 {{unknown key 'width'; known are layout, index_space, index, index_form, column_block, panel_rows}}
func.func private @unknown_key(!gs.compressed<tensor<8x16xf32, #gs.unstructured>, width = 4>)

// -----

// expected-error @+1 {{key 'index' is given twice}}
func.func private @twice(!gs.compressed<tensor<8x16xf32, #gs.unstructured>, index = i8, index = i8>)

// -----

// expected-error @+1 {{logical type of a packed weight must be static, got 'tensor<8x?xf32>'}}
func.func private @dynamic(!gs.compressed<tensor<8x?xf32>, layout = panels, panel_rows = 4>)

// -----

// expected-error @+1 {{layout = split needs a sparsity pattern, but 'tensor<8x16xf32>' is dense; use layout = panels}}
func.func private @dense(!gs.compressed<tensor<8x16xf32>>)

// -----

// expected-error @+1 {{layout = panels is for dense weights, but 'tensor<8x16xf32, #gs.unstructured>' has an encoding}}
func.func private @sparse_panels(!gs.compressed<tensor<8x16xf32, #gs.unstructured>, layout = panels, panel_rows = 4>)

// -----

// expected-error @+1 {{layout = panels needs a positive panel_rows, got 0}}
func.func private @panel_rows(!gs.compressed<tensor<8x16xf32>, layout = panels>)

// -----

// expected-error @+1 {{layout = panels needs index_form = absolute and a column_block that is not negative}}
func.func private @panel_form(!gs.compressed<tensor<8x16xf32>, layout = panels, panel_rows = 4, index_form = quotient>)

// -----

// expected-error @+1 {{panel_rows is not for layout = split and joined}}
func.func private @rows_without_panels(!gs.compressed<tensor<8x16xf32, #gs.unstructured>, panel_rows = 4>)

// -----

// expected-error @+1 {{layout = joined needs groups of lanes with residues (#gs.gather_scatter); use layout = split}}
func.func private @joined(!gs.compressed<tensor<8x16xf32, #gs.unstructured>, layout = joined>)

// -----

// expected-error @+1 {{layout = joined needs an index as wide as a value: 'f16' has 16 bits, the index 32}}
func.func private @joined_width(!gs.compressed<tensor<8x16xf16, #gs.gather_scatter<banks = 8, width = 1>>, layout = joined, index = i32>)

// -----

// expected-error @+1 {{index_form = quotient needs all lanes of a group in one row, one per residue (#gs.gather_scatter with width = banks)}}
func.func private @quotient(!gs.compressed<tensor<8x16xf32, #gs.gather_scatter<banks = 8, width = 4>>, index_form = quotient>)

// -----

// expected-error @+1 {{index_form = quotient needs layout = split}}
func.func private @joined_quotient(!gs.compressed<tensor<8x16xi8, #gs.gather_scatter<banks = 8, width = 8>>, layout = joined, index = i8, index_form = quotient>)

// -----

// expected-error @+1 {{column_block must not be negative, got -1}}
func.func private @negative_block(!gs.compressed<tensor<8x16xf32, #gs.unstructured>, column_block = -1>)

// -----

// expected-error @+1 {{column_block needs one column per group (#gs.unstructured or #gs.block with one column), but this pattern has groups of 8 lanes on several columns}}
func.func private @column_block(!gs.compressed<tensor<8x16xf32, #gs.gather_scatter<banks = 8, width = 1>>, column_block = 8>)

// -----

// expected-error @+1 {{column_block needs one column per group}}
func.func private @wide_blocks(!gs.compressed<tensor<8x16xf32, #gs.block<4x2>>, column_block = 8>)

// -----

func.func @panels() {
  // expected-error @+1 {{layout = panels needs exactly values of shape [2, 3, 4] and indices of shape [3]}}
  %c = gs.compressed_constant {indices = dense<0> : tensor<3xi32>, values = dense<1.0> : tensor<2x4x4xf32>}
         : !gs.compressed<tensor<7x3xf32>, layout = panels, panel_rows = 4>
  return
}

// -----

// expected-error @+1 {{layout = winograd_4x4 is for dense weights of shape (O, I, 3, 3) or (O, I, D, 3, 3) and type f32, not 'tensor<8x16x1x3xf32>'}}
func.func private @winograd_kernel(!gs.compressed<tensor<8x16x1x3xf32>, layout = winograd_4x4, panel_rows = 4>)

// -----

// expected-error @+1 {{layout = winograd_2x2 needs a positive panel_rows, index_form = absolute and no column_block}}
func.func private @winograd_rows(!gs.compressed<tensor<8x16x3x3xf32>, layout = winograd_2x2>)

// -----

// expected-error @+1 {{layout = lane_windows needs panel_rows that are a power of two from 2 to 64, index_space = activation, index = i16 or i32, index_form = absolute and no column_block}}
func.func private @lane_windows(!gs.compressed<tensor<8x8xf32, #gs.unstructured>, layout = lane_windows, index_space = column, index = i32, panel_rows = 8>)

// -----

// expected-error @+1 {{layout = sorted_rows needs a positive panel_rows, index_space = activation, index = i16 or i32, index_form = absolute and a column_block that is not negative}}
func.func private @sorted_rows(!gs.compressed<tensor<8x8xf32, #gs.unstructured>, layout = sorted_rows, index_space = activation, index = i8, panel_rows = 8>)

// -----

// expected-error @+1 {{layout = row_lists needs panel_rows from 2 to 64, index_space = activation, index = i32, index_form = absolute and no column_block}}
func.func private @row_lists(!gs.compressed<tensor<8x8xf32, #gs.bcr<4x4>>, layout = row_lists, index_space = activation, index = i32, panel_rows = 1>)
