//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Geometry of sliding windows, and their loads.
//
//===----------------------------------------------------------------------===//
#include "WindowKernel.h"

using namespace mlir;
using namespace mlir::gs;

//===----------------------------------------------------------------------===//
// Geometry
//===----------------------------------------------------------------------===//

std::pair<int64_t, int64_t> WindowDim::taps(int64_t o) const {
  int64_t at = o * stride - pad;
  int64_t first = at < 0 ? std::min(kernel, llvm::divideCeilSigned(-at, dilation)) : 0;
  int64_t end = at >= in ? 0 : std::min(kernel, (in - 1 - at) / dilation + 1);
  return {first, std::max(first, end)};
}

SmallVector<RowRun> WindowDim::runs(int64_t rows) const {
  SmallVector<RowRun> result;
  for (int64_t o = 0; o < out; o += rows) {
    RowRun block{o, 1, {}};
    for (int64_t r = o; r < std::min(out, o + rows); ++r)
      block.taps.push_back(taps(r));
    if (!result.empty() && result.back().taps == block.taps)
      ++result.back().count;
    else
      result.push_back(std::move(block));
  }
  return result;
}

SmallVector<int64_t> WindowDim::loads() const {
  SmallVector<int64_t> result;
  int64_t width = loadWidth();
  for (int64_t t = 0; t < kernel; ++t) {
    int64_t at = t * dilation;
    // Taps in one load are its phases.
    if (llvm::none_of(result, [&](int64_t from) { return at >= from && at < from + width; }))
      result.push_back(at);
  }
  return result;
}

SmallVector<ColumnRun> WindowDim::columnRuns(int64_t lanes) const {
  SmallVector<ColumnRun> result;
  SmallVector<int64_t> displacements = loads();
  int64_t width = lanes * loadWidth(), step = stride <= 4 ? 1 : stride;
  for (int64_t v = 0; v * lanes < out; ++v) {
    ColumnRun run{v, 1, std::min(lanes, out - v * lanes), true, {}};
    for (int64_t displacement : displacements) {
      // Lane i of the load is column at + i * step.
      int64_t at = v * lanes * stride + displacement - pad;
      int64_t first = at < 0 ? std::min(width, llvm::divideCeilSigned(-at, step)) : 0;
      int64_t end = at >= in ? 0 : std::min(width, (in - 1 - at) / step + 1);
      // What no output needs is not read.
      end = std::min(end, step == 1 ? (run.lanes - 1) * stride + loadWidth() : run.lanes);
      run.loads.push_back({first, std::max(first, end)});
      run.inside &= first == 0 && end == width;
    }
    if (!result.empty() && result.back().loads == run.loads && result.back().lanes == run.lanes)
      ++result.back().count;
    else
      result.push_back(std::move(run));
  }
  return result;
}

SmallVector<ColumnRun> WindowDim::looseRuns(int64_t lanes) const {
  SmallVector<ColumnRun> result;
  for (ColumnRun &run : columnRuns(lanes)) {
    run.loads.clear();
    // Here every tap has a load of its own.
    int64_t from = run.first * lanes * stride - pad, last = from + (run.count - 1) * lanes * stride;
    run.inside =
        run.lanes == lanes && from >= 0 &&
        last + (kernel - 1) * dilation + (loadWidth() == stride ? lanes * stride - 1 : (lanes - 1) * stride) < in;
    if (!result.empty() && result.back().inside == run.inside && result.back().lanes == run.lanes)
      result.back().count += run.count;
    else
      result.push_back(std::move(run));
  }
  return result;
}

WindowGeometry WindowGeometry::get(ArrayRef<int64_t> in, ArrayRef<int64_t> out, ArrayRef<int64_t> kernel,
                                   ArrayRef<int64_t> strides, ArrayRef<int64_t> dilations, ArrayRef<int64_t> pads) {
  WindowGeometry g;
  size_t rank = in.size();
  for (size_t d = 0; d < rank; ++d)
    g.dims[3 - rank + d] = {in[d], out[d], kernel[d], strides[d], dilations[d], pads[d]};
  return g;
}

//===----------------------------------------------------------------------===//
// Loads
//===----------------------------------------------------------------------===//

TapRange WindowLoader::tapRange(const WindowDim &dim, Value o) {
  // The input position of tap 0.
  Value at = add(arith::MulIOp::create(b, o, index(dim.stride)), -dim.pad);
  Value before = arith::CeilDivSIOp::create(b, arith::SubIOp::create(b, index(0), at), index(dim.dilation));
  Value lo = arith::MaxSIOp::create(b, before, index(0));
  Value left = arith::SubIOp::create(b, index(dim.in - 1), at);
  Value last = add(arith::FloorDivSIOp::create(b, left, index(dim.dilation)), 1);
  return {lo, arith::MinSIOp::create(b, last, index(dim.kernel))};
}

