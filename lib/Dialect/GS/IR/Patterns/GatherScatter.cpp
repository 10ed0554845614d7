//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// #gs.gather_scatter<banks, width>: mask check, packing and unpacking of GS(B,k).
//
//===----------------------------------------------------------------------===//
#include "GatherScatterMatching.h"
#include "PackUtils.h"
#include "gs/Dialect/GS/IR/Patterns.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

LogicalResult GatherScatterAttr::verify(EmitError emitError, int64_t banks, int64_t width) {
  if (banks < 1 || width < 1)
    return Report(emitError) << "GS-C1: banks = " << banks << " and width = " << width << " must be positive";
  if (banks > INT16_MAX)
    return Report(emitError) << "GS-C1: banks = " << banks << " must be at most " << INT16_MAX;
  if (banks % width)
    return Report(emitError) << "GS-C1: width must divide banks, but " << banks << " mod " << width << " = "
                             << banks % width;
  return success();
}

LogicalResult GatherScatterAttr::verifyPattern(ArrayRef<int64_t> shape, Type elementType, EmitError emitError) const {
  if (failed(verifyWeightShape("GS-C2", shape, elementType, emitError)))
    return failure();
  int64_t cols = ShapedType::getNumElements(shape.drop_front());
  if (cols < getBanks())
    return Report(emitError) << "GS-C9: a group of " << getBanks() << " different residues needs at least "
                             << getBanks() << " columns, but the weight has " << cols;
  return success();
}

LogicalResult GatherScatterAttr::verifyEncoding(ArrayRef<int64_t> shape, Type elementType, EmitError emitError) const {
  return verifyPattern(shape, elementType, emitError);
}

GroupForm GatherScatterAttr::getGroupForm(ArrayRef<int64_t>) const {
  GroupForm form;
  form.view = View::ChannelInner;
  form.bundleRows = getBanks() / getWidth();
  form.lanes = getBanks();
  form.width = getWidth();
  form.support = Support::PerLane;
  form.laneRule = LaneRule::ResiduesMod;
  form.laneRulePeriod = getBanks();
  form.outer = Outer::Offsets;
  return form;
}

SmallVector<StorageField> GatherScatterAttr::getStorage(ArrayRef<int64_t> shape, Type elementType, int64_t numGroups,
                                                        const Schema &schema) const {
  Type index = IntegerType::get(getContext(), schema.indexBits);
  int64_t bundles = llvm::divideCeil(shape[0], getBanks() / getWidth());
  StorageField offsets = {"offsets", {bundles + 1}, IntegerType::get(getContext(), 32)};
  if (schema.joined)
    return {{"stream", {numGroups, 2, getBanks()}, index}, offsets};
  return {{"values", {numGroups, getBanks()}, elementType}, {"indices", {numGroups, getBanks()}, index}, offsets};
}

//===----------------------------------------------------------------------===//
// Mask
//===----------------------------------------------------------------------===//

namespace {
/// Positions of the rows of a bundle.
struct Bundle {
  Bundle(const Weight &weight, int64_t number, int64_t bundleRows)
      : begin(number * bundleRows), end(std::min(begin + bundleRows, weight.rows)) {}
  int64_t size() const { return end - begin; }
  int64_t begin, end;
};
} // namespace

/// First kept (row, column) of the bundle with this residue.
static std::pair<int64_t, int64_t> findResidue(const Weight &weight, const Bundle &bundle, int64_t banks,
                                               int64_t residue) {
  for (int64_t p = bundle.begin; p < bundle.end; ++p)
    for (int64_t col = residue; col < weight.cols; col += banks)
      if (weight.kept(weight.rowAt(p), col))
        return {weight.rowAt(p), col};
  return {weight.rowAt(bundle.begin), residue};
}

