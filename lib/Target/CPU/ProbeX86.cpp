//===- ProbeX86.cpp - Loops whose speed is a fact -------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ProbeX86.h"
#include "gs/Runtime/gsrt.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

using namespace mlir::gs;

#if defined(__x86_64__)

// Twelve copies of an instruction, with registers and addresses that do not depend on each other.
#define GS_TWELVE(X, V)                                                                                                \
  X(V, 0) X(V, 1) X(V, 2) X(V, 3) X(V, 4) X(V, 5) X(V, 6) X(V, 7) X(V, 8) X(V, 9) X(V, 10) X(V, 11)
#define GS_EIGHT(X, V) X(V, 0) X(V, 1) X(V, 2) X(V, 3) X(V, 4) X(V, 5) X(V, 6) X(V, 7)

// V is "ymm" or "zmm"; I numbers the copies. Registers 12 to 15 are operands and hold zero.
#define GS_FMA(V, I) "vfmadd231ps %%" V "14, %%" V "15, %%" V #I "\n"
#define GS_FMA_CHAIN(V, I) "vfmadd231ps %%" V "14, %%" V "15, %%" V "0\n"
#define GS_FMA_MEMORY(V, I) "vfmadd231ps 64*" #I "(%0), %%" V "15, %%" V #I "\n"
#define GS_FMA_BROADCAST_512(V, I) "vfmadd231ps 4*" #I "(%0)%{1to16%}, %%" V "15, %%" V #I "\n"
#define GS_FMA_BROADCAST_256(V, I)                                                                                     \
  "vbroadcastss 4*" #I "(%0), %%" V "13\n"                                                                             \
  "vfmadd231ps %%" V "13, %%" V "15, %%" V #I "\n"
#define GS_DOT_INT8(V, I) "vpdpbusd %%" V "14, %%" V "15, %%" V #I "\n"
#define GS_DOT_BF16(V, I) "vdpbf16ps %%" V "14, %%" V "15, %%" V #I "\n"
#define GS_PERMUTE(V, I) "vpermps %%" V "14, %%" V "15, %%" V #I "\n"
#define GS_LOAD(V, I) "vmovups 64*" #I "(%0), %%" V #I "\n"
#define GS_MISALIGNED(V, I) "vmovups 64*" #I "+4(%0), %%" V #I "\n"
// ymm: every second load off by one element splits a line, as in a walk over consecutive vectors.
#define GS_MISALIGNED_256(V, I) "vmovups 32*" #I "+4(%0), %%" V #I "\n"
#define GS_BROADCAST(V, I) "vbroadcastss 4*" #I "(%0), %%" V #I "\n"
#define GS_STORE(V, I) "vmovaps %%" V #I ", 64*" #I "(%0)\n"
#define GS_NARROW_STORE_512(V, I) "vmovaps %%ymm" #I ", 64*" #I "(%0)\n"
#define GS_NARROW_STORE_256(V, I) "vmovaps %%xmm" #I ", 64*" #I "(%0)\n"
// Three quarters of a zmm, half of a ymm.
#define GS_MASKED_STORE_512(V, I) "vmovups %%zmm" #I ", 64*" #I "(%0)%{%%k1%}\n"
#define GS_MASKED_STORE_256(V, I) "vmaskmovps %%ymm" #I ", %%ymm14, 64*" #I "(%0)\n"
#define GS_STREAM_512(V, I) "vmovaps 64*" #I "(%0), %%" V #I "\n"
#define GS_STREAM_256(V, I)                                                                                            \
  "vmovaps 64*" #I "(%0), %%" V #I "\n"                                                                                \
  "vmovaps 64*" #I "+32(%0), %%" V #I "\n"
#define GS_STREAM_STORE_512(V, I) "vmovaps %%" V #I ", 64*" #I "(%0)\n"
#define GS_STREAM_STORE_256(V, I)                                                                                      \
  "vmovaps %%" V #I ", 64*" #I "(%0)\n"                                                                                \
  "vmovaps %%" V #I ", 64*" #I "+32(%0)\n"

#define GS_CLOBBERS                                                                                                    \
  "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13",  \
      "xmm14", "xmm15", "cc", "memory"

