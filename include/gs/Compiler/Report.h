//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What was decided for each layer of a model: the data behind `gsc explain`, as a table and as JSON.
//
//===----------------------------------------------------------------------===//
#ifndef GS_COMPILER_REPORT_H
#define GS_COMPILER_REPORT_H

#include "gs/Target/TargetSpec.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/JSON.h"
#include <optional>
#include <string>
#include <vector>

namespace mlir::gs {

/// One Conv, ConvTranspose, MatMul or Gemm of the network.
struct LayerReport {
  std::string node;                       ///< ONNX node name
  std::string op;                         ///< ONNX operator: "Conv", "MatMul", "Gemm", ...
  std::string shape;                      ///< weight, or both operands if none is constant: "64x64x3x3"
  std::string pattern;                    ///< pattern found, as it stands in the IR, or "dense"
  double density = 1;                     ///< kept weights / weights
  std::string strategy;                   ///< kernel and its parameters: "row-group-broadcast mr=4 nr=4"
  bool sparse = false;                    ///< the kernel leaves zeros out
  double denseMacs = 0;                   ///< multiply-adds of one inference with every weight
  std::optional<double> predictedUs;      ///< by the cost model, one core of the target; none: the layer has no kernel
  std::optional<double> densePredictedUs; ///< the same for the dense kernel
  std::optional<double> measuredUs;
  /// The least time that the target's rates allow one core: for the multiply-adds with kept weights, and for streaming
  /// the packed weights and the activations; the larger one is the roof. 0: not known (no kernel of ours).
  double fmaRoofUs = 0, memoryRoofUs = 0;
  double laneUse = 1;      ///< stored outputs / vector lanes that compute outputs
  bool weightsBind = true; ///< of the two parts of memoryRoofUs, weights take longer than activations
  std::string reason;      ///< why the layer gains nothing or stays below kGoodShare of its roof; "" if neither
  /// A kernel that was timed alone, by `--tune`.
  struct Timing {
    std::string strategy;
    double predictedUs, measuredUs;
  };
  std::vector<Timing> tuned; ///< fastest first
  struct Refusal {
    std::string candidate, reason;
  };
  std::vector<Refusal> refused; ///< patterns not found and kernels not chosen
  /// Filters and input channels that were removed because nothing needs them (gs-remove-dead-channels).
  int64_t removedFilters = 0, removedChannels = 0;
  std::string
      chain; ///< strips that it runs in with its neighbours, or why it does not (gs-fuse-chains); empty: not asked
  bool inChain = false;    ///< it runs in strips
  std::string pool;        ///< of the pool behind it, or why that runs apart (gs-fuse-pools); empty: there is none
  bool storesPool = false; ///< its kernel computes that pool, too
  std::string rowOrder;    ///< what became of the row order of a permuted weight (gs-absorb-permutations); empty: none

  double keptMacs() const { return denseMacs * (sparse ? density : 1.0); }
  double roofUs() const { return fmaRoofUs > memoryRoofUs ? fmaRoofUs : memoryRoofUs; }
  /// Measured time if there is one, else the prediction.
  std::optional<double> bestKnownUs() const { return measuredUs ? measuredUs : predictedUs; }
  /// GFLOP/s of kept weights.
  std::optional<double> gflops() const;
  /// Roof / time, at most a little above 1 for kernels that save multiply-adds (Winograd).
  std::optional<double> roofShare(int threads) const;
};

/// A layer at this share of its roof leaves nothing worth a reason.
constexpr double kGoodShare = 0.7;

/// What is known of a whole model.
struct ModelReport {
  std::string model;                ///< file
  std::string target;               ///< name of the record
  bool forcedDense = false;         ///< no pattern was looked for
  std::vector<LayerReport> layers;  ///< in the order of the file
  int threads = 0;                  ///< of the measurement; 0: not measured
  std::optional<double> measuredUs; ///< median of a whole inference
  struct Other {
    std::string node;
    double measuredUs;
  };
  std::vector<Other> others; ///< measured nodes that are no layers: pooling, additions that were not fused, ...
};

/// The nodes that the report of an imported model has rows for. Taken before the nodes are converted.
std::vector<LayerReport> listLayers(ModuleOp imported);

/// Fills the rows of `layers` from the gs dialect after gs-select-strategy; contractions that are not in the list are
/// added to it.
void fillLayers(ModuleOp module, std::vector<LayerReport> &layers);

/// The roofs of the layers, from the same module and the facts of the target.
void fillRoofs(ModuleOp module, const TargetSpec &target, std::vector<LayerReport> &layers);

/// Writes `reason` of every layer, from what is known of it by then.
void explainGains(ModelReport &report);

/// Puts the measured time of each node into its row, or into `others`.
void addMeasurement(ModelReport &report, ArrayRef<ModelReport::Other> times);

/// One self-contained page: totals, a bar per layer, a table that can be sorted, and the reasons on demand.
void printHTML(const ModelReport &report, llvm::raw_ostream &os);

/// Keys as in docs/JSON.md.
llvm::json::Object toJSON(const ModelReport &report);

/// One sentence: what the zeros of the model gain.
std::string reading(const ModelReport &report);

/// The table for people, at most about 118 columns wide. `refused` lists every refused candidate below its layer;
/// without it only why layers are dense is told.
void printReport(const ModelReport &report, bool refused, llvm::raw_ostream &os);

} // namespace mlir::gs

#endif // GS_COMPILER_REPORT_H
