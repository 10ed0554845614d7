//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Feeds mutated assembly of all attributes and types of the gs dialect to the
// parser. What parses is printed and parsed again, and asked for its geometry
// and its storage. scripts/fuzz-attributes builds it with sanitizers.
//
//===----------------------------------------------------------------------===//
#include "gs/Dialect/GS/IR/GSDialect.h"
#include "mlir/AsmParser/AsmParser.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include <random>

using namespace mlir;
using namespace mlir::gs;

static llvm::cl::opt<uint64_t> count("count", llvm::cl::desc("Inputs"), llvm::cl::init(1000000));
static llvm::cl::opt<uint64_t> seed("seed", llvm::cl::desc("Seed of the first input"), llvm::cl::init(0));
static llvm::cl::opt<bool> verbose("verbose", llvm::cl::desc("Print every input before it is parsed"));

/// Legal assembly; `%` stands for a type. At least one line for every attribute and type.
static constexpr StringRef seeds[] = {
    "#gs.unstructured",
    "#gs.filter",
    "#gs.channel",
    "#gs.column",
    "#gs.block<4x1>",
    "#gs.block<4x16, view = channel_outer>",
    "#gs.same_block<8x8>",
    "#gs.kernel_group<4x4>",
    "#gs.kernel_group<1x1, balanced>",
    "#gs.kgs<8x4>",
    "#gs.kgs<8x4, locations = 4>",
    "#gs.block_column<16x64>",
    "#gs.block_column<16x64, prune_rows>",
    "#gs.bcr<16x64>",
    "#gs.nm<2 : 4>",
    "#gs.nm<8 : 16, tile = 4x4>",
    "#gs.nm<8 : 16, view = channel_outer>",
    "#gs.tile_4_2<row_column>",
    "#gs.tile_4_2<complement>",
    "#gs.kernel_pattern<entries = 4, patterns = [27, 54, 58, 154], group = 4, connectivity>",
    "#gs.window<6 : 32, rows = 16>",
    "#gs.unified<4x4>",
    "#gs.unified<4x4, view = channel_outer>",
    "#gs.polarized<8>",
    "#gs.polarized<8, view = channel_outer>",
    "#gs.gather_scatter<banks = 16, width = 4>",
    "#gs.gather_scatter<banks = 16, width = 1, unit = 4x1, tile = 256x512>",
    "#gs.permuted<#gs.gather_scatter<banks = 8, width = 1>>",
    "#gs.union<[#gs.block<4x1>, #gs.unstructured]>",
    "#gs.intersection<[#gs.block<16x16>, #gs.tile_4_2<row_column>]>",
    "#gs.intersection<[#gs.block<16x4>, #gs.nm<2 : 4>], multiple = 16>",
    "#gs.strategy<\"dense-tile\", {mr = 8 : i64, nr = 3 : i64}>",
    "#gs.plane<input = [9, 10], strides = [1, 1], phases = [1, 1], extents = [11, 11], pads = [1, 1], size = 144>",
    "%tensor<64x256xf32, #gs.nm<2 : 4>>",
    "%tensor<64x32x3x3xbf16, #gs.kgs<8x4>>",
    "%!gs.compressed<tensor<64x256xf16, #gs.gather_scatter<banks = 16, width = 4>>, layout = joined, index_space = "
    "column, index = i16>",
    "%!gs.compressed<tensor<2x2xf32, #gs.block<2x1>>, index_space = activation, column_block = 4, index = i8>",
    "%!gs.compressed<tensor<37x60xf32>, layout = panels, index_space = activation, index = i32, panel_rows = 8>",
    "%!gs.compressed<tensor<37x60xf32, #gs.unstructured>, layout = lane_windows, index_space = activation, index = "
    "i16, "
    "panel_rows = 16>",
};

/// What parsers look for, and numbers at the edges of types.
static constexpr StringRef tokens[] = {"<",
                                       ">",
                                       "[",
                                       "]",
                                       "{",
                                       "}",
                                       ",",
                                       ":",
                                       "=",
                                       "x",
                                       "-",
                                       "?",
                                       "\"",
                                       " ",
                                       "0",
                                       "1",
                                       "-1",
                                       "2147483647",
                                       "2147483648",
                                       "4294967296",
                                       "9223372036854775807",
                                       "9223372036854775808",
                                       "-9223372036854775808",
                                       "99999999999999999999999",
                                       "0x7fffffffffffffff",
                                       "1.0e308",
                                       "i64",
                                       "f32",
                                       "index",
                                       "none",
                                       "rows",
                                       "cols",
                                       "view",
                                       "tile",
                                       "unit",
                                       "channel_inner",
                                       "channel_outer",
                                       "layout",
                                       "split",
                                       "index_form = quotient",
                                       "#gs.unstructured",
                                       "#gs.block<4x1>",
                                       "tensor<*xf32>",
                                       "tensor<?x8xf32>",
                                       "affine_map<(d0) -> (d0)>",
                                       "loc(unknown)"};

