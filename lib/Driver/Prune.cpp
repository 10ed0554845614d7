//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// gsc prune.
//
//===----------------------------------------------------------------------===//
#include "Commands.h"
#include "Patterns.h"
#include "gs/Import/ONNX/ONNXPruner.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/YAMLTraits.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::driver;

namespace {
struct RecipeLayer {
  std::string node, pattern;
  double sparsity = -1;
};
struct Recipe {
  int64_t version = 0;
  std::vector<RecipeLayer> layers;
};
} // namespace

LLVM_YAML_IS_SEQUENCE_VECTOR(RecipeLayer)

template <> struct llvm::yaml::MappingTraits<RecipeLayer> {
  static void mapping(IO &io, RecipeLayer &layer) {
    io.mapRequired("node", layer.node);
    io.mapRequired("pattern", layer.pattern);
    io.mapRequired("sparsity", layer.sparsity);
  }
};

template <> struct llvm::yaml::MappingTraits<Recipe> {
  static void mapping(IO &io, Recipe &recipe) {
    io.mapRequired("version", recipe.version);
    io.mapRequired("layers", recipe.layers);
  }
};

static LogicalResult readRecipe(Session &session, StringRef path, Recipe &recipe) {
  auto text = llvm::MemoryBuffer::getFile(path, /*IsText=*/true);
  if (!text) {
    session.error("--recipe " + path + ": " + text.getError().message());
    return failure();
  }
  std::string first;
  auto listen = [](const llvm::SMDiagnostic &diagnostic, void *context) {
    auto &first = *static_cast<std::string *>(context);
    if (first.empty())
      first = ("line " + Twine(diagnostic.getLineNo()) + ": " + diagnostic.getMessage()).str();
  };
  llvm::yaml::Input input((*text)->getBuffer(), nullptr, listen, &first);
  input >> recipe;
  if (input.error()) {
    session.error("--recipe " + path + ": " + (first.empty() ? "it is not YAML" : first) +
                  "; docs/Recipe.md tells what a recipe looks like");
    return failure();
  }
  if (recipe.version != 1) {
    session.error("--recipe " + path + ": has version " + Twine(recipe.version) + ", but only 1 is known");
    return failure();
  }
  return success();
}

int mlir::gs::driver::runPrune(Session &session, ArrayRef<StringRef> arguments) {
  std::string model, output, recipeFile, pattern;
  double sparsity = -1;
  bool exact = false;
  OptionParser parser(
      "prune", "MODEL.onnx (--recipe=R.yaml | --pattern=P --sparsity=S) -o PRUNED.onnx",
      "Prunes weights in one shot and writes an ordinary ONNX file with zeros in their place: each layer keeps "
      "the weights of most energy that its pattern allows. Nothing is trained, so accuracy falls; train "
      "on with the mask kept.");
  parser.positional("MODEL.onnx", /*required=*/true, model);
  parser.section("What");
  parser.value("recipe", "R.yaml",
               "Pattern and sparsity per layer, as `gsc whatif --recipe` writes it (docs/Recipe.md).", recipeFile);
  parser.value("pattern", "P", "One pattern for every layer that it fits, such as block<4x1>.", pattern);
  parser.value("sparsity", "S", "Share of weights to prune, 0 to 1, with --pattern.",
               [&](StringRef text, std::string &error) -> LogicalResult {
                 if (text.getAsDouble(sparsity) || !(sparsity >= 0 && sparsity <= 1)) {
                   error = ("'" + text + "' is not a share; give a number from 0 to 1, such as 0.9").str();
                   return failure();
                 }
                 return success();
               });
  parser.flag("exact",
              "Keep the most energy that a pattern allows where the usual choice keeps a little less (gather_scatter); "
              "slower.",
              exact);
  parser.section("Result");
  parser.value("o", "PRUNED.onnx", "File to write.", output);
  if (std::optional<int> code = parseOrExit(session, parser, arguments))
    return *code;
  auto fail = [&](const Twine &message) {
    session.error(message);
    return 1;
  };
  if (recipeFile.empty() == pattern.empty())
    return fail("give either --recipe=R.yaml, or --pattern=P with --sparsity=S");
  if (!pattern.empty() && sparsity < 0)
    return fail("--pattern needs --sparsity=S");
  if (output.empty() || output == "-")
    return fail("name the file to write with -o PRUNED.onnx");
  llvm::sys::fs::file_status status;
  if (std::error_code error = llvm::sys::fs::status(model, status))
    return fail(model + ": " + error.message() + "; name an ONNX file");
  if (failed(checkWritable(session, "-o", output, model)))
    return 1;

  MLIRContext *context = session.context();
  std::vector<onnx::PruneStep> steps;
  if (!recipeFile.empty()) {
    Recipe recipe;
    if (failed(readRecipe(session, recipeFile, recipe)))
      return 1;
    for (const RecipeLayer &layer : recipe.layers) {
      if (!(layer.sparsity >= 0 && layer.sparsity <= 1))
        return fail("--recipe " + recipeFile + ": layer '" + layer.node + "' has a sparsity outside of 0 to 1");
      PatternAttrInterface parsed = parsePattern(session, "--recipe " + recipeFile, layer.pattern);
      if (!parsed)
        return 1;
      steps.push_back({layer.node, parsed, layer.sparsity, exact});
    }
  } else {
    PatternAttrInterface parsed = parsePattern(session, "--pattern", pattern);
    if (!parsed)
      return 1;
    FailureOr<std::vector<std::string>> nodes = onnx::listPrunableNodes(model, context);
    if (failed(nodes))
      return session.fail("pruning");
    for (std::string &node : *nodes)
      steps.push_back({std::move(node), parsed, sparsity, exact});
  }
  std::vector<onnx::PrunedWeight> pruned;
  std::vector<std::string> refused;
  FailureOr<std::string> bytes =
      onnx::pruneONNXFile(model, steps, context, pruned, pattern.empty() ? nullptr : &refused);
  if (failed(bytes))
    return session.fail("pruning");
  if (pruned.empty() && !pattern.empty())
    return fail(model + ": '" + pattern + "' fits none of its layers" +
                (refused.empty() ? Twine("") : Twine("; ") + refused.front()));
  if (failed(writeText(session, output, [&](llvm::raw_ostream &os) { os << *bytes; })))
    return 1;
  return failed(writeStdout(session, [&](llvm::raw_ostream &os) {
    for (const onnx::PrunedWeight &weight : pruned)
      os << weight.node << ": " << weight.shape << llvm::format(", %.1f %% kept, ", 100 * weight.density)
         << llvm::format("%.1f %% of the energy\n", 100 * weight.energy);
    for (const std::string &reason : refused)
      os << "not pruned: " << reason << "\n";
  }));
}
