//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The search for row orders: similar rows become neighbours.
//
//===----------------------------------------------------------------------===//
#include "ProjectionUtils.h"
#include "llvm/ADT/bit.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

namespace {

/// Balanced k-means of rows by the columns of their largest weights, as bits: clusters of `size` rows, the last one of
/// what is left. Distances follow from the overlaps of pairs of rows, |a & b|.
class Clusters {
public:
  Clusters(const Weight &dense, ArrayRef<uint8_t> kept, int64_t size)
      : rows(dense.rows), words((dense.cols + 63) / 64), size(size), bits(rows * words, 0) {
    for (int64_t row = 0; row < rows; ++row)
      for (int64_t col = 0; col < dense.cols; ++col)
        if (kept[row * dense.cols + col])
          bits[row * words + col / 64] |= uint64_t(1) << (col % 64);
  }

  SmallVector<int64_t> run() {
    seed();
    if (rows <= mostRows) {
      overlaps.resize(rows * rows);
      for (int64_t a = 0; a < rows; ++a)
        for (int64_t b = 0; b <= a; ++b)
          overlaps[a * rows + b] = overlaps[b * rows + a] = overlap(a, b);
      double best = quality();
      for (int round = 0; round < rounds; ++round) {
        std::vector<SmallVector<int64_t>> before = clusters;
        reassign();
        double now = quality();
        if (now <= best) {
          clusters = std::move(before);
          break;
        }
        best = now;
      }
    }
    // A canonical order; the smaller cluster has to be the last.
    for (SmallVector<int64_t> &cluster : clusters)
      llvm::sort(cluster);
    llvm::stable_sort(clusters, [&](const auto &a, const auto &b) {
      return a.size() != b.size() ? a.size() > b.size() : a[0] < b[0];
    });
    SmallVector<int64_t> order;
    for (const SmallVector<int64_t> &cluster : clusters)
      llvm::append_range(order, cluster);
    return order;
  }

private:
  static constexpr int64_t mostRows = 4096; ///< beyond, overlaps of all pairs take too much memory
  static constexpr int rounds = 8;

  uint32_t overlap(int64_t a, int64_t b) const {
    uint32_t count = 0;
    for (int64_t word = 0; word < words; ++word)
      count += llvm::popcount(bits[a * words + word] & bits[b * words + word]);
    return count;
  }

  /// Cluster by cluster: the first row that is left and those that overlap most with the ones gathered.
  void seed() {
    std::vector<uint8_t> taken(rows);
    std::vector<int64_t> shared(rows);
    for (int64_t first = 0; first < rows; ++first) {
      if (taken[first])
        continue;
      std::fill(shared.begin(), shared.end(), 0);
      SmallVector<int64_t> &cluster = clusters.emplace_back();
      for (int64_t next = first; next >= 0;) {
        cluster.push_back(next);
        taken[next] = 1;
        if (static_cast<int64_t>(cluster.size()) == size)
          break;
        int64_t best = -1;
        for (int64_t row = first + 1; row < rows; ++row) {
          if (taken[row])
            continue;
          shared[row] += overlap(next, row);
          if (best < 0 || shared[row] > shared[best])
            best = row;
        }
        next = best;
      }
    }
  }

  /// Sum over clusters of |sum of rows|^2 / rows, which is large where distances to the means are small.
  double quality() const {
    double sum = 0;
    for (const SmallVector<int64_t> &cluster : clusters)
      sum += pairs(cluster) / double(cluster.size());
    return sum;
  }
  double pairs(ArrayRef<int64_t> cluster) const {
    double sum = 0;
    for (int64_t a : cluster)
      for (int64_t b : cluster)
        sum += overlaps[a * rows + b];
    return sum;
  }

