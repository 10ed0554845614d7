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
