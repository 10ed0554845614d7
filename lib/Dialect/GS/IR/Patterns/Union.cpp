//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// #gs.union<[A, B]>: the first term that can hold a weight does.
//
//===----------------------------------------------------------------------===//
#include "../Projections/ProjectionUtils.h"
#include "Composite.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

Attribute UnionAttr::parse(AsmParser &parser, Type) {
  SMLoc loc = parser.getCurrentLocation();
  SmallVector<PatternAttrInterface> terms;
  if (parsePatternList(parser, "CO-C1: a term of a union", terms) || parser.parseGreater())
    return {};
  return parser.getChecked<UnionAttr>(loc, parser.getContext(), ArrayRef<PatternAttrInterface>(terms));
}

void UnionAttr::print(AsmPrinter &printer) const {
  printer << "<[";
  llvm::interleaveComma(getTerms(), printer, [&](PatternAttrInterface term) { printer << term; });
  printer << "]>";
}

LogicalResult UnionAttr::verify(EmitError emitError, ArrayRef<PatternAttrInterface> terms) {
  if (terms.size() < 2)
    return Report(emitError) << "CO-C1: a union needs two terms or more, got " << static_cast<int64_t>(terms.size());
  for (Attribute term : terms) {
    if (isa<UnionAttr>(term))
      return Report(emitError) << "CO-C1: a term of a union cannot be a union; list its terms instead";
    if (isa<PermutedAttr>(term))
      return Report(emitError) << "CO-C1: a term of a union cannot have a row order of its own; use "
                                  "#gs.permuted<#gs.union<...>>";
  }
  return verifyNesting("CO-C1", terms, emitError);
}

/// True for an intersection of which every kept tile has a number of weights that the pattern inside says, so that a
/// tile with more of them contains a mask of it.
static bool isCountedTiles(PatternAttrInterface pattern) {
  auto product = dyn_cast<IntersectionAttr>(Attribute(pattern));
  return product && product.getMultiple() == 1 && isa<NMAttr, WindowAttr, Tile42Attr>(Attribute(product.getInner()));
}

LogicalResult UnionAttr::verifyPattern(ArrayRef<int64_t> shape, Type elementType, EmitError emitError) const {
  if (failed(verifyWeightShape("CO-C1", shape, elementType, emitError)))
    return failure();
  for (PatternAttrInterface term : getTerms())
    if (failed(term.verifyPattern(shape, elementType, emitError)))
      return failure();
  for (PatternAttrInterface term : getTerms().drop_back())
    if (!isTiles(term.getGroupForm(shape)) && !isCountedTiles(term))
      return Report(emitError) << "CO-C1: " << term
                               << " can only be the last term of a union; the terms before it must "
                               << "keep or remove whole tiles (such as #gs.block<4x1>), or keep a number of their "
                               << "weights (such as #gs.intersection<[#gs.block<8x8>, #gs.nm<2 : 4>]>)";
  return success();
}

LogicalResult UnionAttr::verifyEncoding(ArrayRef<int64_t> shape, Type elementType, EmitError emitError) const {
  return verifyPattern(shape, elementType, emitError);
}

GroupForm UnionAttr::getGroupForm(ArrayRef<int64_t> shape) const {
  GroupForm form = opaqueForm(getTerms(), shape);
  form.sharedRows = commonSharedRows(getTerms(), shape);
  int64_t most = 1;
  for (PatternAttrInterface term : getTerms()) {
    GroupForm part = term.getGroupForm(shape);
    most = std::max({most, part.sharedRows, part.stripRows});
  }
  if (most > form.sharedRows)
    form.stripRows = most;
  return form;
}

SmallVector<StorageField> UnionAttr::getStorage(ArrayRef<int64_t> shape, Type elementType, int64_t numGroups,
                                                const Schema &schema) const {
  return compositeStorage(*compositeOf(*this, shape), shape, elementType, numGroups, schema);
}

/// Moves the kept weight (row, col) from one weight to another.
static void moveWeight(Weight &from, Weight &to, int64_t row, int64_t col) {
  std::swap(from.mask[row * from.cols + col], to.mask[row * to.cols + col]);
  copyElement(to.valueAt(row, col), from.valueAt(row, col), from.elementBytes);
  std::memset(from.valueAt(row, col), 0, from.elementBytes);
}

