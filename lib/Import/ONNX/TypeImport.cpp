//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// TypeProto as MLIR types, and the sizes of symbolic dimensions.
//
//===----------------------------------------------------------------------===//
#include "TypeImport.h"
#include "ElementTypes.h"
#include "gs/Dialect/ONNX/IR/ONNXDialect.h"
#include "mlir/IR/Diagnostics.h"
#include "onnx-ml.pb.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace mlir::onnx;
using Input = ::onnx::ValueInfoProto;
using Dimension = ::onnx::TensorShapeProto::Dimension;

static Location nameLoc(MLIRContext *context, StringRef name) { return NameLoc::get(StringAttr::get(context, name)); }

static std::string quoted(StringRef prefix, StringRef name) { return (prefix + " '" + name + "'").str(); }

static std::string formatShape(ArrayRef<int64_t> shape) {
  return shape.empty() ? "scalar" : llvm::join(llvm::map_range(shape, [](int64_t d) { return llvm::utostr(d); }), "x");
}

//===----------------------------------------------------------------------===//
// Options
//===----------------------------------------------------------------------===//

/// A size of at least 1, in decimal.
static bool parseSize(StringRef text, int64_t &size) { return !text.getAsInteger(10, size) && size >= 1; }

LogicalResult ImportOptions::addShape(StringRef text, std::string &error) {
  auto [name, sizesText] = text.rsplit('=');
  SmallVector<int64_t> shape;
  SmallVector<StringRef> parts;
  if (!sizesText.empty())
    sizesText.split(parts, 'x');
  for (StringRef part : parts)
    if (!parseSize(part, shape.emplace_back(0)))
      name = "";
  if (name.empty() || !text.contains('=')) {
    error = quoted("a shape must read NAME=1x3x224x224 with sizes of at least 1, not", text);
    return failure();
  }
  if (!shapes.try_emplace(name, shape).second) {
    error = "the shape of input '" + name.str() + "' is given twice";
    return failure();
  }
  return success();
}

