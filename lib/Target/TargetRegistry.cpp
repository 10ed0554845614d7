//===- TargetRegistry.cpp - Look-up of target records ---------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "gs/Target/TargetRegistry.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"
#include <vector>

using namespace mlir::gs;

namespace mlir::gs {
#define GS_TARGET(maker) TargetSpec maker();
#include "gs/Target/Targets.def"
} // namespace mlir::gs

llvm::ArrayRef<TargetSpec> mlir::gs::getBuiltinTargets() {
  static const std::vector<TargetSpec> targets = [] {
    std::vector<TargetSpec> made;
#define GS_TARGET(maker) made.push_back(maker());
#include "gs/Target/Targets.def"
    // A built-in record that fails its own check is a mistake of this project; the unit test of the registry finds it.
    for (TargetSpec &target : made)
      (void)finalizeTarget(target, "built-in target",
                           [](const llvm::Twine &message) { llvm::errs() << message << "\n"; });
    return made;
  }();
  return targets;
}

const TargetSpec *mlir::gs::findBuiltinTarget(llvm::StringRef name) {
  for (const TargetSpec &target : getBuiltinTargets())
    if (target.name == name)
      return &target;
  return nullptr;
}

/// Applies the `@BITS` of a target text.
static llvm::FailureOr<TargetSpec> withVectorBits(llvm::FailureOr<TargetSpec> spec, llvm::StringRef bits,
                                                  TargetErrorFn emitError) {
  if (llvm::failed(spec))
    return spec;
  unsigned value = 0;
  if (bits.getAsInteger(10, value) || (value != 128 && value != 256 && value != 512) || value > spec->vectorBits) {
    emitError(llvm::Twine("target '") + spec->name + "' has no vectors of '" + bits +
              "' bits; use 128, 256 or 512, at most " + llvm::Twine(spec->vectorBits));
    return llvm::failure();
  }
  // Scalable vectors of any length hold narrower ones; the features follow from the width.
  spec->vectorBits = value;
  if (llvm::failed(finalizeTarget(*spec, spec->name, emitError)))
    return llvm::failure();
  return spec;
}

llvm::FailureOr<TargetSpec> mlir::gs::resolveTarget(llvm::StringRef nameOrFile, TargetErrorFn emitError) {
  if (auto [name, bits] = nameOrFile.rsplit('@'); nameOrFile.contains('@'))
    return withVectorBits(resolveTarget(name, emitError), bits, emitError);
  if (nameOrFile == "native")
    return detectHostTarget(emitError);
  if (const TargetSpec *target = findBuiltinTarget(nameOrFile))
    return *target;

  if (nameOrFile.contains('/') || nameOrFile.ends_with(".json")) {
    auto buffer = llvm::MemoryBuffer::getFile(nameOrFile, /*IsText=*/true);
    if (!buffer) {
      emitError(llvm::Twine("target file '") + nameOrFile + "': " + buffer.getError().message() +
                "; `gsc calibrate -o FILE` writes one for this machine");
      return llvm::failure();
    }
    return parseTarget((*buffer)->getBuffer(), nameOrFile, emitError);
  }

  std::string names = "native";
  for (const TargetSpec &target : getBuiltinTargets())
    names += ", " + target.name;
  emitError(llvm::Twine("unknown target '") + nameOrFile + "'; use one of " + names +
            ", or the path of a record written by `gsc calibrate`");
  return llvm::failure();
}
