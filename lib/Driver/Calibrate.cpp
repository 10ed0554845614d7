//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// gsc calibrate.
//
//===----------------------------------------------------------------------===//
#include "Commands.h"
#include "gs/Target/TargetRegistry.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::driver;

int mlir::gs::driver::runCalibrate(Session &session, ArrayRef<StringRef> arguments) {
  std::string output = "-", name;
  OptionParser parser(
      "calibrate", "[-o F.json] [--name=NAME]",
      "Measures this machine for a few seconds (one core, two for barriers; let nothing else run) and writes what "
      "it found as a record for --target=F.json.");
  parser.value("o", "F.json", "File to write; default: standard output.", output);
  parser.value("name", "NAME", "Name of the record; default: that of the file, else calibrated.", name);
  if (std::optional<int> code = parseOrExit(session, parser, arguments))
    return *code;
  if (failed(checkWritable(session, "-o", output, "")))
    return 1;
  if (name.empty())
    name = output == "-" ? "calibrated" : llvm::sys::path::stem(output).str();
  FailureOr<TargetSpec> target = calibrateHost(
      name, [&](const Twine &message) { session.error(message); },
      [&](StringRef what) { session.phase("measuring " + what); });
  session.endPhases();
  if (failed(target))
    return 1;
  return failed(writeText(session, output, [&](llvm::raw_ostream &os) { printTarget(*target, os); }));
}