namespace {

class Mutator {
public:
  explicit Mutator(uint64_t number) : random(number) {}

  std::string make() {
    std::string text = seeds[below(std::size(seeds))].str();
    for (size_t i = 0, n = 1 + below(3) * below(2); i < n; ++i)
      mutate(text);
    return text;
  }

private:
  size_t below(size_t n) { return std::uniform_int_distribution<size_t>(0, n - 1)(random); }

  void mutate(std::string &text) {
    size_t at = below(text.size() + 1), length = std::min(below(8) + 1, text.size() - at);
    switch (below(8)) {
    case 0: // a byte
      if (at < text.size())
        text[at] = static_cast<char>(below(256));
      return;
    case 1:
      text.erase(at, length);
      return;
    case 2:
      text.insert(at, text.substr(at, length));
      return;
    case 3:
      text.insert(at, tokens[below(std::size(tokens))].str());
      return;
    case 4: // the end of another one
    {
      StringRef other = seeds[below(std::size(seeds))];
      text = text.substr(0, at) + other.substr(below(other.size())).str();
      return;
    }
    case 5: // another one in the middle
      text.insert(at, seeds[below(std::size(seeds))].ltrim('%').str());
      return;
    case 6: // cut off
      text.resize(at);
      return;
    default: // a number
      replaceNumber(text);
    }
  }

  void replaceNumber(std::string &text) {
    size_t at = text.find_first_of("0123456789", below(text.size() + 1));
    if (at == std::string::npos)
      return;
    size_t end = text.find_first_not_of("0123456789", at);
    std::string number = below(2) ? tokens[14 + below(10)].str() : std::to_string(below(70));
    text.replace(at, (end == std::string::npos ? text.size() : end) - at, number);
  }

  std::mt19937_64 random;
};

} // namespace

static void fail(StringRef text, StringRef what) {
  llvm::errs() << "input: " << text << "\n" << what << "\n";
  std::abort();
}

template <typename T> static std::string print(T value) {
  std::string text;
  llvm::raw_string_ostream(text) << value;
  return text;
}

/// Asks a pattern for what follows from its parameters, on shapes of every rank.
static void ask(MLIRContext &context, PatternAttrInterface pattern) {
  const SmallVector<int64_t> shapes[] = {{1, 1},       {64, 256},       {7, 13},       {16, 8, 5},
                                         {8, 4, 3, 3}, {8, 4, 3, 3, 3}, {65536, 32767}};
  Type f32 = Float32Type::get(&context);
  for (ArrayRef<int64_t> shape : shapes) {
    if (failed(pattern.verifyPattern(shape, f32, nullptr)))
      continue;
    GroupForm form = pattern.getGroupForm(shape);
    form.print(llvm::nulls());
    (void)form.groupHeights(shape.front(), 64);
    (void)pattern.getStorage(shape, f32, 3, Schema());
    if (shape.front() > 1000)
      continue;
    FailureOr<Weight> weight = Weight::zeros(shape, f32, nullptr);
    if (succeeded(weight))
      (void)pattern.verifyMask(*weight, nullptr);
  }
}

/// Whether the input is legal.
static bool check(MLIRContext &context, StringRef text) {
  if (text.consume_front("%")) {
    Type type = parseType(text, &context);
    if (type && parseType(print(type), &context) != type)
      fail(text, "does not survive printing: " + print(type));
    return bool(type);
  }
  Attribute attribute = parseAttribute(text, &context);
  if (!attribute)
    return false;
  if (parseAttribute(print(attribute), &context) != attribute)
    fail(text, "does not survive printing: " + print(attribute));
  if (auto pattern = dyn_cast<PatternAttrInterface>(attribute))
    ask(context, pattern);
  return true;
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  llvm::cl::ParseCommandLineOptions(argc, argv, "Fuzzes the parser of gs attributes and types\n");
  // A context keeps all attributes that ever were; so each has its share of the inputs only.
  constexpr uint64_t perContext = 20000;
  uint64_t legal = 0;
  for (uint64_t begin = 0; begin < count; begin += perContext) {
    MLIRContext context(MLIRContext::Threading::DISABLED);
    context.loadDialect<GSDialect>();
    context.getDiagEngine().registerHandler([](Diagnostic &) { return success(); });
    for (uint64_t i = begin; i < std::min<uint64_t>(begin + perContext, count); ++i) {
      std::string text = Mutator(seed + i).make();
      if (verbose)
        llvm::errs() << "seed " << seed + i << ": " << text << "\n";
      legal += check(context, text);
    }
  }
  llvm::outs() << count << " inputs, " << legal << " legal\n";
  return 0;
}
