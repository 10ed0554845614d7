//===- InstanceTest.cpp - Create, run and free -------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FakeModel.h"
#include <cstdlib>
#include <gtest/gtest.h>
#include <thread>
#include <vector>
#ifdef __x86_64__
#include <xmmintrin.h>
#endif

namespace {
struct Instance {
  explicit Instance(int threads = 1, const gsrt_model *model = &kFakeModel) : handle(gsrt_create(model, threads)) {}
  ~Instance() { gsrt_destroy(handle); }
  gsrt_instance *handle;
};

/// Buffers of the fake model.
struct Buffers {
  alignas(64) float x[15];
  int64_t n = 0;
  float y[15] = {};
  float sum = 0;
  const void *inputs[2] = {x, &n};
  void *outputs[2] = {y, &sum};
  explicit Buffers(float start) {
    for (int i = 0; i < 15; ++i)
      x[i] = start + i;
  }
  bool correct() const {
    float total = 0;
    for (int i = 0; i < 15; ++i) {
      if (y[i] != 2 * x[i] + 1)
        return false;
      total += y[i];
    }
    return sum == total;
  }
};
} // namespace

TEST(Instance, ComputesOnAnyNumberOfThreads) {
  for (int threads : {1, 2, 3, 7}) {
    Instance instance(threads);
    ASSERT_NE(instance.handle, nullptr) << gsrt_error(nullptr);
    EXPECT_EQ(gsrt_num_threads(instance.handle), threads);
    for (int run = 0; run < 20; ++run) {
      Buffers buffers(run);
      ASSERT_EQ(gsrt_run(instance.handle, buffers.inputs, buffers.outputs), 0) << gsrt_error(instance.handle);
      EXPECT_STREQ(gsrt_error(instance.handle), "");
      EXPECT_TRUE(buffers.correct());
    }
  }
}

TEST(Instance, ManyRunSideBySide) {
  std::vector<std::thread> callers;
  bool correct[4] = {};
  for (int c = 0; c < 4; ++c)
    callers.emplace_back([&, c] {
      Instance instance(1 + c % 3);
      correct[c] = true;
      for (int run = 0; run < 50; ++run) {
        Buffers buffers(c * 100 + run);
        correct[c] &= gsrt_run(instance.handle, buffers.inputs, buffers.outputs) == 0 && buffers.correct();
      }
    });
  for (std::thread &caller : callers)
    caller.join();
  for (bool ok : correct)
    EXPECT_TRUE(ok);
}

TEST(Instance, OneSharedByThreadsTakesTurns) {
  Instance instance(2);
  std::vector<std::thread> callers;
  bool correct[3] = {};
  for (int c = 0; c < 3; ++c)
    callers.emplace_back([&, c] {
      correct[c] = true;
      for (int run = 0; run < 50; ++run) {
        Buffers buffers(c * 100 + run);
        correct[c] &= gsrt_run(instance.handle, buffers.inputs, buffers.outputs) == 0 && buffers.correct();
      }
    });
  for (std::thread &caller : callers)
    caller.join();
  for (bool ok : correct)
    EXPECT_TRUE(ok);
}

TEST(Instance, RefusesBadBuffers) {
  Instance instance;
  Buffers buffers(0);
  auto error = [&](const void *const *inputs, void *const *outputs) -> std::string {
    return gsrt_run(instance.handle, inputs, outputs) ? gsrt_error(instance.handle) : "";
  };
  EXPECT_EQ(error(nullptr, buffers.outputs), "the list of inputs is NULL");
  EXPECT_EQ(error(buffers.inputs, nullptr), "the list of outputs is NULL");
  const void *noInput[] = {buffers.x, nullptr};
  EXPECT_EQ(error(noInput, buffers.outputs), "input 'dir/n' is NULL; pass a buffer of 8 bytes");
  void *noOutput[] = {nullptr, &buffers.sum};
  EXPECT_EQ(error(buffers.inputs, noOutput), "output 'y' is NULL; pass a buffer of 60 bytes");
  const void *odd[] = {reinterpret_cast<char *>(buffers.x) + 1, &buffers.n};
  EXPECT_EQ(error(odd, buffers.outputs), "input 'x' is not aligned to its element type; align it to 4 bytes");
  void *inPlace[] = {buffers.x, &buffers.sum};
  EXPECT_EQ(error(buffers.inputs, inPlace), "output 'y' overlaps input 'x'; give it a buffer of its own");
  void *twice[] = {buffers.y, buffers.y + 14};
  EXPECT_EQ(error(buffers.inputs, twice), "output 'dir/s' overlaps output 'y'; give it a buffer of its own");
  EXPECT_EQ(error(buffers.inputs, buffers.outputs), "");
  EXPECT_TRUE(buffers.correct());
}

