//===- PoolTest.cpp - Threads and barrier ------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FakeModel.h"
#include <atomic>
#include <chrono>
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {
struct Pool {
  explicit Pool(int threads) : pool(gsrt_pool_create(threads, &error)) {}
  ~Pool() { gsrt_pool_destroy(pool); }
  gsrt_error_text error = {};
  gsrt_pool *pool;
};
} // namespace

TEST(Pool, RunsOnEveryThreadOnce) {
  for (int threads : {1, 2, 3, 8}) {
    Pool pool(threads);
    ASSERT_NE(pool.pool, nullptr);
    EXPECT_EQ(gsrt_pool_threads(pool.pool), threads);
    std::vector<std::atomic<int>> calls(threads);
    for (int run = 1; run <= 200; ++run) {
      gsrt_pool_run(
          pool.pool,
          [](void *context, int thread, int count) {
            auto &calls = *static_cast<std::vector<std::atomic<int>> *>(context);
            ASSERT_EQ(static_cast<int>(calls.size()), count);
            ++calls[thread];
          },
          &calls);
      for (auto &count : calls)
        ASSERT_EQ(count, run);
    }
  }
}

TEST(Pool, CallerIsThreadZero) {
  Pool pool(3);
  std::thread::id ids[3];
  gsrt_pool_run(
      pool.pool,
      [](void *ids, int thread, int) { static_cast<std::thread::id *>(ids)[thread] = std::this_thread::get_id(); },
      ids);
  EXPECT_EQ(ids[0], std::this_thread::get_id());
  EXPECT_NE(ids[1], ids[0]);
  EXPECT_NE(ids[2], ids[1]);
}

// Plain (non-atomic) counters: the barrier alone must order the accesses. The thread sanitizer watches.
TEST(Barrier, OrdersPlainMemory) {
  struct Context {
    gsrt_pool *pool;
    int64_t cells[8];
    bool wrong;
  };
  for (int threads : {1, 2, 4, 8}) {
    Pool pool(threads);
    Context context = {pool.pool, {}, false};
    for (int run = 0; run < 5; ++run)
      gsrt_pool_run(
          pool.pool,
          [](void *opaque, int thread, int threads) {
            auto &context = *static_cast<Context *>(opaque);
            void *barrier = gsrt_pool_barrier(context.pool);
            for (int64_t round = 0; round < 300; ++round) {
              context.cells[thread] = round;
              gsrt_barrier(barrier);
              for (int other = 0; other < threads; ++other)
                if (context.cells[other] != round)
                  context.wrong = true;
              gsrt_barrier(barrier);
            }
          },
          &context);
    EXPECT_FALSE(context.wrong) << threads;
  }
}

// Threads that come late find the others asleep.
TEST(Barrier, WakesSleepers) {
  Pool pool(2);
  for (int late : {0, 1})
    for (int run = 0; run < 3; ++run) {
      std::pair<gsrt_pool *, int> context = {pool.pool, late};
      std::this_thread::sleep_for(std::chrono::milliseconds(5)); // The pool goes to sleep between runs.
      gsrt_pool_run(
          pool.pool,
          [](void *opaque, int thread, int) {
            auto [pool, late] = *static_cast<std::pair<gsrt_pool *, int> *>(opaque);
            if (thread == late)
              std::this_thread::sleep_for(std::chrono::milliseconds(5));
            gsrt_barrier(gsrt_pool_barrier(pool));
          },
          &context);
    }
}

TEST(Pool, CreatesAndDestroysManyTimes) {
  for (int i = 0; i < 100; ++i) {
    Pool pool(1 + i % 5);
    ASSERT_NE(pool.pool, nullptr);
    if (i % 2)
      gsrt_pool_run(pool.pool, [](void *, int, int) {}, nullptr);
  }
  gsrt_pool_destroy(nullptr);
}

