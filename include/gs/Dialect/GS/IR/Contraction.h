//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The common law of gs.matmul and gs.conv as numbers.
//
//   out[b, m, line, n] = epilogue( sum_c W[m, c] * X[b, group(m) * groupStride + columnOffset[c] + lineOffset(line) +
//   n] )
//
// All displacements are in elements. Strategies and the cost model see only
// this, never the class of the op.
//
//===----------------------------------------------------------------------===//
#ifndef GS_DIALECT_GS_IR_CONTRACTION_H
#define GS_DIALECT_GS_IR_CONTRACTION_H

#include "gs/Dialect/GS/IR/GSDialect.h"
#include "gs/Dialect/GS/IR/Strip.h"

namespace mlir::gs {

/// A destination that is not dense: the inside of a padded plane, a part of a larger buffer, or a strip. Displacements
/// in elements of its memory, from B x C x spatial... .
struct Destination {
  int64_t offset = 0; ///< of the first element
  int64_t batch = 0;  ///< from batch to batch
  int64_t row = 0;    ///< from channel to channel
  int64_t slice = 0;  ///< from slice to slice of three spatial dimensions
  int64_t line = 0;   ///< from line to line of two or three

  /// That of a memref with static strides whose lines are contiguous; nullopt for all other types, dense ones included.
  static std::optional<Destination> get(Type type);
  /// That of `rows` channels of one dense image of `lines` lines of `width` elements, `pitch` elements from channel to
  /// channel.
  static Destination ofImage(int64_t rows, int64_t pitch, int64_t lines, int64_t width);
  /// The elements that `plane` takes from its input; nullopt if they are split in phases.
  static std::optional<Destination> insideOf(PlaneAttr plane, int64_t channels);
  /// Whether a channel of spatial extents `output` lies in one piece, without a gap between its lines or slices.
  bool isOnePiece(ArrayRef<int64_t> output) const;
  bool operator==(const Destination &) const = default;
};

struct Contraction {
  Operation *op = nullptr;
  int64_t batch = 1;
  int64_t rows = 0;        ///< M: output rows or channels
  int64_t cols = 0;        ///< K: columns of the weight matrix in the channel-inner view (of one convolution group)
  int64_t groups = 1;      ///< convolution groups; row m belongs to group m / (rows / groups)
  int64_t outer = 1;       ///< slices of lines (depth of a 3-D convolution)
  int64_t lines = 1;       ///< lines per slice
  int64_t lineLength = 1;  ///< contiguous outputs per line
  int64_t outerStride = 0; ///< input displacement from slice to slice
  int64_t lineStride = 0;  ///< input displacement from line to line
  int64_t groupStride = 0; ///< input displacement from group to group
  int64_t inputBatchStride = 0;
  int64_t inputSize = 0; ///< elements of the input buffer
  /// Some lines of the whole, between which the input has all rows that taps reach (`Strip`).
  bool isStrip = false;
  /// Displacement of each column of the weight matrix.
  SmallVector<int64_t> columnOffset;
  /// Whole-vector loads past the end of a line stay inside the buffer (packed planes have slack).
  bool inputHasSlack = false;
  /// The input of a depthwise convolution as it is, without zeros around it: displacements are those of taps in an
  /// unpadded row, and strategies that know of borders execute it (Strategy::readsUnpacked).
  bool isUnpacked = false;
  /// Where the result goes if its buffer is not dense and the kernel's lines are those of the result, or in one piece.
  std::optional<Destination> destination;
  /// Pattern of the weight, null if it is dense. `get` takes it from the type of the op's weight; whoever asks what
  /// another pattern would bring writes that one here, and the op stays as it is.
  PatternAttrInterface weightPattern;

  /// The geometry of the code that `op` becomes: one strip of an op in a chain, else that of `get`.
  static FailureOr<Contraction> executed(Operation *op, std::string *reason = nullptr);
  /// The same for `strip`, which need not be written on the op. Failure with a reason if the op cannot run in strips.
  static FailureOr<Contraction> ofStrip(Operation *op, const Strip &strip, std::string *reason = nullptr);
  /// Geometry of a gs.matmul or gs.conv; null op if `op` is neither. A convolution that still needs a plane (padding,
  /// strides or taps on an unpacked input) has no such geometry unless it is depthwise: failure with a reason.
  static FailureOr<Contraction> get(Operation *op, std::string *reason = nullptr);
  /// The geometry that `op` has once gs-assign-layout has packed its input for vectors of `lanes` elements; that of
  /// `get` if its input needs no plane or has one.
  static FailureOr<Contraction> afterLayout(Operation *op, int64_t lanes);

  /// Whether lines are those of the spatial extents `output`, none merged with others.
  bool keepsLines(ArrayRef<int64_t> output) const;
  int64_t rowsPerGroup() const { return rows / groups; }
  int64_t outputsPerRow() const { return outer * lines * lineLength; }
  /// Displacements in the output.
  int64_t outOffset() const { return destination ? destination->offset : 0; }
  int64_t outBatchStride() const { return destination ? destination->batch : rows * outputsPerRow(); }
  int64_t outRowStride() const { return destination ? destination->row : outputsPerRow(); }
  int64_t outSliceStride() const { return destination ? destination->slice : lines * lineLength; }
  int64_t outLineStride() const { return destination ? destination->line : lineLength; }
  /// Output columns of the whole op, N in C[M, N].
  int64_t columns() const { return batch * outputsPerRow(); }
  /// Multiply-adds of the dense op.
  double denseMacs() const { return double(rows) * double(cols) * double(columns()); }
  Value weight() const;
  Value input() const;
  Value init() const;
  ValueRange epilogueOperands() const;
  Region &epilogue() const;
  StrategyAttr strategy() const;
  Type elementType() const;
  PatternAttrInterface pattern() const { return weightPattern; }
  ArrayRef<int64_t> weightShape() const;
};

/// True if the convolution reads its input directly (1x1, stride 1, no padding); otherwise it needs a plane.
bool needsPlane(ConvOp conv);

/// True if the plane holds a channel as it is, without borders or gaps: only the next one is further away.
bool isWholeChannel(PlaneAttr plane);

/// True if every output channel reads one input channel of several.
bool isDepthwise(ConvOp conv);

/// Elements of a channel's plane that `conv` may read in vectors of `lanes` elements; lanes = 1 gives those that it
/// uses.
int64_t planeReach(ConvOp conv, PlaneAttr plane, int64_t lanes);

/// Plane for a convolution on vectors of `lanes` elements: pitch shared between rows where strides allow it, a power of
/// two where several short lines fit one vector, size with slack. For one that needs none, channels begin at cache
/// lines.
PlaneAttr planFor(ConvOp conv, int64_t lanes);

/// Input lines that `reader` needs for `lines` lines of its output.
int64_t stripReach(ConvOp reader, int64_t lines);
/// Whether each line of the result of `conv` comes from the line of its input at the same place, and from no other.
bool keepsLines(ConvOp conv);
/// A strip of `lines` lines that `reader` reads: elements of a channel in front of the first line, which end with as
/// many zeros as the padding above has, and elements from channel to channel, the zeros of the padding below included.
int64_t stripFront(ConvOp reader);
int64_t stripPitch(ConvOp reader, int64_t lines);

} // namespace mlir::gs

#endif // GS_DIALECT_GS_IR_CONTRACTION_H
