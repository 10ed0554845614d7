// RUN: gs-opt %s | FileCheck %s
// RUN: gs-opt %s | gs-opt | FileCheck %s
// RUN: gs-opt %s --emit-bytecode | gs-opt | FileCheck %s
// RUN: gs-opt %s --mlir-print-op-generic | gs-opt | FileCheck %s

// CHECK: gse.data @w align 32 = dense<{{.*}}> : tensor<8xi16>
gse.data @w align 32 = dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi16>

// CHECK: gse.kernel @all(%[[X:.*]]: !gse.ptr<cached>, %{{.*}}: !gse.ptr<cached>) attributes {machine = "gse-inorder2{tcm_bytes=32768}"} {
gse.kernel @all(%x: !gse.ptr<cached>, %y: !gse.ptr<cached>) attributes {machine = "gse-inorder2{tcm_bytes=32768}"} {
  %c0 = arith.constant 0 : i32
  %c8 = arith.constant 8 : i32
  // CHECK: %[[T:.*]] = gse.tcm.alloc 2048 at 0 : !gse.ptr<tcm>
  %t = gse.tcm.alloc 2048 at 0 : !gse.ptr<tcm>
  // CHECK: %[[D:.*]] = gse.dma.start %[[X]] to %[[T]], 64 rows 8 pitch 256 to 64 : !gse.ptr<cached> to !gse.ptr<tcm>
  %d = gse.dma.start %x to %t, 64 rows 8 pitch 256 to 64 : !gse.ptr<cached> to !gse.ptr<tcm>
  // CHECK: gse.dma.wait %[[D]]
  gse.dma.wait %d
  // CHECK: gse.address @w : !gse.ptr<cached>
  %w = gse.address @w : !gse.ptr<cached>
  // CHECK: gse.stream.arm %{{.*}}, 16 : !gse.ptr<cached>
  gse.stream.arm %w, 16 : !gse.ptr<cached>
  // CHECK: gse.region "body" {
  gse.region "body" {
    %z = gse.splat 0.5 : vector<8xf16>
    // CHECK: gse.for %{{.*}} = %{{.*}} to %{{.*}} carry (%{{.*}} = %{{.*}}, %{{.*}} = %{{.*}}) : vector<8xf16>, !gse.ptr<cached> {
    %s, %e = gse.for %g = %c0 to %c8 carry (%a = %z, %p = %w) : vector<8xf16>, !gse.ptr<cached> {
      %i = gse.load %p, 0 : !gse.ptr<cached> -> vector<8xi16>
      // CHECK: gse.gather %{{.*}}, 0[%{{.*}}] bank_distinct : !gse.ptr<tcm>, vector<8xi16> -> vector<8xf16>
      %v = gse.gather %t, 0[%i] bank_distinct : !gse.ptr<tcm>, vector<8xi16> -> vector<8xf16>
      // CHECK: gse.gather_cached
      %c = gse.gather_cached %x, 0[%i] : !gse.ptr<cached>, vector<8xi16> -> vector<8xf16>
      // CHECK: gse.gather_fused %{{.*}}, 0[%{{.*}}, 16] : !gse.ptr<tcm>, !gse.ptr<cached> -> vector<8xf16>
      %f = gse.gather_fused %t, 0[%p, 16] : !gse.ptr<tcm>, !gse.ptr<cached> -> vector<8xf16>
      // CHECK: gse.fma
      %m = gse.fma %v, %c, %a : vector<8xf16>
      %n = gse.add %m, %f : vector<8xf16>
      // CHECK: gse.widen odd %{{.*}} : vector<8xf16> -> vector<4xf32>
      %o = gse.widen odd %n : vector<8xf16> -> vector<4xf32>
      %q = gse.widen %n : vector<8xf16> -> vector<4xf32>
      %r = gse.mul %o, %q : vector<4xf32>
      // CHECK: gse.narrow
      %k = gse.narrow %q, %r : vector<4xf32> -> vector<8xf16>
      gse.scatter %k, %t, 0[%i] : vector<8xf16>, !gse.ptr<tcm>, vector<8xi16>
      %p1 = gse.addp %p, 16 : !gse.ptr<cached>
      // CHECK: gse.yield
      gse.yield %k, %p1 : vector<8xf16>, !gse.ptr<cached>
    }
    // CHECK: gse.reduce_add %{{.*}} : vector<8xf16> -> vector<2xf16>
    %h = gse.reduce_add %s : vector<8xf16> -> vector<2xf16>
    // CHECK: gse.load_splat_indexed
    %j = gse.load %y, 0 : !gse.ptr<cached> -> i16
    %l = gse.load_splat_indexed %x, 0[%j] : !gse.ptr<cached>, i16 -> vector<8xf16>
    gse.store %h, %y, 4 : vector<2xf16>, !gse.ptr<cached>
  // CHECK: } {loop = "gather-scatter", per_row = 4 : i64}
  } {loop = "gather-scatter", per_row = 4 : i64}
  gse.return
}
