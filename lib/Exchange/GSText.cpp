//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The GS text export of the public pruning code: values and columns of every
// group, and counts per bundle, as decimal text.
//
//===----------------------------------------------------------------------===//
#include "gs/Dialect/GS/IR/Patterns.h"
#include "gs/Exchange/Exchange.h"
#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace mlir::gs;

//===----------------------------------------------------------------------===//
// Numbers
//===----------------------------------------------------------------------===//

/// Reads a decimal number as an element of `type` (a storable one). False if it is none, or does not fit.
static bool parseElement(StringRef text, Type type, char *element) {
  uint64_t bits;
  if (auto floating = dyn_cast<FloatType>(type)) {
    llvm::APFloat value(floating.getFloatSemantics());
    auto status = value.convertFromString(text, llvm::APFloat::rmNearestTiesToEven);
    if (!status) {
      llvm::consumeError(status.takeError());
      return false;
    }
    if (*status & llvm::APFloat::opOverflow)
      return false;
    bits = value.bitcastToAPInt().getZExtValue();
  } else {
    int64_t value;
    if (text.getAsInteger(10, value) || !llvm::isIntN(type.getIntOrFloatBitWidth(), value))
      return false;
    bits = static_cast<uint64_t>(value);
  }
  for (unsigned byte = 0; byte < type.getIntOrFloatBitWidth() / 8; ++byte)
    element[byte] = static_cast<char>(bits >> (8 * byte));
  return true;
}

