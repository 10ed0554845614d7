//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Windows that slide over the planes of an unpacked input: which taps of which
// outputs lie inside, and loads of the elements under a tap.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_CONVERSION_GSTOVECTOR_WINDOWKERNEL_H
#define GS_LIB_CONVERSION_GSTOVECTOR_WINDOWKERNEL_H

#include "gs/Conversion/GSToVector/KernelBuilder.h"

namespace mlir::gs {

/// `count` neighbouring blocks of output rows in which the same taps [first, second) of each row lie inside.
struct RowRun {
  int64_t first, count;
  SmallVector<std::pair<int64_t, int64_t>> taps; ///< per row of the block
};

/// `count` neighbouring vectors of output columns that use equal lanes.
struct ColumnRun {
  int64_t first, count; ///< in vectors
  int64_t lanes;        ///< outputs of each vector
  bool inside = false;  ///< every load of a whole vector stays within the row
  /// Per load, the lanes [first, second) that lie within the row; see `WindowDim::loads`.
  SmallVector<std::pair<int64_t, int64_t>> loads;
};

/// One dimension: input position = output * stride + tap * dilation - pad.
struct WindowDim {
  int64_t in = 1, out = 1, kernel = 1, stride = 1, dilation = 1, pad = 0;

  /// Taps [first, second) of output `o` that lie inside of the input; equal if there are none.
  std::pair<int64_t, int64_t> taps(int64_t o) const;
  /// All output rows in blocks of `rows`, the last one possibly smaller.
  SmallVector<RowRun> runs(int64_t rows) const;
  /// All output columns in vectors of `lanes`.
  SmallVector<ColumnRun> columnRuns(int64_t lanes) const;
  /// The same for loads whose masks are computed: only vectors that need none are told apart.
  SmallVector<ColumnRun> looseRuns(int64_t lanes) const;
  /// Displacements of the loads for a vector of outputs, ascending. With a small stride a load takes `stride` vectors,
  /// which hold the elements of up to `stride` taps.
  SmallVector<int64_t> loads() const;
  /// Vectors per load: the stride, unless it is so large that single elements are loaded.
  int64_t loadWidth() const { return stride <= 4 ? stride : 1; }
};

/// Depth, rows and columns; missing dimensions have extent one.
struct WindowGeometry {
  WindowDim dims[3];

  static WindowGeometry get(ArrayRef<int64_t> in, ArrayRef<int64_t> out, ArrayRef<int64_t> kernel,
                            ArrayRef<int64_t> strides, ArrayRef<int64_t> dilations, ArrayRef<int64_t> pads);
  const WindowDim &depth() const { return dims[0]; }
  const WindowDim &row() const { return dims[1]; }
  const WindowDim &col() const { return dims[2]; }
  int64_t inputSize() const { return dims[0].in * dims[1].in * dims[2].in; }
  int64_t taps() const { return dims[0].kernel * dims[1].kernel * dims[2].kernel; }
};

/// Taps of one output, as values.
struct TapRange {
  Value lo, hi;
};

/// Loads of a row under the taps of neighbouring outputs.
class WindowLoader {
public:
  WindowLoader(ImplicitLocOpBuilder &b, Value memref, const WindowDim &col, int64_t lanes, Type element)
      : b(b), memref(memref), col(col), lanes(lanes), element(element) {}

  /// Taps of output `o` that lie inside.
  TapRange tapRange(const WindowDim &dim, Value o);
  /// One vector per horizontal tap for a vector of outputs; null if no lane of a tap lies within the row. `in` is the
  /// place of the first output's tap 0 if there were no padding. Lanes outside are those of `fill`.
  SmallVector<Value> loadTaps(Value in, const ColumnRun &run, Value fill);
  /// One vector of elements `col.stride` apart for the outputs whose tap has the (unpadded) column `column`, `row`
  /// being the start of the row. Lanes outside are computed unless all lie `inside`.
  Value loadAt(Value row, Value column, bool inside, Value fill);

private:
  Value index(int64_t v) { return arith::ConstantIndexOp::create(b, v); }
  Value add(Value a, int64_t v) { return v ? arith::AddIOp::create(b, a, index(v)).getResult() : a; }
  Value mask(int64_t from, int64_t to, int64_t n);
  /// `fill` in as many lanes as a load has.
  Value wideFill(Value fill);
  /// Every stride-th element from `phase` on.
  Value extract(Value wide, int64_t phase);

  ImplicitLocOpBuilder &b;
  Value memref;
  const WindowDim &col;
  int64_t lanes;
  Type element;
};

} // namespace mlir::gs

#endif // GS_LIB_CONVERSION_GSTOVECTOR_WINDOWKERNEL_H