LogicalResult GatherScatterAttr::verifyMask(const Weight &weight, EmitError emitError) const {
  if (failed(checkInput(weight, Schema(), emitError)))
    return failure();
  uint32_t banks = getBanks();
  int64_t width = getWidth(), bundleRows = banks / width;
  if (weight.cols < banks)
    return Report(emitError) << "GS-C9: a group of " << banks << " different residues needs at least " << banks
                             << " columns, but the weight has " << weight.cols;
  std::vector<int32_t> residues(banks);
  std::vector<int64_t> rowCounts(bundleRows);
  for (int64_t number = 0, e = llvm::divideCeil(weight.rows, bundleRows); number < e; ++number) {
    Bundle bundle(weight, number, bundleRows);
    llvm::fill(residues, 0);
    int64_t total = 0;
    for (int64_t p = bundle.begin; p < bundle.end; ++p) {
      int64_t count = 0;
      forEachKept(weight, weight.rowAt(p), 0, weight.cols, [&](int64_t col) {
        ++count;
        ++residues[static_cast<uint32_t>(col) % banks];
      });
      rowCounts[p - bundle.begin] = count;
      total += count;
    }
    // The number of groups that comes nearest to the kept weights; a legal bundle meets it exactly.
    int64_t lanes = width * bundle.size(), groups = (total + lanes / 2) / lanes;
    for (int64_t p = bundle.begin; p < bundle.end; ++p)
      if (int64_t count = rowCounts[p - bundle.begin]; count != width * groups)
        return Report(emitError) << "GS-C4: row " << weight.rowAt(p) << " of bundle " << number << " keeps " << count
                                 << " weights, expected " << width * groups << " (" << groups << " groups of " << width
                                 << " from each of its " << bundle.size() << " rows, GS-F1)";
    bool full = bundle.size() == bundleRows;
    for (uint32_t residue = 0; residue < banks; ++residue) {
      int64_t count = residues[residue];
      if (full ? count == groups : count <= groups)
        continue;
      auto [row, col] = findResidue(weight, bundle, banks, residue);
      return Report(emitError) << "GS-C5: residue " << residue << " mod " << banks << " occurs " << count
                               << " times in bundle " << number << ", expected " << (full ? "" : "at most ") << groups
                               << " (once in each of its " << groups << " groups, GS-F2); first at row " << row
                               << ", column " << col;
    }
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Packing
//===----------------------------------------------------------------------===//

namespace {
/// Writes groups into either layout.
class LaneWriter {
public:
  LaneWriter(std::vector<Buffer> &buffers, const Schema &schema, int64_t banks, unsigned bytes)
      : values(buffers[0].data), indices(buffers[schema.joined ? 0 : 1].data), bits(schema.indexBits), bytes(bytes),
        groupLanes(schema.joined ? 2 * banks : banks), indexLane(schema.joined ? banks : 0) {}

  void value(int64_t group, int64_t lane, const char *from) {
    copyElement(values.data() + (group * groupLanes + lane) * bytes, from, bytes);
  }
  void index(int64_t group, int64_t lane, int64_t index) {
    storeIndex(indices, group * groupLanes + indexLane + lane, bits, index);
  }

private:
  std::vector<char> &values, &indices;
  unsigned bits, bytes;
  int64_t groupLanes, indexLane;
};
} // namespace

FailureOr<std::vector<Buffer>> GatherScatterAttr::pack(const Weight &weight, const Schema &schema,
                                                       EmitError emitError) const {
  if (failed(checkInput(weight, schema, emitError)) ||
      failed(verifySchema(getGroupForm({}), weight.elementType, schema, emitError)) ||
      failed(verifyMask(weight, emitError)))
    return failure();
  int64_t banks = getBanks(), width = getWidth(), bundleRows = banks / width;
  int64_t bundles = llvm::divideCeil(weight.rows, bundleRows);
  SmallVector<int64_t> degrees;
  int64_t groups = 0;
  for (int64_t number = 0; number < bundles; ++number) {
    int64_t count = 0;
    forEachKept(weight, weight.rowAt(number * bundleRows), 0, weight.cols, [&](int64_t) { ++count; });
    degrees.push_back(count / width);
    groups += count / width;
  }
  std::vector<Buffer> buffers = allocate(getStorage({weight.rows, weight.cols}, weight.elementType, groups, schema));
  auto *offsets = reinterpret_cast<int32_t *>(buffers.back().data.data());
  LaneWriter writer(buffers, schema, banks, weight.elementBytes);
  BundleMatcher matcher(banks);
  std::vector<int32_t> columns, matched(banks);
  int64_t group = 0;
  for (int64_t number = 0; number < bundles; ++number) {
    Bundle bundle(weight, number, bundleRows);
    int64_t degree = degrees[number];
    matcher.reset(degree);
    for (int64_t j = 0; j < bundle.size(); ++j) {
      columns.clear();
      forEachKept(weight, weight.rowAt(bundle.begin + j), 0, weight.cols,
                  [&](int64_t col) { columns.push_back(static_cast<int32_t>(col)); });
      for (int64_t t = 0; t < width; ++t)
        matcher.setColumns(j * width + t, ArrayRef(columns).slice(t * degree, degree));
    }
    if (bundle.size() < bundleRows)
      matcher.fillVirtual(bundle.size() * width);
    for (int64_t end = group + degree; group < end; ++group) {
      if (failed(matcher.takeMatching(matched)))
        return Report(emitError) << "GS-C3: bundle " << number << " has no perfect matching for group "
                                 << degree - (end - group) << " of " << degree;
      for (int64_t j = 0; j < bundleRows; ++j) {
        int32_t *lanes = matched.data() + j * width;
        std::sort(lanes, lanes + width, [&](int32_t a, int32_t b) { return a % banks < b % banks; });
        bool real = j < bundle.size();
        // The activation of a padding lane only has to exist; its product is never stored.
        int64_t row = weight.rowAt(real ? bundle.begin + j : bundle.end - 1);
        for (int64_t t = 0; t < width; ++t) {
          int64_t lane = j * width + t, index = schema.indexOf(row, lanes[t]);
          if (schema.quotient) {
            if (index % banks != lane)
              return Report(emitError) << "GS-C10: index_form = quotient needs the activation of row " << row
                                       << ", column " << lanes[t] << " at residue " << lane << " mod " << banks
                                       << ", but its displacement " << index << " has residue " << index % banks
                                       << "; banks must divide the channel count";
            index /= banks;
          }
          if (failed(checkIndex("GS-C11: ", schema, row, lanes[t], index, emitError)))
            return failure();
          writer.index(group, lane, index);
          if (real)
            writer.value(group, lane, weight.valueAt(row, lanes[t]));
        }
      }
    }
    offsets[number + 1] = static_cast<int32_t>(group);
  }
  return buffers;
}

FailureOr<Weight> GatherScatterAttr::unpack(ArrayRef<int64_t> shape, Type elementType, ArrayRef<Buffer> buffers,
                                            const Schema &schema, EmitError emitError) const {
  FailureOr<Weight> weight = Weight::zeros(shape, elementType, emitError);
  if (failed(weight) || failed(verifyBuffers(*this, shape, elementType, schema, buffers, emitError)))
    return failure();
  int64_t banks = getBanks(), width = getWidth(), bundleRows = banks / width;
  const Buffer &values = *findBuffer(buffers, schema.joined ? "stream" : "values");
  const Buffer &indices = *findBuffer(buffers, schema.joined ? "stream" : "indices");
  int64_t groupLanes = schema.joined ? 2 * banks : banks, indexLane = schema.joined ? banks : 0;
  ArrayRef<int32_t> offsets = getOffsets(*findBuffer(buffers, "offsets"));
  ColumnLookup lookup(schema, weight->cols);
  for (int64_t bundle = 0; bundle + 1 < static_cast<int64_t>(offsets.size()); ++bundle)
    for (int64_t group = offsets[bundle]; group < offsets[bundle + 1]; ++group)
      for (int64_t lane = 0; lane < banks; ++lane) {
        int64_t row = bundle * bundleRows + lane / width;
        if (row >= weight->rows)
          break;
        int64_t index = loadIndex(indices.data, group * groupLanes + indexLane + lane, schema.indexBits);
        int64_t col = lookup.columnOf(row, schema.quotient ? index * banks + lane : index);
        if (col < 0 || weight->kept(row, col))
          return Report(emitError) << "GS-C3: index " << index << " of lane " << lane << " of group " << group
                                   << " (row " << row << ")"
                                   << (col < 0 ? " names no column" : " names a column twice");
        weight->mask[row * weight->cols + col] = 1;
        copyElement(weight->valueAt(row, col), values.data.data() + (group * groupLanes + lane) * weight->elementBytes,
                    weight->elementBytes);
      }
  return weight;
}
