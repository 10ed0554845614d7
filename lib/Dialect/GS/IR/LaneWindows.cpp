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
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

/// How far behind the first window the second one is looked for, in windows. More finds little and costs compile time.
static constexpr int64_t reach = 16;

/// What a weight of a stream of average length counts.
static constexpr int32_t urgencyScale = 64;

namespace {

/// Weights of one bundle that are not yet in a step, and the windows that take most of them.
class Scheduler {
public:
  /// One lane's weight in a step: the column, and its place in the windows.
  struct Entry {
    int64_t column = -1, place = 0;
  };

  Scheduler(const Weight &weight, const LaneWindows &form, ArrayRef<int64_t> displacement)
      : weight(weight), form(form), displacement(displacement), streams(form.streams()) {
    last = displacement.empty() ? 0 : *llvm::max_element(displacement);
    columnAt.assign(last + 1, -1);
    for (auto [column, d] : llvm::enumerate(displacement))
      columnAt[d] = static_cast<int32_t>(column);
    pending.assign((last + 1 + (reach + 3) * form.lanes) * streams, 0);
  }

  /// Starts with the rows of a bundle; negative numbers are lanes without a row. Rows that keep the same columns are
  /// one stream.
  void start(ArrayRef<int64_t> rows) {
    left = 0;
    first = 0;
    leftOf.assign(streams, 0);
    for (int64_t stream = 0; stream < streams; ++stream)
      if (int64_t row = rows[stream * form.sharedRows]; row >= 0)
        forEachKept(weight, row, 0, weight.cols, [&](int64_t column) {
          pending[displacement[column] * streams + stream] = 1;
          ++leftOf[stream];
          ++left;
        });
  }
  bool done() const { return left == 0; }

  /// Takes up to `windowSteps` weights of each stream out of two windows, and says where these begin. The first window
  /// begins with the first weight that is left; so weights far behind never pile up. Entries are step-major.
  std::pair<int64_t, int64_t> take(MutableArrayRef<Entry> entries) {
    while (llvm::none_of(streamsAt(first), [](uint8_t p) { return p; }))
      ++first;
    int64_t a = std::min(first, std::max<int64_t>(0, form.inputSize - form.lanes)), b = findSecond(a);
    for (int64_t stream = 0; stream < streams; ++stream) {
      int64_t step = 0;
      auto takeFrom = [&](int64_t begin, int64_t width, int64_t place) {
        for (int64_t i = 0; i < width && begin + i <= last && step < form.windowSteps; ++i) {
          uint8_t &p = pending[(begin + i) * streams + stream];
          if (!p)
            continue;
          p = 0;
          --leftOf[stream];
          --left;
          entries[step++ * streams + stream] = {columnAt[begin + i], place + i};
        }
      };
      takeFrom(a, form.firstWidth(), 0);
      takeFrom(b, form.secondWidth(), form.lanes);
      for (; step < form.windowSteps; ++step)
        entries[step * streams + stream] = {-1, form.idlePlace()};
    }
    return {a, b};
  }

private:
  ArrayRef<uint8_t> streamsAt(int64_t position) const {
    return ArrayRef<uint8_t>(pending).slice(position * streams, streams);
  }

  /// What a weight of each stream counts when windows are compared. The stream with most weights left ends the bundle,
  /// so its weights count more, by standard deviations of random rows.
  void findUrgency() {
    const double mean = double(left) / double(streams);
    for (int64_t i = 0; i < streams; ++i) {
      double deviations = (double(leftOf[i]) - mean) / std::sqrt(mean + 1);
      urgency[i] = static_cast<int32_t>(std::lround(urgencyScale * std::clamp(1 + deviations, 0.05, 64.0)));
    }
  }

