//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The report of a model as a table.
//
//===----------------------------------------------------------------------===//
#include "ReportInternal.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"
#include <algorithm>
#include <tuple>

using namespace mlir;
using namespace mlir::gs;

/// Three significant digits or so: "0.26", "12.3", "1234".
static std::string micros(std::optional<double> us) {
  if (!us)
    return "-";
  return formatted(*us < 10 ? "%.2f" : *us < 1000 ? "%.1f" : "%.0f", *us);
}

static std::string duration(double us) { return us < 1000 ? micros(us) + " us" : formatted("%.3g ms", us / 1000); }

std::string mlir::gs::shortPattern(StringRef pattern) {
  pattern.consume_front("#gs.");
  std::string result;
  if (pattern.consume_front("gather_scatter"))
    result = "GS";
  auto [name, parameters] = pattern.split('<');
  result += name;
  if (parameters.empty())
    return result;
  SmallVector<StringRef> values;
  parameters.split(values, ", ");
  for (auto [i, value] : llvm::enumerate(values))
    result += (i ? "," : "<") + (value.contains(" = ") ? value.split(" = ").second : value).str();
  return result;
}

std::string mlir::gs::shortStrategy(StringRef strategy) {
  SmallVector<StringRef> words;
  strategy.split(words, ' ');
  std::string result = words.front().str();
  if (words.size() == 3 && words[1].starts_with("mr=") && words[2].starts_with("nr="))
    return result + " " + words[1].drop_front(3).str() + "x" + words[2].drop_front(3).str();
  for (StringRef word : ArrayRef(words).drop_front())
    if (!word.ends_with("=0"))
      result += " " + word.str();
  return result;
}

/// True at the first byte of a UTF-8 character.
static bool startsCharacter(char c) { return (c & 0xC0) != 0x80; }

/// Characters of a UTF-8 text.
static size_t displayWidth(StringRef text) { return llvm::count_if(text, startsCharacter); }

/// `name` in at most `width` characters, without line breaks; its ends tell nodes apart.
static std::string shortened(StringRef name, size_t width) {
  std::string line;
  std::vector<size_t> starts; // of the characters
  for (char c : name) {
    if (startsCharacter(c))
      starts.push_back(line.size());
    line += static_cast<unsigned char>(c) < ' ' || c == 0x7F ? '?' : c;
  }
  if (starts.size() <= width)
    return line;
  size_t head = (width - 2) / 2, tail = width - 2 - head;
  return line.substr(0, starts[head]) + ".." + line.substr(starts[starts.size() - tail]);
}

