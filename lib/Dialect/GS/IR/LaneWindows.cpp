//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Schedules the weights of a bundle of rows into steps that share windows of
// activations, and packs them.
//
//===----------------------------------------------------------------------===//
#include "gs/Dialect/GS/IR/LaneWindows.h"
#include "Patterns/PackUtils.h"
#include "llvm/ADT/STLExtras.h"
#include <cstring>
#include <numeric>

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

/// How far behind the first window the second one is looked for, in windows. More finds little and costs compile time.
static constexpr int64_t reach = 4;

namespace {

/// Weights of one bundle that are not yet in a step, and the windows that take most of them.
class Scheduler {
public:
  /// One lane's weight in a step: the column, and its place in the windows.
  struct Entry {
    int64_t column = -1, place = 0;
  };

  Scheduler(const Weight &weight, const LaneWindows &form, ArrayRef<int64_t> displacement)
      : weight(weight), form(form), displacement(displacement) {
    last = displacement.empty() ? 0 : *llvm::max_element(displacement);
    columnAt.assign(last + 1, -1);
    for (auto [column, d] : llvm::enumerate(displacement))
      columnAt[d] = static_cast<int32_t>(column);
    pending.assign((last + 1 + (reach + 3) * form.lanes) * form.lanes, 0);
  }

  /// Starts with the rows of a bundle; negative numbers are lanes without a row.
  void start(ArrayRef<int64_t> rows) {
    left = 0;
    first = 0;
    for (size_t lane = 0; lane < rows.size(); ++lane)
      if (rows[lane] >= 0)
        forEachKept(weight, rows[lane], 0, weight.cols, [&](int64_t column) {
          pending[displacement[column] * form.lanes + lane] = 1;
          ++left;
        });
  }
  bool done() const { return left == 0; }

  /// Takes up to `windowSteps` weights of each lane out of two windows, and says where these begin. The first window
  /// begins with the first weight that is left; so weights far behind never pile up. Entries are step-major.
  std::pair<int64_t, int64_t> take(MutableArrayRef<Entry> entries) {
    const int64_t lanes = form.lanes;
    while (llvm::none_of(lanesAt(first), [](uint8_t p) { return p; }))
      ++first;
    int64_t a = std::min(first, std::max<int64_t>(0, form.inputSize - lanes)), b = findSecond(a);
    for (int64_t lane = 0; lane < lanes; ++lane) {
      int64_t step = 0;
      auto takeFrom = [&](int64_t begin, int64_t width, int64_t place) {
        for (int64_t i = 0; i < width && begin + i <= last && step < form.windowSteps; ++i) {
          uint8_t &p = pending[(begin + i) * lanes + lane];
          if (!p)
            continue;
          p = 0;
          --left;
          entries[step++ * lanes + lane] = {columnAt[begin + i], place + i};
        }
      };
      takeFrom(a, form.firstWidth(), 0);
      takeFrom(b, form.secondWidth(), lanes);
      for (; step < form.windowSteps; ++step)
        entries[step * lanes + lane] = {-1, form.idlePlace()};
    }
    return {a, b};
  }

private:
  ArrayRef<uint8_t> lanesAt(int64_t position) const {
    return ArrayRef<uint8_t>(pending).slice(position * form.lanes, form.lanes);
  }

  /// Begin of the second window, not before the end of the first, that lets lanes take most weights.
  int64_t findSecond(int64_t a) {
    const int64_t lanes = form.lanes, width = form.secondWidth();
    const int64_t highest = std::min(last, std::max<int64_t>(0, form.inputSize - width));
    SmallVector<uint8_t> inFirst(lanes, 0), inSecond(lanes, 0);
    auto count = [&](MutableArrayRef<uint8_t> counts, int64_t position, int sign) {
      const uint8_t *p = pending.data() + position * lanes;
      for (int64_t lane = 0; lane < lanes; ++lane)
        counts[lane] = static_cast<uint8_t>(counts[lane] + sign * p[lane]);
    };
    for (int64_t i = 0; i < form.firstWidth(); ++i)
      count(inFirst, a + i, 1);
    int64_t begin = a + lanes, best = std::min(begin, highest), most = -1;
    for (int64_t i = 0; i < width && begin + i <= last; ++i)
      count(inSecond, begin + i, 1);
    for (int64_t b = begin; b <= std::min(highest, begin + reach * lanes); ++b) {
      int64_t taken = 0;
      for (int64_t lane = 0; lane < lanes; ++lane)
        taken += std::min<int64_t>(form.windowSteps, inFirst[lane] + inSecond[lane]);
      if (taken > most) {
        most = taken;
        best = b;
      }
      count(inSecond, b, -1);
      count(inSecond, b + width, 1);
    }
    return best;
  }

