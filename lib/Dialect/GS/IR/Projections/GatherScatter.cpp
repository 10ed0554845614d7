//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Projection onto #gs.gather_scatter: how many groups each bundle gets, and which units they keep.
//
//===----------------------------------------------------------------------===//
#include "../Patterns/GatherScatterGrid.h"
#include "GatherScatterGreedy.h"
#include "ProjectionUtils.h"
#include <queue>

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

namespace {

class GroupChoice {
public:
  GroupChoice(GatherScatterAttr pattern, const Weight &dense, const ProjectOptions &options)
      : grid(pattern, shapeOf(dense)), dense(dense), options(options) {
    std::ignore = grid.forEachBundle([&](const GatherScatterGrid::Bundle &bundle) {
      bundles.push_back(
          {bundle, int64_t(scores.size()), grid.tileEnd(bundle.columnTile) - grid.tileBegin(bundle.columnTile)});
      bundles.back().most = mostGroups(bundles.back());
      addScores(bundle);
      return success();
    });
    kept.resize(scores.size());
  }

  /// Number of groups in all.
  int64_t run() {
    bool exact = options.method == ProjectOptions::Method::Exact;
    if (options.rounding == ProjectOptions::Rounding::Published)
      countAsPublished();
    else if (exact)
      return runExact();
    else
      countByShare();
    int64_t groups = 0;
    for (Bundle &bundle : bundles)
      groups += choose(bundle, exact);
    return groups;
  }

  void write(Weight &weight) const {
    for (const Bundle &bundle : bundles) {
      int64_t firstUnit = grid.tileBegin(bundle.where.columnTile);
      for (int64_t i = 0; i < bundle.where.size(); ++i)
        for (int64_t j = 0; j < bundle.cols; ++j)
          if (kept[bundle.begin + i * bundle.cols + j])
            forEachWeight(bundle.where, i, firstUnit + j,
                          [&](int64_t row, int64_t col) { weight.mask[row * weight.cols + col] = 1; });
    }
  }

private:
  struct Bundle {
    GatherScatterGrid::Bundle where;
    int64_t begin; ///< of its scores
    int64_t cols;  ///< unit columns
    int64_t most = 0, groups = 0;
    int64_t units(int64_t width) const { return where.size() * width; } ///< of a group
  };

  template <typename Fn>
  void forEachWeight(const GatherScatterGrid::Bundle &bundle, int64_t unitRow, int64_t unit, Fn &&fn) const {
    int64_t first = (bundle.begin + unitRow) * grid.unitRows, column = grid.columnOf(unit);
    for (int64_t r = 0, rows = grid.rowsOf(bundle.begin + unitRow); r < rows; ++r)
      for (int64_t c = 0, columns = grid.columnsOf(unit); c < columns; ++c)
        fn(dense.rowAt(bundle.columnTile, first + r), column + c);
  }

  void addScores(const GatherScatterGrid::Bundle &bundle) {
    Scores scoreOf(dense, options);
    for (int64_t i = 0; i < bundle.size(); ++i)
      for (int64_t unit = grid.tileBegin(bundle.columnTile), end = grid.tileEnd(bundle.columnTile); unit < end;
           ++unit) {
        double sum = 0;
        forEachWeight(bundle, i, unit, [&](int64_t row, int64_t col) { addScore(sum, scoreOf.at(row, col)); });
        scores.push_back(sum);
      }
  }

  /// A row has room for cols / width groups, and the smallest residue class of a full bundle for as many as it has
  /// units. Padding lanes of a ragged one need all residues (GS-C9).
  int64_t mostGroups(const Bundle &bundle) const {
    if (bundle.cols < grid.banks)
      return 0;
    int64_t byRows = bundle.cols / grid.width;
    bool ragged = bundle.where.size() < grid.bundleUnits;
    return ragged ? byRows : std::min(byRows, bundle.cols / grid.banks * bundle.where.size());
  }

  BundleScores scoresOf(const Bundle &bundle) const {
    int64_t size = bundle.where.size() * bundle.cols;
    return {bundle.where.size(), bundle.cols, ArrayRef<double>(scores).slice(bundle.begin, size)};
  }
  MutableArrayRef<uint8_t> keptOf(const Bundle &bundle) {
    return MutableArrayRef<uint8_t>(kept).slice(bundle.begin, bundle.where.size() * bundle.cols);
  }

  /// Units to keep: whole groups, to the nearest number if all are of one size.
  int64_t budget() const {
    int64_t units = shareOf(options.density, static_cast<int64_t>(scores.size())), size = bundles[0].units(grid.width);
    if (llvm::any_of(bundles, [&](const Bundle &bundle) { return bundle.units(grid.width) != size; }))
      return units;
    return (2 * units + size) / (2 * size) * size;
  }

