/*===- pool.c - Threads that are kept between runs -----------------------===
 *
 * Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
 * See LICENSE for license information.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===----------------------------------------------------------------------===
 *
 * Threads belong to the process, not to an instance: a run borrows those that are
 * free, at most as many as keep all runs together within the usable cores. So
 * several instances that run side by side share the cores instead of fighting
 * for them, and a lone one has them all.
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

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
  gsrt_layer_clock *clock; /* of the instance that runs */
} barrier_state;

static void meet(barrier_state *b) {
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

void gsrt_barrier(void *barrier) {
  barrier_state *b = barrier;
  if (b->threads == 1)
    return;
  gsrt_layer_clock *clock = b->clock;
  if (!clock || !clock->waits) {
    meet(b);
    return;
  }
  const double arrived = gsrt_now();
  meet(b);
  gsrt_layer_waited(clock, gsrt_now() - arrived);
}

/*===- Workers ------------------------------------------------------------===*/

typedef struct worker {
  gate start;      /* moves when there is a job, or when the thread is to end */
  gate finished;   /* moves when the job is over */
  gsrt_pool *pool; /* whose job it is; NULL: end */
  pthread_t thread;
  int index; /* in the team of the run */
  int spins;
  unsigned seen;       /* count of `finished` before the run; the caller's */
  struct worker *next; /* in the list of free ones */
} worker;

struct gsrt_pool {
  barrier_state inner; /* for the job itself */
  gsrt_job_fn job;
  void *context;
  int threads; /* asked for */
  int cores;   /* usable when it was made */
  worker *team[GSRT_MAX_THREADS];
};

/* The workers of this copy of the runtime. */
static struct {
  pthread_mutex_t mutex;
  worker *all[GSRT_MAX_THREADS];
  worker *free;
  int workers;
  int pools;   /* that live; the workers end with the last one */
  int active;  /* threads inside of runs, callers included */
  pid_t owner; /* a forked child has no workers */
} shared = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static void *worker_main(void *argument) {
  worker *self = argument;
  gsrt_flush_denormals();
  int spins = 0;
  for (unsigned seen = 0;; ++seen) {
    gate_wait(&self->start, seen, spins);
    gsrt_pool *pool = self->pool;
    if (!pool)
      return NULL;
    pool->job(pool->context, self->index, pool->inner.threads);
    spins = self->spins;
    /* From here on the pool may be gone, and the next run may write the fields above. */
    gate_open(&self->finished);
  }
}

/* Worker `index` (from 0) of `cores` usable ones goes to core index + 1; the first is left to the caller. */
static void pin(pthread_t thread, int index) {
  cpu_set_t usable, one;
  CPU_ZERO(&usable);
  if (sched_getaffinity(0, sizeof usable, &usable) || CPU_COUNT(&usable) == 0)
    return;
  int wanted = (index + 1) % CPU_COUNT(&usable);
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu)
    if (CPU_ISSET(cpu, &usable) && wanted-- == 0) {
      CPU_ZERO(&one);
      CPU_SET(cpu, &one);
      pthread_setaffinity_np(thread, sizeof one, &one); /* Without it the scheduler places the thread. */
      return;
    }
}

/* Ends all workers. The mutex is held, and nothing runs. */
static void end_workers(void) {
  for (int i = 0; i < shared.workers; ++i) {
    worker *w = shared.all[i];
    if (shared.owner == getpid()) {
      w->pool = NULL;
      gate_open(&w->start);
      pthread_join(w->thread, NULL);
      gate_fini(&w->finished);
      gate_fini(&w->start);
    }
    free(w);
  }
  shared.workers = 0;
  shared.free = NULL;
}

