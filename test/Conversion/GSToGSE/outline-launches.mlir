// RUN: gs-opt %s --gse-outline-launches | FileCheck %s
// RUN: gs-opt %s --gse-outline-launches --one-shot-bufferize=bufferize-function-boundaries | FileCheck %s --check-prefix=BUFFERS
// RUN: not gs-opt %s --one-shot-bufferize=bufferize-function-boundaries 2>&1 | FileCheck %s --check-prefix=NONE
// NONE: error: 'gse.launch' op has no function to call; run gse-outline-launches first

// Each launch has a function of its own, also of the same kernel.
// CHECK-LABEL: func.func @main
// CHECK: gse.launch @fc(%{{.*}}) {gse.function = @launch_0}
// CHECK: gse.launch @fc(%{{.*}}) {gse.function = @[[OTHER:launch_0_0]]}
// CHECK: func.func private @launch_0(memref<8x1xf16>, memref<4x1xf16>) attributes {gse.kernel = @fc}
// CHECK: func.func private @[[OTHER]](memref<8x1xf16>, memref<4x1xf16>) attributes {gse.kernel = @fc}

// A launch becomes a call with its inputs, then new buffers of its results. A view with gaps is copied.
// BUFFERS-LABEL: func.func @main
// BUFFERS: %[[Y:.*]] = memref.alloc() {{.*}} : memref<4x1xf16>
// BUFFERS: call @launch_0(%{{.*}}, %[[Y]])
// BUFFERS: %[[PART:.*]] = memref.subview
// BUFFERS: %[[WHOLE:.*]] = memref.alloc() {{.*}} : memref<8x1xf16>
// BUFFERS: memref.copy %[[PART]], %[[WHOLE]]
// BUFFERS: %[[Z:.*]] = memref.alloc() {{.*}} : memref<4x1xf16>
// BUFFERS: call @launch_0_0(%[[WHOLE]], %[[Z]])
// BUFFERS: return %[[Z]]
gse.kernel @fc(%x: !gse.ptr<cached>, %y: !gse.ptr<cached>) attributes {machine = "gse-inorder2"} {
  gse.return
}
func.func @main(%x: tensor<8x1xf16>, %u: tensor<8x4xf16>) -> tensor<4x1xf16> {
  %y = gse.launch @fc(%x) : (tensor<8x1xf16>) -> tensor<4x1xf16>
  %s = tensor.extract_slice %u[0, 1] [8, 1] [1, 1] : tensor<8x4xf16> to tensor<8x1xf16>
  %z = gse.launch @fc(%s) : (tensor<8x1xf16>) -> tensor<4x1xf16>
  return %z : tensor<4x1xf16>
}
