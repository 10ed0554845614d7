//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From a gs op to the form that the kernels see, and its tiles.
//
//===----------------------------------------------------------------------===//
#include "GatherProduct.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::gs;

Type GatherProduct::sum() const {
  Type type = element();
  if (wideSums)
    return IntegerType::get(type.getContext(), 32);
  if (bits() >= machine->laneBits)
    return type;
  // Lanes are wider than the elements, and so are sums.
  if (isa<FloatType>(type))
    return Float32Type::get(type.getContext());
  return IntegerType::get(type.getContext(), machine->laneBits);
}

bool GatherProduct::isPadded() const {
  return llvm::any_of(dims, [](const GatherDim &dim) { return dim.padLow || dim.padHigh; });
}

TableStrides GatherProduct::tableStrides() const {
  std::array<int64_t, 3> extent;
  for (int d = 0; d < 3; ++d)
    extent[d] = inPlace ? dims[d].in : dims[d].frames(tile[d]);
  TableStrides strides;
  strides.dim[2] = channelsLast ? weight.channels : 1;
  strides.dim[1] = strides.dim[2] * extent[2];
  strides.dim[0] = strides.dim[1] * extent[1];
  strides.channel = channelsLast ? 1 : strides.dim[0] * extent[0];
  return strides;
}

int64_t GatherProduct::tableElements() const {
  int64_t elements = weight.channels;
  for (int d = 0; d < 3; ++d)
    elements *= dims[d].frames(tile[d]);
  return elements;
}

SmallVector<int64_t> GatherProduct::columnOffsets() const {
  TableStrides strides = tableStrides();
  SmallVector<int64_t> offsets;
  for (int64_t d = 0; d < dims[0].kernel; ++d)
    for (int64_t h = 0; h < dims[1].kernel; ++h)
      for (int64_t w = 0; w < dims[2].kernel; ++w)
        for (int64_t channel = 0; channel < weight.channels; ++channel)
          offsets.push_back((channel * strides.channel + d * dims[0].dilation * strides.dim[0] +
                             h * dims[1].dilation * strides.dim[1] + w * dims[2].dilation * strides.dim[2]) *
                            bits() / 8);
  return offsets;
}

int64_t GatherProduct::windowBytes() const {
  TableStrides strides = tableStrides();
  int64_t last = (weight.channels - 1) * strides.channel;
  for (int d = 0; d < 3; ++d)
    last += (dims[d].kernel - 1) * dims[d].dilation * strides.dim[d];
  return (last + 1) * bits() / 8;
}

unsigned GatherProduct::offsetBits() const {
  if (machine->gatherToMemory)
    return bits();
  return windowBytes() <= int64_t(1) << 16 ? 16 : 32;
}

int64_t GatherProduct::tableBytes() const {
  return int64_t(llvm::alignTo(tableElements() * bits() / 8, alignmentOf(*machine)));
}

int64_t GatherProduct::gatheredBytes() const {
  return machine->gatherToMemory ? std::min(kSharedPixels, tile[2]) * machine->vectorBits / 8 : 0;
}

int64_t GatherProduct::sumsBytes() const {
  return int64_t(
      llvm::alignTo(tile[0] * tile[1] * tile[2] * paddedRows() * sumBytes(), uint64_t(alignmentOf(*machine))));
}

LogicalResult GatherProduct::readWeight(std::string &reason) {
  auto fail = [&](const Twine &text) {
    reason = text.str();
    return failure();
  };
  Value value = op->getOperand(0);
  Type type = value.getType();
  FailureOr<Weight> read = failure();
  if (auto constant = value.getDefiningOp<ConstantOp>()) {
    pattern = dyn_cast_or_null<PatternAttrInterface>(cast<RankedTensorType>(type).getEncoding());
    read = constant.getWeight();
  } else if (auto constant = value.getDefiningOp<CompressedConstantOp>()) {
    auto packed = cast<CompressedType>(type);
    if (packed.getIndexSpace() != "column")
      return fail("its weight is packed for another kernel; give it in index space 'column'");
    pattern = packed.getPattern();
    FailureOr<std::vector<Buffer>> buffers = fromAttr(constant.getBuffers());
    RankedTensorType logical = packed.getLogical();
    if (succeeded(buffers))
      read = pattern.unpack(logical.getShape(), logical.getElementType(), *buffers, packed.getSchema(), nullptr);
  }
  if (!pattern)
    return fail("its weight is not a gs.constant or gs.compressed_constant with a pattern");
  if (failed(read))
    return fail("its weight cannot be read as a matrix");
  weight = std::move(*read);
  PatternAttrInterface inner = pattern;
  if (auto permuted = dyn_cast<PermutedAttr>(pattern)) {
    inner = permuted.getPattern();
    scatters = true;
  }
  form = inner.getGroupForm({weight.rows, weight.cols});
  if (form.isTiled())
    return fail("the tiles of its pattern have groups of their own, for which there is no kernel of gathers");
  if (!form.hasResidueLanes())
    return fail("its weight is not of pattern #gs.gather_scatter, or such a one with permuted rows");
  return success();
}

