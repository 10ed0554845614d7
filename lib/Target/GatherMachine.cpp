//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Records of instruction sets with a gather in hardware.
//
//===----------------------------------------------------------------------===//
#include "gs/Target/GatherMachine.h"
#include <string>

using namespace mlir::gs;

static constexpr GatherMachine kMachines[] = {
    // VTCM: the least of a V67 core. The number of its sub-banks is in no public source.
    {"hexagon-hvx", "Hexagon V67 HVX in 128-byte mode, as LLVM and QEMU know it; not measured",
     "hexagon-unknown-linux-musl", "hexagonv67", "+hvxv67,+hvx-length128b", 1024,
     /*scalable=*/false,
     /*gatherToMemory=*/true, /*tableBytes=*/256 << 10, /*reach16=*/64 << 10, /*laneBits=*/16,
     /*integers=*/16 | 32, /*floats=*/0},
    {"aarch64-sve", "Arm Scalable Vector Extension: gathers have lanes of 32 and 64 bits; not measured",
     "aarch64-unknown-linux-gnu", "generic", "+sve", 128,
     /*scalable=*/true, /*gatherToMemory=*/false, 0, 0, /*laneBits=*/32, /*integers=*/16 | 32, /*floats=*/16 | 32 | 64},
    // Two registers as one: with one, vectors of 64-bit lanes would be vector<[1]x...>, whose broadcasts MLIR 22 lowers
    // to
    // an insertion into the first lane alone.
    {"riscv64-v", "RISC-V V 1.0: indexed loads of any lane; not measured", "riscv64-unknown-linux-gnu", "generic-rv64",
     "+m,+a,+f,+d,+c,+v", 128, /*scalable=*/true,
     /*gatherToMemory=*/false, 0, 0, /*laneBits=*/8, /*integers=*/16 | 32, /*floats=*/32 | 64},
};

llvm::ArrayRef<GatherMachine> mlir::gs::getGatherMachines() { return kMachines; }

const GatherMachine *mlir::gs::resolveGatherMachine(llvm::StringRef name,
                                                    llvm::function_ref<void(const llvm::Twine &)> emitError) {
  std::string names;
  for (const GatherMachine &machine : kMachines) {
    if (machine.name == name)
      return &machine;
    names += (names.empty() ? "" : ", ") + machine.name.str();
  }
  emitError("unknown machine '" + name + "'; use one of " + names);
  return nullptr;
}
