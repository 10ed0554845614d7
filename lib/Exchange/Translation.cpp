//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// gs-translate --export-gs-text, --import-gs-text, --export-npz, --import-npz.
//
//===----------------------------------------------------------------------===//
#include "mlir/Tools/mlir-translate/Translation.h"
#include "Layers.h"
#include "mlir/AsmParser/AsmParser.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SourceMgr.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;
namespace fs = llvm::sys::fs;

namespace {
/// Made when the translations are registered.
struct ExchangeFlags {
  llvm::cl::opt<std::string> folder{"exchange-dir", llvm::cl::value_desc("FOLDER"), llvm::cl::init("."),
                                    llvm::cl::desc("With --export-gs-text and --export-npz: where the files go")};
  llvm::cl::opt<std::string> shape{
      "exchange-shape", llvm::cl::value_desc("64x32x3x3"),
      llvm::cl::desc("With --import-gs-text and --import-npz: shape of the tensor (M x K, or O x I x kernel)")};
  llvm::cl::opt<std::string> element{"exchange-element", llvm::cl::value_desc("f16"),
                                     llvm::cl::desc("With --import-gs-text: element type (f32 unless given)")};
};

/// Files that get their names together, after all of them have been written.
class FileSet {
public:
  ~FileSet() {
    for (const auto &[temporary, path] : files)
      fs::remove(temporary);
  }
  std::error_code add(StringRef path, StringRef contents) {
    SmallString<128> temporary;
    int descriptor;
    if (std::error_code error = fs::createUniqueFile(path + "-%%%%%%%%", descriptor, temporary))
      return error;
    files.emplace_back(temporary.str().str(), path.str());
    llvm::raw_fd_ostream os(descriptor, /*shouldClose=*/true);
    os << contents;
    os.close();
    std::error_code error = os.error();
    os.clear_error();
    return error;
  }
  std::error_code commit() {
    while (!files.empty()) {
      if (std::error_code error = fs::rename(files.front().first, files.front().second))
        return error;
      files.erase(files.begin());
    }
    return {};
  }

private:
  std::vector<std::pair<std::string, std::string>> files; ///< temporary and final path
};
} // namespace

//===----------------------------------------------------------------------===//
// Exporting
//===----------------------------------------------------------------------===//

static LogicalResult
exportLayers(ModuleOp module, raw_ostream &index, StringRef folder,
             function_ref<FailureOr<std::vector<ExchangeFile>>(const ExchangeLayer &, EmitError)> write) {
  FileSet files;
  std::string lines;
  llvm::raw_string_ostream os(lines);
  LogicalResult collected = forEachLayer(module, [&](Operation *op, ExchangeLayer &&layer) -> LogicalResult {
    FailureOr<std::vector<ExchangeFile>> made = write(layer, [&] { return op->emitOpError(); });
    if (failed(made))
      return failure();
    os << layer.name << ": " << layer.type << ":";
    for (const ExchangeFile &file : *made) {
      SmallString<128> path(folder);
      llvm::sys::path::append(path, file.name);
      if (std::error_code error = files.add(path, file.contents))
        return op->emitOpError() << "cannot write " << path << ": " << error.message()
                                 << "; --exchange-dir names another folder";
      os << ' ' << file.name;
    }
    os << '\n';
    return success();
  });
  if (failed(collected))
    return failure();
  if (std::error_code error = files.commit())
    return module.emitError() << "cannot write to " << folder << ": " << error.message()
                              << "; --exchange-dir names another folder";
  index << lines;
  return success();
}

//===----------------------------------------------------------------------===//
// Importing
//===----------------------------------------------------------------------===//

