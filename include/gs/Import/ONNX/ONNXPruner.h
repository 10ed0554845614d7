//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One-shot pruning of an ONNX file: the same file, with zeros in place.
//
//===----------------------------------------------------------------------===//
#ifndef GS_IMPORT_ONNX_ONNXPRUNER_H
#define GS_IMPORT_ONNX_ONNXPRUNER_H

#include "gs/Dialect/GS/IR/GSDialect.h"
#include <string>
#include <vector>

namespace mlir::onnx {

/// One line of a recipe (docs/Recipe.md).
struct PruneStep {
  std::string
      node; ///< name of the node, "/recurrent" or "/recurrent reverse" behind it for that matrix of a recurrent one
  gs::PatternAttrInterface pattern;
  double sparsity = 0; ///< 0 to 1
  bool exact = false;  ///< the most energy, where a faster choice keeps nearly as much
};

/// What became of the weight of a step.
struct PrunedWeight {
  std::string node, shape;
  double density = 1, energy = 1;
};

/// Projects the weights that `steps` name (Conv, MatMul, Gemm with a constant weight; LSTM, GRU, RNN) onto their
/// patterns and returns the model as binary protobuf. Weights of float32, float16, bfloat16 and float64; external data
/// is read from the model's folder, and pruned weights are stored in the file. On failure there is exactly one error in
/// `context`, which names the node, the cause and a remedy: an unknown node, one named twice, a weight that is not
/// constant, that another node uses too, or that the pattern does not fit. With `refused` such steps are left out, and
/// the reasons collected there.
FailureOr<std::string> pruneONNXFile(StringRef path, ArrayRef<PruneStep> steps, MLIRContext *context,
                                     std::vector<PrunedWeight> &pruned, std::vector<std::string> *refused = nullptr);

/// The nodes of the file whose weights can be pruned, as steps without pattern.
FailureOr<std::vector<std::string>> listPrunableNodes(StringRef path, MLIRContext *context);

} // namespace mlir::onnx

#endif // GS_IMPORT_ONNX_ONNXPRUNER_H
