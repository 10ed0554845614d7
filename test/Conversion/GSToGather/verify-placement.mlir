// RUN: gs-opt %s --split-input-file --gs-verify-gather-placement --verify-diagnostics

// Right.
llvm.mlir.global internal @table() {addr_space = 0 : i32, alignment = 128 : i64, section = ".vtcm"} : !llvm.array<256 x i8>
llvm.mlir.global internal @to() {addr_space = 0 : i32, alignment = 128 : i64, section = ".vtcm"} : !llvm.array<128 x i8>
llvm.mlir.global internal @elsewhere() {addr_space = 0 : i32, alignment = 128 : i64} : !llvm.array<256 x i8>
llvm.mlir.global internal @odd() {addr_space = 0 : i32, alignment = 4 : i64, section = ".vtcm"} : !llvm.array<256 x i8>
llvm.func @f(%offsets: vector<32xi32>, %n: i32, %mask: vector<128xi1>) {
  %t = llvm.mlir.addressof @table : !llvm.ptr
  %r = llvm.ptrtoint %t : !llvm.ptr to i32
  %to = llvm.mlir.addressof @to : !llvm.ptr
  %last = llvm.mlir.constant(127 : i32) : i32
  llvm.call_intrinsic "llvm.hexagon.V6.vgathermw.128B"(%to, %r, %last, %offsets) : (!llvm.ptr, i32, i32, vector<32xi32>) -> ()
  llvm.return
}

// -----

llvm.mlir.global internal @table() {addr_space = 0 : i32, alignment = 128 : i64, section = ".vtcm"} : !llvm.array<256 x i8>
llvm.mlir.global internal @to() {addr_space = 0 : i32, alignment = 128 : i64, section = ".vtcm"} : !llvm.array<128 x i8>
llvm.mlir.global internal @elsewhere() {addr_space = 0 : i32, alignment = 128 : i64} : !llvm.array<256 x i8>
llvm.mlir.global internal @odd() {addr_space = 0 : i32, alignment = 4 : i64, section = ".vtcm"} : !llvm.array<256 x i8>
llvm.func @f(%offsets: vector<32xi32>, %n: i32, %mask: vector<128xi1>) {
  %t = llvm.mlir.addressof @table : !llvm.ptr
  %r = llvm.ptrtoint %t : !llvm.ptr to i32
  %to = llvm.mlir.addressof @to : !llvm.ptr
  %last = llvm.mlir.constant(127 : i32) : i32
  llvm.call_intrinsic "llvm.hexagon.V6.vgathermwq.128B"(%to, %mask, %r, %last, %offsets) : (!llvm.ptr, vector<128xi1>, i32, i32, vector<32xi32>) -> ()
  llvm.return
}

// -----

llvm.mlir.global internal @table() {addr_space = 0 : i32, alignment = 128 : i64, section = ".vtcm"} : !llvm.array<256 x i8>
llvm.mlir.global internal @to() {addr_space = 0 : i32, alignment = 128 : i64, section = ".vtcm"} : !llvm.array<128 x i8>
llvm.mlir.global internal @elsewhere() {addr_space = 0 : i32, alignment = 128 : i64} : !llvm.array<256 x i8>
llvm.mlir.global internal @odd() {addr_space = 0 : i32, alignment = 4 : i64, section = ".vtcm"} : !llvm.array<256 x i8>
llvm.func @f(%offsets: vector<32xi32>, %n: i32, %mask: vector<128xi1>) {
  %t = llvm.mlir.addressof @table : !llvm.ptr
  %r = llvm.ptrtoint %t : !llvm.ptr to i32
  %to = llvm.mlir.addressof @to : !llvm.ptr
  %last = llvm.mlir.constant(127 : i32) : i32
  llvm.call_intrinsic "llvm.hexagon.V6.vscattermw.128B"(%r, %last, %offsets, %offsets) : (i32, i32, vector<32xi32>, vector<32xi32>) -> ()
  llvm.return
}

