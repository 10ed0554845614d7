//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Packing and checking of the layout `row_lists`.
//
//===----------------------------------------------------------------------===//
#include "gs/Dialect/GS/IR/RowLists.h"
#include "Patterns/PackUtils.h"
#include "llvm/Support/MathExtras.h"
#include <map>

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

int64_t mlir::gs::stripRowsOf(const GroupForm &form) {
  constexpr int64_t most = 64; // a set of rows is a word
  int64_t parts = llvm::divideCeil(form.stripRows, most);
  return llvm::divideCeil(form.stripRows, parts);
}

namespace {
/// Columns and which rows of the strip keep each.
using Sets = SmallVector<std::pair<int64_t, uint64_t>>;

/// Cuts one strip into lists.
class Cutter {
public:
  Cutter(const Weight &weight, const RowListForm &form, int64_t first, int64_t count) : form(form) {
    for (int64_t i = 0; i < count; ++i)
      rests.push_back({{weight.rowAt(first + i)}, {}});
    Sets sets;
    std::vector<uint64_t> rowsOf(weight.cols);
    for (int64_t i = 0; i < count; ++i)
      forEachKept(weight, rests[i].rows[0], 0, weight.cols, [&](int64_t col) { rowsOf[col] |= uint64_t(1) << i; });
    for (int64_t col = 0; col < weight.cols; ++col)
      if (rowsOf[col])
        sets.emplace_back(col, rowsOf[col]);
    cut(sets, 0, count);
  }

  SmallVector<RowList> take() {
    llvm::stable_sort(lists, [](const RowList &a, const RowList &b) { return a.rows.size() > b.rows.size(); });
    for (RowList &rest : rests) {
      llvm::sort(rest.columns);
      lists.push_back(std::move(rest));
    }
    return std::move(lists);
  }

private:
  /// Rows [lo, hi) of the strip: columns of equal sets make lists if there are enough; the others are cut into those of
  /// both halves.
  void cut(const Sets &sets, int64_t lo, int64_t hi) {
    if (sets.empty())
      return;
    if (hi - lo == 1) {
      for (auto [col, set] : sets)
        rests[lo].columns.push_back(col);
      return;
    }
    std::map<uint64_t, SmallVector<int64_t>> columnsOf;
    for (auto [col, set] : sets)
      columnsOf[set].push_back(col);
    int64_t middle = (lo + hi) / 2;
    uint64_t below = (uint64_t(1) << middle) - 1;
    Sets lower, upper;
    for (auto &[set, columns] : columnsOf) {
      if (llvm::has_single_bit(set)) {
        llvm::append_range(rests[llvm::countr_zero(set)].columns, columns);
      } else if (static_cast<int64_t>(columns.size()) >= form.fewestColumns) {
        addLists(set, columns);
      } else {
        for (int64_t col : columns) {
          if (set & below)
            lower.emplace_back(col, set & below);
          if (set & ~below)
            upper.emplace_back(col, set & ~below);
        }
      }
    }
    cut(lower, lo, middle);
    cut(upper, middle, hi);
  }

  /// Lists of about equally many rows.
  void addLists(uint64_t set, ArrayRef<int64_t> columns) {
    int64_t count = llvm::popcount(set), parts = llvm::divideCeil(count, form.mostRows);
    for (int64_t part = 0; part < parts; ++part) {
      RowList list;
      for (int64_t left = count * (part + 1) / parts - count * part / parts; left > 0; --left) {
        list.rows.push_back(rests[llvm::countr_zero(set)].rows[0]);
        set &= set - 1;
      }
      if (list.rows.size() == 1) { // with lists of at most two, the last of three rows
        int64_t row =
            llvm::find_if(rests, [&](const RowList &rest) { return rest.rows[0] == list.rows[0]; }) - rests.begin();
        llvm::append_range(rests[row].columns, columns);
        continue;
      }
      llvm::append_range(list.columns, columns);
      lists.push_back(std::move(list));
    }
  }

  const RowListForm &form;
  SmallVector<RowList> lists, rests;
};
} // namespace

SmallVector<RowList> mlir::gs::rowListsOf(const Weight &weight, const RowListForm &form, int64_t strip) {
  int64_t first = strip * form.stripRows;
  return Cutter(weight, form, first, std::min(form.stripRows, weight.rows - first)).take();
}

