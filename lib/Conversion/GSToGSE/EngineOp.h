//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the engine's kernels see of a gs.matmul or gs.conv.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_CONVERSION_GSTOGSE_ENGINEOP_H
#define GS_LIB_CONVERSION_GSTOGSE_ENGINEOP_H

#include "gs/Dialect/GS/IR/GSDialect.h"
#include "gs/Dialect/GS/IR/Patterns.h"
#include "gs/Target/GSE/EngineSpec.h"
#include <array>

namespace mlir::gs {

/// One direction in which windows slide over the activations. Input extents hold the padding. The window of a part of a
/// weight begins `begin` frames after that of the whole.
struct EngineDim {
  int64_t out = 1, in = 1, kernel = 1, stride = 1, dilation = 1, begin = 0;
};

struct TilePlan;

/// A contraction whose activations are [batch][depth][height][width][channels] and whose results are
/// [batch][depth'][height'][width'][rows]. A matrix product is a convolution of kernel 1 along its columns, with K
/// channels. The channels are padded to a multiple of the banks, by zeros, unless `unaligned`.
struct EngineOp {
  Operation *op = nullptr;
  std::string name;
  std::string machine; ///< text of the record
  gse::EngineSpec spec;
  Type element;
  int64_t bytes = 2;            ///< of an element
  int64_t banks = 8;            ///< lanes of a vector
  Weight weight;                ///< with padded channels
  int64_t ownChannels = 0;      ///< of the weight before padding
  int64_t kept = 0;             ///< weights that are not pruned
  PatternAttrInterface pattern; ///< null: dense
  GroupForm form;               ///< valid if pattern
  int64_t batch = 1;
  std::array<EngineDim, 3> dims; ///< depth, height, width; those that a convolution has not come first
  /// Channels are not padded: the lines of a tile are so long that columns and activations have the same residues
  /// (groups of residues), or vectors end with zero weights and read `slack` frames behind a line (dense).
  bool unaligned = false;
  int64_t slack = 0;
  /// Of a part of a weight: where its channels begin among those of a frame, and how many a frame has.
  int64_t channelBegin = 0, frameChannels = 0;

  int64_t rows() const { return weight.rows; }
  int64_t channels() const { return weight.channels; }
  int64_t vectorBytes() const { return banks * bytes; }
  int64_t pixels() const { return dims[0].out * dims[1].out * dims[2].out; }
  bool isVector() const { return batch == 1 && pixels() == 1 && weight.locations == 1; }
  /// Columns that a cut of the weight must not part; 0: it cannot be cut.
  int64_t cutUnit() const;
  /// Columns that a cut divides: those of all locations, or the channels of one.
  int64_t cutExtent() const;
  /// The weight cut into pieces of so many columns, a multiple of `cutUnit`; the results of all are added.
  std::vector<EngineOp> cut(int64_t columns) const;
  /// True if the rows have an order of their own in each column of tiles, so that it has to be cut there.
  bool mustCut() const { return hasResidues() && static_cast<int64_t>(weight.rowOrder.size()) > weight.rows; }
  /// True if the pattern is #gs.gather_scatter, in whatever order of rows.
  bool hasResidues() const;

  /// Reads an op; the reason why there is none otherwise.
  static FailureOr<EngineOp> get(Operation *op, const gse::EngineSpec &spec, std::string &reason);

private:
  /// Whether a weight whose channels are no multiple of the banks can do without padding.
  bool runsUnaligned() const;
};

/// Where the activations of a tile lie in the TCM, and in what order they are computed.
struct TilePlan {
  std::array<int64_t, 3> out = {1, 1, 1};    ///< outputs of a tile
  std::array<int64_t, 3> in = {1, 1, 1};     ///< frames that these read
  std::array<int64_t, 3> phases = {1, 1, 1}; ///< outputs so far apart share a tile, which then has no dilation
  int64_t buffers = 1;                       ///< input regions: with two, a copy runs beside the computation
  int64_t partColumns = 0;                   ///< columns of the weight that a tile is computed with; 0: all at once
  int64_t inputBytes = 0, outputBytes = 0;

  int64_t bytes() const { return buffers * inputBytes + outputBytes; }
  int64_t dilation(const EngineOp &op, int dim) const { return phases[dim] > 1 ? 1 : op.dims[dim].dilation; }
  /// The plan of a part of the op: the same outputs, other frames.
  TilePlan forPart(const EngineOp &part) const;
  /// Fills in frames and bytes of the input of an op.
  void completeInput(const EngineOp &op);
  /// Displacement in the tile of each column of the weight, in elements.
  SmallVector<int64_t> columnOffsets(const EngineOp &op) const;
  /// The parameters of a choice that record the plan.
  SmallVector<std::pair<StringRef, int64_t>> params() const;
};

/// The largest tile that fits the TCM: the plane is cut, dilated dimensions are split by phase, one input region has to
/// do, and at last the columns of the weight are cut, whose partial sums are added. `outputRows`: rows of results that
/// are kept in the TCM too; with `cuts` the strategy can add partial sums. Takes a tile that `choice` names. Fails with
/// the bytes that are needed and available, and with the first group that a cut would part.
FailureOr<TilePlan> planTiles(const EngineOp &op, int64_t outputRows, bool cuts, StrategyAttr choice,
                              std::string &reason);

} // namespace mlir::gs

#endif // GS_LIB_CONVERSION_GSTOGSE_ENGINEOP_H
