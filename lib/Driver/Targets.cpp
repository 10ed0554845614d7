//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// gsc targets.
//
//===----------------------------------------------------------------------===//
#include "Commands.h"
#include "gs/Target/TargetRegistry.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::driver;

/// "32 K", "1 M".
static std::string bytes(int64_t count) {
  return count >= 1 << 20 ? std::to_string(count >> 20) + " M" : std::to_string(count >> 10) + " K";
}

/// "i16 i32 f32".
static std::string typesOf(const GatherMachine &machine) {
  std::string types;
  for (bool isFloat : {false, true})
    for (unsigned bits : {8, 16, 32, 64})
      if (machine.takes(bits, isFloat))
        types += (types.empty() ? "" : " ") + std::string(isFloat ? "f" : "i") + std::to_string(bits);
  return types;
}

static void printGatherMachine(const GatherMachine &machine, llvm::raw_ostream &os) {
  llvm::json::Object record{{"name", machine.name.str()},
                            {"kind", "gather kernels"},
                            {"basis", machine.basis.str()},
                            {"triple", machine.triple.str()},
                            {"cpu", machine.cpu.str()},
                            {"features", machine.features.str()},
                            {"vector_bits", machine.vectorBits},
                            {"scalable", machine.scalable},
                            {"gather_dest", machine.gatherToMemory ? "memory" : "register"},
                            {"table_bytes", machine.tableBytes},
                            {"lane_bits", machine.laneBits},
                            {"elements", typesOf(machine)}};
  os << llvm::formatv("{0:2}\n", llvm::json::Value(std::move(record)));
}

static void listTargets(llvm::raw_ostream &os, const TargetSpec *host) {
  os << "name            ISA           vector   clock  GFLOP/s     L1d      L2      L3  gather  scheduling\n";
  auto line = [&](const TargetSpec &target) {
    os << llvm::format("%-15s %-12s %5u b  %4.1f GHz  %7.0f", target.name.c_str(), target.cpu.c_str(),
                       target.vectorBits, target.clockGHz, target.peakGFlops())
       << llvm::format("  %6s  %6s  %6s  %3.0f cyc  %s\n", bytes(target.l1Bytes).c_str(), bytes(target.l2Bytes).c_str(),
                       bytes(target.l3Bytes).c_str(), target.gatherCyclesL1, target.tuneCpu.c_str());
  };
  for (const TargetSpec &target : getBuiltinTargets())
    line(target);
  os << "\nGather kernels of single layers (gsc compile PRODUCTS.mlir --target=NAME):\n";
  for (const GatherMachine &machine : getGatherMachines()) {
    std::string types = typesOf(machine);
    os << llvm::format("%-15s %-12s %5u b%s  %-18s %s\n", machine.name.data(), machine.cpu.data(), machine.vectorBits,
                       machine.scalable ? "+" : " ", types.c_str(),
                       findBuiltinTarget(machine.name) ? "" : "also of the layers of a MODEL.onnx, in fixed point");
  }
  os << "\nGFLOP/s: f32 peak of one core. L3: as one core sees it. gather: one full vector of f32 from L1.\n";
  if (host)
    os << "native: on this machine '" << host->name << "'.\n";
  else
    os << "native: this machine has no AVX2 and FMA; programs for it cannot be compiled.\n";
  os << "`gsc targets NAME` prints a whole record; `gsc calibrate -o here.json` measures one of this machine.\n";
}

int mlir::gs::driver::runTargets(Session &session, ArrayRef<StringRef> arguments) {
  std::string name, jsonFile;
  OptionParser parser(
      "targets", "[NAME|FILE] [--json=F]",
      "Lists the machines that programs can be compiled for. With a name, prints all facts of that record; "
      "a copy with changed numbers is a new target for --target=FILE.json.");
  parser.positional("NAME", /*required=*/false, name);
  parser.value("json", "F", "Write all records as a JSON list; - is standard output.", jsonFile);
  if (std::optional<int> code = parseOrExit(session, parser, arguments))
    return *code;
  for (const GatherMachine &machine : getGatherMachines())
    if (machine.name == name && !findBuiltinTarget(name))
      return failed(writeText(session, jsonFile.empty() ? "-" : jsonFile,
                              [&](llvm::raw_ostream &os) { printGatherMachine(machine, os); }));
  if (!name.empty()) {
    FailureOr<TargetSpec> target = resolveTarget(name, [&](const Twine &message) { session.error(message); });
    if (failed(target))
      return 1;
    return failed(writeText(session, jsonFile.empty() ? "-" : jsonFile,
                            [&](llvm::raw_ostream &os) { printTarget(*target, os); }));
  }
  if (!jsonFile.empty())
    return failed(writeText(session, jsonFile, [&](llvm::raw_ostream &os) {
      os << "[\n";
      for (const TargetSpec &target : getBuiltinTargets()) {
        std::string text;
        llvm::raw_string_ostream record(text);
        printTarget(target, record);
        os << StringRef(text).rtrim() << (&target == &getBuiltinTargets().back() ? "\n" : ",\n");
      }
      os << "]\n";
    }));
  FailureOr<TargetSpec> host = detectHostTarget([](const Twine &) {});
  return failed(
      writeStdout(session, [&](llvm::raw_ostream &os) { listTargets(os, succeeded(host) ? &*host : nullptr); }));
}