LogicalResult ImportOptions::addDim(StringRef text, std::string &error) {
  auto [name, sizeText] = text.rsplit('=');
  int64_t size = 0;
  if (name.empty() || !parseSize(sizeText, size)) {
    error = quoted("a dimension must read NAME=SIZE with a size of at least 1, not", text);
    return failure();
  }
  if (!dims.try_emplace(name, size).second) {
    error = "the size of dimension '" + name.str() + "' is given twice";
    return failure();
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Graph inputs
//===----------------------------------------------------------------------===//

LogicalResult TypeImporter::checkInput(const Input &input, bool overridden, Location loc) {
  std::string what = quoted("graph input", input.name());
  if (input.type().value_case() == ::onnx::TypeProto::VALUE_NOT_SET)
    return emitError(loc) << what << " has no type; export the model again";
  if (!input.type().has_tensor_type())
    return emitError(loc) << what << " is not a tensor; only tensors are supported";
  const ::onnx::TypeProto::Tensor &tensor = input.type().tensor_type();
  if (!getElementFormat(tensor.elem_type(), context))
    return emitError(loc) << what << " has element type " << elementTypeName(tensor.elem_type())
                          << ", which is not supported; use a numeric or boolean type of at least 2 bits";
  if (!tensor.has_shape() && !overridden)
    return emitError(loc) << what << " has no shape; give one with --shape " << input.name() << "=...";
  return success();
}

LogicalResult TypeImporter::bindOverriddenShape(const Input &input, ArrayRef<int64_t> shape, Location loc) {
  if (!input.type().tensor_type().has_shape())
    return success();
  const auto &declared = input.type().tensor_type().shape().dim();
  if (declared.size() != static_cast<int>(shape.size()))
    return emitError(loc) << "graph input '" << input.name() << "' has rank " << declared.size()
                          << ", but --shape gives " << formatShape(shape) << " (rank " << shape.size() << ")";
  for (auto [dim, size] : llvm::zip_equal(declared, shape)) {
    if (dim.has_dim_value() && dim.dim_value() > 0 && dim.dim_value() != size)
      shapesAreStale = true;
    if (dim.dim_param().empty())
      continue;
    auto [it, isNew] = sizes.try_emplace(dim.dim_param(), size);
    if (!isNew && it->second != size)
      return emitError(loc) << "graph input '" << input.name() << "': symbolic dimension '" << dim.dim_param()
                            << "' would be both " << it->second << " and " << size
                            << "; correct the --shape and --dim options";
  }
  return success();
}

LogicalResult TypeImporter::checkOverridesAreUsed(ArrayRef<const Input *> inputs) {
  llvm::StringSet<> names, symbols;
  for (const Input *input : inputs) {
    names.insert(input->name());
    for (const Dimension &dim : input->type().tensor_type().shape().dim())
      if (!dim.dim_param().empty())
        symbols.insert(dim.dim_param());
  }
  auto list = [](const llvm::StringSet<> &set) {
    SmallVector<StringRef> sorted(set.keys());
    llvm::sort(sorted);
    return sorted.empty() ? std::string("none") : "'" + llvm::join(sorted, "', '") + "'";
  };
  for (const auto &entry : options.shapes)
    if (!names.contains(entry.first()))
      return emitError(nameLoc(context, entry.first()))
             << "--shape names no graph input of the model; its inputs are: " << list(names);
  for (const auto &entry : options.dims)
    if (!symbols.contains(entry.first()))
      return emitError(nameLoc(context, entry.first()))
             << "--dim names no symbolic dimension of the model's inputs; those are: " << list(symbols);
  return success();
}

/// Whether exporters by convention name a batch dimension so.
static bool isBatchName(StringRef name) {
  std::string lower = name.lower();
  return llvm::is_contained({"n", "b", "batch", "batch_size", "batchsize", "bs"}, StringRef(lower));
}

FailureOr<int64_t> TypeImporter::resolveDimension(const Input &input, int position, Location loc) {
  const Dimension &dim = input.type().tensor_type().shape().dim(position);
  std::string what = quoted("graph input", input.name());
  if (dim.has_dim_value()) {
    if (dim.dim_value() >= 1)
      return dim.dim_value();
    return emitError(loc) << what << " has size " << dim.dim_value() << " in dimension " << position
                          << ", but sizes must be at least 1; give the shape with --shape " << input.name() << "=...";
  }
  StringRef symbol = dim.dim_param();
  if (auto it = sizes.find(symbol); !symbol.empty() && it != sizes.end())
    return it->second;
  if (symbol.empty()) {
    if (position != 0)
      return emitError(loc) << what << " has no size in dimension " << position << "; give the shape with --shape "
                            << input.name() << "=...";
    emitRemark(loc) << what << ": its leading dimension has no size and is taken as 1; --shape " << input.name()
                    << "=... chooses another";
    return 1;
  }
  if (!isBatchName(symbol) && !isLeadingOnly.lookup(symbol))
    return emitError(loc) << what << " has the symbolic dimension '" << symbol << "' in position " << position
                          << "; give its size with --dim " << symbol << "=SIZE";
  emitRemark(loc) << what << ": symbolic dimension '" << symbol << "' is taken as 1; --dim " << symbol
                  << "=SIZE chooses another";
  sizes[symbol] = 1;
  return 1;
}

FailureOr<SmallVector<RankedTensorType>> TypeImporter::importInputs(ArrayRef<const Input *> inputs) {
  if (failed(checkOverridesAreUsed(inputs)))
    return failure();
  for (const auto &entry : options.dims)
    sizes[entry.first()] = entry.second;
  for (const Input *input : inputs) {
    Location loc = nameLoc(context, input->name());
    auto shape = options.shapes.find(input->name());
    bool overridden = shape != options.shapes.end();
    if (failed(checkInput(*input, overridden, loc)) ||
        (overridden && failed(bindOverriddenShape(*input, shape->second, loc))))
      return failure();
    for (auto [position, dim] : llvm::enumerate(input->type().tensor_type().shape().dim()))
      if (!dim.dim_param().empty()) {
        bool &leading = isLeadingOnly.try_emplace(dim.dim_param(), true).first->second;
        leading &= position == 0;
      }
  }
  SmallVector<RankedTensorType> types;
  for (const Input *input : inputs) {
    Location loc = nameLoc(context, input->name());
    const ::onnx::TypeProto::Tensor &tensor = input->type().tensor_type();
    ElementFormat format = *getElementFormat(tensor.elem_type(), context);
    SmallVector<int64_t> shape;
    if (auto given = options.shapes.find(input->name()); given != options.shapes.end())
      shape = given->second;
    else
      for (int i = 0; i < tensor.shape().dim_size(); ++i) {
        FailureOr<int64_t> size = resolveDimension(*input, i, loc);
        if (failed(size))
          return failure();
        shape.push_back(*size);
      }
    if (!countElements(shape, format.bits))
      return emitError(loc) << "graph input '" << input->name() << "' has the shape " << formatShape(shape)
                            << ", whose size in bytes overflows 64 bits; give another with --shape " << input->name()
                            << "=...";
    types.push_back(RankedTensorType::get(shape, format.type));
  }
  return types;
}

//===----------------------------------------------------------------------===//
// Other values
//===----------------------------------------------------------------------===//

TensorType TypeImporter::unknownType() { return UnrankedTensorType::get(UnknownType::get(context)); }

FailureOr<TensorType> TypeImporter::importType(const ::onnx::TypeProto &type, bool mustBeTensor, StringRef what,
                                               Location loc) {
  if (!type.has_tensor_type()) {
    bool isUnset = type.value_case() == ::onnx::TypeProto::VALUE_NOT_SET;
    if (mustBeTensor && !isUnset)
      return emitError(loc) << what << " is not a tensor; only tensors are supported";
    return unknownType();
  }
  const ::onnx::TypeProto::Tensor &tensor = type.tensor_type();
  std::optional<ElementFormat> format = getElementFormat(tensor.elem_type(), context);
  bool isDeclared = tensor.elem_type() != ::onnx::TensorProto::UNDEFINED;
  if (!format && isDeclared && (mustBeTensor || !::onnx::TensorProto_DataType_IsValid(tensor.elem_type())))
    return emitError(loc) << what << " has element type " << elementTypeName(tensor.elem_type())
                          << ", which is not supported; use a numeric or boolean type of at least 2 bits";
  Type element = format ? format->type : UnknownType::get(context);
  if (!tensor.has_shape() || shapesAreStale)
    return TensorType(UnrankedTensorType::get(element));
  SmallVector<int64_t> shape, known;
  for (const Dimension &dim : tensor.shape().dim()) {
    // Exporters write -1 for an unknown size; and a symbol is not trusted to mean the same as in the inputs.
    bool isKnown = dim.has_dim_value() && dim.dim_value() >= 0;
    shape.push_back(isKnown ? dim.dim_value() : ShapedType::kDynamic);
    if (isKnown)
      known.push_back(dim.dim_value());
  }
  if (!countElements(known, format ? format->bits : 8))
    return emitError(loc) << what << " has a shape whose size in bytes overflows 64 bits; the file is damaged: export "
                          << "the model again";
  return TensorType(RankedTensorType::get(shape, element));
}

TensorType mlir::onnx::mergeTypes(TensorType a, TensorType b) {
  Type element = a.getElementType();
  if (isa<UnknownType>(element))
    element = b.getElementType();
  else if (!isa<UnknownType>(b.getElementType()) && element != b.getElementType())
    return {};
  if (!a.hasRank())
    return b.hasRank() ? TensorType(RankedTensorType::get(b.getShape(), element)) : UnrankedTensorType::get(element);
  if (!b.hasRank())
    return RankedTensorType::get(a.getShape(), element);
  if (a.getRank() != b.getRank())
    return {};
  SmallVector<int64_t> shape(a.getShape());
  for (auto [size, other] : llvm::zip_equal(shape, b.getShape())) {
    if (ShapedType::isDynamic(size))
      size = other;
    else if (!ShapedType::isDynamic(other) && size != other)
      return {};
  }
  return RankedTensorType::get(shape, element);
}
