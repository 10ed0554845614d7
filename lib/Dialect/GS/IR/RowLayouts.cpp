//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Dense row panels and masked columns.
//
//===----------------------------------------------------------------------===//
#include "gs/Dialect/GS/IR/RowLayouts.h"
#include "gs/Dialect/GS/IR/LaneWindows.h"
#include "gs/Dialect/GS/IR/RowLists.h"
#include "gs/Dialect/GS/IR/SortedRows.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/bit.h"
#include <cstring>

using namespace mlir;
using namespace mlir::gs;

static Buffer makeBuffer32(StringRef name, ArrayRef<uint32_t> values, MLIRContext *context) {
  Buffer buffer{name.str(), {static_cast<int64_t>(values.size())}, IntegerType::get(context, 32), {}};
  const char *data = reinterpret_cast<const char *>(values.data());
  buffer.data.assign(data, data + values.size() * sizeof(uint32_t));
  return buffer;
}

static LogicalResult failWith(EmitError emitError, const Twine &message) {
  if (emitError)
    return emitError() << message;
  return failure();
}

FailureOr<std::vector<Buffer>> mlir::gs::packPanels(const Weight &weight, int64_t panelRows,
                                                    ArrayRef<int64_t> displacement, EmitError emitError) {
  int64_t r = panelRows, panels = (weight.rows + r - 1) / r;
  Buffer values{"values", {panels, weight.cols, r}, weight.elementType, {}};
  values.data.assign(panels * weight.cols * r * weight.elementBytes, 0);
  for (int64_t p = 0; p < panels; ++p)
    for (int64_t i = 0; i < std::min(r, weight.rows - p * r); ++i)
      for (int64_t col = 0; col < weight.cols; ++col)
        std::memcpy(values.data.data() + ((p * weight.cols + col) * r + i) * weight.elementBytes,
                    weight.valueAt(p * r + i, col), weight.elementBytes);
  std::vector<uint32_t> indices;
  for (int64_t d : displacement) {
    if (d > INT32_MAX)
      return failWith(emitError, "displacement " + Twine(d) + " of an activation does not fit 32 bits");
    indices.push_back(static_cast<uint32_t>(d));
  }
  std::vector<Buffer> result;
  result.push_back(std::move(values));
  result.push_back(makeBuffer32("indices", indices, weight.elementType.getContext()));
  return result;
}

FailureOr<std::vector<Buffer>> mlir::gs::packMaskedColumns(const Weight &weight, int64_t panelRows, int64_t columnBlock,
                                                           ArrayRef<int64_t> displacement, EmitError emitError) {
  int64_t block = columnBlock ? columnBlock : weight.cols;
  SmallVector<int64_t> order = llvm::to_vector(llvm::seq<int64_t>(0, weight.cols));
  llvm::sort(order,
             [&](int64_t a, int64_t b) { return std::pair(displacement[a], a) < std::pair(displacement[b], b); });
  std::vector<uint32_t> indices, rows, offsets{0};
  Buffer values{"values", {0}, weight.elementType, {}};
  for (int64_t first = 0; first < weight.rows; first += panelRows)
    for (int64_t begin = 0; begin < weight.cols; begin += block) {
      for (int64_t i = begin; i < std::min(begin + block, weight.cols); ++i) {
        int64_t col = order[i];
        uint32_t mask = 0;
        for (int64_t r = first; r < std::min(first + panelRows, weight.rows); ++r) {
          if (!weight.kept(r, col))
            continue;
          mask |= 1u << (r - first);
          const char *value = weight.valueAt(r, col);
          values.data.insert(values.data.end(), value, value + weight.elementBytes);
        }
        if (!mask)
          continue;
        if (displacement[col] > INT32_MAX)
          return failWith(emitError,
                          "displacement " + Twine(displacement[col]) + " of an activation does not fit 32 bits");
        indices.push_back(static_cast<uint32_t>(displacement[col]));
        rows.push_back(mask);
      }
      offsets.push_back(static_cast<uint32_t>(indices.size()));
    }
  values.shape[0] = static_cast<int64_t>(values.data.size() / weight.elementBytes);
  MLIRContext *context = weight.elementType.getContext();
  std::vector<Buffer> result;
  result.push_back(std::move(values));
  result.push_back(makeBuffer32("indices", indices, context));
  result.push_back(makeBuffer32("rows", rows, context));
  result.push_back(makeBuffer32("offsets", offsets, context));
  return result;
}

