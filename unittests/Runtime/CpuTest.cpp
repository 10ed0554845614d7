//===- CpuTest.cpp - Refusing a CPU ------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FakeModel.h"
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

TEST(Cpu, NamesWhatIsMissing) {
  gsrt_model model = kFakeModel;
  model.cpu_features = GSRT_CPU_AVX2 | GSRT_CPU_AVX512F | GSRT_CPU_AVX512VNNI;
  gsrt_error_text error;
  EXPECT_EQ(gsrt_check_features(&model, model.cpu_features | GSRT_CPU_FMA, &error), 0);
  EXPECT_EQ(gsrt_check_features(&model, GSRT_CPU_AVX2, &error), -1);
  EXPECT_STREQ(error.text,
               "this CPU lacks avx512f, avx512vnni, which model 'fake' was compiled to use (target x86-64-v3); compile "
               "it again with --target=native on this machine");
  EXPECT_EQ(gsrt_check_features(&model, 0, &error), -1);
  EXPECT_NE(std::string(error.text).find("; use a machine with AVX2 and FMA"), std::string::npos);
}

TEST(Cpu, UnknownBitIsMissingEverywhere) {
  gsrt_model model = kFakeModel;
  model.cpu_features = 1u << 31;
  EXPECT_EQ(gsrt_create(&model, 1), nullptr);
  EXPECT_NE(std::string(gsrt_error(nullptr)).find("lacks bit31"), std::string::npos) << gsrt_error(nullptr);
}

TEST(Cpu, NamesFitTheBuffer) {
  char small[16];
  gsrt_feature_names(~0u, small, sizeof small);
  EXPECT_LT(strlen(small), sizeof small);
}

// The operating system's own list is an independent oracle.
TEST(Cpu, AgreesWithTheKernel) {
  std::ifstream info("/proc/cpuinfo");
  std::string line;
  while (std::getline(info, line) && line.rfind("flags", 0) != 0)
    ;
  if (line.empty())
    GTEST_SKIP() << "no list of flags";
  std::istringstream words(line);
  std::string flags = " ", word;
  while (words >> word)
    flags += word + " ";
  const struct {
    uint32_t bit;
    const char *flag;
  } pairs[] = {{GSRT_CPU_AVX, "avx"},
               {GSRT_CPU_AVX2, "avx2"},
               {GSRT_CPU_FMA, "fma"},
               {GSRT_CPU_F16C, "f16c"},
               {GSRT_CPU_BMI1, "bmi1"},
               {GSRT_CPU_BMI2, "bmi2"},
               {GSRT_CPU_LZCNT, "abm"},
               {GSRT_CPU_MOVBE, "movbe"},
               {GSRT_CPU_SSE42, "sse4_2"},
               {GSRT_CPU_POPCNT, "popcnt"},
               {GSRT_CPU_AVX512F, "avx512f"},
               {GSRT_CPU_AVX512BW, "avx512bw"},
               {GSRT_CPU_AVX512CD, "avx512cd"},
               {GSRT_CPU_AVX512DQ, "avx512dq"},
               {GSRT_CPU_AVX512VL, "avx512vl"},
               {GSRT_CPU_AVX512VNNI, "avx512_vnni"},
               {GSRT_CPU_AVX512VBMI, "avx512vbmi"},
               {GSRT_CPU_AVX512BF16, "avx512_bf16"},
               {GSRT_CPU_AVX512FP16, "avx512_fp16"}};
  const uint32_t host = gsrt_host_features();
  for (const auto &pair : pairs)
    EXPECT_EQ((host & pair.bit) != 0, flags.find(std::string(" ") + pair.flag + " ") != std::string::npos) << pair.flag;
}

TEST(Cpu, HasACore) { EXPECT_GE(gsrt_usable_cores(), 1); }
