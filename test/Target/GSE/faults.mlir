// Each program breaks one rule of the machine; the message is at the instruction.
// RUN: not gs-translate --simulate --split-input-file %s 2>&1 | FileCheck %s

// CHECK: 'gse.load' op address 0x20000000 of the TCM was never written
gse.kernel @never_written(%x: !gse.ptr<cached>) attributes {machine = "gse-inorder2"} {
  %t = gse.tcm.alloc 64 at 0 : !gse.ptr<tcm>
  %v = gse.load %t, 0 : !gse.ptr<tcm> -> vector<8xf16>
  gse.return
}
func.func @main() {
  %y = gse.launch @never_written() : () -> tensor<8xf16>
  return
}

// -----

// CHECK: 'gse.load' op address 0x20000000 is target of a copy that was not waited for
gse.kernel @no_wait(%x: !gse.ptr<cached>) attributes {machine = "gse-inorder2"} {
  %t = gse.tcm.alloc 64 at 0 : !gse.ptr<tcm>
  %d = gse.dma.start %x to %t, 16 : !gse.ptr<cached> to !gse.ptr<tcm>
  %v = gse.load %t, 0 : !gse.ptr<tcm> -> vector<8xf16>
  gse.return
}
func.func @main() {
  %y = gse.launch @no_wait() : () -> tensor<8xf16>
  return
}

// -----

// CHECK: 'gse.load' op 16 bytes at address {{0x[0-9a-f]+}} are out of range
gse.kernel @out_of_range(%x: !gse.ptr<cached>) attributes {machine = "gse-inorder2"} {
  %v = gse.load %x, 2 : !gse.ptr<cached> -> vector<8xf16>
  gse.return
}
func.func @main() {
  %y = gse.launch @out_of_range() : () -> tensor<8xf16>
  return
}

// -----

// CHECK: 'gse.tcm.alloc' op 65536 bytes at 64 do not fit a TCM of 65536 bytes
gse.kernel @too_large() attributes {machine = "gse-inorder2"} {
  %t = gse.tcm.alloc 65536 at 64 : !gse.ptr<tcm>
  gse.return
}
func.func @main() {
  gse.launch @too_large() : () -> ()
  return
}

// -----

// CHECK: 'gse.stream.arm' op the stream is not aligned to a group of 32 bytes
gse.kernel @unaligned(%x: !gse.ptr<cached>) attributes {machine = "gse-inorder2"} {
  %p = gse.addp %x, 16 : !gse.ptr<cached>
  gse.stream.arm %p, 16 : !gse.ptr<cached>
  gse.return
}
func.func @main() {
  %y = gse.launch @unaligned() : () -> tensor<16xf16>
  return
}

// -----

// CHECK: 'gse.scatter' op lanes 0 and 7 are scattered to one address in bank 3
gse.data @rows align 16 = dense<[3, 1, 2, 0, 4, 5, 6, 3]> : tensor<8xi16>
gse.kernel @twice() attributes {machine = "gse-inorder2{merge_words=0}"} {
  %t = gse.tcm.alloc 64 at 0 : !gse.ptr<tcm>
  %z = gse.splat 1.0 : vector<8xf16>
  %p = gse.address @rows : !gse.ptr<cached>
  %i = gse.load %p, 0 : !gse.ptr<cached> -> vector<8xi16>
  gse.scatter %z, %t, 0[%i] : vector<8xf16>, !gse.ptr<tcm>, vector<8xi16>
  gse.return
}
func.func @main() {
  gse.launch @twice() : () -> ()
  return
}

// -----

// CHECK: 'gse.scatter' op two lanes are scattered to one address
gse.data @rows align 16 = dense<[3, 1, 2, 0, 4, 5, 6, 3]> : tensor<8xi16>
gse.kernel @twice_merged() attributes {machine = "gse-inorder2"} {
  %t = gse.tcm.alloc 64 at 0 : !gse.ptr<tcm>
  %z = gse.splat 1.0 : vector<8xf16>
  %p = gse.address @rows : !gse.ptr<cached>
  %i = gse.load %p, 0 : !gse.ptr<cached> -> vector<8xi16>
  gse.scatter %z, %t, 0[%i] : vector<8xf16>, !gse.ptr<tcm>, vector<8xi16>
  gse.return
}
func.func @main() {
  gse.launch @twice_merged() : () -> ()
  return
}

// -----

// CHECK: 'gse.gather' op lane 0: 2 bytes at address {{.*}} are out of range
gse.data @rows align 16 = dense<[3, 1, 2, 0, 4, 5, 6, 7]> : tensor<8xi16>
gse.kernel @far_below() attributes {machine = "gse-inorder2"} {
  %t = gse.tcm.alloc 64 at 0 : !gse.ptr<tcm>
  %p = gse.address @rows : !gse.ptr<cached>
  %i = gse.load %p, 0 : !gse.ptr<cached> -> vector<8xi16>
  %e = gse.gather %t, -1099511627777[%i] : !gse.ptr<tcm>, vector<8xi16> -> vector<8xf16>
  gse.return
}
func.func @main() {
  gse.launch @far_below() : () -> ()
  return
}

// -----

// CHECK: 'gse.splat' op a vector of 256 bits does not fit the registers of gse-inorder2, which have 128
gse.kernel @wide() attributes {machine = "gse-inorder2"} {
  %z = gse.splat 1.0 : vector<16xf16>
  gse.return
}
func.func @main() {
  gse.launch @wide() : () -> ()
  return
}

// -----

// CHECK: 'gse.launch' op there is no gse.kernel @missing
func.func @main() {
  gse.launch @missing() : () -> ()
  return
}

// -----

// CHECK: 'check.expect_eq' op at element 1: actual 2.000000e+00, expected 3.000000e+00
func.func @main() {
  %a = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %b = arith.constant dense<[1.0, 3.0]> : tensor<2xf32>
  check.expect_eq %a, %b : tensor<2xf32>
  return
}

// -----

// CHECK: a simulation runs func.func @main() { ... } of one block; this module has none
func.func private @other()
