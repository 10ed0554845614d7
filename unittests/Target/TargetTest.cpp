//===- TargetTest.cpp - Target records and their JSON ---------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "gs/Runtime/gsrt.h"
#include "gs/Target/TargetRegistry.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/raw_ostream.h"
#include <gtest/gtest.h>

using namespace mlir::gs;

static std::string print(const TargetSpec &spec) {
  std::string text;
  llvm::raw_string_ostream os(text);
  printTarget(spec, os);
  return text;
}

/// The diagnostic of a record that must be refused.
static std::string error(llvm::StringRef json) {
  std::string message;
  int reports = 0;
  auto result = parseTarget(json, "t.json", [&](const llvm::Twine &text) {
    message = text.str();
    ++reports;
  });
  EXPECT_TRUE(failed(result)) << json.str();
  EXPECT_EQ(reports, 1) << json.str();
  return message;
}

TEST(Targets, BuiltinRecordsAreConsistent) {
  llvm::StringSet<> names;
  for (TargetSpec spec : getBuiltinTargets()) {
    EXPECT_TRUE(names.insert(spec.name).second) << spec.name;
    EXPECT_FALSE(spec.basis.empty()) << spec.name;
    EXPECT_TRUE(succeeded(finalizeTarget(spec, spec.name, [](const llvm::Twine &text) { FAIL() << text.str(); })));
    EXPECT_EQ(findBuiltinTarget(spec.name)->name, spec.name);
    EXPECT_GE(spec.loadsPerCycle, spec.misalignedLoadsPerCycle) << spec.name;
    EXPECT_GE(spec.l1BytesPerCycle, spec.l2BytesPerCycle) << spec.name;
    EXPECT_GE(spec.l2BytesPerCycle, spec.l3BytesPerCycle) << spec.name;
    EXPECT_GE(spec.l3BytesPerCycle, spec.dramBytesPerCycle) << spec.name;
    EXPECT_LT(spec.l1Bytes, spec.l2Bytes) << spec.name;
  }
  for (const char *name : {"x86-64-v3", "emerald-rapids", "granite-rapids", "zen4"})
    EXPECT_TRUE(names.contains(name));
}

TEST(Targets, Derived) {
  const TargetSpec &zen4 = *findBuiltinTarget("zen4");
  EXPECT_EQ(zen4.lanes(), 16u);
  EXPECT_EQ(zen4.vectorBytes(), 64u);
  EXPECT_NEAR(zen4.peakGFlops(), 118, 1);
  EXPECT_TRUE(zen4.requiredCpuFeatures & GSRT_CPU_AVX512VNNI);
  const TargetSpec &v3 = *findBuiltinTarget("x86-64-v3");
  EXPECT_EQ(v3.lanes(), 8u);
  EXPECT_FALSE(v3.requiredCpuFeatures & GSRT_CPU_AVX512F);
  EXPECT_TRUE(v3.requiredCpuFeatures & GSRT_CPU_FMA);
}

TEST(Targets, ScalableVectorsNeedALeastLength) {
  auto features = [](llvm::StringRef name) {
    auto spec = resolveTarget(name, [](const llvm::Twine &text) { FAIL() << text.str(); });
    return succeeded(spec) ? spec->requiredCpuFeatures : 0;
  };
  EXPECT_EQ(features("aarch64-neon"), uint32_t(GSRT_CPU_NEON));
  EXPECT_EQ(features("aarch64-sve"), uint32_t(GSRT_CPU_NEON | GSRT_CPU_SVE | GSRT_CPU_SVE256));
  EXPECT_EQ(features("aarch64-sve@128"), uint32_t(GSRT_CPU_NEON | GSRT_CPU_SVE));
  EXPECT_EQ(features("riscv64-v"), uint32_t(GSRT_CPU_RVV));
  auto wide = parseTarget(R"({"base": "riscv64-v", "vector_bits": 512})", "t.json",
                          [](const llvm::Twine &text) { FAIL() << text.str(); });
  ASSERT_TRUE(succeeded(wide));
  EXPECT_EQ(wide->requiredCpuFeatures, uint32_t(GSRT_CPU_RVV | GSRT_CPU_RVV256 | GSRT_CPU_RVV512));
}

TEST(Targets, JSONRoundTrip) {
  for (const TargetSpec &spec : getBuiltinTargets()) {
    std::string text = print(spec);
    auto again = parseTarget(text, "t.json", [](const llvm::Twine &message) { FAIL() << message.str(); });
    ASSERT_TRUE(succeeded(again));
    EXPECT_EQ(print(*again), text);
    EXPECT_EQ(again->requiredCpuFeatures, spec.requiredCpuFeatures);
  }
}

TEST(Targets, JSONOnABase) {
  auto spec = parseTarget(R"({"base": "zen4", "name": "mine", "l2_bytes": 2097152, "clock_ghz": 5})", "t.json",
                          [](const llvm::Twine &message) { FAIL() << message.str(); });
  ASSERT_TRUE(succeeded(spec));
  EXPECT_EQ(spec->name, "mine");
  EXPECT_EQ(spec->l2Bytes, 2097152);
  EXPECT_EQ(spec->clockGHz, 5);
  EXPECT_EQ(spec->gatherCyclesL1, 22);
}

