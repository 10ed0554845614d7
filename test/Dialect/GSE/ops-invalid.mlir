// RUN: gs-opt %s --split-input-file --verify-diagnostics

// expected-error @+1 {{'gse.kernel' op unknown engine 'gse-fast'; use one of gse-inorder2, }}
gse.kernel @machine() attributes {machine = "gse-fast"} {
  gse.return
}

// -----

// expected-error @+1 {{'gse.kernel' op arguments must be !gse.ptr<cached>, got '!gse.ptr<tcm>'}}
gse.kernel @argument(%x: !gse.ptr<tcm>) attributes {machine = "gse-inorder2"} {
  gse.return
}

// -----

// expected-error @+1 {{'gse.data' op align must be a power of two, got 3}}
gse.data @w align 3 = dense<0> : tensor<4xi16>

// -----

gse.kernel @widen(%x: !gse.ptr<cached>) attributes {machine = "gse-inorder2"} {
  %v = gse.load %x, 0 : !gse.ptr<cached> -> vector<8xf16>
  // expected-error @+1 {{'gse.widen' op gives half as many lanes}}
  %w = gse.widen %v : vector<8xf16> -> vector<8xf32>
  gse.return
}

// -----

gse.kernel @reduce(%x: !gse.ptr<cached>) attributes {machine = "gse-inorder2"} {
  %v = gse.load %x, 0 : !gse.ptr<cached> -> vector<6xf16>
  // expected-error @+1 {{'gse.reduce_add' op sums runs of a power of two of lanes: 6 lanes do not give 2}}
  %w = gse.reduce_add %v : vector<6xf16> -> vector<2xf16>
  gse.return
}

// -----

gse.kernel @loop(%x: !gse.ptr<cached>) attributes {machine = "gse-inorder2"} {
  %c0 = arith.constant 0 : i32
  // expected-error @+1 {{'gse.for' op carried values, arguments of the body and yielded values must have the same types}}
  %r = gse.for %i = %c0 to %c0 carry (%a = %x) : !gse.ptr<cached> {
    gse.yield
  }
  gse.return
}

// -----

gse.kernel @copy(%x: !gse.ptr<cached>) attributes {machine = "gse-inorder2"} {
  // expected-error @+1 {{'gse.dma.start' op copies between cached memory and TCM}}
  %t = gse.dma.start %x to %x, 16 : !gse.ptr<cached> to !gse.ptr<cached>
  gse.return
}

// -----

gse.kernel @law() attributes {machine = "gse-inorder2"} {
  // expected-error @+1 {{'gse.region' op there is no law of a loop 'gather'; use gather-scatter, }}
  gse.region "body" {
  } {loop = "gather"}
  gse.return
}

// -----

gse.kernel @accumulators() attributes {machine = "gse-inorder2"} {
  // expected-error @+1 {{'gse.region' op per_row and accumulators must be positive}}
  gse.region "body" {
  } {loop = "block", accumulators = 0 : i64}
  gse.return
}

// -----

// Numbers are signed, whatever the accessors say.
gse.kernel @region() attributes {machine = "gse-inorder2"} {
  // expected-error @+1 {{'gse.tcm.alloc' op a region of 16 bytes at -8 is not possible}}
  %t = gse.tcm.alloc 16 at -8 : !gse.ptr<tcm>
  gse.return
}

// -----

gse.kernel @stream(%x: !gse.ptr<cached>) attributes {machine = "gse-inorder2"} {
  // expected-error @+1 {{'gse.stream.arm' op a stream of -1 bytes is not possible}}
  gse.stream.arm %x, -1 : !gse.ptr<cached>
  gse.return
}

// -----

gse.kernel @negative(%x: !gse.ptr<cached>) attributes {machine = "gse-inorder2"} {
  %t = gse.tcm.alloc 16 at 0 : !gse.ptr<tcm>
  // expected-error @+1 {{'gse.dma.start' op copies at least one byte and one row; rows of the target must not overlap}}
  %d = gse.dma.start %x to %t, -16 : !gse.ptr<cached> to !gse.ptr<tcm>
  gse.return
}

// -----

// expected-error @+1 {{'gse.data' op align must be a power of two, got -9223372036854775808}}
gse.data @negative align -9223372036854775808 = dense<0> : tensor<4xi16>