// While one pool keeps all cores busy, another one runs on its caller alone; afterwards it has its threads again.
TEST(Pool, SharesTheCores) {
  const int cores = gsrt_usable_cores();
  if (cores < 2)
    GTEST_SKIP() << "one core leaves nothing to share";
  Pool busy(cores), other(cores);
  struct Context {
    std::atomic<int> inside{0};
    std::atomic<bool> go{false};
  } context;
  std::thread caller([&] {
    gsrt_pool_run(
        busy.pool,
        [](void *opaque, int, int) {
          auto &context = *static_cast<Context *>(opaque);
          ++context.inside;
          while (!context.go)
            std::this_thread::yield();
        },
        &context);
  });
  while (context.inside < cores)
    std::this_thread::yield();
  auto countThreads = [](void *seen, int thread, int threads) {
    if (thread == 0)
      *static_cast<int *>(seen) = threads;
  };
  int seen = 0;
  gsrt_pool_run(other.pool, countThreads, &seen);
  EXPECT_EQ(seen, 1);
  context.go = true;
  caller.join();
  gsrt_pool_run(other.pool, countThreads, &seen);
  EXPECT_EQ(seen, cores);
}

// Many callers with pools of their own, made and destroyed while others run. The thread sanitizer watches.
TEST(Pool, ManyAtATime) {
  std::vector<std::thread> callers;
  std::atomic<int> wrong{0};
  for (int i = 0; i < 4; ++i)
    callers.emplace_back([&wrong, i] {
      for (int round = 0; round < 20; ++round) {
        Pool pool(1 + (i + round) % 4);
        struct Context {
          gsrt_pool *pool;
          int cells[4];
          std::atomic<int> wrong{0};
        } context = {pool.pool, {}, {}};
        for (int run = 0; run < 20; ++run)
          gsrt_pool_run(
              pool.pool,
              [](void *opaque, int thread, int threads) {
                auto &context = *static_cast<Context *>(opaque);
                for (int step = 1; step <= 3; ++step) {
                  context.cells[thread] = step;
                  gsrt_barrier(gsrt_pool_barrier(context.pool));
                  for (int t = 0; t < threads; ++t)
                    context.wrong += context.cells[t] != step;
                  gsrt_barrier(gsrt_pool_barrier(context.pool));
                }
              },
              &context);
        wrong += context.wrong;
      }
    });
  for (std::thread &caller : callers)
    caller.join();
  EXPECT_EQ(wrong, 0);
}

TEST(Pool, PinsWorkers) {
  setenv("GSC_PIN", "yes", 1);
  {
    Pool pool(2);
    EXPECT_EQ(pool.pool, nullptr);
    EXPECT_STREQ(pool.error.text, "GSC_PIN is 'yes'; set it to 1 to bind threads to cores, to 0 not to, or unset it");
  }
  setenv("GSC_PIN", "1", 1);
  {
    Pool pool(3);
    ASSERT_NE(pool.pool, nullptr);
    int cores[3] = {};
    gsrt_pool_run(
        pool.pool,
        [](void *cores, int thread, int) {
          cpu_set_t set;
          sched_getaffinity(0, sizeof set, &set);
          static_cast<int *>(cores)[thread] = CPU_COUNT(&set);
        },
        cores);
    EXPECT_EQ(cores[0], gsrt_usable_cores());
    EXPECT_EQ(cores[1], 1);
    EXPECT_EQ(cores[2], 1);
  }
  unsetenv("GSC_PIN");
}

// A child has none of its parent's threads, and must not wait for them.
TEST(Pool, WorksInAChild) {
  Pool pool(2);
  gsrt_pool_run(pool.pool, [](void *, int, int) {}, nullptr);
  const pid_t child = fork();
  if (child == 0) {
    int threads = 0;
    gsrt_pool_run(
        pool.pool,
        [](void *seen, int thread, int threads) {
          if (thread == 0)
            *static_cast<int *>(seen) = threads;
        },
        &threads);
    _exit(threads == 1 ? 0 : 1); // The pool still runs, on its caller alone.
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

TEST(Pool, WorkersTakeNoSignals) {
  Pool pool(2);
  bool blocked[2];
  gsrt_pool_run(
      pool.pool,
      [](void *blocked, int thread, int) {
        sigset_t mask;
        pthread_sigmask(SIG_SETMASK, nullptr, &mask);
        static_cast<bool *>(blocked)[thread] = sigismember(&mask, SIGINT);
      },
      blocked);
  EXPECT_FALSE(blocked[0]);
  EXPECT_TRUE(blocked[1]);
}
