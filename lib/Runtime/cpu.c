/*===- cpu.c - Refusing a CPU that cannot run the code -------------------===
 *
 * Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
 * See LICENSE for license information.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===----------------------------------------------------------------------===
 *
 * This file runs before any generated code and must itself run on every
 * processor of its architecture: it is compiled for the baseline.
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

/* Where CPUID says what the processor has. */
enum cpuid_word { LEAF1_ECX, LEAF7_EBX, LEAF7_ECX, LEAF7_EDX, LEAF7_1_EAX, EXTENDED_ECX, NO_CPUID, CPUID_WORDS };

/* Which register files the operating system must save for it. */
enum saved_state { NO_STATE, YMM_STATE, ZMM_STATE };

static const struct {
  uint32_t feature;
  const char *name;
  enum cpuid_word word;
  int bit;
  enum saved_state state;
} known[] = {
    {GSRT_CPU_SSE42, "sse4.2", LEAF1_ECX, 20, NO_STATE},
    {GSRT_CPU_POPCNT, "popcnt", LEAF1_ECX, 23, NO_STATE},
    {GSRT_CPU_AVX, "avx", LEAF1_ECX, 28, YMM_STATE},
    {GSRT_CPU_AVX2, "avx2", LEAF7_EBX, 5, YMM_STATE},
    {GSRT_CPU_FMA, "fma", LEAF1_ECX, 12, YMM_STATE},
    {GSRT_CPU_F16C, "f16c", LEAF1_ECX, 29, YMM_STATE},
    {GSRT_CPU_BMI1, "bmi1", LEAF7_EBX, 3, NO_STATE},
    {GSRT_CPU_BMI2, "bmi2", LEAF7_EBX, 8, NO_STATE},
    {GSRT_CPU_LZCNT, "lzcnt", EXTENDED_ECX, 5, NO_STATE},
    {GSRT_CPU_MOVBE, "movbe", LEAF1_ECX, 22, NO_STATE},
    {GSRT_CPU_AVX512F, "avx512f", LEAF7_EBX, 16, ZMM_STATE},
    {GSRT_CPU_AVX512BW, "avx512bw", LEAF7_EBX, 30, ZMM_STATE},
    {GSRT_CPU_AVX512CD, "avx512cd", LEAF7_EBX, 28, ZMM_STATE},
    {GSRT_CPU_AVX512DQ, "avx512dq", LEAF7_EBX, 17, ZMM_STATE},
    {GSRT_CPU_AVX512VL, "avx512vl", LEAF7_EBX, 31, ZMM_STATE},
    {GSRT_CPU_AVX512VNNI, "avx512vnni", LEAF7_ECX, 11, ZMM_STATE},
    {GSRT_CPU_AVX512VBMI, "avx512vbmi", LEAF7_ECX, 1, ZMM_STATE},
    {GSRT_CPU_AVX512BF16, "avx512bf16", LEAF7_1_EAX, 5, ZMM_STATE},
    {GSRT_CPU_AVX512FP16, "avx512fp16", LEAF7_EDX, 23, ZMM_STATE},
    {GSRT_CPU_NEON, "neon", NO_CPUID, 0, NO_STATE},
    {GSRT_CPU_SVE, "sve", NO_CPUID, 0, NO_STATE},
    {GSRT_CPU_SVE256, "sve of 256 bits", NO_CPUID, 0, NO_STATE},
    {GSRT_CPU_SVE512, "sve of 512 bits", NO_CPUID, 0, NO_STATE},
    {GSRT_CPU_RVV, "v", NO_CPUID, 0, NO_STATE},
    {GSRT_CPU_RVV256, "v of 256 bits", NO_CPUID, 0, NO_STATE},
    {GSRT_CPU_RVV512, "v of 512 bits", NO_CPUID, 0, NO_STATE},
};
enum { KNOWN = sizeof known / sizeof known[0] };

#if defined(__x86_64__)
#include <cpuid.h>

