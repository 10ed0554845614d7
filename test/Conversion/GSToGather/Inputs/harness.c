/* Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
 * See LICENSE for license information.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Calls all products twice, so that the second call finds what the first one left, and writes the bytes of their
 * results. On Hexagon there is no C library: the start-up code and what LLVM calls stand here. */
struct product {
  void (*call)(const void *, void *);
  const void *x;
  void *y;
  unsigned long bytes;
};
#include "data.h"

enum { count = sizeof products / sizeof products[0] };

static void callAll(void) {
  for (int round = 0; round < 2; ++round)
    for (int i = 0; i < count; ++i)
      products[i].call(products[i].x, products[i].y);
}

#ifdef __hexagon__
static long call(long number, long a, long b, long c) {
  register long r6 __asm__("r6") = number;
  register long r0 __asm__("r0") = a;
  register long r1 __asm__("r1") = b;
  register long r2 __asm__("r2") = c;
  __asm__ volatile("trap0(#1)" : "+r"(r0) : "r"(r6), "r"(r1), "r"(r2) : "memory");
  return r0;
}

void *memset(void *to, int value, unsigned long bytes) {
  for (char *at = to; bytes--; ++at)
    *at = (char)value;
  return to;
}

void *memmove(void *to, const void *from, unsigned long bytes) {
  char *target = to;
  const char *source = from;
  if (target < source)
    while (bytes--)
      *target++ = *source++;
  else
    while (bytes--)
      target[bytes] = source[bytes];
  return to;
}

void *memcpy(void *to, const void *from, unsigned long bytes) { return memmove(to, from, bytes); }

static void run(void) {
  callAll();
  int written = 1;
  for (int i = 0; i < count; ++i)
    written &= call(64, 1, (long)products[i].y, (long)products[i].bytes) == (long)products[i].bytes;
  call(93, !written, 0, 0);
}

/* The stack is aligned to a vector before any C code runs. */
__attribute__((naked, noreturn)) void _start(void) {
  __asm__ volatile("r29 = and(r29, #-128)\n"
                   "r30 = #0\n"
                   "call start\n");
}
__attribute__((noreturn)) void start(void) {
  run();
  for (;;)
    ;
}
#else
#include <unistd.h>

int main(void) {
  callAll();
  int written = 1;
  for (int i = 0; i < count; ++i)
    written &= write(1, products[i].y, products[i].bytes) == (ssize_t)products[i].bytes;
  return !written;
}
#endif
