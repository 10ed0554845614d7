//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// SciPy's sparse matrices: CSR and BSR in .npz.
//
//===----------------------------------------------------------------------===//
#include "Archive.h"
#include "gs/Dialect/GS/IR/Patterns.h"
#include "gs/Exchange/Exchange.h"
#include "mlir/AsmParser/AsmParser.h"
#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

/// bfloat16 has no type in NumPy; its values are exact in float32.
static void widen(const char *bf16, char *f32) {
  f32[0] = f32[1] = 0;
  f32[2] = bf16[0];
  f32[3] = bf16[1];
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

/// Extents of the blocks if the weight is one of BSR: whole blocks of the channel-inner view in the rows' own order.
static std::pair<int64_t, int64_t> blockOf(const ExchangeLayer &layer) {
  auto block = dyn_cast<BlockAttr>(layer.type.getEncoding());
  if (!block || block.getOuter() || layer.weight.rows % block.getRows() || layer.weight.cols % block.getCols())
    return {0, 0};
  return {block.getRows(), block.getCols()};
}

FailureOr<ExchangeFile> gs::writeNpz(const ExchangeLayer &layer, EmitError emitError) {
  const Weight &weight = layer.weight;
  auto [blockRows, blockCols] = blockOf(layer);
  const bool blocks = blockRows != 0;
  const int64_t height = blocks ? blockRows : 1, across = blocks ? blockCols : 1;
  const bool wide = weight.elementType.isBF16();
  const unsigned bytes = wide ? 4 : weight.elementBytes;

  Array data{"data", isa<FloatType>(weight.elementType) ? 'f' : 'i', bytes, {}, {}};
  SmallVector<int64_t> indices, starts = {0};
  for (int64_t top = 0; top < weight.rows; top += height) {
    for (int64_t left = 0; left < weight.cols; left += across) {
      if (!weight.kept(top, left))
        continue;
      indices.push_back(left / across);
      for (int64_t row = top; row < top + height; ++row)
        for (int64_t col = left; col < left + across; ++col) {
          char element[4];
          if (wide)
            widen(weight.valueAt(row, col), element);
          data.data.append(wide ? element : weight.valueAt(row, col), bytes);
        }
    }
    starts.push_back(static_cast<int64_t>(indices.size()));
  }
  int64_t stored = indices.size();
  if (data.data.size() > 0xf0000000)
    return emitError() << "layer '" << layer.name << "' has " << data.data.size()
                       << " bytes of weights, more than the 4 GiB of an archive";
  data.shape = {stored};
  if (blocks)
    data.shape.append({blockRows, blockCols});
  std::string pattern;
  llvm::raw_string_ostream(pattern) << layer.type.getEncoding();
  std::vector<Array> arrays = {Array::ofIntegers("indices", {stored}, indices, 4),
                               Array::ofIntegers("indptr", {static_cast<int64_t>(starts.size())}, starts, 4),
                               Array::ofText("format", blocks ? "bsr" : "csr"),
                               Array::ofIntegers("shape", {2}, {weight.rows, weight.cols}, 8),
                               std::move(data),
                               Array::ofText("gs_pattern", pattern),
                               Array::ofIntegers("gs_shape", {layer.type.getRank()}, layer.type.getShape(), 8)};
  if (wide)
    arrays.push_back(Array::ofText("gs_element", "bf16"));
  if (!weight.rowOrder.empty())
    arrays.push_back(
        Array::ofIntegers("gs_row_order", {static_cast<int64_t>(weight.rowOrder.size())}, weight.rowOrder, 8));
  return ExchangeFile{layer.name + ".npz", writeArchive(arrays)};
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

namespace {
/// The arrays of one file, and what is wrong with them.
class NpzReader {
public:
  NpzReader(StringRef path, MLIRContext *context) : path(path), context(context) {}

  InFlightDiagnostic error() { return emitError(UnknownLoc::get(context)) << "'" << path << "' "; }
  FailureOr<ExchangeLayer> read(StringRef contents, const ExchangeOptions &options);

private:
  /// An array that must be there; null after a diagnostic.
  const Array *find(StringRef name) {
    if (const Array *array = lookup(name))
      return array;
    error() << "has no array '" << name << "'; it must be written by scipy.sparse.save_npz";
    return nullptr;
  }
  const Array *lookup(StringRef name) const {
    auto array = llvm::find_if(arrays, [&](const Array &array) { return array.name == name; });
    return array == arrays.end() ? nullptr : &*array;
  }
  /// A vector of integers; all extents of `count` >= 0 elements.
  FailureOr<SmallVector<int64_t>> integers(StringRef name, int64_t count = -1) {
    const Array *array = find(name);
    if (!array)
      return failure();
    if ((array->kind != 'i' && array->kind != 'u') || array->bytes > 8 || array->shape.size() != 1 ||
        (count >= 0 && array->size() != count)) {
      InFlightDiagnostic diagnostic = error();
      diagnostic << "has an array '" << name << "' that is no vector of ";
      if (count >= 0)
        diagnostic << count << " ";
      return diagnostic << "integers";
    }
    SmallVector<int64_t> values;
    for (int64_t i = 0, e = array->size(); i < e; ++i)
      values.push_back(array->integer(i));
    return values;
  }
  FailureOr<Type> elementType(const Array &data);
  LogicalResult fill(Weight &weight, const Array &data, bool blocks);

  StringRef path;
  MLIRContext *context;
  std::vector<Array> arrays;
};
} // namespace

FailureOr<Type> NpzReader::elementType(const Array &data) {
  if (const Array *name = lookup("gs_element")) {
    if (name->text() != "bf16" || data.kind != 'f' || data.bytes != 4)
      return error() << "has gs_element '" << name->text() << "', expected 'bf16' beside float32 data";
    return Type(BFloat16Type::get(context));
  }
  if (data.kind == 'f' && data.bytes == 2)
    return Type(Float16Type::get(context));
  if (data.kind == 'f' && data.bytes == 4)
    return Type(Float32Type::get(context));
  if (data.kind == 'f' && data.bytes == 8)
    return Type(Float64Type::get(context));
  if (data.kind == 'i' && data.bytes <= 4)
    return Type(IntegerType::get(context, 8 * data.bytes));
  return error() << "has data of NumPy's type '" << std::string(1, data.kind) << static_cast<int>(data.bytes)
                 << "'; a weight is of float16, float32, float64, int8, int16 or int32: convert it with astype";
}

/// Entries of CSR, or blocks of BSR, into the weight.
LogicalResult NpzReader::fill(Weight &weight, const Array &data, bool blocks) {
  if (data.shape.size() != (blocks ? 3u : 1u))
    return error() << "has data of rank " << data.shape.size() << ", expected " << (blocks ? 3 : 1);
  const int64_t height = blocks ? data.shape[1] : 1, across = blocks ? data.shape[2] : 1;
  if (height < 1 || across < 1 || weight.rows % height || weight.cols % across)
    return error() << "has blocks of " << height << "x" << across << " that do not divide its " << weight.rows
                   << " rows and " << weight.cols << " columns";
  FailureOr<SmallVector<int64_t>> starts = integers("indptr", weight.rows / height + 1);
  if (failed(starts))
    return failure();
  FailureOr<SmallVector<int64_t>> indices = integers("indices", data.shape[0]);
  if (failed(indices))
    return failure();
  if (starts->front() != 0 || starts->back() != data.shape[0] || !llvm::is_sorted(*starts))
    return error() << "has an indptr that does not rise from 0 to the " << data.shape[0] << " stored entries";
  const bool narrow = weight.elementType.isBF16();
  for (int64_t bundle = 0; bundle + 1 < static_cast<int64_t>(starts->size()); ++bundle)
    for (int64_t entry = (*starts)[bundle]; entry < (*starts)[bundle + 1]; ++entry) {
      int64_t index = (*indices)[entry];
      if (index < 0 || index >= weight.cols / across)
        return error() << "has index " << index << " of entry " << entry << ", expected less than "
                       << weight.cols / across;
      if (weight.kept(bundle * height, index * across))
        return error() << "has column " << index << " twice in row " << bundle << (blocks ? " of blocks" : "")
                       << "; call sum_duplicates() before save_npz";
      const char *from = data.data.data() + entry * height * across * data.bytes;
      for (int64_t row = bundle * height; row < (bundle + 1) * height; ++row)
        for (int64_t col = index * across; col < (index + 1) * across; ++col, from += data.bytes) {
          weight.mask[row * weight.cols + col] = 1;
          if (narrow && (from[0] || from[1]))
            return error() << "has a value at row " << row << ", column " << col << " that is no bf16";
          std::copy_n(narrow ? from + 2 : from, weight.elementBytes, weight.valueAt(row, col));
        }
    }
  return success();
}

FailureOr<ExchangeLayer> NpzReader::read(StringRef contents, const ExchangeOptions &options) {
  auto report = [&] { return error(); };
  FailureOr<std::vector<Array>> found =
      readArchive(contents, [&](const Twine &what) -> LogicalResult { return error() << what.str(); });
  if (failed(found))
    return failure();
  arrays = std::move(*found);
  const Array *format = find("format");
  if (!format)
    return failure();
  std::string kind = format->text();
  if (kind != "csr" && kind != "bsr") {
    std::string printable;
    llvm::raw_string_ostream(printable).write_escaped(kind);
    return error() << "is a matrix of format '" << printable << "'; convert it with tocsr() or tobsr()";
  }
  const bool blocks = kind == "bsr";
  FailureOr<SmallVector<int64_t>> matrix = integers("shape", 2);
  if (failed(matrix))
    return failure();
  const Array *data = find("data");
  if (!data)
    return failure();
  FailureOr<Type> type = elementType(*data);
  if (failed(type))
    return failure();

  SmallVector<int64_t> shape = options.shape;
  if (shape.empty() && lookup("gs_shape")) {
    FailureOr<SmallVector<int64_t>> own = integers("gs_shape");
    if (failed(own))
      return failure();
    shape = *own;
  }
  if (shape.empty())
    shape = *matrix;
  if (failed(verifyWeightShape("weight", shape, *type, report)))
    return failure();
  if (int64_t cols = ShapedType::getNumElements(ArrayRef<int64_t>(shape).drop_front());
      shape.front() != (*matrix)[0] || cols != (*matrix)[1])
    return error() << "is a matrix of " << (*matrix)[0] << "x" << (*matrix)[1] << ", which is no tensor of "
                   << llvm::join(llvm::map_range(shape, [](int64_t extent) { return std::to_string(extent); }), "x")
                   << (options.shape.empty() ? " (gs_shape)" : " (--exchange-shape)");
  ExchangeLayer layer;
  layer.name = llvm::sys::path::stem(path).str();
  FailureOr<Weight> weight = Weight::zeros(shape, *type, report);
  if (failed(weight) || failed(fill(*weight, *data, blocks)))
    return failure();
  Attribute pattern = UnstructuredAttr::get(context);
  if (blocks && !(pattern = BlockAttr::getChecked(report, context, data->shape[1], data->shape[2], false)))
    return failure();
  if (const Array *own = lookup("gs_pattern")) {
    // The parser's words name a column of a text that nobody sees; ours name the file.
    Attribute parsed;
    {
      ScopedDiagnosticHandler silent(context, [](Diagnostic &) { return success(); });
      parsed = parseAttribute(own->text(), context);
    }
    pattern = dyn_cast_if_present<PatternAttrInterface>(parsed);
    if (!pattern) {
      std::string printable;
      llvm::raw_string_ostream(printable).write_escaped(own->text());
      return error() << "has gs_pattern '" << printable << "', which is no pattern";
    }
  }
  if (lookup("gs_row_order")) {
    FailureOr<SmallVector<int64_t>> order = integers("gs_row_order");
    if (failed(order))
      return failure();
    if (!cast<PatternAttrInterface>(pattern).getGroupForm(shape).rowOrder)
      return error() << "CO-C3: has a gs_row_order, but " << pattern << " keeps rows where they are";
    weight->rowOrder = *order;
  }
  layer.type = RankedTensorType::getChecked(report, shape, *type, pattern);
  if (!layer.type || failed(cast<PatternAttrInterface>(pattern).verifyMask(*weight, report)))
    return failure();
  layer.weight = std::move(*weight);
  return layer;
}

FailureOr<ExchangeLayer> gs::readNpz(StringRef path, StringRef contents, const ExchangeOptions &options,
                                     MLIRContext *context) {
  return NpzReader(path, context).read(contents, options);
}