FailureOr<std::vector<Buffer>> mlir::gs::packRowLists(const Weight &weight, const RowListForm &form,
                                                      const Schema &schema, EmitError emitError) {
  if (failed(checkInput(weight, schema, emitError)))
    return failure();
  int64_t strips = llvm::divideCeil(weight.rows, form.stripRows), classes = form.mostRows - 1;
  std::vector<SmallVector<RowList>> all;
  std::vector<int32_t> rows, columns{0}, starts{0}, lists{0}, rests, work{0};
  int64_t weights = 0, indices = 0;
  for (int64_t strip = 0; strip < strips; ++strip) {
    const SmallVector<RowList> &own = all.emplace_back(rowListsOf(weight, form, strip));
    SmallVector<int32_t> counts(classes, 0);
    int64_t here = 0;
    for (const RowList &list : own) {
      int64_t size = list.rows.size(), places = list.columns.size();
      here += size * places;
      if (size == 1)
        continue;
      ++counts[form.mostRows - size];
      for (int64_t i = 0; i < form.mostRows; ++i)
        rows.push_back(static_cast<int32_t>(list.rows[std::min(i, size - 1)]));
      columns.push_back(static_cast<int32_t>(indices += places));
      starts.push_back(static_cast<int32_t>(weights += size * places));
    }
    for (int32_t count : counts)
      lists.push_back(lists.back() + count);
    work.push_back(static_cast<int32_t>(work.back() + here));
  }
  std::vector<char> values;
  std::vector<int32_t> displacements;
  auto append = [&](const RowList &list) -> LogicalResult {
    for (int64_t col : list.columns) {
      int64_t index = schema.indexOf(list.rows[0], col);
      if (failed(checkIndex("", schema, list.rows[0], col, index, emitError)))
        return failure();
      displacements.push_back(static_cast<int32_t>(index));
      for (int64_t row : list.rows) {
        const char *value = weight.valueAt(row, col);
        values.insert(values.end(), value, value + weight.elementBytes);
      }
    }
    return success();
  };
  for (const SmallVector<RowList> &own : all)
    for (const RowList &list : own)
      if (list.rows.size() > 1 && failed(append(list)))
        return failure();
  rests.push_back(static_cast<int32_t>(displacements.size()));
  for (const SmallVector<RowList> &own : all)
    for (const RowList &list : own)
      if (list.rows.size() == 1) {
        if (failed(append(list)))
          return failure();
        rests.push_back(static_cast<int32_t>(displacements.size()));
      }

  MLIRContext *context = weight.elementType.getContext();
  std::vector<Buffer> result;
  int64_t stored = values.size() / weight.elementBytes;
  result.push_back({"values", {stored}, weight.elementType, std::move(values)});
  auto add = [&](StringRef name, ArrayRef<int32_t> content, SmallVector<int64_t> shape = {}) {
    if (shape.empty())
      shape = {static_cast<int64_t>(content.size())};
    const char *data = reinterpret_cast<const char *>(content.data());
    result.push_back({name.str(), std::move(shape), IntegerType::get(context, 32),
                      std::vector<char>(data, data + content.size() * sizeof(int32_t))});
  };
  add("indices", displacements);
  add("rows", rows, {static_cast<int64_t>(rows.size()) / form.mostRows, form.mostRows});
  add("columns", columns);
  add("starts", starts);
  add("lists", lists);
  add("rests", rests);
  add("work", work);
  if (!weight.rowOrder.empty())
    add("row_order", SmallVector<int32_t>(weight.rowOrder.begin(), weight.rowOrder.end()));
  return result;
}

/// "buffer 'rests' of layout row_lists ..." unless it has this length and rises from `first` to `last`.
static LogicalResult verifyRising(const Buffer &buffer, int64_t length, int64_t first, int64_t last,
                                  EmitError emitError) {
  ArrayRef<int32_t> content = getOffsets(buffer);
  if (buffer.shape != SmallVector<int64_t>{length})
    return Report(emitError) << "buffer '" << buffer.name << "' of layout = row_lists must have " << length
                             << " elements";
  if (content.front() != first || content.back() != last || !llvm::is_sorted(content))
    return Report(emitError) << "buffer '" << buffer.name << "' of layout = row_lists must rise from " << first
                             << " to " << last;
  return success();
}

