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

/// One direction in which windows slide over the activations. Input extents hold the padding.
struct EngineDim {
  int64_t out = 1, in = 1, kernel = 1, stride = 1, dilation = 1;
};

/// A contraction whose activations are [batch][depth][height][width][channels] and whose results are
/// [batch][depth'][height'][width'][rows]. A matrix product is a convolution of kernel 1 along its columns, with K
/// channels. The channels are padded to a multiple of the banks, by zeros.
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
  PatternAttrInterface pattern; ///< null: dense
  GroupForm form;               ///< valid if pattern
  int64_t batch = 1;
  std::array<EngineDim, 3> dims; ///< depth, height, width; those that a convolution has not come first

  int64_t rows() const { return weight.rows; }
  int64_t channels() const { return weight.channels; }
  int64_t vectorBytes() const { return banks * bytes; }
  int64_t pixels() const { return dims[0].out * dims[1].out * dims[2].out; }
  bool isVector() const { return batch == 1 && pixels() == 1 && weight.locations == 1; }
  std::string rowsText() const;

  /// Reads an op; the reason why there is none otherwise.
  static FailureOr<EngineOp> get(Operation *op, const gse::EngineSpec &spec, std::string &reason);
};

/// Where the activations of a tile lie in the TCM, and in what order they are computed.
struct TilePlan {
  std::array<int64_t, 3> out = {1, 1, 1};    ///< outputs of a tile
  std::array<int64_t, 3> in = {1, 1, 1};     ///< frames that these read
  std::array<int64_t, 3> phases = {1, 1, 1}; ///< outputs so far apart share a tile, which then has no dilation
  int64_t buffers = 1;                       ///< input regions: with two, a copy runs beside the computation
  int64_t inputBytes = 0, outputBytes = 0;

  int64_t bytes() const { return buffers * inputBytes + outputBytes; }
  int64_t dilation(const EngineOp &op, int dim) const { return phases[dim] > 1 ? 1 : op.dims[dim].dilation; }
  /// Displacement in the tile of each column of the weight, in elements.
  SmallVector<int64_t> columnOffsets(const EngineOp &op) const;
  /// The parameters of a choice that record the plan.
  SmallVector<std::pair<StringRef, int64_t>> params() const;
};

/// The largest tile that fits the TCM: the plane is cut, dilated dimensions are split by phase, and at last one input
/// region has to do. `outputRows`: rows of results that are kept in the TCM too. Takes a tile that `choice` names.
/// Fails with the bytes that are needed and available.
FailureOr<TilePlan> planTiles(const EngineOp &op, int64_t outputRows, StrategyAttr choice, std::string &reason);

} // namespace mlir::gs

#endif // GS_LIB_CONVERSION_GSTOGSE_ENGINEOP_H