  /// Each bundle gets the groups that its units among the best of the layer fill, and by the largest remainders those
  /// that are left.
  void countByShare() {
    int64_t left = budget();
    std::vector<double> share(bundles.size());
    size_t number = 0;
    for (int64_t at : largest(scores, left)) {
      while (number + 1 < bundles.size() && bundles[number + 1].begin <= at)
        ++number;
      share[number] += 1;
    }
    for (auto [bundle, part] : llvm::zip_equal(bundles, share)) {
      int64_t units = bundle.units(grid.width);
      bundle.groups = std::min<int64_t>(bundle.most, int64_t(part) / units);
      part = part / double(units) - double(bundle.groups);
      left -= bundle.groups * units;
    }
    std::vector<int64_t> order(bundles.size());
    std::iota(order.begin(), order.end(), 0);
    llvm::stable_sort(order, [&](int64_t a, int64_t b) { return share[a] > share[b]; });
    for (bool granted = true; granted && left > 0;) {
      granted = false;
      for (int64_t at : order)
        if (Bundle &bundle = bundles[at]; bundle.groups < bundle.most && left >= bundle.units(grid.width)) {
          ++bundle.groups;
          left -= bundle.units(grid.width);
          granted = true;
        }
    }
  }

  /// The rule of the public code: units above a percentile of the layer, rounded bundle by bundle.
  void countAsPublished() {
    double sparsity = 1 - options.density;
    std::vector<double> order = scores;
    // Percentile by linear interpolation between the two nearest ranks.
    double rank = sparsity * double(order.size() - 1);
    auto low = static_cast<size_t>(rank);
    std::nth_element(order.begin(), order.begin() + low, order.end());
    double threshold = order[low];
    if (low + 1 < order.size())
      threshold += (rank - double(low)) * (*std::min_element(order.begin() + low + 1, order.end()) - threshold);
    for (Bundle &bundle : bundles) {
      int64_t above = llvm::count_if(scoresOf(bundle).at, [&](double score) { return score > threshold; });
      int64_t units = bundle.units(grid.width), whole = above / units;
      int64_t rounded = whole > 8 ? (2 * above + units) / (2 * units) : llvm::divideCeil(above, units);
      // Layers that are not pruned keep all they can, and those pruned as good as whole nothing.
      bundle.groups = sparsity <= 0 ? bundle.most : sparsity >= 0.999 ? 0 : std::min(rounded, bundle.most);
    }
  }

  /// Groups that the bundle got: a shape may have less room than the counts of its rows and residues say.
  int64_t choose(Bundle &bundle, bool exact) {
    MutableArrayRef<uint8_t> mine = keptOf(bundle);
    if (!exact && options.rounding == ProjectOptions::Rounding::Published) {
      if (chooseByGroups(scoresOf(bundle), grid.banks, grid.width, bundle.groups, mine))
        return bundle.groups;
      std::fill(mine.begin(), mine.end(), 0);
      exact = true;
    }
    if (exact) {
      BundleFlow flow(scoresOf(bundle), grid.banks, grid.width);
      while (flow.groups() < bundle.groups && flow.nextGain())
        flow.grant();
      flow.write(mine);
      return flow.groups();
    }
    for (; bundle.groups > 0; --bundle.groups) {
      if (chooseByCounts(scoresOf(bundle), grid.banks, grid.width, bundle.groups, mine))
        break;
      std::fill(mine.begin(), mine.end(), 0);
    }
    return bundle.groups;
  }

  /// The next group goes to the bundle to which it brings most; gains fall from group to group, so this is the best
  /// division of the budget.
  int64_t runExact() {
    std::vector<std::unique_ptr<BundleFlow>> flows;
    struct Offer {
      double gain;
      size_t bundle;
      bool operator<(const Offer &other) const {
        return gain != other.gain ? gain < other.gain : bundle > other.bundle;
      }
    };
    std::priority_queue<Offer> offers;
    auto offer = [&](size_t number) {
      const Bundle &bundle = bundles[number];
      if (flows[number]->groups() >= bundle.most)
        return;
      if (std::optional<double> gain = flows[number]->nextGain())
        offers.push({*gain / double(bundle.units(grid.width)), number});
    };
    int64_t left = budget(), groups = 0;
    for (auto [number, bundle] : llvm::enumerate(bundles)) {
      flows.push_back(std::make_unique<BundleFlow>(scoresOf(bundle), grid.banks, grid.width));
      if (left)
        offer(number);
    }
    for (; !offers.empty();) {
      size_t number = offers.top().bundle;
      offers.pop();
      int64_t units = bundles[number].units(grid.width);
      if (left < units)
        continue;
      flows[number]->grant();
      left -= units;
      ++groups;
      offer(number);
    }
    for (auto [bundle, flow] : llvm::zip_equal(bundles, flows))
      flow->write(keptOf(bundle));
    return groups;
  }

  GatherScatterGrid grid;
  const Weight &dense;
  const ProjectOptions &options;
  std::vector<Bundle> bundles;
  std::vector<double> scores; ///< of units, bundle by bundle, row-major
  std::vector<uint8_t> kept;
};

} // namespace

FailureOr<Projection> GatherScatterAttr::project(const Weight &dense, const ProjectOptions &options,
                                                 EmitError emitError) const {
  if (failed(checkProjection(dense, options, emitError)) ||
      failed(verifyPattern(shapeOf(dense), dense.elementType, emitError)))
    return failure();
  Projection projection = emptyProjection(dense);
  GroupChoice choice(*this, dense, options);
  projection.groups = choice.run();
  choice.write(projection.weight);
  finishProjection(dense, projection);
  if (failed(checkForbidden(*this, projection, options, emitError)))
    return failure();
  return projection;
}