  /// Every row goes to the nearest mean that has room, nearest pairs first.
  void reassign() {
    struct Pair {
      float distance; ///< less |row|^2, which is the same for all means
      int32_t row, cluster;
    };
    std::vector<Pair> order;
    order.reserve(rows * clusters.size());
    for (auto [number, cluster] : llvm::enumerate(clusters)) {
      auto members = static_cast<double>(cluster.size());
      double mean = pairs(cluster) / (members * members);
      for (int64_t row = 0; row < rows; ++row) {
        double shared = 0;
        for (int64_t member : cluster)
          shared += overlaps[row * rows + member];
        order.push_back({float(mean - 2 * shared / members), int32_t(row), int32_t(number)});
      }
    }
    llvm::sort(order, [](const Pair &a, const Pair &b) {
      return std::tie(a.distance, a.row, a.cluster) < std::tie(b.distance, b.row, b.cluster);
    });
    std::vector<uint8_t> placed(rows);
    std::vector<int64_t> room;
    for (SmallVector<int64_t> &cluster : clusters) {
      room.push_back(static_cast<int64_t>(cluster.size()));
      cluster.clear();
    }
    for (const Pair &pair : order)
      if (!placed[pair.row] && room[pair.cluster]) {
        placed[pair.row] = 1;
        --room[pair.cluster];
        clusters[pair.cluster].push_back(pair.row);
      }
  }

  int64_t rows, words, size;
  std::vector<uint64_t> bits;
  std::vector<uint32_t> overlaps;
  std::vector<SmallVector<int64_t>> clusters;
};

} // namespace

/// Rows by a key that falls or rises; of equal ones the first comes first.
static SmallVector<int64_t> ascending(ArrayRef<double> keys) {
  SmallVector<int64_t> order(keys.size());
  std::iota(order.begin(), order.end(), 0);
  llvm::stable_sort(order, [&](int64_t a, int64_t b) { return keys[a] < keys[b]; });
  return order;
}

SmallVector<int64_t> mlir::gs::detail::searchRowOrder(PatternAttrInterface pattern, const Weight &dense,
                                                      const ProjectOptions &options, int64_t begin, int64_t end) {
  std::vector<double> scores = Scores(dense, options).all();
  GroupForm form = pattern.getGroupForm(shapeOf(dense));
  int64_t height = form.laneRule == LaneRule::ResiduesMod ? form.unitRows : form.bundleRows;
  bool counts = form.laneRule == LaneRule::ResiduesMod && form.bundleRows > 1;
  // Weights above the threshold of the layer; twice as many where rows are compared by their columns, because what a
  // pattern keeps there are not the largest weights alone.
  auto mask = [&](double density) {
    std::vector<uint8_t> kept(scores.size());
    for (int64_t at : largest(scores, shareOf(std::min(1.0, density), int64_t(scores.size()))))
      kept[at] = scores[at] > 1e-300 && at % dense.cols >= begin && at % dense.cols < end; // zeros are alike everywhere
    return kept;
  };
  auto countsOf = [&](ArrayRef<uint8_t> kept) {
    std::vector<double> result(dense.rows);
    for (int64_t row = 0; row < dense.rows; ++row)
      for (int64_t col = begin; col < end; ++col)
        result[row] += kept[row * dense.cols + col];
    return result;
  };
  if (isa<KernelPatternAttr>(Attribute(pattern))) {
    std::vector<double> norms(dense.rows);
    for (size_t at = 0; at < scores.size(); ++at)
      norms[at / dense.cols] += std::max(0.0, scores[at]);
    return form.bundleRows > 1 ? ascending(norms) : SmallVector<int64_t>();
  }
  if (height > 1 && height < dense.rows) {
    SmallVector<int64_t> order =
        Clusters(dense, mask(std::min(2 * options.density, (1 + options.density) / 2)), height).run();
    if (!counts)
      return order;
    // Units of such rows in the order of their weights; a unit that sticks out has to stay the last.
    std::vector<double> ofRows = countsOf(mask(options.density)), ofUnits;
    for (int64_t first = 0; first + height <= dense.rows; first += height) {
      ofUnits.push_back(0);
      for (int64_t i = first; i < first + height; ++i)
        ofUnits.back() += ofRows[order[i]];
    }
    SmallVector<int64_t> result;
    for (int64_t unit : ascending(ofUnits))
      result.append(order.begin() + unit * height, order.begin() + (unit + 1) * height);
    result.append(order.begin() + static_cast<int64_t>(result.size()), order.end());
    return result;
  }
  return counts ? ascending(countsOf(mask(options.density))) : SmallVector<int64_t>();
}
