/*===- pool.c - Threads that are kept between runs -----------------------===
 *
 * Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
 * See LICENSE for license information.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===----------------------------------------------------------------------===
 *
 * Every wait is a `gate`: a counter that waiters watch until it moves, first by
 * spinning (a layer takes microseconds, a wake-up tens of them), then asleep, so
 * that an idle or descheduled pool costs nothing.
 *
 *===----------------------------------------------------------------------===*/
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* pthread_sigmask */
#endif

#include "internal.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* Some 50 microseconds of spinning at 40-140 cycles per pause. */
enum { kSpins = 1500 };

static inline void cpu_relax(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

/*===- Gate ---------------------------------------------------------------===*/

typedef struct gate {
  _Alignas(64) atomic_uint count; /* moves when the gate opens; alone in its cache line, for it is what is spun on */
  _Alignas(64) pthread_mutex_t mutex;
  pthread_cond_t moved;
  int sleepers; /* guarded by mutex */
} gate;

static void gate_init(gate *g) {
  atomic_init(&g->count, 0);
  pthread_mutex_init(&g->mutex, NULL);
  pthread_cond_init(&g->moved, NULL);
  g->sleepers = 0;
}

static void gate_fini(gate *g) {
  pthread_cond_destroy(&g->moved);
  pthread_mutex_destroy(&g->mutex);
}

/* The mutex makes "look, then sleep" of a waiter and "move, then wake" of the opener exclude each other: without it a
 * waiter could go to sleep just after the wake-up it needs. */
static void gate_open(gate *g) {
  pthread_mutex_lock(&g->mutex);
  atomic_fetch_add_explicit(&g->count, 1, memory_order_release);
  if (g->sleepers)
    pthread_cond_broadcast(&g->moved);
  pthread_mutex_unlock(&g->mutex);
}

static void gate_wait(gate *g, unsigned seen, int spins) {
  for (int i = 0; i < spins; ++i) {
    if (atomic_load_explicit(&g->count, memory_order_acquire) != seen)
      return;
    cpu_relax();
  }
  pthread_mutex_lock(&g->mutex);
  ++g->sleepers;
  while (atomic_load_explicit(&g->count, memory_order_acquire) == seen)
    pthread_cond_wait(&g->moved, &g->mutex);
  --g->sleepers;
  pthread_mutex_unlock(&g->mutex);
}

/*===- Barrier ------------------------------------------------------------===*/

typedef struct barrier_state {
  gate released;
  _Alignas(64) atomic_int arrived;
  int threads;
  int spins;
  gsrt_layer_clock *clock; /* of the instance that runs; only thread 0 looks at it */
} barrier_state;

void gsrt_barrier(void *barrier) {
  barrier_state *b = barrier;
  if (b->threads == 1)
    return;
  /* The count is read before arriving: once the last thread has arrived it may move at any moment. */
  const unsigned seen = atomic_load_explicit(&b->released.count, memory_order_relaxed);
  if (atomic_fetch_add_explicit(&b->arrived, 1, memory_order_acq_rel) == b->threads - 1) {
    /* Reset before the release: nobody arrives again until the gate has moved. */
    atomic_store_explicit(&b->arrived, 0, memory_order_relaxed);
    gate_open(&b->released);
    return;
  }
  gate_wait(&b->released, seen, b->spins);
}

/*===- Pool ---------------------------------------------------------------===*/

typedef struct worker {
  gsrt_pool *pool;
  pthread_t thread;
  int index;
} worker;

struct gsrt_pool {
  gate start;          /* moves when there is a job, or when the threads are to end */
  barrier_state inner; /* for the job itself */
  barrier_state done;  /* met by all threads when the job is over */
  gsrt_job_fn job;     /* NULL: end */
  void *context;
  int threads;
  int started; /* worker threads that exist */
  worker workers[];
};

static void *worker_main(void *argument) {
  worker *self = argument;
  gsrt_pool *pool = self->pool;
  gsrt_flush_denormals();
  for (unsigned seen = 0;; ++seen) {
    gate_wait(&pool->start, seen, pool->inner.spins);
    if (!pool->job)
      return NULL;
    pool->job(pool->context, self->index, pool->threads);
    gsrt_barrier(&pool->done);
  }
}

static void barrier_init(barrier_state *b, int threads, int spins) {
  gate_init(&b->released);
  atomic_init(&b->arrived, 0);
  b->threads = threads;
  b->spins = spins;
}

gsrt_pool *gsrt_pool_create(int threads, gsrt_error_text *error) {
  const size_t bytes = sizeof(gsrt_pool) + (size_t)threads * sizeof(worker);
  gsrt_pool *pool = aligned_alloc(64, (bytes + 63) / 64 * 64);
  if (!pool) {
    gsrt_fail(error, "no memory for a pool of %d threads", threads);
    return NULL;
  }
  memset(pool, 0, bytes);
  /* With more threads than cores a spinning thread would hold the core that its partner needs. */
  const int spins = threads > gsrt_usable_cores() ? 0 : kSpins;
  pool->threads = threads;
  gate_init(&pool->start);
  barrier_init(&pool->inner, threads, spins);
  barrier_init(&pool->done, threads, spins);

  /* Signals are for the threads of the application. */
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int status = 0;
  for (int i = 1; i < threads && !status; ++i) {
    worker *w = &pool->workers[i];
    w->pool = pool;
    w->index = i;
    status = pthread_create(&w->thread, NULL, worker_main, w);
    if (!status)
      pool->started = i;
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (status) {
    gsrt_fail(error, "cannot start thread %d of %d: %s; ask for fewer threads", pool->started + 2, threads,
              strerror(status));
    gsrt_pool_destroy(pool);
    return NULL;
  }
  return pool;
}

void gsrt_pool_destroy(gsrt_pool *pool) {
  if (!pool)
    return;
  pool->job = NULL;
  gate_open(&pool->start);
  for (int i = 1; i <= pool->started; ++i)
    pthread_join(pool->workers[i].thread, NULL);
  gate_fini(&pool->done.released);
  gate_fini(&pool->inner.released);
  gate_fini(&pool->start);
  free(pool);
}

int gsrt_pool_threads(const gsrt_pool *pool) { return pool->threads; }

void *gsrt_pool_barrier(gsrt_pool *pool) { return &pool->inner; }

void gsrt_pool_set_clock(gsrt_pool *pool, gsrt_layer_clock *clock) { pool->inner.clock = clock; }

gsrt_layer_clock *gsrt_barrier_clock(void *barrier) { return ((barrier_state *)barrier)->clock; }

void gsrt_pool_run(gsrt_pool *pool, gsrt_job_fn job, void *context) {
  if (pool->threads == 1) {
    job(context, 0, 1);
    return;
  }
  pool->job = job;
  pool->context = context;
  gate_open(&pool->start);
  job(context, 0, pool->threads);
  gsrt_barrier(&pool->done);
}
