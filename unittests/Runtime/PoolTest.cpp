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
#include <signal.h>
#include <thread>
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