  const Weight &weight;
  const LaneWindows &form;
  ArrayRef<int64_t> displacement;
  int64_t last = 0;              ///< largest displacement
  std::vector<int32_t> columnAt; ///< column of a displacement, or -1
  std::vector<uint8_t> pending;  ///< [displacement][lane]; zeros beyond the last one
  int64_t left = 0, first = 0;   ///< weights that are left; no displacement before `first` has any
};

} // namespace

/// Row of each lane of each bundle; -1 beyond the last row.
static SmallVector<int64_t> rowsOfLanes(const Weight &weight, const LaneWindows &form) {
  SmallVector<int64_t> rows(llvm::alignTo(weight.rows, form.lanes), -1);
  std::iota(rows.begin(), rows.begin() + weight.rows, 0);
  if (form.sortRows) {
    SmallVector<int64_t> kept(weight.rows, 0);
    for (int64_t row = 0; row < weight.rows; ++row)
      kept[row] = std::accumulate(weight.mask.begin() + row * weight.cols,
                                  weight.mask.begin() + (row + 1) * weight.cols, int64_t(0));
    std::stable_sort(rows.begin(), rows.begin() + weight.rows, [&](int64_t a, int64_t b) { return kept[a] > kept[b]; });
  }
  return rows;
}

FailureOr<std::vector<Buffer>> mlir::gs::packLaneWindows(const Weight &weight, const LaneWindows &form,
                                                         ArrayRef<int64_t> displacement, EmitError emitError) {
  for (int64_t d : displacement)
    if (d > INT32_MAX)
      return Report(emitError) << "displacement " << d << " of an activation does not fit 31 bits";
  const int64_t lanes = form.lanes, steps = LaneWindows::stepsPerBlock;
  MLIRContext *context = weight.elementType.getContext();
  Type i8 = IntegerType::get(context, 8), i32 = IntegerType::get(context, 32);
  std::vector<int32_t> offsets{0}, windows, order;
  std::vector<uint8_t> places;
  std::vector<char> values;
  Scheduler scheduler(weight, form, displacement);
  SmallVector<int64_t> rows = rowsOfLanes(weight, form);
  std::vector<Scheduler::Entry> entries(steps * lanes);
  int64_t blocks = 0;
  for (int64_t bundle = 0; bundle < static_cast<int64_t>(rows.size()) / lanes; ++bundle) {
    ArrayRef<int64_t> own = ArrayRef<int64_t>(rows).slice(bundle * lanes, lanes);
    for (scheduler.start(own); !scheduler.done(); ++blocks) {
      for (int64_t window = 0; window < form.windowsPerBlock(); ++window) {
        auto part = MutableArrayRef<Scheduler::Entry>(entries).slice(window * form.windowSteps * lanes,
                                                                     form.windowSteps * lanes);
        std::pair<int64_t, int64_t> begins{0, 0};
        if (scheduler.done())
          llvm::fill(part, Scheduler::Entry{-1, form.idlePlace()});
        else
          begins = scheduler.take(part);
        windows.push_back(static_cast<int32_t>(begins.first));
        windows.push_back(static_cast<int32_t>(begins.second));
      }
      size_t at = values.size();
      values.resize(at + steps * lanes * weight.elementBytes, 0);
      for (int64_t i = 0; i < steps * lanes; ++i)
        if (entries[i].column >= 0)
          std::memcpy(values.data() + at + i * weight.elementBytes, weight.valueAt(own[i % lanes], entries[i].column),
                      weight.elementBytes);
      for (int64_t lane = 0; lane < lanes; ++lane)
        for (int64_t step = 0; step < steps; ++step)
          places.push_back(static_cast<uint8_t>(entries[step * lanes + lane].place));
    }
    offsets.push_back(static_cast<int32_t>(blocks));
  }
  auto raw = [](const auto &data) {
    const char *begin = reinterpret_cast<const char *>(data.data());
    return std::vector<char>(begin, begin + data.size() * sizeof(data[0]));
  };
  std::vector<Buffer> result;
  result.push_back({"values", {blocks, steps, lanes}, weight.elementType, std::move(values)});
  result.push_back({"lane_indices", {blocks, lanes, steps}, i8, raw(places)});
  result.push_back({"indices", {blocks, form.windowsPerBlock(), 2}, i32, raw(windows)});
  result.push_back({"offsets", {static_cast<int64_t>(offsets.size())}, i32, raw(offsets)});
  if (form.sortRows) {
    for (int64_t row : rows)
      order.push_back(static_cast<int32_t>(row < 0 ? weight.rows : row));
    result.push_back({"row_order", {static_cast<int64_t>(order.size())}, i32, raw(order)});
  }
  return result;
}

