//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// #gs.kernel_pattern: shapes of 3x3 kernels from a library.
//
//===----------------------------------------------------------------------===//
#include "TileUtils.h"
#include "gs/Dialect/GS/IR/Patterns.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

Attribute KernelPatternAttr::parse(AsmParser &parser, Type) {
  SMLoc loc = parser.getCurrentLocation();
  int64_t entries = 0, group = 1;
  bool connectivity = false;
  SmallVector<int64_t> patterns;
  auto one = [&] { return parser.parseInteger(patterns.emplace_back()); };
  if (parser.parseLess() || parser.parseKeyword("entries") || parser.parseEqual() || parser.parseInteger(entries) ||
      parser.parseComma() || parser.parseKeyword("patterns") || parser.parseEqual() ||
      parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, one))
    return {};
  while (succeeded(parser.parseOptionalComma())) {
    if (succeeded(parser.parseOptionalKeyword("group"))) {
      if (parser.parseEqual() || parser.parseInteger(group))
        return {};
    } else if (parser.parseKeyword("connectivity")) {
      return {};
    } else {
      connectivity = true;
    }
  }
  if (parser.parseGreater())
    return {};
  llvm::sort(patterns); // the order has no meaning
  return parser.getChecked<KernelPatternAttr>(loc, parser.getContext(), entries, ArrayRef<int64_t>(patterns), group,
                                              connectivity);
}

void KernelPatternAttr::print(AsmPrinter &printer) const {
  printer << "<entries = " << getEntries() << ", patterns = [" << getPatterns() << ']';
  if (getGroup() != 1)
    printer << ", group = " << getGroup();
  printer << (getConnectivity() ? ", connectivity>" : ">");
}

LogicalResult KernelPatternAttr::verify(EmitError emitError, int64_t entries, ArrayRef<int64_t> patterns, int64_t group,
                                        bool) {
  if (patterns.empty() || patterns.size() > 255)
    return Report(emitError) << "KP-C3: a library of " << static_cast<int64_t>(patterns.size())
                             << " masks is not possible; 1 to 255";
  if (group < 1)
    return Report(emitError) << "GP-C1: groups of " << group << " filters are not possible";
  for (auto [number, mask] : llvm::enumerate(patterns)) {
    if (mask < 1 || mask > 511 || llvm::popcount(static_cast<unsigned>(mask)) != entries)
      return Report(emitError) << "KP-C3: mask " << mask << " does not keep " << entries << " of 9 positions";
    if (number && mask <= patterns[number - 1])
      return Report(emitError) << "KP-C3: mask " << mask
                               << (mask == patterns[number - 1] ? " is listed twice" : " does not ascend");
  }
  return success();
}

LogicalResult KernelPatternAttr::verifyPattern(ArrayRef<int64_t> shape, Type elementType, EmitError emitError) const {
  if (failed(verifyWeightShape("KP-C1", shape, elementType, emitError)))
    return failure();
  if (shape.size() != 4 || shape[2] != 3 || shape[3] != 3)
    return Report(emitError) << "KP-C1: the kernel must be 3x3 (O, I, 3, 3)";
  return verifyDivides("GP-C1", getGroup(), "filters", shape[0], emitError);
}

LogicalResult KernelPatternAttr::verifyEncoding(ArrayRef<int64_t> shape, Type elementType, EmitError emitError) const {
  return verifyPattern(shape, elementType, emitError);
}

GroupForm KernelPatternAttr::getGroupForm(ArrayRef<int64_t>) const {
  GroupForm form;
  form.view = View::ChannelOuter;
  form.bundleRows = getGroup();
  form.lanes = getGroup() * getEntries();
  form.width = getEntries();
  form.support = Support::Dictionary;
  form.outer = getConnectivity() ? Outer::OffsetsIndex : Outer::All;
  form.indexBuffer = "";
  form.sharedRows = getGroup();
  return form;
}

SmallVector<StorageField> KernelPatternAttr::getStorage(ArrayRef<int64_t> shape, Type elementType, int64_t numGroups,
                                                        const Schema &) const {
  MLIRContext *context = getContext();
  auto i16 = IntegerType::get(context, 16);
  return {{"values", {numGroups, getEntries(), getGroup()}, elementType},
          {"pattern_id", {numGroups}, IntegerType::get(context, 8)},
          {"channel", {numGroups}, i16},
          {"offsets", {shape[0] / getGroup() + 1}, IntegerType::get(context, 32)},
          {"dictionary", {static_cast<int64_t>(getPatterns().size())}, i16}};
}

/// Bits of the positions that a filter keeps of a channel's kernel, whose columns are given.
static int64_t kernelMask(const Weight &weight, int64_t row, ArrayRef<int64_t> columns) {
  int64_t mask = 0;
  for (auto [bit, col] : llvm::enumerate(columns))
    mask |= int64_t(weight.kept(row, col)) << bit;
  return mask;
}

