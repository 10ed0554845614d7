//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Divides a network between the host and a gather/scatter engine, and runs it.
//
//===----------------------------------------------------------------------===//
#include "gs/Compiler/EngineNetwork.h"
#include "Jit.h"
#include "ReportInternal.h"
#include "gs/Conversion/GSToGSE/Passes.h"
#include "gs/Dialect/GS/IR/Contraction.h"
#include "gs/Runtime/gsrt_api.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace mlir::gs;

bool mlir::gs::isEngineTarget(StringRef target) { return target.starts_with("gse-"); }

static LogicalResult runPasses(ModuleOp module, function_ref<void(OpPassManager &)> add) {
  PassManager pm(module.getContext());
  pm.enableVerifier(false);
  add(pm);
  return pm.run(module);
}

static std::string textOf(Attribute attr) {
  std::string text;
  llvm::raw_string_ostream(text) << attr;
  return text;
}

/// One row per contraction, in the order of the module.
static std::vector<EngineLayer> listContractions(ModuleOp module) {
  std::vector<EngineLayer> layers;
  module.walk([&](Operation *op) {
    if (!isa<MatmulOp, ConvOp>(op))
      return;
    EngineLayer layer;
    layer.node = nodeName(op->getLoc()).str();
    layer.op = isa<ConvOp>(op) ? "Conv" : "MatMul";
    layer.shape = shapeText(op->getOperand(0).getType());
    PatternAttrInterface pattern = getPattern(op->getOperand(0).getType());
    layer.pattern = pattern ? textOf(pattern) : "dense";
    if (auto detected = op->getAttrOfType<DictionaryAttr>("gs.detected"))
      if (auto density = detected.getAs<FloatAttr>("density"))
        layer.density = density.getValueAsDouble();
    layer.runs = runsPerInference(op);
    auto weight = cast<ShapedType>(op->getOperand(0).getType()), result = cast<ShapedType>(op->getResult(0).getType());
    if (weight.hasStaticShape() && result.hasStaticShape() && weight.getDimSize(0))
      layer.macs = double(weight.getNumElements()) / double(weight.getDimSize(0)) * double(result.getNumElements());
    if (auto reason = op->getAttrOfType<StringAttr>("gs.on_host"))
      layer.reason = reason.str();
    else if (auto strategy = op->getAttrOfType<StrategyAttr>("strategy"))
      layer.strategy = strategyText(strategy);
    layers.push_back(std::move(layer));
  });
  return layers;
}

static std::vector<int64_t> bytesOf(TypeRange types) {
  std::vector<int64_t> bytes;
  for (Type type : types) {
    auto tensor = cast<RankedTensorType>(type);
    bytes.push_back(tensor.getNumElements() * tensor.getElementType().getIntOrFloatBitWidth() / 8);
  }
  return bytes;
}

/// Takes what the engine runs out of `module`.
static LogicalResult divide(ModuleOp module, const EngineOptions &options, EngineNetwork &network) {
  auto set = [&](auto &pass) {
    pass.machine = options.machine;
    pass.strategy = options.strategy;
    pass.fused = options.fused;
    pass.fp32 = options.fp32;
    pass.accumulators = options.accumulators;
    pass.partial = true;
  };
  OffloadToEngineOptions offload;
  set(offload);
  if (failed(runPasses(module, [&](OpPassManager &pm) { pm.addPass(createOffloadToEngine(offload)); })))
    return failure();
  network.layers = listContractions(module);
  ConvertGSToGSEOptions convert;
  set(convert);
  if (failed(runPasses(module, [&](OpPassManager &pm) {
        pm.addPass(createConvertGSToGSE(convert));
        pm.addPass(createOutlineLaunches());
      })))
    return failure();

  network.engine = ModuleOp::create(module.getLoc());
  OpBuilder b = OpBuilder::atBlockEnd(network.engine->getBody());
  for (Operation &op : llvm::make_early_inc_range(*module.getBody()))
    if (isa<gse::KernelOp, gse::DataOp>(op)) {
      op.remove();
      b.insert(&op);
    }
  // Launches and layers of the engine are in the same order.
  auto layer = network.layers.begin();
  module.walk([&](gse::LaunchOp launch) {
    network.launches.push_back({launch->getAttrOfType<FlatSymbolRefAttr>("gse.function").getValue().str(),
                                launch.getKernel().str(), bytesOf(launch->getOperandTypes()),
                                bytesOf(launch->getResultTypes())});
    while (layer != network.layers.end() && !layer->reason.empty())
      ++layer;
    if (layer != network.layers.end())
      (layer++)->kernel = launch.getKernel().str();
  });
  return success();
}

FailureOr<EngineNetwork> mlir::gs::compileForEngine(StringRef path, MLIRContext *context, const CompileOptions &options,
                                                    const EngineOptions &engine) {
  EngineNetwork network;
  CompileOptions host = options;
  host.offload = [&](ModuleOp module) -> FailureOr<ModuleOp> {
    if (failed(divide(module, engine, network)))
      return failure();
    return *network.engine;
  };
  FailureOr<CompiledModel> compiled = compileONNX(path, context, host);
  if (failed(compiled))
    return failure();
  network.host = std::move(compiled->module);
  network.info = std::move(compiled->info);
  return network;
}

namespace {
/// What a launch needs while the network runs.
struct Running {
  EngineNetwork &network;
  gse::Observer *observer;
  const gse::RunOptions &options;
  bool failed = false;

  static void launch(void *context, int64_t index, void *const *buffers) {
    auto &self = *static_cast<Running *>(context);
    if (self.failed)
      return; // What follows would compute with nothing.
    const EngineNetwork::Launch &launch = self.network.launches[size_t(index)];
    auto kernel = self.network.engine->lookupSymbol<gse::KernelOp>(launch.kernel);
    SmallVector<ArrayRef<char>> inputs;
    std::vector<std::vector<char>> outputs;
    for (int64_t bytes : launch.inputBytes)
      inputs.push_back({static_cast<const char *>(*buffers++), size_t(bytes)});
    for (int64_t bytes : launch.outputBytes)
      outputs.emplace_back(size_t(bytes));
    if (mlir::failed(gse::runKernel(kernel, inputs, outputs, self.observer, self.options))) {
      self.failed = true;
      return;
    }
    for (const std::vector<char> &output : outputs)
      std::memcpy(*buffers++, output.data(), output.size());
  }
};
} // namespace

FailureOr<int> mlir::gs::runEngineNetwork(EngineNetwork &network, const TargetSpec &host,
                                          ArrayRef<std::string> arguments, gse::Observer *observer,
                                          const gse::RunOptions &run, EmitErrorFn emitError) {
  Running running{network, observer, run};
  std::vector<std::string> functions;
  for (const EngineNetwork::Launch &launch : network.launches)
    functions.push_back(launch.function);
  FailureOr<JitModel> jit =
      JitModel::create(*network.host, network.info, host, functions, &Running::launch, &running, emitError);
  if (failed(jit))
    return failure();
  std::vector<std::string> words = {"gsc"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  words.insert(words.end(), {"--threads", "1"});
  std::vector<char *> argv;
  for (std::string &word : words)
    argv.push_back(word.data());
  argv.push_back(nullptr);
  int code = gsrt_main(jit->model(), int(words.size()), argv.data());
  return running.failed ? 1 : code;
}