/// The buffer `name` if it has this element type; a diagnostic if it is not there.
FailureOr<std::vector<Buffer>> mlir::gs::packWinograd(const Weight &weight, int64_t tile, int64_t panelRows,
                                                      EmitError emitError) {
  if (!weight.elementType.isF32() || weight.locations % 9 != 0 || (tile != 2 && tile != 4))
    return failWith(emitError, "only 3x3 and Dx3x3 kernels of f32 have a Winograd form");
  static const double forTwo[4][3] = {{1, 0, 0}, {.5, .5, .5}, {.5, -.5, .5}, {0, 0, 1}};
  static const double forFour[6][3] = {{1. / 4, 0, 0},
                                       {-1. / 6, -1. / 6, -1. / 6},
                                       {-1. / 6, 1. / 6, -1. / 6},
                                       {1. / 24, 1. / 12, 1. / 6},
                                       {1. / 24, -1. / 12, 1. / 6},
                                       {0, 0, 1}};
  const double (*g)[3] = tile == 2 ? forTwo : forFour;
  int64_t width = tile + 2, r = panelRows, panels = (weight.rows + r - 1) / r;
  // Columns run over slices, then taps of a slice, then input channels; a slice's channels are channels of their own.
  int64_t inputs = weight.channels, channels = weight.locations / 9 * inputs;
  Buffer values{"values", {panels, width * width, channels, r}, weight.elementType, {}};
  values.data.assign(panels * width * width * channels * r * sizeof(float), 0);
  for (int64_t row = 0; row < weight.rows; ++row)
    for (int64_t channel = 0; channel < channels; ++channel) {
      double kernel[3][3], half[6][3];
      bool any = false;
      for (int64_t tap = 0; tap < 9; ++tap) {
        float value;
        std::memcpy(&value, weight.valueAt(row, (channel / inputs * 9 + tap) * inputs + channel % inputs),
                    sizeof value);
        kernel[tap / 3][tap % 3] = value;
        any |= value != 0;
      }
      if (!any)
        continue;
      for (int64_t i = 0; i < width; ++i)
        for (int64_t x = 0; x < 3; ++x)
          half[i][x] = g[i][0] * kernel[0][x] + g[i][1] * kernel[1][x] + g[i][2] * kernel[2][x];
      for (int64_t i = 0; i < width; ++i)
        for (int64_t j = 0; j < width; ++j) {
          float value = static_cast<float>(half[i][0] * g[j][0] + half[i][1] * g[j][1] + half[i][2] * g[j][2]);
          int64_t at = ((row / r * width * width + i * width + j) * channels + channel) * r + row % r;
          std::memcpy(values.data.data() + at * sizeof value, &value, sizeof value);
        }
    }
  std::vector<Buffer> result;
  result.push_back(std::move(values));
  return result;
}

static const Buffer *find(ArrayRef<Buffer> buffers, StringRef name, Type type, EmitError emitError) {
  for (const Buffer &buffer : buffers)
    if (buffer.name == name && buffer.elementType == type)
      return &buffer;
  (void)failWith(emitError, "needs a buffer '" + name + "' of the layout's element type");
  return nullptr;
}

static uint32_t wordAt(const Buffer &buffer, int64_t i) {
  uint32_t word;
  std::memcpy(&word, buffer.data.data() + i * 4, 4);
  return word;
}