  /// Begin of the second window, not before the end of the first, that lets lanes take most weights. A near one is
  /// better than a far one: what lies between is left to the next windows.
  int64_t findSecond(int64_t a) {
    const int64_t width = form.secondWidth();
    urgency.resize(streams);
    findUrgency();
    const int64_t highest = std::min(last, std::max<int64_t>(0, form.inputSize - width));
    SmallVector<uint8_t> inFirst(streams, 0), inSecond(streams, 0);
    auto count = [&](MutableArrayRef<uint8_t> counts, int64_t position, int sign) {
      const uint8_t *p = pending.data() + position * streams;
      for (int64_t i = 0; i < streams; ++i)
        counts[i] = static_cast<uint8_t>(counts[i] + sign * p[i]);
    };
    for (int64_t i = 0; i < form.firstWidth(); ++i)
      count(inFirst, a + i, 1);
    int64_t begin = a + form.lanes, best = std::min(begin, highest), most = std::numeric_limits<int64_t>::min();
    for (int64_t i = 0; i < width && begin + i <= last; ++i)
      count(inSecond, begin + i, 1);
    for (int64_t b = begin; b <= std::min(highest, begin + reach * form.lanes); ++b) {
      int64_t taken = (begin - b) * urgencyScale / (2 * form.lanes);
      for (int64_t i = 0; i < streams; ++i)
        taken += std::min(static_cast<int32_t>(form.windowSteps), inFirst[i] + inSecond[i]) * urgency[i];
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
  const int64_t streams;
  int64_t last = 0;                     ///< largest displacement
  std::vector<int32_t> columnAt;        ///< column of a displacement, or -1
  std::vector<uint8_t> pending;         ///< [displacement][stream]; zeros beyond the last one
  std::vector<int32_t> leftOf, urgency; ///< weights of each stream that are left, and what one of them counts
  int64_t left = 0, first = 0;          ///< weights that are left; no displacement before `first` has any
};

} // namespace

/// Row of each lane of each bundle; -1 beyond the last row.
static SmallVector<int64_t> rowsOfLanes(const Weight &weight, const LaneWindows &form) {
  SmallVector<int64_t> rows(llvm::alignTo(weight.rows, form.lanes), -1);
  int64_t shared = form.sharedRows, groups = weight.rows / shared; // a ragged last group keeps its place
  SmallVector<int64_t> order = llvm::to_vector(llvm::seq<int64_t>(0, groups));
  if (form.sortRows) {
    SmallVector<int64_t> kept(groups, 0);
    for (int64_t group = 0; group < groups; ++group) {
      auto row = weight.mask.begin() + group * shared * weight.cols;
      kept[group] = std::accumulate(row, row + weight.cols, int64_t(0));
    }
    llvm::stable_sort(order, [&](int64_t a, int64_t b) { return kept[a] > kept[b]; });
  }
  for (int64_t row = 0; row < weight.rows; ++row)
    rows[row] = row < groups * shared ? order[row / shared] * shared + row % shared : row;
  return rows;
}

FailureOr<std::vector<Buffer>> mlir::gs::packLaneWindows(const Weight &weight, const LaneWindows &form,
                                                         ArrayRef<int64_t> displacement, EmitError emitError) {
  for (int64_t d : displacement)
    if (d > INT32_MAX)
      return Report(emitError) << "displacement " << d << " of an activation does not fit 31 bits";
  const int64_t lanes = form.lanes, steps = form.stepsPerBlock(), streams = form.streams();
  MLIRContext *context = weight.elementType.getContext();
  Type i32 = IntegerType::get(context, 32);
  std::vector<int32_t> offsets{0}, order;
  std::vector<uint32_t> places;
  std::vector<char> values, windows;
  auto addWindow = [&](int64_t begin) {
    size_t at = windows.size(), bytes = form.indexBits() / 8;
    windows.resize(at + bytes);
    std::memcpy(windows.data() + at, &begin, bytes); // little-endian
  };
  Scheduler scheduler(weight, form, displacement);
  SmallVector<int64_t> rows = rowsOfLanes(weight, form);
  std::vector<Scheduler::Entry> entries(steps * streams);
  int64_t blocks = 0;
  for (int64_t bundle = 0; bundle < static_cast<int64_t>(rows.size()) / lanes; ++bundle) {
    ArrayRef<int64_t> own = ArrayRef<int64_t>(rows).slice(bundle * lanes, lanes);
    for (scheduler.start(own); !scheduler.done(); ++blocks) {
      for (int64_t window = 0; window < form.windowsPerBlock(); ++window) {
        int64_t size = form.windowSteps * streams;
        auto part = MutableArrayRef<Scheduler::Entry>(entries).slice(window * size, size);
        std::pair<int64_t, int64_t> begins{0, 0};
        if (scheduler.done())
          llvm::fill(part, Scheduler::Entry{-1, form.idlePlace()});
        else
          begins = scheduler.take(part);
        addWindow(begins.first);
        addWindow(begins.second);
      }
      size_t at = values.size();
      values.resize(at + steps * lanes * weight.elementBytes, 0);
      for (int64_t step = 0; step < steps; ++step)
        for (int64_t lane = 0; lane < lanes; ++lane)
          if (int64_t column = entries[step * streams + lane / form.sharedRows].column; column >= 0 && own[lane] >= 0)
            std::memcpy(values.data() + at + (step * lanes + lane) * weight.elementBytes,
                        weight.valueAt(own[lane], column), weight.elementBytes);
      for (int64_t stream = 0; stream < streams; ++stream) {
        uint32_t word = 0;
        for (int64_t step = 0; step < steps; ++step)
          word |= static_cast<uint32_t>(entries[step * streams + stream].place) << (step * form.placeBits());
        places.push_back(word);
      }
    }
    offsets.push_back(static_cast<int32_t>(blocks));
  }
  auto raw = [](const auto &data) {
    const char *begin = reinterpret_cast<const char *>(data.data());
    return std::vector<char>(begin, begin + data.size() * sizeof(data[0]));
  };
  std::vector<Buffer> result;
  result.push_back({"values", {blocks, steps, lanes}, weight.elementType, std::move(values)});
  result.push_back({"lane_indices", {blocks, streams}, i32, raw(places)});
  result.push_back({"indices",
                    {blocks, form.windowsPerBlock(), 2},
                    IntegerType::get(context, form.indexBits()),
                    std::move(windows)});
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
  std::vector<Scheduler::Entry> entries(form.windowSteps * form.streams());
  for (int64_t i = 0; i < sample; ++i) {
    scheduler.start(ArrayRef<int64_t>(rows).slice((2 * i + 1) * bundles / (2 * sample) * form.lanes, form.lanes));
    for (; !scheduler.done(); ++pairs)
      scheduler.take(entries);
  }
  // A bundle ends with half a block too much on average.
  double perBundle = double(pairs) / double(form.windowsPerBlock()) / double(std::max<int64_t>(sample, 1));
  return double(bundles) * (perBundle + 0.5 * double(form.windowsPerBlock() - 1) / double(form.windowsPerBlock()));
}

static int64_t dimOf(ElementsAttr elements, unsigned dim) { return elements.getShapedType().getDimSize(dim); }

LogicalResult mlir::gs::verifyLaneWindows(CompressedType type, ArrayRef<Buffer> buffers, EmitError emitError) {
  RankedTensorType logical = type.getLogical();
  LaneWindows form;
  form.lanes = type.getPanelRows();
  const int64_t rows = logical.getShape().front(), bundles = llvm::divideCeil(rows, form.lanes);
  Type i32 = IntegerType::get(type.getContext(), 32);
  auto find = [&](StringRef name) { return findBuffer(buffers, name); };
  const Buffer *offsets = find("offsets"), *places = find("lane_indices"), *windows = find("indices"),
               *values = find("values"), *order = find("row_order");
  if (!offsets || !places || !windows || !values || buffers.size() != (order ? 5u : 4u))
    return Report(emitError) << "layout = lane_windows needs exactly values, lane_indices, indices, offsets and, where "
                                "rows are permuted, row_order";
  if (offsets->elementType != i32 || offsets->shape != SmallVector<int64_t>{bundles + 1})
    return Report(emitError) << "layout = lane_windows needs " << bundles + 1 << " i32 offsets";
  ArrayRef<int32_t> counts = getOffsets(*offsets);
  if (counts.front() != 0 || !llvm::is_sorted(counts))
    return Report(emitError) << "offsets of layout = lane_windows must rise from 0";
  const int64_t blocks = counts.back(), steps = form.stepsPerBlock();
  if (values->elementType != logical.getElementType() ||
      values->shape != SmallVector<int64_t>{blocks, steps, form.lanes})
    return Report(emitError) << "values of layout = lane_windows must be of type "
                             << RankedTensorType::get({blocks, steps, form.lanes}, logical.getElementType());
  if (places->elementType != i32 || places->shape.size() != 2 || places->shape[0] != blocks || places->shape[1] < 1 ||
      form.lanes % places->shape[1])
    return Report(emitError)
           << "lane_indices of layout = lane_windows must be i32 words, one for each of some lanes of " << blocks
           << " blocks";
  if (windows->elementType != type.getIndex() || windows->shape.size() != 3 || windows->shape[0] != blocks ||
      windows->shape[1] < 1 || steps % windows->shape[1] || windows->shape[2] != 2)
    return Report(emitError) << "indices of layout = lane_windows must be pairs of " << type.getIndex()
                             << ", so many for each of " << blocks << " blocks that they divide " << steps << " steps";
  if (!order)
    return success();
  if (order->elementType != i32 || order->shape != SmallVector<int64_t>{bundles * form.lanes})
    return Report(emitError) << "row_order of layout = lane_windows needs " << bundles * form.lanes << " i32 elements";
  std::vector<bool> seen(rows, false);
  ArrayRef<int32_t> numbers = getOffsets(*order);
  for (int64_t i = 0; i < rows; ++i) {
    if (numbers[i] < 0 || numbers[i] >= rows || seen[numbers[i]])
      return Report(emitError) << "row_order must name each of the " << rows << " rows once, but position " << i
                               << " holds " << numbers[i];
    seen[numbers[i]] = true;
  }
  return success();
}

LogicalResult mlir::gs::verifyLaneWindows(CompressedConstantOp weight, const LaneWindows &form, EmitError emitError) {
  ElementsAttr windows = weight.getBuffer("indices");
  if (bool(weight.getBuffer("row_order")) != form.sortRows)
    return Report(emitError) << "weight " << (form.sortRows ? "lacks" : "has") << " a buffer 'row_order'";
  if (dimOf(windows, 1) != form.windowsPerBlock())
    return Report(emitError) << "weight has " << dimOf(windows, 1) << " pairs of windows per block, but its strategy "
                             << form.windowsPerBlock();
  if (dimOf(weight.getBuffer("lane_indices"), 1) != form.streams())
    return Report(emitError) << "weight has places for " << dimOf(weight.getBuffer("lane_indices"), 1)
                             << " lanes, but its strategy for " << form.streams();
  std::vector<char> storage;
  FailureOr<ArrayRef<char>> raw = getRawData(windows, storage, emitError);
  if (failed(raw))
    return failure();
  unsigned bytes = getElementBytes(windows.getElementType());
  for (size_t i = 0; (i + 1) * bytes <= raw->size(); ++i) {
    uint32_t begin = 0; // little-endian, unsigned
    std::memcpy(&begin, raw->data() + i * bytes, bytes);
    int64_t width = i % 2 ? form.secondWidth() : form.firstWidth();
    if (begin + width > form.inputSize)
      return Report(emitError) << "weight holds a window of " << width << " activations from " << begin
                               << ", but the input has " << form.inputSize;
  }
  return success();
}