// -----

llvm.mlir.global internal @table() {addr_space = 0 : i32, alignment = 128 : i64, section = ".vtcm"} : !llvm.array<256 x i8>
llvm.mlir.global internal @to() {addr_space = 0 : i32, alignment = 128 : i64, section = ".vtcm"} : !llvm.array<128 x i8>
llvm.mlir.global internal @elsewhere() {addr_space = 0 : i32, alignment = 128 : i64} : !llvm.array<256 x i8>
llvm.mlir.global internal @odd() {addr_space = 0 : i32, alignment = 4 : i64, section = ".vtcm"} : !llvm.array<256 x i8>
llvm.func @f(%offsets: vector<32xi32>, %n: i32, %mask: vector<128xi1>) {
  %t = llvm.mlir.addressof @elsewhere : !llvm.ptr
  %r = llvm.ptrtoint %t : !llvm.ptr to i32
  %to = llvm.mlir.addressof @to : !llvm.ptr
  %last = llvm.mlir.constant(127 : i32) : i32
  // expected-error@+1 {{its table is not known to lie in tightly coupled memory; use the address of a global of section ".vtcm"}}
  llvm.call_intrinsic "llvm.hexagon.V6.vgathermw.128B"(%to, %r, %last, %offsets) : (!llvm.ptr, i32, i32, vector<32xi32>) -> ()
  llvm.return
}

// -----

llvm.mlir.global internal @table() {addr_space = 0 : i32, alignment = 128 : i64, section = ".vtcm"} : !llvm.array<256 x i8>
llvm.mlir.global internal @to() {addr_space = 0 : i32, alignment = 128 : i64, section = ".vtcm"} : !llvm.array<128 x i8>
llvm.mlir.global internal @elsewhere() {addr_space = 0 : i32, alignment = 128 : i64} : !llvm.array<256 x i8>
llvm.mlir.global internal @odd() {addr_space = 0 : i32, alignment = 4 : i64, section = ".vtcm"} : !llvm.array<256 x i8>
llvm.func @f(%offsets: vector<32xi32>, %n: i32, %mask: vector<128xi1>) {
  %t = llvm.mlir.addressof @table : !llvm.ptr
  %r = llvm.ptrtoint %t : !llvm.ptr to i32
  %to = llvm.mlir.addressof @elsewhere : !llvm.ptr
  %last = llvm.mlir.constant(127 : i32) : i32
  // expected-error@+1 {{its result is not known to lie in tightly coupled memory; use the address of a global of section ".vtcm"}}
  llvm.call_intrinsic "llvm.hexagon.V6.vgathermw.128B"(%to, %r, %last, %offsets) : (!llvm.ptr, i32, i32, vector<32xi32>) -> ()
  llvm.return
}

// -----

llvm.mlir.global internal @table() {addr_space = 0 : i32, alignment = 128 : i64, section = ".vtcm"} : !llvm.array<256 x i8>
llvm.mlir.global internal @to() {addr_space = 0 : i32, alignment = 128 : i64, section = ".vtcm"} : !llvm.array<128 x i8>
llvm.mlir.global internal @elsewhere() {addr_space = 0 : i32, alignment = 128 : i64} : !llvm.array<256 x i8>
llvm.mlir.global internal @odd() {addr_space = 0 : i32, alignment = 4 : i64, section = ".vtcm"} : !llvm.array<256 x i8>
llvm.func @f(%offsets: vector<32xi32>, %n: i32, %mask: vector<128xi1>) {
  %t = llvm.mlir.addressof @elsewhere : !llvm.ptr
  %r = llvm.ptrtoint %t : !llvm.ptr to i32
  %to = llvm.mlir.addressof @to : !llvm.ptr
  %last = llvm.mlir.constant(127 : i32) : i32
  // expected-error@+1 {{its table is not known to lie in tightly coupled memory; use the address of a global of section ".vtcm"}}
  llvm.call_intrinsic "llvm.hexagon.V6.vscattermw.128B"(%r, %last, %offsets, %offsets) : (i32, i32, vector<32xi32>, vector<32xi32>) -> ()
  llvm.return
}