double mlir::gs::estimateLaneWindowBlocks(const Weight &weight, const LaneWindows &form, ArrayRef<int64_t> displacement,
                                          int64_t maxBundles) {
  Scheduler scheduler(weight, form, displacement);
  SmallVector<int64_t> rows = rowsOfLanes(weight, form);
  int64_t bundles = static_cast<int64_t>(rows.size()) / form.lanes, sample = std::min(bundles, maxBundles), pairs = 0;
  std::vector<Scheduler::Entry> entries(form.windowSteps * form.lanes);
  for (int64_t i = 0; i < sample; ++i) {
    scheduler.start(ArrayRef<int64_t>(rows).slice((2 * i + 1) * bundles / (2 * sample) * form.lanes, form.lanes));
    for (; !scheduler.done(); ++pairs)
      scheduler.take(entries);
  }
  // A bundle ends with half a block too much on average.
  double perBundle = double(pairs) / double(form.windowsPerBlock()) / double(std::max<int64_t>(sample, 1));
  return double(bundles) * (perBundle + 0.5 * double(form.windowsPerBlock() - 1) / double(form.windowsPerBlock()));
}

LogicalResult mlir::gs::verifyLaneWindows(CompressedType type, ArrayRef<Buffer> buffers, EmitError emitError) {
  RankedTensorType logical = type.getLogical();
  const int64_t lanes = type.getPanelRows(), steps = LaneWindows::stepsPerBlock, rows = logical.getShape().front();
  const int64_t bundles = llvm::divideCeil(rows, lanes), windows = steps / type.getWindowSteps();
  Type i8 = IntegerType::get(type.getContext(), 8), i32 = IntegerType::get(type.getContext(), 32);
  auto find = [&](StringRef name) {
    const Buffer *it = llvm::find_if(buffers, [&](const Buffer &b) { return b.name == name; });
    return it == buffers.end() ? nullptr : it;
  };
  const Buffer *offsets = find("offsets"), *order = find("row_order");
  if (!offsets || offsets->elementType != i32 || offsets->shape != SmallVector<int64_t>{bundles + 1})
    return Report(emitError) << "layout = " << type.getLayout() << " needs " << bundles + 1 << " i32 'offsets'";
  std::vector<int32_t> counts(bundles + 1);
  std::memcpy(counts.data(), offsets->data.data(), counts.size() * 4);
  if (counts.front() != 0 || !llvm::is_sorted(counts))
    return Report(emitError) << "offsets of layout = " << type.getLayout() << " must rise from 0";
  const int64_t blocks = counts.back();
  const StorageField expected[] = {{"values", {blocks, steps, lanes}, logical.getElementType()},
                                   {"lane_indices", {blocks, lanes, steps}, i8},
                                   {"indices", {blocks, windows, 2}, i32}};
  for (const StorageField &field : expected) {
    const Buffer *buffer = find(field.name);
    if (!buffer || buffer->shape != field.shape || buffer->elementType != field.elementType)
      return Report(emitError) << "layout = " << type.getLayout() << " needs a buffer '" << field.name << "' of type "
                               << RankedTensorType::get(field.shape, field.elementType);
  }
  if (buffers.size() != (order ? 5u : 4u))
    return Report(emitError) << "layout = " << type.getLayout()
                             << " has no buffers but values, lane_indices, indices, offsets and row_order";
  for (auto [i, place] : llvm::enumerate(find("lane_indices")->data))
    if (static_cast<uint8_t>(place) >= 2 * lanes)
      return Report(emitError) << "lane_indices[" << i << "] is " << int(static_cast<uint8_t>(place))
                               << ", but two windows of " << lanes << " have " << 2 * lanes << " places";
  if (!order)
    return success();
  if (order->elementType != i32 || order->shape != SmallVector<int64_t>{bundles * lanes})
    return Report(emitError) << "row_order of layout = " << type.getLayout() << " needs " << bundles * lanes
                             << " i32 elements";
  std::vector<int32_t> numbers(bundles * lanes);
  std::memcpy(numbers.data(), order->data.data(), numbers.size() * 4);
  std::vector<bool> seen(rows, false);
  for (int64_t i = 0; i < rows; ++i) {
    if (numbers[i] < 0 || numbers[i] >= rows || seen[numbers[i]])
      return Report(emitError) << "row_order must name each of the " << rows << " rows once, but position " << i
                               << " holds " << numbers[i];
    seen[numbers[i]] = true;
  }
  return success();
}