/// Prints an element so that it reads back as the same.
static void printElement(const char *element, Type type, raw_ostream &os) {
  unsigned width = type.getIntOrFloatBitWidth();
  uint64_t bits = 0;
  for (unsigned byte = 0; byte < width / 8; ++byte)
    bits |= static_cast<uint64_t>(static_cast<uint8_t>(element[byte])) << (8 * byte);
  if (!isa<FloatType>(type)) {
    os << llvm::SignExtend64(bits, width);
    return;
  }
  llvm::APFloat value(cast<FloatType>(type).getFloatSemantics(), llvm::APInt(width, bits));
  if (value.isNaN())
    os << "nan";
  else if (value.isInfinity())
    os << (value.isNegative() ? "-inf" : "inf");
  else if (width == 64)
    os << llvm::format("%.17g", value.convertToDouble());
  else
    os << llvm::format("%.9g", value.convertToDouble());
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

/// The GS pattern of a weight, permuted or not; null for another one.
static GatherScatterAttr patternOf(RankedTensorType type) {
  Attribute pattern = type.getEncoding();
  if (auto permuted = dyn_cast<PermutedAttr>(pattern))
    pattern = permuted.getPattern();
  return dyn_cast<GatherScatterAttr>(pattern);
}

FailureOr<std::vector<ExchangeFile>> gs::writeGSText(const ExchangeLayer &layer, EmitError emitError) {
  GatherScatterAttr pattern = patternOf(layer.type);
  if (!pattern || pattern.getTileRows() || pattern.getUnitRows() * pattern.getUnitCols() != 1) {
    emitError() << "layer '" << layer.name << "': the GS text export holds #gs.gather_scatter without units and tiles, "
                << "permuted or not, but the weight is " << layer.type.getEncoding() << "; use --export-npz";
    return failure();
  }
  const Weight &weight = layer.weight;
  FailureOr<std::vector<Buffer>> buffers = pattern.pack(weight, Schema(), emitError);
  if (failed(buffers))
    return failure();
  auto find = [&](StringRef name) -> const Buffer & {
    return *llvm::find_if(*buffers, [&](const Buffer &buffer) { return buffer.name == name; });
  };
  const std::vector<char> &values = find("values").data, &indices = find("indices").data,
                          &offsets = find("offsets").data;
  auto number = [](const std::vector<char> &data, int64_t i) {
    return static_cast<int64_t>(llvm::support::endian::read32le(data.data() + 4 * i));
  };
  std::string text, counts, running;
  llvm::raw_string_ostream textOS(text), countsOS(counts), runningOS(running);
  const int64_t banks = pattern.getBanks();
  for (int64_t group = 0, groups = find("values").shape[0]; group < groups; ++group) {
    for (int64_t lane = 0; lane < banks; ++lane) {
      printElement(values.data() + (group * banks + lane) * weight.elementBytes, weight.elementType, textOS);
      textOS << ' ';
    }
    textOS << '\n';
    for (int64_t lane = 0; lane < banks; ++lane)
      textOS << number(indices, group * banks + lane) << ' ';
    textOS << '\n';
  }
  for (raw_ostream *os : {&countsOS, &runningOS})
    *os << weight.rows << ' ' << weight.cols << '\n' << banks << '\n' << pattern.getWidth() << '\n';
  for (int64_t bundle = 1, end = find("offsets").shape[0]; bundle < end; ++bundle) {
    countsOS << number(offsets, bundle) - number(offsets, bundle - 1) << ' ';
    runningOS << number(offsets, bundle) << ' ';
  }
  std::vector<ExchangeFile> files = {{"V_" + layer.name + ".txt", std::move(text)},
                                     {"PTR_" + layer.name + "_cmf.txt", std::move(running)},
                                     {"PTR_" + layer.name + ".txt", std::move(counts)}};
  if (isa<PermutedAttr>(layer.type.getEncoding())) {
    ExchangeFile order{"ROW_" + layer.name + ".txt", {}};
    llvm::raw_string_ostream os(order.contents);
    for (int64_t position = 0; position < weight.rows; ++position)
      os << weight.rowAt(position) << ' ';
    files.push_back(std::move(order));
  }
  return files;
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

namespace {
/// Words of a text with their places.
class Words {
public:
  Words(StringRef path, StringRef text, MLIRContext *context) : path(path), text(text), context(context) {}

  /// A diagnostic at the last word, or where the text ends.
  InFlightDiagnostic error() { return emitError(FileLineColLoc::get(context, path, line, column)); }
  /// Next word; empty at the end.
  StringRef next() {
    skipBlanks();
    line = nextLine;
    column = static_cast<unsigned>(at - lineBegin) + 1;
    size_t end = std::min(text.find_first_of(" \t\r\n\v\f", at), text.size());
    StringRef word = text.slice(at, end);
    at = end;
    return word;
  }
  bool atEnd() {
    skipBlanks();
    return at == text.size();
  }
  /// True if the next word is on a line of its own after the last one.
  bool atNewLine() {
    skipBlanks();
    return at == text.size() || nextLine != line;
  }
  /// Next word as a number from 0 to 2^31 - 1.
  FailureOr<int64_t> number(const Twine &what) {
    StringRef word = next();
    int64_t value;
    if (word.empty())
      return error() << "the file ends, expected " << what.str();
    if (word.getAsInteger(10, value) || value < 0 || value > INT32_MAX)
      return error() << "'" << word << "' is not " << what.str() << ", a number from 0 to 2^31 - 1";
    return value;
  }

private:
  void skipBlanks() {
    for (; at < text.size() && llvm::isSpace(text[at]); ++at)
      if (text[at] == '\n') {
        ++nextLine;
        lineBegin = at + 1;
      }
  }

  StringRef path, text;
  MLIRContext *context;
  size_t at = 0, lineBegin = 0;
  unsigned line = 1, nextLine = 1, column = 1;
};

/// What a PTR file says.
struct Counts {
  int64_t rows, cols, banks, width;
  std::vector<int64_t> groups; ///< of each bundle
};
} // namespace

/// Contents of a file beside `path`; null if there is none.
static std::unique_ptr<llvm::MemoryBuffer> openBeside(StringRef path, const Twine &name, std::string &full) {
  SmallString<128> other(llvm::sys::path::parent_path(path));
  llvm::sys::path::append(other, name);
  full = other.str().str();
  auto file = llvm::MemoryBuffer::getFile(other, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  return file ? std::move(*file) : nullptr;
}

static FailureOr<Counts> readCounts(Words words, bool running) {
  Counts counts;
  for (auto [field, what] : {std::pair{&counts.rows, "M, the number of rows"},
                             {&counts.cols, "K, the number of columns"},
                             {&counts.banks, "B, the weights of a group"},
                             {&counts.width, "k, those of a row"}}) {
    FailureOr<int64_t> number = words.number(what);
    if (failed(number))
      return failure();
    if (*number == 0)
      return words.error() << "0 is not " << what << "; it must be positive";
    *field = *number;
  }
  if (counts.banks % counts.width)
    return words.error() << "GS-C1: width must divide banks, but " << counts.banks << " mod " << counts.width << " = "
                         << counts.banks % counts.width;
  int64_t bundleRows = counts.banks / counts.width, bundles = (counts.rows + bundleRows - 1) / bundleRows, last = 0;
  for (int64_t bundle = 0; bundle < bundles; ++bundle) {
    FailureOr<int64_t> number =
        words.number((running ? "the running count of groups of bundle " : "the groups of bundle ") + Twine(bundle) +
                     " of " + Twine(bundles));
    if (failed(number))
      return failure();
    if (running && *number < last)
      return words.error() << "running count " << *number << " of bundle " << bundle << " is less than " << last
                           << " before it";
    counts.groups.push_back(running ? *number - std::exchange(last, *number) : *number);
  }
  if (!words.atEnd()) {
    StringRef word = words.next();
    return words.error() << "'" << word << "' after the counts of all " << bundles
                         << " bundles; the public exporter appends to files that exist";
  }
  return counts;
}

/// Both PTR files have to agree where both exist.
static FailureOr<Counts> readCountFiles(StringRef path, StringRef name, MLIRContext *context) {
  std::string runningPath, countsPath;
  auto running = openBeside(path, "PTR_" + name + "_cmf.txt", runningPath);
  auto counts = openBeside(path, "PTR_" + name + ".txt", countsPath);
  if (!running && !counts)
    return emitError(FileLineColLoc::get(context, path, 1, 1))
           << "there is neither " << runningPath << " nor " << countsPath << ", which say the shape and the groups";
  FailureOr<Counts> result = failure(), other = failure();
  if (running && failed(result = readCounts(Words(runningPath, running->getBuffer(), context), true)))
    return failure();
  if (counts && failed(other = readCounts(Words(countsPath, counts->getBuffer(), context), false)))
    return failure();
  if (!running)
    return other;
  if (counts && (result->rows != other->rows || result->cols != other->cols || result->banks != other->banks ||
                 result->width != other->width || result->groups != other->groups))
    return emitError(FileLineColLoc::get(context, countsPath, 1, 1))
           << "contradicts " << runningPath << "; remove the wrong one";
  return result;
}

/// The order of rows beside the values, if there is one; empty if there is none.
static LogicalResult readRowOrder(StringRef path, StringRef name, int64_t rows, SmallVector<int64_t> &order,
                                  MLIRContext *context) {
  std::string orderPath;
  auto file = openBeside(path, "ROW_" + name + ".txt", orderPath);
  if (!file)
    return success();
  Words words(orderPath, file->getBuffer(), context);
  std::vector<bool> seen;
  for (int64_t position = 0; position < rows; ++position) {
    FailureOr<int64_t> row = words.number("the row at position " + Twine(position) + " of " + Twine(rows));
    if (failed(row))
      return failure();
    seen.resize(rows);
    if (*row >= rows || seen[*row])
      return words.error() << "CO-C3: row " << *row << " at position " << position
                           << (*row >= rows ? " is none of the weight" : " stands there twice");
    seen[*row] = true;
    order.push_back(*row);
  }
  if (!words.atEnd()) {
    StringRef word = words.next();
    return words.error() << "'" << word << "' after the " << rows << " rows of the weight";
  }
  return success();
}

FailureOr<ExchangeLayer> gs::readGSText(StringRef path, StringRef values, const ExchangeOptions &options,
                                        MLIRContext *context) {
  Words words(path, values, context);
  StringRef name = llvm::sys::path::filename(path);
  if (!name.consume_front("V_") || !name.consume_back(".txt"))
    return words.error() << "the values of a layer lie in V_<layer>.txt, with PTR_<layer>_cmf.txt beside it";
  FailureOr<Counts> counts = readCountFiles(path, name, context);
  if (failed(counts))
    return failure();
  ExchangeLayer layer;
  layer.name = name.str();
  SmallVector<int64_t> order;
  auto report = [&] { return words.error(); };
  auto pattern = GatherScatterAttr::getChecked(report, context, counts->banks, counts->width, int64_t(1), int64_t(1),
                                               int64_t(0), int64_t(0));
  if (!pattern)
    return failure();
  SmallVector<int64_t> shape = options.shape;
  if (shape.empty())
    shape = {counts->rows, counts->cols};
  int64_t cols = 1;
  for (int64_t extent : ArrayRef<int64_t>(shape).drop_front())
    cols = llvm::SaturatingMultiply<uint64_t>(cols, extent) > INT32_MAX ? INT32_MAX : cols * extent;
  if (shape.front() != counts->rows || cols != counts->cols)
    return words.error() << "--exchange-shape: " << shape.front() << " rows of " << cols
                         << " weights, but the file has " << counts->rows << " rows of " << counts->cols;
  Type elementType = options.elementType ? options.elementType : Float32Type::get(context);
  FailureOr<Weight> weight = Weight::zeros(shape, elementType, report);
  if (failed(weight) || failed(readRowOrder(path, name, counts->rows, order, context)))
    return failure();
  weight->rowOrder = order;

  const int64_t banks = counts->banks, width = counts->width, bundleRows = banks / width;
  std::vector<char> lanes(banks * weight->elementBytes);
  for (int64_t bundle = 0, end = counts->groups.size(); bundle < end; ++bundle)
    for (int64_t group = 0; group < counts->groups[bundle]; ++group) {
      auto where = [&] { return (" of group " + Twine(group) + " of bundle " + Twine(bundle)).str(); };
      auto endLine = [&](StringRef what) -> LogicalResult {
        if (words.atNewLine())
          return success();
        (void)words.next();
        return words.error() << "GS-C4: more than " << banks << " " << what << where();
      };
      for (int64_t lane = 0; lane < banks; ++lane) {
        if (lane ? words.atNewLine() : words.atEnd()) {
          (void)words.next();
          return words.error() << "GS-C4: the line ends after " << lane << " values" << where() << ", expected "
                               << banks;
        }
        StringRef word = words.next();
        if (!parseElement(word, elementType, lanes.data() + lane * weight->elementBytes))
          return words.error() << "'" << word << "' is no value of type " << elementType
                               << "; --exchange-element names another type";
      }
      if (failed(endLine("values")))
        return failure();
      for (int64_t lane = 0; lane < banks; ++lane) {
        if (lane ? words.atNewLine() : words.atEnd()) {
          (void)words.next();
          return words.error() << "GS-C4: the line ends after " << lane << " columns" << where() << ", expected "
                               << banks;
        }
        FailureOr<int64_t> col = words.number("the column of lane " + Twine(lane) + where());
        if (failed(col))
          return failure();
        const char *value = lanes.data() + lane * weight->elementBytes;
        int64_t position = bundle * bundleRows + lane / width;
        if (position >= counts->rows) {
          // A lane of an absent row. Its column means nothing; the public exporter writes K.
          if (std::any_of(value, value + weight->elementBytes, [](char byte) { return byte; }))
            return words.error() << "GS-C2: lane " << lane << where() << " has a weight, but the bundle has only "
                                 << counts->rows - bundle * bundleRows << " rows";
          continue;
        }
        if (*col >= counts->cols)
          return words.error() << "GS-C4: lane " << lane << where() << " names column " << *col << " of "
                               << counts->cols << (*col == counts->cols ? ", so the exporter left it unfilled" : "");
        int64_t row = weight->rowAt(position);
        if (weight->kept(row, *col))
          return words.error() << "GS-C3: row " << row << ", column " << *col << " stands there twice, again in lane "
                               << lane << where();
        weight->mask[row * weight->cols + *col] = 1;
        std::copy(value, value + weight->elementBytes, weight->valueAt(row, *col));
      }
      if (failed(endLine("columns")))
        return failure();
    }
  if (!words.atEnd()) {
    StringRef word = words.next();
    return words.error() << "'" << word << "' after the last group; the public exporter appends to files that exist";
  }
  Attribute encoding = pattern;
  if (!order.empty())
    encoding = PermutedAttr::get(pattern);
  layer.type = RankedTensorType::getChecked(report, shape, elementType, encoding);
  if (!layer.type || failed(cast<PatternAttrInterface>(encoding).verifyMask(*weight, report)))
    return failure();
  layer.weight = std::move(*weight);
  return layer;
}