// -----

llvm.mlir.global internal @table() {addr_space = 0 : i32, alignment = 128 : i64, section = ".vtcm"} : !llvm.array<256 x i8>
llvm.mlir.global internal @to() {addr_space = 0 : i32, alignment = 128 : i64, section = ".vtcm"} : !llvm.array<128 x i8>
llvm.mlir.global internal @elsewhere() {addr_space = 0 : i32, alignment = 128 : i64} : !llvm.array<256 x i8>
llvm.mlir.global internal @odd() {addr_space = 0 : i32, alignment = 4 : i64, section = ".vtcm"} : !llvm.array<256 x i8>
llvm.func @f(%offsets: vector<32xi32>, %n: i32, %mask: vector<128xi1>) {
  %t = llvm.mlir.addressof @elsewhere : !llvm.ptr
  %r = llvm.ptrtoint %t : !llvm.ptr to i32
  %to = llvm.mlir.addressof @to : !llvm.ptr
  %last = llvm.mlir.constant(127 : i32) : i32
  // expected-error@+1 {{its table is not known to lie in tightly coupled memory; use the address of a global of section ".vtcm"}}
  llvm.call_intrinsic "llvm.hexagon.V6.vgathermwq.128B"(%to, %mask, %r, %last, %offsets) : (!llvm.ptr, vector<128xi1>, i32, i32, vector<32xi32>) -> ()
  llvm.return
}

// -----

llvm.mlir.global internal @table() {addr_space = 0 : i32, alignment = 128 : i64, section = ".vtcm"} : !llvm.array<256 x i8>
llvm.mlir.global internal @to() {addr_space = 0 : i32, alignment = 128 : i64, section = ".vtcm"} : !llvm.array<128 x i8>
llvm.mlir.global internal @elsewhere() {addr_space = 0 : i32, alignment = 128 : i64} : !llvm.array<256 x i8>
llvm.mlir.global internal @odd() {addr_space = 0 : i32, alignment = 4 : i64, section = ".vtcm"} : !llvm.array<256 x i8>
llvm.func @f(%offsets: vector<32xi32>, %n: i32, %mask: vector<128xi1>) {
  %t = llvm.mlir.addressof @odd : !llvm.ptr
  %r = llvm.ptrtoint %t : !llvm.ptr to i32
  %to = llvm.mlir.addressof @to : !llvm.ptr
  %last = llvm.mlir.constant(127 : i32) : i32
  // expected-error@+1 {{its table is no whole vector aligned to 128 bytes}}
  llvm.call_intrinsic "llvm.hexagon.V6.vgathermw.128B"(%to, %r, %last, %offsets) : (!llvm.ptr, i32, i32, vector<32xi32>) -> ()
  llvm.return
}

// -----

llvm.mlir.global internal @table() {addr_space = 0 : i32, alignment = 128 : i64, section = ".vtcm"} : !llvm.array<256 x i8>
llvm.mlir.global internal @to() {addr_space = 0 : i32, alignment = 128 : i64, section = ".vtcm"} : !llvm.array<128 x i8>
llvm.mlir.global internal @elsewhere() {addr_space = 0 : i32, alignment = 128 : i64} : !llvm.array<256 x i8>
llvm.mlir.global internal @odd() {addr_space = 0 : i32, alignment = 4 : i64, section = ".vtcm"} : !llvm.array<256 x i8>
llvm.func @f(%offsets: vector<32xi32>, %n: i32, %mask: vector<128xi1>) {
  %t = llvm.mlir.addressof @table : !llvm.ptr
  %r = llvm.ptrtoint %t : !llvm.ptr to i32
  %to = llvm.mlir.addressof @to : !llvm.ptr
  %last = llvm.mlir.constant(256 : i32) : i32
  // expected-error@+1 {{its table ends at byte 256 of a buffer of 256 bytes}}
  llvm.call_intrinsic "llvm.hexagon.V6.vgathermw.128B"(%to, %r, %last, %offsets) : (!llvm.ptr, i32, i32, vector<32xi32>) -> ()
  llvm.return
}

