//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Packs and checks compressed rows that are sorted by their number of weights.
//
//===----------------------------------------------------------------------===//
#include "gs/Dialect/GS/IR/SortedRows.h"
#include "Patterns/PackUtils.h"
#include "llvm/ADT/STLExtras.h"
#include <cstring>
#include <utility>

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

/// Whether all indices have 16 bits if each block begins `stride` behind the one before.
static bool fitsShortIndices(ArrayRef<int64_t> displacement, int64_t columnBlock, int64_t stride) {
  return llvm::all_of(llvm::enumerate(displacement), [&](auto column) {
    int64_t begin = columnBlock ? int64_t(column.index()) / columnBlock * stride : 0;
    return column.value() >= begin && column.value() - begin <= UINT16_MAX;
  });
}

int64_t SortedRows::blockStride(ArrayRef<int64_t> displacement) const {
  if (columnBlock == 0 || columnBlock >= int64_t(displacement.size()) ||
      fitsShortIndices(displacement, columnBlock, /*stride=*/0))
    return 0;
  int64_t stride = displacement[columnBlock];
  return fitsShortIndices(displacement, columnBlock, stride) ? stride : 0;
}

unsigned SortedRows::indexBits(ArrayRef<int64_t> displacement) const {
  return fitsShortIndices(displacement, columnBlock, blockStride(displacement)) ? 16 : 32;
}

FailureOr<std::vector<Buffer>> mlir::gs::packSortedRows(const Weight &weight, const SortedRows &form,
                                                        ArrayRef<int64_t> displacement, EmitError emitError) {
  if (!displacement.empty() && *llvm::max_element(displacement) > INT32_MAX)
    return Report(emitError) << "displacement " << *llvm::max_element(displacement)
                             << " of an activation does not fit 31 bits";
  MLIRContext *context = weight.elementType.getContext();
  Type i32 = IntegerType::get(context, 32);
  const unsigned indexBytes = form.indexBits(displacement) / 8;
  const int64_t blockStride = form.blockStride(displacement);
  const int64_t blocks = form.blocks(weight.cols), columnBlock = form.columnBlock ? form.columnBlock : weight.cols;
  std::vector<char> values, indices;
  std::vector<int32_t> rows, runs, offsets{0};
  int64_t count = 0;
  auto take = [&](int64_t row, int64_t col, int64_t block) {
    const char *value = weight.valueAt(row, col);
    values.insert(values.end(), value, value + weight.elementBytes);
    uint32_t index = static_cast<uint32_t>(displacement[col] - block * blockStride); // little-endian
    const char *bytes = reinterpret_cast<const char *>(&index);
    indices.insert(indices.end(), bytes, bytes + indexBytes);
    ++count;
  };
  for (int64_t section = 0; section < form.sections(weight.rows); ++section)
    for (int64_t block = 0; block < blocks; ++block) {
      const int64_t first = section * form.sectionRows, rowsHere = std::min(form.sectionRows, weight.rows - first);
      const int64_t end = std::min(weight.cols, (block + 1) * columnBlock);
      SmallVector<SmallVector<int64_t>> kept(rowsHere);
      for (int64_t r = 0; r < rowsHere; ++r)
        for (int64_t col = block * columnBlock; col < end; ++col)
          if (weight.kept(first + r, col))
            kept[r].push_back(col);
      SmallVector<int64_t> order = llvm::to_vector(llvm::seq<int64_t>(0, rowsHere));
      llvm::sort(order,
                 [&](int64_t a, int64_t b) { return std::pair(kept[a].size(), a) < std::pair(kept[b].size(), b); });
      const auto base = static_cast<int64_t>(rows.size());
      for (int64_t r : order)
        rows.push_back(static_cast<int32_t>(first + r));
      for (int64_t lo = 0, hi = 0; lo < rowsHere; lo = hi) {
        const auto length = static_cast<int64_t>(kept[order[lo]].size());
        while (hi < rowsHere && static_cast<int64_t>(kept[order[hi]].size()) == length)
          ++hi;
        if (length == 0 && block > 0 && block + 1 < blocks)
          continue;
        for (int64_t word : {count, length, base + lo, base + hi})
          runs.push_back(static_cast<int32_t>(word));
        for (int64_t at = lo; at < hi;) {
          int64_t together = hi - at >= SortedRows::team ? SortedRows::team : 1;
          for (int64_t i = 0; i < length; ++i)
            for (int64_t r = at; r < at + together; ++r)
              take(first + order[r], kept[order[r]][i], block);
          at += together;
        }
      }
      offsets.push_back(static_cast<int32_t>(runs.size() / 4));
    }
  auto raw = [](const std::vector<int32_t> &data) {
    const char *begin = reinterpret_cast<const char *>(data.data());
    return std::vector<char>(begin, begin + data.size() * sizeof(int32_t));
  };
  std::vector<Buffer> result;
  result.push_back({"values", {count}, weight.elementType, std::move(values)});
  result.push_back({"indices", {count}, IntegerType::get(context, indexBytes * 8), std::move(indices)});
  result.push_back({"rows", {static_cast<int64_t>(rows.size())}, i32, raw(rows)});
  result.push_back({"runs", {static_cast<int64_t>(runs.size() / 4), 4}, i32, raw(runs)});
  result.push_back({"offsets", {static_cast<int64_t>(offsets.size())}, i32, raw(offsets)});
  return result;
}