LogicalResult mlir::gs::verifyRowLists(CompressedType type, ArrayRef<Buffer> buffers, EmitError emitError) {
  RankedTensorType logical = type.getLogical();
  GroupForm form = type.getPattern().getGroupForm(logical.getShape());
  int64_t rows = logical.getShape().front(), most = type.getPanelRows(), strip = stripRowsOf(form);
  int64_t strips = llvm::divideCeil(rows, strip);
  const Buffer *found[9] = {};
  static constexpr StringLiteral names[] = {"values", "indices", "rows", "columns",  "starts",
                                            "lists",  "rests",   "work", "row_order"};
  size_t needed = form.rowOrder ? 9 : 8;
  for (size_t i = 0; i < needed; ++i) {
    found[i] = findBuffer(buffers, names[i]);
    Type element = i ? IntegerType::get(type.getContext(), 32) : logical.getElementType();
    if (!found[i] || found[i]->elementType != element)
      return Report(emitError) << "layout = row_lists needs a buffer '" << names[i] << "' of type " << element;
  }
  if (buffers.size() != needed)
    return Report(emitError) << "layout = row_lists has " << int64_t(needed) << " buffers, got "
                             << int64_t(buffers.size());
  const Buffer &values = *found[0], &indices = *found[1], &members = *found[2], &columns = *found[3];
  const Buffer &starts = *found[4], &lists = *found[5], &rests = *found[6], &work = *found[7];
  if (values.shape.size() != 1 || indices.shape.size() != 1 || members.shape.size() != 2 || members.shape[1] != most ||
      columns.shape.size() != 1)
    return Report(emitError) << "layout = row_lists needs values, indices and columns of rank 1 and rows of shape [?, "
                             << most << "]";
  int64_t count = members.shape[0], stored = values.shape[0], places = indices.shape[0];
  ArrayRef<int32_t> begins = getOffsets(columns);
  if (columns.shape[0] != count + 1)
    return Report(emitError) << "buffer 'columns' of layout = row_lists must have " << count + 1 << " elements";
  int64_t shared = begins.back(), sharedWeights = stored - (places - shared);
  if (failed(verifyRising(columns, count + 1, 0, std::clamp<int64_t>(shared, 0, places), emitError)) ||
      failed(verifyRising(starts, count + 1, 0, sharedWeights, emitError)) ||
      failed(verifyRising(lists, strips * (most - 1) + 1, 0, count, emitError)) ||
      failed(verifyRising(rests, rows + 1, shared, places, emitError)) ||
      failed(verifyRising(work, strips + 1, 0, stored, emitError)))
    return failure();
  if (form.rowOrder && found[8]->shape != SmallVector<int64_t>{rows})
    return Report(emitError) << "buffer 'row_order' of layout = row_lists must have " << rows << " elements";
  SmallVector<int64_t> position(rows, -1);
  for (int64_t p = 0; p < rows; ++p) {
    int64_t row = form.rowOrder ? getOffsets(*found[8])[p] : p;
    if (row < 0 || row >= rows || position[row] >= 0)
      return Report(emitError) << "row_order of layout = row_lists must name each of its " << rows << " rows once";
    position[row] = p;
  }
  for (int64_t entry = 0; entry < strips * (most - 1); ++entry)
    for (int64_t list = getOffsets(lists)[entry]; list < getOffsets(lists)[entry + 1]; ++list) {
      int64_t size = most - entry % (most - 1);
      if (getOffsets(starts)[list + 1] - getOffsets(starts)[list] != size * (begins[list + 1] - begins[list]))
        return Report(emitError) << "list " << list << " of layout = row_lists has " << size << " rows and "
                                 << begins[list + 1] - begins[list] << " columns, but not so many weights";
      for (int32_t row : getOffsets(members).slice(list * most, most))
        if (row < 0 || row >= rows || position[row] / strip != entry / (most - 1))
          return Report(emitError) << "list " << list << " of layout = row_lists names row " << row
                                   << ", which is not in its strip";
    }
  for (int32_t index : getOffsets(indices))
    if (index < 0)
      return Report(emitError) << "an index of layout = row_lists does not fit 31 bits";
  return success();
}
