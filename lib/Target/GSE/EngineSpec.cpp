//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The built-in records, and records with fields replaced.
//
//===----------------------------------------------------------------------===//
#include "gs/Target/GSE/EngineSpec.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/MathExtras.h"
#include <vector>

using namespace mlir::gse;

/// All records. `gse-inorder2` is the default of struct EngineSpec; the others say in what they differ.
static std::vector<EngineSpec> makeEngines() {
  std::vector<EngineSpec> engines;
  auto add = [&](const char *name) -> EngineSpec & {
    engines.emplace_back();
    engines.back().name = name;
    engines.back().basis = "design choice; not calibrated on hardware";
    return engines.back();
  };
  add("gse-inorder2");
  add("gse-inorder1").issueWidth = 1;
  add("gse-bw8").streamBytesPerCycle = 8;
  EngineSpec &wide = add("gse-ooo3");
  wide.issueWidth = 3;
  wide.fpPipes = 2;
  wide.outOfOrder = true;
  wide.window = 192;
  add("gse-b16").vectorBits = 256;
  add("gse-b32").vectorBits = 512;
  add("gse-tcm32").tcmBytes = 32 << 10;
  add("gse-decoupled").decoupled = true;
  add("gse-cache").cachedGather = true;
  return engines;
}

llvm::ArrayRef<EngineSpec> mlir::gse::getBuiltinEngines() {
  static const std::vector<EngineSpec> engines = makeEngines();
  return engines;
}

/// Replaces one field, "key=value".
static llvm::LogicalResult replaceField(EngineSpec &spec, llvm::StringRef text, EngineErrorFn emitError) {
  auto [key, number] = text.split('=');
  key = key.trim();
  int64_t value = 0;
  if (number.trim().getAsInteger(10, value)) {
    emitError(llvm::Twine("engine '") + spec.name + "': '" + text + "' is not FIELD=INTEGER");
    return llvm::failure();
  }
  auto replace = [&](auto &member, int64_t low, int64_t high) {
    if (value < low || value > high) {
      emitError(llvm::Twine("engine '") + spec.name + "': " + key + " = " + llvm::Twine(value) + " is outside of " +
                llvm::Twine(low) + " to " + llvm::Twine(high));
      return llvm::failure();
    }
    member = static_cast<std::decay_t<decltype(member)>>(value);
    return llvm::success();
  };
#define GS_ENGINE_FIELD(name, member, min, max)                                                                        \
  if (key == #name)                                                                                                    \
    return replace(spec.member, min, max);
#include "gs/Target/GSE/EngineFields.def"
  std::string known;
#define GS_ENGINE_FIELD(name, member, min, max) known += known.empty() ? #name : ", " #name;
#include "gs/Target/GSE/EngineFields.def"
  emitError(llvm::Twine("engine '") + spec.name + "' has no field '" + key + "'; there are " + known);
  return llvm::failure();
}

/// What no field says alone.
static bool checkEngine(const EngineSpec &spec, EngineErrorFn emitError) {
  if (!llvm::isPowerOf2_64(spec.vectorBits))
    emitError(llvm::Twine("engine '") + spec.name + "': vector_bits = " + llvm::Twine(spec.vectorBits) +
              " is not a power of two, so there is no bank number in an address");
  return llvm::isPowerOf2_64(spec.vectorBits);
}

llvm::FailureOr<EngineSpec> mlir::gse::resolveEngine(llvm::StringRef text, EngineErrorFn emitError) {
  auto [name, fields] = text.split('{');
  const EngineSpec *found = nullptr;
  std::string names;
  for (const EngineSpec &engine : getBuiltinEngines()) {
    if (engine.name == name.trim())
      found = &engine;
    names += (names.empty() ? "" : ", ") + engine.name;
  }
  if (!found) {
    emitError(llvm::Twine("unknown engine '") + name.trim() + "'; use one of " + names);
    return llvm::failure();
  }
  EngineSpec spec = *found;
  if (text.contains('{')) {
    fields = fields.trim();
    if (!fields.consume_back("}")) {
      emitError(llvm::Twine("engine '") + text + "': expected '}' at the end");
      return llvm::failure();
    }
    if (failed(replaceFields(spec, fields, emitError)))
      return llvm::failure();
  }
  return spec;
}

llvm::LogicalResult mlir::gse::replaceFields(EngineSpec &spec, llvm::StringRef fields, EngineErrorFn emitError) {
  llvm::SmallVector<llvm::StringRef> parts;
  fields.split(parts, ',', -1, /*KeepEmpty=*/false);
  for (llvm::StringRef part : parts)
    if (failed(replaceField(spec, part.trim(), emitError)))
      return llvm::failure();
  return llvm::success(checkEngine(spec, emitError));
}
