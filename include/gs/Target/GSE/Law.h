//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Cycles of the engine's kernels by their law (timing level 1).
//
//===----------------------------------------------------------------------===//
#ifndef GS_TARGET_GSE_LAW_H
#define GS_TARGET_GSE_LAW_H

#include "gs/Target/GSE/EngineSpec.h"
#include "llvm/ADT/STLExtras.h"
#include <optional>

namespace mlir::gse {

/// What one iteration of an inner loop asks of the machine.
struct Iteration {
  double loads = 0;        ///< accesses of the load/store port besides gathers
  double gathers = 0;      ///< gathers
  double arithmetic = 0;   ///< vector arithmetic instructions
  double instructions = 0; ///< all instructions, loop overhead included
  double streamBytes = 0;  ///< bytes from the stream prefetcher
  double chain = 1;        ///< dependent accumulations, in FMAs per iteration
};

/// The kernels that there are laws for, by their inner loop (not unrolled).
enum class Loop {
  Dense,                 ///< tile of 8 rows; one iteration = one vector multiply-add
  DenseFp32,             ///< the same with fp32 accumulators
  GatherScatter,         ///< joined stream: load values, load indices, gather, FMA
  GatherScatterFused,    ///< one instruction reads the indices and gathers
  GatherScatterFp32,     ///< fp32 accumulators
  Block,                 ///< 1 x B or B x 1 blocks: values, index, contiguous load or splat
  CsrGather,             ///< B non-zeros of one row per gather
  CsrScalar,             ///< one non-zero
  ConvGatherScatter,     ///< one group and pixel; groups stay in registers
  ConvGatherScatterFp32, ///< the same with fp32 accumulators
  ConvBlock,             ///< one block and pixel
  ConvDense,             ///< one vector and pixel
  ConvDenseFair,         ///< four output channels of a pixel, whose lanes are summed once; one vector multiply-add
  ConvDenseFairFp32      ///< the same with fp32 accumulators
};

/// The loop of a product by the name that a `gse.region` gives it ("gather-scatter", "block", ...); nothing if unknown.
std::optional<Loop> loopNamed(llvm::StringRef name);

/// What one iteration costs; `lanes` lanes of elements and indices of 2 bytes.
Iteration iterationOf(Loop loop, int64_t lanes);

/// The binding term of an iteration; the parts of a total are told apart by it.
enum class Bound { Issue, Port, Arithmetic, Chain, Stream };

/// Cycles of one iteration whose gathers keep the TCM for `occupancy` cycles each, and which term binds.
struct IterationCycles {
  double total = 0;
  double issue = 0; ///< instructions / issue width
  Bound bound = Bound::Issue;
};
IterationCycles iterationCycles(const EngineSpec &engine, const Iteration &iteration, double occupancy,
                                int64_t accumulators);

/// Cycles to fill the pipeline before a loop runs at its rate.
double fillCycles(const EngineSpec &engine, int64_t accumulators);

/// How the sums of a bundle leave it.
struct BundleEnd {
  int64_t perRow = 1;          ///< lanes of one row (k)
  int64_t lanes = 8;           ///< B
  double scatterOccupancy = 0; ///< of the scatter through the row order; 0: contiguous store
};

/// Cycles of one bundle of a matrix-vector product with `groups` groups: iterations, fill, reduction and stores.
/// `occupancy` is the mean over the groups of the bundle.
double bundleCycles(const EngineSpec &engine, Loop loop, double groups, double occupancy, const BundleEnd &end,
                    int64_t accumulators = 2);

/// Cycles of a dense product, rows in tiles of 8, on `cols` columns.
double denseCycles(const EngineSpec &engine, int64_t rows, int64_t cols, int64_t lanes);

/// Cycles of a scalar CSR product over rows with so many non-zeros.
double csrScalarCycles(const EngineSpec &engine, llvm::ArrayRef<int64_t> nonZeros, int64_t lanes);

/// Cycles of one chunk of `groups` groups at one output pixel of a convolution; `summed` if the lanes of a result are
/// added (horizontal groups, dense).
double chunkCycles(const EngineSpec &engine, Loop loop, int64_t groups, double occupancy, bool summed, int64_t lanes,
                   int64_t accumulators = 2);

/// True for the loops over the pixels of a convolution, in which nothing streams.
bool isConvolution(Loop loop);
/// True if even and odd lanes are multiplied apart.
bool isFp32(Loop loop);

/// What one run of an inner loop did.
struct LoopRun {
  double trips = 0;
  int64_t steps = 1;            ///< multiply-adds of vectors in the body
  double gathers = 0;           ///< in all trips
  double gatherOccupancy = 0;   ///< sum over these
  double scatterOccupancy = -1; ///< sum over scatters; negative: there were none
  double scatters = 0;
  int64_t instructions = 0; ///< of the body, loop overhead included
  int64_t perRow = 1, lanes = 8, accumulators = 2;
};

/// Cycles of a run, by what they are spent on. `ends` is what a loop costs before and after.
struct LoopCycles {
  double total = 0, issue = 0, port = 0, arithmetic = 0, chain = 0, stream = 0, ends = 0;
};

/// The law of any loop. A loop without multiply-adds costs its instructions.
LoopCycles loopCycles(const EngineSpec &engine, Loop loop, const LoopRun &run);

/// Groups of a bundle cut into the chunks that stay in registers: 8, then 4, 2 and 1.
void forEachChunk(int64_t groups, llvm::function_ref<void(int64_t)> fn);

} // namespace mlir::gse

#endif // GS_TARGET_GSE_LAW_H