TEST(Targets, JSONErrors) {
  const std::string record = "target record 't.json': ";
  EXPECT_EQ(error("{").rfind(record + "not JSON: ", 0), 0u);
  EXPECT_EQ(error("[1]"),
            record + "expected one JSON object with the fields of a target; `gsc calibrate` writes an example");
  EXPECT_EQ(error("{}"), record + "field 'name' is missing; give it, or name a built-in target as \"base\"");
  EXPECT_EQ(error(R"({"base": "z80"})"),
            record + "field 'base' must name a built-in target (`gsc targets` lists them)");
  EXPECT_EQ(error(R"({"base": "zen4", "l4_bytes": 1, "l5": 2})"),
            record + "unknown field 'l4_bytes'; `gsc targets x86-64-v3` shows every field");
  EXPECT_EQ(error(R"({"base": "zen4", "l2_bytes": "big"})"), record + "field 'l2_bytes': expected an integer");
  EXPECT_EQ(error(R"({"base": "zen4", "cores": 1.5})"), record + "field 'cores': expected an integer");
  EXPECT_EQ(error(R"({"base": "zen4", "cores": 0})"), record + "field 'cores': 0 is outside [1, 65536]");
  EXPECT_EQ(error(R"({"base": "zen4", "clock_ghz": -3})").rfind(record + "field 'clock_ghz': -3", 0), 0u);
  EXPECT_EQ(error(R"({"base": "zen4", "name": 7})"), record + "field 'name': expected a string");
  EXPECT_EQ(error(R"({"base": "zen4", "name": ""})"), record + "field 'name' is empty");
  EXPECT_EQ(error(R"({"base": "zen4", "triple": "mips-linux"})"),
            record + "triple 'mips-linux' is not supported; use one of x86_64-unknown-linux-gnu, "
                     "aarch64-unknown-linux-gnu, riscv64-unknown-linux-gnu");
  EXPECT_EQ(error(R"({"base": "zen4", "triple": "riscv64-unknown-linux-gnu"})"),
            record + "cpu 'x86-64-v4' is not a baseline the generated program can check at start; use generic-rv64 and "
                     "name the processor in 'tune_cpu'");
  EXPECT_EQ(error(R"({"base": "aarch64-neon", "features": "+avx2"})"),
            record + "feature '+avx2' is not one the generated program can check at start; known: neon, sve");
  EXPECT_EQ(error(R"({"base": "aarch64-neon", "vector_bits": 256})"),
            record + "vector_bits 256 needs a cpu or feature with sve");
  EXPECT_EQ(error(R"({"base": "riscv64-v", "features": "+m,+a,+f,+d,+c"})"),
            record + "vector_bits 128 needs a cpu or feature with v");
  EXPECT_NE(error(R"({"base": "zen4", "cpu": "znver4"})").find("cpu 'znver4' is not a baseline"), std::string::npos);
  EXPECT_NE(error(R"({"base": "zen4", "features": "+amx-tile"})").find("feature '+amx-tile' is not one"),
            std::string::npos);
  EXPECT_NE(error(R"({"base": "zen4", "features": "avx2"})").find("feature 'avx2' is not one"), std::string::npos);
  EXPECT_EQ(error(R"({"base": "x86-64-v3", "vector_bits": 512})"),
            record + "vector_bits 512 needs a cpu or feature with avx512f");
  EXPECT_EQ(error(R"({"base": "x86-64-v3", "vector_bits": 384})"), record + "vector_bits must be 128, 256 or 512");
  EXPECT_EQ(error(R"({"base": "x86-64-v3", "vector_registers": 32})"),
            record + "more than 16 vector registers need AVX-512");
}

TEST(Targets, Resolve) {
  std::string message;
  auto keep = [&](const llvm::Twine &text) { message = text.str(); };
  EXPECT_TRUE(failed(resolveTarget("pdp11", keep)));
  EXPECT_EQ(message, "unknown target 'pdp11'; use one of native, x86-64-v3, x86-64-v4, emerald-rapids, granite-rapids, "
                     "zen4, aarch64-neon, "
                     "aarch64-sve, riscv64-v, or the path of a record written by `gsc calibrate`");
  EXPECT_TRUE(failed(resolveTarget("./none.json", keep)));
  EXPECT_EQ(
      message,
      "target file './none.json': No such file or directory; `gsc calibrate -o FILE` writes one for this machine");
  EXPECT_TRUE(succeeded(resolveTarget("zen4", keep)));
}

TEST(Targets, HostRunsWhatIsDetected) {
  std::string message;
  auto host = detectHostTarget([&](const llvm::Twine &text) { message = text.str(); });
  if (failed(host))
    GTEST_SKIP() << message;
  EXPECT_TRUE(hostSupports(*host, &message)) << message;
  EXPECT_GE(host->cores, 1u);
}

TEST(Targets, CalibrationGivesAValidRecord) {
  std::string message;
  auto host = detectHostTarget([&](const llvm::Twine &text) { message = text.str(); });
  if (failed(host))
    GTEST_SKIP() << message;
  int steps = 0;
  auto measured =
      calibrateHost("here", [&](const llvm::Twine &text) { message = text.str(); }, [&](llvm::StringRef) { ++steps; });
  ASSERT_TRUE(succeeded(measured)) << message;
  EXPECT_GT(steps, 2);
  auto again = parseTarget(print(*measured), "t.json", [](const llvm::Twine &text) { FAIL() << text.str(); });
  ASSERT_TRUE(succeeded(again));
  EXPECT_EQ(again->name, "here");
  EXPECT_EQ(again->requiredCpuFeatures, host->requiredCpuFeatures);
}