/// "1 layer", "3 layers".
static std::string counted(size_t count, const char *what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

namespace {
/// Columns as wide as their widest cell.
class Table {
public:
  struct Column {
    std::string title;
    bool right = false;
  };
  explicit Table(std::vector<Column> columns) : columns(std::move(columns)), widths(this->columns.size()) {
    for (auto [column, width] : llvm::zip(this->columns, widths))
      width = column.title.size();
  }
  void add(std::vector<std::string> cells) {
    for (auto [cell, width] : llvm::zip(cells, widths))
      width = std::max(width, displayWidth(cell));
    rows.push_back(std::move(cells));
  }
  void addRule() { rows.push_back({}); }
  void print(llvm::raw_ostream &os, llvm::function_ref<void(size_t)> afterRow) const {
    std::vector<std::string> titles;
    for (const Column &column : columns)
      titles.push_back(column.title);
    printRow(os, titles);
    printRule(os);
    for (auto [i, row] : llvm::enumerate(rows)) {
      if (row.empty())
        printRule(os);
      else
        printRow(os, row);
      afterRow(i);
    }
  }

private:
  void printRule(llvm::raw_ostream &os) const {
    size_t width = 2 * (widths.size() - 1);
    for (size_t w : widths)
      width += w;
    os << std::string(width, '-') << '\n';
  }
  void printRow(llvm::raw_ostream &os, ArrayRef<std::string> cells) const {
    std::string line;
    llvm::raw_string_ostream row(line);
    for (auto [i, cell] : llvm::enumerate(cells)) {
      if (i)
        row << "  ";
      std::string blanks(widths[i] - displayWidth(cell), ' ');
      row << (columns[i].right ? blanks + cell : cell + blanks);
    }
    os << StringRef(line).rtrim() << '\n';
  }

  std::vector<Column> columns;
  std::vector<size_t> widths;
  std::vector<std::vector<std::string>> rows;
};

/// Sums over the rows.
struct Totals {
  size_t sparse = 0, dense = 0, unused = 0, loops = 0;
  double predicted = 0, predictedDense = 0, measured = 0, macs = 0, keptMacs = 0, roof = 0;
  bool denseKnown = true; ///< the dense kernel was a candidate of every layer

  explicit Totals(const ModelReport &report) {
    for (const LayerReport &layer : report.layers) {
      (layer.sparse ? sparse : dense) += 1;
      if (!layer.predictedUs)
        ++loops;
      if (!layer.sparse && layer.pattern != "dense")
        ++unused;
      predicted += layer.predictedUs.value_or(0);
      // Matrix-vector products have no dense candidate once a pattern is found: their time goes with the weights read.
      if (layer.sparse && !layer.densePredictedUs)
        denseKnown = false;
      predictedDense += layer.densePredictedUs.value_or(layer.predictedUs.value_or(0) / std::max(layer.density, 1e-3));
      measured += layer.measuredUs.value_or(0);
      roof += layer.roofUs();
      macs += layer.denseMacs;
      keptMacs += layer.denseMacs * (layer.sparse ? layer.density : 1.0);
    }
  }
};
} // namespace

std::string mlir::gs::reading(const ModelReport &report) {
  Totals totals(report);
  size_t layers = report.layers.size();
  if (!layers)
    return "The model has no convolution and no matrix product, so there are no weights to leave out.";
  std::string result;
  llvm::raw_string_ostream os(result);
  if (!totals.sparse) {
    os << "Dense: " << (layers == 1 ? "the one layer computes" : "all " + std::to_string(layers) + " layers compute")
       << " with every weight";
    if (report.forcedDense)
      os << ", as was asked for";
    else if (totals.unused)
      os << ", because dense kernels are predicted to be faster";
    else
      os << (totals.predicted > 0 ? ", because too few weights are zero"
                                  : ", because none of them has weights of its own");
  } else {
    os << totals.sparse << " of " << layers << " layers leave zeros out";
    if (totals.keptMacs > 0)
      os << llvm::format(", %.3gx fewer multiply-adds", totals.macs / totals.keptMacs);
  }
  if (totals.predicted > 0) {
    os << "; predicted " << duration(totals.predicted) << " on one core of " << report.target;
    if (totals.sparse)
      os << ", " << (totals.denseKnown ? "" : "about ") << duration(totals.predictedDense) << " if dense";
  }
  if (report.measuredUs)
    os << "; measured " << duration(*report.measuredUs) << " for the whole model"
       << (report.threads == 1 ? "" : " on " + std::to_string(report.threads) + " threads");
  os << ".";
  return result;
}

/// What is said of several layers, once with the first few of them.
static void printReasons(StringRef title, const llvm::MapVector<StringRef, std::vector<StringRef>> &byReason,
                         llvm::raw_ostream &os) {
  if (byReason.empty())
    return;
  os << "\n" << title << "\n";
  for (auto &[reason, nodes] : byReason) {
    os << "  " << reason << ":\n    ";
    constexpr size_t shown = 3;
    for (size_t i = 0; i < nodes.size() && i < shown; ++i)
      os << (i ? ", " : "") << shortened(nodes[i], 40);
    if (nodes.size() > shown)
      os << " and " << nodes.size() - shown << " more";
    os << "\n";
  }
}

/// Why layers are dense, and, if measured, why sparse ones are far from what the machine could do.
static void printReasons(const ModelReport &report, llvm::raw_ostream &os) {
  llvm::MapVector<StringRef, std::vector<StringRef>> dense, slow;
  for (const LayerReport &layer : report.layers)
    if (!layer.reason.empty() && (!layer.sparse || report.threads))
      (layer.sparse ? slow : dense)[layer.reason].push_back(layer.node);
  printReasons("Dense, because:", dense, os);
  printReasons("Sparse, but below 70 % of the roof or without gain, because:", slow, os);
}

/// Layers that run in strips with their neighbours, which are timed together.
static void printChains(const ModelReport &report, llvm::raw_ostream &os) {
  llvm::MapVector<StringRef, std::vector<StringRef>> chains;
  for (const LayerReport &layer : report.layers)
    if (layer.inChain)
      chains[layer.chain].push_back(layer.node);
  printReasons("In strips with their neighbours (measured together):", chains, os);
  llvm::MapVector<StringRef, std::vector<StringRef>> pools;
  for (const LayerReport &layer : report.layers)
    if (layer.storesPool)
      pools[layer.pool].push_back(layer.node);
  printReasons("In one kernel with the pool behind them (measured together):", pools, os);
}

/// What the timings of `--tune` say of the model.
static void printTuning(const ModelReport &report, llvm::raw_ostream &os) {
  size_t tuned = 0, wrong = 0;
  std::string lines;
  llvm::raw_string_ostream text(lines);
  for (const LayerReport &layer : report.layers) {
    if (layer.tuned.empty())
      continue;
    ++tuned;
    const LayerReport::Timing *modelled = &layer.tuned.front(), *fastest = modelled;
    for (const LayerReport::Timing &timing : layer.tuned)
      if (timing.predictedUs < modelled->predictedUs)
        modelled = &timing;
    if (modelled == fastest)
      continue;
    ++wrong;
    text << "  " << shortened(layer.node, 28) << ": " << shortStrategy(fastest->strategy) << " took "
         << micros(fastest->measuredUs) << " us (predicted " << micros(fastest->predictedUs) << "), "
         << shortStrategy(modelled->strategy) << " " << micros(modelled->measuredUs) << " us (predicted "
         << micros(modelled->predictedUs) << ")\n";
  }
  if (!tuned)
    return;
  os << "\nTimed the kernels of " << counted(tuned, "layer") << "; the cost model preferred another one in " << wrong
     << (wrong ? ":\n" : ".\n") << lines;
}

/// How much smaller the network became because filters and channels are dead.
static void printRemoval(const ModelReport &report, llvm::raw_ostream &os) {
  int64_t filters = 0, channels = 0, layers = 0;
  for (const LayerReport &layer : report.layers) {
    filters += layer.removedFilters;
    channels += layer.removedChannels;
    layers += layer.removedFilters || layer.removedChannels;
  }
  if (layers)
    os << "\nRemoved " << counted(filters, "filter") << " and " << counted(channels, "input channel") << " of "
       << counted(layers, "layer") << ", because nothing needs them; weights are shown without.\n";
}

void mlir::gs::printReport(const ModelReport &report, bool refused, llvm::raw_ostream &os) {
  bool measured = report.threads != 0;
  std::vector<Table::Column> columns = {{"node"},       {"op"},       {"weight"},         {"pattern"},
                                        {"kept", true}, {"strategy"}, {"predicted", true}};
  if (measured) {
    columns.erase(columns.begin() + 1); // to stay within a terminal
    columns.insert(columns.end(), {{"measured", true}, {"share", true}, {"GF/s", true}, {"of roof", true}});
  }
  Table table(columns);
  auto share = [&](double us) {
    return report.measuredUs && *report.measuredUs > 0 ? formatted("%.1f %%", 100 * us / *report.measuredUs)
                                                       : std::string("-");
  };
  for (const LayerReport &layer : report.layers) {
    std::vector<std::string> cells = {shortened(layer.node, measured ? 16 : 28),
                                      shortened(layer.op, 13),
                                      shortened(layer.shape, measured ? 12 : 15),
                                      shortPattern(layer.pattern),
                                      formatted(measured ? "%.0f %%" : "%.1f %%", 100 * layer.density),
                                      shortStrategy(layer.strategy),
                                      micros(layer.predictedUs)};
    if (measured) {
      cells.erase(cells.begin() + 1);
      cells.push_back(micros(layer.measuredUs));
      cells.push_back(layer.measuredUs ? share(*layer.measuredUs) : "-");
      std::optional<double> gflops = layer.gflops(), ofRoof = layer.roofShare(report.threads);
      cells.push_back(gflops ? formatted("%.1f", *gflops) : "-");
      cells.push_back(ofRoof ? formatted("%.0f %% ", 100 * *ofRoof) +
                                   (layer.fmaRoofUs >= layer.memoryRoofUs ? "fma" : "mem")
                             : "-");
    }
    table.add(std::move(cells));
  }
  Totals totals(report);
  table.addRule();
  std::vector<std::string> total = {counted(report.layers.size(), "layer"),
                                    "",
                                    "",
                                    "",
                                    "",
                                    "",
                                    totals.predicted > 0 ? micros(totals.predicted) : "-"};
  auto noRoof = [&](std::vector<std::string> cells) {
    cells.resize(columns.size());
    return cells;
  };
  if (measured) {
    total.erase(total.begin() + 1);
    total.push_back(micros(totals.measured));
    total.push_back(share(totals.measured));
    if (totals.measured > 0 && totals.keptMacs > 0) {
      total.push_back(formatted("%.1f", 2e-3 * totals.keptMacs / totals.measured));
      total.push_back(formatted("%.0f %%    ", 100 * totals.roof / std::max(report.threads, 1) / totals.measured));
    }
    total = noRoof(std::move(total));
  }
  table.add(std::move(total));
  if (measured) {
    double others = 0;
    for (const ModelReport::Other &other : report.others)
      others += other.measuredUs;
    table.add(
        noRoof({counted(report.others.size(), "other node"), "", "", "", "", "-", micros(others), share(others)}));
    std::vector<ModelReport::Other> largest = report.others;
    llvm::sort(largest, [](const auto &a, const auto &b) {
      return std::tie(b.measuredUs, a.node) < std::tie(a.measuredUs, b.node);
    });
    constexpr size_t shown = 3;
    for (size_t i = 0; i < largest.size() && i < shown; ++i)
      table.add(noRoof({"  " + shortened(largest[i].node, 18), "", "", "", "", "-", micros(largest[i].measuredUs),
                        share(largest[i].measuredUs)}));
  }
  os << report.model << " for " << report.target;
  if (measured)
    os << ", measured on " << report.threads << (report.threads == 1 ? " thread" : " threads");
  os << "; times in us\n\n";
  table.print(os, [&](size_t row) {
    if (!refused || row >= report.layers.size())
      return;
    for (const LayerReport::Refusal &refusal : report.layers[row].refused)
      os << "    not " << shortPattern(refusal.candidate) << ": " << refusal.reason << "\n";
    if (const LayerReport &layer = report.layers[row]; layer.removedFilters || layer.removedChannels)
      os << "    removed: " << counted(layer.removedFilters, "filter") << ", "
         << counted(layer.removedChannels, "input channel") << "\n";
    if (const LayerReport &layer = report.layers[row]; !layer.chain.empty())
      os << "    chain: " << layer.chain << "\n";
    if (const LayerReport &layer = report.layers[row]; !layer.pool.empty())
      os << "    pool: " << layer.pool << "\n";
    if (const LayerReport &layer = report.layers[row]; !layer.rowOrder.empty())
      os << "    row order: " << layer.rowOrder << "\n";
  });
  printRemoval(report, os);
  printChains(report, os);
  if (!refused)
    printReasons(report, os);
  printTuning(report, os);
  os << "\n" << reading(report) << "\n";
}
