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

#include <stdlib.h>
#include <string.h>
#include <time.h>

double gsrt_now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void gsrt_layer_clock_init(gsrt_layer_clock *clock, int layers) {
  memset(clock, 0, sizeof *clock);
  if (layers <= 0)
    return;
  clock->layers = layers;
  clock->seconds = calloc((size_t)layers, sizeof *clock->seconds);
  clock->waits = calloc((size_t)layers * GSRT_MAX_THREADS, sizeof *clock->waits);
}

void gsrt_layer_clock_fini(gsrt_layer_clock *clock) {
  free(clock->seconds);
  free(clock->waits);
}

void gsrt_layer_clock_reset(gsrt_layer_clock *clock, int threads) {
  clock->current = -1;
  if (clock->seconds)
    memset(clock->seconds, 0, (size_t)clock->layers * sizeof *clock->seconds);
  if (clock->waits)
    memset(clock->waits, 0, (size_t)clock->layers * (size_t)threads * sizeof *clock->waits);
}

/* Where the calling thread is: a barrier does not tell who waits. */
static _Thread_local struct {
  gsrt_layer_clock *clock; /* NULL: outside of all layers */
  int thread, layer;       /* layer -1: none */
} here = {NULL, 0, -1};

void gsrt_layer_waited(gsrt_layer_clock *clock, double seconds) {
  if (here.layer >= 0 && here.layer < clock->layers)
    clock->waits[here.thread * clock->layers + here.layer] += seconds;
}

static void begin(gsrt_layer_clock *clock, int64_t layer) {
  here.layer = layer >= 0 && layer < clock->layers ? (int)layer : -1;
  if (here.thread != 0)
    return;
  const double now = gsrt_now();
  if (clock->current >= 0)
    clock->seconds[clock->current] += now - clock->since;
  clock->current = here.layer;
  clock->since = now;
}

void gsrt_layer(void *barrier, int64_t tid, int64_t layer) {
  gsrt_layer_clock *clock = gsrt_barrier_clock(barrier);
  if (!clock || !clock->seconds)
    return;
  here.thread = (int)tid;
  begin(clock, layer);
  here.clock = here.layer >= 0 ? clock : NULL;
}

void gsrt_layer_part(int64_t layer) {
  if (here.clock)
    begin(here.clock, layer);
}