// `%1` counts down. The loop starts on a line of the instruction cache.
#define GS_LOOP(NAME, ISA, BODY, ...)                                                                                  \
  __attribute__((target(ISA), noinline)) static void NAME(char *memory, long iterations) {                             \
    asm volatile("vzeroall\n"                                                                                          \
                 ".p2align 6\n"                                                                                        \
                 "1:\n" BODY "decq %1\n"                                                                               \
                 "jnz 1b\n"                                                                                            \
                 "vzeroupper\n"                                                                                        \
                 : "+r"(memory), "+r"(iterations)                                                                      \
                 :                                                                                                     \
                 : GS_CLOBBERS __VA_OPT__(, ) __VA_ARGS__);                                                            \
  }

#define GS_512 "avx512f,avx512vnni,avx512bf16"
GS_LOOP(fma512, GS_512, GS_TWELVE(GS_FMA, "zmm"))
GS_LOOP(fmaLatency512, GS_512, GS_TWELVE(GS_FMA_CHAIN, "zmm"))
GS_LOOP(fmaMemory512, GS_512, GS_TWELVE(GS_FMA_MEMORY, "zmm"))
GS_LOOP(fmaBroadcast512, GS_512, GS_TWELVE(GS_FMA_BROADCAST_512, "zmm"))
GS_LOOP(dotInt8_512, GS_512, GS_TWELVE(GS_DOT_INT8, "zmm"))
GS_LOOP(dotBf16_512, GS_512, GS_TWELVE(GS_DOT_BF16, "zmm"))
GS_LOOP(permute512, GS_512, GS_TWELVE(GS_PERMUTE, "zmm"))
GS_LOOP(load512, GS_512, GS_TWELVE(GS_LOAD, "zmm"))
GS_LOOP(misaligned512, GS_512, GS_TWELVE(GS_MISALIGNED, "zmm"))
GS_LOOP(broadcast512, GS_512, GS_TWELVE(GS_BROADCAST, "zmm"))
GS_LOOP(store512, GS_512, GS_TWELVE(GS_STORE, "zmm"))
GS_LOOP(narrowStore512, GS_512, GS_TWELVE(GS_NARROW_STORE_512, "zmm"))
GS_LOOP(maskedStore512, GS_512,
        "kxnorw %%k1, %%k1, %%k1\nkshiftrw $4, %%k1, %%k1\n" GS_TWELVE(GS_MASKED_STORE_512, "zmm"), "k1")
GS_LOOP(stream512, GS_512, GS_EIGHT(GS_STREAM_512, "zmm") "addq $512, %0\n")
GS_LOOP(streamStore512, GS_512, GS_EIGHT(GS_STREAM_STORE_512, "zmm") "addq $512, %0\n")

#define GS_256 "avx2,fma"
GS_LOOP(fma256, GS_256, GS_TWELVE(GS_FMA, "ymm"))
GS_LOOP(fmaLatency256, GS_256, GS_TWELVE(GS_FMA_CHAIN, "ymm"))
GS_LOOP(fmaMemory256, GS_256, GS_TWELVE(GS_FMA_MEMORY, "ymm"))
GS_LOOP(fmaBroadcast256, GS_256, GS_TWELVE(GS_FMA_BROADCAST_256, "ymm"))
GS_LOOP(permute256, GS_256, GS_TWELVE(GS_PERMUTE, "ymm"))
GS_LOOP(load256, GS_256, GS_TWELVE(GS_LOAD, "ymm"))
GS_LOOP(misaligned256, GS_256, GS_TWELVE(GS_MISALIGNED_256, "ymm"))
GS_LOOP(broadcast256, GS_256, GS_TWELVE(GS_BROADCAST, "ymm"))
GS_LOOP(store256, GS_256, GS_TWELVE(GS_STORE, "ymm"))
GS_LOOP(narrowStore256, GS_256, GS_TWELVE(GS_NARROW_STORE_256, "ymm"))
GS_LOOP(maskedStore256, GS_256, "vpcmpeqd %%xmm14, %%xmm14, %%xmm14\n" GS_TWELVE(GS_MASKED_STORE_256, "ymm"))
GS_LOOP(stream256, GS_256, GS_EIGHT(GS_STREAM_256, "ymm") "addq $512, %0\n")
GS_LOOP(streamStore256, GS_256, GS_EIGHT(GS_STREAM_STORE_256, "ymm") "addq $512, %0\n")

