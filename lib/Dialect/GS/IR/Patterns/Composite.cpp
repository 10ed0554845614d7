//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What patterns made of patterns share.
//
//===----------------------------------------------------------------------===//
#include "Composite.h"
#include "GatherScatterGrid.h"
#include <numeric>

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

std::optional<Composite> mlir::gs::detail::compositeOf(PatternAttrInterface pattern, ArrayRef<int64_t> shape) {
  Composite composite;
  if (auto sum = dyn_cast<UnionAttr>(Attribute(pattern))) {
    for (auto [number, term] : llvm::enumerate(sum.getTerms()))
      composite.terms.emplace_back(std::to_string(number) + "_", term);
    return composite;
  }
  if (auto permuted = dyn_cast<PermutedAttr>(Attribute(pattern))) {
    composite.terms.emplace_back("", permuted.getPattern());
    StorageField order = {"row_order", {shape[0]}, IntegerType::get(pattern.getContext(), 32)};
    if (int64_t tiles = columnTilesOf(permuted.getPattern(), shape).size(); tiles > 1)
      order.shape.insert(order.shape.begin(), tiles);
    composite.own.push_back(std::move(order));
    return composite;
  }
  return std::nullopt;
}

SmallVector<StorageField> mlir::gs::detail::compositeStorage(const Composite &composite, ArrayRef<int64_t> shape,
                                                             Type elementType, int64_t numGroups,
                                                             const Schema &schema) {
  SmallVector<StorageField> result;
  for (auto &[prefix, term] : composite.terms)
    for (StorageField &field : term.getStorage(shape, elementType, numGroups, schema)) {
      field.name = prefix + field.name;
      result.push_back(std::move(field));
    }
  llvm::append_range(result, composite.own);
  return result;
}

ParseResult mlir::gs::detail::parsePattern(AsmParser &parser, StringRef what, PatternAttrInterface &pattern) {
  SMLoc loc = parser.getCurrentLocation();
  Attribute attribute;
  if (parser.parseAttribute(attribute))
    return failure();
  pattern = dyn_cast<PatternAttrInterface>(attribute);
  if (!pattern)
    return parser.emitError(loc) << what << " needs a sparsity pattern, not " << attribute;
  return success();
}

ParseResult mlir::gs::detail::parsePatternList(AsmParser &parser, StringRef what,
                                               SmallVectorImpl<PatternAttrInterface> &patterns) {
  auto parseOne = [&] { return parsePattern(parser, what, patterns.emplace_back()); };
  return failure(parser.parseLess() || parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, parseOne));
}

GroupForm mlir::gs::detail::opaqueForm(ArrayRef<PatternAttrInterface> terms, ArrayRef<int64_t> shape) {
  GroupForm form;
  for (PatternAttrInterface term : terms) {
    View view = term.getGroupForm(shape).view;
    form.view = form.view == View::Any ? view : form.view;
  }
  form.support = Support::Dictionary;
  form.outer = Outer::Offsets;
  form.indexBuffer = "";
  return form;
}

int64_t mlir::gs::detail::commonSharedRows(ArrayRef<PatternAttrInterface> terms, ArrayRef<int64_t> shape) {
  int64_t common = 0;
  for (PatternAttrInterface term : terms) {
    int64_t own = term.getGroupForm(shape).sharedRows;
    common = own >= shape[0] ? common : std::gcd(common, own);
  }
  return common ? common : shape[0]; // all rows share theirs in every term
}

/// How many unions and intersections stand within each other.
static int64_t nestingOf(PatternAttrInterface pattern) {
  if (auto permuted = dyn_cast<PermutedAttr>(Attribute(pattern)))
    return nestingOf(permuted.getPattern());
  SmallVector<PatternAttrInterface> terms;
  if (auto sum = dyn_cast<UnionAttr>(Attribute(pattern)))
    llvm::append_range(terms, sum.getTerms());
  if (auto product = dyn_cast<IntersectionAttr>(Attribute(pattern)))
    terms = {product.getOuter(), product.getInner()};
  int64_t deepest = 0;
  for (PatternAttrInterface term : terms)
    deepest = std::max(deepest, nestingOf(term) + 1);
  return deepest;
}

LogicalResult mlir::gs::detail::verifyNesting(StringRef label, ArrayRef<PatternAttrInterface> terms,
                                              EmitError emitError) {
  constexpr int64_t most = 4;
  for (PatternAttrInterface term : terms)
    if (nestingOf(term) >= most)
      return Report(emitError) << label << ": unions and intersections are nested more than " << most << " deep";
  return success();
}
