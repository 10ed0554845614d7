/*===- cpu.c - Refusing a CPU that cannot run the code -------------------===
 *
 * Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
 * See LICENSE for license information.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===----------------------------------------------------------------------===
 *
 * This file runs before any generated code and must itself run on every x86-64
 * processor: it is compiled for the baseline.
 *
 *===----------------------------------------------------------------------===*/
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* sched_getaffinity */
#endif

#include "internal.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#if defined(__x86_64__)
#include <cpuid.h>

/* XCR0 says which register files the operating system saves: without it AVX code would fault or lose its registers. */
static uint64_t read_xcr0(void) {
  uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return ((uint64_t)high << 32) | low;
}

uint32_t gsrt_host_features(void) {
  unsigned eax, ebx, ecx, edx;
  uint32_t features = 0;
  if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx))
    return 0;
  const unsigned leaf1 = ecx;
  if (leaf1 & (1u << 20)) features |= GSRT_CPU_SSE42;
  if (leaf1 & (1u << 22)) features |= GSRT_CPU_MOVBE;
  if (leaf1 & (1u << 23)) features |= GSRT_CPU_POPCNT;

  const uint64_t xcr0 = leaf1 & (1u << 27) ? read_xcr0() : 0;
  const int ymm = (xcr0 & 0x06) == 0x06; /* xmm, ymm */
  const int zmm = (xcr0 & 0xe6) == 0xe6; /* and opmask, upper halves of zmm, zmm16-31 */
  if (ymm) {
    if (leaf1 & (1u << 28)) features |= GSRT_CPU_AVX;
    if (leaf1 & (1u << 12)) features |= GSRT_CPU_FMA;
    if (leaf1 & (1u << 29)) features |= GSRT_CPU_F16C;
  }

  if (__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx)) {
    if (ebx & (1u << 3)) features |= GSRT_CPU_BMI1;
    if (ebx & (1u << 8)) features |= GSRT_CPU_BMI2;
    if (ymm && (ebx & (1u << 5))) features |= GSRT_CPU_AVX2;
    if (zmm) {
      if (ebx & (1u << 16)) features |= GSRT_CPU_AVX512F;
      if (ebx & (1u << 17)) features |= GSRT_CPU_AVX512DQ;
      if (ebx & (1u << 28)) features |= GSRT_CPU_AVX512CD;
      if (ebx & (1u << 30)) features |= GSRT_CPU_AVX512BW;
      if (ebx & (1u << 31)) features |= GSRT_CPU_AVX512VL;
      if (ecx & (1u << 1)) features |= GSRT_CPU_AVX512VBMI;
      if (ecx & (1u << 11)) features |= GSRT_CPU_AVX512VNNI;
      if (edx & (1u << 23)) features |= GSRT_CPU_AVX512FP16;
      if (__get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx) && (eax & (1u << 5))) features |= GSRT_CPU_AVX512BF16;
    }
  }
  if (__get_cpuid(0x80000001, &eax, &ebx, &ecx, &edx) && (ecx & (1u << 5))) features |= GSRT_CPU_LZCNT;
  return features;
}
#else
uint32_t gsrt_host_features(void) { return 0; }
#endif

static const struct {
  uint32_t bit;
  const char *name;
} feature_names[] = {
    {GSRT_CPU_SSE42, "sse4.2"},          {GSRT_CPU_POPCNT, "popcnt"},         {GSRT_CPU_AVX, "avx"},
    {GSRT_CPU_AVX2, "avx2"},             {GSRT_CPU_FMA, "fma"},               {GSRT_CPU_F16C, "f16c"},
    {GSRT_CPU_BMI1, "bmi1"},             {GSRT_CPU_BMI2, "bmi2"},             {GSRT_CPU_LZCNT, "lzcnt"},
    {GSRT_CPU_MOVBE, "movbe"},           {GSRT_CPU_AVX512F, "avx512f"},       {GSRT_CPU_AVX512BW, "avx512bw"},
    {GSRT_CPU_AVX512CD, "avx512cd"},     {GSRT_CPU_AVX512DQ, "avx512dq"},     {GSRT_CPU_AVX512VL, "avx512vl"},
    {GSRT_CPU_AVX512VNNI, "avx512vnni"}, {GSRT_CPU_AVX512VBMI, "avx512vbmi"}, {GSRT_CPU_AVX512BF16, "avx512bf16"},
    {GSRT_CPU_AVX512FP16, "avx512fp16"},
};

/* Appends `name` to a list of which *used bytes are taken; a name that does not fit is left out. */
static void append_name(char *buffer, size_t bytes, size_t *used, const char *name) {
  const int written = snprintf(buffer + *used, bytes - *used, "%s%s", *used ? ", " : "", name);
  if (written > 0 && (size_t)written < bytes - *used)
    *used += (size_t)written;
  buffer[*used] = 0;
}

void gsrt_feature_names(uint32_t features, char *buffer, size_t bytes) {
  size_t used = 0;
  buffer[0] = 0;
  for (size_t i = 0; i < sizeof feature_names / sizeof feature_names[0]; ++i)
    if (features & feature_names[i].bit) {
      append_name(buffer, bytes, &used, feature_names[i].name);
      features &= ~feature_names[i].bit;
    }
  for (int bit = 0; bit < 32; ++bit)
    if (features & (UINT32_C(1) << bit)) {
      char unknown[16];
      snprintf(unknown, sizeof unknown, "bit%d", bit);
      append_name(buffer, bytes, &used, unknown);
    }
}

int gsrt_check_features(const gsrt_model *model, uint32_t host, gsrt_error_text *error) {
  const uint32_t missing = model->cpu_features & ~host;
  if (!missing)
    return 0;
  char names[256];
  gsrt_feature_names(missing, names, sizeof names);
  const char *remedy = missing & (GSRT_CPU_AVX2 | GSRT_CPU_FMA) ? "use a machine with AVX2 and FMA"
                                                                : "compile it again with --target=native on this machine";
  return gsrt_fail(error, "this CPU lacks %s, which model '%s' was compiled to use (target %s); %s", names, model->name,
                   model->target, remedy);
}

int gsrt_usable_cores(void) {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0)
    return CPU_COUNT(&set);
  const long online = sysconf(_SC_NPROCESSORS_ONLN);
  return online > 0 ? (int)online : 1;
}