/* XCR0 says which register files the operating system saves: without it AVX code would fault or lose its registers. */
static enum saved_state read_saved_state(unsigned leaf1_ecx) {
  uint32_t low, high;
  if (!(leaf1_ecx & (1u << 27))) /* xgetbv itself */
    return NO_STATE;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  if ((low & 0xe6) == 0xe6) /* xmm, ymm, opmask, upper halves of zmm, zmm16-31 */
    return ZMM_STATE;
  return (low & 0x06) == 0x06 ? YMM_STATE : NO_STATE;
}

uint32_t gsrt_host_features(void) {
  unsigned eax, ebx, ecx, edx, words[CPUID_WORDS] = {0};
  if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx))
    return 0;
  words[LEAF1_ECX] = ecx;
  if (__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx)) {
    words[LEAF7_EBX] = ebx;
    words[LEAF7_ECX] = ecx;
    words[LEAF7_EDX] = edx;
    if (eax >= 1 && __get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx))
      words[LEAF7_1_EAX] = eax;
  }
  if (__get_cpuid(0x80000001, &eax, &ebx, &ecx, &edx))
    words[EXTENDED_ECX] = ecx;

  const enum saved_state saved = read_saved_state(words[LEAF1_ECX]);
  uint32_t features = 0;
  for (int i = 0; i < KNOWN; ++i)
    if ((words[known[i].word] >> known[i].bit & 1) && known[i].state <= saved)
      features |= known[i].feature;
  return features;
}
#elif defined(__aarch64__)
#include <sys/auxv.h>
#include <sys/prctl.h>

uint32_t gsrt_host_features(void) {
  const unsigned long capabilities = getauxval(AT_HWCAP);
  uint32_t features = capabilities >> 1 & 1 ? GSRT_CPU_NEON : 0;
  if (!(capabilities >> 22 & 1))
    return features;
  features |= GSRT_CPU_SVE;
  /* The length that this process has, which may be less than what the processor has. */
  const int length = prctl(51 /* PR_SVE_GET_VL */);
  const int bits = length < 0 ? 128 : (length & 0xffff) * 8;
  return features | (bits >= 256 ? GSRT_CPU_SVE256 : 0) | (bits >= 512 ? GSRT_CPU_SVE512 : 0);
}
#elif defined(__riscv) && __riscv_xlen == 64
#include <sys/auxv.h>

uint32_t gsrt_host_features(void) {
  if (!(getauxval(AT_HWCAP) >> ('V' - 'A') & 1))
    return 0;
  unsigned long bytes;
  __asm__ volatile("csrr %0, 0xc22" : "=r"(bytes)); /* vlenb; V guarantees 16 */
  return GSRT_CPU_RVV | (bytes >= 32 ? GSRT_CPU_RVV256 : 0) | (bytes >= 64 ? GSRT_CPU_RVV512 : 0);
}
#else
uint32_t gsrt_host_features(void) { return 0; }
#endif

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
  for (int i = 0; i < KNOWN; ++i)
    if (features & known[i].feature) {
      append_name(buffer, bytes, &used, known[i].name);
      features &= ~known[i].feature;
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
  const char *remedy = "compile it again with --target=native on this machine";
  if (missing & (GSRT_CPU_AVX2 | GSRT_CPU_FMA))
    remedy = "use a machine with AVX2 and FMA";
  else if (missing & (GSRT_CPU_SVE256 | GSRT_CPU_SVE512) && host & GSRT_CPU_SVE)
    remedy = "compile it again for shorter vectors (--target=aarch64-sve@128)";
  else if (missing & (GSRT_CPU_SVE | GSRT_CPU_SVE256))
    remedy = "compile it again with --target=aarch64-neon";
  else if (missing & (GSRT_CPU_RVV256 | GSRT_CPU_RVV512) && host & GSRT_CPU_RVV)
    remedy = "compile it again for shorter vectors (--target=riscv64-v)";
  else if (missing & GSRT_CPU_RVV)
    remedy = "use a machine with V 1.0";
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