LogicalResult mlir::gs::verifySortedRows(CompressedType type, ArrayRef<Buffer> buffers, EmitError emitError) {
  RankedTensorType logical = type.getLogical();
  const int64_t rows = logical.getShape().front(), cols = ShapedType::getNumElements(logical.getShape().drop_front());
  SortedRows form{type.getPanelRows(), type.getColumnBlock()};
  const int64_t blocks = form.blocks(cols), chunks = form.sections(rows) * blocks;
  Type i32 = IntegerType::get(type.getContext(), 32);
  const Buffer *values = findBuffer(buffers, "values"), *indices = findBuffer(buffers, "indices"),
               *order = findBuffer(buffers, "rows"), *runs = findBuffer(buffers, "runs"),
               *offsets = findBuffer(buffers, "offsets");
  if (!values || !indices || !order || !runs || !offsets || buffers.size() != 5)
    return Report(emitError) << "layout = sorted_rows needs exactly values, indices, rows, runs and offsets";
  if (values->elementType != logical.getElementType() || values->shape.size() != 1 ||
      indices->elementType != type.getIndex() || indices->shape != values->shape)
    return Report(emitError) << "layout = sorted_rows needs values of type " << logical.getElementType()
                             << " and as many indices of type " << type.getIndex();
  if (order->elementType != i32 || order->shape != SmallVector<int64_t>{blocks * rows} || runs->elementType != i32 ||
      runs->shape.size() != 2 || runs->shape[1] != 4 || offsets->elementType != i32 ||
      offsets->shape != SmallVector<int64_t>{chunks + 1})
    return Report(emitError) << "layout = sorted_rows needs " << blocks * rows
                             << " i32 rows, i32 runs of four numbers each and " << chunks + 1 << " i32 offsets";
  ArrayRef<int32_t> counts = getOffsets(*offsets), numbers = getOffsets(*order), words = getOffsets(*runs);
  if (counts.front() != 0 || !llvm::is_sorted(counts) || counts.back() != runs->shape[0])
    return Report(emitError) << "offsets of layout = sorted_rows must rise from 0 to the number of runs";
  int64_t weights = 0, position = 0;
  for (int64_t chunk = 0; chunk < chunks; ++chunk) {
    const int64_t block = chunk % blocks, first = chunk / blocks * form.sectionRows,
                  end = std::min(rows, first + form.sectionRows), next = position + end - first;
    std::vector<bool> seen(end - first, false);
    for (int64_t i = position; i < next; ++i) {
      if (numbers[i] < first || numbers[i] >= end || seen[numbers[i] - first])
        return Report(emitError) << "rows[" << i << "] of sorted_rows must name each row from " << first << " to "
                                 << end - 1 << " once, but holds " << numbers[i];
      seen[numbers[i] - first] = true;
    }
    for (int64_t run = counts[chunk]; run < counts[chunk + 1]; ++run) {
      ArrayRef<int32_t> word = words.slice(run * 4, 4);
      // Between the first and the last block, rows without weights have nothing to do.
      bool mayBegin = word[2] == position ||
                      (run == counts[chunk] && block > 0 && block + 1 < blocks && word[2] > position && word[2] < next);
      if (word[0] != weights || word[1] < 0 || !mayBegin || word[3] <= word[2] || word[3] > next)
        return Report(emitError) << "run " << run
                                 << " of sorted_rows does not follow the one before it, or leaves its chunk";
      weights += int64_t(word[1]) * (word[3] - word[2]);
      position = word[3];
    }
    if (position != next && !(counts[chunk] == counts[chunk + 1] && block > 0 && block + 1 < blocks))
      return Report(emitError) << "runs of chunk " << chunk << " of sorted_rows end at position " << position
                               << " instead of " << next;
    position = next;
  }
  if (values->shape != SmallVector<int64_t>{weights})
    return Report(emitError) << "runs of sorted_rows have " << weights << " weights, but there are "
                             << values->shape.front();
  return success();
}
