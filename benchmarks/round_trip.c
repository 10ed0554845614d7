//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// round_trip A B: nanoseconds that a cache line takes from core A to core B and
// back, the least of ten measurements.
//
//===----------------------------------------------------------------------===//
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { kTrips = 2000, kSeries = 10 };

static _Alignas(128) atomic_int ball;

static int settle(int core) {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(core, &one);
  return sched_setaffinity(0, sizeof one, &one);
}

static void *answer(void *core) {
  settle(*(int *)core);
  for (int i = 0; i < kTrips * kSeries; ++i) {
    while (atomic_load_explicit(&ball, memory_order_acquire) != 2 * i + 1)
      ;
    atomic_store_explicit(&ball, 2 * i + 2, memory_order_release);
  }
  return NULL;
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return 1e9 * (double)t.tv_sec + (double)t.tv_nsec;
}

int main(int argc, char **argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: round_trip CORE CORE\n");
    return 2;
  }
  int there = atoi(argv[2]);
  pthread_t other;
  /* The other thread inherits the affinity: it is made first. */
  if (pthread_create(&other, NULL, answer, &there) || settle(atoi(argv[1]))) {
    fprintf(stderr, "round_trip: cannot use cores %s and %s\n", argv[1], argv[2]);
    return 1;
  }
  double least = 1e30;
  for (int series = 0, i = 0; series < kSeries; ++series) {
    const double begin = now();
    for (const int end = i + kTrips; i < end; ++i) {
      atomic_store_explicit(&ball, 2 * i + 1, memory_order_release);
      while (atomic_load_explicit(&ball, memory_order_acquire) != 2 * i + 2)
        ;
    }
    const double trip = (now() - begin) / kTrips;
    if (series && trip < least) /* the first one waits for the other thread */
      least = trip;
  }
  pthread_join(other, NULL);
  printf("%.1f\n", least);
  return 0;
}