TEST(Instance, RefusesBadThreadCounts) {
  EXPECT_EQ(gsrt_create(&kFakeModel, -1), nullptr);
  EXPECT_STREQ(gsrt_error(nullptr), "-1 threads asked for by the caller; ask for 1 to 256, or 0 for all cores");
  EXPECT_EQ(gsrt_create(&kFakeModel, 257), nullptr);

  Instance instance(2);
  EXPECT_STREQ(gsrt_error(nullptr), ""); // A creation that succeeds clears the text.
  EXPECT_EQ(gsrt_set_threads(instance.handle, 1000), -1);
  EXPECT_EQ(gsrt_num_threads(instance.handle), 2);
  Buffers buffers(3);
  EXPECT_EQ(gsrt_set_threads(instance.handle, 5), 0);
  EXPECT_EQ(gsrt_num_threads(instance.handle), 5);
  EXPECT_EQ(gsrt_run(instance.handle, buffers.inputs, buffers.outputs), 0);
  EXPECT_TRUE(buffers.correct());
}

TEST(Instance, TakesThreadsFromEnvironmentThenModel) {
  setenv("GSC_NUM_THREADS", "3", 1);
  EXPECT_EQ(gsrt_num_threads(Instance(0).handle), 3);
  EXPECT_EQ(gsrt_num_threads(Instance(2).handle), 2);
  for (const char *bad : {"0", "-2", "two", "3x", "999999999999999999999"}) {
    setenv("GSC_NUM_THREADS", bad, 1);
    EXPECT_EQ(gsrt_create(&kFakeModel, 0), nullptr);
    EXPECT_NE(std::string(gsrt_error(nullptr)).find("GSC_NUM_THREADS is '" + std::string(bad) + "'"),
              std::string::npos);
  }
  unsetenv("GSC_NUM_THREADS");
  gsrt_model model = kFakeModel;
  model.default_threads = 4;
  EXPECT_EQ(gsrt_num_threads(Instance(0, &model).handle), 4);
  EXPECT_EQ(gsrt_num_threads(Instance(0).handle), std::min(gsrt_usable_cores(), GSRT_MAX_THREADS));
}

TEST(Instance, RefusesAnotherInterface) {
  gsrt_model model = kFakeModel;
  model.abi_version = 99;
  EXPECT_EQ(gsrt_create(&model, 1), nullptr);
  EXPECT_STREQ(gsrt_error(nullptr),
               "the model was compiled for runtime interface 99, this runtime has 1; compile it again");
  EXPECT_EQ(gsrt_create(nullptr, 1), nullptr);
}

TEST(Instance, ReportsLackOfMemory) {
  gsrt_model model = makeModel(kFakeModel.entry, int64_t(1) << 60);
  EXPECT_EQ(gsrt_create(&model, 1), nullptr);
  EXPECT_STREQ(gsrt_error(nullptr), "no memory for the activations of model 'made' (1152921504606846976 bytes)");
}

TEST(Instance, NullIsAnError) {
  EXPECT_EQ(gsrt_run(nullptr, nullptr, nullptr), -1);
  EXPECT_NE(std::string(gsrt_error(nullptr)), "");
  EXPECT_EQ(gsrt_set_threads(nullptr, 1), -1);
  EXPECT_EQ(gsrt_num_threads(nullptr), 0);
  gsrt_destroy(nullptr);
}

TEST(Instance, DescribesTensors) {
  EXPECT_STREQ(gsrt_input(&kFakeModel, 1)->name, "dir/n");
  EXPECT_STREQ(gsrt_output(&kFakeModel, 0)->name, "y");
  EXPECT_EQ(gsrt_input(&kFakeModel, 2), nullptr);
  EXPECT_EQ(gsrt_output(&kFakeModel, -1), nullptr);
}

#ifdef __x86_64__
static unsigned modes[8];
static void recordModes(void *const *, void *const *, void *, int64_t tid, int64_t, void *) {
  modes[tid] = _mm_getcsr() & 0x8040;
}

TEST(Instance, FlushesDenormalsAndRestoresTheCaller) {
  gsrt_model model = makeModel(recordModes);
  Instance instance(3, &model);
  const unsigned before = _mm_getcsr();
  ASSERT_EQ(gsrt_run(instance.handle, nullptr, nullptr), 0);
  for (int thread = 0; thread < 3; ++thread)
    EXPECT_EQ(modes[thread], 0x8040u) << thread;
  EXPECT_EQ(_mm_getcsr(), before);
}
#endif
