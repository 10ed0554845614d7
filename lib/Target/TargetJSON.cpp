//===- TargetJSON.cpp - Target records as JSON ----------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FeatureTable.h"
#include "gs/Target/TargetRegistry.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/TargetParser/Triple.h"

using namespace mlir::gs;

/// Reads the fields of one record; stops at the first error.
namespace {
class FieldReader {
public:
  FieldReader(const llvm::json::Object &object, llvm::StringRef origin, TargetErrorFn emitError)
      : object(object), origin(origin), emitError(emitError) {}

  bool read(llvm::StringRef key, std::string &member) {
    const llvm::json::Value *value = object.get(key);
    if (!value)
      return true;
    std::optional<llvm::StringRef> text = value->getAsString();
    if (!text)
      return fail(key, "expected a string");
    member = text->str();
    return true;
  }

  template <typename T> bool readInteger(llvm::StringRef key, T &member, int64_t least, int64_t most) {
    const llvm::json::Value *value = object.get(key);
    if (!value)
      return true;
    std::optional<int64_t> number = value->getAsInteger();
    if (!number)
      return fail(key, "expected an integer");
    if (*number < least || *number > most)
      return fail(key, llvm::formatv("{0} is outside [{1}, {2}]", *number, least, most).str());
    member = static_cast<T>(*number);
    return true;
  }

  bool readRate(llvm::StringRef key, double &member, double least, double most) {
    const llvm::json::Value *value = object.get(key);
    if (!value)
      return true;
    std::optional<double> number = value->getAsNumber();
    if (!number)
      return fail(key, "expected a number");
    if (!(*number >= least && *number <= most))
      return fail(key, llvm::formatv("{0} is outside [{1}, {2}]", *number, least, most).str());
    member = *number;
    return true;
  }

private:
  bool fail(llvm::StringRef key, llvm::StringRef why) {
    emitError(llvm::Twine("target record '") + origin + "': field '" + key + "': " + why);
    return false;
  }

  const llvm::json::Object &object;
  llvm::StringRef origin;
  TargetErrorFn emitError;
};
} // namespace

static const llvm::StringRef kKeys[] = {
#define GS_TARGET_STRING(key, member) #key,
#define GS_TARGET_INTEGER(key, member, least, most) #key,
#define GS_TARGET_RATE(key, member, least, most) #key,
#include "gs/Target/TargetFields.def"
};

llvm::FailureOr<TargetSpec> mlir::gs::parseTarget(llvm::StringRef json, llvm::StringRef origin,
                                                  TargetErrorFn emitError) {
  auto fail = [&](const llvm::Twine &why) {
    emitError(llvm::Twine("target record '") + origin + "': " + why);
    return llvm::failure();
  };

  llvm::Expected<llvm::json::Value> parsed = llvm::json::parse(json);
  if (!parsed)
    return fail("not JSON: " + llvm::toString(parsed.takeError()));
  const llvm::json::Object *object = parsed->getAsObject();
  if (!object)
    return fail("expected one JSON object with the fields of a target; `gsc calibrate` writes an example");

  TargetSpec spec;
  if (const llvm::json::Value *base = object->get("base")) {
    std::optional<llvm::StringRef> name = base->getAsString();
    const TargetSpec *found = name ? findBuiltinTarget(*name) : nullptr;
    if (!found)
      return fail("field 'base' must name a built-in target (`gsc targets` lists them)");
    spec = *found;
  } else {
    // Without a base nothing may be left to chance: a forgotten field would silently take a generic value.
    for (llvm::StringRef key : kKeys)
      if (!object->get(key))
        return fail("field '" + key + "' is missing; give it, or name a built-in target as \"base\"");
  }
  // Sorted, so that the diagnostic does not depend on the hash order of the object.
  llvm::SmallVector<llvm::StringRef> unknown;
  for (const auto &entry : *object)
    if (entry.first != "base" && !llvm::is_contained(kKeys, llvm::StringRef(entry.first)))
      unknown.push_back(entry.first);
  if (!unknown.empty()) {
    llvm::sort(unknown);
    return fail("unknown field '" + unknown.front() + "'; `gsc targets x86-64-v3` shows every field");
  }

  FieldReader reader(*object, origin, emitError);
  bool ok = true;
#define GS_TARGET_STRING(key, member) ok = ok && reader.read(#key, spec.member);
#define GS_TARGET_INTEGER(key, member, least, most) ok = ok && reader.readInteger(#key, spec.member, least, most);
#define GS_TARGET_RATE(key, member, least, most) ok = ok && reader.readRate(#key, spec.member, least, most);
#include "gs/Target/TargetFields.def"
  if (!ok || failed(finalizeTarget(spec, origin, emitError)))
    return llvm::failure();
  return spec;
}