__attribute__((target("avx512f"), noinline)) static void gather512(const float *table, const int32_t *indices,
                                                                   long count) {
  for (long i = 0; i < count; i += 16) {
    __m512 loaded = _mm512_i32gather_ps(_mm512_loadu_si512(indices + i), table, 4);
    asm volatile("" : : "v"(loaded));
  }
}

__attribute__((target("avx2"), noinline)) static void gather256(const float *table, const int32_t *indices,
                                                                long count) {
  for (long i = 0; i < count; i += 8) {
    __m256i index = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(indices + i));
    __m256 loaded = _mm256_i32gather_ps(table, index, 4);
    asm volatile("" : : "x"(loaded));
  }
}

static void multiplyChain(char *, long iterations) {
  int64_t value = 1;
  asm volatile(".p2align 6\n"
               "1:\n"
               "imulq %0, %0\n imulq %0, %0\n imulq %0, %0\n imulq %0, %0\n"
               "imulq %0, %0\n imulq %0, %0\n imulq %0, %0\n imulq %0, %0\n"
               "decq %1\n"
               "jnz 1b\n"
               : "+r"(value), "+r"(iterations)
               :
               : "cc");
}

const VectorProbes &mlir::gs::getVectorProbes(unsigned vectorBits) {
  static const VectorProbes zmm = {
      /*fma=*/{fma512, 12, GSRT_CPU_AVX512F},
      /*fmaLatency=*/{fmaLatency512, 12, GSRT_CPU_AVX512F},
      /*fmaMemory=*/{fmaMemory512, 12, GSRT_CPU_AVX512F},
      /*fmaBroadcast=*/{fmaBroadcast512, 12, GSRT_CPU_AVX512F},
      /*dotInt8=*/{dotInt8_512, 12, GSRT_CPU_AVX512VNNI},
      /*dotBf16=*/{dotBf16_512, 12, GSRT_CPU_AVX512BF16},
      /*permute=*/{permute512, 12, GSRT_CPU_AVX512F},
      /*load=*/{load512, 12, GSRT_CPU_AVX512F},
      /*misalignedLoad=*/{misaligned512, 12, GSRT_CPU_AVX512F},
      /*broadcast=*/{broadcast512, 12, GSRT_CPU_AVX512F},
      /*store=*/{store512, 12, GSRT_CPU_AVX512F},
      /*narrowStore=*/{narrowStore512, 12, GSRT_CPU_AVX512F},
      /*maskedStore=*/{maskedStore512, 12, GSRT_CPU_AVX512F},
      /*stream=*/{stream512, 512, GSRT_CPU_AVX512F},
      /*streamStore=*/{streamStore512, 512, GSRT_CPU_AVX512F},
      gather512,
  };
  static const VectorProbes ymm = {
      /*fma=*/{fma256, 12, GSRT_CPU_FMA},
      /*fmaLatency=*/{fmaLatency256, 12, GSRT_CPU_FMA},
      /*fmaMemory=*/{fmaMemory256, 12, GSRT_CPU_FMA},
      /*fmaBroadcast=*/{fmaBroadcast256, 12, GSRT_CPU_FMA},
      /*dotInt8=*/{nullptr, 0, 0},
      /*dotBf16=*/{nullptr, 0, 0},
      /*permute=*/{permute256, 12, GSRT_CPU_AVX2},
      /*load=*/{load256, 12, GSRT_CPU_AVX2},
      /*misalignedLoad=*/{misaligned256, 12, GSRT_CPU_AVX2},
      /*broadcast=*/{broadcast256, 12, GSRT_CPU_AVX2},
      /*store=*/{store256, 12, GSRT_CPU_AVX2},
      /*narrowStore=*/{narrowStore256, 12, GSRT_CPU_AVX2},
      /*maskedStore=*/{maskedStore256, 12, GSRT_CPU_AVX2},
      /*stream=*/{stream256, 512, GSRT_CPU_AVX2},
      /*streamStore=*/{streamStore256, 512, GSRT_CPU_AVX2},
      gather256,
  };
  return vectorBits == 512 ? zmm : ymm;
}

Probe mlir::gs::getClockProbe() { return {multiplyChain, 8 * 3, 0}; }

#else

const VectorProbes &mlir::gs::getVectorProbes(unsigned) {
  static const VectorProbes none = {};
  return none;
}

Probe mlir::gs::getClockProbe() { return {nullptr, 0, 0}; }

#endif