// -----

llvm.mlir.global internal @table() {addr_space = 0 : i32, alignment = 128 : i64, section = ".vtcm"} : !llvm.array<256 x i8>
llvm.mlir.global internal @to() {addr_space = 0 : i32, alignment = 128 : i64, section = ".vtcm"} : !llvm.array<128 x i8>
llvm.mlir.global internal @elsewhere() {addr_space = 0 : i32, alignment = 128 : i64} : !llvm.array<256 x i8>
llvm.mlir.global internal @odd() {addr_space = 0 : i32, alignment = 4 : i64, section = ".vtcm"} : !llvm.array<256 x i8>
llvm.func @f(%offsets: vector<32xi32>, %n: i32, %mask: vector<128xi1>) {
  %t = llvm.mlir.addressof @table : !llvm.ptr
  %r = llvm.ptrtoint %t : !llvm.ptr to i32
  %to = llvm.mlir.addressof @to : !llvm.ptr
  %last = llvm.mlir.constant(-1 : i32) : i32
  // expected-error@+1 {{its table ends at byte -1 of a buffer of 256 bytes}}
  llvm.call_intrinsic "llvm.hexagon.V6.vgathermw.128B"(%to, %r, %last, %offsets) : (!llvm.ptr, i32, i32, vector<32xi32>) -> ()
  llvm.return
}

// -----

llvm.mlir.global internal @table() {addr_space = 0 : i32, alignment = 128 : i64, section = ".vtcm"} : !llvm.array<256 x i8>
llvm.mlir.global internal @to() {addr_space = 0 : i32, alignment = 128 : i64, section = ".vtcm"} : !llvm.array<128 x i8>
llvm.mlir.global internal @elsewhere() {addr_space = 0 : i32, alignment = 128 : i64} : !llvm.array<256 x i8>
llvm.mlir.global internal @odd() {addr_space = 0 : i32, alignment = 4 : i64, section = ".vtcm"} : !llvm.array<256 x i8>
llvm.func @f(%offsets: vector<32xi32>, %n: i32, %mask: vector<128xi1>) {
  %t = llvm.mlir.addressof @table : !llvm.ptr
  %r = llvm.ptrtoint %t : !llvm.ptr to i32
  %to = llvm.mlir.addressof @to : !llvm.ptr
  %last = llvm.mlir.constant(127 : i32) : i32
  // expected-error@+1 {{the length of its table is no constant, so that nothing bounds its offsets}}
  llvm.call_intrinsic "llvm.hexagon.V6.vgathermw.128B"(%to, %r, %n, %offsets) : (!llvm.ptr, i32, i32, vector<32xi32>) -> ()
  llvm.return
}

// Displacements whose range is known: here at most 4 * 31 bytes.
// -----

llvm.mlir.global internal @table() {addr_space = 0 : i32, alignment = 128 : i64, section = ".vtcm"} : !llvm.array<256 x i8>
llvm.mlir.global internal @to() {addr_space = 0 : i32, alignment = 128 : i64, section = ".vtcm"} : !llvm.array<256 x i8>
func.func @moved(%offsets: vector<32xi32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c32 = arith.constant 32 : index
  %t = llvm.mlir.addressof @table : !llvm.ptr
  %r = llvm.ptrtoint %t : !llvm.ptr to i32
  %a = llvm.mlir.addressof @to : !llvm.ptr
  %to = llvm.getelementptr %a[128] : (!llvm.ptr) -> !llvm.ptr, i8
  %last = arith.constant 127 : i32
  scf.for %i = %c0 to %c32 step %c1 {
    %bytes = arith.muli %i, %c4 : index
    %d = arith.index_cast %bytes : index to i32
    %at = arith.addi %r, %d : i32
    llvm.call_intrinsic "llvm.hexagon.V6.vgathermw.128B"(%to, %at, %last, %offsets) : (!llvm.ptr, i32, i32, vector<32xi32>) -> ()
  }
  return
}