LogicalResult KernelPatternAttr::verifyMask(const Weight &weight, EmitError emitError) const {
  if (failed(checkInput(weight, Schema(), emitError)))
    return failure();
  if (weight.locations != 9 || weight.rows % getGroup())
    return Report(emitError) << "KP-C1: a weight of " << weight.rows << " filters and " << weight.locations
                             << " kernel locations has no 3x3 kernels in groups of " << getGroup();
  LogicalResult result = success();
  TileGrid(weight, getGroup(), 9, View::ChannelOuter)
      .forEachTile([&](int64_t group, int64_t channel, ArrayRef<int64_t> rows, ArrayRef<int64_t> columns) {
        int64_t first = kernelMask(weight, rows[0], columns);
        for (int64_t row : rows) {
          int64_t mask = kernelMask(weight, row, columns);
          if (failed(result) ||
              (mask == first && (llvm::is_contained(getPatterns(), mask) || (!mask && getConnectivity()))))
            continue;
          Report report(emitError);
          report << (mask == first ? "KP-C2" : "GP-C2") << ": kernel of filter " << row << ", channel " << channel
                 << " keeps mask " << mask;
          if (mask != first)
            report << ", but filter " << rows[0] << " of its group " << group << " keeps " << first;
          else
            report << " (" << llvm::popcount(static_cast<unsigned>(mask)) << " weights, expected " << getEntries()
                   << "), which is not in the library";
          result = report;
        }
      });
  return result;
}

FailureOr<std::vector<Buffer>> KernelPatternAttr::pack(const Weight &weight, const Schema &schema,
                                                       EmitError emitError) const {
  if (failed(checkInput(weight, schema, emitError)) ||
      failed(verifySchema(getGroupForm(shapeOf(weight)), weight.elementType, schema, emitError)) ||
      failed(verifyMask(weight, emitError)))
    return failure();
  TileGrid grid(weight, getGroup(), 9, View::ChannelOuter);
  if (weight.channels > 65536)
    return Report(emitError) << "KP-C1: " << weight.channels << " channels do not fit i16";
  int64_t total = weight.numKept() / (getEntries() * getGroup()), next = 0;
  SmallVector<int64_t> shape = {weight.rows, weight.channels, 3, 3};
  std::vector<Buffer> buffers = allocate(getStorage(shape, weight.elementType, total, schema));
  auto *offsets = reinterpret_cast<int32_t *>(buffers[3].data.data());
  for (int64_t group = 0; group < grid.numBundles(); ++group) {
    SmallVector<int64_t> rows = grid.rows(group);
    // By mask, then by channel: kernels of one mask are one loop.
    SmallVector<std::pair<int64_t, int64_t>> kernels;
    for (int64_t channel = 0; channel < weight.channels; ++channel)
      if (int64_t mask = kernelMask(weight, rows[0], grid.columns(channel)))
        kernels.emplace_back(llvm::lower_bound(getPatterns(), mask) - getPatterns().begin(), channel);
    llvm::sort(kernels);
    for (auto [id, channel] : kernels) {
      buffers[1].data[next] = static_cast<char>(id);
      storeIndex(buffers[2].data, next, 16, channel);
      char *to = buffers[0].data.data() + next++ * getEntries() * getGroup() * weight.elementBytes;
      for (auto [bit, col] : llvm::enumerate(grid.columns(channel)))
        for (int64_t row : rows)
          if (getPatterns()[id] >> bit & 1) {
            copyElement(to, weight.valueAt(row, col), weight.elementBytes);
            to += weight.elementBytes;
          }
    }
    offsets[group + 1] = static_cast<int32_t>(next);
  }
  for (auto [number, mask] : llvm::enumerate(getPatterns()))
    storeIndex(buffers[4].data, number, 16, mask);
  return buffers;
}

FailureOr<Weight> KernelPatternAttr::unpack(ArrayRef<int64_t> shape, Type elementType, ArrayRef<Buffer> buffers,
                                            const Schema &schema, EmitError emitError) const {
  FailureOr<Weight> weight = Weight::zeros(shape, elementType, emitError);
  if (failed(weight) || failed(verifyBuffers(*this, shape, elementType, schema, buffers, emitError)))
    return failure();
  const Buffer &values = *findBuffer(buffers, "values"), &ids = *findBuffer(buffers, "pattern_id");
  const Buffer &channels = *findBuffer(buffers, "channel"), &dictionary = *findBuffer(buffers, "dictionary");
  for (auto [number, mask] : llvm::enumerate(getPatterns()))
    if (loadIndex(dictionary.data, number, 16) != mask)
      return Report(emitError) << "KP-C3: entry " << static_cast<int64_t>(number) << " of the dictionary is "
                               << loadIndex(dictionary.data, number, 16) << ", but the type says " << mask;
  ArrayRef<int32_t> offsets = getOffsets(*findBuffer(buffers, "offsets"));
  TileGrid grid(*weight, getGroup(), 9, View::ChannelOuter);
  const char *from = values.data.data();
  for (int64_t group = 0; group < grid.numBundles(); ++group) {
    std::pair<int64_t, int64_t> last = {-1, -1};
    for (int64_t kernel = offsets[group]; kernel < offsets[group + 1]; ++kernel) {
      auto id = static_cast<unsigned char>(ids.data[kernel]);
      int64_t channel = loadIndex(channels.data, kernel, 16);
      if (id >= getPatterns().size() || std::pair<int64_t, int64_t>(id, channel) <= last || channel >= weight->channels)
        return Report(emitError) << "KP-C2: kernel " << kernel << " has mask number " << unsigned(id) << " and channel "
                                 << channel << ", which "
                                 << (id >= getPatterns().size()    ? "is no mask of the library"
                                     : channel >= weight->channels ? "the weight does not have"
                                                                   : "do not ascend");
      last = {id, channel};
      for (auto [bit, col] : llvm::enumerate(grid.columns(channel)))
        for (int64_t row : grid.rows(group))
          if (getPatterns()[id] >> bit & 1) {
            weight->mask[row * weight->cols + col] = 1;
            copyElement(weight->valueAt(row, col), from, weight->elementBytes);
            from += weight->elementBytes;
          }
    }
  }
  return weight;
}
