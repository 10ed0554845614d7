//===- ProbeBarrier.cpp - The time of a barrier ---------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The barrier is that of the runtime, which programs link: what is measured is
// what they will wait for. The threads are bound to two cores: a scheduler may
// leave both on one for longer than the measurement takes.
//
//===----------------------------------------------------------------------===//

#include "ProbeBarrier.h"
#include <algorithm>
#include <chrono>
#include <cmath>
#include <pthread.h>
#include <sched.h>

extern "C" {
#include "../../Runtime/internal.h"
}

/// Few per trial: on a busy machine some trials pass between two interruptions.
static constexpr int kBarriers = 100;
static constexpr double kSeconds = 0.3;
/// A barrier of this many seconds has slept: so long trials go on until one did not, but not for ever.
static constexpr double kSlept = 20e-6, kMostSeconds = 3;

static double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

namespace {
struct Trials {
  void *barrier;
  const cpu_set_t *usable;
  double least = HUGE_VAL; ///< seconds of kBarriers; thread 0 writes it
  bool over = false;       ///< thread 0 writes it, and barriers lie between
};
} // namespace

/// Binds the calling thread to the core of that number among the usable ones.
static void bind(int number, const cpu_set_t &usable) {
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu)
    if (CPU_ISSET(cpu, &usable) && number-- == 0) {
      cpu_set_t one;
      CPU_ZERO(&one);
      CPU_SET(cpu, &one);
      pthread_setaffinity_np(pthread_self(), sizeof one, &one); // Without it the scheduler places the thread.
      return;
    }
}

static void meetOften(void *context, int thread, int) {
  auto *trials = static_cast<Trials *>(context);
  bind(thread, *trials->usable);
  for (double begin = now(); !trials->over;) {
    // Behind this one both are running.
    gsrt_barrier(trials->barrier);
    double start = now();
    for (int i = 0; i < kBarriers; ++i)
      gsrt_barrier(trials->barrier);
    double stop = now();
    if (thread == 0) {
      trials->least = std::min(trials->least, stop - start);
      trials->over = stop - begin > (trials->least < kBarriers * kSlept ? kSeconds : kMostSeconds);
    }
    gsrt_barrier(trials->barrier);
  }
}

double mlir::gs::measureBarrier(std::string &error) {
  cpu_set_t usable;
  CPU_ZERO(&usable);
  if (sched_getaffinity(0, sizeof usable, &usable) || CPU_COUNT(&usable) < 2)
    return 0;
  gsrt_error_text text;
  gsrt_pool *pool = gsrt_pool_create(2, &text);
  if (!pool) {
    error = text.text;
    return -1;
  }
  Trials trials{gsrt_pool_barrier(pool), &usable};
  gsrt_pool_run(pool, meetOften, &trials);
  gsrt_pool_destroy(pool);
  pthread_setaffinity_np(pthread_self(), sizeof usable, &usable);
  return trials.least < kBarriers * kSlept ? trials.least * 1e6 / kBarriers : 0;
}