// -----

llvm.mlir.global internal @table() {addr_space = 0 : i32, alignment = 128 : i64, section = ".vtcm"} : !llvm.array<256 x i8>
llvm.mlir.global internal @to() {addr_space = 0 : i32, alignment = 128 : i64, section = ".vtcm"} : !llvm.array<256 x i8>
func.func @beyond(%offsets: vector<32xi32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %c32 = arith.constant 32 : index
  %t = llvm.mlir.addressof @table : !llvm.ptr
  %r = llvm.ptrtoint %t : !llvm.ptr to i32
  %last = arith.constant 127 : i32
  scf.for %i = %c0 to %c32 step %c1 {
    %bytes = arith.muli %i, %c8 : index
    %d = arith.index_cast %bytes : index to i32
    %at = arith.addi %r, %d : i32
    // expected-error@+1 {{its table ends at byte 375 of a buffer of 256 bytes}}
    llvm.call_intrinsic "llvm.hexagon.V6.vscattermw.add.128B"(%at, %last, %offsets, %offsets) : (i32, i32, vector<32xi32>, vector<32xi32>) -> ()
  }
  return
}

// -----

llvm.mlir.global internal @table() {addr_space = 0 : i32, alignment = 128 : i64, section = ".vtcm"} : !llvm.array<256 x i8>
llvm.mlir.global internal @to() {addr_space = 0 : i32, alignment = 128 : i64, section = ".vtcm"} : !llvm.array<256 x i8>
func.func @unknown(%offsets: vector<32xi32>, %d: i32) {
  %t = llvm.mlir.addressof @table : !llvm.ptr
  %r = llvm.ptrtoint %t : !llvm.ptr to i32
  %last = arith.constant 127 : i32
  %at = arith.addi %r, %d : i32
  // expected-error-re@+1 {{its table lies {{-[0-9]+}} to {{[0-9]+}} bytes behind the start of a buffer of 256 bytes}}
  llvm.call_intrinsic "llvm.hexagon.V6.vscattermw.128B"(%at, %last, %offsets, %offsets) : (i32, i32, vector<32xi32>, vector<32xi32>) -> ()
  return
}

// -----

llvm.mlir.global internal @table() {addr_space = 0 : i32, alignment = 128 : i64, section = ".vtcm"} : !llvm.array<256 x i8>
llvm.mlir.global internal @to() {addr_space = 0 : i32, alignment = 128 : i64, section = ".vtcm"} : !llvm.array<256 x i8>
func.func @unaligned(%offsets: vector<32xi32>) {
  %t = llvm.mlir.addressof @table : !llvm.ptr
  %r = llvm.ptrtoint %t : !llvm.ptr to i32
  %a = llvm.mlir.addressof @to : !llvm.ptr
  %to = llvm.getelementptr %a[64] : (!llvm.ptr) -> !llvm.ptr, i8
  %last = arith.constant 127 : i32
  // expected-error@+1 {{its result is no whole vector aligned to 128 bytes}}
  llvm.call_intrinsic "llvm.hexagon.V6.vgathermw.128B"(%to, %r, %last, %offsets) : (!llvm.ptr, i32, i32, vector<32xi32>) -> ()
  return
}

// -----

// expected-error@+1 {{all tables of gathers take 262400 bytes of tightly coupled memory, which has 262144}}
module {
llvm.mlir.global internal @table() {addr_space = 0 : i32, alignment = 128 : i64, section = ".vtcm"} : !llvm.array<262144 x i8>
llvm.mlir.global internal @to() {addr_space = 0 : i32, alignment = 128 : i64, section = ".vtcm"} : !llvm.array<256 x i8>
}