/* Starts workers until there are `count`. The mutex is held. */
static int start_workers(int count, int pinned) {
  /* Signals are for the threads of the application. */
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int status = 0;
  while (shared.workers < count && !status) {
    worker *w = aligned_alloc(64, (sizeof(worker) + 63) / 64 * 64);
    if (!w) {
      status = ENOMEM;
      break;
    }
    memset(w, 0, sizeof *w);
    gate_init(&w->start);
    gate_init(&w->finished);
    status = pthread_create(&w->thread, NULL, worker_main, w);
    if (status) {
      gate_fini(&w->finished);
      gate_fini(&w->start);
      free(w);
      break;
    }
    if (pinned)
      pin(w->thread, shared.workers);
    shared.all[shared.workers++] = w;
    w->next = shared.free;
    shared.free = w;
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return status;
}

/* A child of fork has the list of workers, but not the threads. The mutex is held. */
static void forget_lost_workers(void) {
  if (shared.owner == getpid())
    return;
  end_workers();
  shared.active = 0;
  shared.owner = getpid();
}

/*===- Pool ---------------------------------------------------------------===*/

static void barrier_init(barrier_state *b, int threads) {
  gate_init(&b->released);
  atomic_init(&b->arrived, 0);
  b->threads = threads;
}

/* GSC_PIN; -1 and a text if it is neither 0 nor 1. */
static int read_pin(gsrt_error_text *error) {
  const char *text = getenv("GSC_PIN");
  if (!text || !*text || !strcmp(text, "0"))
    return 0;
  if (!strcmp(text, "1"))
    return 1;
  return gsrt_fail(error, "GSC_PIN is '%s'; set it to 1 to bind threads to cores, to 0 not to, or unset it", text);
}

gsrt_pool *gsrt_pool_create(int threads, gsrt_error_text *error) {
  const int pinned = read_pin(error);
  if (pinned < 0)
    return NULL;
  gsrt_pool *pool = aligned_alloc(64, (sizeof(gsrt_pool) + 63) / 64 * 64);
  if (!pool) {
    gsrt_fail(error, "no memory for a pool of %d threads", threads);
    return NULL;
  }
  memset(pool, 0, sizeof *pool);
  pool->threads = threads;
  pool->cores = gsrt_usable_cores();
  barrier_init(&pool->inner, threads);

  pthread_mutex_lock(&shared.mutex);
  forget_lost_workers();
  ++shared.pools;
  const int status = start_workers(threads - 1, pinned);
  const int started = shared.workers;
  pthread_mutex_unlock(&shared.mutex);
  if (status) {
    gsrt_fail(error, "cannot start thread %d of %d: %s; ask for fewer threads", started + 2, threads, strerror(status));
    gsrt_pool_destroy(pool);
    return NULL;
  }
  return pool;
}

void gsrt_pool_destroy(gsrt_pool *pool) {
  if (!pool)
    return;
  pthread_mutex_lock(&shared.mutex);
  forget_lost_workers();
  if (--shared.pools == 0)
    end_workers();
  pthread_mutex_unlock(&shared.mutex);
  gate_fini(&pool->inner.released);
  free(pool);
}

int gsrt_pool_threads(const gsrt_pool *pool) { return pool->threads; }

void *gsrt_pool_barrier(gsrt_pool *pool) { return &pool->inner; }

void gsrt_pool_set_clock(gsrt_pool *pool, gsrt_layer_clock *clock) { pool->inner.clock = clock; }

gsrt_layer_clock *gsrt_barrier_clock(void *barrier) { return ((barrier_state *)barrier)->clock; }

void gsrt_pool_run(gsrt_pool *pool, gsrt_job_fn job, void *context) {
  /* Borrow workers. A lone run gets what it asked for, even beyond the cores: that was its caller's decision. */
  pthread_mutex_lock(&shared.mutex);
  forget_lost_workers();
  const int alone = shared.active == 0;
  const int room = alone ? pool->threads - 1 : pool->cores - shared.active - 1;
  int helpers = 0;
  while (helpers < pool->threads - 1 && helpers < room && shared.free) {
    worker *w = shared.free;
    shared.free = w->next;
    pool->team[helpers++] = w;
  }
  shared.active += 1 + helpers;
  /* With more threads than cores a spinning thread would hold the core that its partner needs. */
  const int spins = shared.active > pool->cores ? 0 : kSpins;
  pthread_mutex_unlock(&shared.mutex);

  pool->job = job;
  pool->context = context;
  pool->inner.threads = 1 + helpers;
  pool->inner.spins = spins;
  for (int i = 0; i < helpers; ++i) {
    worker *w = pool->team[i];
    w->pool = pool;
    w->index = i + 1;
    w->spins = spins;
    w->seen = atomic_load_explicit(&w->finished.count, memory_order_relaxed);
    gate_open(&w->start);
  }
  job(context, 0, 1 + helpers);
  for (int i = 0; i < helpers; ++i)
    gate_wait(&pool->team[i]->finished, pool->team[i]->seen, spins);

  pthread_mutex_lock(&shared.mutex);
  shared.active -= 1 + helpers;
  for (int i = helpers; i-- > 0;) { /* The same workers, in the same order, next time: their caches are warm. */
    pool->team[i]->next = shared.free;
    shared.free = pool->team[i];
  }
  pthread_mutex_unlock(&shared.mutex);
}