LogicalResult mlir::gs::verifyRowLayout(CompressedType type, ArrayRef<Buffer> buffers, EmitError emitError) {
  if (type.getLayout() == "lane_windows")
    return verifyLaneWindows(type, buffers, emitError);
  if (type.getLayout() == "sorted_rows")
    return verifySortedRows(type, buffers, emitError);
  if (type.getLayout() == "row_lists")
    return verifyRowLists(type, buffers, emitError);
  RankedTensorType logical = type.getLogical();
  Type i32 = IntegerType::get(type.getContext(), 32);
  int64_t rows = logical.getShape().front(), cols = ShapedType::getNumElements(logical.getShape().drop_front());
  int64_t panel = type.getPanelRows(), panels = (rows + panel - 1) / panel;
  const Buffer *values = find(buffers, "values", logical.getElementType(), emitError);
  if (int64_t width = type.getWinogradTile() + 2; width > 2) {
    int64_t channels = cols / 9; // the slices of a 3-D kernel count as channels
    if (buffers.size() == 1 && values && values->shape == SmallVector<int64_t>{panels, width * width, channels, panel})
      return success();
    return failWith(emitError, "layout = " + type.getLayout() + " needs exactly values of shape [" + Twine(panels) +
                                   ", " + Twine(width * width) + ", " + Twine(channels) + ", " + Twine(panel) + "]");
  }
  const Buffer *indices = find(buffers, "indices", i32, emitError);
  if (!values || !indices)
    return failure();
  if (type.getLayout() == "panels") {
    if (buffers.size() != 2 || values->shape != SmallVector<int64_t>{panels, cols, panel} ||
        indices->shape != SmallVector<int64_t>{cols})
      return failWith(emitError, "layout = panels needs exactly values of shape [" + Twine(panels) + ", " +
                                     Twine(cols) + ", " + Twine(panel) + "] and indices of shape [" + Twine(cols) +
                                     "]");
    return success();
  }
  const Buffer *masks = find(buffers, "rows", i32, emitError), *offsets = find(buffers, "offsets", i32, emitError);
  if (!masks || !offsets)
    return failure();
  int64_t block = type.getColumnBlock() ? type.getColumnBlock() : std::max<int64_t>(cols, 1);
  int64_t chunks = panels * ((cols + block - 1) / block), columns = ShapedType::getNumElements(indices->shape);
  if (buffers.size() != 4 || offsets->shape != SmallVector<int64_t>{chunks + 1} || masks->shape != indices->shape)
    return failWith(emitError, "layout = masked_columns needs exactly values, indices, rows as long as indices, and " +
                                   Twine(chunks + 1) + " offsets");
  int64_t kept = 0, blocks = chunks / std::max<int64_t>(panels, 1);
  for (int64_t chunk = 0; chunk < chunks; ++chunk) {
    int64_t lo = wordAt(*offsets, chunk), hi = wordAt(*offsets, chunk + 1);
    if (lo > hi || hi > columns || (chunk == 0 && lo != 0))
      return failWith(emitError, "offsets of masked_columns must rise from 0 to the number of indices");
    int64_t rowsHere = std::min(panel, rows - chunk / blocks * panel);
    for (int64_t i = lo; i < hi; ++i) {
      uint32_t mask = wordAt(*masks, i);
      if (!mask || (rowsHere < 32 && mask >> rowsHere))
        return failWith(emitError, "rows[" + Twine(i) +
                                       "] of masked_columns names no row or a row beyond the chunk's " +
                                       Twine(rowsHere));
      if (wordAt(*indices, i) > INT32_MAX)
        return failWith(emitError, "indices[" + Twine(i) + "] does not fit 31 bits");
      kept += llvm::popcount(mask);
    }
  }
  if (wordAt(*offsets, chunks) != columns || values->shape != SmallVector<int64_t>{kept})
    return failWith(emitError, "masked_columns names " + Twine(kept) +
                                   " weights, but values have another length or "
                                   "offsets do not end at the number of indices");
  return success();
}
