/*===- denormals.c - Denormal numbers are zero during a run --------------===
 *
 * Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
 * See LICENSE for license information.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===----------------------------------------------------------------------===
 *
 * A multiplication that meets a denormal costs a hundred times more than one
 * that does not. The state belongs to the thread, so the caller's is restored.
 *
 *===----------------------------------------------------------------------===*/
#include "internal.h"

#if defined(__x86_64__)
#include <xmmintrin.h>

uint64_t gsrt_flush_denormals(void) {
  const unsigned saved = _mm_getcsr();
  _mm_setcsr(saved | 0x8040u); /* FTZ: results, DAZ: operands */
  return saved;
}

void gsrt_restore_denormals(uint64_t saved) {
  /* Exception flags raised meanwhile are the caller's business no more than any library's: only the modes go back. */
  _mm_setcsr((unsigned)saved);
}
#elif defined(__aarch64__)
uint64_t gsrt_flush_denormals(void) {
  uint64_t saved;
  __asm__ volatile("mrs %0, fpcr" : "=r"(saved));
  __asm__ volatile("msr fpcr, %0" : : "r"(saved | (UINT64_C(1) << 24)));
  return saved;
}

void gsrt_restore_denormals(uint64_t saved) { __asm__ volatile("msr fpcr, %0" : : "r"(saved)); }
#else
uint64_t gsrt_flush_denormals(void) { return 0; }
void gsrt_restore_denormals(uint64_t saved) { (void)saved; }
#endif
