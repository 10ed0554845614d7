// From ordinary linalg to LLVM IR for two instruction sets, stopping where one likes. The weight is a plain constant with
// zeros in it; its pattern (groups of four rows that share a column) is found, and 21 columns leave a tail that is masked.
//
// Vector IR, for AVX-512 and for AVX2:
// RUN: gs-opt %s --gs-sparsify="target=zen4 strategy=row-group-broadcast" --gs-lower-to-vector=target=zen4 | FileCheck %s --check-prefix=VECTOR16
// RUN: gs-opt %s --gs-sparsify="target=x86-64-v3 strategy=row-group-broadcast" --gs-lower-to-vector=target=x86-64-v3 | FileCheck %s --check-prefix=VECTOR8
// LLVM IR; a vector-bits narrower than the target's gives 256-bit code for AVX-512 registers:
// RUN: gs-opt %s --gs-compile-cpu="target=zen4 strategy=row-group-broadcast" | gs-translate --mlir-to-llvmir | FileCheck %s --check-prefix=LLVM16
// RUN: gs-opt %s --gs-compile-cpu="target=x86-64-v3 strategy=row-group-broadcast" | gs-translate --mlir-to-llvmir | FileCheck %s --check-prefix=LLVM8
// RUN: gs-opt %s --gs-compile-cpu="target=zen4 vector-bits=256 strategy=row-group-broadcast" | gs-translate --mlir-to-llvmir | FileCheck %s --check-prefix=LLVM8
// Assembly:
// RUN: gs-opt %s --gs-compile-cpu="target=zen4 strategy=row-group-broadcast" | gs-translate --mlir-to-llvmir | llc -O2 -mcpu=znver4 -o - | FileCheck %s --check-prefix=ASM16
// RUN: gs-opt %s --gs-compile-cpu="target=x86-64-v3 strategy=row-group-broadcast" | gs-translate --mlir-to-llvmir | llc -O2 -mcpu=x86-64-v3 -o - | FileCheck %s --check-prefix=ASM8
// Run it on this machine:
// RUN: gs-opt %s --gs-compile-cpu=strategy=row-group-broadcast -o %t.mlir
// RUN: mlir-runner %t.mlir -e main -entry-point-result=void --shared-libs=%gs_check_runtime

// VECTOR16: func.func private @matmul
// VECTOR16: vector.load {{.*}} vector<16xf32>
// VECTOR16: vector.maskedload {{.*}} vector<16xf32>
// VECTOR16: vector.broadcast {{.*}} : f32 to vector<16xf32>
// VECTOR16: vector.fma {{.*}} : vector<16xf32>
// VECTOR8: func.func private @matmul
// VECTOR8: vector.load {{.*}} vector<8xf32>
// VECTOR8: vector.fma {{.*}} : vector<8xf32>

// LLVM16: call <16 x float> @llvm.masked.load.v16f32
// LLVM16: call <16 x float> @llvm.{{fma|fmuladd}}.v16f32
// LLVM16: call void @llvm.masked.store.v16f32
// LLVM8-NOT: <16 x float>
// LLVM8: call <8 x float> @llvm.masked.load.v8f32
// LLVM8: call <8 x float> @llvm.{{fma|fmuladd}}.v8f32
// LLVM8: call void @llvm.masked.store.v8f32
// LLVM8-NOT: <16 x float>

// A weight is the broadcast memory operand of an FMA, or is broadcast once for two of them; the tail has a mask register.
// ASM16: {{vbroadcastss|1to16}}
// ASM16: vfmadd{{.*}}%zmm
// ASM8-NOT: %zmm
// ASM8: vbroadcastss {{.*}}, %ymm
// ASM8: vfmadd{{.*}}%ymm
func.func private @layer(%x: tensor<6x21xf32>) -> tensor<8x21xf32> {
  // Rows 0 to 3 keep columns 1 and 4, rows 4 to 7 columns 2 and 5.
  %w = arith.constant dense<[[0.0, 1.0, 0.0, 0.0, 5.0, 0.0], [0.0, 2.0, 0.0, 0.0, 6.0, 0.0],
                             [0.0, 3.0, 0.0, 0.0, 7.0, 0.0], [0.0, 4.0, 0.0, 0.0, 8.0, 0.0],
                             [0.0, 0.0, -1.0, 0.0, 0.0, 1.0], [0.0, 0.0, -2.0, 0.0, 0.0, 1.0],
                             [0.0, 0.0, -3.0, 0.0, 0.0, 1.0], [0.0, 0.0, -4.0, 0.0, 0.0, 1.0]]> : tensor<8x6xf32>
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<8x21xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<8x21xf32>) -> tensor<8x21xf32>
  %y = linalg.matmul ins(%w, %x : tensor<8x6xf32>, tensor<6x21xf32>) outs(%init : tensor<8x21xf32>) -> tensor<8x21xf32>
  return %y : tensor<8x21xf32>
}

func.func @main() {
  // X[k, n] = k + 1.
  %x = tensor.generate {
  ^bb0(%k: index, %n: index):
    %c1 = arith.constant 1 : index
    %0 = arith.addi %k, %c1 : index
    %1 = arith.index_cast %0 : index to i32
    %2 = arith.sitofp %1 : i32 to f32
    tensor.yield %2 : f32
  } : tensor<6x21xf32>
  %y = call @layer(%x) : (tensor<6x21xf32>) -> tensor<8x21xf32>
  // Row r < 4: 2 (r + 1) + 5 (r + 5) = 7 r + 27. Row r >= 4: 3 * -(r - 3) + 6 = 15 - 3 r.
  %expected = tensor.generate {
  ^bb0(%r: index, %n: index):
    %c4 = arith.constant 4 : index
    %seven = arith.constant 7 : i32
    %three = arith.constant 3 : i32
    %fifteen = arith.constant 15 : i32
    %more = arith.constant 27 : i32
    %i = arith.index_cast %r : index to i32
    %0 = arith.muli %i, %seven : i32
    %1 = arith.addi %0, %more : i32
    %2 = arith.muli %i, %three : i32
    %3 = arith.subi %fifteen, %2 : i32
    %upper = arith.cmpi ult, %r, %c4 : index
    %4 = arith.select %upper, %1, %3 : i32
    %5 = arith.sitofp %4 : i32 to f32
    tensor.yield %5 : f32
  } : tensor<8x21xf32>
  check.expect_close %y, %expected : tensor<8x21xf32>
  return
}
