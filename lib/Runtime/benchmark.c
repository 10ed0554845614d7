/*===- benchmark.c - Timing a model --------------------------------------===
 *
 * Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
 * See LICENSE for license information.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===----------------------------------------------------------------------===*/
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* clock_gettime */
#endif

#include "cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { kWarmUps = 3, kMinRuns = 20, kMaxRuns = 1 << 22 };

static double now_seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int compare_doubles(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

int gsrt_benchmark(gsrt_instance *instance, gsrt_buffers *buffers, const gsrt_options *options,
                   gsrt_error_text *error) {
  size_t capacity = 1024, runs = 0;
  double *times = malloc(capacity * sizeof *times);
  if (!times)
    return gsrt_fail(error, "out of memory");

  const void *const *inputs = (const void *const *)buffers->inputs;
  const double begin = now_seconds();
  for (int i = 0; i < kWarmUps || now_seconds() - begin < 0.1 * options->seconds; ++i) {
    if (gsrt_run(instance, inputs, buffers->outputs)) {
      free(times);
      return gsrt_fail(error, "%s", gsrt_error(instance));
    }
    if (now_seconds() - begin > options->seconds)
      break; /* One run that takes longer than the whole measurement is warm enough. */
  }

  /* At least kMinRuns, unless they would take more than four times as long as was asked for. */
  const double start = now_seconds();
  for (double last = start; runs < kMaxRuns;) {
    const double elapsed = last - start;
    if ((elapsed >= options->seconds && runs >= kMinRuns) || (elapsed >= 4 * options->seconds && runs))
      break;
    if (runs == capacity) {
      double *more = realloc(times, 2 * capacity * sizeof *times);
      if (!more)
        break;
      times = more;
      capacity *= 2;
    }
    const double before = now_seconds();
    gsrt_run(instance, inputs, buffers->outputs); /* It has succeeded with these buffers. */
    last = now_seconds();
    times[runs++] = last - before;
  }

  qsort(times, runs, sizeof *times, compare_doubles);
  const double least = times[0];
  const double median = runs % 2 ? times[runs / 2] : 0.5 * (times[runs / 2 - 1] + times[runs / 2]);
  free(times);
  if (options->json)
    printf("{\"min_ms\": %.6f, \"median_ms\": %.6f, \"runs\": %zu, \"threads\": %d}\n", least * 1e3, median * 1e3,
           runs, gsrt_num_threads(instance));
  else
    printf("min %.3f ms, median %.3f ms, %zu runs, %d thread%s\n", least * 1e3, median * 1e3, runs,
           gsrt_num_threads(instance), gsrt_num_threads(instance) == 1 ? "" : "s");
  return 0;
}
