//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Passes over loops and buffers: what the ops are that no kernel takes, and where buffers lie.
//
//===----------------------------------------------------------------------===//
#ifndef GS_TRANSFORMS_BUFFERPASSES
#define GS_TRANSFORMS_BUFFERPASSES

include "mlir/Pass/PassBase.td"

def OrderLoops : Pass<"gs-order-loops"> {
  let summary = "Brings what is left of linalg into a form whose loops vectorise";
  let description = [{
    Contractions and reductions that are not gs ops become linalg.generic with the innermost dimension of the output as
    the innermost loop, so that stores are contiguous; concatenations and paddings become copies into slices.

    ```mlir
    linalg.batch_matmul ins(%a, %b : ...) outs(%c : ...)      // loops b, m, n, k
    ```
    becomes a linalg.generic with loops b, m, k, n.
  }];
  let statistics = [Statistic<"numInterchanged", "num-interchanged", "Ops whose loops were reordered">];
  let dependentDialects = ["::mlir::linalg::LinalgDialect", "::mlir::tensor::TensorDialect"];
}

def HoistAccesses : Pass<"gs-hoist-accesses"> {
  let summary = "Takes accesses to one and the same element out of loops";
  let description = [{
    A load of an element that no step of the loop writes moves in front of it. An element that a loop reads and writes
    in every step, and nothing else in the loop can touch, is carried from step to step as a value. The loops vectorise
    then, however little LLVM knows about their buffers.

    ```mlir
    scf.for %j = ... { %a = memref.load %s[%i]  %b = arith.addf %a, %x  memref.store %b, %s[%i] }
    ```
    becomes
    ```mlir
    %0 = memref.load %s[%i]
    %1 = scf.for %j = ... iter_args(%a = %0) { %b = arith.addf %a, %x  scf.yield %b }
    memref.store %1, %s[%i]
    ```
  }];
  let statistics = [Statistic<"numHoisted", "num-hoisted", "Loads moved in front of a loop">,
                    Statistic<"numPromoted", "num-promoted", "Elements carried from step to step">];
  let dependentDialects = ["::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect"];
}

def DistinctResults : Pass<"gs-distinct-results", "::mlir::func::FuncOp"> {
  let summary = "Gives each result of a function a buffer of its own";
  let description = [{
    A buffer that is returned more than once is copied for every further result. Runs after bufferization, before
    results become arguments: each argument takes the place of one buffer.

    ```mlir
    return %a, %a : memref<4xf32>, memref<4xf32>
    ```
    becomes
    ```mlir
    %b = memref.alloc() : memref<4xf32>
    memref.copy %a, %b : memref<4xf32> to memref<4xf32>
    return %a, %b : memref<4xf32>, memref<4xf32>
    ```
  }];
  let statistics = [Statistic<"numCopied", "num-copied", "Results copied">];
  let dependentDialects = ["::mlir::memref::MemRefDialect"];
}

def CopiesToLinalg : Pass<"gs-copies-to-linalg"> {
  let summary = "Turns memref.copy into linalg, so that copies are shared between threads";
  let description = [{
    A copy of a buffer onto itself disappears.

    ```mlir
    memref.copy %a, %b : memref<64x16xf32> to memref<64x16xf32>
    ```
    becomes a `linalg.generic` that yields its input.
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect"];
}

def PlanArena : Pass<"gs-plan-arena", "::mlir::func::FuncOp"> {
  let summary = "Places all temporary buffers in one static arena";
  let description = [{
    Every static memref.alloc at the top level of the function gets an offset in a single buffer, which becomes an
    argument of the function (`memref<Nxi8>`, attribute `gs.arena`). Lifetimes are from the first to the last use,
    through views, in steps that end in `gs.barrier`: between two barriers threads are at different ops. Two buffers
    overlap only if their lifetimes do not (greedy by size, first fit). The peak is recorded as `gs.arena_bytes`.

    ```mlir
    %a = memref.alloc() : memref<64x16xf32>
    ```
    becomes
    ```mlir
    %a = memref.view %arena[%c4096][] : memref<8192xi8> to memref<64x16xf32>
    ```
  }];
  let options = [Option<"alignment", "alignment", "int64_t", "64", "Alignment of each buffer in bytes">];
  let statistics = [Statistic<"numBuffers", "num-buffers", "Buffers placed">,
                    Statistic<"arenaBytes", "arena-bytes", "Size of the arena">];
  let dependentDialects = ["::mlir::memref::MemRefDialect", "::mlir::arith::ArithDialect"];
}

def OutlineLoops : Pass<"gs-outline-loops", "::mlir::ModuleOp"> {
  let summary = "Makes a function of every loop nest of the network";
  let description = [{
    Every `scf.for` and `scf.if` at the top level of a function with an arena becomes a private function (`gs.kernel`) that
    takes the buffers and bounds it uses as arguments. Constants and views other than those into the arena are made again
    inside. Buffers that overlap no other argument are marked `llvm.noalias`. Equal layers thus have equal functions,
    which are compiled once, and different ones can be compiled at the same time. Nests that use what cannot be passed as
    a plain pointer or a number stay where they are.

    ```mlir
    scf.for %i = %begin to %end step %c1 { ... %view ... }
    ```
    becomes
    ```mlir
    call @loops(%view, %begin, %end) : (memref<64x16xf32>, index, index) -> ()
    ```
  }];
  let statistics = [Statistic<"numOutlined", "num-outlined", "Loop nests that became functions">];
  let dependentDialects = ["::mlir::func::FuncDialect", "::mlir::LLVM::LLVMDialect"];
}

def VerifyLowered : Pass<"gs-verify-lowered"> {
  let summary = "Fails where a sparsity pattern survives outside of gs ops";
  let description = [{
    Generic passes drop an encoding that they do not know (one-shot bufferization does), which would silently make a
    weight dense or read packed buffers as something else. This pass stands in front of them: a tensor whose encoding
    is a pattern, or a packed weight, may be an operand or result of gs ops only.

    ```mlir
    %y = linalg.matmul ins(%w, %x : tensor<4x8xf32, #gs.block<4x1>>, tensor<8x2xf32>) ... // error, names the operand
    ```

    With `bufferized`, gs ops must not have tensors either.
  }];
  let options = [Option<"bufferized", "bufferized", "bool", "false", "Reject gs ops on tensors too">];
  let dependentDialects = ["::mlir::gs::GSDialect"];
}

#endif // GS_TRANSFORMS_BUFFERPASSES