static FailureOr<ExchangeOptions> readOptions(const ExchangeFlags &flags, MLIRContext *context) {
  ExchangeOptions options;
  auto fail = [&] { return emitError(UnknownLoc::get(context)); };
  for (StringRef rest = flags.shape; !rest.empty();) {
    auto [extent, tail] = rest.split('x');
    int64_t number;
    if (extent.getAsInteger(10, number) || number < 1 || number > INT32_MAX || (tail.empty() && rest.ends_with("x")))
      return fail() << "--exchange-shape: '" << flags.shape << "' is no shape such as 64x32x3x3";
    options.shape.push_back(number);
    rest = tail;
  }
  if (options.shape.size() == 1)
    return fail() << "--exchange-shape: a weight has rows and columns, such as 64x128";
  if (!flags.element.empty()) {
    {
      ScopedDiagnosticHandler silent(context, [](Diagnostic &) { return success(); });
      options.elementType = parseType(flags.element, context);
    }
    if (!options.elementType || !getElementBytes(options.elementType))
      return fail() << "--exchange-element: '" << flags.element << "' is none of f16, bf16, f32, f64, i8, i16 and i32";
  }
  return options;
}

/// A module with one function that returns the weight.
static OwningOpRef<Operation *> importLayer(llvm::SourceMgr &sources, MLIRContext *context, const ExchangeFlags &flags,
                                            decltype(readNpz) *read) {
  context->loadDialect<GSDialect, func::FuncDialect>();
  FailureOr<ExchangeOptions> options = readOptions(flags, context);
  if (failed(options))
    return nullptr;
  const llvm::MemoryBuffer *buffer = sources.getMemoryBuffer(sources.getMainFileID());
  FailureOr<ExchangeLayer> layer = read(buffer->getBufferIdentifier(), buffer->getBuffer(), *options, context);
  if (failed(layer))
    return nullptr;
  Location loc = NameLoc::get(StringAttr::get(context, layer->name));
  OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
  OpBuilder builder = OpBuilder::atBlockEnd(module->getBody());
  auto function =
      func::FuncOp::create(builder, loc, layer->name, FunctionType::get(context, {}, TypeRange(layer->type)));
  builder.setInsertionPointToStart(function.addEntryBlock());
  auto dense = RankedTensorType::get(layer->type.getShape(), layer->type.getElementType());
  ElementsAttr mask;
  if (!layer->weight.maskIsImplied())
    mask = layer->weight.maskToElements(layer->type.getShape());
  DenseI64ArrayAttr order;
  if (!layer->weight.rowOrder.empty())
    order = builder.getDenseI64ArrayAttr(layer->weight.rowOrder);
  Value weight =
      ConstantOp::create(builder, loc, layer->type, makeElements(dense, layer->weight.toTensorOrder()), mask, order);
  func::ReturnOp::create(builder, loc, weight);
  return OwningOpRef<Operation *>(module.release().getOperation());
}

void mlir::gs::registerExchangeTranslations(void (*registerAll)(DialectRegistry &)) {
  static ExchangeFlags flags;
  auto registerDialects = [](DialectRegistry &registry) {
    registry.insert<GSDialect, arith::ArithDialect, func::FuncDialect>();
  };
  static TranslateFromMLIRRegistration exportText(
      "export-gs-text", "write gather-scatter weights as the text files of the public pruning code",
      [](ModuleOp module, raw_ostream &index) { return exportLayers(module, index, flags.folder, writeGSText); },
      registerAll);
  static TranslateFromMLIRRegistration exportNpz(
      "export-npz", "write weights as sparse matrices of SciPy (.npz)",
      [](ModuleOp module, raw_ostream &index) {
        return exportLayers(
            module, index, flags.folder,
            [](const ExchangeLayer &layer, EmitError emitError) -> FailureOr<std::vector<ExchangeFile>> {
              FailureOr<ExchangeFile> file = writeNpz(layer, emitError);
              if (failed(file))
                return failure();
              return std::vector<ExchangeFile>{std::move(*file)};
            });
      },
      registerAll);
  static TranslateFromMLIRRegistration describe(
      "describe-weights", "print each weight's mask, geometry and buffers as JSON", describeWeights, registerAll);
  static TranslateToMLIRRegistration importText(
      "import-gs-text", "read V_<layer>.txt and the files beside it as a gs.constant",
      [](llvm::SourceMgr &sources, MLIRContext *context) { return importLayer(sources, context, flags, readGSText); },
      registerDialects);
  static TranslateToMLIRRegistration importNpz(
      "import-npz", "read a sparse matrix of SciPy (.npz, CSR or BSR) as a gs.constant",
      [](llvm::SourceMgr &sources, MLIRContext *context) { return importLayer(sources, context, flags, readNpz); },
      registerDialects);
}