/// The mask of `pattern` in a tile of a weight that the kept weights contain, the lowest positions first; nothing if
/// there is none.
static std::optional<std::vector<uint8_t>> maskWithin(PatternAttrInterface pattern, const Weight &weight,
                                                      ArrayRef<int64_t> rows, ArrayRef<int64_t> columns) {
  Weight tile = partOf(weight, rows, columns);
  std::vector<double> scores(tile.mask.begin(), tile.mask.end());
  for (double &score : scores)
    score = score > 0 ? 1 : -1; // what is not kept must not stay
  ProjectOptions options;
  options.scores = scores;
  FailureOr<Projection> part = cast<ProjectionAttrInterface>(pattern).project(tile, options, nullptr);
  if (failed(part))
    return std::nullopt;
  return std::move(part->weight.mask);
}

std::vector<Weight> mlir::gs::detail::splitUnion(UnionAttr sum, const Weight &weight) {
  Weight rest = weight, none = weight;
  std::fill(none.mask.begin(), none.mask.end(), 0);
  std::fill(none.values.begin(), none.values.end(), 0);
  std::vector<Weight> parts;
  for (PatternAttrInterface term : sum.getTerms().drop_back()) {
    Weight &part = parts.emplace_back(none);
    auto product = dyn_cast<IntersectionAttr>(Attribute(term));
    PatternAttrInterface tiles = product ? product.getOuter() : term;
    TileGrid grid = tileGrid(tiles.getGroupForm(shapeOf(weight)), rest);
    for (int64_t bundle = 0; bundle < grid.numBundles(); ++bundle) {
      SmallVector<int64_t> rows = grid.rows(bundle);
      grid.forEachKeptTile(rows, [&](int64_t tile, int64_t count) {
        ArrayRef<int64_t> columns = grid.columns(tile);
        std::optional<std::vector<uint8_t>> taken;
        if (product)
          taken = maskWithin(product.getInner(), rest, rows, columns);
        else if (count == static_cast<int64_t>(rows.size() * columns.size()))
          taken.emplace(count, 1);
        if (!taken)
          return;
        for (auto [i, row] : llvm::enumerate(rows))
          for (auto [j, col] : llvm::enumerate(columns))
            if ((*taken)[i * columns.size() + j])
              moveWeight(rest, part, row, col);
      });
    }
  }
  parts.push_back(std::move(rest));
  return parts;
}

LogicalResult UnionAttr::verifyMask(const Weight &weight, EmitError emitError) const {
  if (failed(checkInput(weight, Schema(), emitError)))
    return failure();
  for (auto [term, part] : llvm::zip_equal(getTerms(), splitUnion(*this, weight)))
    if (failed(term.verifyMask(part, emitError)))
      return failure();
  return success();
}

FailureOr<std::vector<Buffer>> UnionAttr::pack(const Weight &weight, const Schema &schema, EmitError emitError) const {
  if (failed(checkInput(weight, schema, emitError)) ||
      failed(verifySchema(getGroupForm(shapeOf(weight)), weight.elementType, schema, emitError)))
    return failure();
  std::vector<Buffer> result;
  std::vector<Weight> parts = splitUnion(*this, weight);
  Composite composite = *compositeOf(*this, shapeOf(weight));
  for (auto &&[term, part] : llvm::zip_equal(composite.terms, parts)) {
    FailureOr<std::vector<Buffer>> buffers = term.second.pack(part, schema, emitError);
    if (failed(buffers))
      return failure();
    for (Buffer &buffer : *buffers) {
      buffer.name = term.first + buffer.name;
      result.push_back(std::move(buffer));
    }
  }
  return result;
}

FailureOr<Weight> UnionAttr::unpack(ArrayRef<int64_t> shape, Type elementType, ArrayRef<Buffer> buffers,
                                    const Schema &schema, EmitError emitError) const {
  FailureOr<Weight> weight = Weight::zeros(shape, elementType, emitError);
  if (failed(weight) || failed(verifyBuffers(*this, shape, elementType, schema, buffers, emitError)))
    return failure();
  Composite composite = *compositeOf(*this, shape);
  for (auto &[prefix, term] : composite.terms) {
    std::vector<Buffer> own;
    for (const Buffer &buffer : buffers)
      if (StringRef(buffer.name).starts_with(prefix)) {
        own.push_back(buffer);
        own.back().name.erase(0, prefix.size());
      }
    FailureOr<Weight> part = term.unpack(shape, elementType, own, schema, emitError);
    if (failed(part))
      return failure();
    for (int64_t row = 0; row < weight->rows; ++row)
      for (int64_t col = 0; col < weight->cols; ++col) {
        if (!part->kept(row, col))
          continue;
        if (weight->kept(row, col))
          return Report(emitError) << "CO-C1: row " << row << ", column " << col << " belongs to two terms";
        moveWeight(*part, *weight, row, col);
      }
  }
  return weight;
}
