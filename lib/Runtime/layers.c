/*===- layers.c - Time per layer -------------------------------------------===
 *
 * Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
 * See LICENSE for license information.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===----------------------------------------------------------------------===*/
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* clock_gettime */
#endif

#include "internal.h"

#include <string.h>
#include <time.h>

double gsrt_now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void gsrt_layer_clock_reset(gsrt_layer_clock *clock) {
  clock->current = -1;
  if (clock->seconds)
    memset(clock->seconds, 0, (size_t)clock->layers * sizeof *clock->seconds);
}

void gsrt_layer(void *barrier, int64_t tid, int64_t layer) {
  gsrt_layer_clock *clock = tid == 0 ? gsrt_barrier_clock(barrier) : NULL;
  if (!clock || !clock->seconds)
    return;
  const double now = gsrt_now();
  if (clock->current >= 0)
    clock->seconds[clock->current] += now - clock->since;
  clock->current = layer >= 0 && layer < clock->layers ? (int)layer : -1;
  clock->since = now;
}