LogicalResult GatherProduct::readExtents(std::string &reason) {
  auto input = dyn_cast<RankedTensorType>(op->getOperand(1).getType());
  auto output = op->getNumResults() ? dyn_cast<RankedTensorType>(op->getResult(0).getType()) : RankedTensorType();
  if (!input || !output || !input.hasStaticShape()) {
    reason = "it is not on tensors";
    return failure();
  }
  ArrayRef<int64_t> in = input.getShape(), out = output.getShape();
  if (auto conv = dyn_cast<ConvOp>(op)) {
    if (conv.getGroups() != 1 || conv.getPlane()) {
      reason = conv.getPlane() ? "its input is packed into planes already; convert before gs-assign-layout"
                               : "grouped convolutions have no kernel";
      return failure();
    }
    batch = in[0];
    int64_t spatial = conv.getSpatialRank();
    ArrayRef<int64_t> kernel = conv.getWeightShape().drop_front(2);
    for (int64_t at = 0; at < spatial; ++at)
      dims[3 - spatial + at] = {out[2 + at],
                                in[2 + at],
                                kernel[at],
                                conv.getStrides()[at],
                                conv.getDilations()[at],
                                conv.getPads()[at],
                                conv.getPads()[spatial + at]};
  } else {
    dims[2].out = dims[2].in = in.back();
    for (int64_t extent : in.drop_back(2))
      batch *= extent;
  }
  return success();
}

LogicalResult GatherProduct::plan(std::string &reason) {
  for (int d = 0; d < 3; ++d)
    tile[d] = dims[d].out;
  channelsLast = machine->tableBytes > 0; // The sub-bank of an element is that of its channel.
  inPlace = !machine->tableBytes && !isPadded();
  auto fail = [&](const Twine &text) {
    reason = text.str();
    return failure();
  };
  if (machine->tableBytes) {
    // The plane is cut from the outside in, into the largest tiles that fit.
    auto bytes = [&] { return tableBytes() + gatheredBytes() + sumsBytes(); };
    for (int d = 0; d < 3; ++d)
      while (bytes() > machine->tableBytes && tile[d] > 1)
        --tile[d];
    if (bytes() > machine->tableBytes)
      return fail("activations and sums of one output need " + Twine(bytes()) +
                  " bytes of tightly coupled memory, which has " + Twine(machine->tableBytes));
  }
  if (machine->gatherToMemory && bits() == 16 && windowBytes() > machine->reach16)
    return fail("its windows span " + Twine(windowBytes()) + " bytes, of which offsets of 16 bits reach " +
                Twine(machine->reach16));
  if (machine->gatherToMemory && sumBytes() == 2 && paddedRows() * 2 > machine->reach16)
    return fail("its " + Twine(weight.rows) + " rows take more than the " + Twine(machine->reach16) +
                " bytes that offsets of 16 bits reach");
  if (windowBytes() > INT32_MAX || resultElements() * int64_t(bits() / 8) > INT32_MAX)
    return fail("its windows or results span more than 2 GiB");
  return success();
}

FailureOr<GatherProduct> GatherProduct::get(Operation *op, const GatherMachine &machine, bool wideSums,
                                            std::string &reason) {
  GatherProduct p;
  p.op = op;
  p.machine = &machine;
  auto fail = [&](const Twine &text) -> FailureOr<GatherProduct> {
    reason = text.str();
    return failure();
  };
  if (!op->getRegion(0).empty())
    return fail("it has an epilogue; convert before gs-fuse-epilogue");
  if (failed(p.readExtents(reason)))
    return failure();
  Type element = getElementTypeOrSelf(op->getOperand(1).getType());
  if (!element.isIntOrFloat() || !machine.takes(element.getIntOrFloatBitWidth(), isa<FloatType>(element)) ||
      element.isBF16()) {
    std::string text;
    llvm::raw_string_ostream(text) << element;
    return fail("the machine does not gather elements of type " + text);
  }
  if (failed(p.readWeight(reason)))
    return failure();
  p.wideSums = wideSums && element.isInteger(16);
  const int64_t lanes = machine.vectorBits / p.bits(), banks = p.form.lanes;
  if (!machine.scalable && lanes % banks && banks % lanes)
    return fail("the pattern has " + Twine(banks) + " banks, a vector of the machine " + Twine(lanes) +
                " lanes of this type; one must divide the other");
  if (failed(p.plan(reason)))
    return failure();
  return p;
}