/// Six digits, so that 0.977 is not printed as 0.97699999999999998.
static void printRate(llvm::json::OStream &json, llvm::StringRef key, double value) {
  std::string digits;
  llvm::raw_string_ostream(digits) << llvm::format("%.6g", value);
  json.attributeBegin(key);
  json.rawValue(digits);
  json.attributeEnd();
}

void mlir::gs::printTarget(const TargetSpec &spec, llvm::raw_ostream &os) {
  llvm::json::OStream json(os, 2);
  json.object([&] {
#define GS_TARGET_STRING(key, member) json.attribute(#key, spec.member);
#define GS_TARGET_INTEGER(key, member, least, most) json.attribute(#key, static_cast<int64_t>(spec.member));
#define GS_TARGET_RATE(key, member, least, most) printRate(json, #key, spec.member);
#include "gs/Target/TargetFields.def"
  });
  os << "\n";
}

llvm::LogicalResult mlir::gs::finalizeTarget(TargetSpec &spec, llvm::StringRef origin, TargetErrorFn emitError) {
  auto fail = [&](const llvm::Twine &why) {
    emitError(llvm::Twine("target record '") + origin + "': " + why);
    return llvm::failure();
  };

  if (spec.name.empty())
    return fail("field 'name' is empty");
  llvm::Triple triple(spec.triple);
  const InstructionSet *set = findInstructionSet(triple);
  if (!set)
    return fail("triple '" + spec.triple + "' is not supported; use one of " + knownTriples());

  std::optional<uint32_t> bits = baselineFeatures(set->arch, spec.cpu);
  if (!bits)
    return fail("cpu '" + spec.cpu + "' is not a baseline the generated program can check at start; use " + set->cpus +
                " and name the processor in 'tune_cpu'");
  llvm::SmallVector<llvm::StringRef> features;
  llvm::StringRef(spec.features).split(features, ',', /*MaxSplit=*/-1, /*KeepEmpty=*/false);
  for (llvm::StringRef feature : features) {
    llvm::StringRef name = feature.trim();
    if (name.consume_front("-"))
      continue;
    std::optional<uint32_t> bit = name.consume_front("+") ? featureBit(set->arch, name) : std::nullopt;
    if (!bit)
      return fail("feature '" + feature.trim() +
                  "' is not one the generated program can check at start; known: " + knownFeatures(set->arch));
    *bits |= *bit;
  }
  if (spec.vectorBits != 128 && spec.vectorBits != 256 && spec.vectorBits != 512)
    return fail("vector_bits must be 128, 256 or 512");
  uint32_t needed = vectorFeatures(set->arch, spec.vectorBits, *bits);
  // The least length of scalable vectors is no feature that a record names: it follows from vector_bits.
  constexpr uint32_t lengths = GSRT_CPU_SVE256 | GSRT_CPU_SVE512 | GSRT_CPU_RVV256 | GSRT_CPU_RVV512;
  if (uint32_t lacking = needed & ~*bits & ~lengths)
    return fail("vector_bits " + llvm::Twine(spec.vectorBits) + " needs a cpu or feature with " +
                featureNames(lacking));
  *bits |= needed & lengths;
  if (set->arch == llvm::Triple::x86_64) {
    if (!(*bits & GSRT_CPU_FMA))
      return fail("the generated code uses fused multiply-add: set cpu to x86-64-v3 or later, or add +fma");
    if (spec.vectorRegisters > 16 && !(*bits & GSRT_CPU_AVX512F))
      return fail("more than 16 vector registers need AVX-512");
  }
  spec.requiredCpuFeatures = *bits;
  return llvm::success();
}