Value WindowLoader::mask(int64_t from, int64_t to, int64_t n) {
  SmallVector<bool> bits(n, false);
  std::fill(bits.begin() + from, bits.begin() + to, true);
  auto type = VectorType::get({n}, b.getI1Type());
  return arith::ConstantOp::create(b, type, DenseElementsAttr::get(type, bits));
}

Value WindowLoader::wideFill(Value fill) {
  int64_t width = lanes * col.loadWidth();
  if (width == lanes)
    return fill;
  auto type = VectorType::get({width}, element);
  // Constants stay constants, so that masked loads fold.
  if (auto constant = fill.getDefiningOp<arith::ConstantOp>())
    if (auto splat = dyn_cast<SplatElementsAttr>(constant.getValue()))
      return arith::ConstantOp::create(b, type, splat.resizeSplat(type));
  return vector::BroadcastOp::create(b, type, vector::ExtractOp::create(b, fill, 0));
}

Value WindowLoader::extract(Value wide, int64_t phase) {
  int64_t width = cast<VectorType>(wide.getType()).getNumElements();
  if (width == lanes)
    return wide;
  SmallVector<int64_t> elements;
  for (int64_t i = 0; i < lanes; ++i)
    elements.push_back(i * col.stride + phase);
  return vector::ShuffleOp::create(b, wide, wide, elements);
}

SmallVector<Value> WindowLoader::loadTaps(Value in, const ColumnRun &run, Value fill) {
  int64_t width = lanes * col.loadWidth();
  auto type = VectorType::get({width}, element);
  SmallVector<int64_t> displacements = col.loads();
  SmallVector<Value> result(col.kernel);
  for (auto [displacement, valid] : llvm::zip_equal(displacements, run.loads)) {
    if (valid.first == valid.second)
      continue;
    Value at = add(in, displacement - col.pad), wide;
    if (col.loadWidth() != col.stride) { // single elements
      auto offsets = VectorType::get({lanes}, b.getI32Type());
      SmallVector<int32_t> steps;
      for (int64_t i = 0; i < lanes; ++i)
        steps.push_back(static_cast<int32_t>(i * col.stride));
      Value indices = arith::ConstantOp::create(b, offsets, DenseElementsAttr::get(offsets, ArrayRef(steps)));
      wide = vector::GatherOp::create(b, type, memref, ValueRange{at}, indices, mask(valid.first, valid.second, lanes),
                                      fill);
    } else if (valid.first == 0 && valid.second == width) {
      wide = vector::LoadOp::create(b, type, memref, ValueRange{at});
    } else {
      wide = vector::MaskedLoadOp::create(b, type, memref, ValueRange{at}, mask(valid.first, valid.second, width),
                                          wideFill(fill));
    }
    for (int64_t t = 0; t < col.kernel; ++t)
      if (int64_t phase = t * col.dilation - displacement; phase >= 0 && phase < col.loadWidth() && !result[t])
        result[t] = extract(wide, phase);
  }
  return result;
}

Value WindowLoader::loadAt(Value row, Value column, bool inside, Value fill) {
  int64_t width = lanes * col.loadWidth(), step = col.loadWidth() == col.stride ? 1 : col.stride;
  auto type = VectorType::get({width}, element);
  // `row` is where the row begins, so that the padded column is the distance from it.
  Value place = add(column, -col.pad), at = arith::AddIOp::create(b, row, place), valid;
  auto ints = VectorType::get({width}, b.getI64Type());
  SmallVector<int64_t> steps;
  for (int64_t i = 0; i < width; ++i)
    steps.push_back(i * step);
  if (!inside) {
    Value wide = vector::BroadcastOp::create(b, ints, arith::IndexCastOp::create(b, b.getI64Type(), place));
    Value lane = arith::ConstantOp::create(b, ints, DenseElementsAttr::get(ints, ArrayRef(steps)));
    Value limit = arith::ConstantOp::create(b, ints, DenseElementsAttr::get(ints, col.in));
    // Unsigned: places in front of the row are large.
    valid = arith::CmpIOp::create(b, arith::CmpIPredicate::ult, arith::AddIOp::create(b, wide, lane), limit);
  }
  Value loaded;
  if (step > 1) {
    Value lane = arith::ConstantOp::create(b, ints, DenseElementsAttr::get(ints, ArrayRef(steps)));
    loaded =
        vector::GatherOp::create(b, type, memref, ValueRange{at}, lane, valid ? valid : mask(0, width, width), fill);
  } else if (inside) {
    loaded = vector::LoadOp::create(b, type, memref, ValueRange{at});
  } else {
    loaded = vector::MaskedLoadOp::create(b, type, memref, ValueRange{at}, valid, wideFill(fill));
  }
  return extract(loaded, 0);
}
